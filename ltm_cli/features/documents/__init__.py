"""Long documents, read as passages."""

from __future__ import annotations

from ltm_cli.core.feature import Feature

FEATURE = Feature("documents", commands=(("read", "read"),))
