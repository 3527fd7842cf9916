"""The life of requests on the command line: asking a server, and telling what it says."""
