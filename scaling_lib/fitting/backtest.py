"""The only test that counts for a law which is to be extrapolated: hide the large runs, fit the small, predict the large.

`backtest` moves the cut through one table and sets the error against the distance; `compare` does so for several laws at
one cut, or holds out random runs. The loss is mostly floor, so errors of the loss look small whatever the law: give `floor`
to see the error of the part above it, which is the part that compute can buy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray, _refuse, choice, columns as checked, fraction, integer, positive, scalar
from ..laws import Law
from .estimate import fit
from .huber import DELTA
from .task import Status, law_class

__all__ = ["Backtest", "Comparison", "Score", "backtest", "compare"]


@dataclass(frozen=True)
class Backtest:
    """Errors of predictions from ever larger parts of a table.

    Attributes
    ----------
    by : str
        What orders the runs.
    cuts : ndarray (k,)
        Largest value of `by` that each fit saw.
    laws : tuple of Law
        The law fitted up to each cut.
    statuses : tuple of Status
        How each of these fits ended.
    cut : ndarray of int (m,)
        Which fit made each prediction.
    distance : ndarray (m,)
        How many times beyond its cut each predicted run lies (1 and more).
    error : ndarray (m,)
        log(measured) - log(predicted), of the target or of its part above the floor.
    skipped : int
        Cuts at which too few distinct runs were seen to fit.
    """

    by: str
    cuts: FloatArray
    laws: tuple[Law, ...]
    statuses: tuple[Status, ...]
    cut: NDArray[np.int_]
    distance: FloatArray
    error: FloatArray
    skipped: int

    def by_distance(self, edges: object = (1.0, 3.0, 10.0, 30.0, 100.0, 1e3, 1e4)) -> list[tuple[float, float, int, float, float]]:
        """Errors grouped by distance: (from, to, predictions, median absolute error, 90th percentile of it)."""
        cuts = positive("edges", edges)
        if cuts.ndim != 1 or len(cuts) < 2 or not (np.diff(cuts) > 0).all():
            raise _refuse("edges", edges, "at least two increasing factors")
        out = []
        for low, high in zip(cuts[:-1], cuts[1:], strict=True):
            size = np.abs(self.error[(self.distance >= low) & (self.distance < high)])
            if len(size):
                out.append((float(low), float(high), len(size), float(np.median(size)), float(np.quantile(size, 0.9))))
        return out

    def __repr__(self) -> str:
        return (f"Backtest({len(self.cuts)} cuts in {self.by}, {len(self.error)} predictions, "
                f"median error {100 * float(np.median(np.abs(self.error))):.2g} %)")

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th scope='row'>{low:g} to {high:g}</th><td>{count}</td><td>{100 * half:.2g} %</td>"
                       f"<td>{100 * most:.2g} %</td></tr>" for low, high, count, half, most in self.by_distance())
        return (f"<table class='sl-backtest'><caption>{self!r}</caption><thead><tr>"
                + "".join(f"<th scope='col'>{h}</th>" for h in ("times beyond the fit", "predictions", "median error", "90th percentile"))
                + f"</tr></thead><tbody>{rows}</tbody></table>")


def backtest(law: type[Law], *, data: Any = None, by: str | None = None, cuts: int = 8, first: float = 0.25, floor: float = 0.0,
             delta: float = DELTA, fixed: Mapping[str, float] | None = None, **columns: object) -> Backtest:
    """Fit on the small, predict the large, with an expanding window.

    Parameters
    ----------
    law : type
        The class of law.
    data : DataFrame, mapping or path, optional
        A table; its columns are recognised by their usual names (see :mod:`scaling_lib.fitting.tables`).
    by : str, optional
        Column that orders the runs; ``"C"`` if it is given or N and D are (then 6ND), else the first variable.
    cuts : int
        Number of windows.
    first : float
        Fraction of the runs in the smallest window.
    floor : float
        Compare logs of the target minus this; it must lie below every measurement.
    delta, fixed
        See `fit`.
    **columns : array_like (n,)
        The variables of the law, its target, and the column `by` if it is another; they overrule `data`.

    Returns
    -------
    Backtest

    Raises
    ------
    ValueError
        If no window has enough runs to fit, or an argument is not as described.

    Examples
    --------
    >>> from scaling_lib import ChinchillaLaw, datasets
    >>> runs = datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")
    >>> test = backtest(ChinchillaLaw, N=runs.params, D=runs.training_tokens, L=runs.loss_nats)
    >>> bool(abs(test.error[test.distance > 10]).max() < 0.1)
    True
    """
    table, own, order_name, order = _table((law,), by, columns, data)
    count = integer("cuts", cuts, low=1, high=1000)
    share = scalar("first", fraction("first", first), low=0.0, high=1.0, open_low=True, open_high=True)
    y = table[law.target]
    base = _floor(floor, y)
    ranks = np.sort(order)
    places = np.unique(np.round(np.linspace(share * len(y), len(y) - 1, count)).astype(int).clip(1, len(y) - 1))
    seen, found, statuses, number, distance, error = [], [], [], [], [], []
    skipped = 0
    for cut in np.unique(ranks[places - 1]):
        past = order <= cut
        if past.all():
            continue
        try:
            result = fit(law, delta=delta, fixed=fixed, **{name: table[name][past] for name in own[law]})
        except ValueError:
            if past.sum() >= len(law.parameter_names()) * 3:
                raise
            skipped += 1
            continue
        predicted = np.asarray(result.law(**{name: table[name][~past] for name in law.inputs}))
        seen.append(float(cut))
        found.append(result.law)
        statuses.append(result.status)
        number.append(np.full((~past).sum(), len(found) - 1))
        distance.append(order[~past] / cut)
        error.append(_error(y[~past], predicted, base))
    if not found:
        raise ValueError(f"No window has enough distinct runs for {law.__name__} and a run beyond it: raise first, or add runs.")
    return Backtest(order_name, np.array(seen), tuple(found), tuple(statuses), np.concatenate(number), np.concatenate(distance),
                    np.concatenate(error), skipped)


@dataclass(frozen=True)
class Score:
    """How one law did.

    Attributes
    ----------
    name : str
        Its name in the comparison.
    constants : int
        How many were fitted.
    inside, outside : float
        Root mean square of the log residuals of runs that were fitted, and of runs that were held out.
    worst : float
        Largest absolute log residual of a held-out run.
    statuses : tuple of Status
        How its fits ended.
    """

    name: str
    constants: int
    inside: float
    outside: float
    worst: float
    statuses: tuple[Status, ...]


@dataclass(frozen=True)
class Comparison:
    """Laws by how well they predict what they did not see.

    Attributes
    ----------
    scores : tuple of Score
        Best first.
    split : str
        How runs were held out.
    """

    scores: tuple[Score, ...]
    split: str

    @property
    def best(self) -> str:
        """Name of the law with the smallest error on held-out runs."""
        return self.scores[0].name

    def __repr__(self) -> str:
        return "Comparison(" + ", ".join(f"{s.name}: {100 * s.outside:.2g} %" for s in self.scores) + f"; {self.split})"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th scope='row'>{s.name}</th><td>{s.constants}</td><td>{100 * s.inside:.2g} %</td><td>{100 * s.outside:.2g} %</td>"
                       f"<td>{100 * s.worst:.2g} %</td></tr>" for s in self.scores)
        return (f"<table class='sl-compare'><caption>Held out: {self.split}</caption><thead><tr>"
                + "".join(f"<th scope='col'>{h}</th>" for h in ("law", "constants", "error inside", "error held out", "worst held out"))
                + f"</tr></thead><tbody>{rows}</tbody></table>")


def compare(laws: Mapping[str, type[Law]] | list[type[Law]], *, data: Any = None, split: str = "largest", by: str | None = None,
            hold: float = 0.25, folds: int = 5, seed: int = 0, floor: float = 0.0, delta: float = DELTA, **columns: object) -> Comparison:
    """Which law holds on runs it did not see?

    Parameters
    ----------
    laws : mapping of str to type, or list of type
        Classes of laws that predict the same target.
    data : DataFrame, mapping or path, optional
        See `backtest`.
    split : {"largest", "random"}
        Hold out the largest runs (extrapolation), or each of `folds` random parts in turn (interpolation).
    by : str, optional
        Column that says which runs are largest; see `backtest`.
    hold : float
        Fraction of the runs that is held out, for "largest".
    folds, seed : int
        Number of parts and the seed of the shuffle, for "random".
    floor, delta
        See `backtest`.
    **columns : array_like (n,)
        The variables of all the laws, and the target; they overrule `data`.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If a law cannot be fitted to its part of the runs, or an argument is not as described.

    Examples
    --------
    >>> from scaling_lib import ChinchillaLaw, PowerLaw, datasets
    >>> runs = datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")
    >>> result = compare([ChinchillaLaw, PowerLaw], N=runs.params, D=runs.training_tokens, x=runs.training_flops, L=runs.loss_nats)
    >>> result.best
    'ChinchillaLaw'
    """
    if isinstance(laws, Mapping):
        named = dict(laws)
    elif isinstance(laws, (list, tuple)):
        named = {getattr(law, "__name__", str(law)): law for law in laws}
    else:
        raise _refuse("laws", laws, "a list of classes of laws, or a mapping from names to them")
    if not named or not all(isinstance(law, type) and issubclass(law, Law) for law in named.values()):
        raise _refuse("laws", laws, "classes of laws")
    targets = {law.target for law in named.values()}
    if len(targets) > 1:
        raise ValueError(f"laws predict different things ({', '.join(sorted(targets))}): compare like with like.")
    table, own, order_name, order = _table(tuple(named.values()), by, columns, data)
    y = table[targets.pop()]
    base = _floor(floor, y)
    how = choice("split", split, ("largest", "random"))
    if how == "largest":
        share = scalar("hold", hold, unit="a fraction", low=0.0, high=1.0, open_low=True, open_high=True)
        edge = np.sort(order)[min(len(y) - 1, max(1, round((1 - share) * len(y)))) - 1]
        parts = [order > edge]
        if not parts[0].any():
            raise ValueError(f"No run lies beyond {order_name} = {edge:g}: too many runs are equally large to hold {share:g} of them out.")
        label = f"the {int(parts[0].sum())} runs beyond {order_name} = {edge:.3g}"
    else:
        k = integer("folds", folds, low=2, high=len(y))
        place = np.random.default_rng(integer("seed", seed)).permutation(len(y)) % k
        parts = [place == i for i in range(k)]
        label = f"{k} random parts in turn"
    scores = []
    for name, law in named.items():
        inside: list[FloatArray] = []
        outside: list[FloatArray] = []
        statuses: list[Status] = []
        for out in parts:
            try:
                result = fit(law, delta=delta, **{c: table[c][~out] for c in own[law]})
            except ValueError as error:
                raise ValueError(f"{name} cannot be fitted to the runs that are left in: {error}") from error
            statuses.append(result.status)
            for rows, errors in ((~out, inside), (out, outside)):
                errors.append(_error(y[rows], np.asarray(result.law(**{c: table[c][rows] for c in law.inputs})), base))
        kept, held = np.concatenate(inside), np.concatenate(outside)
        scores.append(Score(name, len(result.free), float(np.sqrt((kept**2).mean())), float(np.sqrt((held**2).mean())),
                            float(np.abs(held).max()), tuple(statuses)))
    return Comparison(tuple(sorted(scores, key=lambda score: score.outside)), label)


def _floor(floor: float, y: FloatArray) -> float:
    base = scalar("floor", floor, low=0.0)
    if base >= y.min():
        raise ValueError(f"floor is {base:g}: expected less than the smallest measurement, {y.min():g}.")
    return base


def _error(measured: FloatArray, predicted: FloatArray, floor: float) -> FloatArray:
    above = predicted - floor
    if (above <= 0).any():
        raise ValueError(f"A law predicts {predicted.min():.4g}, which is not above floor = {floor:g}: give a lower floor.")
    return np.asarray(np.log(measured - floor) - np.log(above))


def _table(laws: tuple[type[Law], ...], by: str | None, given: Mapping[str, object], data: Any) -> tuple[
        dict[str, FloatArray], dict[type[Law], tuple[str, ...]], str, FloatArray]:
    """Checked columns, those of each law, and what orders the runs."""
    from ..compute import FLOP_PER_PARAM_TOKEN
    from .tables import columns_of, read_table, resolve

    if data is not None:
        source = read_table(data) if isinstance(data, (str, Path)) else data
        found: dict[str, object] = {}
        for law in laws:
            found |= resolve(source, law, given=tuple(given))
        if isinstance(by, str) and by not in found:
            stated = columns_of(source if isinstance(source, Mapping) else source.columns, by)
            found |= {by: positive(name, source[name]) * scale for name, scale in stated if len(stated) == 1}
        given = {**found, **given}

    own: dict[type[Law], tuple[str, ...]] = {}
    for law in laws:
        law = law_class(law)
        own[law] = (*law.inputs, law.target)
        missing = [name for name in own[law] if name not in given]
        if missing:
            raise ValueError(f"{', '.join(missing)} is missing: {law.__name__} needs the columns {', '.join(own[law])}.")
    known = {name for names in own.values() for name in names} | {"C"} | ({by} if isinstance(by, str) else set())
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"{', '.join(unknown)} is no column of these laws, which have {', '.join(sorted(known))}.")
    arrays: dict[str, Any] = dict(given)
    table = checked(arrays, least=2)
    if by is not None and not isinstance(by, str):
        raise _refuse("by", by, "the name of a column")
    if by is None:
        by = "C" if "C" in table or {"N", "D"} <= set(table) else laws[0].inputs[0]
    if by == "C" and "C" not in table and {"N", "D"} <= set(table):
        return table, own, by, FLOP_PER_PARAM_TOKEN * table["N"] * table["D"]
    return table, own, by, table[choice("by", by, tuple(table))]
