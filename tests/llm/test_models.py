"""What is known of a model before it answers: the bank, the GPU, how it is spoken to."""

from __future__ import annotations

from pathlib import Path

import pytest

from ltm_cli.core.errors import ModelError
from ltm_cli.llm import backend, gguf, hub
from ltm_cli.llm.chat_template import Message, tokenize_around
from ltm_cli.llm.llama import Llama
from tests import tiny
from tests.conftest import Ltm

# The parts of Qwen3's template that a plain conversation takes.
QWEN3 = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}"
    "{{- '<|im_start|>assistant\\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}"
    "{{- '<think>\\n\\n</think>\\n\\n' }}"
    "{%- endif %}{%- endif %}"
)


@pytest.mark.parametrize("architecture", ["llama", "llama3", "mamba", "gemma2", "qwen2vl"])
def test_the_bank_is_told_without_the_weights(tmp_path: Path, architecture: str) -> None:
    path = tiny.write(tmp_path / "tiny.gguf", architecture)
    with Llama(path) as opened:
        assert gguf.why_not_cacheable(path) == opened.uncacheable
    assert (gguf.why_not_cacheable(path) is None) == architecture.startswith("llama")


def test_a_file_that_is_cut_off_has_no_bank(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "tiny.gguf", "llama")
    path.write_bytes(path.read_bytes()[:-20_000])
    with pytest.raises(ModelError):
        gguf.why_not_cacheable(path)


def test_info_says_whether_the_bank_works(ltm: Ltm, tmp_path: Path) -> None:
    assert ltm.json("model", "info")["bank"]
    about = ltm.json("model", "info", str(tiny.write(tmp_path / "滑窗🐈.gguf", "gemma2")))
    assert not about["bank"]
    assert "sliding-window" in about["no_bank"]


def test_a_model_that_thinks_first_is_told_not_to(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "tiny.gguf", "llama", template=QWEN3)
    with Llama(path) as opened:
        _, after = tokenize_around(
            opened, [Message("system", "Be short."), Message("user", "几点了?")]
        )
        said = b"".join(opened.piece(token, special=True) for token in after).decode()
    assert said.endswith("<|im_start|>assistant\n<think>\n\n</think>\n\n")


def test_doctor_says_what_the_gpu_does_and_how_to_use_one(ltm: Ltm) -> None:
    told = [one for one in ltm.json("doctor") if one["check"] == "gpu"]
    if backend.can_offload():
        assert [one["state"] for one in told] == ["ok"]
        assert "all layers" in told[0]["detail"]
        return
    assert {one["state"] for one in told} == {"note"}
    assert "not used" in told[0]["detail"]
    if "built for the CPU" in told[0]["detail"]:
        for flag, line in zip(("CUDA", "METAL", "VULKAN"), told[1:], strict=True):
            assert f'CMAKE_ARGS="-DGGML_{flag}=on" pip install' in line["detail"]
            assert "llama-cpp-python==" in line["detail"]


def test_proposals_of_a_small_model_are_doubted(ltm: Ltm, tmp_path: Path) -> None:
    """The catalogue says which are small; a file that it does not know is not judged."""
    ltm("remember", "Met Tom, he came with his new puppy Biscuit 🐕")
    small = next(one for one in hub.catalogue() if one.kind == hub.CHAT and not one.proposes)
    for name, doubted in ((small.basename, True), ("unknown.gguf", False)):
        path = tiny.write(tmp_path / name, "llama")
        said = ltm("facts", "find", "--limit", "1", LTM_MODEL=str(path), status=1).stderr
        assert ("often wrong" in said) == doubted
