"""What a GGUF file says of itself."""

from __future__ import annotations

import contextlib
import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ltm_cli.core.messages import text
from ltm_cli.llm.backend import last_log, load_backend, load_model, try_loading
from ltm_cli.llm.rope import Rope


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


def load_info(path: Path) -> ModelInfo:
    """What a GGUF file says of itself, read without loading its weights. Raises ModelError."""
    try_loading(path)
    model = load_model(path, vocab_only=True)
    try:
        return describe(model, path)
    finally:
        load_backend().llama_model_free(model)


def describe(model: Any, path: Path) -> ModelInfo:
    """The same of a model that is open."""
    metadata = _Metadata(model)
    layers, heads = (
        int(metadata.number("block_count", 0)),
        int(metadata.number("attention.head_count", 1)),
    )
    shared = int(metadata.number("attention.head_count_kv", heads))
    key, value = metadata.head("key"), metadata.head("value")
    languages = metadata.string("general.languages").strip("[]")
    return ModelInfo(
        path=str(path),
        name=metadata.string("general.name") or path.stem,
        architecture=metadata.architecture,
        parameters=load_backend().llama_model_n_params(model),
        bytes=path.stat().st_size,
        context=int(metadata.number("context_length", 0)),
        layers=layers,
        kv_bytes_per_token=2 * layers * shared * (key + value),
        languages=tuple(word.strip(" \"'") for word in languages.split(",") if word),
        chat_template=bool(metadata.string("tokenizer.chat_template")),
    )


def why_not_cacheable(path: Path) -> str | None:
    """Why the bank does not work with a file, or None; told without its weights. ModelError."""
    llama = load_backend()
    model = load_model(path, weights=False)
    params = llama.llama_context_default_params()
    params.n_ctx = params.n_batch = 64
    context = llama.llama_init_from_model(model, params)
    try:
        if not context:
            return text("llama.cpp cannot run the model: {reason}", reason=last_log())
        return uncacheable(model, llama.llama_get_memory(context))
    finally:
        if context:
            llama.llama_free(context)
        llama.llama_model_free(model)


def uncacheable(model: Any, memory: Any) -> str | None:
    """Why keys and values of an open model cannot be kept and joined, or None if they can."""
    llama = load_backend()
    if not memory:
        return text("an embedding model keeps no keys and values")
    if llama.llama_model_is_recurrent(model):
        return text("the model is recurrent")
    if llama.llama_model_is_hybrid(model):
        return text("the model is partly recurrent")
    if llama.llama_model_n_swa(model):
        return text("the model uses sliding-window attention")
    if not llama.llama_memory_can_shift(memory):
        return text("the model's positions cannot be shifted")
    return None


def load_rope(model: Any) -> Rope | None:
    """How an open model turns its keys; None where it does so in a way that Rope does not know."""
    llama = load_backend()
    kind = llama.llama_model_rope_type(model)
    metadata = _Metadata(model)
    scaling = metadata.string(f"{metadata.architecture}.rope.scaling.type")
    if kind not in (llama.LLAMA_ROPE_TYPE_NORM, llama.LLAMA_ROPE_TYPE_NEOX) or scaling not in (
        "", "none", "linear",
    ):  # fmt: skip
        return None
    head = metadata.head("key")
    return Rope(
        neox=kind == llama.LLAMA_ROPE_TYPE_NEOX,
        base=metadata.number("rope.freq_base", 10_000.0),
        dimensions=int(metadata.number("rope.dimension_count", head)),
        head=head,
        scale=llama.llama_model_rope_freq_scale_train(model),
    )


class _Metadata:
    """The key-value pairs of an open model."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.architecture = self.string("general.architecture")

    def string(self, key: str) -> str:
        buffer = ctypes.create_string_buffer(1024)
        size = load_backend().llama_model_meta_val_str(
            self._model, key.encode(), buffer, len(buffer)
        )
        return buffer.value.decode("utf-8", "replace") if size >= 0 else ""

    def number(self, key: str, default: float) -> float:
        """A number of this architecture."""
        with contextlib.suppress(ValueError):
            return float(self.string(f"{self.architecture}.{key}"))
        return default

    def head(self, part: str) -> int:
        """The dimensions of one head's key or value."""
        width = self.number("embedding_length", 0) // max(self.number("attention.head_count", 1), 1)
        return int(self.number(f"attention.{part}_length", width))
