"""The 2020 laws of Kaplan et al.: one bottleneck, two bottlenecks, steps, batch and allocation.

Use them to understand the history and the shape of the argument, not to plan a run: N leaves out the embeddings, C is
in PF-days, no law has a floor, and the models reached 1.5e9 parameters. Losses are on WebText2 with its tokenizer.
The critical batch is in :mod:`scaling_lib.laws.batch`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, positive
from .base import Law

__all__ = ["KaplanC", "KaplanD", "KaplanExponents", "KaplanN", "KaplanND", "KaplanNS", "alpha_C_min", "compute_min",
           "kaplan_exponents", "steps_min"]


@dataclass(frozen=True)
class KaplanN(Law):
    r"""Loss of N parameters with unlimited data: :math:`L(N) = (N_c / N)^{\alpha_N}`.

    Valid for 768 to 1.5e9 non-embedding parameters, trained to convergence.

    Parameters
    ----------
    N_c : float
        Scale, non-embedding parameters.
    alpha_N : float
        Exponent; 2**-alpha_N is what doubling N multiplies the loss by.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equation 1.1.

    Examples
    --------
    >>> round(KaplanN(N_c=8.8e13, alpha_N=0.076)(175e9), 4)
    1.6044
    """

    N_c: float
    alpha_N: float

    inputs: ClassVar[tuple[str, ...]] = ("N",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"N_c": (1e6, 1e18), "alpha_N": (0.02, 0.6)}
    positive: ClassVar[tuple[str, ...]] = ("N_c",)

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = np.exp(theta["alpha_N"] * (np.log(theta["N_c"]) - np.log(variables["N"])))
        return out


@dataclass(frozen=True)
class KaplanD(Law):
    r"""Loss of a large model stopped early on D tokens: :math:`L(D) = (D_c / D)^{\alpha_D}`.

    Reported for up to 2.3e10 tokens of WebText2.

    Parameters
    ----------
    D_c : float
        Scale, tokens.
    alpha_D : float
        Exponent.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equation 1.2.

    Examples
    --------
    >>> round(KaplanD(D_c=5.4e13, alpha_D=0.095)(300e9), 4)
    1.6378
    """

    D_c: float
    alpha_D: float

    inputs: ClassVar[tuple[str, ...]] = ("D",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"D_c": (1e6, 1e18), "alpha_D": (0.02, 0.6)}
    positive: ClassVar[tuple[str, ...]] = ("D_c",)

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = np.exp(theta["alpha_D"] * (np.log(theta["D_c"]) - np.log(variables["D"])))
        return out


@dataclass(frozen=True)
class KaplanC(Law):
    r"""Loss of the best use of C PF-days: :math:`L(C_{min}) = (C_c / C_{min})^{\alpha_C}`.

    C_min is the compute at a batch far below the critical one; the same form with other constants describes the
    compute C at the paper's fixed batch, which the authors advise against for prediction. It must fail at the latest
    near 1e4 PF-days, where it meets L(D) (equation 6.8, uncertain by an order of magnitude).

    Parameters
    ----------
    C_c : float
        Scale, PF-days (8.64e19 FLOP).
    alpha_C : float
        Exponent.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equation 1.3 and Table 5.

    Examples
    --------
    >>> round(KaplanC(C_c=3.1e8, alpha_C=0.050)(1e4), 4)
    1.6771
    """

    C_c: float
    alpha_C: float

    inputs: ClassVar[tuple[str, ...]] = ("C",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"C_c": (1e-3, 1e14), "alpha_C": (0.01, 0.5)}
    positive: ClassVar[tuple[str, ...]] = ("C_c",)

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = np.exp(theta["alpha_C"] * (np.log(theta["C_c"]) - np.log(variables["C"])))
        return out


@dataclass(frozen=True)
class KaplanND(Law):
    r"""Size and data together: :math:`L(N, D) = [(N_c / N)^{\alpha_N / \alpha_D} + D_c / D]^{\alpha_D}`.

    With D unlimited it is :math:`L(N)`, with N unlimited :math:`L(D)`; the constants of the joint fit differ from
    those of the single laws. Sizes and tokens reach as far as theirs.

    Parameters
    ----------
    N_c, D_c : float
        Scales, non-embedding parameters and tokens.
    alpha_N, alpha_D : float
        Exponents; alpha_D above zero.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equation 1.5 and Table 2.

    Examples
    --------
    >>> law = KaplanND(N_c=6.4e13, D_c=1.8e13, alpha_N=0.076, alpha_D=0.103)
    >>> round(law(N=175e9, D=300e9), 4)
    1.661
    """

    N_c: float
    D_c: float
    alpha_N: float
    alpha_D: float

    inputs: ClassVar[tuple[str, ...]] = ("N", "D")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {
        "N_c": (1e6, 1e18),
        "D_c": (1e6, 1e18),
        "alpha_N": (0.02, 0.6),
        "alpha_D": (0.02, 0.6),
    }
    positive: ClassVar[tuple[str, ...]] = ("N_c", "D_c", "alpha_D")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        size = theta["alpha_N"] / theta["alpha_D"] * (np.log(theta["N_c"]) - np.log(variables["N"]))
        data = np.log(theta["D_c"]) - np.log(variables["D"])
        out: FloatArray = np.exp(theta["alpha_D"] * np.logaddexp(size, data))
        return out

    def overfitting(self, N: object, D: object) -> Numeric:
        r"""Loss that finite data adds, as a fraction of the loss with unlimited data: :math:`L(N, D) / L(N) - 1`.

        References
        ----------
        .. [1] Kaplan et al. 2020, arXiv 2001.08361, equation 4.3.

        Examples
        --------
        >>> law = KaplanND(N_c=6.4e13, D_c=1.8e13, alpha_N=0.076, alpha_D=0.103)
        >>> round(law.overfitting(N=1e9, D=22e9), 3)
        0.022
        """
        size, tokens = broadcast(("N", positive("N", N, unit="parameters")), ("D", positive("D", D, unit="tokens")))

        def extra() -> FloatArray:
            log_ratio = (np.log(self.D_c) - np.log(tokens)
                         - self.alpha_N / self.alpha_D * (np.log(self.N_c) - np.log(size)))
            out: FloatArray = np.expm1(self.alpha_D * np.logaddexp(0.0, log_ratio))
            return out

        return computed("overfitting", extra)


@dataclass(frozen=True)
class KaplanNS(Law):
    r"""Learning curves: :math:`L(N, S_{min}) = (N_c / N)^{\alpha_N} + (S_c / S_{min})^{\alpha_S}`.

    S_min counts steps at a batch far above the critical one (see `steps_min`), after the warm-up. Sizes reach as far as
    those of `KaplanN`.

    Parameters
    ----------
    N_c, S_c : float
        Scales, non-embedding parameters and steps.
    alpha_N, alpha_S : float
        Exponents.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equations 1.6 and 5.6, Table 3.

    Examples
    --------
    >>> law = KaplanNS(N_c=6.5e13, S_c=2.1e3, alpha_N=0.077, alpha_S=0.76)
    >>> round(law(N=1e8, S_min=2e4), 4)
    2.9832
    """

    N_c: float
    S_c: float
    alpha_N: float
    alpha_S: float

    inputs: ClassVar[tuple[str, ...]] = ("N", "S_min")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {
        "N_c": (1e6, 1e18),
        "S_c": (1e1, 1e8),
        "alpha_N": (0.02, 0.6),
        "alpha_S": (0.1, 1.5),
    }
    positive: ClassVar[tuple[str, ...]] = ("N_c", "S_c")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        size = np.exp(theta["alpha_N"] * (np.log(theta["N_c"]) - np.log(variables["N"])))
        steps = np.exp(theta["alpha_S"] * (np.log(theta["S_c"]) - np.log(variables["S_min"])))
        out: FloatArray = size + steps
        return out


def alpha_C_min(alpha_N: object, alpha_S: object, alpha_B: object) -> Numeric:
    r"""Exponent of the compute frontier from the other three: :math:`1 / (1/\alpha_S + 1/\alpha_B + 1/\alpha_N)`.

    The paper prints 0.054; its printed inputs give 0.0525.

    Parameters
    ----------
    alpha_N, alpha_S, alpha_B : float or array_like
        Exponents of size, steps and critical batch, positive.

    Returns
    -------
    float or ndarray
        Exponent.

    Raises
    ------
    ValueError
        If an exponent is not positive.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equations 1.8 and 6.4.

    Examples
    --------
    >>> round(alpha_C_min(alpha_N=0.077, alpha_S=0.76, alpha_B=0.21), 4)
    0.0525
    """
    size, steps, batch = broadcast(("alpha_N", positive("alpha_N", alpha_N)), ("alpha_S", positive("alpha_S", alpha_S)),
                                   ("alpha_B", positive("alpha_B", alpha_B)))
    return computed("exponent", lambda: 1 / (1 / steps + 1 / batch + 1 / size))


@dataclass(frozen=True)
class KaplanExponents:
    """How optimal size, batch, steps and data grow with compute.

    Attributes
    ----------
    N, B, S, D : float
        Exponents of the parameters, the batch (tokens), the serial steps and the tokens D = B S.
    """

    N: float
    B: float
    S: float
    D: float


def kaplan_exponents(alpha_N: object, alpha_S: object, alpha_B: object) -> KaplanExponents:
    r"""Optimal growth with compute: :math:`N \propto C^{\alpha_C/\alpha_N}`, B and S alike, :math:`D = B S`.

    Parameters
    ----------
    alpha_N, alpha_S, alpha_B : float
        Exponents of L(N, S_min) and of the critical batch.

    Returns
    -------
    KaplanExponents
        N, B and S add up to one.

    Raises
    ------
    ValueError
        If an exponent is not one positive number.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equations 1.7 and 6.2.

    Examples
    --------
    >>> growth = kaplan_exponents(alpha_N=0.077, alpha_S=0.76, alpha_B=0.21)
    >>> round(growth.N, 2), round(growth.B, 2), round(growth.S, 2)
    (0.68, 0.25, 0.07)
    """
    from .._validate import scalar

    n = scalar("alpha_N", alpha_N, low=0, open_low=True)
    s = scalar("alpha_S", alpha_S, low=0, open_low=True)
    b = scalar("alpha_B", alpha_B, low=0, open_low=True)
    c = float(alpha_C_min(n, s, b))
    return KaplanExponents(N=c / n, B=c / b, S=c / s, D=c / b + c / s)


def steps_min(S: object, B: object, B_crit: object) -> Numeric:
    r"""Steps that S steps at batch B are worth at an unlimited batch: :math:`S_{min} = S / (1 + B_{crit} / B)`.

    Parameters
    ----------
    S : float or array_like
        Steps taken.
    B, B_crit : float or array_like
        Batch and critical batch, in one unit (tokens).

    Returns
    -------
    float or ndarray
        Steps.

    Raises
    ------
    ValueError
        If an argument is not positive.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equation 5.4.

    Examples
    --------
    >>> steps_min(S=15_000, B=1e6, B_crit=5e5)
    10000.0
    """
    steps, batch, critical = broadcast(("S", positive("S", S, unit="steps")), ("B", positive("B", B)),
                                       ("B_crit", positive("B_crit", B_crit)))
    return computed("number of steps", lambda: steps / (1 + critical / batch))


def compute_min(C: object, B: object, B_crit: object) -> Numeric:
    r"""Compute that C at batch B is worth at a vanishing batch: :math:`C_{min} = C / (1 + B / B_{crit})`.

    Parameters
    ----------
    C : float or array_like
        Compute spent, FLOP or PF-days.
    B, B_crit : float or array_like
        Batch and critical batch, in one unit (tokens).

    Returns
    -------
    float or ndarray
        Compute, in the unit of `C`.

    Raises
    ------
    ValueError
        If an argument is not positive.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equation 5.5.

    Examples
    --------
    >>> compute_min(C=3e20, B=1e6, B_crit=5e5)
    1e+20
    """
    spent, batch, critical = broadcast(("C", positive("C", C)), ("B", positive("B", B)),
                                       ("B_crit", positive("B_crit", B_crit)))
    return computed("compute", lambda: spent / (1 + batch / critical))
