"""The `ltm` command: parse, one call into the core, show."""

from __future__ import annotations


def main() -> None:
    """Entry point of the console script."""
    try:
        _main()
    except KeyboardInterrupt:  # before there is a command that would say so
        import sys

        from ltm_cli.core.messages import text

        print("\n" + text("interrupted"), file=sys.stderr)
        sys.exit(130)


def _main() -> None:
    import os
    import sys

    if "ask" in sys.argv[1:4]:
        from ltm_cli.server import client

        status = client.answered(sys.argv[1:])
        if status is not None:
            sys.exit(status)
    if "suggest" in sys.argv[1:4] and "_LTM_COMPLETE" not in os.environ:
        from ltm_cli.cli import fast_path

        if fast_path.answered(sys.argv[1:]):
            return
    from ltm_cli.cli.app import app

    app()
