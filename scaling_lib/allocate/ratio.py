"""A chosen ratio of tokens to parameters: what it wastes, and the basin around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._validate import scalar
from ..compute import FLOP_PER_PARAM_TOKEN
from ..laws import Law
from ._surface import surface_of
from .optimal import MULTIPLIERS, Optimum, around, rule_of_thumb

__all__ = ["Overtrained", "overtrain"]


@dataclass(frozen=True, repr=False)
class Overtrained(Optimum):
    """A chosen split beside the best one of its budget.

    Attributes
    ----------
    overhead : float
        Compute spent over the least that reaches the same loss, less one.
    basin : Basin
        Sizes around the chosen one at the same budget; multiples, penalties and overheads are against the best.
    """

    overhead: float

    def __repr__(self) -> str:
        return super().__repr__().replace("Optimum", "Overtrained", 1)


def overtrain(law: Law,
              tokens_per_param: object,
              *,
              C: object = None,
              N: object = None,
              D: object = None) -> Overtrained:
    """A chosen number of tokens per parameter, what it wastes against the optimum, and the basin around the choice.

    Intervals of the waste come from a bootstrap: ``spread(bootstrap, C, pick=chosen.N).overhead``.

    Parameters
    ----------
    law : Law
        A law of N and D.
    tokens_per_param : float
        The ratio D / N, above or below the optimal one.
    C, N, D : float, optional
        Exactly one of training compute (FLOP), parameters, tokens.

    Returns
    -------
    Overtrained
        N, D, C, L, `tokens_per_param`, `overhead` and `basin`.

    Raises
    ------
    ValueError
        If not exactly one of `C`, `N`, `D` is given, or a number is not positive and finite.

    Examples
    --------
    >>> from scaling_lib import published
    >>> chosen = overtrain(published.BESIROGLU_2024, tokens_per_param=200, C=1e23)
    >>> chosen, round(chosen.overhead, 2)
    (Overtrained(N=9.129e+09, D=1.826e+12, C=1e+23, L=2.051), 0.6)
    >>> [f"{100 * waste:.0f} %" for waste in chosen.basin.overhead]
    ['670 %', '215 %', '60 %', '8 %', '2 %']
    """
    surface = surface_of(law)
    ratio = scalar("tokens_per_param", tokens_per_param, low=0.0, open_low=True)
    named = {name: None if value is None else scalar(name, value, low=0.0, open_low=True)
             for name, value in (("C", C), ("N", N), ("D", D))}
    split = rule_of_thumb(named["C"], ratio, N=named["N"], D=named["D"])
    H = float(split.C) / FLOP_PER_PARAM_TOKEN
    size = float(split.N) / float(surface.best(np.asarray(H), np.zeros(()))[0])
    basin, own = around(surface, H, 0.0, size * np.asarray(MULTIPLIERS)), MULTIPLIERS.index(1.0)
    return Overtrained(N=split.N, D=split.D, C=split.C, L=basin.L[own], overhead=basin.overhead[own], basin=basin)
