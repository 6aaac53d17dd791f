"""When unique data run out: repeated tokens and surplus parameters count for less and less.

Use it when a budget would read the data more than once. It describes the trend of returns, not the level of the loss on
your corpus, and not the overfitting that sets in after many tens of epochs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, positive, unwrap
from ..compute import FLOP_PER_PARAM_TOKEN
from .base import Allocation, Law
from .chinchilla import ChinchillaLaw

__all__ = ["DataConstrainedLaw", "effective_tokens"]


def _diminished(log_base: Any, log_total: Any, half_life: Any) -> Any:
    """Log of base (1 + r* (1 - exp(-r / r*))) where r = total / base - 1 repeats lose value on the scale r*."""
    repeats = np.expm1(np.maximum(log_total - log_base, 0.0))
    return log_base + np.log1p(-half_life * np.expm1(-repeats / half_life))


def effective_tokens(U: object, epochs: object, *, R_D_star: object) -> Numeric:
    r"""Fresh tokens that several epochs over U unique tokens are worth: :math:`D' = U + U R_D^* (1 - e^{-R_D /
    R_D^*})`.

    :math:`R_D` = epochs - 1 counts the repeats. Four epochs are nearly fresh; the value never exceeds
    :math:`U (1 + R_D^*)`. Less than one epoch is worth the tokens that were read.

    Parameters
    ----------
    U : float or array_like
        Unique tokens at hand.
    epochs : float or array_like
        Passes over them.
    R_D_star : float or array_like
        Repeats after which a token's value has fallen to 1/e of a fresh one's.

    Returns
    -------
    float or ndarray
        Tokens.

    Raises
    ------
    ValueError
        If an argument is not positive and finite.

    References
    ----------
    .. [1] Muennighoff et al. 2023, arXiv 2305.16264; form as in the authors' code.

    Examples
    --------
    >>> f"{effective_tokens(100e9, epochs=4, R_D_star=15.387756):.4g}"
    '3.726e+11'
    """
    unique, passes, scale = broadcast(("U", positive("U", U, unit="tokens")), ("epochs", positive("epochs", epochs)),
                                      ("R_D_star", positive("R_D_star", R_D_star, unit="repeats")))
    read = np.log(unique) + np.log(np.minimum(passes, 1.0))
    return computed("number of tokens", lambda: np.exp(_diminished(read, np.log(unique) + np.log(passes), scale)))


@dataclass(frozen=True)
class DataConstrainedLaw(Law):
    r"""Loss of N parameters on D tokens of which U are unique: :math:`L = E + A N'^{-\alpha} + B D'^{-\beta}`.

    :math:`D' = U + U R_D^* (1 - e^{-R_D/R_D^*})` with :math:`R_D = D/U - 1`;
    :math:`N' = U_N + U_N R_N^* (1 - e^{-R_N/R_N^*})` with :math:`R_N = N/U_N - 1`, where :math:`U_N` is the size for
    which U tokens are compute-optimal, or N if that is less. U counts as D where D is less.
    Reported for runs of up to 9e9 parameters and 900e9 tokens.

    Parameters
    ----------
    E, A, B, alpha, beta : float
        The Chinchilla law that holds for fresh data.
    R_D_star : float
        Repeats after which a token's value has fallen to 1/e.
    R_N_star : float
        The same for parameters in excess of U_N.

    References
    ----------
    .. [1] Muennighoff et al. 2023, arXiv 2305.16264; form as in the authors' code.

    Examples
    --------
    >>> law = DataConstrainedLaw(E=1.87, A=521, B=1488, alpha=0.353, beta=0.353, R_D_star=15.4, R_N_star=5.31)
    >>> round(law(N=2.8e9, D=55e9, U=14e9), 3), round(law(N=2.8e9, D=55e9, U=55e9), 3)
    (2.374, 2.352)
    """

    E: float
    A: float
    B: float
    alpha: float
    beta: float
    R_D_star: float
    R_N_star: float

    inputs: ClassVar[tuple[str, ...]] = ("N", "D", "U")
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {
        "A": (10.0, 1e5),
        "B": (10.0, 1e5),
        "alpha": (0.1, 0.8),
        "beta": (0.1, 0.8),
        "R_D_star": (1.0, 100.0),
        "R_N_star": (1.0, 100.0),
    }
    nonnegative: ClassVar[tuple[str, ...]] = ("E",)
    positive: ClassVar[tuple[str, ...]] = ("A", "B", "alpha", "beta", "R_D_star", "R_N_star")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        size, tokens = np.log(variables["N"]), np.log(variables["D"])
        unique = np.minimum(np.log(variables["U"]), tokens)
        data = _diminished(unique, tokens, theta["R_D_star"])
        model = _diminished(np.minimum(size, _log_size_for(theta, unique)), size, theta["R_N_star"])
        out: FloatArray = (theta["E"] + theta["A"] * np.exp(-theta["alpha"] * model)
                           + theta["B"] * np.exp(-theta["beta"] * data))
        return out

    @property
    def fresh(self) -> ChinchillaLaw:
        """The law for unlimited unique data."""
        return ChinchillaLaw(E=self.E, A=self.A, B=self.B, alpha=self.alpha, beta=self.beta)

    def effective_tokens(self, D: object, U: object) -> Numeric:
        """D', the fresh tokens that D tokens drawn from U unique ones are worth."""
        total, unique = broadcast(("D", positive("D", D, unit="tokens")), ("U", positive("U", U, unit="tokens")))
        log_D = np.log(total)
        return computed("number of tokens",
                        lambda: np.exp(_diminished(np.minimum(np.log(unique), log_D), log_D, self.R_D_star)))

    def effective_params(self, N: object, U: object) -> Numeric:
        """N', the parameters that N are worth when only U unique tokens exist."""
        size, unique = broadcast(("N", positive("N", N, unit="parameters")), ("U", positive("U", U, unit="tokens")))

        def worth() -> FloatArray:
            log_N = np.log(size)
            base = np.minimum(log_N, _log_size_for(self.parameters, np.log(unique)))
            out: FloatArray = np.exp(_diminished(base, log_N, self.R_N_star))
            return out

        return computed("number of parameters", worth)

    def optimal(self, C: object, U: object) -> Allocation:
        r"""The best split of C FLOP when U unique tokens exist.

        Where U suffices it is the Chinchilla optimum. Otherwise the optimum lies between :math:`U_N` and the size that
        reads the data once, where the marginal returns :math:`\alpha A N'^{-\alpha-1} N e^{-R_N/R_N^*} = \beta B
        D'^{-\beta-1} D e^{-R_D/R_D^*}` meet; the difference of their logarithms falls with N, so that bisection finds
        the one root.

        Parameters
        ----------
        C : float or array_like
            Training compute, FLOP.
        U : float or array_like
            Unique tokens.

        Returns
        -------
        Allocation
            D / U is the number of epochs.

        Raises
        ------
        ValueError
            If an argument is not positive and finite.

        Examples
        --------
        >>> law = DataConstrainedLaw(E=1.87, A=521, B=1488, alpha=0.353, beta=0.353, R_D_star=15.4, R_N_star=5.31)
        >>> best = law.optimal(C=1e22, U=25e9)
        >>> round(best.D / 25e9, 1)
        9.5
        """
        budget, unique = broadcast(("C", positive("C", C, unit="FLOP")), ("U", positive("U", U, unit="tokens")))
        free = self.fresh.optimal(budget)
        half, log_U = np.log(budget) - np.log(FLOP_PER_PARAM_TOKEN), np.log(unique)
        with np.errstate(all="ignore"):
            log_UN = _log_size_for(self.parameters, log_U)
            low, high = np.array(np.minimum(log_UN, half - log_U)), np.array(half - log_U)
            for _ in range(80):
                middle = 0.5 * (low + high)
                rising = self._pull(middle, half - middle, log_UN, log_U) > 0
                low, high = np.where(rising, middle, low), np.where(rising, high, middle)
        log_N = np.where(np.log(free.D) <= log_U, np.log(free.N), 0.5 * (low + high))
        N = computed("optimal size", lambda: np.exp(log_N))
        D = computed("optimal number of tokens", lambda: np.exp(half - log_N))
        return Allocation(N=N, D=D, C=unwrap(budget), L=self(N, D, unique))

    def _pull(self, log_N: Any, log_D: Any, log_UN: Any, log_U: Any) -> Any:
        """Log of the return on a larger model less log of the return on more tokens, at N >= U_N and D >= U."""
        model, data = _diminished(log_UN, log_N, self.R_N_star), _diminished(log_U, log_D, self.R_D_star)
        excess_N, excess_D = np.expm1(np.maximum(log_N - log_UN, 0)), np.expm1(np.maximum(log_D - log_U, 0))
        larger = np.log(self.alpha) + np.log(self.A) - (self.alpha + 1) * model + log_N - excess_N / self.R_N_star
        longer = np.log(self.beta) + np.log(self.B) - (self.beta + 1) * data + log_D - excess_D / self.R_D_star
        return larger - longer


def _log_size_for(theta: Mapping[str, Any], log_tokens: Any) -> Any:
    """Log of the size for which so many fresh tokens are compute-optimal: alpha A N^-alpha = beta B D^-beta."""
    scale = np.log(theta["alpha"]) + np.log(theta["A"]) - np.log(theta["beta"]) - np.log(theta["B"])
    return (scale + theta["beta"] * log_tokens) / theta["alpha"]
