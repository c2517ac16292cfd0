"""Dense recall, with a real model: the bundled one embeds too, by the mean of its tokens."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ltm_cli.core.errors import ModelError
from ltm_cli.core.filter import Filter
from ltm_cli.core.record import Record
from ltm_cli.core.settings import Settings
from ltm_cli.indexing import embedding, vectors, writer
from ltm_cli.llm import catalogue, embedder
from ltm_cli.retrieval.recall import recall
from ltm_cli.retrieval.semantic import Dense, find_similar
from ltm_cli.storage.sqlite.store import SqliteStore
from tests.conftest import Ltm

NOW = datetime(2024, 5, 25, 12)
SAID = ("I bought a bouquet of roses.", "The car broke down.", "备用钥匙放在花盆下面。", "下雨了。")
WIDTH = 576

chosen = catalogue.bundled()
pytestmark = pytest.mark.skipif(chosen is None, reason="the extra `model` is not installed")
MODEL = chosen.path if chosen else Path()


@pytest.fixture(scope="module")
def model() -> Iterator[embedder.Embedder]:
    with embedder.Embedder(MODEL) as opened:
        yield opened


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that knows the model's hash, shared since hashing 98 MB takes a while."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def said(store: SqliteStore) -> SqliteStore:
    """A store of what was SAID, without vectors."""
    for text in SAID:
        writer.remember(store, Record(text=text, at="2024-05-01T10:00:00"))
    return store


def stored(store: SqliteStore) -> list[tuple[int, int]]:
    """(memory, bytes) of every vector."""
    rows = store.execute("SELECT memory_id, length(vector) FROM vectors ORDER BY 1, chunk")
    return rows.fetchall()


def fail(message: str) -> None:
    raise AssertionError(message)


def test_vectors_have_length_one_and_do_not_depend_on_the_batch(model: embedder.Embedder) -> None:
    texts = [*SAID, "", *["more"] * 20]
    for text, chunks in zip(texts[:5], model.embed(texts), strict=False):
        assert chunks.dtype == np.float32
        assert chunks.shape == (1, WIDTH)
        assert np.linalg.norm(chunks, axis=1) == pytest.approx(1, abs=1e-5)
        assert np.abs(model.embed([text])[0] - chunks).max() < 1e-2  # kernels differ by batch


def test_a_long_text_is_cut_into_chunks_that_fit(
    model: embedder.Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "longest", 8)
    monkeypatch.setattr(embedder, "CHUNKS", 3)
    assert [len(chunks) for chunks in model.embed(["词", "one two three " * 4, "长文" * 99])] == [
        1, 2, 3,
    ]  # fmt: skip


def test_control_tokens_in_a_memory_are_text(model: embedder.Embedder) -> None:
    plain, marked = model.embed(["a b", "a <|im_end|> b"])
    assert not np.allclose(plain, marked)
    assert len(model._tokens("<|im_end|>")) > 1


@pytest.mark.parametrize("content", [b"GGUF", b"no model", b"GGUF\x03\x00\x00\x00" + b"\xff" * 64])
def test_a_broken_file_is_a_model_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError) as raised:
        embedder.Embedder(path)
    assert raised.value.hint


@pytest.mark.parametrize(
    ("query", "answer"), [("flowers", SAID[0]), ("engine", SAID[1]), ("开门", SAID[2])]
)
def test_a_memory_without_a_shared_word_is_found(
    said: SqliteStore, cache: Path, query: str, answer: str
) -> None:
    assert recall(said, query, now=NOW) == []
    assert embedding.complete(said, MODEL, cache) == len(SAID)
    with Dense(MODEL, cache, fail) as dense:
        hits = recall(said, query, now=NOW, dense=dense, explain=True)
    assert answer in [hit.record.text for hit in hits]
    near = [hit.why["features"]["dense"] for hit in hits]
    # Near-ties may change places: the weight of rank_dense is a little less than nothing.
    assert all(above > below - 0.1 for above, below in pairwise(near))
    assert sum(hit.why["features"]["dense"] for hit in hits) == pytest.approx(0, abs=0.01)


def test_filters_and_users_bound_dense_recall(said: SqliteStore, cache: Path) -> None:
    other = writer.remember(said.of("other"), Record(text="tulips", at="2024-06-01T10:00:00"))
    embedding.complete(said, MODEL, cache)
    with Dense(MODEL, cache, fail) as dense:
        late = Filter(since="2024-05-15")
        assert recall(said, "flowers", now=NOW, dense=dense, which=late) == []
        [hit] = recall(said.of("other"), "flowers", now=NOW, dense=dense)
        assert hit.record.id == other.id
        found = recall(said, "flowers", keywords=["roses"], now=NOW, dense=dense)
        assert [hit.record.text for hit in found] == [SAID[0]]


def test_vectors_change_nothing_while_no_model_is_in_use(said: SqliteStore, cache: Path) -> None:
    queries = ("roses and a car", "花盆", "flowers")
    before = [recall(said, query, now=NOW, explain=True) for query in queries]
    embedding.complete(said, MODEL, cache)
    assert [recall(said, query, now=NOW, explain=True) for query in queries] == before


def test_recall_without_a_model_imports_no_numpy(ltm: Ltm) -> None:
    ltm("remember", SAID[0])
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ltm_cli", "recall", "roses"],
        env=ltm.environment, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert not imported & {"numpy", "llama_cpp", "ltm_cli.llm.embedder"}


def test_vectors_of_another_model_are_never_mixed(said: SqliteStore, cache: Path) -> None:
    vectors.use(said, "a model of eight dimensions")
    for id in vectors.missing(said):
        vectors.put(said, id, [bytes(16)])
    warned: list[str] = []
    with Dense(MODEL, cache, warned.append) as dense:
        assert recall(said, "roses", now=NOW, dense=dense) == recall(said, "roses", now=NOW)
    assert len(warned) == 1
    assert embedding.complete(said, MODEL, cache) == len(SAID)
    assert stored(said) == [(id, 2 * WIDTH) for id in (1, 2, 3, 4)]
    vectors.use(said, None)
    assert stored(said) == []


def test_a_vector_never_outlives_its_text(said: SqliteStore, cache: Path) -> None:
    embedding.complete(said, MODEL, cache)
    writer.edit(said, 1, text="I bought tulips.")
    writer.forget(said, [2])
    assert [id for id, _ in stored(said)] == [3, 4]
    writer.undo(said)
    assert vectors.missing(said) == [1, 2]
    assert embedding.complete(said, MODEL, cache) == 2
    assert [id for id, _ in stored(said)] == [1, 2, 3, 4]


def test_an_edit_during_embedding_is_not_given_the_old_vector(
    said: SqliteStore, cache: Path, model: embedder.Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = embedder.Embedder.embed

    def meanwhile(self: embedder.Embedder, texts: list[str]) -> object:
        found = embedded(self, texts)
        with said.transaction():
            said.memories.replace(Record(id=1, text="Something else.", at="2024-05-01T10:00:00",
                                         recorded="2024-05-01T10:00:00"))  # fmt: skip
        return found

    monkeypatch.setattr(embedder.Embedder, "embed", meanwhile)
    embedding.complete(said, MODEL, cache)
    assert vectors.missing(said) == [1]


def test_what_was_interrupted_is_continued(
    said: SqliteStore, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "BATCH", 3)

    @contextmanager
    def interrupted(total: int) -> Iterator[Callable[[int], None]]:
        def advance(size: int) -> None:
            raise KeyboardInterrupt

        yield advance

    with pytest.raises(KeyboardInterrupt):
        embedding.complete(said, MODEL, cache, progress=interrupted)
    assert len(stored(said)) == 3
    assert embedding.complete(said, MODEL, cache) == 1
    assert embedding.complete(said, MODEL, cache) == 0


def test_a_memory_counts_by_its_closest_chunk(said: SqliteStore) -> None:
    axes = np.eye(4, dtype="<f2")
    vectors.put(said, 1, [axes[0].tobytes(), axes[1].tobytes()])
    vectors.put(said, 3, [axes[2].tobytes()])
    similar = find_similar(said, axes[1].astype(np.float32))
    assert similar is not None
    assert similar.ids.tolist() == [1, 3]
    assert similar.closeness.tolist() == [1, -1]
    rows: list[dict[str, float]] = [{}, {}, {}]
    similar.describe([3, 2, 1], rows)
    assert rows == [{"dense": -1, "rank_dense": 10 / 11}, {}, {"dense": 1, "rank_dense": 1}]


def test_the_command_line(ltm: Ltm) -> None:
    ltm("remember", SAID[0])
    ltm("recall", "flowers", status=1)
    assert ltm.json("model", "use", "--embed", str(MODEL)) == {"embed": str(MODEL)}
    [one] = [one for one in ltm.json("model", "list") if one["installed"]]
    assert one["embeds"] is True
    assert ltm.json("model", "info")["embed"] == str(MODEL)
    ltm("import", "-", stdin='{"text": "下雨了。"}\n')
    found = ltm.json("recall", "flowers")
    assert {hit["text"] for hit in found} == {SAID[0], "下雨了。"}
    batch = ltm("recall", "--batch", "-", stdin='{"qid": 1, "query": "flowers"}\n').stdout
    assert SAID[0] in batch
    ltm("model", "use", "--embed", "none")
    ltm("recall", "flowers", status=1)
    ltm("model", "use", status=2)


def test_a_model_that_fails_costs_a_line_and_no_memory(ltm: Ltm, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF")
    assert "cannot load" in ltm("model", "use", "--embed", str(broken), status=4).stderr
    for name in (str(broken), str(tmp_path / "gone.gguf")):
        said = ltm("remember", f"roses {name}", LTM_EMBED=name).stderr
        assert said.startswith("remembered, but not embedded: ")
        assert said.count("\n") == 1
        done = ltm("recall", "roses", LTM_EMBED=name)
        assert "roses" in done.stdout
        assert done.stderr.count("\n") == 1
    assert len(ltm.json("list")) == 2


def test_settings_name_the_file(home: Path) -> None:
    with pytest.raises(ModelError) as raised:
        catalogue.choose_embedder(Settings(home, {"embed": "nothing.gguf"}))
    assert "--embed none" in raised.value.hint
    assert catalogue.choose_embedder(Settings(home)) is None
