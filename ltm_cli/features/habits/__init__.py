"""What is done again and again, and when it will be next."""
