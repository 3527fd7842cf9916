"""Suites in files: what runs them, what they are run on, and what came of them."""
