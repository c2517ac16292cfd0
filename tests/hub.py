"""A small Hugging Face on loopback: a real HTTP server that can also be slow, broken or lying."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Request(NamedTuple):
    method: str
    host: str
    path: str
    range: str | None
    headers: dict[str, str]


@dataclass
class Hub:
    """Serves `files` ("OWNER/REPO/FILE": content) at /OWNER/REPO/resolve/REVISION/FILE.

    As the real one does, it answers with a redirect to another host, which has the content.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    sha256: str | None = None  # what it states, if that is not true
    size: int | None = None
    cuts: list[int] = field(default_factory=list)  # bytes after which each next GET breaks off
    pause: float = 0.0  # seconds before each 64 KB of a content
    silent: bool = False  # whether it says nothing at all
    ranges: bool = True  # whether it sends parts
    status: int = 200
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> Hub:
        hub = self

        class Handler(_Handler):
            served = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def contents(self) -> list[Request]:
        """The requests for a content."""
        return [one for one in self.requests if one.method == "GET"]


class _Handler(BaseHTTPRequestHandler):
    served: Hub

    def do_HEAD(self) -> None:
        self._record()
        hub = self.served
        if hub.silent:
            time.sleep(30)
            return
        owner, repository, _, _, *file = self.path.strip("/").split("/")
        content = hub.files.get("/".join((owner, repository, *file)))
        if content is None or hub.status != 200:
            self.send_response(404 if content is None else hub.status)
            if content is None:
                self.send_header("X-Error-Code", "EntryNotFound")
            elif hub.status == 403:
                self.send_header("X-Error-Code", "GatedRepo")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(302)
        self.send_header("Location", f"http://localhost:{hub.port}/{owner}/{repository}/{file[-1]}")
        self.send_header("X-Repo-Commit", COMMIT)
        stated = hub.sha256 if hub.sha256 is not None else hashlib.sha256(content).hexdigest()
        self.send_header("X-Linked-Etag", f'"{stated}"')
        self.send_header("X-Linked-Size", str(hub.size or len(content)))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self._record()
        hub = self.served
        content = hub.files[self.path.strip("/")]
        asked = self.headers.get("Range")
        if asked and hub.ranges:
            start = int(asked.removeprefix("bytes=").partition("-")[0])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            start = 0
            self.send_response(200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = start + hub.cuts.pop(0) if hub.cuts else len(content)
        for at in range(start, min(end, len(content)), 1 << 16):
            time.sleep(hub.pause)
            self.wfile.write(content[at : min(at + (1 << 16), end)])
        self.close_connection = True

    def _record(self) -> None:
        headers = {key.lower(): value for key, value in self.headers.items()}
        host = headers["host"].partition(":")[0]
        one = Request(self.command, host, self.path, headers.get("range"), headers)
        self.served.requests.append(one)

    def log_message(self, format: str, *arguments: object) -> None:
        pass
