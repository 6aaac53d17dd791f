"""Emergence as a choice of metric: one model of addition along its training, scored four ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..._validate import integer
from ..run import Run
from .base import Experiment, Options, carried, several

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

__all__ = ["addition", "snapshots"]


def snapshots(run: Run) -> list[dict[str, Any]]:
    """Train one addition model and return a record of each snapshot."""
    from ..addition import emergence

    records: list[dict[str, Any]] = emergence([run]).to_dict("records")
    return records


def addition(
    widths: Sequence[int] = (12,),
    *,
    digits: Sequence[int] = (4,),
    steps: int = 3000,
    seeds: int = 1,
    options: Options | None = None,
) -> Experiment:
    """Train addition models and score their snapshots by exact match, by digits and by log-probability.

    Parameters
    ----------
    widths : sequence of int
    digits : sequence of int
        Digits of the summands, 2 to 6.
    steps : int
    seeds : int
        Repeats of each.
    options : Options, optional

    Returns
    -------
    Experiment
        Table: one row a snapshot. Numbers, of the model that is best at the end: the share of training at which exact match passes a half
        (``half_at``) and at which the share of right digits does (``digits_half_at``); ``sharpest_exact`` and ``sharpest_log_prob``, the
        largest part of the whole rise that falls between two neighbouring snapshots; its ``exact_match`` and ``width``.

    Raises
    ------
    ValueError
        If there is no width or no number of digits, or `seeds` is below 1.
    """
    from ..addition import addition_run

    widths, digits, seeds = several("widths", widths), several("digits", digits), integer("seeds", seeds, low=1)
    runs = [
        addition_run(width, digits=n, steps=steps, seed=seed)
        for width in widths
        for n in digits
        for seed in range(seeds)
    ]
    table = carried(snapshots, runs, options or Options())
    end = table.loc[table.groupby(["width", "digits", "seed"])["tokens"].idxmax()]
    best = end.loc[end["exact_match"].idxmax(), ["width", "digits", "seed"]]
    lead = table[(table[["width", "digits", "seed"]] == best).all(axis=1)].sort_values("tokens")
    numbers = {
        "exact_match": float(lead["exact_match"].iloc[-1]),
        "digit_accuracy": float(lead["digit_accuracy"].iloc[-1]),
        "width": float(best["width"]),
        "digits": float(best["digits"]),
        "half_at": _passes(lead, "exact_match"),
        "digits_half_at": _passes(lead, "digit_accuracy"),
        "sharpest_exact": _sharpest(lead, "exact_match"),
        "sharpest_log_prob": _sharpest(lead, "log_prob"),
        "cpu_seconds": table.attrs["cpu_seconds"],
    }

    def draw(ax: Axes) -> Axes:
        ax.plot(lead["problems"], lead["exact_match"], marker="o", label="exact match")
        ax.plot(lead["problems"], lead["digit_accuracy"], marker="s", label="right digits")
        ax.plot(
            lead["problems"], np.exp(lead["log_prob"] / (lead["digits"] + 1)), marker="^", label="probability per digit"
        )
        ax.set(xscale="log", xlabel="Problems seen (log scale)", ylabel="Score")
        ax.legend()
        return ax

    return Experiment("addition", "Does addition emerge, or does the metric?", table, numbers, draw)


def _passes(rows: pandas.DataFrame, column: str) -> float:
    """Share of the training after which the score stays above a half; NaN if it never does."""
    low = np.flatnonzero(rows[column].to_numpy() < 0.5)
    first = int(low[-1]) + 1 if len(low) else 0
    return float(rows["tokens"].iloc[first] / rows["tokens"].iloc[-1]) if first < len(rows) else float("nan")


def _sharpest(rows: pandas.DataFrame, column: str) -> float:
    """Largest share of the whole rise between two neighbouring snapshots."""
    score = rows[column].to_numpy(float)
    whole = score.max() - score.min()
    return float(np.diff(score).max() / whole) if whole > 0 and len(score) > 1 else float("nan")
