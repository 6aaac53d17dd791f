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

from .._validate import FloatArray, Numeric, broadcast, positive, unwrap
from ..compute import FLOP_PER_PARAM_TOKEN
from .base import Allocation, Law

__all__ = ["ChinchillaLaw"]


@dataclass(frozen=True)
class ChinchillaLaw(Law):
    r"""Loss of N parameters trained on D tokens: :math:`L(N, D) = E + A N^{-\alpha} + B D^{-\beta}`.

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

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        model = theta["A"] * np.exp(-theta["alpha"] * np.log(variables["N"]))
        data = theta["B"] * np.exp(-theta["beta"] * np.log(variables["D"]))
        out: FloatArray = theta["E"] + model + data
        return out

    def _needs_both_terms(self) -> None:
        zero = [name for name in ("A", "B", "alpha", "beta") if getattr(self, name) == 0]
        if zero:
            raise ValueError(f"{self} has no interior optimum: {', '.join(zero)} is 0, so one side of the trade-off is missing.")

    @property
    def a(self) -> float:
        r"""Exponent of the optimal model size, :math:`N^* \propto C^a`: :math:`\beta / (\alpha + \beta)`."""
        self._needs_both_terms()
        return self.beta / (self.alpha + self.beta)

    @property
    def b(self) -> float:
        r"""Exponent of the optimal tokens, :math:`D^* \propto C^b`: :math:`\alpha / (\alpha + \beta)`."""
        self._needs_both_terms()
        return self.alpha / (self.alpha + self.beta)

    @property
    def G(self) -> float:
        r"""Scale of the optimal split: :math:`(\alpha A / (\beta B))^{1 / (\alpha + \beta)}`."""
        self._needs_both_terms()
        return float(np.exp(np.log(self.alpha * self.A / (self.beta * self.B)) / (self.alpha + self.beta)))

    @property
    def gamma(self) -> float:
        r"""Exponent of the reducible loss along the frontier: :math:`\alpha \beta / (\alpha + \beta)`."""
        self._needs_both_terms()
        return self.alpha * self.beta / (self.alpha + self.beta)

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
        half = budget / FLOP_PER_PARAM_TOKEN
        N = self.G * half**self.a
        D = half / N
        return Allocation(N=unwrap(N), D=unwrap(D), C=unwrap(budget), L=self(N, D))

    def along(self, C: object, N: object) -> Numeric:
        """Loss on the IsoFLOP curve of C at model size N, with the tokens that C leaves: D = C / 6N."""
        budget, size = broadcast(("C", positive("C", C, unit="FLOP")), ("N", positive("N", N, unit="parameters")))
        return self(size, budget / (FLOP_PER_PARAM_TOKEN * size))

    def optimal_for_tokens(self, D: object) -> Allocation:
        """The model size for which D tokens are compute-optimal (the rule read from data to model)."""
        tokens = positive("D", D, unit="tokens")
        half = (tokens * self.G) ** (1 / self.b)
        return self.optimal(unwrap(FLOP_PER_PARAM_TOKEN * half))

    def optimal_for_params(self, N: object) -> Allocation:
        """The tokens for which N parameters are compute-optimal (the rule read from model to data)."""
        size = positive("N", N, unit="parameters")
        half = (size / self.G) ** (1 / self.a)
        return self.optimal(unwrap(FLOP_PER_PARAM_TOKEN * half))

    def compute_for_loss(self, L: object) -> Numeric:
        """The least training compute (FLOP) that reaches loss L.

        Raises
        ------
        ValueError
            If L is not above E: no compute takes this law to or below its floor.
        """
        excess = self._above_floor(L) - self.E
        scale = self.A * self.G**-self.alpha + self.B * self.G**self.beta
        return self._finite("compute", L, FLOP_PER_PARAM_TOKEN * (scale / excess) ** (1 / self.gamma))

    def tokens_for_loss(self, L: object, N: object) -> Numeric:
        """The tokens with which N parameters reach loss L.

        Raises
        ------
        ValueError
            If N is too small for L at any number of tokens: L must exceed E + A / N**alpha.
        """
        self._needs_both_terms()
        loss, size = broadcast(("L", self._above_floor(L)), ("N", positive("N", N, unit="parameters")))
        room = loss - self.E - self.A * size**-self.alpha
        if (room <= 0).any():
            worst = float(np.max(self.E + self.A * size**-self.alpha))
            raise ValueError(f"L is {L!r}: with N = {N!r} no number of tokens goes to or below {worst:.4f}. Ask for a higher loss or a larger model.")
        return self._finite("tokens", L, (self.B / room) ** (1 / self.beta))

    def _above_floor(self, L: object) -> FloatArray:
        loss = positive("L", L, unit="nats per token")
        if (loss <= self.E).any():
            raise ValueError(f"L is {L!r}: this law has the floor E = {self.E:.4g} nats, which no compute goes below. Ask for more than that.")
        return loss

    @staticmethod
    def _finite(what: str, L: object, value: FloatArray) -> Numeric:
        if not np.isfinite(value).all():
            raise ValueError(f"L is {L!r}: the {what} for it exceed what doubles hold. Ask for a loss further above the floor.")
        return unwrap(value)
