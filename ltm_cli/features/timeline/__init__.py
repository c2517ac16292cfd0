"""Days and months as a picture, and the brief of a day."""

from __future__ import annotations

from ltm_cli.core.feature import Feature

FEATURE = Feature("timeline", commands=(("today", "today"), ("timeline", "timeline")))
