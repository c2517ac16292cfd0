"""A client as the command sees it that runs for it: three streams that go over the socket."""

from __future__ import annotations

import contextlib
import io
import queue
import threading
from typing import Any, BinaryIO, TextIO, cast

from ltm_cli.server import protocol
from ltm_cli.server.client import NAMES


class NobodyThere(KeyboardInterrupt):
    """The client hung up: nobody waits for this answer any more."""


class Caller:
    """One client whose command runs, or waits to."""

    names = NAMES

    def __init__(self, frame: protocol.Frame, reads: BinaryIO, writes: BinaryIO) -> None:
        self.frame = frame
        self.gone = False
        self._reads, self._writes = reads, writes
        self._given: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._done = threading.Event()
        terminal = frame["terminal"]
        self.streams = cast(
            "tuple[TextIO, TextIO, TextIO]",
            (
                _In(self, terminal[0]),
                _Out(self, "out", terminal[1]),
                _Out(self, "err", terminal[2]),
            ),
        )

    def listen(self) -> None:
        """Hear the client out; returns when it hangs up, or when its command is done."""
        while not self._done.is_set():
            frame = protocol.receive(self._reads)
            if frame is None:
                self.gone = not self._done.is_set()
                self._given.put(b"")
                return
            self._given.put(frame.get("in", "").encode("utf-8", "surrogateescape"))

    def reply(self, frame: protocol.Frame) -> None:
        with contextlib.suppress(OSError, ValueError):  # it has hung up, which `listen` sees
            protocol.send(self._writes, frame)

    def read(self) -> bytes:
        """All of the client's standard input."""
        self.reply({"read": True})
        return self._given.get()

    def finish(self, status: int) -> None:
        self._done.set()
        self.reply({"status": status})


class _Stream(io.TextIOBase):
    """What a command may ask of a standard stream."""

    encoding = "utf-8"

    def __init__(self, terminal: bool) -> None:
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def reconfigure(self, **_: Any) -> None:
        """It is UTF-8 already."""


class _Out(_Stream):
    def __init__(self, caller: Caller, name: str, terminal: bool) -> None:
        super().__init__(terminal)
        self._caller, self._name = caller, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._caller.reply({self._name: text})
        return len(text)


class _In(_Stream):
    def __init__(self, caller: Caller, terminal: bool) -> None:
        super().__init__(terminal)
        self._caller = caller

    @property
    def buffer(self) -> io.BytesIO:
        return io.BytesIO(self._caller.read())
