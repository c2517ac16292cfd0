"""Where everything of a user is kept, told in no time: a key press waits for it."""

from __future__ import annotations

import os
import sys


def default_home() -> str:
    """LTM_HOME, or the platform's directory for a user's data."""
    if given := os.environ.get("LTM_HOME"):
        return given
    # What platformdirs says of these two; importing it takes 10 ms.
    if sys.platform == "linux" and "ANDROID_DATA" not in os.environ:
        base = os.environ.get("XDG_DATA_HOME", "")
        if not os.path.isabs(base):  # noqa: PTH117 # as the XDG specification says
            base = os.path.expanduser("~/.local/share")  # noqa: PTH111
        return os.path.join(base, "ltm")  # noqa: PTH118
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Application Support/ltm")  # noqa: PTH111
    import platformdirs

    return platformdirs.user_data_dir("ltm", appauthor=False)
