"""The accelerators a budget may name, and what a model of the plan needs of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .._validate import choice, shown
from ..compute import BYTES, Accelerator
from .known import verified

__all__ = ["Fit", "accelerator_named", "accelerator_names", "state_fit"]

#: Bytes of training state for each parameter: weights and gradients in bf16, a master copy and Adam's moments in fp32.
STATE_BYTES = 2 * BYTES["bf16"] + 3 * BYTES["fp32"]
#: What is left for activations, buffers and fragmentation.
HEADROOM = 0.1


@cache
def _known() -> dict[str, Accelerator]:
    out: dict[str, Accelerator] = {}
    spelled: set[str] = set()
    for name, accelerator in verified(Accelerator, reported=True):
        for spelling in (accelerator.name, name.replace("_", " ")):
            if _plain(spelling) not in spelled:
                spelled.add(_plain(spelling))
                out[spelling] = accelerator
    return out


def accelerator_names() -> tuple[str, ...]:
    """Names of the accelerators whose figures are in `published`."""
    return tuple(_known())


def accelerator_named(name: object) -> Accelerator:
    """The accelerator of that name, in any spelling of spaces and capitals; an `Accelerator` is returned as it is."""
    if isinstance(name, Accelerator):
        return name
    if isinstance(name, dict):
        try:
            return Accelerator(**name)
        except TypeError as error:
            raise ValueError(f"accelerator is {shown(name)}: expected the fields of Accelerator ({error}).") from error
    plain = {_plain(key): value for key, value in _known().items()}
    if isinstance(name, str) and _plain(name) in plain:
        return plain[_plain(name)]
    return _known()[choice("accelerator", name, accelerator_names())]


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).lower()


@dataclass(frozen=True)
class Fit:
    """Whether the training state of a model fits.

    Attributes
    ----------
    bytes_each : float
        Weights, gradients and optimiser state on each accelerator when all of them share it.
    share : float
        The same as a part of the accelerator's memory.
    fits : bool
        Whether a tenth of the memory is left; activations come on top.
    least : float
        Accelerators needed for the training state alone.
    """

    bytes_each: float
    share: float
    fits: bool
    least: float


def state_fit(N: float, accelerator: Accelerator, count: float) -> Fit:
    """The training state of N parameters, shared evenly among `count` accelerators (ZeRO stage 3)."""
    each = STATE_BYTES * N / count
    room = (1 - HEADROOM) * accelerator.memory_bytes
    return Fit(bytes_each=each,
               share=each / accelerator.memory_bytes,
               fits=each <= room,
               least=-(-STATE_BYTES * N // room))
