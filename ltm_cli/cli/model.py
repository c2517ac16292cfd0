"""ltm model list, pull, use, info, remove"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from ltm_cli.cli import options
from ltm_cli.core import console, settings
from ltm_cli.core.errors import ModelError, NothingFound, UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.sanitize import one_line

app = typer.Typer(rich_markup_mode=None)
model = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(model, name="model", help="The models that answer and embed.")

Name = Annotated[str | None, typer.Argument(help="A name from ltm model list, or a GGUF file.")]


@model.command("list")
def list_(context: typer.Context, json: options.Json = False) -> None:
    """List the models on this machine, and those you can download.

    The first column shows * for the model that answers, e for the one that embeds, and + for other
    models on this machine. "GB" is the size of the file, "memory" about how many GB the model needs
    when it runs. --json adds source, licence and sha256.

    \b
    Examples:
      ltm model list
      ltm model list --json | jq -r '.[] | select(.licence == "Apache-2.0").name'
    """
    from ltm_cli.cli import model_rows
    from ltm_cli.llm import hub

    home = options.chosen(context)
    found = model_rows.here(home)
    here = {one["path"] and Path(one["path"]).name for one in found}
    found += [model_rows.row_of(one) for one in hub.catalogue() if one.basename not in here]
    if json:
        console.document(found)
    else:
        console.rows(
            (
                "",
                text("model"),
                text("GB"),
                text("memory (RAM)"),
                text("languages"),
                text("good for"),
            ),
            [model_rows.line(one) for one in found],
        )
    if not any(one["installed"] for one in found):
        console.note(text("No model is on this machine; download one with ltm model pull NAME."))


@model.command()
def pull(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A name from ltm model list, or OWNER/REPO/FILE.gguf."),
    ],
    use: Annotated[
        bool, typer.Option("--use", help="Use it from now on, as ltm model use does.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Download a model from Hugging Face.

    An interrupted download continues when the command is run again. The file is kept only if its
    sha256 is the one in the catalogue or, for other models, the one that Hugging Face states. Set
    HF_ENDPOINT to use a mirror.

    \b
    Examples:
      ltm model pull qwen2.5-1.5b --use
      ltm model pull Qwen/Qwen2.5-3B-Instruct-GGUF/qwen2.5-3b-instruct-q4_k_m.gguf
      HF_ENDPOINT=https://hf-mirror.com ltm model pull qwen3-4b
    """
    from ltm_cli.cli import model_selection
    from ltm_cli.llm import download as pulling
    from ltm_cli.llm import file_hash, hub

    home = options.chosen(context)
    what = hub.find(source)
    size = f"{what.bytes / 1e9:.1f} GB" if what.bytes else text("size unknown")
    console.note(
        text(
            "{file} ({size}, licence: {licence})",
            file=f"{what.repository}/{what.file}",
            size=size,
            licence=what.licence or text("see its page"),
        )
    )
    settings.ensure_home(home.home)
    try:
        done = pulling.pull(what, home.models, partial(console.progress, bytes=True))
    except KeyboardInterrupt:
        console.note(text("The downloaded part is kept; run the command again to continue."))
        raise
    file_hash.save_known(done.path, home.bank, done.sha256)
    by = "catalogue" if what.sha256 else "hub"
    if done.fetched:
        console.note(text("Downloaded {path} (sha256 verified).", path=done.path))
    else:
        console.note(text("Already downloaded: {path} (sha256 verified).", path=done.path))
    if not use:
        flag = "--embed " if what.kind == hub.EMBED else ""
        console.note(text("To use it: ltm model use {name}", name=f"{flag}{what.name}"))
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
            help='A name from ltm model list, a GGUF file, "bundled", or the URL of a server.'
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="MODEL", help="Name of the model on that server."),
    ] = None,
    embed: Annotated[
        str | None,
        typer.Option(
            "--embed",
            metavar="FILE",
            help='Embedding model for semantic search; "none" turns it off.',
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Choose the model that answers or, with --embed, the one for semantic search.

    A server is anything with the chat completions API of OpenAI (llama-server, Ollama, vLLM). If
    you choose one, the memories found for a question are sent to it.

    Embedding your memories may take a while. If it is interrupted, the next ltm remember, import or
    model use --embed continues it.

    \b
    Examples:
      ltm model use qwen2.5-1.5b
      ltm model use ~/models/Qwen2.5-1.5B-Instruct-Q4_K_M.gguf
      ltm model use bundled
      ltm model use http://127.0.0.1:8080/v1 --name qwen3
      ltm model use --embed ~/models/all-MiniLM-L6-v2.f16.gguf
    """
    from ltm_cli.cli import model_selection
    from ltm_cli.llm import openai as openai_server

    home = options.chosen(context)
    if file is None and embed is None:
        raise UsageError(text("no model given"), text("give a model, or --embed FILE"))
    told: dict[str, object] = {}
    if name is not None and not (file and openai_server.is_url(file)):
        raise UsageError(
            text("--name can only be used with the URL of a server"),
            text("for example: ltm model use http://127.0.0.1:8080/v1 --name MODEL"),
        )
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
    """Show the properties of a model, and whether the memory bank works with it.

    Without a name, shows the model that answers. For a model that is not on this machine, shows
    what the catalogue says.

    \b
    Examples:
      ltm model info
      ltm model info qwen3-4b
      ltm model info ~/models/Qwen2.5-1.5B-Instruct-Q4_K_M.gguf --json
    """
    from ltm_cli.llm import catalogue, gguf, hub

    home = options.chosen(context)
    known = hub.find_by_name(file) if file else None
    if known and not (home.models / known.basename).is_file() and not Path(str(file)).is_file():
        _show(asdict(known) | {"installed": False}, json=json)
        return
    choice = catalogue.choose(home, file)
    if choice is None:
        raise ModelError(
            text("there is no model"), text("pip install 'ltm-cli[model]', or ltm model pull NAME")
        )
    found = asdict(gguf.load_info(choice.path))
    found["languages"] = choice.languages or found["languages"]
    reason = gguf.why_not_cacheable(choice.path)
    found |= {"bank": reason is None, "no_bank": reason}
    if known := hub.find_by_file(choice.path):
        found |= {"licence": known.licence, "repository": known.repository, "about": known.about}
    if file is None:
        found["embed"] = home.embed or "none"
    _show(found, json=json)


@model.command()
def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name from ltm model list.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask, even if the model is in use.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Delete a downloaded model.

    Partial downloads and its part of the memory bank are deleted too.

    \b
    Examples:
      ltm model remove qwen2.5-0.5b
      ltm model remove qwen2.5-0.5b-instruct-q4_k_m.gguf --yes
    """
    from ltm_cli.cli import model_selection
    from ltm_cli.kvcache import cache as kv
    from ltm_cli.llm import download as pulling
    from ltm_cli.llm import file_hash, hub

    home = options.chosen(context)
    known = hub.find_by_name(name)
    path = home.models / (known.basename if known else Path(name).name)
    files = [one for one in (path, *pulling.find_partial(path)) if one.is_file()]
    if not files:
        raise NothingFound(
            text("there is no downloaded model {name}", name=name),
            text("only models in {folder} can be removed", folder=home.models),
        )
    answers, embeds = (
        chosen is not None and Path(chosen).expanduser().absolute() == path.absolute()
        for chosen in (home.model, home.embed)
    )
    if (answers or embeds) and not yes:
        instead = "bundled" if answers else "--embed none"
        raise UsageError(
            text("{name} is in use", name=name),
            text("run ltm model use {instead} first, or add --yes", instead=instead),
        )
    size = sum(one.stat().st_size for one in files)
    question = text("Delete {path} ({size} GB)?", path=path, size=f"{size / 1e9:.1f}")
    if not options.confirmed(question, yes=yes):
        raise NothingFound(text("nothing was deleted"))
    digest = file_hash.forget_known(path, home.bank) if path in files else None
    for one in files:
        one.unlink()
    entries = kv.delete_model(home.bank, digest) if digest else 0
    if answers:
        settings.set_value(home, "model", None)
    if embeds:
        model_selection.embed_with(context, home, "none")
    console.note(text("Deleted {path} and {count} memory bank entries.", path=path, count=entries))
    if json:
        console.document({"path": str(path), "bytes": size, "entries": entries})


def _show(found: dict[str, Any], *, json: bool) -> None:
    if json:
        console.document(found)
        return
    for key, value in found.items():
        if isinstance(value, list | tuple):
            value = " ".join(value) or text("not stated")
        console.line(f"{key + ':':20}{'-' if value in (None, '') else one_line(str(value))}")
