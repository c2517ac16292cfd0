"""ltm config list, get, set, unset"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ltm_cli.cli import options
from ltm_cli.core import console, settings
from ltm_cli.core.errors import NothingFound
from ltm_cli.core.messages import help_text, text
from ltm_cli.core.settings import KEYS, Settings

app = typer.Typer(rich_markup_mode=None)
config = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(config, name="config", help="Settings, kept in config.toml.")

Key = Annotated[str, typer.Argument(metavar="KEY", help="One of: " + ", ".join(KEYS) + ".")]


@config.command("list")
def list_(context: typer.Context, json: options.Json = False) -> None:
    """Show all settings, their values and where these come from.

    \b
    Examples:
      ltm config list
      ltm config list --json
    """
    home = options.chosen(context)
    found = [_told(home, key) for key in KEYS]
    if json:
        console.document(found)
    else:
        console.rows(
            (text("setting"), text("value"), text("from"), text("meaning")),
            ((key, str(one["value"] if one["value"] is not None else about.default), one["origin"],
              help_text(about.about))
             for one, (key, about) in zip(found, KEYS.items(), strict=True)),
        )  # fmt: skip


@config.command()
def get(
    context: typer.Context,
    key: Key,
    json: options.Json = False,
) -> None:
    """Print the value of a setting; exit status 1 if it is not set.

    \b
    Examples:
      ltm config get threads
      ltm config get bank_bytes --json
    """
    settings.known(key)
    found = _told(options.chosen(context), key)
    if json:
        console.document(found)
    elif found["value"] is not None:
        console.line(str(found["value"]))
    if found["value"] is None:
        raise NothingFound(
            text("{key} is not set (default: {default})", key=key, default=_default(key)),
            text("ltm config set {key} VALUE sets it", key=key),
        )


@config.command("set")
def set_(
    context: typer.Context,
    key: Key,
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help="The new value; sizes as 500MB or 2GiB.")
    ],
    json: options.Json = False,
) -> None:
    """Change a setting. A model is checked first, as by `ltm model use`.

    \b
    Examples:
      ltm config set threads 4
      ltm config set bank_bytes 2GiB
    """
    home = options.chosen(context)
    chosen = settings.parsed(key, value)
    if key == "key_file":
        chosen = str(Path(value).expanduser().absolute())
    if key in ("model", "embed", "engine"):
        _use(context, home, key, value)
    else:
        settings.set_value(home, key, chosen)
    _changed(context, key, json)


@config.command()
def unset(
    context: typer.Context,
    key: Key,
    json: options.Json = False,
) -> None:
    """Reset a setting to its default.

    \b
    Examples:
      ltm config unset threads
    """
    from ltm_cli.cli import model_selection
    from ltm_cli.llm import catalogue

    settings.known(key)
    home = options.chosen(context)
    if key == "embed":
        _use(context, home, key, "none")
    elif key == "engine":
        model_selection.send_to_none(home)
    elif key == "model" and catalogue.bundled() is not None:
        _use(context, home, key, catalogue.BUNDLED)
    elif home.config.exists():
        settings.set_value(home, key, None)
    _changed(context, key, json)


def _use(context: typer.Context, home: Settings, key: str, value: str) -> None:
    """Choose a model, with all that follows from it."""
    from ltm_cli.cli import model_selection

    if key == "model":
        model_selection.answer_with(home, value)
    elif key == "engine":
        model_selection.send_to(home, value, home.values.get("engine_model"))
    else:
        model_selection.embed_with(context, home, value)


def _changed(context: typer.Context, key: str, json: bool) -> None:
    """Say what holds now, and what stands over it."""
    home = options.chosen(context)
    told = _told(home, key)
    if json:
        console.document(told)
    else:
        value = _default(key) if told["value"] is None else told["value"]
        console.note(text("{key} is now {value}.", key=key, value=value))
    if (origin := settings.origin(home, key)) == KEYS[key].variable != "":
        console.note(text("The variable {name} is set and overrides config.toml.", name=origin))


def _default(key: str) -> str:
    return help_text(KEYS[key].default)


def _told(home: Settings, key: str) -> dict[str, Any]:
    return {"key": key, "value": home.values.get(key), "origin": settings.origin(home, key)}
