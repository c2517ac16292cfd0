"""What is offered for the arguments and options of commands, by the name of the parameter.

A parameter `tag`, `session`, `ids`, … of a new command is completed without a line of code here.
Only names and ids of the user that the command line speaks of are offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ltm_cli.core import settings
from ltm_cli.core.messages import help_text, text
from ltm_cli.core.record import KINDS
from ltm_cli.core.sanitize import one_line, visible
from ltm_cli.storage.sqlite import completion
from ltm_cli.storage.sqlite.completion import Offer, Source

_ABOUT = 60  # characters of a description

# What the store knows, by "command parameter" or "parameter".
STORED: dict[str, Source] = {
    "user": lambda db, user, begin: completion.users(db, begin),
    "tag": completion.tags,
    "speaker": completion.speakers,
    "session": completion.sessions,
    "inside": completion.titles,
    "title": completion.titles,
    "id": completion.memories,
    "ids": completion.memories,
    "task ids": completion.tasks,
    "task reopen ids": partial(completion.tasks, open=False),
    "facts id": completion.facts,
    "subject": completion.subjects,
}


def _kinds(home: settings.Settings) -> list[Offer]:
    return [(kind, "") for kind in KINDS]


def _languages(home: settings.Settings) -> list[Offer]:
    return [("zh", "中文"), ("en", "English")]


def _keys(home: settings.Settings) -> list[Offer]:
    return [(key, help_text(one.about)) for key, one in settings.KEYS.items()]


def _models(home: settings.Settings, *, here: bool | None = None) -> list[Offer]:
    """Models by name; `here`: only those that were pulled, or only those that were not."""
    from ltm_cli.llm import hub

    files = {path.name for path in home.models.glob("*.gguf")}
    known = {one.basename: one for one in hub.catalogue()}
    found: list[Offer] = [("bundled", text("comes with ltm-cli[model]"))] if here is None else []
    if here is not False:
        found += [(known[file].name if file in known else file, "") for file in sorted(files)]
    if here is not True:
        absent = (one for one in known.values() if one.basename not in files)
        found += [(one.name, text(one.about)) for one in absent] if here is False else []
    return found


def _topics(home: settings.Settings) -> list[Offer]:
    from ltm_cli.cli.commands import COMMANDS
    from ltm_cli.cli.topics import TOPICS

    return [*((topic, "") for topic in TOPICS), *((command, "") for command in COMMANDS)]


# What is known without the store, in the same way.
FIXED: dict[str, Callable[[settings.Settings], list[Offer]]] = {
    "kind": _kinds,
    "lang": _languages,
    "key": _keys,
    "model": _models,
    "model use file": _models,
    "model info file": _models,
    "model pull source": partial(_models, here=False),
    "model remove name": partial(_models, here=True),
    "topic": _topics,
}


def values(context: Any, parameter: str, begin: str) -> list[Offer] | None:
    """What a parameter may be, (value, description) each; None when that is not known.

    `context` is typer's, of the command as far as it is typed.
    """
    root = context.find_root()
    path = [*context.command_path.split()[1:], parameter]
    home = settings.load(root.params.get("home"))
    for name in (" ".join(path), f"{path[0]} {parameter}", parameter):
        if name in FIXED:
            found = FIXED[name](home)
            return _fit(one for one in found if one[0].startswith(begin))
        if name in STORED:
            user = context.params.get("user") or settings.default_user()
            with completion.opened(home.database) as db:
                return _fit(STORED[name](db, user, begin) if db else [])
    return None


def _fit(found: Iterable[Offer]) -> list[Offer]:
    """Those that can be typed: a value with a control character or line break cannot."""
    return [
        (value, one_line(about)[:_ABOUT])
        for value, about in found
        if value and visible(value) == value and not {"\n", "\t"} & set(value)
    ]
