"""What is derived of a memory when it is written: terms, times and vectors."""
