"""Allocation when the unique data may run out, after Muennighoff.

Use `data_constrained`. Four passes over the data are worth nearly as much as fresh tokens; towards forty a further pass
is worth nothing, and parameters in excess of what the data can feed lose their worth faster still.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._validate import computed, scalar, shown
from ..compute import FLOP_PER_PARAM_TOKEN
from ..laws import Allocation
from ..laws.data_constrained import DataConstrainedLaw
from .minimax import percent
from .optimal import Basin, around
from ._surface import ChinchillaSurface, surface_of

__all__ = ["Repeated", "data_constrained"]


@dataclass(frozen=True, repr=False)
class Repeated(Allocation):
    """The best split of a budget when only U unique tokens exist.

    Attributes
    ----------
    U : float
        Unique tokens.
    effective_tokens : float
        Fresh tokens that the D tokens are worth.
    fresh : Allocation
        The split that would be best if data were unlimited.
    overhead : float
        Compute over what would reach the same loss with unlimited data, less one: the price of the shortage.
    basin : Basin
        Sizes around the best, with the same data.
    """

    U: float
    effective_tokens: float
    fresh: Allocation
    overhead: float
    basin: Basin

    @property
    def epochs(self) -> float:
        """Passes over the unique tokens, D / U."""
        return float(self.D) / self.U

    def __repr__(self) -> str:
        return super().__repr__().replace("Allocation", "Repeated", 1)[:-1] + f", epochs={self.epochs:.3g})"

    def __str__(self) -> str:
        return (
            f"{self.N:.3g} parameters, {self.epochs:.3g} passes over {self.U:.3g} unique tokens, worth "
            f"{self.effective_tokens:.3g} "
            f"fresh ones;\n  the shortage takes {percent(self.overhead)} more compute than unlimited data would")


def data_constrained(law: DataConstrainedLaw, C: object, U: object) -> Repeated:
    """The split of C FLOP with the least loss when U unique tokens exist, with what the shortage costs.

    Parameters
    ----------
    law : DataConstrainedLaw
        A Chinchilla law with the rates at which repeated tokens and excess parameters lose value.
    C : float
        Training compute, FLOP.
    U : float
        Unique tokens at hand.

    Returns
    -------
    Repeated

    Raises
    ------
    ValueError
        If an argument is not one positive finite number.

    References
    ----------
    .. [1] Muennighoff et al. 2023, arXiv 2305.16264.

    Examples
    --------
    >>> law = DataConstrainedLaw(E=1.87, A=521, B=1488, alpha=0.353, beta=0.353, R_D_star=15.4, R_N_star=5.31)
    >>> best = data_constrained(law, C=1e22, U=25e9)
    >>> round(best.epochs, 1)
    9.5
    """
    if not isinstance(law, DataConstrainedLaw):
        raise ValueError(f"law is {shown(law)}: expected a DataConstrainedLaw, which says what repeated tokens "
                         f"are worth.")
    budget = scalar("C", C, unit="FLOP", low=0.0, open_low=True)
    unique = scalar("U", U, unit="unique tokens", low=0.0, open_low=True)
    half = budget / FLOP_PER_PARAM_TOKEN
    try:
        with np.errstate(all="ignore"):
            best = law.optimal(budget, unique)
            fresh = law.fresh.optimal(budget)
            N, D = ChinchillaSurface(law.fresh.parameters).least(np.asarray(best.L), np.zeros(()))
            ratio = np.log(budget) - np.log(FLOP_PER_PARAM_TOKEN) - np.log(N) - np.log(D)
            waste = float(computed("overhead of the shortage", lambda: np.expm1(ratio)))
            basin = around(surface_of(law, U=unique), half)
    except ValueError as error:
        raise ValueError(f"C is {budget:g} and U is {unique:g}: the optimum, or what it costs, is beyond what doubles "
                         f"hold ({error}) Check the units: FLOP and tokens.") from error
    return Repeated(N=best.N,
                    D=best.D,
                    C=best.C,
                    L=best.L,
                    U=unique,
                    effective_tokens=float(law.effective_tokens(best.D, unique)),
                    fresh=fresh,
                    overhead=max(waste, 0.0),
                    basin=basin)
