"""Findings over definitions that load: likely mistakes, each with its place and how to mend it."""
