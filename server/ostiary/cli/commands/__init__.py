"""The commands about the life of requests, as typer sees them; what they need is imported late."""
