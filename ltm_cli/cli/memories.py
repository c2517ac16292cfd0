"""ltm list, show, edit, forget, undo"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound, UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.record import KINDS, SECRET, iso
from ltm_cli.core.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)

Id = Annotated[int, typer.Argument(metavar="ID", help="Number of a memory, as ltm list shows it.")]


@app.command("list")
def list_(
    context: typer.Context,
    since: options.Since = None,
    until: options.Until = None,
    on: options.On = None,
    kind: options.Kind = None,
    session: options.SessionName = None,
    inside: options.In = None,
    tag: options.Tag = None,
    limit: options.Limit = None,
    secrets: options.Secrets = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """List memories in order of time.

    \b
    Examples:
      ltm list --limit 20
      ltm list --on 上周三
      ltm list --tag work --since "last month" --json
    """
    from ltm_cli.indexing import writer

    which = options.filters(since, until, on, kind, session, tag)
    with options.session(context, user, write=False) as memory:
        which = options.within(memory, inside, which)
        found = console.masked(writer.select(memory.store, which, newest=limit), secrets)
    if json:
        console.document([record.as_dict() for record in found])
    else:
        console.records(found)
    if not found:
        raise NothingFound(
            text("nothing found") if which else text("nothing is remembered yet"),
            text("change the filters") if which else text('begin with: ltm remember "…"'),
        )


@app.command("show")
def show_(
    context: typer.Context,
    id: Id,
    secrets: options.Secrets = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Show everything about one memory.

    \b
    Examples:
      ltm show 12
      ltm show 12 --json
      ltm show 12 --secrets
    """
    from ltm_cli.indexing import writer

    with options.session(context, user, write=False) as memory:
        [found] = console.masked(writer.fetch(memory.store, [id]), secrets)
    if json:
        console.document(found.as_dict())
    else:
        console.record(found)


@app.command()
def edit(
    context: typer.Context,
    id: Id,
    new: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT]...", help='The new text; "-" reads it from standard input.'),
    ] = None,
    question: Annotated[
        str | None, typer.Option("--question", "-Q", help="New question of an exchange.")
    ] = None,
    answer: Annotated[
        str | None, typer.Option("--answer", "-A", help="New answer of an exchange.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="WHEN", help="When it happened.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help=f"New kind: {', '.join(KINDS)}.")
    ] = None,
    session: Annotated[
        str | None, typer.Option("--session", metavar="NAME", help="Conversation it belongs to.")
    ] = None,
    speaker: Annotated[
        str | None, typer.Option("--speaker", metavar="NAME", help="Who said it.")
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="New tag; repeatable. Replaces all tags."),
    ] = None,
    secret: Annotated[
        bool | None,
        typer.Option(
            "--secret/--no-secret", help="Keep it out of answers and exports, or no longer."
        ),
    ] = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Change the text, time or anything else of a memory.

    Without a new text or an option, the text opens in $EDITOR.

    \b
    Examples:
      ltm edit 12 "Took Mochi to the vet, she weighs 2.3 kg"
      ltm edit 12 --at "last Friday" --tag cat
      ltm edit 12 --secret
    """
    from ltm_cli.cli import notices
    from ltm_cli.core import task_status
    from ltm_cli.indexing import writer

    values: dict[str, Any] = {
        key: value
        for key, value in {
            "question": question, "answer": answer, "kind": kind, "session": session,
            "speaker": speaker,
        }.items()
        if value is not None
    }  # fmt: skip
    if at is not None:
        values["at"] = iso(options.moment(at))
    with options.session(context, user, write=True) as memory:
        [before] = writer.fetch(memory.store, [id])
        if tag is not None:  # what was decided about a task stays, and a secret is one
            kept = [one for one in before.tags if task_status.is_mark(one) or one == SECRET]
            values["tags"] = [*tag, *kept]
        if secret is not None:
            others = [one for one in values.get("tags", before.tags) if one != SECRET]
            values["tags"] = [*others, *([SECRET] if secret else [])]
        if new:
            values["text"] = options.given(new, missing="")
        elif not values:
            values |= _in_editor(before.parts)
        after = memory.edit(id, **values)
        done = text("Changed {id}. ltm undo reverses it.", id=id)
        notices.report(memory, after, done, json=json, warned=secret is not None)
    options.embed(context)


@app.command()
def forget(
    context: typer.Context,
    ids: Annotated[
        list[int] | None,
        typer.Argument(metavar="ID...", help="Numbers of memories, as ltm list shows them."),
    ] = None,
    inside: Annotated[
        str | None, typer.Option("--in", metavar="TITLE", help="Forget all of this document.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Forget everything of the user.")] = False,
    now: Annotated[
        bool, typer.Option("--now", help="Erase permanently; ltm undo cannot bring it back.")
    ] = False,
    keep_answers: Annotated[
        bool,
        typer.Option("--keep-answers", help="Keep answers of ltm ask that quote these memories."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Forget memories. `ltm undo` brings them back within 24 hours.

    Facts derived from them and answers of ltm ask that quote them are forgotten too. With --now
    they are erased from the disk and cannot be brought back; --all erases the name of the user as
    well.

    \b
    Examples:
      ltm forget 12
      ltm forget 12 13 14 --now --yes
      ltm forget --in report
      ltm forget --all --user guest --now
    """
    from ltm_cli.core.filter import EVERYTHING
    from ltm_cli.indexing import quotations, writer
    from ltm_cli.storage.sqlite import snapshots

    if [bool(ids), inside is not None, every].count(True) != 1:
        raise UsageError(
            text("nothing to forget was named"), text("give one of: ids, --in TITLE, --all")
        )
    with options.session(context, user, write=True) as memory:
        if inside is not None:
            found = writer.select(memory.store, options.within(memory, inside, EVERYTHING))
            question = text(
                "Forget “{title}” ({count} passages)?", title=found[0].session, count=len(found)
            )
        elif every:
            found = writer.select(memory.store, EVERYTHING)
            question = text("Forget all {count} memories of {user}?", count=len(found), user=user)
        else:
            found = writer.fetch(memory.store, list(dict.fromkeys(ids or ())))
            question = (
                text("Forget 1 memory?")
                if len(found) == 1
                else text("Forget {count} memories?", count=len(found))
            )
        derived = writer.dependents(memory.store, found, answers=not keep_answers)
        if not json and not yes:
            for record in () if every or inside is not None else (*found, *derived):
                console.note(
                    f"{record.id}  {console.time(record.at)}  {console.text(record.masked)}"
                )
        if derived and not json:
            listed = " ".join(str(one.id) for one in derived)
            console.note(text("Also forgotten, because it quotes this: {ids}", ids=listed))
        if not options.confirmed(question, yes=yes):
            raise typer.Abort
        wanted = [record.id for record in found]
        older = snapshots.kept(memory.settings.database) if now else []
        if every:
            found = writer.forget_all(memory.store, now=now)
        else:
            found = memory.forget(wanted, now=now, answers=not keep_answers)
        same = [] if every or json else quotations.doubles(memory.store, found)
        done = memory.store.finish_erasing()
    if json:
        console.document([record.masked.as_dict() for record in found])
    else:
        if now:
            console.note(text("Forgot {count}, permanently.", count=len(found)))
        else:
            console.note(
                text("Forgot {count} (ltm undo reverses it within 24 hours).", count=len(found))
            )
        for file in older:
            console.note(text("Deleted {file}, an older copy that may contain it.", file=file))
    if same:
        listed = " ".join(map(str, same))
        console.note(text("The same text is also in {ids}: ltm forget {ids}", ids=listed))
    if not done:
        console.note(
            text(
                "Another ltm process is still reading the old data;"
                " the next command after it ends erases the rest."
            )
        )


@app.command()
def undo(
    context: typer.Context, user: options.User = DEFAULT_USER, json: options.Json = False
) -> None:
    """Undo the last change, if it was made within 24 hours.

    It undoes what remember, edit, forget, ask or import has done.

    \b
    Examples:
      ltm undo
      ltm undo --json
    """
    with options.session(context, user, write=True) as memory:
        undone = memory.undo()
    if undone is None:
        raise NothingFound(text("nothing to undo"), text("changes can be undone within 24 hours"))
    if json:
        console.document({
            "action": undone.action,
            "restored": [record.masked.as_dict() for record in undone.restored],
            "removed": [record.masked.as_dict() for record in undone.removed],
        })  # fmt: skip
        return
    console.note(
        text(
            "Undone: {action} ({restored} restored, {removed} removed).",
            action=undone.action,
            restored=len(undone.restored),
            removed=len(undone.removed),
        )
    )
    console.records(one.masked for one in undone.restored or undone.removed)


def _in_editor(parts: list[str]) -> dict[str, object]:
    """The texts of a memory as the person left them in $EDITOR, by their field."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(text("nothing to change"), text("give a new text, --at, --tag, …"))
    separator = "\n" + text("--- answer below this line ---") + "\n"
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory() as folder:  # readable by its owner alone
        file = Path(folder) / "memory.txt"
        file.write_text(separator.join(parts), "utf-8")
        try:
            subprocess.run([*shlex.split(editor), str(file)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            failed = text("the editor failed: {error}", error=error)
            raise UsageError(failed, text("set EDITOR to the editor to use")) from None
        edited = file.read_text("utf-8").rstrip("\n")
    if len(parts) == 1:
        return {"text": edited}
    question, found, answer = edited.partition(separator)
    if not found:
        raise UsageError(
            text("the line between question and answer is missing"),
            text("leave that line in place"),
        )
    return {"question": question, "answer": answer}
