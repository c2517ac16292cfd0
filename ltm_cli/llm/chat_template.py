"""A conversation as tokens, by the chat template that the model was trained with.

The template is rendered with a mark in place of each message; then what stands between the marks
is tokenized with its control tokens, and the messages without: a memory that says "<|im_end|>"
stays a memory that says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ltm_cli.llm.llama import Llama

_MARK = re.compile("\ue000(\\d+)\ue001")
# For a model without a template: what base models have read most of.
_PLAIN = (
    "{% for m in messages %}{{ m['content'] }}\n\n{% endfor %}"
    "{% if add_generation_prompt %}Answer:{% endif %}"
)


@dataclass(frozen=True)
class Message:
    role: str  # system, user or assistant
    content: str


def tokenize_around(model: Llama, messages: list[Message]) -> tuple[list[int], list[int]]:
    """The tokens around the content of the last message: all before it, and what follows it.

    What follows ends where the assistant begins to speak.
    """
    rendered = _render(model, [message.role for message in messages])
    before: list[int] = []
    after: list[int] = []
    current = before
    for i, part in enumerate(_MARK.split(rendered)):
        if not i % 2:
            current += model.tokenize(part, special=True) if part else []
        elif int(part) == len(messages) - 1:
            current = after
        else:
            current += model.tokenize(messages[int(part)].content)
    if model.adds_bos:
        start = model.tokenize("", special=True, edge=True)[:1]
        if before[:1] != start:
            before = start + before
    return before, after


def _render(model: Llama, roles: list[str]) -> str:
    """The template with marks for contents; a system message it refuses joins the first one."""
    marks = [f"\ue000{i}\ue001" for i in range(len(roles))]
    messages = [{"role": role, "content": mark} for role, mark in zip(roles, marks, strict=True)]
    begin, end = model.edges
    template = _template(model.chat_template or _PLAIN)

    def render(messages: list[dict[str, str]]) -> str:
        result: str = template.render(
            messages=messages,
            add_generation_prompt=True,
            bos_token=begin,
            eos_token=end,
            enable_thinking=False,  # models that think first (Qwen3) would do so aloud
        )
        if _MARK.findall(result) != [str(i) for i in range(len(roles))]:
            raise ValueError("the template dropped a message")
        return result

    try:
        return render(messages)
    except Exception:  # a template is the model maker's program: it may raise anything
        if roles[0] != "system":
            raise
    joined = marks[0] + "\n\n" + marks[1]
    return render([{"role": "user", "content": joined}, *messages[2:]])


@lru_cache(maxsize=2)
def _template(source: str) -> Any:
    """A template as a program; where a process answers many questions it is compiled once."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(message: str) -> None:
        raise ValueError(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = refuse
    return environment.from_string(source)
