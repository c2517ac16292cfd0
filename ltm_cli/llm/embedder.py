"""Texts as vectors, by an embedding GGUF.

A text is cut into chunks that fit the model, several chunks share one call of llama.cpp, each in a
sequence of its own, and each becomes one vector of length 1: by the pooling that the model was
trained with, or for a model that states none by the mean of its tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ltm_cli.core.errors import ModelError
from ltm_cli.core.messages import N_, text
from ltm_cli.llm.backend import free_cores, last_log, load_backend, load_model
from ltm_cli.llm.file_hash import sha256

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

VERSION = 1  # of how texts become vectors: others make the stored ones stale
BATCH = 512  # tokens in one call, and so the most in a chunk
SEQUENCES = 16  # chunks in one call
CHUNKS = 64  # of a text; what follows them is left out

_HINT = N_("choose another with ltm model use --embed FILE, or --embed none")


def identify(path: Path, cache: Path) -> str:
    """What tells the vectors of one model from those of any other. Raises ModelError.

    `cache` is the folder that knows the models' hashes.
    """
    try:
        return f"{sha256(path, cache)}:{VERSION}"
    except OSError as error:
        raise ModelError(
            text("cannot open the model {path}: {reason}", path=path, reason=error.strerror),
            text(_HINT),
        ) from None


class Embedder:
    """An open embedding model. Use as a context manager. Raises ModelError."""

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        llama = self._llama = load_backend()
        self._context: Any = None
        self._batch: Any = None
        self._model = load_model(path)
        try:
            self._open(threads or free_cores())
        except ModelError as error:
            self.close()
            raise ModelError(
                text("{path} cannot embed texts: {reason}", path=path, reason=error),
                error.hint or text(_HINT),
            ) from None
        self._vocab = llama.llama_model_get_vocab(self._model)
        self.width: int = llama.llama_model_n_embd(self._model)
        self._before, self._after = self._edges()
        self._batch = llama.llama_batch_init(BATCH, 0, 1)

    def _open(self, threads: int) -> None:
        """Make the context, with a pooling that gives one vector for a sequence."""
        llama = self._llama
        if llama.llama_model_has_encoder(self._model) and llama.llama_model_has_decoder(
            self._model
        ):
            raise ModelError(text("it is a translation model"))
        params = llama.llama_context_default_params()
        params.embeddings = True
        params.n_ctx = params.n_batch = params.n_ubatch = BATCH
        params.n_seq_max = SEQUENCES
        params.kv_unified = True
        params.n_threads = params.n_threads_batch = threads
        self._context = llama.llama_init_from_model(self._model, params)
        if self._context and llama.llama_pooling_type(self._context) == (
            llama.LLAMA_POOLING_TYPE_NONE
        ):
            llama.llama_free(self._context)
            params.pooling_type = llama.LLAMA_POOLING_TYPE_MEAN
            self._context = llama.llama_init_from_model(self._model, params)
        if not self._context:
            raise ModelError(last_log())
        if llama.llama_pooling_type(self._context) == llama.LLAMA_POOLING_TYPE_RANK:
            raise ModelError(text("it is a reranker, which gives no vectors"))
        trained = llama.llama_model_n_ctx_train(self._model)
        self.longest = min(BATCH, trained or BATCH)  # tokens in a chunk

    def close(self) -> None:
        if self._context:
            self._llama.llama_free(self._context)
        if self._batch:
            self._llama.llama_batch_free(self._batch)
        if self._model:
            self._llama.llama_model_free(self._model)
        self._context = self._batch = self._model = None

    def __enter__(self) -> Embedder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def embed(self, texts: Iterable[str]) -> list[Vectors]:
        """For each text its vectors (chunks, width), float32 of length 1."""
        import numpy as np

        chunks = [self._chunks(text) for text in texts]
        flat = [chunk for of_text in chunks for chunk in of_text]
        vectors = np.empty((len(flat), self.width), np.float32)
        for start, stop in _batches([len(chunk) for chunk in flat]):
            vectors[start:stop] = self._embed(flat[start:stop])
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or not norms.all():
            raise ModelError(text("the embedding model returned no usable vectors"), text(_HINT))
        ends = np.cumsum([len(of_text) for of_text in chunks])[:-1]
        return np.split(vectors / norms, ends)

    def _chunks(self, text: str) -> list[list[int]]:
        """The tokens of a text in parts that fit, each between the model's edge tokens."""
        tokens = self._tokens(text) or self._tokens(" ")
        room = self.longest - len(self._before) - len(self._after)
        starts = range(0, len(tokens) or 1, room)[:CHUNKS]
        return [self._before + tokens[start : start + room] + self._after for start in starts]

    def _edges(self) -> tuple[list[int], list[int]]:
        """The tokens that the model was trained to see before and after a text."""
        inner, whole = self._tokens("a"), self._tokens("a", edge=True)
        begin = next(i for i in range(len(whole)) if whole[i : i + len(inner)] == inner)
        return whole[:begin], whole[begin + len(inner) :]

    def _tokens(self, words: str, *, edge: bool = False) -> list[int]:
        """Token ids; control tokens written in the text are plain text."""
        data = words.encode()
        size = len(data) + 8
        buffer = (self._llama.llama_token * size)()
        count = self._llama.llama_tokenize(self._vocab, data, len(data), buffer, size, edge, False)
        if count < 0:
            raise ModelError(text("the embedding model cannot tokenize this text"), text(_HINT))
        return list(buffer[:count])

    def _embed(self, chunks: Sequence[Sequence[int]]) -> Vectors:
        """One call of llama.cpp: the pooled vectors (chunks, width)."""
        import numpy as np

        llama, batch = self._llama, self._batch
        llama.llama_memory_clear(llama.llama_get_memory(self._context), True)
        items = [
            (sequence, position, token)
            for sequence, chunk in enumerate(chunks)
            for position, token in enumerate(chunk)
        ]
        batch.n_tokens = len(items)
        for i, (sequence, position, token) in enumerate(items):
            batch.token[i] = token
            batch.pos[i] = position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = True
        if status := llama.llama_decode(self._context, batch):
            raise ModelError(
                text(
                    "the embedding model failed (status {status}): {reason}",
                    status=status,
                    reason=last_log(),
                ),
                text(_HINT),
            )
        found = np.empty((len(chunks), self.width), np.float32)
        for sequence in range(len(chunks)):
            pointer: Any = llama.llama_get_embeddings_seq(self._context, sequence)
            if not pointer:
                raise ModelError(
                    text("the embedding model returned no vector: {reason}", reason=last_log()),
                    text(_HINT),
                )
            found[sequence] = np.ctypeslib.as_array(pointer, shape=(self.width,))
        return found


def _batches(sizes: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Ranges of chunks that fit one call, given their tokens."""
    start = total = 0
    for i, size in enumerate(sizes):
        if total + size > BATCH or i - start == SEQUENCES:
            yield start, i
            start, total = i, 0
        total += size
    if sizes:
        yield start, len(sizes)
