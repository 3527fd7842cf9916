"""Measures decisions in process and over the wire, side by side with Cerbos (`make bench`)."""
