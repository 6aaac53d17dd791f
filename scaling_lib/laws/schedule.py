"""The learning-rate schedule in the loss: how much was moved, and how much was annealed.

Use `AnnealingLaw` to predict a whole loss curve, or what a decay added to a constant run would gain, from the schedule
alone. `schedule_areas` turns a list of learning rates into its two variables; `cosine` and `warmup_stable_decay` make
lists.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, computed, finite, fraction, integer, scalar
from .base import Law

__all__ = ["AnnealingLaw", "Areas", "annealing_area", "cosine", "schedule_areas", "warmup_stable_decay"]

_STEPS = 10_000_000
#: No learning rate is near it; products with the number of steps stay finite.
_HIGHEST = 1e100


@dataclass(frozen=True)
class AnnealingLaw(Law):
    r"""Loss at a step of a run: :math:`L = L_0 + A S_1^{-\alpha} - C S_2`.

    :math:`S_1 = \sum \eta_i` is the forward area, :math:`S_2` the annealing area (see `schedule_areas`), which is
    negative while the rate warms up. One model on one corpus; the first steps of the warm-up are outside its range.

    Parameters
    ----------
    L0 : float
        Floor of this model, nats per token.
    A, alpha : float
        Coefficient and exponent of the forward area.
    C : float
        Nats gained for each unit of annealing area.

    References
    ----------
    .. [1] Tissue et al. 2024, arXiv 2408.11029.

    Examples
    --------
    >>> law = AnnealingLaw(L0=2.628, A=0.429, alpha=0.550, C=0.411)
    >>> round(law(S1=10.0, S2=0.1), 4)
    2.7078
    """

    L0: float
    A: float
    alpha: float
    C: float

    inputs: ClassVar[tuple[str, ...]] = ("S1", "S2")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"alpha": (0.1, 1.5)}
    nonnegative: ClassVar[tuple[str, ...]] = ("L0", "A", "C")

    @classmethod
    def _variable(cls, name: str, value: object) -> FloatArray:
        return finite(name, value) if name == "S2" else super()._variable(name, value)

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        moved = theta["A"] * np.exp(-theta["alpha"] * np.log(variables["S1"]))
        out: FloatArray = theta["L0"] + moved - theta["C"] * variables["S2"]
        return out


@dataclass(frozen=True)
class Areas:
    """Forward and annealing area after each step.

    Attributes
    ----------
    S1, S2 : ndarray, shape (steps,)
        Running sums; the last entries belong to the finished run.
    """

    S1: FloatArray
    S2: FloatArray


def _rates(lrs: object) -> FloatArray:
    rates = finite("lrs", lrs, unit="learning rates", low=0)
    if rates.ndim != 1 or not 1 <= len(rates) <= _STEPS:
        raise ValueError(f"lrs has shape {rates.shape}: expected one learning rate a step, 1 to {_STEPS:,} of them.")
    return rates


def schedule_areas(lrs: object, *, decay: object) -> Areas:
    r"""Forward and annealing area of a schedule after each of its steps.

    :math:`S_1 = \sum_i \eta_i`; :math:`S_2 = \sum_{i \ge 1} m_i` with :math:`m_0 = 0` and
    :math:`m_i = \lambda m_{i-1} + (\eta_{i-1} - \eta_i)`.

    Parameters
    ----------
    lrs : array_like, shape (steps,)
        Learning rate of each step.
    decay : float
        :math:`\lambda`, 0 to 1: how long a drop of the rate keeps paying; the paper uses 0.99 to 0.9999.

    Returns
    -------
    Areas

    Raises
    ------
    ValueError
        If `lrs` is not a list of non-negative numbers, or `decay` is not between 0 and 1.

    References
    ----------
    .. [1] Tissue et al. 2024, arXiv 2408.11029.

    Examples
    --------
    >>> areas = schedule_areas([1e-3, 1e-3, 5e-4], decay=0.9)
    >>> areas.S1.round(6), areas.S2.round(6)
    (array([0.001 , 0.002 , 0.0025]), array([0.    , 0.    , 0.0005]))
    """
    rates, keep = _rates(lrs), scalar("decay", decay, low=0, high=1)
    momentum, total, running = 0.0, 0.0, [0.0]
    for drop in (-np.diff(rates)).tolist():
        momentum = keep * momentum + drop
        total += momentum
        running.append(total)
    with np.errstate(all="ignore"):
        forward, annealed = np.cumsum(rates), np.array(running)
    computed("area", lambda: np.array([forward[-1], np.abs(annealed).max()]))
    return Areas(S1=forward, S2=annealed)


def annealing_area(lrs: object, *, decay: object) -> float:
    """Annealing area S2 of a whole schedule; see `schedule_areas`.

    Parameters
    ----------
    lrs : array_like, shape (steps,)
        Learning rate of each step.
    decay : float
        0 to 1.

    Returns
    -------
    float
        In units of the learning rate.

    Raises
    ------
    ValueError
        As `schedule_areas`.

    Examples
    --------
    >>> round(annealing_area([1e-3, 1e-3, 8e-4, 6e-4, 4e-4, 2e-4, 0.0], decay=0.9), 8)
    0.00262882
    """
    return float(schedule_areas(lrs, decay=decay).S2[-1])


def _steps(steps: object, warmup: object) -> tuple[int, int]:
    total = integer("steps", steps, low=1, high=_STEPS)
    return total, integer("warmup", warmup, low=0, high=total)


def cosine(steps: object, *, peak: object, warmup: object = 0, final: object = 0.1) -> FloatArray:
    """Linear warm-up, then a cosine from the peak to a fraction of it at the last step.

    Parameters
    ----------
    steps : int
        Length of the run.
    peak : float
        Highest learning rate.
    warmup : int
        Steps of the warm-up, which count towards `steps`.
    final : float
        Last rate as a fraction of the peak.

    Returns
    -------
    ndarray, shape (steps,)

    Raises
    ------
    ValueError
        If a length is not a whole number, the warm-up is longer than the run, or a rate is negative.

    Examples
    --------
    >>> cosine(5, peak=1.0, warmup=1, final=0.0).round(3)
    array([1.   , 0.854, 0.5  , 0.146, 0.   ])
    """
    total, rise = _steps(steps, warmup)
    top, last = scalar("peak", peak, low=0, high=_HIGHEST), float(fraction("final", scalar("final", final)))
    ramp = top * np.arange(1, rise + 1) / max(rise, 1)
    progress = np.arange(1, total - rise + 1) / max(total - rise, 1)
    fall = top * (last + (1 - last) * 0.5 * (1 + np.cos(math.pi * progress)))
    return np.concatenate([ramp, fall])


def warmup_stable_decay(steps: object, *, peak: object, warmup: object = 0, decay_steps: object = 0,
                        final: object = 0.0) -> FloatArray:
    """Linear warm-up, a plateau, then a linear decay over the last `decay_steps` steps (0 for none).

    Parameters
    ----------
    steps : int
        Length of the run.
    peak : float
        Rate of the plateau.
    warmup, decay_steps : int
        Steps of the warm-up and of the decay, which count towards `steps`.
    final : float
        Last rate as a fraction of the peak.

    Returns
    -------
    ndarray, shape (steps,)

    Raises
    ------
    ValueError
        If warm-up and decay are together longer than the run, or a rate is negative.

    Examples
    --------
    >>> warmup_stable_decay(6, peak=1.0, warmup=2, decay_steps=2)
    array([0.5, 1. , 1. , 1. , 0.5, 0. ])
    """
    total, rise = _steps(steps, warmup)
    fall = integer("decay_steps", decay_steps, low=0, high=total)
    if rise + fall > total:
        raise ValueError(f"decay_steps is {fall} beside warmup {rise}: together they exceed the {total} steps.")
    top, last = scalar("peak", peak, low=0, high=_HIGHEST), float(fraction("final", scalar("final", final)))
    ramp = top * np.arange(1, rise + 1) / max(rise, 1)
    down = top * (1 - (1 - last) * np.arange(1, fall + 1) / max(fall, 1))
    return np.concatenate([ramp, np.full(total - rise - fall, top), down])
