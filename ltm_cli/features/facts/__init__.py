"""Semantic memory: what is known of the user and of others."""
