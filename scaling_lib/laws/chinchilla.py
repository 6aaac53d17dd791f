"""The Chinchilla law and everything that follows from it in closed form.

Use it for single-epoch training of one family of dense models on one corpus: N counts all parameters, D the training
tokens, and a budget of C FLOP buys C = 6ND. Its optimum, basin and inverse are all here; what they cost around the
optimum, with inference or repeated data, is in :mod:`scaling_lib.allocate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, positive, shown, unwrap
from ..compute import FLOP_PER_PARAM_TOKEN
from .base import Allocation, Law
from .power import PowerLaw

__all__ = ["ChinchillaLaw", "params_at_ratio"]


@dataclass(frozen=True)
class ChinchillaLaw(Law):
    r"""Loss of N parameters trained on D tokens: :math:`L(N, D) = E + A N^{-\alpha} + B D^{-\beta}`.

    Each token is read once, each run has its learning rate decayed to its end. The published constants rest on 57e6 to
    16e9 parameters, 0.8e9 to 318e9 tokens and at most 1.3e22 FLOP; beyond that they extrapolate.

    Parameters
    ----------
    E : float
        Irreducible loss, nats per token: the asymptote of this family on this corpus, not the entropy of language.
    A, B : float
        Coefficients of the model and data terms, nats per token at N = 1 and D = 1.
    alpha, beta : float
        Exponents of N (all parameters, embeddings included) and D (tokens).

    References
    ----------
    .. [1] Hoffmann et al. 2022, arXiv 2203.15556, equations 2, 4 and 10.

    Examples
    --------
    >>> law = ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)
    >>> round(law(N=70e9, D=1.4e12), 4)
    1.9366
    >>> law.optimal(C=5.76e23)
    Allocation(N=3.219e+10, D=2.982e+12, C=5.76e+23, L=1.931)
    """

    E: float
    A: float
    B: float
    alpha: float
    beta: float

    inputs: ClassVar[tuple[str, ...]] = ("N", "D")
    nonnegative: ClassVar[tuple[str, ...]] = ("E", "A", "B", "alpha", "beta")
    terms: ClassVar[tuple[tuple[str, str, str], ...]] = (("A", "alpha", "N"), ("B", "beta", "D"))
    floor: ClassVar[str] = "E"

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        model = theta["A"] * np.exp(-theta["alpha"] * np.log(variables["N"]))
        data = theta["B"] * np.exp(-theta["beta"] * np.log(variables["D"]))
        out: FloatArray = theta["E"] + model + data
        return out

    def _needs_both_terms(self) -> None:
        zero = [name for name in ("A", "B", "alpha", "beta") if getattr(self, name) == 0]
        if zero:
            raise ValueError(f"{self} has no interior optimum: {', '.join(zero)} is 0, "
                             "so one side of the trade-off is missing.")

    @property
    def a(self) -> float:
        r"""Exponent of the optimal model size, :math:`N^* \propto C^a`: :math:`\beta / (\alpha + \beta)`."""
        self._needs_both_terms()
        return 1 / (1 + self.alpha / self.beta)

    @property
    def b(self) -> float:
        r"""Exponent of the optimal tokens, :math:`D^* \propto C^b`: :math:`\alpha / (\alpha + \beta)`."""
        self._needs_both_terms()
        return 1 / (1 + self.beta / self.alpha)

    @property
    def G(self) -> float:
        r"""Scale of the optimal split: :math:`(\alpha A / (\beta B))^{1 / (\alpha + \beta)}`."""
        self._needs_both_terms()
        return float(computed("scale G of the optimal split", lambda: np.exp(self._log_G)))

    @property
    def _log_G(self) -> float:
        self._needs_both_terms()
        ratio = np.log(self.alpha) + np.log(self.A) - np.log(self.beta) - np.log(self.B)
        return float(computed("scale G of the optimal split", lambda: ratio / (self.alpha + self.beta)))

    @property
    def gamma(self) -> float:
        r"""Exponent of the reducible loss along the frontier: :math:`\alpha \beta / (\alpha + \beta)`."""
        self._needs_both_terms()
        return 1 / (1 / self.alpha + 1 / self.beta)

    def optimal(self, C: object) -> Allocation:
        r"""The compute-optimal split of C FLOP.

        :math:`N^* = G (C/6)^a`, :math:`D^* = G^{-1} (C/6)^b`.

        Parameters
        ----------
        C : float or array_like
            Training compute, FLOP.

        Returns
        -------
        Allocation

        Raises
        ------
        ValueError
            If C is not positive and finite, or the law has no interior optimum (a coefficient or exponent is 0).
        """
        budget = positive("C", C, unit="FLOP")
        half = np.log(budget) - np.log(FLOP_PER_PARAM_TOKEN)
        N = computed("optimal size", lambda: np.exp(self._log_G + self.a * half))
        D = computed("optimal number of tokens", lambda: np.exp(self.b * half - self._log_G))
        return Allocation(N=N, D=D, C=unwrap(budget), L=self(N, D))

    def along(self, C: object, N: object) -> Numeric:
        """Loss on the IsoFLOP curve of C at model size N, with the tokens that C leaves: D = C / 6N."""
        budget, size = broadcast(("C", positive("C", C, unit="FLOP")), ("N", positive("N", N, unit="parameters")))
        tokens = computed("number of tokens", lambda: budget / FLOP_PER_PARAM_TOKEN / size)
        return self(size, tokens)

    def off_optimum_penalty(self, C: object, N_multiplier: object) -> Numeric:
        r"""Loss above the optimum at the same compute, :math:`L(k N^*, D^* / k) - L^*`, with k = `N_multiplier`.

        Parameters
        ----------
        C : float or array_like
            Training compute, FLOP.
        N_multiplier : float or array_like
            Size of the model in units of the optimal one; 1 costs nothing.

        Returns
        -------
        float or ndarray
            Nats per token.

        Raises
        ------
        ValueError
            If an argument is not positive and finite, or the law has no interior optimum.

        Examples
        --------
        >>> law = ChinchillaLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
        >>> round(law.off_optimum_penalty(C=1e23, N_multiplier=0.5), 5)
        0.00657
        """
        k = np.log(positive("N_multiplier", N_multiplier, unit="times the optimal size"))
        best = self.optimal(C)

        def penalty() -> Any:
            model = self.A * np.exp(-self.alpha * np.log(best.N))
            data = self.B * np.exp(-self.beta * np.log(best.D))
            return model * np.expm1(-self.alpha * k) + data * np.expm1(self.beta * k)

        return computed("penalty", penalty)

    def off_optimum_waste(self, N_multiplier: object) -> Numeric:
        r"""Share of compute spent above what the same loss costs at the optimum, for a model k times the optimal size.

        With :math:`L - E` raised by the factor :math:`(\beta k^{-\alpha} + \alpha k^{\beta}) / (\alpha + \beta)`, the
        budget is that factor to the power :math:`1 / \gamma` times the least one. It does not depend on the budget.

        Parameters
        ----------
        N_multiplier : float or array_like
            Size of the model in units of the optimal one at the same budget.

        Returns
        -------
        float or ndarray
            0.17 means that 17 per cent more is spent than needed.

        Raises
        ------
        ValueError
            If an argument is not positive and finite, or the law has no interior optimum.

        Examples
        --------
        >>> law = ChinchillaLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
        >>> law.off_optimum_waste([0.5, 1, 2]).round(3)
        array([0.184, 0.   , 0.186])
        """
        k = np.log(positive("N_multiplier", N_multiplier, unit="times the optimal size"))
        a, b, gamma = self.a, self.b, self.gamma

        def waste() -> Any:
            rise = a * np.expm1(-self.alpha * k) + b * np.expm1(self.beta * k)
            return np.expm1(np.log1p(np.maximum(rise, 0.0)) / gamma)

        return computed("waste", waste)

    def frontier(self) -> PowerLaw:
        r"""The lowest loss at each budget as a law in C: :math:`E + K C^{-\gamma}`, C in FLOP.

        Examples
        --------
        >>> law = ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)
        >>> abs(law.frontier()(5.76e23) - law.optimal(5.76e23).L) < 1e-12
        True
        """
        scale = computed("frontier", lambda: np.exp(self._log_scale + self.gamma * np.log(FLOP_PER_PARAM_TOKEN)))
        return PowerLaw(E=self.E, A=float(scale), alpha=self.gamma)

    @property
    def _log_scale(self) -> float:
        self._needs_both_terms()
        return float(np.logaddexp(np.log(self.A) - self.alpha * self._log_G, np.log(self.B) + self.beta * self._log_G))

    def optimal_for_tokens(self, D: object) -> Allocation:
        """The model size for which D tokens are compute-optimal (the rule read from data to model)."""
        tokens = positive("D", D, unit="tokens")
        return self.optimal(self._budget(np.log(tokens) + self._log_G, self.b))

    def optimal_for_params(self, N: object) -> Allocation:
        """The tokens for which N parameters are compute-optimal (the rule read from model to data)."""
        size = positive("N", N, unit="parameters")
        return self.optimal(self._budget(np.log(size) - self._log_G, self.a))

    @staticmethod
    def _budget(log_size: FloatArray, exponent: float) -> Numeric:
        return computed("budget", lambda: FLOP_PER_PARAM_TOKEN * np.exp(log_size / exponent))

    def compute_for_loss(self, L: object) -> Numeric:
        """The least training compute (FLOP) that reaches loss L.

        Raises
        ------
        ValueError
            If L is not above E: no compute takes this law to or below its floor.
        """
        excess = self._above_floor(L) - self.E
        with np.errstate(all="ignore"):
            value = FLOP_PER_PARAM_TOKEN * np.exp((self._log_scale - np.log(excess)) / self.gamma)
        return self._finite("compute", L, value)

    def tokens_for_loss(self, L: object, N: object) -> Numeric:
        """The tokens with which N parameters reach loss L.

        Raises
        ------
        ValueError
            If N is too small for L at any number of tokens: L must exceed E + A / N**alpha.
        """
        self._needs_both_terms()
        loss, size = broadcast(("L", self._above_floor(L)), ("N", positive("N", N, unit="parameters")))
        with np.errstate(all="ignore"):
            floor = self.E + self.A * np.exp(-self.alpha * np.log(size))
            room = loss - floor
        if (room <= 0).any():
            worst = float(np.max(floor))
            raise ValueError(f"L is {shown(L)}: with N = {shown(N)} no number of tokens goes to or below {worst:.4f}. "
                             "Ask for a higher loss or a larger model.")
        with np.errstate(all="ignore"):
            value = np.exp((np.log(self.B) - np.log(room)) / self.beta)
        return self._finite("tokens", L, value)

    def _above_floor(self, L: object) -> FloatArray:
        loss = positive("L", L, unit="nats per token")
        if (loss <= self.E).any():
            raise ValueError(f"L is {shown(L)}: this law has the floor E = {self.E:.4g} nats, which no compute "
                             f"goes below. "
                             "Ask for more than that.")
        return loss

    @staticmethod
    def _finite(what: str, L: object, value: FloatArray) -> Numeric:
        if not np.isfinite(value).all():
            raise ValueError(f"L is {shown(L)}: the {what} for it exceed what doubles hold. "
                             "Ask for a loss further above the floor.")
        return unwrap(value)


def params_at_ratio(C: object, tokens_per_param: object) -> Numeric:
    r"""Model size that spends C FLOP at a chosen ratio r = D / N: :math:`N = \sqrt{C / 6r}`.

    The rule of thumb r = 20 belongs to one corpus near 5.76e23 FLOP; a fitted law says how r moves with C.

    Parameters
    ----------
    C : float or array_like
        Training compute, FLOP.
    tokens_per_param : float or array_like
        Training tokens for each parameter.

    Returns
    -------
    float or ndarray
        Parameters.

    Raises
    ------
    ValueError
        If an argument is not positive and finite.

    Examples
    --------
    >>> f"{params_at_ratio(1e23, tokens_per_param=20):.3g}"
    '2.89e+10'
    """
    budget, ratio = broadcast(("C", positive("C", C, unit="FLOP")),
                              ("tokens_per_param", positive("tokens_per_param", tokens_per_param)))
    return computed("model size", lambda: np.sqrt(budget / FLOP_PER_PARAM_TOKEN / ratio))
