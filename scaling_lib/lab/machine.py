"""The machine a run is on: its matrix-multiply peak, measured, and the versions that a result depends on."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
import torch

from .._validate import choice

__all__ = ["device_or_error", "enough_memory", "matmul_peak", "one_thread", "versions"]

#: How PyTorch's allocators say that there is not enough memory.
OUT_OF_MEMORY = ("not enough memory", "out of memory", "can't allocate memory")


@contextmanager
def one_thread() -> Iterator[None]:
    """Run with one intra-op thread: many small models on one core each beat one model on many cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def enough_memory() -> Iterator[None]:
    """Turn what PyTorch's allocators raise into a MemoryError that says what to do."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if isinstance(error, RuntimeError) and not any(words in str(error).lower() for words in OUT_OF_MEMORY):
            raise
        raise MemoryError(
            f"The run does not fit into memory: take a smaller model or batch. ({' '.join(str(error).split())[:200]})"
        ) from error


def device_or_error(name: str) -> torch.device:
    """The device of that name.

    Raises
    ------
    ValueError
        If the name is unknown or this machine does not have it.
    """
    choice("device", name, ("cpu", "cuda", "mps"))
    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not here[name]:
        have = ", ".join(repr(device) for device, there in here.items() if there)
        raise ValueError(
            f"device is {name!r}: this machine has {have}. Install the PyTorch build for it, or choose one of those."
        )
    return torch.device(name)


@lru_cache(maxsize=4)
def matmul_peak(device: str = "cpu", size: int = 1024) -> float:
    """Best float32 rate of a square matrix product, FLOP/s; on the CPU of one thread, by processor time.

    Processor time, since another program on the same core would halve the rate that a clock on the wall sees.
    """
    place = device_or_error(device)
    clock = time.process_time if place.type == "cpu" else time.perf_counter
    with one_thread(), torch.no_grad():
        a, b = torch.ones(size, size, device=place), torch.ones(size, size, device=place)
        out, best = torch.empty_like(a), float("inf")
        for _ in range(6):
            start = clock()
            torch.mm(a, b, out=out)
            if place.type != "cpu":
                float(out[0, 0])  # waits for the device
            best = min(best, clock() - start)
    return 2 * size**3 / best


def versions() -> str:
    """What a result depends on beside its description, in one line."""
    return (
        f"python {platform.python_version()}, torch {torch.__version__}, numpy {np.__version__}, {platform.machine()}"
    )
