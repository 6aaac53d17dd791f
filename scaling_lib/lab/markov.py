"""A language whose entropy is known exactly: an order-k Markov source over a small vocabulary.

Use it when a fitted floor is to be checked against the truth. The next symbol depends on the last k symbols through
random Gaussian tables of every order on a Zipf base, so that n-gram models of growing order each explain a little more;
`ladder` says how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray, integer, scalar
from .sources import Tokens

__all__ = ["MarkovSource"]

#: Windows that are generated together, from one seed: a stream is the concatenation of such blocks.
BLOCK = 4096
#: A model may see at most this many symbols before the first that it is scored on.
MAX_TABLE = 1 << 24


@dataclass(frozen=True)
class MarkovSource:
    r"""Order-k Markov language: :math:`p(x_t \mid x_{t-k}, \ldots, x_{t-1})` is known, so its entropy is too.

    The logits are a Zipf base, :math:`-\text{zipf} \cdot w_0 \ln(i + 1)` for symbol i, plus for every order
    j = 1..k a table of standard normals scaled by ``sharp * w_j`` and indexed by the last j symbols.

    Parameters
    ----------
    vocab : int
        Number of symbols, 2 to 256.
    order : int
        Symbols of context that matter, 1 to 4; the table has ``vocab**(order + 1)`` entries, at most 2**24.
    zipf : float
        Exponent of the base distribution.
    sharp : float
        Scale of the random tables: the larger, the lower the entropy.
    weights : tuple of float
        Weight of the base and of each order, ``order + 1`` numbers.
    seed : int
        Seed of the tables (which language), not of the text drawn from it.

    Raises
    ------
    ValueError
        If a setting is out of its range or the table would be too large.

    Examples
    --------
    >>> source = MarkovSource(vocab=8, order=1, weights=(1.0, 1.0))
    >>> bool(0 < source.entropy < np.log(8))
    True
    """

    vocab: int = 32
    order: int = 3
    zipf: float = 1.0
    sharp: float = 1.5
    weights: tuple[float, ...] = (1.0, 1.2, 1.0, 0.7)
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "vocab", integer("vocab", self.vocab, unit="symbols", low=2, high=256))
        object.__setattr__(self, "order", integer("order", self.order, unit="symbols of context", low=1, high=4))
        object.__setattr__(self, "zipf", scalar("zipf", self.zipf, low=0.0, high=10.0))
        object.__setattr__(self, "sharp", scalar("sharp", self.sharp, low=0.0, high=20.0))
        object.__setattr__(self, "seed", integer("seed", self.seed, low=0))
        if isinstance(self.weights, str) or not hasattr(self.weights, "__iter__"):
            raise ValueError(f"weights is {self.weights!r}: expected order + 1 = {self.order + 1} numbers (base, then each order).")
        weights = tuple(scalar("weights", w, low=-100.0, high=100.0) for w in self.weights)
        object.__setattr__(self, "weights", weights)
        if len(weights) != self.order + 1:
            raise ValueError(
                f"weights has {len(weights)} entries: expected order + 1 = {self.order + 1} (base, then each order)."
            )
        if self.vocab ** (self.order + 1) > MAX_TABLE:
            raise ValueError(
                f"vocab ** (order + 1) is {self.vocab ** (self.order + 1):,}: expected at most {MAX_TABLE:,}. Take a smaller vocabulary or order."
            )

    @property
    def free_numbers(self) -> int:
        """Probabilities that a model would have to learn to know the language completely."""
        return int(self.vocab**self.order * (self.vocab - 1))

    @cached_property
    def entropy(self) -> float:
        """Entropy rate, nats per symbol: the floor of every model's loss on this source."""
        return self.ladder[-1]

    @cached_property
    def ladder(self) -> tuple[float, ...]:
        """Least loss (nats) of a predictor that sees 0, 1, ..., k symbols of context."""
        tables = _tables(self)
        V, k = self.vocab, self.order
        joint = (tables.stationary[:, None] * tables.p).reshape((V,) * (k + 1))
        steps = []
        for seen in range(k + 1):
            part = joint.sum(axis=tuple(range(k - seen)))
            given = part / part.sum(axis=-1, keepdims=True)
            steps.append(float(-(part * np.log(given)).sum()))
        return tuple(steps)

    def check(self, count: int, length: int) -> None:
        """Any number of windows can be drawn; each must be longer than the context that matters."""
        integer("length", length, unit="symbols", low=self.order + 1)

    def windows(self, count: int, length: int, *, seed: int = 0) -> NDArray[np.uint8]:
        """Draw independent windows of text.

        Parameters
        ----------
        count : int
            Number of windows.
        length : int
            Symbols in each.
        seed : int
            Seed of the text. The first windows of a longer draw are those of a shorter one.

        Returns
        -------
        ndarray of uint8, shape (count, length)
        """
        count, length = integer("count", count, low=1), integer("length", length, low=self.order + 1)
        tables, V, k = _tables(self), self.vocab, self.order
        contexts = V**k
        out = np.empty((-(-count // BLOCK) * BLOCK, length), np.uint8)
        for block in range(0, len(out), BLOCK):
            rng = np.random.default_rng([seed, self.seed, block // BLOCK])
            state = rng.choice(contexts, size=BLOCK, p=tables.stationary)
            for t in range(length):
                # Walker's alias method: one uniform number picks a column and decides between its two symbols.
                u = rng.random(BLOCK, dtype=np.float64) * V
                column = u.astype(np.int64)
                cell = state * V + column
                symbol = np.where(u - column < tables.keep[cell], column, tables.alias[cell])
                out[block : block + BLOCK, t] = symbol
                state = (state * V + symbol) % contexts
        return out[:count]

    def surprise(self, windows: Tokens, first: int) -> FloatArray:
        """The source's own -ln p (nats) of the symbols from position `first` on, given the k before each.

        Parameters
        ----------
        windows : ndarray of uint8, shape (count, length)
        first : int
            First scored position, at least `order`.

        Returns
        -------
        ndarray, shape (count, length - first)
        """
        first = integer("first", first, low=self.order, high=windows.shape[1] - 1)
        V, k = self.vocab, self.order
        context = np.zeros((len(windows), windows.shape[1] - first), np.int64)
        for lag in range(k, 0, -1):
            context = context * V + windows[:, first - lag : windows.shape[1] - lag]
        out: FloatArray = -np.log(_tables(self).p[context, windows[:, first:]])
        return out


@dataclass(frozen=True)
class _Tables:
    p: FloatArray  # (V**k, V) conditional probabilities
    stationary: FloatArray  # (V**k,) long-run share of each context
    keep: FloatArray  # (V**(k+1),) alias method: threshold of each column
    alias: NDArray[np.uint8]  # (V**(k+1),) alias method: the other symbol


@lru_cache(maxsize=8)
def _tables(source: MarkovSource) -> _Tables:
    V, k = source.vocab, source.order
    rng = np.random.default_rng(source.seed)
    logits = np.zeros((V,) * (k + 1)) - source.zipf * source.weights[0] * np.log(np.arange(1, V + 1) + 1.0)
    for j in range(1, k + 1):
        table = source.sharp * source.weights[j] * rng.standard_normal((V,) * (j + 1))
        logits += table.reshape((1,) * (k - j) + table.shape)
    logits -= logits.max(axis=-1, keepdims=True)
    p = np.exp(logits)
    p = (p / p.sum(axis=-1, keepdims=True)).reshape(-1, V)
    return _Tables(p, _stationary(p, V), *_alias(p))


def _stationary(p: FloatArray, V: int) -> FloatArray:
    """Long-run distribution of the contexts, by the power method."""
    share = np.full(len(p), 1.0 / len(p))
    for _ in range(10_000):
        after = (share[:, None] * p).reshape(V, -1, V).sum(axis=0).ravel()
        if np.abs(after - share).sum() < 1e-14:
            break
        share = after
    out: FloatArray = share / share.sum()
    return out


def _alias(p: FloatArray) -> tuple[FloatArray, NDArray[np.uint8]]:
    """Walker's alias tables of every row at once: draw in constant time per symbol."""
    rows, V = p.shape
    keep, alias = np.ones((rows, V)), np.tile(np.arange(V, dtype=np.uint8), (rows, 1))
    left = p * V
    every = np.arange(rows)
    done = np.zeros((rows, V), bool)
    for _ in range(V - 1):
        # The smallest open column of each row is filled up by the largest, and closed.
        small = np.where(done, np.inf, left).argmin(axis=1)
        large = np.where(done, -np.inf, left).argmax(axis=1)
        keep[every, small], alias[every, small] = np.minimum(left[every, small], 1.0), large
        left[every, large] -= 1.0 - left[every, small]
        done[every, small] = True
    return keep.ravel(), alias.ravel()
