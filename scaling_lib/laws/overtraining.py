"""Smaller models, more tokens: the over-training law and what a smaller model costs at equal loss.

Use `OvertrainingLaw` where runs are described by compute and tokens per parameter; `small_model_overhead` for the price
of a smaller model, which under a Chinchilla-form law depends on the two exponents alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, positive, shown
from ..compute import FLOP_PER_PARAM_SERVED_TOKEN, FLOP_PER_PARAM_TOKEN
from .base import Law
from .chinchilla import ChinchillaLaw

__all__ = ["OvertrainingLaw", "payback_tokens", "small_model_overhead", "small_model_tokens", "smallest_model"]


@dataclass(frozen=True)
class OvertrainingLaw(Law):
    r"""Loss at compute C and M = D / N tokens per parameter: :math:`L(C, M) = E + (a M^{\eta} + b M^{-\eta})
    C^{-\eta}`.

    The Chinchilla law with both exponents :math:`2\eta` in other coordinates: at fixed M the excess is a straight line
    in log C, and over-training shifts it without turning it. Fitted for M between 5 and 640.

    Parameters
    ----------
    E : float
        Floor, nats per token.
    a, b : float
        Coefficients of the terms that rise and fall with M, nats per token at C = M = 1.
    eta : float
        Exponent of compute.

    References
    ----------
    .. [1] Gadre et al. 2024, arXiv 2403.08540, equation 4.

    Examples
    --------
    >>> law = OvertrainingLaw(E=1.84, a=212, b=367, eta=0.136)
    >>> round(law.of_model(N=1.4e9, M=640), 4)
    2.5418
    """

    E: float
    a: float
    b: float
    eta: float

    inputs: ClassVar[tuple[str, ...]] = ("C", "M")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"eta": (0.02, 0.5)}
    nonnegative: ClassVar[tuple[str, ...]] = ("E", "a", "b", "eta")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        log_C, log_M = np.log(variables["C"]), np.log(variables["M"])
        rising = theta["a"] * np.exp(theta["eta"] * (log_M - log_C))
        falling = theta["b"] * np.exp(-theta["eta"] * (log_M + log_C))
        out: FloatArray = theta["E"] + rising + falling
        return out

    def of_model(self, N: object, M: object) -> Numeric:
        """Loss of N parameters trained on M tokens for each of them.

        Parameters
        ----------
        N : float or array_like
            Parameters.
        M : float or array_like
            Training tokens per parameter.

        Raises
        ------
        ValueError
            If an argument is not positive and finite.
        """
        size, ratio = broadcast(
            ("N", positive("N", N, unit="parameters")), ("M", positive("M", M, unit="tokens per parameter"))
        )
        return self(computed("training compute", lambda: FLOP_PER_PARAM_TOKEN * size * (size * ratio)), ratio)

    def to_chinchilla(self) -> ChinchillaLaw:
        """The same law in N and D: A = a / 6**eta, B = b / 6**eta, alpha = beta = 2 eta."""
        scale = float(computed("coefficient", lambda: np.exp(-self.eta * np.log(FLOP_PER_PARAM_TOKEN))))
        return ChinchillaLaw(E=self.E, A=self.a * scale, B=self.b * scale, alpha=2 * self.eta, beta=2 * self.eta)


def _exponents(alpha: object, beta: object) -> tuple[FloatArray, FloatArray]:
    return positive("alpha", alpha, unit="exponent of N"), positive("beta", beta, unit="exponent of D")


def small_model_tokens(k_N: object, *, alpha: object, beta: object) -> Numeric:
    r"""Tokens, in units of the optimum's, with which k_N times the optimal size reaches the optimal loss.

    :math:`k_D = [1 - (k_N^{-\alpha} - 1)\, \beta / \alpha]^{-1/\beta}`, from :math:`\alpha A N^{-\alpha} = \beta B
    D^{-\beta}` at the optimum. It holds at every budget.

    Parameters
    ----------
    k_N : float or array_like
        Size of the model in units of the compute-optimal one; above one is allowed.
    alpha, beta : float or array_like
        Exponents of the Chinchilla-form law.

    Returns
    -------
    float or ndarray
        k_D.

    Raises
    ------
    ValueError
        If an argument is not positive, or k_N is at or below `smallest_model`: no number of tokens suffices.

    References
    ----------
    .. [1] de Vries 2023, "Go smol or go home", with Hoffmann et al. 2022, arXiv 2203.15556, equation 4.

    Examples
    --------
    >>> round(small_model_tokens(0.5, alpha=0.336, beta=0.283), 2)
    2.42
    """
    k, a, b = broadcast(("k_N", positive("k_N", k_N)), *zip(("alpha", "beta"), _exponents(alpha, beta), strict=True))
    with np.errstate(all="ignore"):
        missing = b / a * np.expm1(-a * np.log(k))
    if not (missing < 1).all():
        with np.errstate(all="ignore"):
            least = float(np.max(_smallest(a, b)))
        raise ValueError(
            f"k_N is {shown(k_N)}: a model at or below {least:.4g} of the optimal size reaches the optimal loss "
            "with no number of tokens. Ask for a larger one."
        )
    return computed("number of tokens", lambda: np.exp(-np.log1p(-missing) / b))


def small_model_overhead(k_N: object, *, alpha: object, beta: object) -> Numeric:
    r"""Extra training compute of a model k_N times the optimal size at equal loss: :math:`k_N k_D - 1`, a fraction.

    Parameters
    ----------
    k_N : float or array_like
        Size of the model in units of the compute-optimal one.
    alpha, beta : float or array_like
        Exponents of the Chinchilla-form law.

    Returns
    -------
    float or ndarray
        0.2 means 20 per cent more compute than the optimum.

    Raises
    ------
    ValueError
        As `small_model_tokens`.

    References
    ----------
    .. [1] de Vries 2023, "Go smol or go home".

    Examples
    --------
    >>> round(small_model_overhead(0.3, alpha=0.34, beta=0.28), 4)
    1.0554
    """
    tokens = np.log(small_model_tokens(k_N, alpha=alpha, beta=beta))
    size = np.log(positive("k_N", k_N))
    return computed("overhead", lambda: np.expm1(size + tokens))


def _smallest(alpha: FloatArray, beta: FloatArray) -> FloatArray:
    out: FloatArray = np.exp(-np.log1p(alpha / beta) / alpha)
    return out


def smallest_model(*, alpha: object, beta: object) -> Numeric:
    r"""Size, in units of the optimum's, below which no number of tokens reaches the optimal loss.

    :math:`k_N = (1 + \alpha / \beta)^{-1/\alpha}`.

    Parameters
    ----------
    alpha, beta : float or array_like
        Exponents of the Chinchilla-form law.

    Returns
    -------
    float or ndarray
        A fraction of the optimal size.

    Raises
    ------
    ValueError
        If an exponent is not positive.

    Examples
    --------
    >>> round(smallest_model(alpha=0.336, beta=0.283), 4)
    0.0974
    """
    a, b = broadcast(*zip(("alpha", "beta"), _exponents(alpha, beta), strict=True))
    return computed("smallest size", lambda: _smallest(a, b))


def payback_tokens(k_N: object, *, alpha: object, beta: object) -> Numeric:
    r"""Served tokens after which the smaller model is cheaper over its lifetime, in units of the optimum's training
    tokens.

    The extra training compute :math:`6ND (k_N k_D - 1)` against :math:`2N(1 - k_N)` saved on each served token:
    :math:`D_{inf} / D = 3 (k_N k_D - 1) / (1 - k_N)`. Size and budget cancel.

    Parameters
    ----------
    k_N : float or array_like
        Size of the smaller model in units of the compute-optimal one, below 1.
    alpha, beta : float or array_like
        Exponents of the Chinchilla-form law.

    Returns
    -------
    float or ndarray
        In units of the optimum's training tokens.

    Raises
    ------
    ValueError
        If k_N is not below 1, or is so small that no number of tokens suffices.

    References
    ----------
    .. [1] Sardana et al. 2024, arXiv 2401.00448 (lifetime cost 6ND + 2N D_inf).

    Examples
    --------
    >>> round(payback_tokens(0.5, alpha=0.34, beta=0.28), 2)
    1.25
    """
    size = positive("k_N", k_N)
    if (size >= 1).any():
        raise ValueError(f"k_N is {shown(k_N)}: expected below 1, a model smaller than the optimal one.")
    overhead = small_model_overhead(size, alpha=alpha, beta=beta)
    dearer = FLOP_PER_PARAM_TOKEN / FLOP_PER_PARAM_SERVED_TOKEN
    return computed("number of served tokens", lambda: dearer * np.asarray(overhead) / (1 - size))
