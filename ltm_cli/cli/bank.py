"""ltm bank status, warm, clear"""

from __future__ import annotations

from dataclasses import asdict

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.messages import text
from ltm_cli.core.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)
bank = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(
    bank, name="bank", help="The memory bank: memories encoded for the model, kept on disk."
)


@bank.command()
def status(context: typer.Context, json: options.Json = False) -> None:
    """Show how many memories are encoded, how much space they take, and where.

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
    entries = (
        text("1 entry") if found.entries == 1 else text("{count} entries", count=found.entries)
    )
    memories = (
        text("1 memory") if found.memories == 1 else text("{count} memories", count=found.memories)
    )
    console.line(text("{entries} for {memories}", entries=entries, memories=memories))
    console.line(
        text(
            "{used} of {budget} MB used in {folder}",
            used=f"{found.bytes / 1e6:.1f}",
            budget=f"{found.budget / 1e6:.0f}",
            folder=found.folder,
        )
    )
    console.line(
        text(
            "read from disk {hits} times, computed {misses} times",
            hits=found.hits,
            misses=found.misses,
        )
    )
    console.line(text("model: {model}", model=choice.path if choice else text("none")))


@bank.command()
def warm(
    context: typer.Context,
    limit: options.Limit = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Encode memories in advance, so that answers come sooner.

    The most used and the newest memories come first. It may be interrupted at any time.

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
        raise ModelError(
            text("there is no model to encode with"), text("pip install 'ltm-cli[model]'")
        )
    with (
        options.session(context, user, write=False) as memory,
        console.progress(text("encoding"), None) as advance,
    ):
        done = warming.warm(memory.store, choice, home, most=limit, progress=advance)
    if json:
        console.document(asdict(done))
    else:
        console.note(
            text(
                "Encoded {encoded}; {there} were encoded already.",
                encoded=done.encoded,
                there=done.there,
            )
        )


@bank.command()
def clear(context: typer.Context, json: options.Json = False) -> None:
    """Delete all encoded memories; they are encoded again when needed.

    \b
    Examples:
      ltm bank clear
    """
    from ltm_cli.kvcache import cache as kv

    gone = kv.clear(options.chosen(context).bank)
    if json:
        console.document({"cleared": gone})
    else:
        console.note(
            text("Deleted 1 entry.") if gone == 1 else text("Deleted {count} entries.", count=gone)
        )
