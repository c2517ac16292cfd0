"""Style and drafts: measured on real texts, written by a real model, helped by rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from ltm_cli.features.style import measure
from tests import tiny
from tests.conftest import Ltm

AUTHORS = Path(__file__).parents[2] / "bench" / "data" / "authors"
INFORMAL = "Hi Ana,\n\nI can't come, sorry! Let's talk on Monday? 😊\n\nCheers,\nKim"
CHINESE = "老王，你好！\n\n今天我可能来不了，改到周二好吗？\n\n谢谢\n小李"


@pytest.fixture
def writer(ltm: Ltm) -> Ltm:
    ltm("style", "learn", "demo/mails.txt")
    return ltm


def test_greeting_sign_off_and_body() -> None:
    assert measure.greeting(INFORMAL) == ("Hi", "Ana", ",")
    assert measure.sign_off(INFORMAL) == ["Cheers,", "Kim"]
    assert measure.body(INFORMAL) == "I can't come, sorry! Let's talk on Monday? 😊"
    assert measure.sign_off(CHINESE) == ["谢谢", "小李"]
    assert measure.greeting("Hiking was fun") is None
    assert measure.body("Just one line") == "Just one line"
    assert measure.body("") == ""


def test_what_is_measured() -> None:
    found = measure.measure([INFORMAL, INFORMAL])
    assert found.texts == 2
    assert found.emoji == {"😊": 2}
    assert found.has(found.greetings) == "Hi\n,"
    assert found.formality < 0.3
    assert measure.measure([CHINESE]).han > 10
    assert found.rate("p !") == pytest.approx(100 * 2 / found.units)


def test_a_text_is_nearest_to_its_own_style() -> None:
    texts = {path.stem: path.read_text("utf-8").splitlines() for path in AUTHORS.glob("*.txt")}
    assert len(texts) == 3
    styles = {name: measure.measure(paragraphs[10:]) for name, paragraphs in texts.items()}
    for name, paragraphs in texts.items():
        text = " ".join(paragraphs[:3])
        assert min(styles, key=lambda other: measure.distance(text, styles[other])) == name


def test_style_show_and_undo(writer: Ltm) -> None:
    found = writer.json("style", "show")
    assert (found["texts"], found["greeting"], found["sign_off"]) == (3, "Hi …,", "Cheers, / Kim")
    assert 0 <= found["formality"] < 0.5
    assert found["examples"][0]["text"].startswith("Hi ")
    assert "Cheers, / Kim" in writer("style", "show").stdout
    writer("undo")
    writer("style", "show", status=1)


def test_style_of_tagged_memories(ltm: Ltm) -> None:
    ltm("remember", CHINESE, "--tag", "mine")
    ltm("remember", "not mine")
    ltm("style", "learn", "--from-tag", "nothing", status=1)
    ltm("style", "learn", "--from-tag", "mine")
    found = ltm.json("style", "show")
    assert (found["texts"], found["chinese"]) == (1, 1.0)
    ltm("undo")
    assert ltm.json("show", "1")["kind"] == "episode"


def test_empty_sources_are_named(ltm: Ltm, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n---\n \n")
    assert "empty" in ltm("style", "learn", str(tmp_path / "empty.txt"), status=2).stderr
    ltm("style", "learn", "/nowhere.txt", status=5)
    ltm("style", "learn", status=2)
    ltm("style", "learn", "x", "--from-tag", "y", status=2)
    assert "style learn" in ltm("write", "something", status=1).stderr
    assert not ltm.home.exists()


def test_without_a_model_the_nearest_own_text_is_a_template(writer: Ltm) -> None:
    done = writer("write", "skip the review", "--no-llm", "--to", "Ana")
    assert done.stdout.startswith("Hi Ana,\n")
    assert "review" in done.stdout
    assert done.stdout.endswith("Cheers,\nKim\n")
    assert "template" in done.stderr
    assert writer.json("write", "请假一天", "--to", "老板")["template"]  # the model speaks English


def test_a_draft_is_helped_by_rule(writer: Ltm) -> None:
    found = writer.json("write", "decline the meeting, propose Tuesday", "--to", "Ana", "--compare")
    assert not found["template"]
    assert found["text"].startswith("Hi Ana,\n")
    assert found["text"].endswith("Cheers,\nKim")
    assert "[" not in found["text"]
    assert found["memories"]
    assert found["distance"] < found["plain_distance"]
    word = max(measure.body(found["text"]).split(), key=len).strip(".,!?\"'")
    writer("style", "avoid", word)
    again = writer.json("write", "decline the meeting, propose Tuesday", "--to", "Ana")
    assert again["template"] or word.casefold() not in measure.body(again["text"]).casefold()


def test_what_a_draft_reads_is_restored_and_goes_with_its_examples(writer: Ltm) -> None:
    asked = ("write", "decline the meeting, propose Tuesday")
    first = writer.json(*asked)
    assert first["timings"]["tokens_restored"] == 0
    again = writer.json(*asked)
    assert again["text"] == first["text"]
    computed = [one["timings"]["tokens_computed"] for one in (first, again)]
    assert again["timings"]["tokens_restored"] == computed[0] - computed[1] > computed[1]
    other = writer.json("write", "decline the meeting on Thursday 请")["timings"]
    assert other["tokens_restored"] > 0
    used = first["memories"]
    entries = list((writer.home / "bank").glob("*.kv"))
    assert any(str(used[0]) in path.name.split("-")[0].split(".") for path in entries)
    writer("forget", str(used[0]), "--now", "--yes")
    for path in (writer.home / "bank").glob("*.kv"):
        assert str(used[0]) not in path.name.split("-")[0].split(".")
    rest = writer.json(*asked)["timings"]
    assert 0 < rest["tokens_restored"] < again["timings"]["tokens_restored"]


def test_a_model_without_a_bank_drafts_too(writer: Ltm, tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "model.gguf", "mamba")
    found = writer.json("write", "decline the meeting 请假", "--model", str(path))
    assert found["timings"]["tokens_restored"] == 0
    assert not list(writer.home.glob("bank/*.kv"))


def test_styles_are_separate(writer: Ltm) -> None:
    writer("style", "show", "--user", "other", status=1)
    writer("write", "x", "--user", "other", status=1)
