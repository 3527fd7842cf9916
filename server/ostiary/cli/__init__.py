"""The command line: `ostiary serve`, `evaluate`, `explain` and `check`."""
