"""Models as `ltm model list` shows them."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from typing import Any

from ltm_cli.core.errors import ModelError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import Settings
from ltm_cli.llm import catalogue, hub
from ltm_cli.llm.hub import Published


def here(home: Settings) -> list[dict[str, Any]]:
    """The models on this machine, each as it is shown."""
    used, embeds = catalogue.choose(home), None
    with contextlib.suppress(ModelError):  # a file that is gone is not in the list
        embeds = catalogue.choose_embedder(home)
    found = []
    for one in catalogue.list_models(home):
        row = row_of(hub.find_by_file(one.path))
        if one.origin == catalogue.BUNDLED:
            row |= {"name": catalogue.BUNDLED, "about": text("comes with ltm-cli[model]")}
        elif not row["name"]:
            row |= {"name": one.path.name, "about": str(one.path)}
        found.append(row | {
            "path": str(one.path), "installed": True, "origin": one.origin,
            "used": used is not None and one.path == used.path, "embeds": one.path == embeds,
            "bytes": one.path.stat().st_size, "languages": one.languages,
        })  # fmt: skip
    return found


def row_of(one: Published | None) -> dict[str, Any]:
    """A model of the catalogue, or one that it does not know, as it is shown."""
    return asdict(one or Published("", "", "")) | {
        "path": None, "installed": False, "origin": None, "used": False, "embeds": False,
    }  # fmt: skip


def line(row: dict[str, Any]) -> tuple[str, ...]:
    """A row of the table: at most a line of a terminal."""
    languages = row["languages"]
    return (
        ("*" if row["used"] else "") + ("e" if row["embeds"] else "")
        or ("+" if row["installed"] else " "),
        row["name"],
        f"{row['bytes'] / 1e9:.2f}",
        f"{row['memory']:.1f}" if row["memory"] else "?",
        " ".join(languages[:2]) + (" …" if len(languages) > 2 else "") or "?",
        _use(row),
    )


def _use(row: dict[str, Any]) -> str:
    """What a model is good for."""
    use = text(row["about"])
    return text("semantic search: {use}", use=use) if row["kind"] == hub.EMBED else use
