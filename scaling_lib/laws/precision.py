"""Fewer bits: training at low precision counts as fewer parameters, quantising afterwards adds to the loss.

Use `effective_params` and `PrecisionLaw` for bits during training, `QuantisationPenalty` for bits after it. Bits may be
fractional; the forms were fitted between 3 and 16 bits. The constants known here are only reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, positive, scalar
from .base import Law

__all__ = ["PrecisionLaw", "QuantisationPenalty", "effective_params", "optimal_precision"]


def effective_params(N: object, P: object, gamma: object) -> Numeric:
    r"""Parameters that N at P bits are worth: :math:`N_{eff} = N (1 - e^{-P / \gamma})`.

    Weights, activations and the KV cache each bring such a factor; apply it once for each.

    Parameters
    ----------
    N : float or array_like
        Parameters.
    P : float or array_like
        Bits of the weights (or activations, or KV cache) during training.
    gamma : float or array_like
        Sensitivity, bits: at P = gamma a share 1 - 1/e is left.

    Returns
    -------
    float or ndarray
        Parameters.

    Raises
    ------
    ValueError
        If an argument is not positive and finite.

    References
    ----------
    .. [1] Kumar et al. 2024, arXiv 2411.04330.

    Examples
    --------
    >>> f"{effective_params(1e9, P=4, gamma=2.67):.3g}"
    '7.76e+08'
    """
    size, bits, scale = broadcast(("N", positive("N", N, unit="parameters")), ("P", positive("P", P, unit="bits")),
                                  ("gamma", positive("gamma", gamma, unit="bits")))
    return computed("number of parameters", lambda: size * -np.expm1(-bits / scale))


@dataclass(frozen=True)
class PrecisionLaw(Law):
    r"""Loss of training with P_w, P_a and P_kv bits: the Chinchilla form at :math:`N_{eff} = N \prod_i (1 -
    e^{-P_i/\gamma_i})`.

    Reported for 30e6 to 220e6 parameters on 1.5e9 to 26e9 tokens, checked up to 1.7e9 parameters.

    Parameters
    ----------
    E, A, B, alpha, beta : float
        The Chinchilla law at full precision.
    gamma_w, gamma_a, gamma_kv : float
        Sensitivities of weights, activations and KV cache, bits.

    References
    ----------
    .. [1] Kumar et al. 2024, arXiv 2411.04330.

    Examples
    --------
    >>> law = PrecisionLaw(E=1.8, A=480, B=2080, alpha=0.35, beta=0.37, gamma_w=2.67, gamma_a=2.21, gamma_kv=0.96)
    >>> round(law(N=1e9, D=2e10, P_w=4, P_a=8, P_kv=8) - law(N=1e9, D=2e10, P_w=16, P_a=16, P_kv=16), 4)
    0.0347
    """

    E: float
    A: float
    B: float
    alpha: float
    beta: float
    gamma_w: float
    gamma_a: float
    gamma_kv: float

    inputs: ClassVar[tuple[str, ...]] = ("N", "D", "P_w", "P_a", "P_kv")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {
        "alpha": (0.1, 0.8), "beta": (0.1, 0.8), "gamma_w": (0.3, 8.0), "gamma_a": (0.3, 8.0), "gamma_kv": (0.3, 8.0)}
    nonnegative: ClassVar[tuple[str, ...]] = ("E", "A", "B", "alpha", "beta")
    positive: ClassVar[tuple[str, ...]] = ("gamma_w", "gamma_a", "gamma_kv")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        log_N = np.log(variables["N"])
        for kind in ("w", "a", "kv"):
            log_N = log_N + np.log(-np.expm1(-variables[f"P_{kind}"] / theta[f"gamma_{kind}"]))
        model = theta["A"] * np.exp(-theta["alpha"] * log_N)
        data = theta["B"] * np.exp(-theta["beta"] * np.log(variables["D"]))
        out: FloatArray = theta["E"] + model + data
        return out


@dataclass(frozen=True)
class QuantisationPenalty(Law):
    r"""Loss added by quantising to P bits after training: :math:`\delta = C_T D^{\gamma_D} N^{-\gamma_N} e^{-P /
    \gamma_{post}}`.

    More training tokens make it worse, more parameters better. Reported for the range of `PrecisionLaw`.

    Parameters
    ----------
    C_T : float
        Scale, nats per token.
    gamma_D, gamma_N : float
        Exponents of tokens and parameters.
    gamma_post : float
        Bits over which the penalty falls to 1/e.

    References
    ----------
    .. [1] Kumar et al. 2024, arXiv 2411.04330.

    Examples
    --------
    >>> penalty = QuantisationPenalty(C_T=0.06, gamma_D=0.5, gamma_N=0.5, gamma_post=0.6)
    >>> round(penalty(N=1e9, D=8e10, P=4) / penalty(N=1e9, D=2e10, P=4), 12)
    2.0
    """

    C_T: float
    gamma_D: float
    gamma_N: float
    gamma_post: float

    inputs: ClassVar[tuple[str, ...]] = ("N", "D", "P")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {
        "gamma_D": (0.0, 1.5),
        "gamma_N": (0.0, 1.5),
        "gamma_post": (0.1, 5.0),
    }
    nonnegative: ClassVar[tuple[str, ...]] = ("C_T",)
    positive: ClassVar[tuple[str, ...]] = ("gamma_post",)

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        exponent = (theta["gamma_D"] * np.log(variables["D"]) - theta["gamma_N"] * np.log(variables["N"])
                    - variables["P"] / theta["gamma_post"])
        out: FloatArray = theta["C_T"] * np.exp(exponent)
        return out


def optimal_precision(*gammas: object) -> float:
    r"""Bits that buy the most effective parameters when a step costs N P: the root of :math:`\sum_i
    \frac{P/\gamma_i}{e^{P/\gamma_i} - 1} = 1`.

    It does not depend on the budget. One gamma for each thing kept at P bits (weights, activations, KV cache).

    Parameters
    ----------
    *gammas : float
        Two or more sensitivities, bits. With a single one fewer bits are always better and there is no optimum.

    Returns
    -------
    float
        Bits.

    Raises
    ------
    ValueError
        If fewer than two sensitivities are given, or one is not positive.

    References
    ----------
    .. [1] Kumar et al. 2024, arXiv 2411.04330 (cost proportional to N D P).

    Examples
    --------
    >>> round(optimal_precision(4.0, 4.0, 4.0), 2)
    7.62
    """
    scales = np.array([scalar("gamma", value, unit="bits", low=0, open_low=True) for value in gammas])
    if len(scales) < 2:
        raise ValueError(
            f"{len(scales)} sensitivities are given: at least two are needed, or there is no optimum above zero."
        )
    low, high = 0.0, float(np.log1p(len(scales)) * 2 * scales.max())
    with np.errstate(all="ignore"):
        for _ in range(100):
            middle = 0.5 * (low + high)
            share = middle / scales
            total = float(np.sum(np.where(share > 0, share / np.where(share > 0, np.expm1(share), 1.0), 1.0)))
            low, high = (middle, high) if total > 1 else (low, middle)
    return float(computed("precision", lambda: 0.5 * (low + high)))
