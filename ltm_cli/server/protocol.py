"""What goes over the socket: frames, one line of JSON each.

client                                              server
{"do": "run", "version", "arguments", "folder",
 "environment", "started", "terminal"}              {"out": TEXT} {"err": TEXT} {"read": true}
{"in": TEXT}                                        {"status": N}
{"do": "status"}                                    {"pid", "model", "answered", …}
{"do": "stop"}                                      {"stopping": true}
any of another version                              {"other": VERSION}
"""

from __future__ import annotations

import json
import os
import socket
from typing import Any, BinaryIO

from ltm_cli.core.sanitize import json_value

NAME = "serve.sock"

Frame = dict[str, Any]


def path(home: str) -> str:
    """Where the server of a home listens."""
    return os.path.join(home, NAME)  # noqa: PTH118 # the client does without pathlib


def connected(home: str) -> socket.socket | None:
    """A connection to the server of a home; None when nobody serves."""
    if not hasattr(socket, "AF_UNIX"):
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(path(home))
    except OSError:  # no such file, nobody behind it, or a path too long for a socket
        connection.close()
        return None
    return connection


def send(stream: BinaryIO, frame: Frame) -> None:
    """Raises OSError when the other side is gone."""
    stream.write(json.dumps(frame, ensure_ascii=True).encode() + b"\n")
    stream.flush()


def receive(stream: BinaryIO) -> Frame | None:
    """The next frame; None when the other side is gone, or says what is no frame."""
    try:
        found = json_value(stream.readline() or b"null")
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
