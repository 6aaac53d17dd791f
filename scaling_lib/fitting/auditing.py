"""A second opinion on a fit: minimise from every start that people have used, and see where they end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._validate import FloatArray
from .result import FitResult, a_fit

__all__ = ["Audit", "audit"]


@dataclass(frozen=True)
class Audit:
    """Where many starts ended.

    Attributes
    ----------
    objective : ndarray (m,)
        Objective at the end of each start; infinite where a start was useless.
    best : float
        Smallest of them.
    arrived : float
        Fraction of the starts that ended within a millionth of the best.
    gain : float
        How much lower the best is than the fit, relative to the fit: 0 if no start found anything better.
    """

    objective: FloatArray
    best: float
    arrived: float
    gain: float

    @property
    def confirmed(self) -> bool:
        """Whether no start beat the fit by more than a millionth."""
        return self.gain <= 1e-6


def audit(result: FitResult[Any]) -> Audit:
    """Minimise from the 4,500 classical starts of a Chinchilla law, or from hundreds over the ranges of another.

    Parameters
    ----------
    result : FitResult
        The fit to check.

    Returns
    -------
    Audit

    References
    ----------
    .. [1] Hoffmann et al. 2022, arXiv 2203.15556, appendix D.2, for the idea; the grid is that of Besiroglu et al. 2024.

    Examples
    --------
    >>> from scaling_lib import PowerLaw, fit
    >>> audit(fit(PowerLaw, x=[1.0, 2, 4, 8, 16], L=[3.02, 2.49, 2.26, 2.12, 2.07])).confirmed
    True
    """
    result = a_fit(result)
    value = result.engine.audit().value
    best = float(value.min())
    scale = max(result.objective, 1e-24)
    return Audit(value, best, float(np.mean(value <= best + 1e-6 * max(best, 1e-24))), max(0.0, (result.objective - best) / scale))
