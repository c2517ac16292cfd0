"""ltm bank status, warm, clear"""

from __future__ import annotations

from dataclasses import asdict

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)
bank = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(bank, name="bank", help="What the model remembers: cached keys and values.")


@bank.command()
def status(context: typer.Context, json: options.Json = False) -> None:
    """Show how much is kept, and where.

    \b
    Examples:
      ltm bank status
      ltm bank status --json
    """
    from ltm_cli.kvcache import cache as kv
    from ltm_cli.llm import catalogue

    home = options.chosen(context)
    found = kv.status(home.bank, home.bank_bytes or kv.BUDGET)
    choice = catalogue.choose(home)
    if json:
        console.document(asdict(found) | {"model": str(choice.path) if choice else None})
        return
    console.line(f"{found.entries} entries of {found.memories} memories")
    console.line(f"{found.bytes / 1e6:.1f} of {found.budget / 1e6:.0f} MB in {found.folder}")
    console.line(f"restored {found.hits} times, computed {found.misses} times")
    console.line(f"model {choice.path if choice else 'none'}")


@bank.command()
def warm(
    context: typer.Context,
    limit: options.Limit = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Encode memories ahead, the most used and the newest first; may be interrupted.

    \b
    Examples:
      ltm bank warm
      ltm bank warm --limit 100
    """
    from ltm_cli.answering import warming
    from ltm_cli.core.errors import ModelError
    from ltm_cli.llm import catalogue

    home = options.chosen(context)
    choice = catalogue.choose(home)
    if choice is None:
        raise ModelError("there is no model to encode with", "pip install 'ltm-cli[model]'")
    with (
        options.session(context, user, write=False) as memory,
        console.progress("encoding", None) as advance,
    ):
        done = warming.warm(memory.store, choice, home, most=limit, progress=advance)
    if json:
        console.document(asdict(done))
    else:
        console.note(f"Encoded {done.encoded}, {done.there} were there already.")


@bank.command()
def clear(context: typer.Context, json: options.Json = False) -> None:
    """Delete what is kept; answers fill it again.

    \b
    Examples:
      ltm bank clear
    """
    from ltm_cli.kvcache import cache as kv

    gone = kv.clear(options.chosen(context).bank)
    if json:
        console.document({"cleared": gone})
    else:
        console.note(f"Deleted {gone} entries.")
