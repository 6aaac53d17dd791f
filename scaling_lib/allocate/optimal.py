"""The compute-optimal split, the basin around it, and what a wrong choice wastes.

Use `compute_optimal` for the split with its basin, `regret` for what a size chosen under one law wastes when another
is true, `rule_of_thumb` for a fixed ratio of tokens to parameters.

A basin that looks flat in nats is not flat in compute. Throughout, `overhead` is the compute spent over the least
compute that reaches the same loss, less one: 0.19 means 19 % more was spent than needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, positive, scalar, shown, unwrap
from ..compute import FLOP_PER_PARAM_TOKEN
from ..laws import Allocation, ChinchillaLaw, Law
from ._surface import Surface, surface_of

__all__ = ["Basin", "Optimum", "Split", "basin", "compute_optimal", "off_optimum", "overhead", "regret",
           "rule_of_thumb", "tokens_per_param"]

_ZERO = np.zeros(())
MULTIPLIERS = (0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Split:
    """Parameters, tokens and compute, without a law that says what they are worth.

    Attributes
    ----------
    N, D, C : float or ndarray
        Parameters, training tokens, FLOP (6ND).
    """

    N: Numeric
    D: Numeric
    C: Numeric

    @property
    def tokens_per_param(self) -> Numeric:
        """D / N."""
        return self.D / self.N


@dataclass(frozen=True)
class Basin:
    """What sizes other than the best cost at the same budget.

    Attributes
    ----------
    C : float
        Spend in FLOP: training compute, plus serving where that is part of the question.
    multiplier : tuple of float
        Size as a multiple of the optimal size.
    N, D : tuple of float
        Parameters, and the tokens the budget leaves for them.
    L : tuple of float
        Loss, nats per token.
    penalty : tuple of float
        Loss above the optimum, nats per token.
    overhead : tuple of float
        Compute spent over the least that reaches the same loss, less one (0.19: 19 % more than needed).
    """

    C: float
    multiplier: tuple[float, ...]
    N: tuple[float, ...]
    D: tuple[float, ...]
    L: tuple[float, ...]
    penalty: tuple[float, ...]
    overhead: tuple[float, ...]

    def rows(self) -> list[dict[str, float]]:
        """One dictionary a size, for a table."""
        names = ("multiplier", "N", "D", "L", "penalty", "overhead")
        return [
            dict(zip(names, values, strict=True)) for values in zip(*(getattr(self, n) for n in names), strict=True)
        ]

    def __str__(self) -> str:
        lines = [f"  size x{r['multiplier']:<5.3g} N {r['N']:.3g}  D {r['D']:.3g}  {r['penalty']:+.4f} nats  "
                 f"{100 * r['overhead']:.0f} % of the budget" for r in self.rows()]
        return f"Basin at {self.C:.3g} FLOP\n" + "\n".join(lines)

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><td>{r['multiplier']:.3g}</td><td>{r['N']:.3g}</td><td>{r['D']:.3g}</td><td>{r['L']:.4f}</td>"
            f"<td>{r['penalty']:.4f}</td><td>{100 * r['overhead']:.0f} %</td></tr>" for r in self.rows())
        return (
            f"<table><caption>Around the optimum at {self.C:.3g} FLOP</caption><thead><tr><th>size, times the best</th>"
            "<th>parameters</th><th>tokens</th><th>loss (nats/token)</th><th>above the best (nats)</th>"
            f"<th>compute wasted</th></tr></thead><tbody>{cells}</tbody></table>")


@dataclass(frozen=True, repr=False)
class Optimum(Allocation):
    """An `Allocation` together with the basin around it.

    Attributes
    ----------
    basin : Basin
        What other sizes cost at the same budget.
    """

    basin: Basin

    def __repr__(self) -> str:
        return super().__repr__().replace("Allocation", "Optimum", 1)

    def _repr_html_(self) -> str:
        return (
            f"<p><b>{self.N:.3g}</b> parameters on <b>{self.D:.3g}</b> tokens ({self.tokens_per_param:.3g} per "
            "parameter), "
            f"{self.C:.3g} FLOP, {self.L:.4f} nats per token</p>{self.basin._repr_html_()}")


def evaluate(surface: Surface,
             N: FloatArray,
             D: FloatArray,
             delta: FloatArray = _ZERO) -> tuple[FloatArray, FloatArray]:
    """Loss, and spend over the least spend for that loss, less one."""
    L = surface.loss(N, D)
    # The logarithm keeps budgets near the limits of doubles from overflowing; rounding may fall below zero.
    ratio = np.log(N) + np.log(D + delta) - surface.log_spend(L, delta)
    return L, np.maximum(np.asarray(computed("overhead", lambda: np.expm1(ratio))), 0.0)


def around(surface: Surface, H: float, delta: float = 0.0, multipliers: object = MULTIPLIERS) -> Basin:
    """The basin on N (D + delta) = H; a size that leaves no tokens has D = 0 and an infinite loss and overhead."""
    k = np.atleast_1d(positive("multipliers", multipliers, unit="times the best size"))
    if k.ndim != 1:
        raise ValueError(f"multipliers has shape {k.shape}: expected one row of numbers.")
    best_N, best_D = surface.best(np.asarray(H), np.asarray(delta))
    with np.errstate(all="ignore"):
        N = best_N * k
        D = (best_D + delta) / k - delta
    if not (np.isfinite(D).all() and (N > 0).all() and np.isfinite(N).all()):
        raise ValueError(f"multipliers is {shown(multipliers)}: such sizes are beyond what doubles hold.")
    fits = D > 0
    L, waste = np.full(k.shape, np.inf), np.full(k.shape, np.inf)
    L[fits], waste[fits] = evaluate(surface, N[fits], D[fits], np.asarray(delta))
    columns = (k, N, np.maximum(D, 0.0), L, np.maximum(L - surface.loss(best_N, best_D), 0.0), waste)
    return Basin(FLOP_PER_PARAM_TOKEN * H, *(tuple(float(v) for v in column) for column in columns))


def compute_optimal(law: Law, C: object, **fixed: float) -> Optimum:
    """The split of C FLOP with the least loss, and the basin around it.

    Parameters
    ----------
    law : Law
        A law of N and D. A Chinchilla law is solved in closed form, any other by search.
    C : float
        Training compute, FLOP.
    **fixed : float
        Further variables of the law, held fixed, such as ``U=25e9`` unique tokens.

    Returns
    -------
    Optimum
        N, D, C, L, `tokens_per_param` and `basin`.

    Raises
    ------
    ValueError
        If C is not one positive finite number or the law has no interior optimum.

    References
    ----------
    .. [1] Hoffmann et al. 2022, arXiv 2203.15556, equation 4.

    Examples
    --------
    >>> from scaling_lib import published
    >>> best = compute_optimal(published.BESIROGLU_2024, C=1e23)
    >>> best
    Optimum(N=2.945e+10, D=5.66e+11, C=1e+23, L=2.032)
    >>> [f"{100 * waste:.0f} %" for waste in best.basin.overhead]
    ['92 %', '18 %', '0 %', '19 %', '94 %']
    """
    surface, budget = surface_of(law, **fixed), np.asarray(scalar("C", C, unit="FLOP", low=0.0, open_low=True))
    N, D = surface.best(budget / FLOP_PER_PARAM_TOKEN, _ZERO)
    return Optimum(N=float(N),
                   D=float(D),
                   C=float(budget),
                   L=float(surface.loss(N, D)),
                   basin=basin(law, budget, **fixed))


def basin(law: Law, C: object, multipliers: object = MULTIPLIERS, **fixed: float) -> Basin:
    """What sizes of `multipliers` times the best cost at the same budget, in nats and in compute.

    Parameters
    ----------
    law : Law
        A law of N and D.
    C : float
        Training compute, FLOP.
    multipliers : array_like, shape (n,)
        Sizes as multiples of the optimal size.
    **fixed : float
        Further variables of the law.

    Raises
    ------
    ValueError
        If `C` is not positive and finite, or the law has no optimum in N and D.

    Examples
    --------
    >>> from scaling_lib import published
    >>> print(basin(published.BESIROGLU_2024, C=1e23, multipliers=[0.5, 2]))
    Basin at 1e+23 FLOP
      size x0.5   N 1.47e+10  D 1.13e+12  +0.0066 nats  18 % of the budget
      size x2     N 5.89e+10  D 2.83e+11  +0.0066 nats  19 % of the budget
    """
    surface, budget = surface_of(law, **fixed), scalar("C", C, unit="FLOP", low=0.0, open_low=True)
    return around(surface, budget / FLOP_PER_PARAM_TOKEN, 0.0, multipliers)


def off_optimum(law: Law, C: object, N_multiplier: object, **fixed: float) -> Numeric:
    """Loss added by a size of `N_multiplier` times the best at the same budget, nats per token.

    Parameters
    ----------
    law : Law
        A law of N and D.
    C, N_multiplier : float or array_like
        Training compute (FLOP) and size relative to the optimum; they broadcast.
    **fixed : float
        Other variables of the law, held at these values.

    Returns
    -------
    float or ndarray
        Nats per token, at least 0.

    Raises
    ------
    ValueError
        If `C` or `N_multiplier` is not positive and finite, or the law has no optimum in N and D.

    Examples
    --------
    >>> from scaling_lib import published
    >>> round(off_optimum(published.BESIROGLU_2024, C=1e23, N_multiplier=0.5), 4)
    0.0066
    """
    if isinstance(law, ChinchillaLaw) and not fixed:
        return law.off_optimum_penalty(C, N_multiplier)
    surface = surface_of(law, **fixed)
    budget, k = broadcast(("C", positive("C", C, unit="FLOP")),
                          ("N_multiplier", positive("N_multiplier", N_multiplier)))
    N, D = surface.best(budget / FLOP_PER_PARAM_TOKEN, _ZERO)
    return unwrap(np.maximum(surface.loss(N * k, D / k) - surface.loss(N, D), 0.0))


def overhead(law: Law, N: object, D: object, **fixed: float) -> Numeric:
    """Compute of a model over the least compute that reaches its loss, less one.

    Parameters
    ----------
    law : Law
        The law held to be true.
    N, D : float or array_like
        Parameters and training tokens; they broadcast.
    **fixed : float
        Other variables of the law, held at these values.

    Returns
    -------
    float or ndarray
        A fraction: 0.43 means that 43 % more compute was spent than needed for that loss.

    Raises
    ------
    ValueError
        If `N` or `D` is not positive and finite.

    Examples
    --------
    LLaMA-7B, 6.7B parameters on 1T tokens:

    >>> from scaling_lib import published
    >>> [round(overhead(law, N=6.7e9, D=1e12), 2) for law in (published.HOFFMANN_2022, published.BESIROGLU_2024)]
    [0.04, 0.43]
    """
    surface = surface_of(law, **fixed)
    size, tokens = broadcast(("N", positive("N", N, unit="parameters")), ("D", positive("D", D, unit="tokens")))
    return unwrap(evaluate(surface, size, tokens)[1])


def regret(pick: object, law: Law, C: object, **fixed: float) -> Numeric:
    """What choosing the size `pick` for a budget of C wastes if `law` is true, as a fraction of the compute needed.

    Parameters
    ----------
    pick : float or array_like or Allocation
        Parameters, or an allocation whose N counts; the tokens are what C leaves for it.
    law : Law
        The law held to be true.
    C : float or array_like
        Training compute, FLOP.
    **fixed : float
        Other variables of the law, held at these values.

    Returns
    -------
    float or ndarray
        At least 0, and 0 for the law's own optimum.

    Raises
    ------
    ValueError
        If `pick` or `C` is not positive and finite, or the law has no optimum in N and D.

    Examples
    --------
    >>> from scaling_lib import published
    >>> pick = published.HOFFMANN_2022.optimal(C=1e23)
    >>> round(regret(pick, published.BESIROGLU_2024, C=1e23), 2)
    0.19
    """
    size = pick.N if isinstance(pick, (Allocation, Split)) else pick
    N, budget = broadcast(("pick", positive("pick", size, unit="parameters")), ("C", positive("C", C, unit="FLOP")))
    return overhead(law, N, computed("number of tokens", lambda: budget / FLOP_PER_PARAM_TOKEN / N), **fixed)


def tokens_per_param(law: Law, C: object, **fixed: float) -> Numeric:
    """Tokens per parameter of the compute-optimal split of C FLOP.

    Parameters
    ----------
    law : Law
        A law of N and D.
    C : float or array_like
        Training compute, FLOP.
    **fixed : float
        Other variables of the law, held at these values.

    Raises
    ------
    ValueError
        If `C` is not positive and finite, or the law has no optimum in N and D.

    Examples
    --------
    >>> from scaling_lib import published
    >>> [round(tokens_per_param(published.HOFFMANN_2022, C=budget)) for budget in (1e19, 1e25)]
    [32, 122]
    """
    N, D = surface_of(law, **fixed).best(positive("C", C, unit="FLOP") / FLOP_PER_PARAM_TOKEN, _ZERO)
    return unwrap(np.asarray(D / N))


def rule_of_thumb(C: object = None, tokens_per_param: object = 20, *, N: object = None, D: object = None) -> Split:
    """A fixed number of tokens per parameter, from a budget, from a model or from the tokens at hand.

    Parameters
    ----------
    C : float or array_like, optional
        Training compute, FLOP.
    tokens_per_param : float or array_like
        The ratio D / N.
    N : float or array_like, optional
        Parameters: how many tokens does this model want?
    D : float or array_like, optional
        Tokens: which model do they suit?

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        If not exactly one of C, N and D is given.

    Notes
    -----
    The ratio of 20 is a fair reading of one laboratory's runs near 5.76e23 FLOP, not a constant.

    Examples
    --------
    >>> rule_of_thumb(N=70e9).D
    1400000000000.0
    >>> rule_of_thumb(D=1.4e12).N
    70000000000.0
    >>> f"{rule_of_thumb(C=1e23).N:.3g}"
    '2.89e+10'
    """
    given = {name: value for name, value in (("C", C), ("N", N), ("D", D)) if value is not None}
    if len(given) != 1:
        raise ValueError(
            f"{' and '.join(given) or 'Nothing'} is given: expected exactly one of C (FLOP), N (parameters), D "
            "(tokens)."
        )
    name, value = next(iter(given.items()))
    x, ratio = broadcast((name, positive(name, value)),
                         ("tokens_per_param", positive("tokens_per_param", tokens_per_param)))
    size = x if name == "N" else np.asarray(computed(
        "number of parameters", lambda: x / ratio if name == "D" else np.sqrt(x / FLOP_PER_PARAM_TOKEN / ratio)))
    tokens = x if name == "D" else np.asarray(computed("number of tokens", lambda: size * ratio))
    return Split(N=unwrap(size), D=unwrap(tokens), C=computed("compute", lambda: FLOP_PER_PARAM_TOKEN * size * tokens))
