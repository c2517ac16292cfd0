"""ltm: a private, offline long-term memory for the command line."""

__version__ = "0.1.0"
