"""Power laws in one variable, with and without a floor.

Start here when one resource is the bottleneck and the others do not bind. A pure power law has ``E = 0``; on
log-log paper only ``y - E`` is straight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray
from .base import Law

__all__ = ["PowerLaw"]


@dataclass(frozen=True)
class PowerLaw(Law):
    r"""Power law with an offset: :math:`L(x) = E + A x^{-\alpha}`.

    Parameters
    ----------
    E : float
        Floor, in the units of `L`; 0 for a pure power law.
    A : float
        Coefficient: the excess over the floor at x = 1, in the units of `L`.
    alpha : float
        Exponent; positive where more of x lowers L.

    References
    ----------
    .. [1] Hestness et al. 2017, arXiv 1712.00409 (:math:`\varepsilon(m) = \alpha m^{\beta} + \gamma`).

    Examples
    --------
    >>> law = PowerLaw(E=1.7, A=400.0, alpha=0.34)
    >>> round(law(1e9), 4)
    2.0482
    """

    E: float
    A: float
    alpha: float

    inputs: ClassVar[tuple[str, ...]] = ("x",)
    nonnegative: ClassVar[tuple[str, ...]] = ("E", "A")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = theta["E"] + theta["A"] * np.exp(-theta["alpha"] * np.log(variables["x"]))
        return out

    def excess(self, x: object) -> Any:
        """The part above the floor, :math:`A x^{-\\alpha}`: the part that compute can still buy."""
        return self(x) - self.E
