"""ltm mcp, spoken to by the SDK's own client over a real pipe."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

from tests.conftest import Ltm


def talk(ltm: Ltm, scene: Callable[[Client], Awaitable[None]], *options: str) -> None:
    """Play a scene with a server of this home."""

    async def play() -> None:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "ltm_cli", "mcp", *options], env=ltm.environment
        )
        async with Client(server, read_timeout_seconds=300) as client:
            await scene(client)

    asyncio.run(play())


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result
    assert result.structured_content is not None
    found = result.structured_content
    return found["result"] if found.keys() == {"result"} else found


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return str(result.content[0].text)  # type: ignore[union-attr]


def test_an_agent_remembers_recalls_and_asks(ltm: Ltm, tiny_gguf: Path) -> None:
    ltm.environment["LTM_MODEL"] = str(tiny_gguf)

    async def scene(client: Client) -> None:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert names == {"remember", "recall", "ask", "today"}
        stored = await call(
            client, "remember", text="Tom is moving to Lisbon 🚚", at="昨天", tags=["move"]
        )
        assert (stored["at"], stored["tags"]) == ("2024-06-09T00:00:00", ["move"])
        await call(client, "remember", text="我要在周五之前交季度报告")
        await call(client, "remember", text="My sister's name is Lena")
        [first, *_] = await call(client, "recall", query="Where is Tom moving to?")
        assert first["text"] == "Tom is moving to Lisbon 🚚"
        [found] = await call(client, "recall", query="", keywords=["季度"])
        assert found["id"] == 2
        assert await call(client, "recall", query="Lisbon", since="2024-06-10") == []
        answer = await call(client, "ask", question="Where is Tom moving to?")
        assert "Lisbon" in answer["answer"]
        assert answer["sources"][0]["id"] == 1
        assert (await call(client, "ask", question="谁偷了我的自行车？"))["abstained"]
        brief = await call(client, "today")
        assert [one["due"][:10] for one in brief["due"]] == ["2024-06-14"]

    talk(ltm, scene)
    assert len(ltm.json("list")) == 3  # what an agent asks is not remembered


def test_facts_and_profile_are_resources(ltm: Ltm) -> None:
    ltm("remember", "My sister's name is Lena")
    ltm("remember", "我喜欢喝美式咖啡 ☕")

    async def scene(client: Client) -> None:
        uris = {str(one.uri) for one in (await client.list_resources()).resources}
        assert uris == {"ltm://facts", "ltm://profile"}
        for uri, of in (("ltm://facts", "facts"), ("ltm://profile", "profile")):
            [content] = (await client.read_resource(uri)).contents
            assert json.loads(content.text) == ltm.json(of)  # type: ignore[union-attr]

    talk(ltm, scene)


def test_mistakes_are_told_in_words(ltm: Ltm) -> None:
    async def scene(client: Client) -> None:
        assert "empty" in await refused(client, "remember", text="  ")
        assert "NUL" in await refused(client, "remember", text="a\0b")
        assert "2024-05-10" in await refused(client, "remember", text="x", at="whenever 吧")
        assert "forget" in await refused(client, "forget", ids=[1])  # no such tool

    talk(ltm, scene)


def test_one_server_is_for_one_user_and_forgets_if_it_may(ltm: Ltm) -> None:
    ltm("remember", "Anna's secret garden", "--user", "anna")
    ltm("remember", "my own 花园")

    async def scene(client: Client) -> None:
        assert [one["id"] for one in await call(client, "recall", query="garden 花园")] == [2]
        assert "memory 1" in await refused(client, "forget", ids=[1])
        assert [one["id"] for one in await call(client, "forget", ids=[2])] == [2]
        assert await call(client, "recall", query="花园") == []

    talk(ltm, scene, "--allow-forget")
    assert ltm.json("list", "--user", "anna")
    ltm("undo")
    assert ltm.json("list")[0]["text"] == "my own 花园"


def test_how_clients_are_told(ltm: Ltm) -> None:
    told = ltm.json("mcp", "--user", "work", "--allow-forget")["mcpServers"]["ltm"]
    assert told == {
        "command": "ltm",
        "args": ["--home", str(ltm.home), "mcp", "--user", "work", "--allow-forget"],
    }
