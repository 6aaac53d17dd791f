"""A choice that hurts least when the law is uncertain.

Use `regret_table` to see what each law's pick wastes if another law is true, and `hedge` for the size whose worst case
over all of them is least. Laws that differ fourfold in tokens per parameter cost a known amount, and it can be hedged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import numpy as np

from .._validate import FloatArray, scalar, shown
from ..compute import FLOP_PER_PARAM_TOKEN
from ..laws import Law
from ._surface import Surface, surface_of
from .optimal import evaluate

__all__ = ["Hedge", "RegretTable", "hedge", "regret_table"]


@dataclass(frozen=True)
class Hedge:
    """The size with the least worst case.

    Attributes
    ----------
    N, D, C : float
        Parameters, tokens, FLOP.
    worst : float
        Overhead under the law that hurts most: compute over the least that reaches the same loss, less one.
    overhead : dict of str to float
        Overhead under each law.
    """

    N: float
    D: float
    C: float
    worst: float
    overhead: dict[str, float]

    @property
    def tokens_per_param(self) -> float:
        """D / N."""
        return self.D / self.N


@dataclass(frozen=True)
class RegretTable:
    """What each choice wastes if each law is true.

    Attributes
    ----------
    C : float
        Budget, FLOP.
    picks : tuple of str
        Rows: a law's own optimum, or ``"hedge"``.
    N, D : tuple of float
        Parameters and training tokens of each row.
    laws : tuple of str
        Columns: the law held to be true.
    overhead : tuple of tuple of float
        ``overhead[row][column]``: compute over the least that reaches the same loss, less one (0.19: 19 % more than
        needed).
    """

    C: float
    picks: tuple[str, ...]
    N: tuple[float, ...]
    D: tuple[float, ...]
    laws: tuple[str, ...]
    overhead: tuple[tuple[float, ...], ...]

    def __getitem__(self, key: tuple[str, str]) -> float:
        """The overhead of a pick under a law, by name."""
        pick, law = key
        if pick not in self.picks or law not in self.laws:
            raise ValueError(f"{key!r}: the picks are {', '.join(self.picks)}; the laws are {', '.join(self.laws)}.")
        return self.overhead[self.picks.index(pick)][self.laws.index(law)]

    @property
    def worst(self) -> tuple[float, ...]:
        """The largest overhead of each row."""
        return tuple(max(row) for row in self.overhead)

    def __str__(self) -> str:
        width = max(map(len, self.picks)) + 2
        head = "".join(f"{name:>{max(len(name), 6) + 2}}" for name in self.laws)
        lines = [f"{'pick':<{width}}{'params':>9}{'tokens':>10}{'tok/par':>9}{head}    worst"]
        for i, name in enumerate(self.picks):
            cells = "".join(f"{percent(v):>{max(len(law), 6) + 2}}"
                            for v, law in zip(self.overhead[i], self.laws, strict=True))
            lines.append(
                f"{name:<{width}}{big(self.N[i]):>9}{big(self.D[i]):>10}{self.D[i] / self.N[i]:>9.3g}{cells}"
                f"{percent(self.worst[i]):>9}"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head = "".join(f"<th scope='col'>{_breakable(name)}</th>" for name in self.laws)
        body = "".join(
            f"<tr><th scope='row'>{_breakable(name)}</th><td>{big(self.N[i])}</td><td>{big(self.D[i])}</td>"
            f"<td>{self.D[i] / self.N[i]:.3g}</td>"
            + "".join(f"<td>{percent(v)}</td>"
                      for v in self.overhead[i]) + f"<td><b>{percent(self.worst[i])}</b></td></tr>"
            for i, name in enumerate(self.picks))
        return (
            f"<table><caption>Compute wasted at {self.C:.3g} FLOP by each choice, if each law is "
            "true</caption><thead><tr>"
            "<th scope='col'>choice</th><th scope='col'>parameters</th><th scope='col'>tokens</th><th "
            "scope='col'>tokens per parameter</th>"
            f"{head}<th scope='col'>worst</th></tr></thead><tbody>{body}</tbody></table>")


def _breakable(name: str) -> str:
    """A name for a narrow column."""
    return escape(name).replace("_", "_<wbr>")


def percent(fraction: float) -> str:
    """A fraction as whole percent, or with a digit below one, or as a factor when it is large."""
    if not np.isfinite(fraction):
        return "never"
    if 0.0005 <= fraction < 0.0095:
        return f"{100 * fraction:.1f} %"
    return f"{100 * fraction:.0f} %" if fraction < 10 else f"x{1 + fraction:.3g}"


def big(value: float) -> str:
    """A count with K, M, B or T: 21.0B, 1.14T."""
    for scale, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if value >= 0.9995 * scale:
            return f"{value / scale:,.3g}{letter}" if value < 999.5 * scale else f"{value / scale:,.0f}{letter}"
    return f"{value:.3g}"


def surfaces_of(laws: Mapping[str, Law], **fixed: float) -> dict[str, Surface]:
    """The surface of every law of a named collection."""
    if not isinstance(laws, Mapping) or not laws:
        raise ValueError(f"laws is {shown(laws)}: expected a dictionary of name to law, such as "
                         "{'mine': result.law}.")
    return {str(name): surface_of(law, **fixed) for name, law in laws.items()}


def overheads(surfaces: Mapping[str, Surface], N: FloatArray, H: float, delta: float) -> FloatArray:
    """Overhead of sizes N at spend H under each surface, shape (laws, sizes); infinite where no tokens are left."""
    D = H / N - delta
    fits = D > 0
    out = np.full((len(surfaces), *N.shape), np.inf)
    for row, surface in zip(out, surfaces.values(), strict=True):
        if fits.any():
            row[fits] = evaluate(surface, N[fits], D[fits], np.asarray(delta))[1]
    return out


def _minimax(surfaces: Mapping[str, Surface], picks: FloatArray, H: float, delta: float) -> float:
    """The size with the least worst overhead; it lies between the smallest and the largest of the laws' own picks."""
    low, high = float(np.log(picks.min())), float(np.log(picks.max()))
    for _ in range(12):  # each round keeps a twenty-fourth
        x = np.linspace(low, high, 49)
        at = int(np.argmin(overheads(surfaces, np.exp(x), H, delta).max(axis=0)))
        low, high = float(x[max(at - 1, 0)]), float(x[min(at + 1, 48)])
        if high - low < 1e-7:
            break
    return float(np.exp((low + high) / 2))


def hedge_size(surfaces: Mapping[str, Surface], H: float, delta: float = 0.0) -> tuple[float, FloatArray]:
    """The minimax size, and the laws' own sizes."""
    own = np.array([float(surface.best(np.asarray(H), np.asarray(delta))[0]) for surface in surfaces.values()])
    return _minimax(surfaces, own, H, delta), own


def hedge(laws: Mapping[str, Law], C: object, **fixed: float) -> Hedge:
    """The size that wastes least under whichever of `laws` hurts it most.

    Parameters
    ----------
    laws : mapping of str to Law
        The laws that might be true.
    C : float
        Training compute, FLOP.
    **fixed : float
        Further variables of the laws.

    Returns
    -------
    Hedge

    Raises
    ------
    ValueError
        If `C` is not positive and finite, or a law has no optimum in N and D.

    Examples
    --------
    >>> from scaling_lib import published
    >>> names = ("HOFFMANN_2022", "HOFFMANN_2022_UNROUNDED", "BESIROGLU_2024")
    >>> laws = {name: getattr(published, name) for name in names}
    >>> safe = hedge(laws, C=1e23)
    >>> f"{safe.N:.3g} {[f'{100 * waste:.0f} %' for waste in safe.overhead.values()]}"
    "2.1e+10 ['4 %', '1 %', '4 %']"
    """
    surfaces, budget = surfaces_of(laws, **fixed), scalar("C", C, unit="FLOP", low=0.0, open_low=True)
    H = budget / FLOP_PER_PARAM_TOKEN
    N, _ = hedge_size(surfaces, H)
    waste = dict(zip(surfaces, (float(v) for v in overheads(surfaces, np.array([N]), H, 0.0)[:, 0]), strict=True))
    return Hedge(N=N, D=H / N, C=budget, worst=max(waste.values()), overhead=waste)


def regret_table(laws: Mapping[str, Law],
                 C: object,
                 picks: Mapping[str, float] | None = None,
                 **fixed: float) -> RegretTable:
    """What each law's pick, further `picks` and the hedge waste if each law is true.

    Parameters
    ----------
    laws : mapping of str to Law
        The laws that might be true.
    C : float
        Training compute, FLOP.
    picks : mapping of str to float, optional
        Further sizes to judge, parameters by name.
    **fixed : float
        Other variables of the law, held at these values.

    Returns
    -------
    RegretTable

    Raises
    ------
    ValueError
        If `C` or a pick is not positive and finite, or a law has no optimum in N and D.

    Examples
    --------
    >>> from scaling_lib import published
    >>> laws = {"rounded": published.HOFFMANN_2022, "unrounded": published.HOFFMANN_2022_UNROUNDED,
    ...         "refit": published.BESIROGLU_2024}
    >>> print(regret_table(laws, C=1e23))
    pick          params    tokens  tok/par  rounded  unrounded   refit    worst
    rounded        14.6B     1.14T     78.2      0 %        1 %    19 %     19 %
    unrounded      18.1B      918B     50.6      1 %        0 %     9 %      9 %
    refit          29.4B      566B     19.2     16 %        7 %     0 %     16 %
    hedge            21B      794B     37.8      4 %      0.7 %     4 %      4 %
    """
    surfaces, budget = surfaces_of(laws, **fixed), scalar("C", C, unit="FLOP", low=0.0, open_low=True)
    return table_of(surfaces, budget / FLOP_PER_PARAM_TOKEN, 0.0, picks)


def table_of(surfaces: Mapping[str, Surface],
             H: float,
             delta: float,
             picks: Mapping[str, float] | None = None) -> RegretTable:
    """The regret table on the spend N (D + delta) = H."""
    if picks is not None and not isinstance(picks, Mapping):
        raise ValueError(f"picks is {shown(picks)}: expected a dictionary of name to parameters, such as "
                         "{'ours': 13e9}.")
    extra = {
        str(name): scalar(f"picks[{name!r}]", size, unit="parameters", low=0.0, open_low=True)
        for name, size in (picks or {}).items()
    }
    taken = [name for name in (*extra, *surfaces) if name == "hedge" or (name in extra and name in surfaces)]
    if taken:
        raise ValueError(f"picks and laws name {', '.join(taken)} twice ('hedge' is taken): choose other names.")
    safe, own = hedge_size(surfaces, H, delta)
    rows = {**dict(zip(surfaces, own, strict=True)), **extra, **({"hedge": safe} if len(surfaces) > 1 else {})}
    N = np.array([float(size) for size in rows.values()])
    waste = overheads(surfaces, N, H, delta)
    return RegretTable(C=FLOP_PER_PARAM_TOKEN * H,
                       picks=tuple(rows),
                       N=tuple(N.tolist()),
                       D=tuple(np.maximum(H / N - delta, 0.0).tolist()),
                       laws=tuple(surfaces),
                       overhead=tuple(tuple(float(v) for v in column) for column in waste.T))
