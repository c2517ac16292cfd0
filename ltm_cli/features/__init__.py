"""What memories are good for, one folder a feature."""
