"""Run a learner's code so that nothing it does can hurt: a forked child, a memory limit, one hard deadline.

The deadline is the clock's. Only where the machine is so busy that the child, though it wants to work, was not given that
much processor time (Linux tells), it is let go on until it had it, at most `PATIENCE` times as long: else a crowded
machine would be taken for an endless loop.

What the child finds comes back as lines of JSON while it works, so that what was finished before an endless loop still
counts. Where there is no fork (Windows), or an exercise needs torch, which does not survive one, the work runs in
process under an alarm instead. `SCALING_LIB_FORK=0` asks for that everywhere.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import math
import os
import select
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

__all__ = ["Deadline", "Emit", "Outcome", "alarm", "can_fork", "run"]

Emit = Callable[[dict[str, Any]], None]
Ending = Literal["done", "deadline", "crash", "interrupted"]
#: Memory that a check may use beyond what the kernel already has.
MEMORY: Final = 1 << 30
#: How many times its seconds a check may take on a busy machine.
PATIENCE: Final = 4
#: Characters of printed output that are kept.
KEPT: Final = 2000
#: Bytes that a child may report: far more than any card holds.
_MOST: Final = 4 << 20


class Deadline(BaseException):
    """The time of a check that runs in process is over."""


@dataclass
class Outcome:
    """What came back: the messages, how it ended, what was printed.

    Attributes
    ----------
    messages : list of dict
        What was emitted, in order.
    ending : {"done", "deadline", "crash", "interrupted"}
        How the work ended.
    forked : bool
        Whether it ran in a child of its own.
    printed : str
        The first characters the learner's code printed.
    printed_chars : int
        How many there were.
    detail : str
        For a crash: the signal or exit status.
    """

    messages: list[dict[str, Any]] = field(default_factory=list)
    ending: Ending = "done"
    forked: bool = False
    printed: str = ""
    printed_chars: int = 0
    detail: str = ""


class _Capture(io.TextIOBase):
    """Keeps the beginning of what is printed and counts the rest."""

    def __init__(self) -> None:
        self.kept, self.count = "", 0

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if len(self.kept) < KEPT:
            self.kept += text[: KEPT - len(self.kept)]
        self.count += len(text)
        return len(text)


def can_fork() -> bool:
    """Whether a check runs in a child of its own here."""
    return (
        hasattr(os, "fork") and sys.platform not in {"emscripten", "wasi"} and os.environ.get("SCALING_LIB_FORK") != "0"
    )


def run(work: Callable[[Emit], None], *, seconds: float, in_process: bool = False) -> Outcome:
    """Run `work`, which reports through the function it is given, and come back within `seconds` whatever it does.

    On a busy machine it may take up to `PATIENCE` times as long.
    """
    if in_process or not can_fork():
        return _here(work, seconds)
    return _forked(work, seconds)


def _forked(work: Callable[[Emit], None], seconds: float) -> Outcome:
    reader, writer = os.pipe()
    with warnings.catch_warnings():  # a kernel has threads; the child uses none of them
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.close(reader)
        _child(work, writer, seconds)
    os.close(writer)
    outcome, data = Outcome(forked=True, ending="crash"), b""
    start = time.monotonic()
    end = start + seconds
    try:
        with contextlib.suppress(OSError):  # the child also does it: whoever comes first
            os.setpgid(child, child)
        while True:
            left = end - time.monotonic()
            if left <= 0 or not _readable(reader, left):
                more = min(_still_due(child, seconds), start + PATIENCE * seconds - time.monotonic())
                if more > 0:
                    end = time.monotonic() + more
                    continue
                outcome.ending = "deadline"
                break
            chunk = os.read(reader, 1 << 16)
            if not chunk or len(data) > _MOST:
                break
            data += chunk
    except KeyboardInterrupt:
        outcome.ending = "interrupted"
    finally:
        os.close(reader)
        status = _reap(child, wait=outcome.ending == "crash")
    for line in data.split(b"\n"):
        with contextlib.suppress(ValueError):
            message = json.loads(line)
            if "printed" in message:
                outcome.printed, outcome.printed_chars = message["printed"], message["count"]
            elif "done" in message:
                outcome.ending = "done"
            else:
                outcome.messages.append(message)
    if outcome.ending == "crash":
        outcome.detail = _ended(status)
    return outcome


def _still_due(child: int, seconds: float) -> float:
    """Processor time that a child still has coming which wants to work but was given less than 80 % of `seconds`."""
    try:
        with open(f"/proc/{child}/stat", encoding="ascii", errors="replace") as file:
            state, *numbers = file.read().rpartition(")")[2].split()
        used = (int(numbers[10]) + int(numbers[11])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0
    return seconds - used if state in {"R", "D"} and used < 0.8 * seconds else 0.0


def _readable(reader: int, seconds: float) -> bool:
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(reader, select.POLLIN | select.POLLHUP)
        return bool(poll.poll(math.ceil(seconds * 1000)))
    return bool(select.select([reader], [], [], seconds)[0])


def _reap(child: int, *, wait: bool) -> int:
    """End the child and all it started, and return its exit status."""
    if wait:
        for _ in range(100):  # it closed its pipe, so it is about to end by itself
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                with contextlib.suppress(OSError):
                    os.killpg(child, signal.SIGKILL)
                return status
            time.sleep(0.002)
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _ended(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        names = {
            signal.SIGSEGV: "a memory fault, as endless recursion can cause",
            signal.SIGKILL: "it was killed, perhaps for lack of memory",
            signal.SIGXCPU: "it used too much processor time",
        }
        return names.get(signal.Signals(number), f"signal {signal.Signals(number).name}")
    return f"exit status {os.WEXITSTATUS(status)}"


def _child(work: Callable[[Emit], None], writer: int, seconds: float) -> None:
    """The life of the child; it never returns."""
    code = 1
    try:
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        for number in (signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
        _limit(seconds)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        _work(work, lambda message: _write(writer, message))
        code = 0
    except BaseException:
        code = 3
    finally:
        os._exit(code)


def _write(writer: int, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(writer, data) :]


def _work(work: Callable[[Emit], None], emit: Emit) -> None:
    capture = _Capture()
    with (
        contextlib.redirect_stdout(capture),
        contextlib.redirect_stderr(capture),
        warnings.catch_warnings(),
        _no_input(),
    ):
        warnings.simplefilter("ignore")
        try:
            work(emit)
        finally:
            emit({"printed": capture.kept, "count": capture.count})
    emit({"done": True})


@contextlib.contextmanager
def _no_input() -> Iterator[None]:
    import builtins

    def refuse(*_: object) -> str:
        raise RuntimeError(
            "input() waits for a person: a function that is checked gets everything through its arguments"
        )

    before, builtins.input = builtins.input, refuse
    try:
        yield
    finally:
        builtins.input = before


def _limit(seconds: float) -> None:
    """Limit memory, processor time (should the parent die) and core dumps, as far as the platform does."""
    import resource

    used = 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
    wanted = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_CPU, math.ceil(4 * seconds) + 5)]
    if used:
        wanted.append((resource.RLIMIT_AS, used + MEMORY))
    for what, value in wanted:
        with contextlib.suppress(OSError, ValueError):
            hard = resource.getrlimit(what)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(what, (value, hard))


def _here(work: Callable[[Emit], None], seconds: float) -> Outcome:
    """Run in process: an alarm in the main thread; in another thread an exception that is sent to it."""
    outcome = Outcome()

    def emit(message: dict[str, Any]) -> None:
        if "printed" in message:
            outcome.printed, outcome.printed_chars = message["printed"], message["count"]
        elif "done" not in message:
            outcome.messages.append(message)

    limit = sys.getrecursionlimit()
    try:
        with alarm(seconds):
            _work(work, emit)
    except Deadline:
        outcome.ending = "deadline"
    except KeyboardInterrupt:
        outcome.ending = "interrupted"
    except BaseException as error:
        outcome.ending, outcome.detail = "crash", type(error).__name__
    finally:
        sys.setrecursionlimit(limit)
    return outcome


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise `Deadline` in the block if it is still running after so many seconds."""
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():

        def ring(*_: object) -> None:
            raise Deadline

        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)  # again and again: a bare `except:` may swallow the first
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        return
    target = ctypes.c_ulong(threading.get_ident())
    timer = threading.Timer(
        seconds, lambda: ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(Deadline))
    )
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
