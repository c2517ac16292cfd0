"""ltm style learn, show, avoid; ltm write"""

from __future__ import annotations

import contextlib
import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import UsageError
from ltm_cli.core.sanitize import checked, decoded, one_line
from ltm_cli.core.settings import DEFAULT_USER
from ltm_cli.nlp.language import language

if TYPE_CHECKING:
    from ltm_cli.llm.llama import Llama

app = typer.Typer(rich_markup_mode=None)
style = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(style, name="style", help="Your own way of writing.")


@style.command()
def learn(
    context: typer.Context,
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE...", help='Texts of yours; "-" reads one.')
    ] = None,
    tag: Annotated[
        str | None, typer.Option("--from-tag", metavar="TAG", help="Memories with this tag.")
    ] = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Learn how you write: each file is a text of yours, such as a mail.

    A line of three dashes parts the texts of one file. They are kept as memories of the kind
    "style"; ltm forget and ltm undo work as with any other.

    \b
    Examples:
      ltm style learn mails/*.txt
      ltm style learn --from-tag mine
    """
    from ltm_cli.features.style import style as own

    if bool(files) == bool(tag):
        raise UsageError("what to learn from is not said", "give either files or --from-tag TAG")
    texts = [part for file in files or () for part in _parts(file)]
    with options.session(context, user, write=True) as memory:
        found = own.learn_tagged(memory.store, tag) if tag else own.learn(memory.store, texts)
    if json:
        console.document([record.as_dict() for record in found])
    else:
        console.note(f"Learned from {len(found)} texts; ltm style show shows what.")
    options.embed(context)


@style.command("show")
def show_(
    context: typer.Context, user: options.User = DEFAULT_USER, json: options.Json = False
) -> None:
    """Show the habits of your own texts, with the texts that are most typical.

    \b
    Examples:
      ltm style show
      ltm style show --json
    """
    from ltm_cli.features.style import style as own

    with options.session(context, user, write=False) as memory:
        found = own.shown(memory.store)
    if json:
        console.document(found.as_dict())
        return
    unit = "characters" if found.chinese > 0.5 else "words"
    marks = ", ".join(f"{name} {rate}" for name, rate in found.punctuation.items())
    lines = {
        "texts": str(found.texts),
        "sentence length": f"{found.sentence_length} {unit}",
        "greeting": found.greeting or "none",
        "sign-off": found.sign_off or "none",
        f"in 100 {unit}": marks,
        "emoji": " ".join(f"{one} {count}×" for one, count in found.emoji.items()) or "none",
        "formality": f"{found.formality} (0 informal, 1 formal)",
        "language": f"{100 * found.chinese:.0f} % Chinese",
        "phrases": ", ".join(found.phrases) or "none that come back",
        "avoided": ", ".join(found.avoided) or "none",
        "most typical": ", ".join(str(one["id"]) for one in found.examples),
    }
    for name, value in lines.items():
        console.line(f"{name + ':':18}{one_line(value)}")


@style.command()
def avoid(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORD...", help="Never to be written.")],
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Keep words out of drafts; ltm forget ID allows one again.

    \b
    Examples:
      ltm style avoid synergy "circle back" 赋能
    """
    from ltm_cli.features.style import style as own

    with options.session(context, user, write=True) as memory:
        found = own.avoid(memory.store, words)
    if json:
        console.document([record.as_dict() for record in found])
    else:
        console.note(one_line(f"No draft will use: {', '.join(words)}."))


@app.command()
def write(
    context: typer.Context,
    request: Annotated[
        list[str] | None, typer.Argument(help='What to write about; "-" reads it.')
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="NAME", help="For the greeting.")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Also without memory, with the distance of both.")
    ] = False,
    no_llm: Annotated[
        bool, typer.Option("--no-llm", help="Use no language model: give a template.")
    ] = False,
    model: options.Model = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Draft a message as you would write it.

    The model writes with your own texts as examples; your greeting and sign-off, your marks and
    the words you avoid are seen to by rule. Where no model speaks the language, you get the nearest
    text of your own as a template.

    \b
    Examples:
      ltm write "decline the meeting, propose Tuesday" --to Ana
      ltm write "thank her for the book" --compare
      ltm write 请假一天 --no-llm
    """
    from ltm_cli.features.style import drafting

    asked = checked(options.given(request, missing="there is nothing to write about"), "request")
    with (
        options.session(context, user, write=False) as memory,
        _speaker(context, asked, model, no_llm) as speaker,
    ):
        home = options.chosen(context)
        found = drafting.draft(memory.store, asked, home, to=to, model=speaker, compare=compare)
    if json:
        console.document(found.as_dict())
        return
    console.line(found.text)
    sys.stdout.flush()  # before what goes to stderr
    if found.template:
        console.note(f"(a text of yours as a template: {found.reason})")
    if compare:
        without = (
            "" if found.plain_distance is None else f", without memory {found.plain_distance:.2f}"
        )
        console.note(f"(distance to your style {found.distance or 0:.2f}{without})")
        if found.plain is not None:
            console.note(f"Without memory:\n{found.plain}")


def _speaker(
    context: typer.Context, request: str, model: str | None, no_llm: bool
) -> contextlib.AbstractContextManager[Llama | None]:
    """The model, if there is one that speaks the language of the request."""
    from ltm_cli.llm import backend, catalogue

    home = options.chosen(context)
    choice = None if no_llm else catalogue.choose(home, model)
    if choice is None or not backend.is_installed():
        return contextlib.nullcontext()
    if choice.languages and language(request) not in choice.languages:
        return contextlib.nullcontext()
    from ltm_cli.llm.llama import Llama

    return Llama(choice.path, threads=home.threads, context=home.context)


def _parts(file: str) -> list[str]:
    """The texts of one file."""
    text = decoded(b"".join(options.lines(file)), file)
    parts = [part.strip() for part in re.split(r"^-{3,}\s*$", text, flags=re.MULTILINE)]
    return [checked(part, f"text of {file}") for part in parts if part] or [checked("", file)]
