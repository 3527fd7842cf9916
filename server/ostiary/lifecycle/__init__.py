"""The life of a request: pure state machines and the ports that carry them out."""
