"""An engine elsewhere: a server of OpenAI's chat completions (llama-server, Ollama, vLLM, …).

What is recalled is sent to it. So one is used only where `ltm model use URL` has chosen it: neither
a variable nor an option of `ask` does.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ltm_cli.core.errors import LtmError, ModelError, UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import Settings

if TYPE_CHECKING:
    from ltm_cli.llm.chat_template import Message

TIMEOUT = 60  # seconds without a word
KEY = "LTM_ENGINE_KEY"  # the variable that holds what the engine wants as a bearer token


@dataclass(frozen=True)
class Engine:
    """A model of a server; `str` of it names both."""

    url: str
    name: str
    timeout: int = TIMEOUT

    def __str__(self) -> str:
        return f"{self.name} at {self.url}"

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine."""
        return urlsplit(self.url).hostname in ("localhost", "127.0.0.1", "::1")

    def refuse_secrets(self) -> None:
        """Raise UsageError where what is read would leave this machine."""
        if not self.is_local:
            raise UsageError(
                text("secrets are not sent to {host}", host=self.host),
                text("use --model bundled, which answers on this machine"),
            )

    def models(self) -> list[str]:
        """What the server says it has. Raises ModelError."""
        with self._client() as client:
            return [one.id for one in client.models.list()]

    def stream_answer(self, messages: Sequence[Message], most: int) -> Iterator[bytes]:
        """The pieces of an answer of at most so many tokens, as they come. Raises ModelError."""
        with (
            self._client() as client,
            client.chat.completions.create(
                model=self.name,
                messages=[asdict(message) for message in messages],
                max_tokens=most,
                temperature=0,
                stream=True,
            ) as stream,
        ):
            for event in stream:
                if event.choices and (piece := event.choices[0].delta.content):
                    yield piece.encode()

    @contextlib.contextmanager
    def _client(self) -> Iterator[Any]:
        try:
            import openai
        except ImportError:
            raise ModelError(
                text("the openai package is not installed"),
                text("run pip install 'ltm-cli[engine]'"),
            ) from None
        try:
            with openai.OpenAI(
                base_url=self.url,
                api_key=os.environ.get(KEY) or "none",
                timeout=openai.Timeout(self.timeout, connect=min(self.timeout, 5)),
                max_retries=0,
            ) as client:
                yield client
        except LtmError:
            raise
        except openai.APITimeoutError:
            wrong = text(
                "the server {url} sent nothing for {seconds} s", url=self.url, seconds=self.timeout
            )
            raise _error(wrong, text("raise engine_timeout")) from None
        except openai.APIConnectionError as error:
            wrong = text(
                "the server {url} does not answer: {reason}",
                url=self.url,
                reason=error.__cause__ or error,
            )
            raise _error(wrong, text("start it")) from None
        except openai.APIStatusError as error:
            wrong = text(
                "the server {url} refused the request ({status}): {reason}",
                url=self.url,
                status=error.status_code,
                reason=error.message.splitlines()[0][:200],
            )
            if error.status_code in (401, 403):
                hint = text("set {variable} to its key", variable=KEY)
            elif error.status_code == 404:
                hint = text("choose another model with ltm model use URL --name NAME")
            else:
                hint = text("see its log")
            raise _error(wrong, hint) from None
        except (openai.OpenAIError, ValueError, OSError) as error:
            wrong = text(
                "the answer of {url} stopped: {reason}", url=self.url, reason=str(error)[:200]
            )
            raise _error(wrong, text("ask again")) from None


def _error(wrong: str, hint: str) -> ModelError:
    return ModelError(
        wrong, text("{hint}; or answer on this machine: ltm ask --model bundled", hint=hint)
    )


def is_url(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def load_engine(settings: Settings) -> Engine | None:
    """The engine that `ltm model use` has chosen."""
    values = settings.values
    if not values.get("engine"):
        return None
    timeout = values.get("engine_timeout", TIMEOUT)
    return Engine(values["engine"], values.get("engine_model", ""), timeout)


def find_engine(url: str, name: str | None, timeout: int = TIMEOUT) -> Engine:
    """The engine at a URL that answers and has this model, or has only one. Raises LtmError."""
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query:
        raise UsageError(
            text("the address contains a password or a query"),
            text("give only http://HOST/v1, and put a key into {variable}", variable=KEY),
        )
    engine = Engine(url.rstrip("/"), name or "", timeout)
    models = engine.models()
    if name is None and len(models) == 1:
        return Engine(engine.url, models[0], timeout)
    if name not in models:
        if name:
            wrong = text("the server {url} has no model {name}", url=engine.url, name=name)
        elif models:
            wrong = text("the server {url} has several models", url=engine.url)
        else:
            wrong = text("the server {url} has no models", url=engine.url)
        if models:
            hint = text("choose one with --name: {names}", names=", ".join(models[:20]))
        else:
            hint = text("load a model there first")
        raise ModelError(wrong, hint)
    return engine
