"""Choosing the models that answer and embed, with all that follows from a choice."""

from __future__ import annotations

from dataclasses import asdict

import typer

from ltm_cli.cli import options
from ltm_cli.core import console, settings
from ltm_cli.core.errors import ModelError, UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import Settings
from ltm_cli.llm import catalogue, hub
from ltm_cli.llm import openai as openai_server


def answer_with(home: Settings, file: str) -> dict[str, object]:
    """Choose the model that answers; what its file says of itself."""
    from ltm_cli.kvcache import cache as kv
    from ltm_cli.llm import gguf

    choice = catalogue.choose(home, file)
    if choice is None:
        raise ModelError(
            text("there is no model {name}", name=file), text("ltm model list shows all models")
        )
    known = hub.find_by_file(choice.path)
    if known and known.kind == hub.EMBED:
        raise UsageError(
            text("{name} is an embedding model and cannot answer", name=file),
            text("use it with: ltm model use --embed {name}", name=file),
        )
    about = gguf.load_info(choice.path)
    before = catalogue.choose(home)
    if before is not None and before.path != choice.path:
        kv.clear(home.bank)  # the keys and values of another model
    bundled = choice.origin == catalogue.BUNDLED
    settings.set_value(home, "model", None if bundled else str(choice.path.absolute()))
    send_to_none(home)
    console.note(text("Now using {name} ({path}).", name=about.name, path=choice.path))
    return asdict(about)


def send_to(home: Settings, url: str, name: str | None) -> dict[str, object]:
    """Choose an engine that answers; what is known of it."""
    found = openai_server.find_engine(
        url, name, home.values.get("engine_timeout", openai_server.TIMEOUT)
    )
    settings.set_value(home, "engine", found.url)
    settings.set_value(home, "engine_model", found.name)
    console.note(text("Now using {server}.", server=found))
    console.note(
        text(
            "Memories found for a question are sent to {host}; ltm model use bundled stops this.",
            host=found.host,
        )
    )
    if not found.is_local and found.url.startswith("http:"):
        console.note(
            text("The connection is not encrypted (http): others on the network can read it.")
        )
    return {"engine": found.url, "name": found.name, "local": found.is_local}


def send_to_none(home: Settings) -> None:
    """Let no engine answer."""
    for key in ("engine", "engine_model"):
        if key in home.values:
            settings.set_value(home, key, None)


def embed_with(context: typer.Context, home: Settings, file: str) -> str | None:
    """Choose the model that embeds, and embed what is remembered; its path."""
    from ltm_cli.indexing import vectors
    from ltm_cli.llm.embedder import Embedder

    if file == "none":
        settings.set_value(home, "embed", None)
        if home.database.exists():
            with options.session(context, settings.DEFAULT_USER, write=True) as memory:
                vectors.use(memory.store, None)
        console.note(text("Semantic search is off."))
        return None
    path = catalogue.choose_embedder(home, file)
    assert path is not None
    with Embedder(path, threads=home.threads) as model:
        model.embed(["a first text, 第一句话"])  # before anything is changed
    settings.set_value(home, "embed", str(path.absolute()))
    console.note(text("Semantic search is on, with {path}.", path=path))
    options.embed(context)
    return str(path)
