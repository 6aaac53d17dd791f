"""Does a score leave chance at a threshold of the loss, or along a curve that starts slowly?

Use `fit_threshold` and `fit_approach` on the same points, then compare their errors on points that were held back:
that is the test. Each has three constants, so neither wins by freedom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, finite, scalar

__all__ = ["Approach", "Threshold", "fit_approach", "fit_threshold"]

_GRID = 241


@dataclass(frozen=True)
class Threshold:
    r"""A score that stays at a floor above a loss and rises in a straight line below it.

    :math:`s(L) = floor + slope \cdot \max(0, L_0 - L)`.

    Parameters
    ----------
    floor : float
        Score above the threshold, such as chance.
    slope : float
        Rise for each nat below it.
    L0 : float
        The threshold, in the unit of the loss.

    Raises
    ------
    ValueError
        If a constant is not one finite number.
    """

    floor: float
    slope: float
    L0: float

    def __post_init__(self) -> None:
        for name in ("floor", "slope", "L0"):
            object.__setattr__(self, name, scalar(name, getattr(self, name)))

    def __call__(self, L: object) -> Numeric:
        """Score at a loss L."""
        loss = finite("L", L)
        return computed("score", lambda: self.floor + self.slope * np.maximum(0.0, self.L0 - loss))


@dataclass(frozen=True)
class Approach:
    r"""A score that leaves its floor slowly and ever faster, without a threshold.

    :math:`s(L) = floor + rise \cdot e^{-rate\, L}`, the form of :class:`scaling_lib.laws.LossToError` with the sign
    turned.

    Parameters
    ----------
    floor : float
        What the score tends to at high loss.
    rise : float
        Size of the exponential at L = 0.
    rate : float
        Per nat.

    Raises
    ------
    ValueError
        If a constant is not one finite number.
    """

    floor: float
    rise: float
    rate: float

    def __post_init__(self) -> None:
        for name in ("floor", "rise", "rate"):
            object.__setattr__(self, name, scalar(name, getattr(self, name)))

    def __call__(self, L: object) -> Numeric:
        """Score at a loss L."""
        loss = finite("L", L)
        return computed("score", lambda: self.floor + self.rise * np.exp(-self.rate * loss))


def _points(L: object, score: object) -> tuple[FloatArray, FloatArray]:
    loss, value = broadcast(("L", finite("L", L)), ("score", finite("score", score)))
    if loss.ndim != 1 or np.unique(loss).size < 5:
        raise ValueError(f"L has shape {loss.shape}: expected a list with at least five different losses.")
    computed("sum of the squared scores", lambda: 4 * np.square(value).sum())  # twice the scores is the most that is left
    return loss, value


def _line(shape: FloatArray, score: FloatArray) -> tuple[float, float, float]:
    """Least squares of score = a + b shape: a, b and the summed squares that are left."""
    u = shape - shape.mean()
    spread = float(u @ u)
    b = float(u @ score) / spread if spread > 0 else 0.0
    a = float(score.mean() - b * shape.mean())
    left = score - a - b * shape
    return a, b, float(left @ left)


def _best(shape: Callable[[float], FloatArray], score: FloatArray, grid: FloatArray) -> tuple[float, float, float]:
    """The grid's best value, refined by two finer grids, with the line that goes with it."""
    for _ in range(3):
        left = np.array([_line(shape(value), score)[2] for value in grid])
        k = int(left.argmin())
        best = float(grid[k])
        grid = np.linspace(grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)], 41)
    a, b, _ = _line(shape(best), score)
    return best, a, b


def fit_threshold(L: object, score: object) -> Threshold:
    """Fit the threshold by least squares.

    Parameters
    ----------
    L : array_like, shape (models,)
        Loss on some text, the same for all models.
    score : array_like, shape (models,)
        Score of a task.

    Returns
    -------
    Threshold

    Raises
    ------
    ValueError
        If there are fewer than five different losses.

    References
    ----------
    .. [1] Du et al. 2024, arXiv 2403.15796.

    Examples
    --------
    >>> found = fit_threshold([2.0, 2.2, 2.4, 2.6, 2.8, 3.0], [0.45, 0.35, 0.25, 0.25, 0.25, 0.25])
    >>> round(found.L0, 2), round(found.slope, 2)
    (2.4, 0.5)
    """
    loss, value = _points(L, score)
    inner = np.unique(loss)[1:]
    grid = np.linspace(inner[0], inner[-1], _GRID)
    L0, floor, slope = _best(lambda at: np.maximum(0.0, at - loss), value, grid)
    return Threshold(floor=floor, slope=slope, L0=L0)


def fit_approach(L: object, score: object) -> Approach:
    """Fit the slow start by least squares; the rate is sought from 0.05 to 10 per nat.

    Parameters
    ----------
    L : array_like, shape (models,)
        Loss on some text, the same for all models.
    score : array_like, shape (models,)
        Score of a task.

    Returns
    -------
    Approach

    Raises
    ------
    ValueError
        If there are fewer than five different losses.

    References
    ----------
    .. [1] Gadre et al. 2024, arXiv 2403.08540, equation 5.

    Examples
    --------
    >>> losses = [2.0, 2.2, 2.4, 2.6, 2.8, 3.0]
    >>> round(fit_approach(losses, Approach(floor=0.25, rise=20.0, rate=2.0)(losses)).rate, 3)
    2.0
    """
    loss, value = _points(L, score)
    middle = float(loss.mean())
    rate, floor, rise = _best(lambda k: np.exp(-k * (loss - middle)), value, np.geomspace(0.05, 10.0, _GRID))
    return Approach(floor=floor, rise=float(computed("rise", lambda: rise * np.exp(rate * middle))), rate=rate)
