"""The list of all features.

A feature says in its `__init__.py` what it adds: tables derived of memories, answers that need no
reading, commands. What runs on writing, on rebuilding and on answering goes through this list, and
so does the command line: to add a kind of memory is to add a folder here, and its name below.
"""

from __future__ import annotations

from ltm_cli.features import (
    documents,
    facts,
    habits,
    importers,
    profile,
    style,
    suggest,
    tasks,
    timeline,
)
from ltm_cli.indexing.derived import Registry

# In the order in which they answer, and in which `ltm --help` lists their commands.
FEATURES = tuple(
    module.FEATURE
    for module in (timeline, tasks, habits, facts, profile, style, suggest, documents, importers)
)

INDEXER = Registry(FEATURES)  # of every store that this program opens
