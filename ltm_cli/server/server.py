"""The server: commands run one after another in one process, their models kept open.

Connections are listened to in threads of their own, so that `status` and `stop` are answered while
a question is. Whoever hangs up interrupts the command that runs for them, as Ctrl-C would.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import ltm_cli
from ltm_cli.core.errors import Exit, StoreError
from ltm_cli.core.messages import text
from ltm_cli.server import protocol
from ltm_cli.server.remote_streams import Caller, NobodyThere

Run = Callable[[Sequence[str]], None]  # runs a command line and leaves with SystemExit


class Server:
    """Serves one home until it was idle for so long, or is stopped."""

    def __init__(self, home: Path, run: Run, idle: float) -> None:
        """`idle` in seconds. Raises StoreError where nothing can listen, or somebody does."""
        self._home, self._run, self._idle = home, run, idle
        self._waiting: queue.SimpleQueue[Caller | None] = queue.SimpleQueue()
        self._current: Caller | None = None
        self._began = time.time()
        self._answered = 0
        self._ending = False
        self._lock = _locked(home)
        self._listener = _listening(home, self)

    def serve(self) -> None:
        """Answer until idle or stopped. Ctrl-C and SIGTERM stop it, after the command that runs.

        The second time they interrupt that, too.
        """
        for end in (signal.SIGTERM, signal.SIGINT):
            signal.signal(end, self._ended)
        signal.signal(signal.SIGUSR1, self._hung_up)
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()
        try:
            while (caller := self._waiting.get(timeout=self._idle)) is not None:
                self._serve(caller)
        except (queue.Empty, KeyboardInterrupt):
            pass
        finally:
            Path(protocol.path(str(self._home))).unlink(missing_ok=True)
            self._listener.shutdown()
            self._listener.server_close()
            os.close(self._lock)

    def status(self) -> protocol.Frame:
        """What `ltm serve status` shows."""
        return {
            "pid": os.getpid(),
            "home": str(self._home),
            "since": time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(self._began)),
            "answered": self._answered,
            "idle_minutes": round(self._idle / 60, 1),
            "version": ltm_cli.__version__,
        }

    def stop(self) -> None:
        """Stop after the commands that were there before."""
        self._waiting.put(None)

    def take(self, caller: Caller) -> None:
        """Queue a command; what its client says meanwhile is heard until it hangs up."""
        self._waiting.put(caller)
        caller.listen()
        if caller is self._current:  # looked at again in the main thread
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    def _ended(self, *_: object) -> None:
        if self._ending:
            raise KeyboardInterrupt
        self._ending = True  # raised in a command, an interrupt would end that alone
        self.stop()

    def _hung_up(self, *_: object) -> None:
        if self._current is not None and self._current.gone:
            self._current = None
            raise NobodyThere

    def _serve(self, caller: Caller) -> None:
        status: int = Exit.INTERRUPTED
        try:
            self._current = caller
            if not caller.gone:
                with _standing_in(caller):
                    status = _status(self._run, caller.frame["arguments"])
            self._current = None
        except NobodyThere:
            pass
        self._current = None
        self._answered += 1
        caller.finish(status)


def _status(run: Run, arguments: Sequence[str]) -> int:
    try:
        run(arguments)
    except SystemExit as left:
        return int(left.code or 0)
    return 0


@contextlib.contextmanager
def _standing_in(caller: Caller) -> Iterator[None]:
    """Let this process be the caller's: its folder, streams, LTM_* variables, start."""
    environment, folder, started = dict(os.environ), Path.cwd(), ltm_cli.STARTED
    streams = sys.stdin, sys.stdout, sys.stderr
    own = [key for key in environment if key.startswith("LTM_") or key in caller.names]
    try:
        for key in own:
            del os.environ[key]
        os.environ.update(caller.frame["environment"])
        time.tzset()
        with contextlib.suppress(OSError):  # a folder that was deleted
            os.chdir(caller.frame["folder"])
        ltm_cli.STARTED = caller.frame["started"]
        sys.stdin, sys.stdout, sys.stderr = caller.streams
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        ltm_cli.STARTED = started
        os.chdir(folder)
        for key in caller.frame["environment"]:
            os.environ.pop(key, None)
        os.environ.update(environment)
        time.tzset()


class _Listener(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: str, server: Server) -> None:
        self.server = server
        super().__init__(path, _Connection)

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up in the middle of a word is no news."""


class _Connection(socketserver.StreamRequestHandler):
    """One client; the first frame says what it wants."""

    wbufsize = -1
    server: _Listener

    def handle(self) -> None:
        serving = self.server.server
        reads, writes = cast("BinaryIO", self.rfile), cast("BinaryIO", self.wfile)
        frame = protocol.receive(reads) or {}
        if frame.get("do") == "status":
            protocol.send(writes, serving.status())
        elif frame.get("do") == "stop":
            protocol.send(writes, {"stopping": True})
            serving.stop()
        elif frame.get("version") != ltm_cli.__version__:
            protocol.send(writes, {"other": ltm_cli.__version__})
        elif frame.get("do") == "run":
            serving.take(Caller(frame, reads, writes))


def _locked(home: Path) -> int:
    """A lock that its holder alone has, however it ends. Raises StoreError."""
    import fcntl

    descriptor = os.open(home / "serve.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise StoreError(
            text("ltm serve is already running for {home}", home=home),
            text("see it with ltm serve status, or stop it with ltm serve stop"),
        ) from None
    return descriptor


def _listening(home: Path, server: Server) -> _Listener:
    path = protocol.path(str(home))
    Path(path).unlink(missing_ok=True)  # left by a server that was killed
    before = os.umask(0o177)  # the socket is its owner's from its first moment
    try:
        return _Listener(path, server)
    except OSError as error:
        raise StoreError(
            text("cannot listen on {path}: {reason}", path=path, reason=error),
            text("choose a shorter path with --home DIR"),
        ) from None
    finally:
        os.umask(before)
