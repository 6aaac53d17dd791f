"""The one problem behind every allocation: N parameters, D tokens, and a spend of N (D + delta).

Training costs 6ND FLOP. Serving, at its own price, costs as much for every parameter as training on `delta` more
tokens would (nothing for the compute-optimal question, a third of the served tokens in Sardana's). So whatever the
prices, the question is the same: spend H = N (D + delta) for the least loss, or reach a loss for the least H.
A Chinchilla law answers by Newton steps that cannot overshoot; any other law by a search over sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from .._validate import FloatArray, shown
from ..laws import ChinchillaLaw, Law

__all__ = ["ChinchillaSurface", "SearchedSurface", "Surface", "surface_of"]

_ROUNDS = 60
_BEYOND = "The best split for these inputs is beyond what doubles hold. Check the sizes and units."
_EPS = 1e-14
_UNIT = np.linspace(0.0, 1.0, 33)


class Surface(Protocol):
    """Loss over sizes and tokens, with its two optima."""

    def loss(self, N: FloatArray, D: FloatArray) -> FloatArray: ...

    def best(self, H: FloatArray, delta: FloatArray) -> tuple[FloatArray, FloatArray]: ...

    def least(self, L: FloatArray, delta: FloatArray) -> tuple[FloatArray, FloatArray]: ...

    def log_spend(self, L: FloatArray, delta: FloatArray) -> FloatArray: ...


def _newton(step: Callable[[FloatArray], FloatArray], start: FloatArray) -> FloatArray:
    """Iterate `y - step(y)`; what is solved below is monotone and bends one way, so this converges from any side."""
    y = np.array(start, dtype=np.float64)
    for _ in range(_ROUNDS):
        change = step(y)
        y = y - change
        if np.all(np.abs(change) <= _EPS * np.maximum(np.abs(y), 1.0)):
            break
    return y


@dataclass(frozen=True)
class ChinchillaSurface:
    """`E + A / N**alpha + B / D**beta`, for one law or for arrays of constants (a bootstrap)."""

    theta: Mapping[str, Any]

    def loss(self, N: FloatArray, D: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            L = ChinchillaLaw._formula(self.theta, N=N, D=D)
        if not np.isfinite(L).all():
            raise ValueError("The loss for these inputs is beyond what doubles hold. Check the sizes and units.")
        return L

    def best(self, H: FloatArray, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Minimise the loss on N (D + delta) = H."""
        with np.errstate(all="ignore"):
            return _sound(*self._best(H, delta))

    def least(self, L: FloatArray, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Minimise N (D + delta) on L(N, D) = L."""
        with np.errstate(all="ignore"):
            return _sound(*self._least(L, delta))

    def log_spend(self, L: FloatArray, delta: FloatArray) -> FloatArray:
        """Log of the least N (D + delta) on L(N, D) = L."""
        N, D = self.least(L, delta)
        return np.asarray(np.log(N) + np.log(D + delta))

    def _best(self, H: FloatArray, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
        r"""Newton's method on the condition for the least loss.

        With y = log D the condition :math:`\alpha A N^{-\alpha} = \beta B D^{-\beta} (1 + \delta / D)` is
        :math:`c - \alpha \log H + (\alpha - 1) \log(e^y + \delta) + (1 + \beta) y = 0`, increasing in y.
        """
        alpha, beta = (np.asarray(self.theta[k], dtype=np.float64) for k in ("alpha", "beta"))
        c = np.log(alpha * self.theta["A"]) - np.log(beta * self.theta["B"]) - alpha * np.log(H)
        log_delta = _log(delta)

        def step(y: FloatArray) -> FloatArray:
            both = np.logaddexp(y, log_delta)
            value = c + (alpha - 1) * both + (1 + beta) * y
            slope = (alpha - 1) * np.exp(y - both) + 1 + beta
            return np.asarray(value / slope)

        D = np.exp(_newton(step, np.broadcast_arrays(-c / (alpha + beta), log_delta)[0]))
        return np.asarray(H / (D + delta)), D

    def _least(self, L: FloatArray, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
        r"""Newton's method on the condition for the least spend.

        With x = L - E and y = log D: :math:`\log B - \beta y + \log(\alpha + \beta + \beta \delta e^{-y}) = \log(\alpha
        x)`, whose left side is convex and decreasing.
        """
        alpha, beta = (np.asarray(self.theta[k], dtype=np.float64) for k in ("alpha", "beta"))
        A, B = self.theta["A"], self.theta["B"]
        room = np.asarray(L - self.theta["E"])
        if (room <= 0).any():
            floor = float(np.max(self.theta["E"]))
            raise ValueError(
                f"L is {float(np.min(L)):.6g}: the law has the floor E = {floor:.6g} nats, which no compute goes "
                "below. "
                "Ask for a higher loss.")
        c = np.log(B) - np.log(alpha * room)
        first, second = np.log(alpha + beta), np.log(beta) + _log(delta)

        def step(y: FloatArray) -> FloatArray:
            both = np.logaddexp(first, second - y)
            return np.asarray((c - beta * y + both) / (-beta - np.exp(second - y - both)))

        D = np.exp(_newton(step, np.broadcast_arrays((c + first) / beta, second)[0]))
        N = np.exp((np.log(A) - np.log(room - B * D**-beta)) / alpha)
        return N, D


def _sound(N: FloatArray, D: FloatArray) -> tuple[FloatArray, FloatArray]:
    if not (np.isfinite(N).all() and np.isfinite(D).all() and np.all(N > 0) and np.all(D > 0)):
        raise ValueError(_BEYOND)
    return N, D


def _log(delta: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.log(np.asarray(delta, dtype=np.float64))


@dataclass(frozen=True)
class SearchedSurface:
    """Any law of N and D whose loss falls with both, with its other variables held fixed.

    The optimum over sizes is found on a grid that closes in on the best point, so a basin that is not quite convex
    (repeated data) does no harm; sizes are good to about 1e-8, losses to rounding. Sizes
    below one parameter are not looked at.
    """

    law: Law
    fixed: Mapping[str, float] = field(default_factory=dict)
    _known: dict[float, tuple[FloatArray, FloatArray]] = field(default_factory=dict, repr=False, compare=False)

    def loss(self, N: FloatArray, D: FloatArray) -> FloatArray:
        # Called thousands of times with numbers made here; what the formula cannot bear goes to the law, which says why.
        with np.errstate(all="ignore"):
            L = np.asarray(self.law._formula(self._theta, N=N, D=D, **self._constants), dtype=np.float64)
        if np.isfinite(L).all() and np.isfinite(N).all() and np.isfinite(D).all() and (D > 0).all():
            return L
        return np.asarray(self.law(N=N, D=D, **self.fixed), dtype=np.float64)

    @cached_property
    def _constants(self) -> dict[str, FloatArray]:
        return {name: np.asarray(value, dtype=np.float64) for name, value in self.fixed.items()}

    @cached_property
    def _theta(self) -> dict[str, float]:
        return self.law.parameters

    def best(self, H: FloatArray, delta: FloatArray, rounds: int = 10) -> tuple[FloatArray, FloatArray]:
        H, delta = np.broadcast_arrays(np.asarray(H, dtype=np.float64), np.asarray(delta, dtype=np.float64))
        top = np.log(H / (delta + 1.0))  # at least one token
        low, high = np.minimum(0.0, top - 1.0), top
        spend, served = H[..., None], delta[..., None]
        for _ in range(rounds):
            width = high - low
            N = np.exp(low[..., None] + width[..., None] * _UNIT)
            D = np.maximum(spend / N - served, 1e-300)
            at = np.argmin(self.loss(N, D), axis=-1)
            low, high = low + width * _UNIT[np.maximum(at - 2, 0)], low + width * _UNIT[np.minimum(at + 2, len(_UNIT) - 1)]
        N = np.exp((low + high) / 2)
        return _sound(N, np.asarray(H / N - delta))

    def _best_losses(self, delta: float) -> tuple[FloatArray, FloatArray]:
        """The least loss at budgets of all sizes, roughly: log H from 10 to 1e65, and the loss at each."""
        if delta not in self._known:
            h = np.linspace(np.log(10.0), 150.0, 241)
            L = self.loss(*self.best(np.exp(h), np.asarray(delta), rounds=6))
            self._known[delta] = h, np.minimum.accumulate(L)
        return self._known[delta]

    def least(self, L: FloatArray, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
        return self.best(np.exp(self.log_spend(L, delta)), delta)

    def log_spend(self, L: FloatArray, delta: FloatArray) -> FloatArray:
        """Log of the least N (D + delta) on L(N, D) = L."""
        L, delta = np.broadcast_arrays(np.asarray(L, dtype=np.float64), np.asarray(delta, dtype=np.float64))
        out = np.empty(L.shape)
        for value in np.unique(delta):
            same = delta == value
            out[same] = self._least_budget(L[same], float(value))
        return out

    def _least_budget(self, L: FloatArray, delta: float) -> FloatArray:
        """The log of the least H that reaches each loss: bracketed by a coarse table, then closed in on."""
        table_h, table_L = self._best_losses(delta)
        floor = self.loss(*self.best(np.exp(table_h[-1:]), np.asarray(delta)))[0]
        if (floor > L * (1 + 1e-9)).any():
            raise ValueError(
                f"L is {float(np.min(L)):.6g}: {self.law} does not reach it with any budget. Ask for a higher loss.")
        # Where data are exhausted the loss meets its floor to rounding: a billionth above counts as reached.
        L = np.maximum(L, floor * (1 + 1e-9))
        if (table_L[0] <= L).any():
            raise ValueError(f"L is {float(np.max(L)):.6g}: a few tokens already reach it. Ask for a lower loss.")

        def miss(h: FloatArray) -> FloatArray:
            # The log of the excess over the floor is nearly straight in log H, so few secant steps are needed.
            excess = np.asarray(self.loss(*self.best(np.exp(h), np.asarray(delta), rounds=7))) - floor
            return np.asarray(np.log(np.maximum(excess, 1e-300)) - np.log(L - floor))

        at = np.clip(np.searchsorted(-table_L, -L), 1, len(table_h) - 1)
        low, high = table_h[at - 1], table_h[at]
        excess = np.log(np.maximum(table_L - floor, 1e-300))
        wanted = np.log(L - floor)
        above, below = excess[at - 1] - wanted, excess[at] - wanted
        h, side = _between(table_h, excess, wanted, at), np.zeros(L.shape)
        for _ in range(_ROUNDS):  # regula falsi, Illinois variant
            h = np.where((h >= low) & (h <= high), h, (low + high) / 2)
            value = miss(h)
            up = value > 0
            below = np.where(up & (side > 0), below / 2, np.where(up, below, value))
            above = np.where(~up & (side < 0), above / 2, np.where(up, value, above))
            low, high, side = np.where(up, h, low), np.where(up, high, h), np.where(up, 1.0, -1.0)
            if np.all((np.abs(value) < 1e-10) | (high - low < 1e-13 * high)):
                break
            with np.errstate(all="ignore"):
                h = (low * below - high * above) / (below - above)
        return h


def _between(h: FloatArray, y: FloatArray, wanted: FloatArray, at: Any) -> FloatArray:
    """Where the falling table y(h) takes the wanted values, from the cubic of h in y through four neighbours."""
    first = np.clip(at - 2, 0, len(h) - 4)
    out = np.zeros(wanted.shape)
    with np.errstate(all="ignore"):
        for i in range(4):
            weight = np.ones(wanted.shape)
            for j in range(4):
                if j != i:
                    weight = weight * (wanted - y[first + j]) / (y[first + i] - y[first + j])
            out = out + weight * h[first + i]
    return np.where(np.isfinite(out), out, h[at])


def surface_of(law: Law, **fixed: float) -> Surface:
    """The surface of a law; Chinchilla laws get the closed forms.

    Raises
    ------
    ValueError
        If the law is not one of N and D, or has no interior optimum.
    """
    if not isinstance(law, Law):
        raise ValueError(f"law is {shown(law)}: expected a law such as published.BESIROGLU_2024 or the .law of a fit.")
    if isinstance(law, ChinchillaLaw) and not fixed:
        law._needs_both_terms()
        return ChinchillaSurface(law.parameters)
    unknown = [name for name in fixed if name not in law.inputs]
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)} is not a variable of {type(law).__name__}: it takes {', '.join(law.inputs)}.")
    missing = [name for name in law.inputs if name not in ("N", "D", *fixed)]
    if not {"N", "D"} <= set(law.inputs):
        raise ValueError(
            f"law is {shown(law)}: it is a law of {', '.join(law.inputs)}; splitting a budget needs one of N and D.")
    if missing:
        raise ValueError(f"{', '.join(missing)} is missing: {type(law).__name__} takes {', '.join(law.inputs)}.")
    return SearchedSurface(law, fixed)
