"""Chats with an assistant: a question with its answer is one memory, an exchange.

That is how people look for them, what `ltm recall --keyword` gives, and what keeps the two apart
whose words they are: an answer opens no task and states nothing of the user. What was answered in
several messages is one answer; a question without one, and words of the assistant that nobody asked
for, are texts (these with the assistant as the speaker).

The session is the id of the conversation, which stays when its title is changed; the title is a
tag, beside the name of the program. The ref of an exchange is the id of the answer's first message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ltm_cli.core.messages import N_
from ltm_cli.core.record import Record
from ltm_cli.features.importers.items import Item, Skipped

USER, ASSISTANT = "user", "assistant"
_BRANCH = "branch"  # the tag of what was replaced by an edit or another answer


class Message(NamedTuple):
    """What somebody said; `at` is local wall time in ISO 8601, empty if unknown."""

    id: str
    role: str
    text: str
    at: str


@dataclass(frozen=True)
class Conversation:
    """Whose messages follow: `source` is the program's name, `name` how the assistant is called.

    `started` is the time of messages that have none, before the first that has one.
    """

    source: str
    name: str
    id: str
    tags: tuple[str, ...]
    started: str = ""

    def records(self, messages: Iterable[Message], more: tuple[str, ...] = ()) -> Iterator[Record]:
        """The memories of messages in their order; `more` are tags of all of them."""
        asked: Message | None = None
        answers: list[Message] = []
        at = self.started
        for message in messages:
            at = message.at or at
            message = message._replace(at=at)
            if message.role == ASSISTANT:
                answers.append(message)
                continue
            if asked or answers:
                yield self._record(asked, answers, more)
            asked, answers = message, []
        if asked or answers:
            yield self._record(asked, answers, more)

    def _record(
        self, asked: Message | None, answers: list[Message], more: tuple[str, ...]
    ) -> Record:
        first = answers[0] if answers else asked
        assert first is not None
        record = Record(
            at=(asked or first).at, session=self.id, ref=f"{self.source}:{first.id}",
            tags=[self.source, *self.tags, *more],
        )  # fmt: skip
        answer = "\n\n".join(one.text for one in answers)
        if asked and answers:
            record.question, record.answer = asked.text, answer
        elif asked:
            record.text = asked.text
        else:
            record.text, record.speaker = answer, self.name
        return record


def tree(
    conversation: Conversation,
    parents: Mapping[str, str | None],
    said: Mapping[str, Message],
    leaf: str,
    branches: bool,
) -> Iterator[Item]:
    """The memories of messages that are a tree: of the way to `leaf`, which is what was shown last.

    `parents` names the node above each, `said` the messages of those that say something. What was
    edited or answered again is on other branches: passed over, or with `branches` tagged as such.
    """
    seen: set[str] = set()
    yield from conversation.records(_way(leaf, parents, said, seen))
    if not branches:
        if others := sum(1 for id in said if id not in seen):
            yield Skipped(
                N_("messages on other branches (import them with --branches)"), number=others
            )
        return
    inner = set(parents.values())
    for end in [id for id in parents if id not in inner]:
        messages = _way(end, parents, said, seen)
        if messages and messages[0].role == ASSISTANT:  # another answer to a question seen above
            above = parents.get(messages[0].id)
            messages[:0] = [one for one in _way(above, parents, said, set()) if one.role == USER][
                -1:
            ]
        yield from conversation.records(messages, (_BRANCH,))


def _way(
    end: str | None,
    parents: Mapping[str, str | None],
    said: Mapping[str, Message],
    seen: set[str],
) -> list[Message]:
    """The messages from the first node that was not seen down to `end`; all are seen then."""
    found: list[Message] = []
    while end is not None and end in parents and end not in seen:
        seen.add(end)
        if message := said.get(end):
            found.append(message)
        end = parents[end]
    return found[::-1]
