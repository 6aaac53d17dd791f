r"""Likelihood intervals: how far a constant can be pushed before the others can no longer make up for it.

The rise of the objective F, the constant held and the others refitted, is compared with its own scatter:
:math:`2 (F - F_{best}) \, w / \overline{\psi^2}` with w the share of residuals in the quadratic zone (smoothed over a
neighbourhood of zero, each point left out) and :math:`\psi` the residual clipped at delta. It is a likelihood ratio that
holds whatever the residuals' distribution, normal or with outliers; for wide delta it is the F test. Its square root is
read as Student's t. Unlike a standard error a profile may be lopsided, and unlike the bootstrap it needs no luck with few
runs; but it believes that the residuals are alike and independent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .._validate import FloatArray, choice, integer, scalar
from .bootstrap import Interval, deleted_residuals, quadratic_share
from .result import FitResult, a_fit, engine_for
from .task import Status, Task

__all__ = ["Profile", "profile"]


@dataclass(frozen=True)
class Profile:
    """The objective along one constant, the others refitted.

    Attributes
    ----------
    name : str
        The constant.
    best : float
        Its fitted value.
    level : float
        Level of the interval.
    interval : Interval
        Where the deviance is acceptable; an end that is open rests on the constant's own bound.
    open_low, open_high : bool
        Whether that end was never rejected.
    values, deviance : ndarray
        Where the profile was evaluated, and the scaled rise of the objective there, by value.
    cutoff : float
        Largest acceptable deviance.
    """

    name: str
    best: float
    level: float
    interval: Interval
    open_low: bool
    open_high: bool
    values: FloatArray = field(repr=False)
    deviance: FloatArray = field(repr=False)
    cutoff: float


def _unit(result: FitResult[Any], spare: int) -> float:
    """What a rise of the objective is multiplied with to be half a squared Student's t."""
    used = slice(None) if result.task.weights is None else result.task.weights > 0
    residuals, left_out = result.residuals[used], deleted_residuals(result)[used]
    weights = np.ones(len(residuals)) if result.task.weights is None else result.task.weights[used]
    pull = weights * np.clip(residuals, -result.delta, result.delta)
    return float(quadratic_share(left_out, result.delta) * weights.sum() / (pull @ pull) * spare / len(residuals))


def profile(result: FitResult[Any], name: str, level: float = 0.95, *, points: int = 0) -> Profile:
    """The likelihood interval of one constant.

    Parameters
    ----------
    result : FitResult
        A fit that is not degenerate.
    name : str
        A constant that was found.
    level : float
        Such as 0.95.
    points : int
        Evaluate the profile at this many more values across the interval, for drawing.

    Returns
    -------
    Profile

    Raises
    ------
    ValueError
        If the fit is degenerate or exact, or `name` is not one of its free constants.

    References
    ----------
    .. [1] Venzon and Moolgavkar 1988, "A Method for Computing Profile-Likelihood-Based Confidence Intervals".
    .. [2] Schrader and Hettmansperger 1980, "Robust analysis of variance based upon a likelihood ratio criterion".

    Examples
    --------
    >>> from scaling_lib import ChinchillaLaw, datasets, fit
    >>> runs = datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")
    >>> low, high = profile(fit(ChinchillaLaw, data=runs), "alpha").interval
    >>> low < 0.3478 < high
    True
    """
    result = a_fit(result)
    from scipy.special import stdtrit

    which = choice("name", name, result.free)
    inside = scalar("level", level, unit="a fraction, such as 0.95", low=0.0, high=1.0, open_low=True, open_high=True)
    more = integer("points", points, low=0, high=10_000)
    if result.status is Status.DEGENERATE:
        raise ValueError(f"The fit is DEGENERATE ({result.message}): its likelihood is flat. Hold a constant with fixed.")
    used = result.n_points if result.task.weights is None else int(np.count_nonzero(result.task.weights))
    spare = used - len(result.free)
    if spare < 1 or result.objective <= 1e-22:
        raise ValueError("The law goes through every point: no residual tells how noisy the runs are, so there is no likelihood. "
                         "Add runs.")
    task = result.task
    unit = _unit(result, spare)
    cutoff = float(stdtrit(spare, (1 + inside) / 2) ** 2)
    best = result.law.parameters[which]
    known: dict[float, float] = {best: 0.0}

    def deviance(value: float) -> float:
        if value not in known:
            known[value] = 2 * unit * (_objective(task, which, value) - result.objective)
        return known[value]

    low, open_low = _end(deviance, best, task.low[which], cutoff, -1.0)
    high, open_high = _end(deviance, best, task.high[which], cutoff, 1.0)
    for value in np.linspace(low, high, more + 2)[1:-1]:
        deviance(float(value))
    order = np.array(sorted(known))
    return Profile(which, best, inside, Interval(low, high), open_low, open_high, order,
                   np.array([known[value] for value in order]), cutoff)


def _objective(task: Task, name: str, value: float) -> float:
    held = replace(task, fixed={**task.fixed, name: value}, bounded=task.bounded - {name})
    if not held.free:
        residual = np.log(task.target) - task.log_predict(np.array([[held.fixed[n] for n in task.names]]))[0]
        pull = np.clip(residual, -task.delta, task.delta)
        cost = pull * (residual - 0.5 * pull)
        return float((cost if task.weights is None else cost * task.weights).sum())
    return engine_for(held).solve().value


def _end(deviance: Callable[[float], float], best: float, bound: float, cutoff: float, side: float) -> tuple[float, bool]:
    """Where the deviance crosses the cutoff on one side, and whether it never does."""
    scale = abs(best) if best else 1.0
    inner, step = best, 0.02 * scale
    for _ in range(60):
        outer = best + side * step
        if side * outer >= side * bound:
            # A coefficient of exactly zero takes its term away: its limit says the same.
            outer = bound if bound != 0 else side * -1e-9 * scale
            if deviance(outer) <= cutoff:
                return float(bound), True
            break
        if deviance(outer) > cutoff:
            break
        inner, step = outer, 1.7 * step
    else:
        return float(bound), True
    for _ in range(40):
        if abs(outer - inner) <= 1e-5 * scale:
            break
        # The square root of the deviance is nearly straight: secant, kept inside the bracket.
        left, right, goal = (math.sqrt(max(v, 0.0)) for v in (deviance(inner), deviance(outer), cutoff))
        share = min(0.9, max(0.1, (goal - left) / (right - left))) if right > left else 0.5
        middle = inner + share * (outer - inner)
        if deviance(middle) > cutoff:
            outer = middle
        else:
            inner = middle
    return 0.5 * (inner + outer), False
