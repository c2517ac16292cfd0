"""Who the user is, as the memories tell: preferences, people, topics, weak points."""

from __future__ import annotations

from ltm_cli.core.feature import Feature

FEATURE = Feature("profile", commands=(("profile", "profile"), ("recommend", "recommend")))
