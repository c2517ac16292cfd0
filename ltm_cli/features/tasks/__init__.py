"""Prospective memory: what is to be done, and by when."""
