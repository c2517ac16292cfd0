"""Where people's memories already are, brought in; and memories taken out."""

from __future__ import annotations

from ltm_cli.core.feature import Feature

FEATURE = Feature("importers", commands=(("import", "transfer"), ("export", "transfer")))
