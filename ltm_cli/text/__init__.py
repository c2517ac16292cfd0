"""What can be told from text alone: its words, sentences, dates and language."""
