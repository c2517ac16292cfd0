"""A short run of what `make torture` does at length; each part in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

PARTS = {
    "kills": "from tests.torture.__main__ import killed; print(killed(24, 7))",
    "a full disk": "from tests.torture.__main__ import filled; print(filled(40, 7))",
    "writers": "from tests.torture.__main__ import written; print(written(6, 15, 300))",
}
