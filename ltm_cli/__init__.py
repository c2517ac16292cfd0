"""ltm: a private, offline long-term memory for the command line.

from ltm_cli import LongTermMemory
"""

from time import perf_counter

__version__ = "0.1.0"
__all__ = ["LongTermMemory", "__version__"]

STARTED = perf_counter()  # what "cold" timings count from

TYPE_CHECKING = False  # as typing has it, without the time to import it
if TYPE_CHECKING:
    from ltm_cli.api import LongTermMemory


def __getattr__(name: str) -> object:
    """LongTermMemory is imported when it is used: the command line starts without it."""
    if name == "LongTermMemory":
        from ltm_cli.api import LongTermMemory

        return LongTermMemory
    raise AttributeError(f"module 'ltm_cli' has no attribute {name!r}")
