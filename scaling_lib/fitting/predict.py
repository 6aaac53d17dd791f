"""Two intervals that are often taken for one another.

A *confidence* interval is about the law: where would the curve be if the sweep were repeated? It shrinks with more runs.
A *prediction* interval is about a run: where will the next measurement fall? It adds the scatter of single runs and never
shrinks below it. Neither knows whether the law still holds where you ask: for that see `backtest`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._validate import FloatArray, Numeric, choice, integer, scalar, unwrap
from .bootstrap import Bootstrap, deleted_residuals
from .result import FitResult, a_fit

__all__ = ["Band", "predict"]


@dataclass(frozen=True)
class Band:
    """A prediction with its interval.

    Attributes
    ----------
    value : float or ndarray
        What the law predicts.
    low, high : float or ndarray
        Ends of the interval.
    level : float
        Its level.
    kind : {"confidence", "prediction"}
        What it is about.
    """

    value: Numeric
    low: Numeric
    high: Numeric
    level: float
    kind: str


def predict(result: FitResult[Any], *, kind: str = "confidence", level: float = 0.95, refits: Bootstrap[Any] | None = None,
            n: int = 2000, seed: int = 0, **variables: object) -> Band:
    """Predict with an interval.

    Parameters
    ----------
    result : FitResult
        The fit.
    kind : {"confidence", "prediction"}
        About the law, or about a single further run.
    level : float
        Such as 0.95.
    refits : Bootstrap, optional
        Refits to use; `n` are made if omitted.
    n, seed : int
        Number of refits, and the seed of refits and scatter.
    **variables : float or array_like
        Where to predict; they broadcast.

    Returns
    -------
    Band

    Raises
    ------
    ValueError
        If an argument is not as described.

    Examples
    --------
    >>> from scaling_lib import ChinchillaLaw, datasets, fit
    >>> result = fit(ChinchillaLaw, data=datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch"))
    >>> about_law = predict(result, N=70e9, D=1.4e12, n=500)
    >>> about_run = predict(result, N=70e9, D=1.4e12, n=500, kind="prediction")
    >>> about_law.high - about_law.low < about_run.high - about_run.low
    True
    """
    result = a_fit(result)
    which = choice("kind", kind, ("confidence", "prediction"))
    inside = scalar("level", level, unit="a fraction, such as 0.95", low=0.0, high=1.0, open_low=True, open_high=True)
    start = integer("seed", seed)
    value = np.asarray(result.law(**variables), dtype=np.float64)
    samples = result.bootstrap(integer("n", n, low=1, high=10**7), seed=start) if refits is None else refits
    if not isinstance(samples, Bootstrap) or type(samples.law) is not type(result.law):
        raise ValueError(f"refits is {samples!r}: expected a Bootstrap of {type(result.law).__name__}, as result.bootstrap() makes.")
    curves: FloatArray = samples.predict(**variables)
    if which == "prediction":
        scatter = deleted_residuals(result)
        curves = curves * np.exp(np.random.default_rng([start, 1]).choice(scatter, size=curves.shape))
    low, high = np.quantile(curves, [(1 - inside) / 2, (1 + inside) / 2], axis=0)
    return Band(unwrap(value), unwrap(np.asarray(low)), unwrap(np.asarray(high)), inside, which)
