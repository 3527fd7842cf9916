"""Mistakes that somebody could make in rules and policies, and whether the tests would see them."""
