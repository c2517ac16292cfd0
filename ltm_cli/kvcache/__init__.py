"""The KV bank: keys and values that the frozen model computed once, kept per memory on disk."""
