"""What is done with memories as a whole: keeping one, changing it, moving many."""
