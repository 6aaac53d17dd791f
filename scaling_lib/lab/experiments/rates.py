"""The learning rate swept at the corners of a grid, so that no exponent rests on one untested rule.

The house rule is 0.08 / sqrt(width) for the standard parametrisation, and one rate for all widths under the width-scaled one
(Yang et al. 2022, arXiv 2203.03466). This asks where each corner's best rate really lies, and what the rule gives away.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..base import PARAMETRIZATIONS
from ..lagmlp import LagMLP
from ..markov import MarkovSource
from ..run import Run
from .base import Experiment, Options, finished, several, slope
from .isoflop import PRESETS, grid, valleys

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["learning_rate"]

#: Multiples of the rule at which the exponent is measured.
EXPONENT_AT = (1.0, 2.0, 4.0)


def learning_rate(
    widths: tuple[int, ...] = (6, 36),
    tokens: tuple[int, ...] = (2**16, 2**19),
    *,
    source: MarkovSource | None = None,
    factors: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
    budgets: Mapping[float, tuple[int, ...]] = PRESETS["classroom"],
    seed: int = 0,
    options: Options | None = None,
) -> Experiment:
    """Sweep the peak rate at each corner of widths x tokens, under both parametrisations, and the exponent under three rates.

    Parameters
    ----------
    widths, tokens : tuple of int
        Corners of the grid.
    source : MarkovSource, optional
    factors : tuple of float
        Rates to try, as multiples of the rule's.
    budgets : mapping of float to tuple of int
        Budgets and widths of the sweep whose exponent is measured under three rates.
    seed : int
    options : Options, optional

    Returns
    -------
    Experiment
        Table: one row a run. Numbers, for each parametrisation: the exponent of the best rate against width (``lr_width_*``; the rule
        says -0.5 and 0), and the largest loss the rule gives away at a corner, nats (``given_away_*``). A best rate at the end of the
        factors is counted in ``at_edge_*``: then the sweep did not see it. ``a_at_*`` is the exponent of the optimal size over
        `budgets`, trained at that multiple of the rule.

    Raises
    ------
    ValueError
        If there are fewer than two different widths or three factors, or no length.
    """
    widths, tokens = several("widths", widths, least=2), several("tokens", tokens)
    factors = several("factors", factors, least=3)
    source = MarkovSource() if source is None else source
    runs: list[Run] = []
    labels: list[dict[str, Any]] = []
    for kind, width, D in itertools.product(PARAMETRIZATIONS, widths, tokens):
        base = Run(source, LagMLP(width, parametrization=kind), tokens=D, seed=seed)
        assert base.peak_lr is not None
        for factor in factors:
            runs.append(replace(base, peak_lr=base.peak_lr * factor))
            labels.append(
                {
                    "parametrization": kind,
                    "width": width,
                    "tokens": D,
                    "factor": factor,
                    "peak_lr": base.peak_lr * factor,
                }
            )
    rows = finished(runs, options or Options()).set_index("hash").loc[[run.hash for run in runs]].reset_index()
    table = pd.concat([pd.DataFrame(labels), rows.drop(columns=["setting_peak_lr", "setting_tokens"])], axis=1)
    corners = [_best(part) for _, part in table.groupby(["parametrization", "width", "tokens"], sort=False)]
    numbers: dict[str, float] = {}
    for kind in PARAMETRIZATIONS:
        mine = [corner for corner in corners if corner["parametrization"] == kind]
        rates = [
            slope(
                np.array([c["width"] for c in mine if c["tokens"] == D]),
                np.array([c["best_lr"] for c in mine if c["tokens"] == D]),
            )[0]
            for D in tokens
        ]
        numbers |= {
            f"lr_width_{kind}": float(np.mean(rates)),
            f"given_away_{kind}": max(c["given_away"] for c in mine),
            f"at_edge_{kind}": float(sum(c["at_edge"] for c in mine)),
        }
        numbers |= {f"best_factor_{kind}_{c['width']}_{c['tokens']}": c["best_factor"] for c in mine}

    sweeps = {
        factor: [replace(run, peak_lr=(run.peak_lr or 0.0) * factor) for run in grid(budgets, source=source, seed=seed)]
        for factor in EXPONENT_AT
    }
    trained = finished([run for part in sweeps.values() for run in part], options or Options()).set_index("hash")
    for factor, part in sweeps.items():
        numbers[f"a_at_{factor:g}"] = valleys(trained.loc[[run.hash for run in part]]).a

    def draw(ax: Axes) -> Axes:
        for (kind, width, D), part in table.groupby(["parametrization", "width", "tokens"], sort=False):
            ax.plot(
                part["factor"],
                part["loss"] - part["loss"].min(),
                marker="o" if kind == "standard" else "s",
                linestyle="-" if kind == "standard" else "--",
                label=f"{kind}, width {width}, {D:,} tokens",
            )
        ax.set(xscale="log", xlabel="Peak rate over the rule's (log scale)", ylabel="Loss above the best, nats")
        ax.legend(fontsize="small")
        return ax

    return Experiment(
        "learning_rate", "Is the rule for the learning rate right at the corners of the grid?", table, numbers, draw
    )


def _best(part: pd.DataFrame) -> dict[str, Any]:
    """The best rate of one corner, from a parabola in the log through the lowest three."""
    factor, loss = part["factor"].to_numpy(), part["loss"].to_numpy()
    low = int(loss.argmin())
    edge = low in (0, len(loss) - 1)
    best, least = float(factor[low]), float(loss[low])
    if not edge:
        c2, c1, c0 = np.polyfit(np.log(factor[low - 1 : low + 2]), loss[low - 1 : low + 2], 2)
        best, least = float(np.exp(-c1 / (2 * c2))), float(c0 - c1 * c1 / (4 * c2))
    at_rule = float(loss[np.abs(np.log(factor)).argmin()])
    return {
        "parametrization": part["parametrization"].iloc[0],
        "width": part["width"].iloc[0],
        "tokens": part["tokens"].iloc[0],
        "best_factor": best,
        "best_lr": best * float(part["peak_lr"].iloc[0]) / float(factor[0]),
        "given_away": at_rule - least,
        "at_edge": edge,
    }
