"""The cheapest model over its lifetime: training plus serving at a fixed quality.

Use `inference_optimal` when the number of tokens that will be served is roughly known. For prices, utilisation and
intervals around it see :mod:`scaling_lib.allocate`; for the price of a smaller model at equal loss see
:mod:`scaling_lib.laws.overtraining`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._validate import Numeric, broadcast, computed, finite, positive, shown, unwrap
from ..compute import FLOP_PER_PARAM_SERVED_TOKEN, FLOP_PER_PARAM_TOKEN
from .chinchilla import ChinchillaLaw

__all__ = ["InferenceAllocation", "inference_optimal", "inference_saving"]

#: A training token costs as much as so many served ones.
_DEARER = FLOP_PER_PARAM_TOKEN / FLOP_PER_PARAM_SERVED_TOKEN


@dataclass(frozen=True)
class InferenceAllocation:
    """A model that is trained once and serves D_inf tokens.

    Attributes
    ----------
    N, D : float or ndarray
        Parameters and training tokens.
    D_inf : float or ndarray
        Tokens served over the lifetime (prompt and output).
    L : float or ndarray
        Loss it was asked to reach, nats per token.
    """

    N: Numeric
    D: Numeric
    D_inf: Numeric
    L: Numeric

    @property
    def C(self) -> Numeric:
        """Training compute, FLOP: 6 N D."""
        return FLOP_PER_PARAM_TOKEN * self.N * self.D

    @property
    def inference_flop(self) -> Numeric:
        """Serving compute, FLOP: 2 N D_inf."""
        return FLOP_PER_PARAM_SERVED_TOKEN * self.N * self.D_inf

    @property
    def total_flop(self) -> Numeric:
        """Training and serving together, FLOP."""
        return self.C + self.inference_flop

    @property
    def tokens_per_param(self) -> Numeric:
        """D / N."""
        return self.D / self.N


def inference_optimal(
    law: ChinchillaLaw, L: object, D_inf: object, *, price_ratio: object = 1.0
) -> InferenceAllocation:
    r"""The model of loss L with the least lifetime compute: minimise :math:`6 N D + 2 N D_{inf}` along L(N, D) = L.

    With s the share of the reducible loss that is the model's, N and D follow from s, and the stationarity condition
    :math:`\frac{\alpha}{\beta} \frac{s}{1 - s} = 1 + D_{inf} / 3D` has one root: its left side rises with s, its right
    side falls. It is found by bisection in the log-odds of s, so that extreme demands do no harm.

    Parameters
    ----------
    law : ChinchillaLaw
        The law that is taken as true.
    L : float or array_like
        Loss to reach, nats per token, above law.E.
    D_inf : float or array_like
        Tokens served over the lifetime; 0 gives the compute-optimal model.
    price_ratio : float or array_like
        Price of a served FLOP in units of a training FLOP. Decoding at a tenth of the training utilisation is 10.

    Returns
    -------
    InferenceAllocation

    Raises
    ------
    ValueError
        If L is at or below law.E, an argument is not finite, or the law lacks one of its two terms.

    References
    ----------
    .. [1] Sardana et al. 2024, arXiv 2401.00448, equation 3.

    Examples
    --------
    >>> law = ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)
    >>> best = inference_optimal(law, L=2.0, D_inf=1e13)
    >>> f"{best.N:.3g} {best.D:.3g} {best.total_flop:.3g}"
    '6.49e+09 3.89e+12 2.81e+23'
    """
    if not isinstance(law, ChinchillaLaw):
        raise ValueError(f"law is {shown(law)}: expected a ChinchillaLaw, such as a constant of scaling_lib.published.")
    law._needs_both_terms()
    loss, served, ratio = broadcast(("L", law._above_floor(L)), ("D_inf", finite("D_inf", D_inf, unit="tokens", low=0)),
                                    ("price_ratio", positive("price_ratio", price_ratio)))
    room = np.log(loss - law.E)
    with np.errstate(all="ignore"):
        demand = np.log(served) + np.log(ratio) - np.log(_DEARER)
        low = np.full(np.shape(room), np.log(law.beta / law.alpha))
        high = low + np.logaddexp(0.0, demand - _log_tokens(law, room, low))
        for _ in range(80):
            middle = 0.5 * (low + high)
            surplus = np.log(law.alpha / law.beta) + middle - np.logaddexp(0.0, demand - _log_tokens(law, room, middle))
            low, high = np.where(surplus < 0, middle, low), np.where(surplus < 0, high, middle)
    odds = 0.5 * (low + high)
    N = computed("optimal size", lambda: np.exp((np.log(law.A) - room + np.logaddexp(0.0, -odds)) / law.alpha))
    D = computed("optimal number of tokens", lambda: np.exp(_log_tokens(law, room, odds)))
    best = InferenceAllocation(N=N, D=D, D_inf=unwrap(served), L=unwrap(loss))
    computed("total compute", lambda: best.total_flop)
    return best


def _log_tokens(law: ChinchillaLaw, room: Numeric, odds: Numeric) -> Numeric:
    """Log D when the data term is the share 1 / (1 + exp(odds)) of the reducible loss exp(room)."""
    return (np.log(law.B) - room + np.logaddexp(0.0, odds)) / law.beta


def inference_saving(law: ChinchillaLaw, N: object, D_inf: object, *, price_ratio: object = 1.0) -> Numeric:
    """Share of the lifetime compute saved against serving the compute-optimal model of N parameters, at equal loss.

    Parameters
    ----------
    law : ChinchillaLaw
        The law that is taken as true.
    N : float or array_like
        Parameters of the compute-optimal model whose quality is asked for.
    D_inf : float or array_like
        Tokens served over the lifetime.
    price_ratio : float or array_like
        Price of a served FLOP in units of a training FLOP.

    Returns
    -------
    float or ndarray
        0 to 1.

    Raises
    ------
    ValueError
        If an argument is not positive and finite, or the law lacks one of its two terms.

    References
    ----------
    .. [1] Sardana et al. 2024, arXiv 2401.00448, section 3.

    Examples
    --------
    >>> law = ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.336, beta=0.283)
    >>> round(inference_saving(law, N=13e9, D_inf=2e12), 3)
    0.174
    """
    if not isinstance(law, ChinchillaLaw):
        raise ValueError(f"law is {shown(law)}: expected a ChinchillaLaw, such as a constant of scaling_lib.published.")
    size, served, ratio = broadcast(("N", positive("N", N, unit="parameters")),
                                    ("D_inf", finite("D_inf", D_inf, unit="tokens", low=0)),
                                    ("price_ratio", positive("price_ratio", price_ratio)))
    usual = law.optimal_for_params(size)
    best = inference_optimal(law, usual.L, served, price_ratio=ratio)

    def saved() -> Numeric:
        spent, before = (_DEARER * np.asarray(tokens) + served * ratio for tokens in (best.D, usual.D))
        return np.maximum(1 - np.asarray(best.N) / usual.N * spent / before, 0.0)

    return computed("saving", saved)
