"""What `ltm doctor` examines: everything that could keep ltm from working, one finding each.

store.py    the file, its rows, and what is derived from the texts
home.py     permissions, free disk, and what was left behind
model.py    the library, the GPU, the models
repair.py   what --fix does: it makes derived things again, and never changes a memory
"""

from __future__ import annotations

from ltm_cli.core.settings import Settings
from ltm_cli.maintenance.doctor import home, model, store
from ltm_cli.maintenance.doctor.finding import Finding


def examine(settings: Settings, *, full: bool = False) -> list[Finding]:
    """Everything; a large store's derived data by a sample, unless `full`."""
    return [
        *store.library(),
        *store.examine(settings, full=full),
        *home.examine(settings),
        *model.examine(settings),
    ]
