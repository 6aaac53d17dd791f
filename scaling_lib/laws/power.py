"""Power laws in one variable, with and without a floor.

Start here when one resource is the bottleneck and the others do not bind. A pure power law has ``E = 0``; on
log-log paper only ``y - E`` is straight. `PowerRule` is for what grows as a power (an optimal size, a batch).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, finite, positive
from .base import Law

__all__ = ["PowerLaw", "PowerRule", "ProductRule", "compute_multiplier", "rescale_loss"]


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
    2.0484
    """

    E: float
    A: float
    alpha: float

    inputs: ClassVar[tuple[str, ...]] = ("x",)
    nonnegative: ClassVar[tuple[str, ...]] = ("E", "A")
    terms: ClassVar[tuple[tuple[str, str, str], ...]] = (("A", "alpha", "x"),)
    floor: ClassVar[str] = "E"

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = theta["E"] + theta["A"] * np.exp(-theta["alpha"] * np.log(variables["x"]))
        return out

    def excess(self, x: object) -> Any:
        """The part above the floor, :math:`A x^{-\\alpha}`: the part that compute can still buy."""
        return self(x) - self.E


@dataclass(frozen=True)
class PowerRule(Law):
    r"""A quantity that grows or shrinks as a power: :math:`y(x) = k x^{p}`.

    Used for optimal sizes, batches, steps and learning rates along the compute axis. Such a rule was read off a
    range of scales and a recipe; outside them it is a guess.

    Parameters
    ----------
    k : float
        Value at x = 1, in the units of y.
    p : float
        Exponent: 0.73 means that ten times the x gives 10**0.73 = 5.4 times the y.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equations 1.7 and 4.4, Table 6.

    Examples
    --------
    >>> tokens = PowerRule(k=2e10, p=0.27)
    >>> f"{tokens(1e3):.3g}"
    '1.29e+11'
    """

    k: float
    p: float

    inputs: ClassVar[tuple[str, ...]] = ("x",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"p": (-2.0, 2.0)}
    target: ClassVar[str] = "y"
    positive: ClassVar[tuple[str, ...]] = ("k",)

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = theta["k"] * np.exp(theta["p"] * np.log(variables["x"]))
        return out


@dataclass(frozen=True)
class ProductRule(Law):
    r"""A quantity that is a power of two others: :math:`y(N, D) = k N^{p} D^{q}`, such as a learning rate.

    Parameters
    ----------
    k : float
        Value at N = D = 1, in the units of y.
    p, q : float
        Exponents of the parameters N and of the training tokens D.

    References
    ----------
    .. [1] Li et al. 2025, arXiv 2503.04715 (step law of learning rate and batch size).

    Examples
    --------
    >>> rate = ProductRule(k=2.0, p=-0.7, q=0.3)
    >>> f"{rate(N=1e9, D=2e10):.2e}"
    '1.23e-03'
    """

    k: float
    p: float
    q: float

    inputs: ClassVar[tuple[str, ...]] = ("N", "D")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"p": (-2.0, 2.0), "q": (-2.0, 2.0)}
    target: ClassVar[str] = "y"
    positive: ClassVar[tuple[str, ...]] = ("k",)

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        exponent = theta["p"] * np.log(variables["N"]) + theta["q"] * np.log(variables["D"])
        out: FloatArray = theta["k"] * np.exp(exponent)
        return out


def rescale_loss(loss: object, N_small: object, N_large: object, exponent: object) -> Numeric:
    r"""Loss after a change of size under a *pure* power law: :math:`L_2 = L_1 (N_1 / N_2)^{\alpha}`.

    There is no floor in it, so it may only be used where the loss is far above one; N may be any resource.

    Parameters
    ----------
    loss : float or array_like
        Loss at `N_small`, nats per token.
    N_small, N_large : float or array_like
        The two sizes, in one unit.
    exponent : float or array_like
        :math:`\alpha`, positive where more is better.

    Returns
    -------
    float or ndarray
        Loss at `N_large`.

    Raises
    ------
    ValueError
        If a loss or size is not positive, or the result overflows.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equation 1.1.

    Examples
    --------
    >>> round(rescale_loss(3.5, N_small=125e6, N_large=1e9, exponent=0.076), 3)
    2.988
    """
    first, small, large, power = broadcast(
        ("loss", positive("loss", loss)), ("N_small", positive("N_small", N_small)),
        ("N_large", positive("N_large", N_large)), ("exponent", finite("exponent", exponent)))
    return computed("rescaled loss", lambda: first * np.exp(power * (np.log(small) - np.log(large))))


def compute_multiplier(loss_ratio: object, exponent: object) -> Numeric:
    r"""Times more of a resource that divides a *pure* power law's loss by `loss_ratio`: :math:`r^{1 / \alpha}`.

    With a floor E the answer holds for the excess L - E, never for L itself.

    Parameters
    ----------
    loss_ratio : float or array_like
        Old loss over new loss: 2 halves it.
    exponent : float or array_like
        :math:`\alpha`, positive.

    Returns
    -------
    float or ndarray
        The factor on the resource.

    Raises
    ------
    ValueError
        If an argument is not positive, or the factor overflows.

    Examples
    --------
    >>> f"{compute_multiplier(10, exponent=0.05):.0e}"
    '1e+20'
    """
    ratio, power = broadcast(
        ("loss_ratio", positive("loss_ratio", loss_ratio)), ("exponent", positive("exponent", exponent))
    )
    return computed("factor on the resource", lambda: np.exp(np.log(ratio) / power))
