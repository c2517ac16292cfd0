"""The reference lists every command and option, and no page names one that is not there."""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from ltm_cli.cli.app import app
from tests.docs.transcripts import DOCS, ROOT, pages

GENERATE = runpy.run_path(str(DOCS / "reference" / "generate.py"))
PAGES = [str(page.relative_to(ROOT)) for page in pages()]
_ROOT: Any = typer.main.get_command(app)
_CONTEXT = _ROOT.context_class(_ROOT, info_name="ltm", **_ROOT.context_settings)
CONTEXTS = {
    context.command_path: context for _, context, _ in GENERATE["commands"](_ROOT, _CONTEXT)
}
_CODE = re.compile(
    r"^```(?:sh|bash|console|text)\n(.*?)^```$|`([^`\n]+)`", re.DOTALL | re.MULTILINE
)
_OUTPUT = re.compile(r"^(?!\$ ).*\n", re.MULTILINE)


def options(path: str) -> set[str]:
    context = CONTEXTS[path]
    found: set[str] = set()
    for parameter in context.command.get_params(context):
        found |= {*parameter.opts, *parameter.secondary_opts}
    return {name for name in found if name.startswith("-")}


EVERY_OPTION = {name for path in CONTEXTS for name in options(path)}


def test_the_reference_is_current() -> None:
    page = DOCS / "reference" / "commands.md"
    assert page.read_text("utf-8") == GENERATE["page"](), "make docs"


def test_the_reference_has_every_command_and_option() -> None:
    """Whatever the generator does: asked of the program itself."""
    text = (DOCS / "reference" / "commands.md").read_text("utf-8")
    sections = dict(re.findall(r"^##+ (ltm.*)\n((?:(?!^##).*\n)*)", text, re.MULTILINE))
    assert set(sections) == set(CONTEXTS)
    assert len(sections) > 60
    for path in CONTEXTS:
        for name in options(path):
            assert re.search(rf"^\| `[^`]*{name}[ ,`]", sections[path], re.MULTILINE), (path, name)


def test_every_help_begins_with_examples() -> None:
    for path, context in CONTEXTS.items():
        if not hasattr(context.command, "list_commands"):
            text = context.get_help()
            assert "Examples:" in text.partition("Options:")[0], path
            assert "--json" in options(path)


def named(text: str) -> Iterator[list[str]]:
    """The `ltm` commands that a page types, as words after `ltm`; options on their own as well."""
    for block, inline in _CODE.findall(text):
        code = inline or (_OUTPUT.sub("", block) if "$ " in block[:2] else block)
        for piece in re.split(r"[|;&)\n]|\$\(", code.replace("\\\n", " ")):
            try:
                words = shlex.split(piece, comments=True)
            except ValueError:  # a quotation that goes on in the next piece
                words = piece.split()
            if "ltm" in words:
                yield words[len(words) - words[::-1].index("ltm") :]
            elif inline and re.fullmatch(r"--?[a-z][a-z-]*( .*)?", inline):
                yield ["?", *words]


def faults(text: str) -> Iterator[str]:
    for words in named(text):
        known, path, rest = EVERY_OPTION, "ltm", list(words)
        if words[:1] != ["?"]:
            while rest[:1] == ["--home"] or rest[:1] == ["--debug"]:
                rest = rest[2 if rest[0] == "--home" else 1 :]
            while rest and hasattr(CONTEXTS[path].command, "list_commands"):
                if rest[0].startswith("-") or not rest[0].islower():
                    break
                if f"{path} {rest[0]}" not in CONTEXTS:
                    yield f"no command {path} {rest[0]}"
                    break
                path = f"{path} {rest.pop(0)}"
            known = options(path)
        for word in rest:
            if word == "--":
                break
            name = word.partition("=")[0]
            if re.fullmatch(r"--[a-z][a-z-]*|-[a-zA-Z]", name) and name not in known:
                yield f"no option {name} of {path}"


@pytest.mark.parametrize("page", [*PAGES, "SECURITY.md", "CHANGELOG.md"])
def test_every_command_that_is_named_is_there(page: str) -> None:
    assert list(faults((ROOT / page).read_text("utf-8"))) == []


def test_what_is_not_there_is_found() -> None:
    assert list(faults("`ltm remembre x`")) == ["no command ltm remembre"]
    assert list(faults("```sh\nltm list | ltm recall --keywrd x\n```\n")) == [
        "no option --keywrd of ltm recall"
    ]
    assert list(faults("`--sinse WHEN`")) == ["no option --sinse of ltm"]
    assert list(faults("```console\n$ ltm task ad x\nltm nothing\n```\n")) == [
        "no command ltm task ad"
    ]
