"""Choosing the models that answer and embed, with all that follows from a choice."""

from __future__ import annotations

from dataclasses import asdict

import typer

from ltm_cli.cli import options
from ltm_cli.core import console, settings
from ltm_cli.core.errors import ModelError, UsageError
from ltm_cli.core.settings import Settings
from ltm_cli.llm import catalogue, hub
from ltm_cli.llm import openai as openai_server


def answer_with(home: Settings, file: str) -> dict[str, object]:
    """Choose the model that answers; what its file says of itself."""
    from ltm_cli.kvcache import cache as kv
    from ltm_cli.llm import gguf

    choice = catalogue.choose(home, file)
    if choice is None:
        raise ModelError(f"there is no model {file}", "ltm model list shows what is there")
    known = hub.of(choice.path)
    if known and known.kind == hub.EMBED:
        raise UsageError(f"{file} embeds, and cannot answer", f"ltm model use --embed {file}")
    about = gguf.info(choice.path)
    before = catalogue.choose(home)
    if before is not None and before.path != choice.path:
        kv.clear(home.bank)  # the keys and values of another model
    bundled = choice.origin == catalogue.BUNDLED
    settings.set_value(home, "model", None if bundled else str(choice.path.absolute()))
    send_to_none(home)
    console.note(f"Using {about.name} ({choice.path}).")
    return asdict(about)


def send_to(home: Settings, url: str, name: str | None) -> dict[str, object]:
    """Choose an engine that answers; what is known of it."""
    found = openai_server.found(url, name, home.values.get("engine_timeout", openai_server.TIMEOUT))
    settings.set_value(home, "engine", found.url)
    settings.set_value(home, "engine_model", found.name)
    console.note(f"Using {found}. What ltm ask recalls is sent to {found.host} from now on;")
    console.note("ltm model use bundled ends that.")
    if not found.local and found.url.startswith("http:"):
        console.note("The way there is not encrypted (http): others on it can read along.")
    return {"engine": found.url, "name": found.name, "local": found.local}


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
        console.note("Recall goes by words alone.")
        return None
    path = catalogue.embedding(home, file)
    assert path is not None
    with Embedder(path, threads=home.threads) as model:
        model.embed(["a first text, 第一句话"])  # before anything is changed
    settings.set_value(home, "embed", str(path.absolute()))
    console.note(f"Recalling by meaning with {path}.")
    options.embed(context)
    return str(path)
