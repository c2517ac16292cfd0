"""What text alone tells: its language, sentences, dates, secrets and prompt injections."""
