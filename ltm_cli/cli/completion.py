"""TAB in bash, zsh and fish: the scripts that ask, and what they are answered.

1. ask      the shell's function runs `ltm` with _LTM_COMPLETE=complete_SHELL and the words that are
            typed so far, the last of which may be unfinished (bash: the line itself)
2. resolve  typer tells which option, argument or command the last word is for
3. offer    its values: cli/completion_values.py, or what typer knows (commands, options, choices)
4. answer   a line each, `value TAB description`; none means files

Nothing that was remembered is ever evaluated by a shell. typer's own scripts are not used: that of
zsh evaluates what it is told, that of bash quotes nothing, and describing values loads rich.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from typer._click import shell_completion as typed

from ltm_cli.cli import completion_values
from ltm_cli.cli.commands import COMMANDS, about
from ltm_cli.core.messages import language
from ltm_cli.storage.sqlite.completion import Offer

SCRIPTS = {
    "bash": r"""
_ltm() {
  mapfile -t COMPREPLY < <(
    _LTM_COMPLETE=complete_bash ltm "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
}
complete -o default -o nosort -F _ltm ltm
""",
    "zsh": r"""#compdef ltm
_ltm() {
  local line
  local -a values lines
  for line in "${(@f)$(_LTM_COMPLETE=complete_zsh ltm \
      "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    values+=("${line%%$'\t'*}")
    lines+=("${line/$'\t'/  -- }")
  done
  if (( $#values )); then
    compadd -V ltm -l -d lines -a -- values
  else
    _files
  fi
}
if [[ $funcstack[1] == _ltm ]]; then _ltm "$@"; else compdef _ltm ltm; fi
""",
    "fish": r"""
function __ltm_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l found (_LTM_COMPLETE=complete_fish ltm $words[2..] "$word" 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path (string unescape -- "$word"; or echo "$word")
    end
end
complete --command ltm --no-files --keep-order --arguments '(__ltm_complete)'
""",
}
_SAFE = re.compile(r"[\w./:=@%+,-]")  # \w: letters of all scripts
_OPEN = {"": "", "'": "'", '"': '"!'}  # what cannot be written between open quotes


def answer(cli: Any, instruction: str, arguments: list[str]) -> None:
    """Print what completes the last of `arguments`; nothing when that is not known, or fails."""
    shell = instruction.removeprefix("complete_")
    try:
        if shell == "bash":
            lines = _bash(cli, *arguments)
        else:
            *words, last = arguments
            last = _plain(last) if shell == "fish" else last
            lines = ["\t".join(filter(None, one)) for one in offer(cli, words, last)]
    except Exception:  # no store, a broken one, a line that makes no sense: files, then
        return
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def offer(cli: Any, words: list[str], last: str, *, told: bool = True) -> list[Offer]:
    """What the last word may become, in full, after the words before it; `told`: what each is."""
    context = typed._resolve_context(cli, {}, "ltm", words)
    if told and language() == "zh":
        from ltm_cli.cli import localize

        localize.translate_all(context.command, context)
    wanted, begin = typed._resolve_incomplete(context, words, last)
    before = last[: len(last) - len(begin)]  # --tag=
    found = None
    if wanted is cli and last[:1] != "-":
        wrong = context._protected_args or context.args  # a command that there is none of
        names = () if wrong else (name for name in COMMANDS if name.startswith(last))
        return [(name, about(name) if told else "") for name in names]
    if hasattr(wanted, "opts"):  # a parameter, not a command
        found = completion_values.values(context, str(wanted.name), begin)
    if found is None:
        known = wanted.shell_complete(context, begin)
        found = [(one.value, one.help or "") for one in known if one.type == "plain"]
    return [(before + value, about.partition("\n")[0]) for value, about in found]


def _bash(cli: Any, line: str, breaks: str) -> list[str]:
    """The replies to a line: each what follows the part of the last word that bash keeps."""
    word, part, quote = _last(line, breaks)
    words = typed.split_arg_string(line[:word])[1:]
    kept = len(_plain(line[word:part]))
    found = [value for value, _ in offer(cli, words, _plain(line[word:]), told=False)]
    return [_quoted(value[kept:], quote) for value in found if not set(_OPEN[quote]) & set(value)]


def _last(line: str, breaks: str) -> tuple[int, int, str]:
    """Where the last word begins, where the part that bash replaces does, and the open quote."""
    word = part = 0
    quote, escaped = "", False
    for place, character in enumerate(line):
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote, part = character, place + 1
        elif character.isspace():
            word = part = place + 1
        elif character in breaks:
            part = place + 1
    return word, part, quote


def _plain(raw: str) -> str:
    """A word without its quotes, of which the last may be open."""
    return (typed.split_arg_string(raw) or [""])[0]


def _quoted(value: str, quote: str) -> str:
    """`value` as bash reads it back, after an open quote or none."""
    if quote == "'":
        return value
    if quote:
        return re.sub(r'([\\$`"])', r"\\\1", value)
    return "".join(one if _SAFE.match(one) else f"\\{one}" for one in value)
