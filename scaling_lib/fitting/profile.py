r"""Likelihood intervals: how far a constant can be pushed before the others can no longer make up for it.

The summed Huber loss is the logarithm of a likelihood, that of residuals which are normal near zero and exponential in
the tails, :math:`p(r) \propto \exp(-\rho_\delta(r) / s)`, with a scale s that is fitted along. Twice the log of the likelihood
ratio is compared with the square of Student's t. Unlike a standard error a profile may be lopsided, and unlike the bootstrap it needs no luck with
few runs; but it believes that the residuals are of this shape and independent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .._validate import FloatArray, choice, integer, scalar
from .bootstrap import Interval
from .result import FitResult, a_fit, engine_for
from .task import Status, Task

__all__ = ["Profile", "profile"]


@dataclass(frozen=True)
class Profile:
    """The likelihood along one constant, the others refitted.

    Attributes
    ----------
    name : str
        The constant.
    best : float
        Its fitted value.
    level : float
        Level of the interval.
    interval : Interval
        Where the likelihood ratio is acceptable; an end that is open rests on the constant's own bound.
    open_low, open_high : bool
        Whether that end was never rejected.
    values, deviance : ndarray
        Where the profile was evaluated, and twice the log likelihood ratio there, by value.
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


def log_likelihood(objective: float, delta: float, size: float) -> float:
    """Largest log likelihood over the scale s, for a summed Huber loss of `size` independent residuals."""
    from scipy.optimize import minimize_scalar

    if objective <= 0:
        return math.inf

    def negative(log_s: float) -> float:
        s = math.exp(log_s)
        mass = math.sqrt(2 * math.pi * s) * math.erf(delta / math.sqrt(2 * s)) + 2 * s / delta * math.exp(-delta * delta / (2 * s))
        return size * math.log(mass) + objective / s

    # Between the normal limit 2F/n and the exponential one F/n the best scale is never far.
    middle = math.log(objective / size)
    found = minimize_scalar(negative, bounds=(middle - 3, middle + 3), method="bounded", options={"xatol": 1e-9})
    return -float(found.fun)


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
    spare = result.n_points - len(result.free)
    if spare < 1 or result.objective <= 1e-22:
        raise ValueError("The law goes through every point: no residual tells how noisy the runs are, so there is no likelihood. "
                         "Add runs.")
    task = result.task
    top = log_likelihood(result.objective, task.delta, spare)
    cutoff = float(stdtrit(spare, (1 + inside) / 2) ** 2)
    best = result.law.parameters[which]
    known: dict[float, float] = {best: 0.0}

    def deviance(value: float) -> float:
        if value not in known:
            known[value] = 2 * (top - log_likelihood(_objective(task, which, value), task.delta, spare))
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
