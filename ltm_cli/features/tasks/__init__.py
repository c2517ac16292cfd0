"""Prospective memory: what is to be done, and by when."""

from __future__ import annotations

from ltm_cli.core.feature import Derived, Feature

FEATURE = Feature(
    "tasks",
    derived=(Derived("tasks", "1", "ltm_cli.features.tasks.table", "TasksTable"),),
    answers="ltm_cli.features.tasks.answers",
    commands=(("task", "task"),),
)
