"""The root of the command line: commands that load when they are used, and one error boundary.

A command's module is imported when it is invoked (or listed by --help), so that starting `ltm`
costs little more than importing typer. Every error ends here, as two lines on stderr and the
exit status of errors.py.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import ltm_cli
from ltm_cli.cli.commands import COMMANDS, group
from ltm_cli.core.errors import Exit, LtmError, is_full
from ltm_cli.core.messages import language, text


class LtmGroup(TyperGroup):
    """The group of all commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        command = group(COMMANDS[cmd_name]).commands[cmd_name]
        if language() == "zh":
            from ltm_cli.cli import localize

            localize.prepare(command)
        return command

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # `ltm list | head`: nobody reads on, and that is fine
            _discard_output()
            return None
        except KeyboardInterrupt as error:  # typer would end the command without a word
            if type(error) is KeyboardInterrupt:  # else whom it was for has gone (server/)
                print("\n" + text("interrupted"), file=sys.stderr)
            raise typer.Exit(Exit.INTERRUPTED) from None

    def main(self, *args: Any, **kwargs: Any) -> Any:
        _utf8()
        kwargs |= {"standalone_mode": False, "prog_name": "ltm"}
        if language() == "zh":
            from ltm_cli.cli import localize

            localize.prepare(self)
        elif localized := sys.modules.get("ltm_cli.cli.localize"):
            localized.restore()
        if asked := os.environ.get("_LTM_COMPLETE"):  # by a shell, at the press of TAB
            from ltm_cli.cli import completion

            completion.answer(self, asked, sys.argv[1:])
            sys.exit(Exit.OK)
        try:
            status = super().main(*args, **kwargs)
            sys.stdout.flush()
        except BrokenPipeError:  # as in invoke, of the last lines
            _discard_output()
            status = Exit.OK
        except (KeyboardInterrupt, typer.Abort):
            print("\n" + text("interrupted"), file=sys.stderr)
            status = Exit.INTERRUPTED
        except LtmError as error:
            status = _report(str(error), error.hint, error.exit)
        except typer.TyperException as error:  # how typer reports wrong usage
            context = getattr(error, "ctx", None)
            command = context.command_path if context else "ltm"
            if type(error).__name__ == "NoArgsIsHelpError":
                print(error.format_message())
                sys.exit(Exit.OK)
            status = _report(_of_typer(error), f"{command} --help", Exit.USAGE)
        except Exception as error:
            if "--debug" in sys.argv:
                raise
            status = _unexpected(error)
        sys.exit(int(status or 0))


app = typer.Typer(
    cls=LtmGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"ltm {ltm_cli.__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option("--home", metavar="DIR", help="Folder of all data. [env var: LTM_HOME]"),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show a traceback when there is a bug.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """A private long-term memory for the command line. It is stored on this machine only.

    \b
    Examples:
      ltm remember "The wifi password of the cabin is heron-42"
      ltm recall cabin wifi
      ltm ask "What is the wifi password of the cabin?"
      ltm recall --keyword 天气

    \b
    More: ltm COMMAND --help, ltm help exit-codes|environment|json
    """
    context.obj = home


def _of_typer(error: typer.TyperException) -> str:
    message: str = error.format_message()
    if language() == "zh":
        from ltm_cli.cli import localize

        return localize.error(message)
    return message


def _report(message: str, hint: str, status: Exit) -> Exit:
    from ltm_cli.core.sanitize import one_line

    print(f"ltm: {one_line(message)}", file=sys.stderr)
    if hint:
        print(f"     {one_line(hint)}", file=sys.stderr)
    return status


def _unexpected(error: Exception) -> Exit:
    """An error that is nobody's class: the system's has a cause, any other is a bug."""
    if isinstance(error, OSError) and is_full(error):
        _discard_output()
        full = text("the disk is full: {error}", error=error)
        return _report(full, text("free some space, then try again"), Exit.STORE)
    if isinstance(error, OSError):
        return _report(str(error), text("check the path and its permissions"), Exit.INPUT)
    if isinstance(error, UnicodeEncodeError):  # of bytes in an argument that are no text
        wrong = text("the input is not valid UTF-8")
        return _report(wrong, text("pass text encoded as UTF-8"), Exit.USAGE)
    unexpected = text("unexpected error: {name}: {error}", name=type(error).__name__, error=error)
    return _report(
        unexpected, text("this is a bug in ltm; add --debug to see where it happened"), Exit.BUG
    )


def _discard_output() -> None:
    """What could not be written is not tried again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _utf8() -> None:
    """Text is UTF-8 whatever the locale; what cannot be encoded is replaced, never fatal."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
