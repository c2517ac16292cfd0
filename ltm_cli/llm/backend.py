"""llama.cpp itself: the only file that imports it, and the loading of a GGUF file."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from ltm_cli.core.errors import ModelError
from ltm_cli.core.messages import text

# What llama.cpp can be built for, by the flag of its build.
_GPUS = {"CUDA": "CUDA (NVIDIA)", "METAL": "Metal (Apple)", "VULKAN": "Vulkan (AMD, Intel, any)"}
_log: list[str] = []  # what llama.cpp said last, for error messages
_interrupted: list[bool] = []  # whether Ctrl-C came while llama.cpp was speaking


def is_installed() -> bool:
    """Whether the extra `model` is there, told without importing it."""
    import importlib.util

    return importlib.util.find_spec("llama_cpp") is not None


def can_offload() -> bool:
    """Whether all layers of a model go to a GPU: llama.cpp was built for one, and finds one."""
    return bool(load_backend().llama_supports_gpu_offload())


def describe_gpu() -> list[str]:
    """What a GPU does, in words; where llama.cpp was built for none, how to install one that is."""
    llama = load_backend()
    folder = Path(llama.__file__).parent / "lib"
    found = {path.name.partition("ggml-")[2].partition(".")[0] for path in folder.glob("*ggml-*")}
    built = ", ".join(name for flag, name in _GPUS.items() if flag.lower() in found)
    if can_offload():
        if not built:
            return [text("all layers run on the GPU")]
        return [text("all layers run on the GPU ({kind})", kind=built)]
    if built:
        return [text("not used: llama.cpp was built for {kind}, but found no such GPU", kind=built)]
    install = "pip install --force-reinstall --no-cache-dir --no-deps llama-cpp-python=="
    return [text("not used: this llama.cpp was built for the CPU only")] + [
        f'{name}: CMAKE_ARGS="-DGGML_{flag}=on" {install}{llama.__version__}'
        for flag, name in _GPUS.items()
    ]


def free_cores() -> int:
    """Cores that are likely idle: a busy thread on a busy core slows all the others down."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, round((usable or 1) - load))


def load_backend() -> Any:
    """llama_cpp, its backend started and its log kept from the terminal."""
    try:
        import llama_cpp
    except ImportError as error:
        raise ModelError(
            text("llama-cpp-python is not installed ({reason})", reason=error),
            text(
                "run pip install 'ltm-cli[model]' (needs a C++ compiler: apt install"
                " build-essential cmake); without it answers are quotations"
            ),
        ) from None
    if not hasattr(load_backend, "callback"):

        @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator, unused-ignore]
        def keep(level: int, said: bytes, _: Any) -> None:
            if level >= 3:  # warnings and errors
                _log[:] = [*_log[-9:], said.decode("utf-8", "replace").strip()]

        load_backend.callback = keep  # type: ignore[attr-defined] # llama.cpp holds no reference
        llama_cpp.llama_log_set(keep, ctypes.c_void_p())
        _defer_interrupts()
        llama_cpp.llama_backend_init()
    return llama_cpp


def _defer_interrupts() -> None:
    """Let Ctrl-C within the callback `keep` wait until C has returned: see `raise_interrupt`.

    C cannot be left by an exception: Python would print and forget a KeyboardInterrupt there.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        while frame is not None:
            if frame.f_code.co_name == "keep" and frame.f_code.co_filename == __file__:
                _interrupted.append(True)
                return
            frame = frame.f_back
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupted)


def load_model(path: Path, *, vocab_only: bool = False, weights: bool = True) -> Any:
    """Open a GGUF file; without weights its layers are known but not read. Raises ModelError."""
    llama = load_backend()
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(
            text("cannot open the model {path}: {reason}", path=path, reason=error.strerror),
            text("choose one of ltm model list"),
        ) from None
    if magic != b"GGUF":
        raise ModelError(
            text("{path} is not a GGUF model", path=path), text("choose one of ltm model list")
        )
    params = llama.llama_model_default_params()
    params.n_gpu_layers = -1 if llama.llama_supports_gpu_offload() else 0
    params.vocab_only = vocab_only
    if not weights:
        params.no_alloc = True
        params.load_mode = llama.LLAMA_LOAD_MODE_NONE  # a file cannot be mapped without them
    _log.clear()
    model = llama.llama_model_load_from_file(str(path).encode(), params)
    raise_interrupt()
    if not model:
        raise ModelError(
            text("cannot load {path}: {reason}", path=path, reason=last_log()),
            text("the file may be incomplete: download it again"),
        )
    return model


def try_loading(path: Path) -> None:
    """Open a model file that may be broken on purpose; raises ModelError if that ends llama.cpp.

    llama.cpp aborts the process on some broken files, so a process of its own has to try. Where
    there is no fork (Windows) the file is opened without.
    """
    load_backend()
    if not hasattr(os, "fork"):
        return
    child = os.fork()
    if child == 0:
        os.environ["GGML_NO_BACKTRACE"] = "1"  # it would start a debugger
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        with contextlib.suppress(ModelError):  # the caller sees that again, and reports it
            load_model(path, vocab_only=True)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        raise ModelError(
            text("{path} is damaged: llama.cpp crashes on it", path=path),
            text("download the file again"),
        )


def raise_interrupt() -> None:
    """Raise the KeyboardInterrupt that came in the middle of a call of llama.cpp."""
    if _interrupted:
        _interrupted.clear()
        raise KeyboardInterrupt


def last_log() -> str:
    """The last warning or error of llama.cpp."""
    return _log[-1] if _log else text("no reason given")
