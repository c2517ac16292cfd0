"""ltm mcp"""

from __future__ import annotations

from typing import Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)


@app.command()
def mcp(
    context: typer.Context,
    forgets: Annotated[
        bool, typer.Option("--allow-forget", help="Let agents delete memories, too.")
    ] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Serve your memory to agents over MCP, on standard input and output.

    Tools: remember, recall, ask, today (and forget, if it is allowed); resources: ltm://facts,
    ltm://profile. One server is for one user. --json prints how clients are told of it.

    \b
    Examples:
      ltm mcp
      ltm mcp --user work --allow-forget
      ltm mcp --json
    """
    from ltm_cli import mcp
    from ltm_cli.api import LongTermMemory
    from ltm_cli.llm import pool

    home = options.chosen(context).home.absolute()
    if json:
        arguments = ["--home", str(home), "mcp", "--user", user]
        arguments += ["--allow-forget"] if forgets else []
        console.document({"mcpServers": {"ltm": {"command": "ltm", "args": arguments}}})
        return
    with pool.keeping():
        mcp.server(LongTermMemory(home), user, forgets=forgets).run("stdio")
