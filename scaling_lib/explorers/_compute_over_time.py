"""Compute over time: the training compute of notable models, and the growth that different readers find in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from .._validate import FloatArray
from ..fitting import Growth, growth
from ._controls import Choice, Guess, Setting
from ._explorer import Explorer
from ._format import show
from ._view import Axis, Band, Line, Panel, Points, Readout, View

__all__ = ["compute_over_time"]

_FIRST, _END = 2010, 2026
_BEGIN = (2010, 2012, 2015, 2018, 2020)
_WHICH = {
    "all": "All notable models",
    "confident": "Compute known with confidence",
    "language": "Language models",
    "frontier": "Frontier models",
}


@cache
def _table() -> tuple[FloatArray, FloatArray, dict[str, Any]]:
    """Year, training FLOP, and who belongs to which selection."""
    from .. import datasets

    table: Any = datasets.load("notable_models")
    table = table[table.publication_date >= f"{_FIRST}-01-01"]
    years = 1970 + (table.publication_date - np.datetime64("1970-01-01")).dt.days.to_numpy(np.float64) / 365.2425
    return years, table.training_flops.to_numpy(np.float64), {
        "all": np.ones(len(table), dtype=bool),
        "confident": (table.confidence == "Confident").to_numpy(),
        "language": table.domain.str.contains("Language", na=False).to_numpy(bool),
        "frontier": table.frontier.to_numpy(bool),
    }


def trend(which: str = "all", since: float = _FIRST) -> tuple[Growth, int]:
    """The growth of a selection since a year, and how many models it rests on."""
    years, flop, masks = _table()
    kept = masks[which] & (years >= since)
    return growth(years[kept], flop[kept]), int(kept.sum())


def _compute(settings: Mapping[str, Setting]) -> View:
    since = int(str(settings["since"]))
    years, flop, masks = _table()
    found, count = trend(str(settings["which"]), since)
    across = np.linspace(since, _END, 9)
    band = found.line.band(found.at(across), kind="confidence")
    frontier = masks["frontier"]
    panel = Panel(
        Axis("Year", _FIRST, _END, ticks=tuple((float(year), str(year)) for year in range(_FIRST, _END + 1, 4))),
        Axis("Training compute (FLOP, log scale)", 1e14, 1e28, "log", tuple((10.0**k, show(10.0**k, "sci:1")) for k in range(14, 29, 2))),
        (
            Points(years[~frontier], flop[~frontier], "notable models", "ring", "quiet"),
            Points(years[frontier], flop[frontier], "frontier models", "triangle", "second"),
            Band(across, np.asarray(band.low), np.asarray(band.high), "95 % interval of the line"),
            Line(across, np.asarray(band.value), "steady growth"),
        ),
        height=380,
    )
    return View(
        (panel,),
        readouts=(
            Readout("factor", "Growth a year", found.factor, "sig:3", "times"),
            Readout("low", "95 % interval, from", found.low, "sig:3", "times"),
            Readout("high", "to", found.high, "sig:3", "times"),
            Readout("months", "Doubles in", found.doubling_months, "sig:2", "months"),
            Readout("count", "Models", count, "fixed:0"),
        ),
        text=f"Since {since} the training compute of these "
        "{count} models grew {factor} times a year, with a 95 % interval from {low} to "
        "{high}: it doubles in {months} months.",
    )


def compute_over_time() -> Explorer:
    """Training compute of notable models since 2010, with the growth of a selection since a year of choice.

    Returns
    -------
    Explorer

    References
    ----------
    .. [1] Epoch AI, Data on AI Models (the table, and which models count as frontier).

    Examples
    --------
    >>> explorer = compute_over_time()
    >>> [explorer.set(since=year).view.readouts[0].shown for year in ("2010", "2018")]
    ['4.32', '6.38']
    """
    everything, late, frontier = trend()[0], trend("all", 2018)[0], trend("frontier")[0]
    guess = Guess(
        "ch01.growth",
        "The picture behind this question shows the training compute of notable models since 2010, one mark a model. By what factor does "
        "it grow in a year?",
        "Growth in a year",
        everything.factor,
        1,
        1000,
        unit="times",
        explain=f"The 95 % interval of the line is {show(everything.low, 'sig:3')} to {show(everything.high, 'sig:3')}. Begin in 2018 and "
        f"it is another number, {show(late.factor, 'sig:3')}; take the frontier models alone and it is {show(frontier.factor, 'sig:3')}. "
        "Move the year and the selection before you quote one of them.",
    )
    return Explorer(
        _compute,
        (
            Choice("since", "Line through models since", {str(year): str(year) for year in _BEGIN}, str(_FIRST)),
            Choice("which", "Models", dict(_WHICH), "all"),
        ),
        title="Compute over time",
        description="Choose where the line begins and which models it goes through. The band is a 95 % interval of the line; it knows nothing of"
        " that choice.",
        guess=guess,
    )
