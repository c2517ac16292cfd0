"""What memories are good for, one folder a feature; registry.py lists them."""
