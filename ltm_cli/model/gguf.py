"""What a GGUF file says of itself."""

from __future__ import annotations

import contextlib
import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ltm_cli.model.library import library, load


@dataclass(frozen=True)
class ModelInfo:
    """What a GGUF file says of itself."""

    path: str
    name: str
    architecture: str
    parameters: int
    bytes: int
    context: int  # tokens it was trained with
    layers: int
    kv_bytes_per_token: int  # of an f16 cache
    languages: tuple[str, ...]  # ISO 639-1; empty: not stated
    chat_template: bool


def info(path: Path) -> ModelInfo:
    """What a GGUF file says of itself, read without loading its weights. Raises ModelError."""
    model = load(path, vocab_only=True)
    try:
        return of(model, path)
    finally:
        library().llama_model_free(model)


def of(model: Any, path: Path) -> ModelInfo:
    """The same of a model that is open."""
    llama = library()

    def meta(key: str) -> str:
        buffer = ctypes.create_string_buffer(1024)
        size = llama.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if size >= 0 else ""

    def number(key: str, default: int) -> int:
        with contextlib.suppress(ValueError):
            return int(meta(f"{architecture}.{key}"))
        return default

    architecture = meta("general.architecture")
    layers, width = number("block_count", 0), number("embedding_length", 0)
    heads = number("attention.head_count", 1)
    shared = number("attention.head_count_kv", heads)
    key = number("attention.key_length", width // max(heads, 1))
    value = number("attention.value_length", width // max(heads, 1))
    return ModelInfo(
        path=str(path),
        name=meta("general.name") or path.stem,
        architecture=architecture,
        parameters=llama.llama_model_n_params(model),
        bytes=path.stat().st_size,
        context=number("context_length", 0),
        layers=layers,
        kv_bytes_per_token=2 * layers * shared * (key + value),
        languages=tuple(
            word.strip(" \"'") for word in meta("general.languages").strip("[]").split(",") if word
        ),
        chat_template=bool(meta("tokenizer.chat_template")),
    )
