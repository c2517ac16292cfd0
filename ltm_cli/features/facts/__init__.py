"""Semantic memory: what is known of the user and of others."""

from __future__ import annotations

from ltm_cli.core.feature import Derived, Feature

FEATURE = Feature(
    "facts",
    derived=(Derived("facts", "1", "ltm_cli.features.facts.table", "FactsTable"),),
    answers="ltm_cli.features.facts.answers",
    commands=(("facts", "facts"),),
)
