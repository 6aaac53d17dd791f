"""Chinchilla's second approach: at each budget, the model size at which the loss is lowest.

A parabola in log N goes through the runs of one budget near the best of them; its lowest point is the optimum. A minimum outside the
sampled sizes is refused, for then the sweep did not see the optimum and the parabola invents one. Parabolas are
biased where the valley is lopsided, so `window` keeps them near the bottom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray, integer, scalar
from ..laws import Allocation, PowerLaw
from .frontier import Frontier, FrontierBootstrap, draws, groups, table, through
from .tables import believe_passed, sweep_columns

__all__ = ["IsoFlopResult", "Valley", "ValleyStatus", "isoflop"]


class ValleyStatus(StrEnum):
    """Whether the runs of one budget show their optimum."""

    #: The parabola's minimum lies between the smallest and the largest sampled size.
    INSIDE = "INSIDE"
    #: It lies below the smallest or above the largest: the sweep did not see it.
    OUTSIDE = "OUTSIDE"
    #: The parabola opens downwards: no minimum.
    NOT_CONVEX = "NOT_CONVEX"
    #: Fewer than three different sizes.
    TOO_FEW = "TOO_FEW"


@dataclass(frozen=True)
class Valley:
    r"""The runs of one budget and their optimum.

    Attributes
    ----------
    C : float
        Budget, FLOP (geometric mean of the group).
    status : ValleyStatus
        INSIDE where the optimum may be used.
    N, D, L : float or None
        Optimal parameters, the tokens that go with them, and the loss there; None unless INSIDE.
    coefficients : tuple of float
        :math:`L = c_0 + c_1 u + c_2 u^2` with u = log(N / `middle`); empty if TOO_FEW.
    middle : float
        Where u is zero, parameters.
    sizes, losses, tokens : ndarray
        The runs of this budget, by size.
    used : ndarray of bool
        Which of them the parabola went through.
    """

    C: float
    status: ValleyStatus
    N: float | None
    D: float | None
    L: float | None
    coefficients: tuple[float, ...]
    middle: float
    sizes: FloatArray = field(repr=False)
    losses: FloatArray = field(repr=False)
    tokens: FloatArray = field(repr=False)
    used: NDArray[np.bool_] = field(repr=False)

    @property
    def inside(self) -> bool:
        """Whether the optimum may be used."""
        return self.status is ValleyStatus.INSIDE

    def parabola(self, N: object) -> FloatArray:
        """The parabola's loss at sizes N, for drawing.

        Raises
        ------
        ValueError
            If there were too few sizes for one.
        """
        if not self.coefficients:
            raise ValueError(f"The runs at C = {self.C:.3g} have fewer than three different sizes: there is no parabola.")
        from .._validate import positive

        u = np.log(positive("N", N, unit="parameters") / self.middle)
        c0, c1, c2 = self.coefficients
        return np.asarray(c0 + c1 * u + c2 * u * u)


def _advice(valleys: tuple[Valley, ...]) -> str:
    if 2 * sum(v.status is ValleyStatus.TOO_FEW for v in valleys) > len(valleys):
        return ("Most budgets have fewer than three sizes: were the runs made at a few budgets each? If not, fit a law to all "
                "of them with fit(ChinchillaLaw, ...), or give a wider tolerance.")
    return "Add sizes where a minimum is outside."


@dataclass(frozen=True)
class IsoFlopResult:
    """Valleys, and the power law through their optima.

    Attributes
    ----------
    valleys : tuple of Valley
        By budget.
    window : float or None
        Sizes within this factor of the best run were used.
    """

    valleys: tuple[Valley, ...]
    window: float | None

    @property
    def optima(self) -> tuple[Valley, ...]:
        """The valleys whose optimum may be used."""
        return tuple(valley for valley in self.valleys if valley.inside)

    @cached_property
    def frontier(self) -> Frontier:
        """The line through the optima.

        Raises
        ------
        ValueError
            If fewer than two valleys have their optimum inside the sampled sizes.
        """
        good = self.optima
        if len(good) < 2:
            state = "; ".join(f"C = {v.C:.3g}: {v.status.value}" for v in self.valleys[:6])
            if len(self.valleys) > 6:
                state += f"; and {len(self.valleys) - 6} more"
            raise ValueError(f"An exponent needs two budgets whose minimum lies inside the sampled sizes, and {len(good)} "
                             f"of {len(self.valleys)} have one ({state}). " + _advice(self.valleys))
        return through(*(np.array([getattr(v, name) for v in good]) for name in ("C", "N", "D", "L")))

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
        """Optimal parameters at 1 FLOP, the prefactor of N."""
        return self.frontier.k_N

    @property
    def k_D(self) -> float:
        """Optimal tokens at 1 FLOP, the prefactor of D."""
        return self.frontier.k_D

    @property
    def loss(self) -> PowerLaw:
        """Loss of the optimum against compute."""
        return self.frontier.loss

    def optimal(self, C: object) -> Allocation:
        """The split of C FLOP by the line through the optima."""
        return self.frontier.optimal(C)

    def bootstrap(self, n: int = 4000, *, seed: int = 0) -> FrontierBootstrap:
        """Redraw the residuals around all parabolas, find every minimum again, and draw the line again.

        With a handful of sizes per budget drawing runs would leave budgets without a parabola. Residuals are redrawn
        instead, from a pool over all valleys, at the size they have in each. A redrawn minimum outside the sampled sizes is left
        out, as in the fit. What the parabola misses systematically counts as noise here, and its bias stays unseen.

        Parameters
        ----------
        n : int
            Number of redrawn tables.
        seed : int
            Seed of the draw.

        Raises
        ------
        ValueError
            If the fit has no line, or every parabola goes through three points only, which leaves no residual.
        """
        count = integer("n", n, low=1, high=10**7)
        rng = np.random.default_rng(integer("seed", seed))
        self.frontier  # noqa: B018 - refuses where there is no line
        usable = [v for v in self.valleys if v.coefficients]
        designs = [_design(v.sizes[v.used], v.middle) for v in usable]
        residuals = [v.losses[v.used] - design @ v.coefficients for v, design in zip(usable, designs, strict=True)]
        noise = [float(np.sqrt(r @ r / (len(r) - 3))) if len(r) > 3 else None for r in residuals]
        known = [s for s in noise if s is not None]
        if not known:
            raise ValueError("Every parabola goes through three sizes exactly: no residual tells how noisy the runs are. "
                             "Add sizes per budget.")
        # Small budgets scatter more: the pool is of residuals in units of their own valley's noise.
        usual = float(np.median(known))
        pool = np.concatenate([r / s for r, s in zip(residuals, noise, strict=True) if s]) if any(known) else np.zeros(1)
        pool = (pool - pool.mean()) / max(float(pool.std()), 1e-300) if len(pool) > 1 else pool
        N, D, good = (np.empty((count, len(usable))) for _ in range(3))
        for i, (v, design) in enumerate(zip(usable, designs, strict=True)):
            own = noise[i]
            drawn = (usual if own is None else own) * rng.choice(pool, size=(count, len(design)))
            losses = design @ v.coefficients + drawn
            c = losses @ np.linalg.pinv(design).T
            log_N, inside = _lowest(c, v)
            with np.errstate(over="ignore"):
                N[:, i] = np.where(inside, np.exp(np.where(inside, log_N, 0.0)), 1.0)
            D[:, i] = np.exp(_work(v)) / N[:, i]
            good[:, i] = inside
        return draws(np.array([v.C for v in usable]), N, D, good.astype(bool))

    def __repr__(self) -> str:
        good = self.optima
        slope = f"a={self.a:.4f}, b={self.b:.4f}" if len(good) > 1 else "no line"
        return f"IsoFlopResult({len(good)} of {len(self.valleys)} optima inside, {slope})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th scope='row'>{v.C:.3g}</th><td>{'' if v.N is None else f'{v.N:.3g}'}</td>"
            f"<td>{'' if v.D is None else f'{v.D:.3g}'}</td><td>{'' if v.L is None else f'{v.L:.4f}'}</td><td>{v.status.value}</td></tr>"
            for v in self.valleys)
        return (f"<table class='sl-isoflop'><caption>{self!r}</caption><thead><tr>"
                + "".join(f"<th scope='col'>{h}</th>" for h in ("C (FLOP)", "N*", "D* (tokens)", "L (nats)", "minimum"))
                + f"</tr></thead><tbody>{rows}</tbody></table>")


def isoflop(*, data: Any = None, C: object = None, N: object = None, L: object = None, D: object = None, window: float | None = 6.0,
            tolerance: float = 0.02) -> IsoFlopResult:
    """Find the compute-optimal size at each budget, and the power law through the optima.

    Parameters
    ----------
    data : DataFrame, mapping or path, optional
        A table; its columns are recognised by their usual names (see :mod:`scaling_lib.fitting.tables`). The columns
        below, where given, overrule it.
    C : array_like (n,)
        Training compute of each run, FLOP; runs of one budget share it. May be omitted where D is given.
    N : array_like (n,)
        Parameters.
    L : array_like (n,)
        Final loss, nats per token.
    D : array_like (n,), optional
        Training tokens; C / 6N if omitted.
    window : float or None
        Use the sizes within this factor of the best run (at least its two nearest neighbours); None uses all.
    tolerance : float
        Budgets whose neighbours differ by less than this fraction are one budget.

    Returns
    -------
    IsoFlopResult

    Raises
    ------
    ValueError
        If a column is missing, not positive and finite, or of another length, or an option is out of range.

    References
    ----------
    .. [1] Hoffmann et al. 2022, arXiv 2203.15556, section 3.2.
    .. [2] Porian et al. 2024, arXiv 2406.19146.

    Examples
    --------
    >>> import numpy as np
    >>> from scaling_lib import published
    >>> C, N = (grid.ravel() for grid in np.meshgrid([1e18, 1e19, 1e20], np.geomspace(3e7, 3e10, 25)))
    >>> result = isoflop(C=C, N=N, L=published.BESIROGLU_2024.along(C, N))
    >>> abs(result.a - published.BESIROGLU_2024.a) < 0.01
    True
    """
    given = sweep_columns(data, C=C, N=N, D=D, L=L)
    runs = table(*(given.get(name) for name in "CNDL"))
    believe_passed(runs)
    factor = None if window is None else scalar("window", window, unit="a factor, such as 6", low=1.0, open_low=True)
    spread = scalar("tolerance", tolerance, unit="a fraction, such as 0.02", low=0.0, high=1.0)
    valleys = tuple(_valley({name: column[rows] for name, column in runs.items()}, factor)
                    for rows in groups(runs["C"], spread))
    return IsoFlopResult(valleys, factor)


def _design(sizes: FloatArray, middle: float) -> FloatArray:
    u = np.log(sizes / middle)
    return np.stack([np.ones_like(u), u, u * u], axis=1)


def _work(valley: Valley) -> float:
    """Mean log of N D over the runs of a budget: what turns a size into its tokens."""
    return float(np.log(valley.sizes * valley.tokens).mean())


def _lowest(c: FloatArray, valley: Valley) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Log size of the minimum of parabolas (..., 3), and whether it lies within the sampled sizes."""
    convex = c[..., 2] > 0
    log_N = np.log(valley.middle) - c[..., 1] / (2 * np.where(convex, c[..., 2], 1.0))
    inside = convex & (log_N > np.log(valley.sizes[0])) & (log_N < np.log(valley.sizes[-1]))
    return log_N, inside


def _valley(runs: dict[str, FloatArray], window: float | None) -> Valley:
    order = np.argsort(runs["N"], kind="stable")
    C, N, D, L = (runs[name][order] for name in ("C", "N", "D", "L"))
    budget, best = float(np.exp(np.log(C).mean())), int(np.argmin(L))
    used = np.ones(len(N), bool)
    if window is not None:
        distance = np.abs(np.log(N / N[best]))
        sides: Sequence[FloatArray] = [np.unique(distance[N < N[best]]), np.unique(distance[N > N[best]])]
        # A coarse grid keeps its bottom: the neighbour on either side is used however far it is.
        least = max((float(side[0]) for side in sides if len(side)), default=0.0)
        if not all(len(side) for side in sides):
            least = max((float(side[min(1, len(side) - 1)]) for side in sides if len(side)), default=0.0)
        used = distance <= max(np.log(window), least) * (1 + 1e-12)
    middle = float(np.exp(np.log(N[used]).mean()))

    def made(status: ValleyStatus, log_N: float | None = None, c: tuple[float, ...] = ()) -> Valley:
        valley = Valley(budget, status, None, None, None, c, middle, N, L, D, used)
        if log_N is None:
            return valley
        size, u = float(np.exp(log_N)), log_N - np.log(middle)
        return Valley(budget, status, size, float(np.exp(_work(valley))) / size, float(c[0] + c[1] * u + c[2] * u * u),
                      c, middle, N, L, D, used)

    if len(np.unique(N[used])) < 3:
        return made(ValleyStatus.TOO_FEW)
    c = np.linalg.pinv(_design(N[used], middle)) @ L[used]
    coefficients = tuple(float(v) for v in c)
    log_N, inside = _lowest(np.asarray(c, dtype=np.float64), made(ValleyStatus.TOO_FEW))
    if c[2] <= 0:
        return made(ValleyStatus.NOT_CONVEX, None, coefficients)
    if not inside:
        return made(ValleyStatus.OUTSIDE, None, coefficients)
    return made(ValleyStatus.INSIDE, float(log_N), coefficients)
