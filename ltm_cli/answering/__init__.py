"""Answers from memory: what to read, how it is read, and what may be said."""
