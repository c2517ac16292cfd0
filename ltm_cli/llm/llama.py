"""A frozen GGUF model with several sequences: tokens in, logits out, states saved and restored.

The low-level interface of llama.cpp is used: it pins what the layout of cached keys and values
depends on (flash attention on, one unified f16 cache), and feeds text that users wrote as plain
text, in which control tokens have no power. Sequences share the cells of a common beginning, so a
prefix is held once however many memories are attended to.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ltm_cli.core import messages
from ltm_cli.core.errors import ModelError
from ltm_cli.llm import gguf
from ltm_cli.llm.backend import free_cores, last_log, load_backend, load_model, raise_interrupt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ltm_cli.llm.rope import Rope

    Logits = NDArray[np.float32]

BATCH = 512  # tokens decoded in one call
SEQUENCES = 10  # a prefix, memories, and one without any memory
_CONTROL, _OWN_WORD = 8, 16  # LLAMA_TOKEN_ATTR_CONTROL, LLAMA_TOKEN_ATTR_USER_DEFINED
_MARKUP = re.compile(rb"\s*[<\[].*[>\]]\s*", re.DOTALL)


class Llama:
    """An open model. Use as a context manager."""

    def __init__(self, path: Path, *, threads: int | None = None, context: int | None = None):
        llama = self._llama = load_backend()
        self._model = load_model(path)
        self._vocab = llama.llama_model_get_vocab(self._model)
        trained = llama.llama_model_n_ctx_train(self._model)
        params = llama.llama_context_default_params()
        params.n_ctx = min(context or 4096, trained or 4096)
        params.n_batch = params.n_ubatch = BATCH
        params.n_seq_max = SEQUENCES
        params.n_threads = params.n_threads_batch = threads or free_cores()
        params.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_ENABLED
        params.kv_unified = True
        params.offload_kqv = True
        self._context = llama.llama_init_from_model(self._model, params)
        raise_interrupt()
        if not self._context:
            llama.llama_model_free(self._model)
            raise ModelError(
                messages.text(
                    "not enough memory for a context of {tokens} tokens: {reason}",
                    tokens=params.n_ctx,
                    reason=last_log(),
                ),
                messages.text("choose a smaller context with LTM_CONTEXT, or a smaller model"),
            )
        self.path = path
        self.context: int = llama.llama_n_ctx(self._context)
        self.vocabulary: int = llama.llama_vocab_n_tokens(self._vocab)
        self._markup: dict[int, bool] = {}  # of tokens met so far
        self._memory = llama.llama_get_memory(self._context)
        self._batch = llama.llama_batch_init(BATCH, 0, 1)
        self.lengths = [0] * SEQUENCES  # tokens in each sequence

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
    def info(self) -> gguf.ModelInfo:
        return gguf.describe(self._model, self.path)

    @cached_property
    def rope(self) -> Rope | None:
        """How keys are turned by their position, if they can be moved to another."""
        return gguf.load_rope(self._model)

    @property
    def uncacheable(self) -> str | None:
        """Why keys and values of this model cannot be kept and joined, or None if they can."""
        return gguf.uncacheable(self._model, self._memory)

    @property
    def chat_template(self) -> str | None:
        """The Jinja template that the model was trained with, if the file carries one."""
        found = self._llama.llama_model_chat_template(self._model, None)
        return found.decode("utf-8", "replace") if found else None

    @property
    def edges(self) -> tuple[str, str]:
        """The texts of the tokens that begin and end a sequence."""
        llama, vocab = self._llama, self._vocab
        begin, end = (
            self.piece(token, special=True).decode() if token >= 0 else ""
            for token in (llama.llama_vocab_bos(vocab), llama.llama_vocab_eos(vocab))
        )
        return begin, end

    @property
    def adds_bos(self) -> bool:
        return bool(self._llama.llama_vocab_get_add_bos(self._vocab))

    def tokenize(self, text: str, *, special: bool = False, edge: bool = False) -> list[int]:
        """Token ids of a text. Control tokens written in it are plain text unless `special`.

        That includes those that a file forgot to mark as such, and marks only as words of its own.
        """
        tokens = self._tokens(text, special, edge)
        if special or edge:
            return tokens
        for token in set(tokens):
            if self._is_markup(token):
                mark = self.piece(token, special=True).decode("utf-8", "replace")
                return self._parted(text, mark)
        return tokens

    def _parted(self, text: str, mark: str) -> list[int]:
        """The tokens of a text in which a mark is no token: its first character stands alone."""
        if mark not in text:  # what normalising made of the text
            return [one for one in self._tokens(text, False, False) if not self._is_markup(one)]
        parts: list[str] = []
        for i, between in enumerate(text.split(mark)):
            parts += [between] if i == 0 else [mark[0], mark[1:] + between]
        return [token for part in parts if part for token in self.tokenize(part)]

    def _is_markup(self, token: int) -> bool:
        """Whether a token is one of those that a template is made of: <|im_start|>, [INST]."""
        known = self._markup.get(token)
        if known is None:
            attributes = self._llama.llama_vocab_get_attr(self._vocab, token)
            known = bool(attributes & _CONTROL) or (
                bool(attributes & _OWN_WORD)
                and _MARKUP.fullmatch(self.piece(token, special=True)) is not None
            )
            self._markup[token] = known
        return known

    def _tokens(self, text: str, special: bool, edge: bool) -> list[int]:
        data = text.encode()
        size = len(data) + 8
        buffer = (self._llama.llama_token * size)()
        count = self._llama.llama_tokenize(
            self._vocab, data, len(data), buffer, size, edge, special
        )
        if count < 0:
            raise ModelError(
                messages.text("the model cannot tokenize this text"),
                messages.text("try another model"),
            )
        return list(buffer[:count])

    def size(self, text: str) -> int:
        """How many tokens a text has."""
        return len(self.tokenize(text))

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """The bytes of one token; a character may be spread over several."""
        buffer = ctypes.create_string_buffer(256)
        size = self._llama.llama_token_to_piece(self._vocab, token, buffer, 256, 0, special)
        return buffer.raw[: max(size, 0)]

    def is_end(self, token: int) -> bool:
        """Whether a token ends what the model has to say."""
        return bool(self._llama.llama_vocab_is_eog(self._vocab, token))

    def extend(self, tokens: Mapping[int, Sequence[int]], *, wanted: bool = True) -> Logits:
        """Append tokens to sequences; the logits (sequences, vocabulary) after each one's last.

        Where no logits are wanted, none are computed: they are (0, vocabulary).
        """
        import numpy as np

        items = [
            (sequence, token, self.lengths[sequence] + i, wanted and i == len(added) - 1)
            for sequence, added in tokens.items()
            for i, token in enumerate(added)
        ]
        logits = np.empty((len(tokens) if wanted else 0, self.vocabulary), np.float32)
        row = 0
        for start in range(0, len(items), BATCH):
            part = items[start : start + BATCH]
            self._decode(part)
            for i, (*_, last) in enumerate(part):
                if last:
                    pointer = self._llama.llama_get_logits_ith(self._context, i)
                    logits[row] = np.ctypeslib.as_array(pointer, shape=(self.vocabulary,))
                    row += 1
        for sequence, added in tokens.items():
            self.lengths[sequence] += len(added)
        return logits

    def clear(self, sequence: int) -> None:
        """Empty a sequence."""
        self._llama.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        self.lengths[sequence] = 0

    def set_threads(self, threads: int | None) -> None:
        """Compute with so many threads from now on, or as many as cores are free."""
        count = threads or free_cores()
        self._llama.llama_set_n_threads(self._context, count, count)

    def reset(self) -> None:
        """Empty all sequences; what comes next lies in the same cells as in a model just opened."""
        self._llama.llama_memory_clear(self._memory, False)
        self.lengths = [0] * SEQUENCES

    def share(self, source: int, target: int) -> None:
        """Let `target` begin with all of `source`, without a copy; what it held follows that."""
        self._llama.llama_memory_seq_cp(self._memory, source, target, -1, -1)
        self.lengths[target] += self.lengths[source]

    def save(self, sequence: int) -> bytes:
        """The keys and values of a sequence, as kvcache/layout.py takes them apart."""
        size = self._llama.llama_state_seq_get_size(self._context, sequence)
        buffer = (ctypes.c_uint8 * size)()
        written = self._llama.llama_state_seq_get_data(self._context, buffer, size, sequence)
        return bytes(memoryview(buffer)[:written])

    def restore(self, sequence: int, state: bytes, length: int) -> bool:
        """Replace a sequence by a saved one of `length` tokens; False if it is not accepted."""
        buffer = ctypes.cast(ctypes.c_char_p(state), ctypes.POINTER(ctypes.c_uint8))
        taken = self._llama.llama_state_seq_set_data(self._context, buffer, len(state), sequence)
        if not taken:
            self.clear(sequence)
            return False
        self.lengths[sequence] = length
        return True

    def _decode(self, items: Sequence[tuple[int, int, int, bool]]) -> None:
        """One call of llama.cpp for (sequence, token, position, wants logits)."""
        batch = self._batch
        batch.n_tokens = len(items)
        for i, (sequence, token, position, wanted) in enumerate(items):
            batch.token[i] = token
            batch.pos[i] = position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = wanted
        status = self._llama.llama_decode(self._context, batch)
        raise_interrupt()
        if status:
            raise ModelError(
                messages.text(
                    "llama.cpp could not decode (status {status}): {reason}",
                    status=status,
                    reason=last_log(),
                ),
                messages.text("use fewer memories (--limit), or raise LTM_CONTEXT"),
            )
