"""What can be told from text alone: its language, sentences, dates, secrets and orders."""
