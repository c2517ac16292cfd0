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
from ltm_cli.core.messages import text
from ltm_cli.core.sanitize import checked, decoded, one_line
from ltm_cli.core.settings import DEFAULT_USER

if TYPE_CHECKING:
    from ltm_cli.llm.llama import Llama

app = typer.Typer(rich_markup_mode=None)
style = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(style, name="style", help="Your writing style.")


@style.command()
def learn(
    context: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE...", help='Files with texts that you wrote; "-" reads standard input.'
        ),
    ] = None,
    tag: Annotated[
        str | None,
        typer.Option(
            "--from-tag", metavar="TAG", help="Learn from memories with this tag instead."
        ),
    ] = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Learn how you write from texts that you wrote, such as mails.

    A file may hold several texts, separated by lines of three dashes. They are remembered as
    memories of the kind "style"; ltm forget and ltm undo work as usual.

    \b
    Examples:
      ltm style learn mails/*.txt
      ltm style learn --from-tag mine
    """
    from ltm_cli.features.style import style as own

    if bool(files) == bool(tag):
        raise UsageError(
            text("say what to learn from"), text("give either files or --from-tag TAG")
        )
    texts = [part for file in files or () for part in _parts(file)]
    with options.session(context, user, write=True) as memory:
        found = own.learn_tagged(memory.store, tag) if tag else own.learn(memory.store, texts)
    if json:
        console.document([record.as_dict() for record in found])
    else:
        console.note(
            text("Learned from 1 text; ltm style show shows the result.")
            if len(found) == 1
            else text(
                "Learned from {count} texts; ltm style show shows the result.", count=len(found)
            )
        )
    options.embed(context)


@style.command("show")
def show_(
    context: typer.Context, user: options.User = DEFAULT_USER, json: options.Json = False
) -> None:
    """Show your writing style, and your most typical texts.

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
    by_character = found.chinese > 0.5
    marks = ", ".join(f"{name} {rate}" for name, rate in found.punctuation.items())
    lines = {
        text("texts"): str(found.texts),
        text("sentence length"): (
            text("{count} characters", count=found.sentence_length)
            if by_character
            else text("{count} words", count=found.sentence_length)
        ),
        text("greeting"): found.greeting or text("none"),
        text("sign-off"): found.sign_off or text("none"),
        text("per 100 characters") if by_character else text("per 100 words"): marks,
        text("emoji"): " ".join(f"{one} {count}×" for one, count in found.emoji.items())
        or text("none"),
        text("formality"): text("{score} (0 informal, 1 formal)", score=found.formality),
        text("language"): text("{percent} % Chinese", percent=f"{100 * found.chinese:.0f}"),
        text("repeated phrases"): ", ".join(found.phrases) or text("none"),
        text("avoided words"): ", ".join(found.avoided) or text("none"),
        text("most typical"): ", ".join(str(one["id"]) for one in found.examples),
    }
    width = max(console.width(name) for name in lines) + 2
    for name, value in lines.items():
        label = text("{name}:", name=name)
        console.line(label + " " * (width - console.width(label)) + one_line(value))


@style.command()
def avoid(
    context: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORD...", help="Words or phrases that drafts must not use."),
    ],
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Keep words out of drafts.

    ltm forget ID allows a word again.

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
        console.note(one_line(text("Drafts will not use: {words}.", words=", ".join(words))))


@app.command()
def write(
    context: typer.Context,
    request: Annotated[
        list[str] | None,
        typer.Argument(help='What the message should say; "-" reads standard input.'),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="NAME", help="Recipient, for the greeting.")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Also show a draft written without your style.")
    ] = False,
    no_llm: Annotated[
        bool,
        typer.Option(
            "--no-llm", help="Show your most similar text as a template, without a language model."
        ),
    ] = False,
    model: options.Model = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Draft a message in your own style.

    The model gets your own texts as examples; rules add your greeting, sign-off and punctuation,
    and keep out the words you avoid. If no model knows the language, your most similar text is
    shown as a template.

    \b
    Examples:
      ltm write "decline the meeting, propose Tuesday" --to Ana
      ltm write "thank her for the book" --compare
      ltm write 请假一天 --no-llm
    """
    from ltm_cli.features.style import drafting

    asked = checked(options.given(request, missing=text("nothing to write about")), text("request"))
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
        console.note(text("(one of your own texts as a template: {reason})", reason=found.reason))
    if compare:
        distance = f"{found.distance or 0:.2f}"
        if found.plain_distance is None:
            console.note(text("(distance to your style: {distance})", distance=distance))
        else:
            console.note(
                text(
                    "(distance to your style: {distance}; without your texts: {plain})",
                    distance=distance,
                    plain=f"{found.plain_distance:.2f}",
                )
            )
        if found.plain is not None:
            console.note(text("Without your texts:") + f"\n{found.plain}")


def _speaker(
    context: typer.Context, request: str, model: str | None, no_llm: bool
) -> contextlib.AbstractContextManager[Llama | None]:
    """The model, if there is one that speaks the language of the request."""
    from ltm_cli.llm import backend, catalogue

    home = options.chosen(context)
    choice = None if no_llm else catalogue.choose(home, model)
    if choice is None or not backend.is_installed():
        return contextlib.nullcontext()
    from ltm_cli.nlp.language import language

    if choice.languages and language(request) not in choice.languages:
        return contextlib.nullcontext()
    from ltm_cli.llm.llama import Llama

    return Llama(choice.path, threads=home.threads, context=home.context)


def _parts(file: str) -> list[str]:
    """The texts of one file."""
    whole = decoded(b"".join(options.lines(file)), file)
    parts = [part.strip() for part in re.split(r"^-{3,}\s*$", whole, flags=re.MULTILINE)]
    name = text("text of {file}", file=file)
    return [checked(part, name) for part in parts if part] or [checked("", file)]
