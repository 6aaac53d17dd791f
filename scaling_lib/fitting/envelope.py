"""Chinchilla's first approach: at each budget the run with the lowest loss, and the power law through the winners.

Where training curves are given (`run=`), every run is read off at many budgets along its curve; this is sound only if
the learning rate decays with each run, for a run read midway has not annealed. On a table of final losses the envelope
is taken over the budgets of the table. A winner that is the smallest or the largest competing size is no optimum.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray, _refuse, integer, scalar
from ..laws import Allocation, PowerLaw
from .bootstrap import draw_pairs
from .frontier import Frontier, FrontierBootstrap, draws, groups, table, through
from .tables import believe_passed, sweep_columns

__all__ = ["EnvelopePoint", "EnvelopeResult", "envelope"]


class EnvelopePoint(NamedTuple):
    """The winner at one budget: compute (FLOP), parameters, tokens, loss, and whether smaller and larger runs lost.

    Attributes
    ----------
    C : float
        Compute, FLOP.
    N : float
        Parameters.
    D : float
        Tokens.
    L : float
        Loss, nats per token.
    inside : bool
        Whether both smaller and larger runs lost.
    """

    C: float
    N: float
    D: float
    L: float
    inside: bool


@dataclass(frozen=True)
class _Field:
    """Losses of all competitors (m, g) at g budgets; infinite where a competitor does not run."""

    C: FloatArray
    N: FloatArray
    D: FloatArray
    L: FloatArray
    unit: NDArray[np.int_]

    def winners(self, present: NDArray[np.bool_] | None = None) -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
        """Index of the winner at each budget (g,), and whether it is inside."""
        alive = np.isfinite(self.L) if present is None else np.isfinite(self.L) & present[:, None]
        best = np.argmin(np.where(alive, self.L, np.inf), axis=0)
        size = np.take_along_axis(self.N, best[None], axis=0)
        inside = (alive & (self.N < size)).any(axis=0) & (alive & (self.N > size)).any(axis=0)
        return best, np.asarray(inside)


@dataclass(frozen=True)
class EnvelopeResult:
    """Winners, and the power law through them.

    Attributes
    ----------
    points : tuple of EnvelopePoint
        By budget; only those `inside` are used.
    """

    points: tuple[EnvelopePoint, ...]
    _field: _Field = field(repr=False)

    @cached_property
    def frontier(self) -> Frontier:
        """The line through the winners.

        Raises
        ------
        ValueError
            If fewer than two budgets have a winner with smaller and larger competitors.
        """
        good = [p for p in self.points if p.inside]
        if len(good) < 2:
            raise ValueError(f"An exponent needs two budgets at which the best run has smaller and larger competitors: "
                             f"{len(good)} of {len(self.points)} have. Add sizes, or give the curves with run=.")
        return through(*(np.array([p[i] for p in good]) for i in range(4)))

    @property
    def a(self) -> float:
        """Exponent of the optimal parameters in compute."""
        return self.frontier.a

    @property
    def b(self) -> float:
        """Exponent of the optimal tokens in compute."""
        return self.frontier.b

    @property
    def k_N(self) -> float:
        """Optimal parameters at 1 FLOP."""
        return self.frontier.k_N

    @property
    def k_D(self) -> float:
        """Optimal tokens at 1 FLOP."""
        return self.frontier.k_D

    @property
    def loss(self) -> PowerLaw:
        """Loss of the winners against compute."""
        return self.frontier.loss

    def optimal(self, C: object) -> Allocation:
        """The split of C FLOP by the line through the winners."""
        return self.frontier.optimal(C)

    def bootstrap(self, n: int = 1000, *, seed: int = 0) -> FrontierBootstrap:
        """Draw the runs again with replacement, take the winners again, and draw the line again.

        Parameters
        ----------
        n : int
            Number of redrawn tables.
        seed : int
            Seed of the draw.
        """
        count = integer("n", n, low=1, high=10**6)
        rng = np.random.default_rng(integer("seed", seed))
        self.frontier  # noqa: B018 - refuses where there is no line
        here = self._field
        N, D = (np.empty((count, len(here.C))) for _ in range(2))
        inside = np.empty((count, len(here.C)), bool)
        drawn = draw_pairs(rng, count, here.unit) > 0
        for i in range(count):
            best, inside[i] = here.winners(drawn[i])
            N[i] = np.take_along_axis(here.N, best[None], axis=0)[0]
            D[i] = np.take_along_axis(here.D, best[None], axis=0)[0]
        return draws(here.C, N, D, inside)

    def __repr__(self) -> str:
        good = sum(p.inside for p in self.points)
        slope = f"a={self.a:.4f}, b={self.b:.4f}" if good > 1 else "no line"
        return f"EnvelopeResult({good} of {len(self.points)} winners inside, {slope})"


def envelope(*, data: Any = None, C: object = None, N: object = None, L: object = None, D: object = None, run: object = None,
             budgets: int = 1500, tolerance: float = 0.02) -> EnvelopeResult:
    """Find the best run at each budget, and the power law through the winners.

    Parameters
    ----------
    data : DataFrame, mapping or path, optional
        A table; its columns are recognised by their usual names (see :mod:`scaling_lib.fitting.tables`). The columns
        below, where given, overrule it.
    C : array_like (n,)
        Training compute, FLOP. May be omitted where D is given.
    N : array_like (n,)
        Parameters.
    L : array_like (n,)
        Loss, nats per token.
    D : array_like (n,), optional
        Training tokens; C / 6N if omitted.
    run : array_like (n,), optional
        Label of the training run of each row, if rows are points along training curves.
    budgets : int
        With `run`: how many budgets, evenly in log C, every curve is read off at.
    tolerance : float
        Without `run`: budgets whose neighbours differ by less than this fraction are one budget.

    Returns
    -------
    EnvelopeResult

    Raises
    ------
    ValueError
        If a column is missing, not positive and finite, or of another length, or an option is out of range.

    References
    ----------
    .. [1] Hoffmann et al. 2022, arXiv 2203.15556, section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> from scaling_lib import published
    >>> N, D = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e7, 1e10, 30), np.geomspace(1e8, 1e12, 60)))
    >>> curves = envelope(N=N, D=D, L=published.BESIROGLU_2024(N, D), run=N)
    >>> abs(curves.a - published.BESIROGLU_2024.a) < 0.02
    True
    """
    given = sweep_columns(data, C=C, N=N, D=D, L=L)
    runs = table(*(given.get(name) for name in "CNDL"))
    believe_passed(runs)
    size = len(runs["N"])
    if run is None:
        spread = scalar("tolerance", tolerance, unit="a fraction, such as 0.02", low=0.0, high=1.0)
        here = _budgets(runs, groups(runs["C"], spread))
    else:
        labels = np.asarray(run)
        if labels.shape != (size,):
            raise _refuse("run", run, f"one label for each of the {size} rows", f"It has shape {labels.shape}.")
        here = _curves(runs, np.asarray(np.unique(labels, return_inverse=True)[1]), integer("budgets", budgets, low=2, high=100_000))
    best, inside = here.winners()
    at = np.arange(len(here.C))
    points = tuple(EnvelopePoint(float(here.C[i]), float(here.N[best[i], i]), float(here.D[best[i], i]),
                                 float(here.L[best[i], i]), bool(inside[i])) for i in at if np.isfinite(here.L[best[i], i]))
    return EnvelopeResult(points, here)


def _budgets(data: dict[str, FloatArray], rows: list[NDArray[np.int_]]) -> _Field:
    n = len(data["N"])
    shape = (n, len(rows))
    losses = np.full(shape, np.inf)
    for i, members in enumerate(rows):
        losses[members, i] = data["L"][members]
    spread = {name: np.broadcast_to(data[name][:, None], shape) for name in ("N", "D")}
    C = np.array([np.exp(np.log(data["C"][members]).mean()) for members in rows])
    return _Field(C, spread["N"], spread["D"], losses, np.arange(n))


def _curves(data: dict[str, FloatArray], unit: NDArray[np.int_], budgets: int) -> _Field:
    count = int(unit.max()) + 1
    log_C = np.log(data["C"])
    grid = np.linspace(log_C.min(), log_C.max(), budgets)
    losses = np.full((count, budgets), np.inf)
    N, D = np.ones((count, budgets)), np.ones((count, budgets))
    for i in range(count):
        rows = np.flatnonzero(unit == i)
        rows = rows[np.argsort(log_C[rows], kind="stable")]
        along = log_C[rows]
        within = (grid >= along[0]) & (grid <= along[-1])
        losses[i, within] = np.exp(np.interp(grid[within], along, np.log(data["L"][rows])))
        N[i] = np.exp(np.log(data["N"][rows]).mean())
        D[i] = np.exp(np.interp(grid, along, np.log(data["D"][rows])))
    return _Field(np.exp(grid), N, D, losses, np.arange(count))
