"""Carrying out what is due: inside our database and in the systems behind us."""
