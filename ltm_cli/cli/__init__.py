"""The `ltm` command: parse, one call into the core, show."""

from __future__ import annotations


def main() -> None:
    """Entry point of the console script."""
    from ltm_cli.cli.app import app

    app()
