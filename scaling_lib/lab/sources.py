"""What a source of training text must offer, and what every source shares.

`MarkovSource` has a known entropy; the sources of `scaling_lib.lab.text` are real text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray

__all__ = ["HELD_OUT_SEED", "Source", "Tokens", "corrupted", "held_out", "training_windows"]

#: Symbols, as small unsigned integers.
Tokens: TypeAlias = NDArray[Any]
#: Seed of the text that no run trains on.
HELD_OUT_SEED = 1_000_003


class Source(Protocol):
    """A frozen, hashable description of a source of text."""

    def __hash__(self) -> int: ...

    @property
    def vocab(self) -> int:
        """Number of symbols."""

    @property
    def entropy(self) -> float | None:
        """Entropy rate in nats per symbol, where it is known."""

    def windows(self, count: int, length: int, *, seed: int = 0) -> Tokens:
        """Draw windows; the first windows of a longer draw are those of a shorter one."""

    def surprise(self, windows: Tokens, first: int) -> FloatArray | None:
        """The source's own -ln p of the symbols from `first` on, where it is known."""

    def check(self, count: int, length: int) -> None:
        """Raise ValueError if the source has not that many different windows of that length."""


@lru_cache(maxsize=4)
def _stream(source: Source, blocks: int, length: int, seed: int) -> Tokens:
    windows = source.windows(blocks, length, seed=seed)
    windows.flags.writeable = False
    return windows


def training_windows(source: Source, count: int, length: int, *, seed: int) -> Tokens:
    """The first `count` training windows; drawn in powers of two, so that runs of a sweep share one draw."""
    return _stream(source, 1 << max(12, (count - 1).bit_length()), length, seed)[:count]


@lru_cache(maxsize=4)
def held_out(source: Source, count: int, length: int, first: int) -> tuple[Tokens, FloatArray | None]:
    """Windows that no run trains on, and the source's own mean loss on each (nats), where it is known."""
    windows = source.windows(count, length, seed=HELD_OUT_SEED)
    own = source.surprise(windows, first)
    return windows, None if own is None else own.mean(axis=1)


def corrupted(windows: Tokens, share: float, vocab: int, *, seed: int) -> Tokens:
    """A copy of `windows` in which a share of the symbols is replaced by random ones."""
    rng = np.random.default_rng([seed, 7])
    hit = rng.random(windows.shape) < share
    return np.where(hit, rng.integers(vocab, size=windows.shape, dtype=windows.dtype), windows)
