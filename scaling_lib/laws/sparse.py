"""Models of which each token uses a part: routed experts and fine-grained experts.

Use `RoutedLaw` for one expert of E at a fixed number of tokens, `FineGrainedLaw` where the tokens and the size of an
expert vary too. N counts the parameters of the dense model that has the same cost per token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, Numeric, computed, finite
from .base import Law

__all__ = ["FineGrainedLaw", "RoutedLaw"]


@dataclass(frozen=True)
class RoutedLaw(Law):
    r"""Loss of N active parameters and E experts: :math:`\log_{10} L = a \log N + b \log \hat E + c \log N \log \hat E
    + d`.

    All logarithms are to base ten. The count of experts saturates:
    :math:`1/\hat E = 1/(E - 1 + (1/E_{start} - 1/E_{max})^{-1}) + 1/E_{max}`, so that one expert counts as E_start and
    infinitely many as E_max. Fitted at 130e9 tokens, 15e6 to 1.3e9 parameters, up to 512 experts.

    Parameters
    ----------
    a, b, c, d : float
        Slopes of log N, log E, their product, and the intercept.
    E_start, E_max : float
        Effective experts of a dense model and of unlimited experts; E_max above E_start.

    Raises
    ------
    ValueError
        If `E_max` is not above `E_start`.

    References
    ----------
    .. [1] Clark et al. 2022, arXiv 2202.01169, equation 1.

    Examples
    --------
    >>> law = RoutedLaw(a=-0.082, b=-0.108, c=0.009, d=1.104, E_start=1.847, E_max=314.478)
    >>> round(law(N=1.3e9, E=64), 4)
    2.0498
    """

    a: float
    b: float
    c: float
    d: float
    E_start: float
    E_max: float

    inputs: ClassVar[tuple[str, ...]] = ("N", "E")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {
        "a": (-0.3, 0.0),
        "b": (-0.3, 0.0),
        "c": (0.0, 0.05),
        "d": (0.0, 2.0),
        "E_start": (1.0, 10.0),
        "E_max": (10.0, 1e4),
    }
    positive: ClassVar[tuple[str, ...]] = ("E_start", "E_max")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.E_max > self.E_start:
            raise ValueError(f"RoutedLaw.E_max is {self.E_max!r}: expected more than E_start = {self.E_start!r}.")

    @classmethod
    def _variable(cls, name: str, value: object) -> FloatArray:
        return (
            finite(name, value, unit="experts, 1 is dense", low=1.0) if name == "E" else super()._variable(name, value)
        )

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        size, experts = np.log10(variables["N"]), np.log10(_saturated(theta, variables["E"]))
        exponent = theta["a"] * size + theta["b"] * experts + theta["c"] * size * experts + theta["d"]
        out: FloatArray = np.exp(np.log(10.0) * exponent)
        return out

    def effective_experts(self, E: object) -> Numeric:
        """The saturated count of experts."""
        experts = self._variable("E", E)
        return computed("number of experts", lambda: _saturated(self.parameters, experts))

    @property
    def cutoff(self) -> float:
        r"""Size beyond which more experts stop helping, :math:`10^{-b/c}` parameters.

        It reacts violently to the rounding of b and c: compute it from a fit, not from printed digits.

        Raises
        ------
        ValueError
            If c is zero: the gain from experts then never ends.
        """
        if self.c == 0:
            raise ValueError("RoutedLaw.c is 0: the gain from experts does not depend on N, so there is no cutoff.")
        return float(computed("cutoff", lambda: np.exp(-np.log(10.0) * self.b / self.c)))


def _saturated(theta: Mapping[str, Any], experts: FloatArray) -> Any:
    shift = 1 / (1 / theta["E_start"] - 1 / theta["E_max"])
    return 1 / (1 / (experts - 1 + shift) + 1 / theta["E_max"])


@dataclass(frozen=True)
class FineGrainedLaw(Law):
    r"""Loss with experts G times finer than a feed-forward layer: :math:`L = c + (g / G^{\gamma} + a) N^{-\alpha} + b
    D^{-\beta}`.

    Parameters
    ----------
    c : float
        Floor, nats per token.
    a, alpha : float
        Coefficient and exponent of the parameters N.
    b, beta : float
        Coefficient and exponent of the training tokens D.
    g, gamma : float
        Coefficient and exponent of the granularity G.

    References
    ----------
    .. [1] Krajewski et al. 2024, arXiv 2402.07871, equation 9.

    Examples
    --------
    >>> law = FineGrainedLaw(c=0.47, a=18.1, alpha=0.115, b=30.8, beta=0.147, g=2.1, gamma=0.58)
    >>> round(law(N=1e9, D=1e11, G=8), 4)
    2.9418
    """

    c: float
    a: float
    alpha: float
    b: float
    beta: float
    g: float
    gamma: float

    inputs: ClassVar[tuple[str, ...]] = ("N", "D", "G")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {
        "alpha": (0.03, 0.8),
        "beta": (0.03, 0.8),
        "gamma": (0.1, 2.0),
    }
    nonnegative: ClassVar[tuple[str, ...]] = ("c", "a", "b", "g", "alpha", "beta", "gamma")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        fine = theta["g"] * np.exp(-theta["gamma"] * np.log(variables["G"])) + theta["a"]
        model = fine * np.exp(-theta["alpha"] * np.log(variables["N"]))
        data = theta["b"] * np.exp(-theta["beta"] * np.log(variables["D"]))
        out: FloatArray = theta["c"] + model + data
        return out
