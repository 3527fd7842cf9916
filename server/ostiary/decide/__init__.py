"""The decision core: pure functions from a snapshot, a question and an instant to a decision."""
