"""Procedural memory: the user's own way of writing."""
