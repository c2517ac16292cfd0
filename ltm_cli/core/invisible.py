"""Characters that cannot be seen: told from those that shape the characters beside them.

Apart from sanitize.py because few texts hold any, and the pattern takes as long to compile as the
rest of a small command.
"""

from __future__ import annotations

import re

from ltm_cli.core import sanitize

_SEEN = rf"[^\x00-\x7f\s{sanitize.BREAKS}{sanitize.BIDI}{sanitize.UNSEEN}]"
# Where they belong: the joiners of emoji and of Persian and Indian words, the selectors of emoji,
# of Mongolian letters and of Chinese characters, the flags of England, Scotland and Wales.
_KEPT = (
    f"(?:(?<={_SEEN})|(?<=\ufe0f))[\u200c\u200d](?={_SEEN})"
    f"|(?<={_SEEN})[\ufe00-\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    "|(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f]"
    "|(?<=[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"
    "|(?<=\U0001f3f4)\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067"
    "|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
_HIDDEN = re.compile(f"(?P<kept>{_KEPT})|[{sanitize.UNSEEN}]+")
_SOFT = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")  # one of them hides nothing


def marked(text: str) -> str:
    """The text with a � for each run of them; a single soft hyphen or joiner is left out."""

    def mark(match: re.Match[str]) -> str:
        return match.group() if match["kept"] else "" if match.group() in _SOFT else "\ufffd"

    return _HIDDEN.sub(mark, text)


def escaped(document: str) -> str:
    """A JSON document with them escaped."""
    return _HIDDEN.sub(
        lambda match: match.group() if match["kept"] else sanitize.escaped(match.group()), document
    )
