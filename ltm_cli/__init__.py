"""ltm: a private, offline long-term memory for the command line."""

from time import perf_counter

__version__ = "0.1.0"

STARTED = perf_counter()  # what "cold" timings count from
