"""llama.cpp itself: the only file that imports it, and the loading of a GGUF file."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path
from typing import Any

from ltm_cli.errors import ModelError

_log: list[str] = []  # what llama.cpp said last, for error messages
_interrupted: list[bool] = []  # whether Ctrl-C came while llama.cpp was speaking


def is_installed() -> bool:
    """Whether the extra `model` is there, told without importing it."""
    import importlib.util

    return importlib.util.find_spec("llama_cpp") is not None


def can_offload() -> bool:
    """Whether the installed llama.cpp was built for a GPU."""
    return bool(library().llama_supports_gpu_offload())


def free_cores() -> int:
    """Cores that are likely idle: a busy thread on a busy core slows all the others down."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, round((usable or 1) - load))


def library() -> Any:
    """llama_cpp, its backend started and its log kept from the terminal."""
    try:
        import llama_cpp
    except ImportError as error:
        raise ModelError(
            f"llama-cpp-python is not installed ({error})",
            "pip install 'ltm-cli[model]' (needs a C++ compiler: apt install build-essential"
            " cmake); everything but a model's answers works without",
        ) from None
    if not hasattr(library, "callback"):

        @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator, unused-ignore]
        def keep(level: int, text: bytes, _: Any) -> None:
            try:
                if level >= 3:  # warnings and errors
                    _log[:] = [*_log[-9:], text.decode("utf-8", "replace").strip()]
            except KeyboardInterrupt:  # C cannot be left by an exception: see `interruptible`
                _interrupted.append(True)

        library.callback = keep  # type: ignore[attr-defined] # llama.cpp holds no reference
        llama_cpp.llama_log_set(keep, ctypes.c_void_p())
        llama_cpp.llama_backend_init()
    return llama_cpp


def load(path: Path, *, vocab_only: bool) -> Any:
    llama = library()
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(
            f"cannot open the model {path}: {error.strerror}", "ltm model list shows what is there"
        ) from None
    if magic != b"GGUF":
        raise ModelError(f"{path} is not a GGUF model", "ltm model list shows what is there")
    params = llama.llama_model_default_params()
    params.n_gpu_layers = -1 if llama.llama_supports_gpu_offload() else 0
    params.vocab_only = vocab_only
    _log.clear()
    model = llama.llama_model_load_from_file(str(path).encode(), params)
    interruptible()
    if not model:
        raise ModelError(
            f"cannot load {path}: {last_log()}", "the file may be cut off: fetch it again"
        )
    return model


def try_out(path: Path) -> None:
    """Open a model file that may be broken on purpose; raises ModelError if that ends llama.cpp.

    llama.cpp aborts the process on some broken files, so a process of its own has to try. Where
    there is no fork (Windows) the file is opened without.
    """
    library()
    if not hasattr(os, "fork"):
        return
    child = os.fork()
    if child == 0:
        os.environ["GGML_NO_BACKTRACE"] = "1"  # it would start a debugger
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        with contextlib.suppress(ModelError):  # the caller sees that again, and reports it
            load(path, vocab_only=True)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        raise ModelError(f"{path} is broken: llama.cpp stops at it", "fetch the file again")


def interruptible() -> None:
    """Raise the KeyboardInterrupt that came in the middle of a call of llama.cpp."""
    if _interrupted:
        _interrupted.clear()
        raise KeyboardInterrupt


def last_log() -> str:
    """The last warning or error of llama.cpp."""
    return _log[-1] if _log else "no reason given"
