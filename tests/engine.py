"""An engine that says what a test lets it say: OpenAI's chat completions, streamed, on loopback."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ltm_cli.llm.openai import Engine

CUT = 7  # characters of one piece: words and sentences come in parts


class Saying:
    """Within `with`, an engine; `heard` are the messages of every request, in order."""

    def __init__(self, text: str) -> None:
        self.heard: list[list[dict[str, str]]] = []
        saying = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                saying.heard.append(json.loads(self.rfile.read(length))["messages"])
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                for start in range(0, len(text), CUT):
                    self.wfile.write(_event({"content": text[start : start + CUT]}))
                self.wfile.write(b"data: [DONE]\n\n")

            def log_message(self, *_: Any) -> None:
                """Tests print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> Saying:
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def engine(self) -> Engine:
        return Engine(f"http://127.0.0.1:{self._server.server_port}/v1", "said", 20)


def _event(delta: dict[str, str]) -> bytes:
    event = {
        "id": "1", "object": "chat.completion.chunk", "created": 0, "model": "said",
        "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
    }  # fmt: skip
    return f"data: {json.dumps(event)}\n\n".encode()
