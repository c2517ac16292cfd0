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
        bool, typer.Option("--allow-forget", help="Allow agents to delete memories.")
    ] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Give agents access to your memories, over MCP.

    An MCP server on standard input and output, for one user. Tools: remember, recall, ask, today
    and, if allowed, forget; resources: ltm://facts, ltm://profile. --json prints the configuration
    for MCP clients.

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
    with pool.keep_open():
        mcp.server(LongTermMemory(home), user, forgets=forgets).run("stdio")
