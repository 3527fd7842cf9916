"""What the core asks of the outside world, answered by the outside world."""
