"""The topics of `ltm help` that belong to no command; the man page shows the same."""

from __future__ import annotations

from collections.abc import Callable

from ltm_cli.core.errors import MEANING
from ltm_cli.core.messages import help_text, text
from ltm_cli.core.record import JSON_KEYS
from ltm_cli.core.settings import KEYS, VARIABLES

Rows = list[tuple[str, str]]

# What --json prints: contract, so a key may be added but none goes. "record" is the first of them.
SHAPES = {
    "record": "{" + ", ".join(f'"{key}"' for key in JSON_KEYS) + "}",
    "remember, show, edit": "record",
    "list, export": "[record]",
    "import": 'reads records, one per line (JSONL); prints {"added", "known"}',
    "recall": '[record with "score", "why"]',
    "recall --batch": 'reads {"qid", "query", "user"?, "at"?, "limit"?} lines;'
    ' writes {"qid", "results": [as recall]} lines',
    "ask": '{"answer", "abstained", "sources", "reader", "model", "timings", "withheld",'
    ' "bytes_restored", "fallback", "shares", "session"}',
    "ask: sources": '[{"id", "ref", "at", "text", "score"}]',
    "ask: timings": '{"load", "recall", "restore", "prefill", "first_token", "cold_first_token",'
    ' "total", "tokens_restored", "tokens_computed", "tokens_per_second"} in milliseconds',
    "task list": '[{"id", "text", "due", "state", "memories"}]',
    "today": '{"due", "predicted", "on_this_day"}',
    "today: due": '[{"id", "text", "due", "days_left"}]',
    "today: predicted": '[{"what", "next", "days_left", "interval_days", "confidence",'
    ' "memories"}]',
    "habits": '[{"what", "count", "interval_days", "spread_days", "last", "next", "confidence",'
    ' "memories"}]',
    "facts": '[{"id", "subject", "attribute", "value", "from", "to", "memories"}]',
    "recommend": '[{"id", "text", "score", "why", "memories"}]',
}


def exit_codes() -> Rows:
    return [(str(int(status)), help_text(meaning)) for status, meaning in MEANING.items()]


def environment() -> Rows:
    """Variables and what they are for: those of the program, then those over config.toml."""
    chosen = [
        (
            key.variable,
            text(
                "{about} (default: {default})",
                about=help_text(key.about),
                default=help_text(key.default),
            ),
        )
        for key in KEYS.values()
        if key.variable
    ]
    return [*((name, help_text(about)) for name, about in VARIABLES.items()), *chosen]


def shapes() -> Rows:
    return [(command, help_text(shape)) for command, shape in SHAPES.items()]


TOPICS: dict[str, Callable[[], Rows]] = {
    "exit-codes": exit_codes,
    "environment": environment,
    "json": shapes,
}
