"""The straight line through compute-optimal points on log-log paper, which IsoFLOP curves and envelopes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray, choice, columns, positive, scalar, unwrap
from ..compute import FLOP_PER_PARAM_TOKEN
from ..laws import Allocation, PowerLaw
from .bootstrap import Interval, percentile

__all__ = ["Frontier", "FrontierBootstrap"]


@dataclass(frozen=True)
class Frontier:
    r"""Optimal sizes and tokens as powers of compute: :math:`N^* = k_N C^a`, :math:`D^* = k_D C^b`.

    Attributes
    ----------
    a, b : float
        Exponents.
    k_N, k_D : float
        Prefactors: optimal parameters and tokens at 1 FLOP.
    loss : PowerLaw
        Loss of the optimum against compute (x in FLOP), through the same points.
    """

    a: float
    b: float
    k_N: float
    k_D: float
    loss: PowerLaw

    def optimal(self, C: object) -> Allocation:
        """The split of C FLOP that the line gives.

        The line is fitted to N and D separately, so that 6ND need not be C to the last digit.

        Raises
        ------
        ValueError
            If C is not positive and finite.
        """
        budget = positive("C", C, unit="FLOP")
        with np.errstate(all="ignore"):
            N, D = self.k_N * budget**self.a, self.k_D * budget**self.b
        return Allocation(N=unwrap(N), D=unwrap(D), C=unwrap(budget), L=self.loss(budget))


def through(C: FloatArray, N: FloatArray, D: FloatArray, L: FloatArray) -> Frontier:
    """The frontier through optima."""
    from .estimate import fit

    a, k_N = line(np.log(C), np.log(N))
    b, k_D = line(np.log(C), np.log(D))
    # Three points cannot fix a floor and a power: the pure power law is the honest description of so few.
    held = {"E": 0.0} if len(C) < 5 else None
    return Frontier(float(a), float(b), float(np.exp(k_N)), float(np.exp(k_D)),
                    fit(PowerLaw, x=C, L=L, fixed=held, delta=1.0).law)


def line(x: FloatArray, y: FloatArray, weights: FloatArray | None = None) -> tuple[FloatArray, FloatArray]:
    """Slope and intercept of least squares along the last axis; `weights` are zero for points to leave out."""
    mass = np.ones_like(y) if weights is None else weights
    total = mass.sum(-1)
    mx, my = (mass * x).sum(-1) / total, (mass * y).sum(-1) / total
    dx = x - mx[..., None]
    slope = (mass * dx * (y - my[..., None])).sum(-1) / (mass * dx * dx).sum(-1)
    return slope, my - slope * mx


@dataclass(frozen=True)
class FrontierBootstrap:
    """Frontiers of many redrawn tables.

    Attributes
    ----------
    samples : dict of ndarray (n,)
        ``"a"``, ``"b"``, ``"k_N"`` and ``"k_D"`` of every refit.
    refused : int
        How many redrawn tables left fewer than two optima inside the sampled sizes, and so no line.
    """

    samples: dict[str, FloatArray]
    refused: int

    def __len__(self) -> int:
        return len(self.samples["a"])

    def interval(self, quantity: str, level: float = 0.95) -> Interval:
        """The central `level` of ``"a"``, ``"b"``, ``"k_N"`` or ``"k_D"``."""
        return percentile(self.samples[choice("quantity", quantity, tuple(self.samples))], level)

    def optimal_interval(self, quantity: str, C: object, level: float = 0.95) -> Interval:
        """The central `level` of the optimal ``"N"``, ``"D"`` or ``"tokens_per_param"`` at C FLOP."""
        which = choice("quantity", quantity, ("N", "D", "tokens_per_param"))
        budget = float(positive("C", scalar("C", C), unit="FLOP"))
        N = self.samples["k_N"] * budget ** self.samples["a"]
        D = self.samples["k_D"] * budget ** self.samples["b"]
        return percentile({"N": N, "D": D, "tokens_per_param": D / N}[which], level)

    def __repr__(self) -> str:
        low, high = self.interval("a")
        return f"FrontierBootstrap(n={len(self)}, a from {low:.4f} to {high:.4f}, {self.refused} refused)"


def draws(C: FloatArray, N: FloatArray, D: FloatArray, usable: NDArray[np.bool_]) -> FrontierBootstrap:
    """Lines through redrawn optima (n, valleys), leaving out those that are not usable."""
    keep = usable.sum(axis=1) >= 2
    mass = usable[keep].astype(np.float64)
    if len(mass) == 0:
        raise ValueError("No redrawn table leaves two optima inside the sampled sizes: the sweep is too narrow or too "
                         "noisy for an exponent. Add sizes on both sides of the minima.")
    x = np.broadcast_to(np.log(C), mass.shape)
    tokens = np.where(usable, np.log(np.where(usable, D, 1.0)), 0.0)[keep]
    sizes = np.where(usable, np.log(np.where(usable, N, 1.0)), 0.0)[keep]
    a, k_N = line(x, sizes, mass)
    b, k_D = line(x, tokens, mass)
    return FrontierBootstrap({"a": a, "b": b, "k_N": np.exp(k_N), "k_D": np.exp(k_D)}, int((~keep).sum()))


def table(C: object, N: object, D: object, L: object) -> dict[str, FloatArray]:
    """Checked columns C, N, D and L; one of C and D may be None and follows from C = 6ND."""
    if C is None and D is None:
        raise ValueError("C or D is needed beside N and L: with one of them the other follows from C = 6ND.")
    given: dict[str, Any] = {name: value for name, value in (("C", C), ("N", N), ("D", D), ("L", L)) if value is not None}
    for name in ("N", "L"):
        if name not in given:
            raise ValueError(f"{name} is missing: pass C=, N= and L= (and D= where it was measured).")
    out = columns(given)
    if "C" not in out:
        out["C"] = FLOP_PER_PARAM_TOKEN * out["N"] * out["D"]
    if "D" not in out:
        out["D"] = out["C"] / (FLOP_PER_PARAM_TOKEN * out["N"])
    return out


def groups(C: FloatArray, tolerance: float) -> list[NDArray[np.int_]]:
    """Rows of equal budget: log C is cut where neighbours differ by more than `tolerance`."""
    order = np.argsort(C, kind="stable")
    cuts = np.flatnonzero(np.diff(np.log(C[order])) > np.log1p(tolerance)) + 1
    return np.split(order, cuts)
