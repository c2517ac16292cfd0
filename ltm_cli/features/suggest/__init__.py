"""Completions from what the user has written before."""

from __future__ import annotations

from ltm_cli.core.feature import Feature

FEATURE = Feature("suggest", commands=(("suggest", "suggest"),))
