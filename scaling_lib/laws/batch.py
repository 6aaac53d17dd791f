"""Batch size: how many steps or examples a batch costs, and where more parallelism stops paying.

Use `BatchTradeoff` to fit steps against batch at one target loss; its constant B_crit is the critical batch, where
twice the minimum of both is spent. `CriticalBatch` is how that grows as the loss falls. A batch is in any one unit
(tokens, sequences); the definition of "critical" changes the exponent, so compare like with like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, finite, positive, shown
from .base import Law

__all__ = ["BatchTradeoff", "CriticalBatch", "examples_at_batch", "noise_scale", "noise_scale_from_norms",
           "step_improvement"]


@dataclass(frozen=True)
class CriticalBatch(Law):
    r"""Critical batch at loss L: :math:`B_{crit}(L) = B^* L^{-1 / \alpha_B}`, independent of the model's size.

    Measured on models of up to 1.5e9 non-embedding parameters, on WebText2.

    Parameters
    ----------
    B_star : float
        Critical batch at a loss of one nat, tokens.
    alpha_B : float
        Exponent: 0.21 means that the batch doubles for each 13 per cent off the loss.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equations 1.4 and 5.3.

    Examples
    --------
    >>> f"{CriticalBatch(B_star=2.1e8, alpha_B=0.21)(2.0):.3g}"
    '7.74e+06'
    """

    B_star: float
    alpha_B: float

    inputs: ClassVar[tuple[str, ...]] = ("L",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"B_star": (1e3, 1e12), "alpha_B": (0.05, 1.0)}
    target: ClassVar[str] = "B_crit"
    positive: ClassVar[tuple[str, ...]] = ("B_star", "alpha_B")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = theta["B_star"] * np.exp(-np.log(variables["L"]) / theta["alpha_B"])
        return out


@dataclass(frozen=True)
class BatchTradeoff(Law):
    r"""Steps to one target loss at batch B: :math:`S(B) = S_{min} (1 + B_{crit} / B)`.

    With E = S B examples it is the hyperbola :math:`(S/S_{min} - 1)(E/E_{min} - 1) = 1`, :math:`B_{crit} =
    E_{min}/S_{min}`.

    Parameters
    ----------
    S_min : float
        Steps at an unlimited batch.
    B_crit : float
        Critical batch, in the unit of B.

    References
    ----------
    .. [1] McCandlish et al. 2018, arXiv 1812.06162, equation 2.11.

    Examples
    --------
    >>> BatchTradeoff(S_min=10_000, B_crit=5e5)(1e6)
    15000.0
    """

    S_min: float
    B_crit: float

    inputs: ClassVar[tuple[str, ...]] = ("B",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"B_crit": "B"}
    target: ClassVar[str] = "S"
    positive: ClassVar[tuple[str, ...]] = ("S_min", "B_crit")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = theta["S_min"] * (1 + theta["B_crit"] / variables["B"])
        return out

    @property
    def E_min(self) -> float:
        """Examples at a vanishing batch, S_min B_crit."""
        return float(computed("number of examples", lambda: np.float64(self.S_min) * self.B_crit))

    def examples(self, B: object) -> Numeric:
        """Examples used at batch B, E_min (1 + B / B_crit)."""
        return examples_at_batch(B, B_crit=self.B_crit, E_min=self.E_min)


def examples_at_batch(B: object, *, B_crit: object, E_min: object) -> Numeric:
    r"""Examples to one target loss at batch B: :math:`E(B) = E_{min} (1 + B / B_{crit})`.

    Parameters
    ----------
    B, B_crit : float or array_like
        Batch and critical batch, in one unit.
    E_min : float or array_like
        Examples at a vanishing batch.

    Returns
    -------
    float or ndarray
        Examples, in the unit of `E_min`.

    Raises
    ------
    ValueError
        If an argument is not positive and finite.

    References
    ----------
    .. [1] McCandlish et al. 2018, arXiv 1812.06162, equation 2.11.

    Examples
    --------
    >>> examples_at_batch(1e6, B_crit=5e5, E_min=5e9)
    15000000000.0
    """
    batch, critical, least = broadcast(("B", positive("B", B)), ("B_crit", positive("B_crit", B_crit)),
                                       ("E_min", positive("E_min", E_min)))
    return computed("number of examples", lambda: least * (1 + batch / critical))


def noise_scale(trace: object, grad_squared: object) -> Numeric:
    r"""Simple noise scale, the batch at which noise and signal are equal: :math:`B_{simple} = \mathrm{tr}\,\Sigma /
    |G|^2`.

    Parameters
    ----------
    trace : float or array_like
        Sum of the variances of the gradient of one example.
    grad_squared : float or array_like
        Squared norm of the true gradient.

    Returns
    -------
    float or ndarray
        Examples.

    Raises
    ------
    ValueError
        If the trace is negative or the squared norm not positive.

    References
    ----------
    .. [1] McCandlish et al. 2018, arXiv 1812.06162, equation 2.9.

    Examples
    --------
    >>> noise_scale(trace=50.0, grad_squared=0.1)
    500.0
    """
    variance, signal = broadcast(("trace", finite("trace", trace, low=0)),
                                 ("grad_squared", positive("grad_squared", grad_squared)))
    return computed("noise scale", lambda: variance / signal)


def noise_scale_from_norms(small_squared: object, big_squared: object, *, B_small: object, B_big: object) -> Numeric:
    r"""Noise scale from the squared norms of gradients at two batch sizes, averaged over many steps.

    :math:`|G|^2 = (B_b |G_b|^2 - B_s |G_s|^2) / (B_b - B_s)`,
    :math:`\mathrm{tr}\,\Sigma = (|G_s|^2 - |G_b|^2) / (1/B_s - 1/B_b)`. Average the norms before, not the ratio after.

    Parameters
    ----------
    small_squared, big_squared : float or array_like
        Mean squared norm of the gradient at the two batches.
    B_small, B_big : float or array_like
        The two batches, in examples.

    Returns
    -------
    float or ndarray
        Examples.

    Raises
    ------
    ValueError
        If B_big is not above B_small, or the norms are too noisy to give a positive signal and noise.

    References
    ----------
    .. [1] McCandlish et al. 2018, arXiv 1812.06162, Appendix A.1.

    Examples
    --------
    >>> round(noise_scale_from_norms(0.1 + 50 / 8, 0.1 + 50 / 512, B_small=8, B_big=512), 6)
    500.0
    """
    low, high, few, many = broadcast(
        ("small_squared", positive("small_squared", small_squared)),
        ("big_squared", positive("big_squared", big_squared)),
        ("B_small", positive("B_small", B_small)),
        ("B_big", positive("B_big", B_big)),
    )
    if (many <= few).any():
        raise ValueError(f"B_big is {shown(B_big)}: expected more than B_small = {shown(B_small)}.")
    with np.errstate(all="ignore"):
        signal = (many * high - few * low) / (many - few)
        noise = (low - high) / (1 / few - 1 / many)
    if not ((signal > 0) & (noise >= 0)).all():
        raise ValueError(
            f"big_squared is {shown(big_squared)} beside small_squared {shown(small_squared)}: they leave no "
            f"positive signal "
            "or noise. Average the squared norms over more steps."
        )
    return computed("noise scale", lambda: noise / signal)


def step_improvement(B: object, *, B_noise: object, best: object) -> Numeric:
    r"""Loss gained by one step at batch B: :math:`\Delta L(B) = \Delta L_{max} / (1 + B_{noise} / B)`.

    Parameters
    ----------
    B, B_noise : float or array_like
        Batch and noise scale, in one unit.
    best : float or array_like
        The gain with the true gradient, nats.

    Returns
    -------
    float or ndarray
        Nats.

    Raises
    ------
    ValueError
        If a batch is not positive or the gain negative.

    References
    ----------
    .. [1] McCandlish et al. 2018, arXiv 1812.06162, equation 2.7.

    Examples
    --------
    >>> step_improvement(500, B_noise=500, best=0.01)
    0.005
    """
    batch, noise, limit = broadcast(("B", positive("B", B)), ("B_noise", positive("B_noise", B_noise)),
                                    ("best", finite("best", best, low=0)))
    return computed("improvement", lambda: limit / (1 + noise / batch))
