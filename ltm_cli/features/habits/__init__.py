"""What is done again and again, and when it will be next."""

from __future__ import annotations

from ltm_cli.core.feature import Derived, Feature

FEATURE = Feature(
    "habits",
    derived=(Derived("events", "1", "ltm_cli.features.habits.table", "EventsTable"),),
    commands=(("habits", "today"),),
)
