"""Completions from what the user has written before."""
