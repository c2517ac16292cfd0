"""Long documents, read as passages."""
