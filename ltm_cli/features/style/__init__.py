"""Procedural memory: the user's own way of writing."""

from __future__ import annotations

from ltm_cli.core.feature import Feature

FEATURE = Feature("style", commands=(("style", "style"), ("write", "style")))
