"""A frozen GGUF model through llama.cpp: the only file that touches it.

The low-level interface is used instead of `llama_cpp.Llama`: it pins what the layout of cached
keys and values depends on (flash attention on, one unified f16 cache), and feeds text that users
wrote as plain text, in which control tokens have no power.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ltm_cli.errors import ModelError

BATCH = 512  # tokens decoded in one call
_log: list[str] = []  # what llama.cpp said last, for error messages


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


class Llama:
    """An open model. Use as a context manager; one sequence, greedy decoding."""

    def __init__(self, path: Path, *, threads: int | None = None, context: int | None = None):
        llama = _library()
        self._llama = llama
        self._model = _load(path, vocab_only=False)
        self._vocab = llama.llama_model_get_vocab(self._model)
        trained = llama.llama_model_n_ctx_train(self._model)
        params = llama.llama_context_default_params()
        params.n_ctx = min(context or 4096, trained or 4096)
        params.n_batch = params.n_ubatch = BATCH
        params.n_threads = params.n_threads_batch = threads or free_cores()
        params.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_ENABLED
        params.kv_unified = True
        params.offload_kqv = True
        self._context = llama.llama_init_from_model(self._model, params)
        if not self._context:
            llama.llama_model_free(self._model)
            raise ModelError(
                f"no memory for a context of {params.n_ctx} tokens: {_last_log()}",
                "choose a smaller one with LTM_CONTEXT, or a smaller model",
            )
        self.path = path
        self.context: int = llama.llama_n_ctx(self._context)
        self._batch = llama.llama_batch_init(BATCH, 0, 1)
        self._kept: list[int] = []  # the tokens whose keys and values are in the cache

    def close(self) -> None:
        if self._context:
            self._llama.llama_batch_free(self._batch)
            self._llama.llama_free(self._context)
            self._llama.llama_model_free(self._model)
            self._context = None

    def __enter__(self) -> Llama:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def info(self) -> ModelInfo:
        return _info(self._llama, self._model, self.path)

    @property
    def chat_template(self) -> str | None:
        """The Jinja template that the model was trained with, if the file carries one."""
        found = self._llama.llama_model_chat_template(self._model, None)
        return found.decode("utf-8", "replace") if found else None

    @property
    def edges(self) -> tuple[str, str]:
        """The texts of the tokens that begin and end a sequence."""
        llama, vocab = self._llama, self._vocab
        ends = (llama.llama_vocab_bos(vocab), llama.llama_vocab_eos(vocab))
        return tuple(self.piece(t, special=True).decode() if t >= 0 else "" for t in ends)  # type: ignore[return-value]

    @property
    def adds_bos(self) -> bool:
        return bool(self._llama.llama_vocab_get_add_bos(self._vocab))

    def tokenize(self, text: str, *, special: bool = False, edge: bool = False) -> list[int]:
        """Token ids of a text. Control tokens written in it are plain text unless `special`."""
        data = text.encode()
        size = len(data) + 8
        buffer = (self._llama.llama_token * size)()
        count = self._llama.llama_tokenize(
            self._vocab, data, len(data), buffer, size, edge, special
        )
        if count < 0:
            raise ModelError("the model cannot tokenize this text", "try another model")
        return list(buffer[:count])

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """The bytes of one token; a character may be spread over several."""
        buffer = ctypes.create_string_buffer(256)
        size = self._llama.llama_token_to_piece(self._vocab, token, buffer, 256, 0, special)
        return buffer.raw[: max(size, 0)]

    def generate(self, prompt: Sequence[int], most: int) -> Iterator[int]:
        """The tokens that the model finds likeliest after `prompt`, one by one, at most `most`.

        Keys and values of the longest common beginning with the last prompt are reused.
        Raises ModelError if prompt and answer do not fit the context.
        """
        if len(prompt) + most > self.context:
            raise ModelError(
                f"{len(prompt)} tokens of prompt and {most} of answer exceed the model's"
                f" context of {self.context}",
                "ask with fewer memories (--limit), or use a model with a larger context",
            )
        logits = self._prefill(prompt)
        for _ in range(most):
            token = int(logits.argmax())
            if self._llama.llama_vocab_is_eog(self._vocab, token):
                return
            yield token
            logits = self._decode([token])

    def _prefill(self, prompt: Sequence[int]) -> Any:
        """Bring the cache to hold exactly `prompt`; returns the logits (vocabulary,) after it."""
        same = 0
        for ours, theirs in zip(self._kept, prompt[:-1], strict=False):
            if ours != theirs:
                break
            same += 1
        memory = self._llama.llama_get_memory(self._context)
        if not self._llama.llama_memory_seq_rm(memory, 0, same, -1):
            self._llama.llama_memory_clear(memory, True)  # recurrent models cannot go back
            same = 0
        self._kept = list(prompt[:same])
        return self._decode(prompt[same:])

    def _decode(self, tokens: Sequence[int]) -> Any:
        import numpy as np

        for start in range(0, len(tokens), BATCH):
            part = tokens[start : start + BATCH]
            batch = self._batch
            batch.n_tokens = len(part)
            for i, token in enumerate(part):
                batch.token[i] = token
                batch.pos[i] = len(self._kept) + i
                batch.n_seq_id[i] = 1
                batch.seq_id[i][0] = 0
                batch.logits[i] = start + i == len(tokens) - 1
            if status := self._llama.llama_decode(self._context, batch):
                raise ModelError(
                    f"llama.cpp could not decode (status {status}): {_last_log()}",
                    "try a smaller context (LTM_CONTEXT), or another model",
                )
            self._kept += part
        size = self._llama.llama_vocab_n_tokens(self._vocab)
        pointer = self._llama.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(pointer, shape=(size,))


def info(path: Path) -> ModelInfo:
    """What a GGUF file says of itself, read without loading its weights. Raises ModelError."""
    llama = _library()
    model = _load(path, vocab_only=True)
    try:
        return _info(llama, model, path)
    finally:
        llama.llama_model_free(model)


def is_installed() -> bool:
    """Whether the extra `model` is there, told without importing it."""
    import importlib.util

    return importlib.util.find_spec("llama_cpp") is not None


def can_offload() -> bool:
    """Whether the installed llama.cpp was built for a GPU."""
    return bool(_library().llama_supports_gpu_offload())


def free_cores() -> int:
    """Cores that are likely idle: a busy thread on a busy core slows all the others down."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, round((usable or 1) - load))


def _library() -> Any:
    """llama_cpp, its backend started and its log kept from the terminal."""
    try:
        import llama_cpp
    except ImportError as error:
        raise ModelError(
            f"llama-cpp-python is not installed ({error})",
            "pip install 'ltm-cli[model]' (needs a C++ compiler: apt install build-essential"
            " cmake); everything but a model's answers works without",
        ) from None
    if not hasattr(_library, "callback"):

        @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator, unused-ignore]
        def keep(level: int, text: bytes, _: Any) -> None:
            if level >= 3:  # warnings and errors
                _log[:] = [*_log[-9:], text.decode("utf-8", "replace").strip()]

        _library.callback = keep  # type: ignore[attr-defined] # llama.cpp holds no reference
        llama_cpp.llama_log_set(keep, ctypes.c_void_p())
        llama_cpp.llama_backend_init()
    return llama_cpp


def _load(path: Path, *, vocab_only: bool) -> Any:
    llama = _library()
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(
            f"cannot open the model {path}: {error.strerror}", "ltm model list shows what is there"
        ) from None
    if magic != b"GGUF":
        raise ModelError(f"{path} is not a GGUF model", "ltm model list shows what is there")
    params = llama.llama_model_default_params()
    params.n_gpu_layers = -1 if llama.llama_supports_gpu_offload() else 0
    params.vocab_only = vocab_only
    _log.clear()
    model = llama.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise ModelError(
            f"cannot load {path}: {_last_log()}", "the file may be cut off: fetch it again"
        )
    return model


def _info(llama: Any, model: Any, path: Path) -> ModelInfo:
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


def _last_log() -> str:
    return _log[-1] if _log else "no reason given"
