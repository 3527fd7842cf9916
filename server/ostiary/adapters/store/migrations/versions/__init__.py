"""One step a file, named for what is new after it."""
