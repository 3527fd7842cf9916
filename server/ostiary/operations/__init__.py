"""What callers may start and the worker carries out, each one transaction over the store."""
