"""The one objective of this course: Huber's loss of log residuals, summed over the points.

A residual within `delta` costs its square, one beyond it costs its size, so that a few bad points cannot drag a fit.
It is summed and not averaged: averaging makes the number so small that optimisers stop early.
"""

from __future__ import annotations

import numpy as np

from .._validate import FloatArray, Numeric, finite, scalar, unwrap

__all__ = ["DELTA", "huber", "huber_objective", "log_residuals"]

#: Width of the quadratic zone in log loss, as in Hoffmann et al. 2022.
DELTA = 1e-3


def check_delta(delta: object) -> float:
    """Return `delta` as a positive float."""
    return scalar("delta", delta, unit="log residual, such as 1e-3", low=0.0, open_low=True)


def huber(residuals: object, delta: float = DELTA) -> Numeric:
    r"""Huber's loss of each residual: :math:`r^2/2` within `delta`, :math:`\delta(|r| - \delta/2)` beyond.

    Parameters
    ----------
    residuals : array_like
        Differences of logarithms, log(measured) - log(predicted); any shape.
    delta : float
        Half-width of the quadratic zone.

    Returns
    -------
    float or ndarray

    Raises
    ------
    ValueError
        If a residual is not finite or `delta` is not positive.

    References
    ----------
    .. [1] Huber 1964, "Robust Estimation of a Location Parameter".

    Examples
    --------
    >>> huber([0.001, 0.1], delta=1e-3).tolist()
    [5e-07, 9.95e-05]
    """
    return unwrap(_huber(finite("residuals", residuals), check_delta(delta)))


def huber_objective(residuals: object, delta: float = DELTA) -> float:
    """Sum of `huber` over all residuals: what a fit minimises.

    Parameters
    ----------
    residuals : array_like
        Log residuals.
    delta : float
        Half-width of the quadratic zone.

    Raises
    ------
    ValueError
        If a residual is not finite or `delta` is not positive.

    Examples
    --------
    >>> huber_objective([0.001, -0.001], delta=1e-3)
    1e-06
    """
    return float(np.sum(huber(residuals, delta)))


def _huber(residuals: FloatArray, delta: float) -> FloatArray:
    pull = np.clip(residuals, -delta, delta)
    out: FloatArray = pull * (residuals - 0.5 * pull)
    return out


def log_residuals(measured: FloatArray, predicted: FloatArray) -> FloatArray:
    """log(measured) - log(predicted); a prediction that is not positive gives an infinite residual."""
    with np.errstate(all="ignore"):
        out = np.log(measured) - np.log(predicted)
    return np.where(np.isfinite(out), out, np.inf)
