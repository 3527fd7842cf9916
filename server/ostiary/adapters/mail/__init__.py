"""Notices by mail (S-137): settings, templates, messages, and the way to the mail server."""
