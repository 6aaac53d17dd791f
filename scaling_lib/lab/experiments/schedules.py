"""A checkpoint half-way is not a finished shorter run; and what one trunk with cooldown branches saves over separate cosines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..._validate import integer
from ..lagmlp import LagMLP
from ..markov import MarkovSource
from ..run import Run
from .base import Experiment, Options, carried, finished

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Trunk", "branched", "schedule"]


@dataclass(frozen=True)
class Trunk:
    """Runs that share a trunk, as one task."""

    runs: tuple[Run, ...]


def branched(trunk: Trunk) -> list[dict[str, Any]]:
    """Train the runs of a trunk and return a record of each."""
    from ..training import train_branches

    return [
        {
            "hash": row.hash,
            "D": row.D,
            "loss": row.loss,
            "excess": row.excess,
            "excess_se": row.excess_se,
            "seconds": row.seconds,
            "cpu_seconds": row.cpu_seconds,
        }
        for row in train_branches(trunk.runs)
    ]


def schedule(
    width: int = 24,
    shortest: int = 2**15,
    doublings: int = 4,
    *,
    cooldown: float = 0.2,
    source: MarkovSource | None = None,
    seeds: int = 2,
    options: Options | None = None,
) -> Experiment:
    """Train several lengths four ways: a cosine for each, one long cosine read on its way, one trunk with branches, a constant rate.

    Parameters
    ----------
    width : int
    shortest : int
        Tokens of the shortest run; each next is twice as long.
    doublings : int
        Lengths after the shortest.
    cooldown : float
        Share of a run over which the branch's rate comes down.
    source : MarkovSource, optional
    seeds : int
        Repeats of the whole.
    options : Options, optional
        With `out`, the branches are kept in a second file beside it, ``*.branches.csv``.

    Returns
    -------
    Experiment
        Table: one row a length, arm and seed. Numbers: how far the long cosine lies above the finished run at half its length
        (``midway_gap``, nats); what branches cost against cosines in excess loss (``branch_cost``, a fraction, averaged over
        lengths) and save in tokens and processor time (``tokens_saved``, ``cpu_saved``, fractions of the separate runs').

    Raises
    ------
    ValueError
        If `shortest`, `doublings` or `seeds` is below 1.
    """
    shortest, seeds = integer("shortest", shortest, unit="tokens", low=1), integer("seeds", seeds, low=1)
    doublings = integer("doublings", doublings, low=1)
    source = MarkovSource() if source is None else source
    options = options or Options()
    lengths = [shortest << k for k in range(doublings + 1)]
    common: dict[str, Any] = {"source": source, "model": LagMLP(width), "batch": 8, "warmup": 50}
    reads = tuple(length / lengths[-1] for length in lengths)
    runs: dict[str, tuple[Run, str, int]] = {}
    trunks = []
    for seed in range(seeds):
        for length in lengths:
            run = Run(tokens=length, seed=seed, **common)
            runs[run.hash] = run, "cosine", seed
        for arm, kind in (("long cosine, read midway", "cosine"), ("constant", "constant")):
            run = Run(tokens=lengths[-1], seed=seed, schedule=kind, read_at=reads, **common)
            runs[run.hash] = run, arm, seed
        trunks.append(
            Trunk(
                tuple(Run(tokens=length, seed=seed, schedule="wsd", cooldown=cooldown, **common) for length in lengths)
            )
        )
    trained = finished([run for run, _, _ in runs.values()], options).set_index("hash")
    apart = replace(options, out=None if options.out is None else str(Path(options.out).with_suffix(".branches.csv")))
    branches = carried(branched, trunks, apart).set_index("hash")
    rows: list[dict[str, Any]] = []
    for key, (_, arm, seed) in runs.items():
        row = trained.loc[key]
        points = row["curve"] or [(row["D"], row["loss"], row["excess"])]
        rows += [
            {
                "arm": arm,
                "seed": seed,
                "D": int(D),
                "loss": loss,
                "excess": excess,
                "cpu_seconds": row["cpu_seconds"] / len(points),
            }
            for D, loss, excess in points
        ]
    for seed, trunk in enumerate(trunks):
        rows += [
            {
                "arm": "branches of one trunk",
                "seed": seed,
                **branches.loc[run.hash, ["D", "loss", "excess", "cpu_seconds"]].to_dict(),
            }
            for run in trunk.runs
        ]
    table = pd.DataFrame(rows)
    mean = table.pivot_table(index="D", columns="arm", values="excess")
    cosine, tree = mean["cosine"], mean["branches of one trunk"]
    gaps = mean["long cosine, read midway"] - cosine
    spent = table.groupby("arm")["cpu_seconds"].sum()
    ratio = (
        table[table["arm"] == "branches of one trunk"].set_index(["D", "seed"])["excess"]
        / table[table["arm"] == "cosine"].set_index(["D", "seed"])["excess"]
        - 1
    )
    numbers = {
        "midway_gap": float(gaps.iloc[-2]),
        "midway_gap_largest": float(gaps.max()),
        "branch_cost": float(ratio.mean()),
        "branch_cost_se": float(ratio.std(ddof=1) / np.sqrt(len(ratio))),
        "tokens_saved": 1 - (lengths[-1] * (1 - cooldown) + cooldown * sum(lengths)) / sum(lengths),
        "cpu_saved": 1 - float(spent["branches of one trunk"] / spent["cosine"]),
        "entropy": source.entropy,
    }

    def draw(ax: Axes) -> Axes:
        for arm, marker in (
            ("cosine", "o"),
            ("branches of one trunk", "s"),
            ("long cosine, read midway", "^"),
            ("constant", "v"),
        ):
            ax.plot(mean.index, mean[arm], marker=marker, label=arm)
        ax.set(
            xscale="log",
            yscale="log",
            xlabel="Tokens D (log scale)",
            ylabel="Excess over the entropy, nats (log scale)",
        )
        ax.legend()
        return ax

    return Experiment(
        "schedule",
        "Where does a half-way checkpoint stand beside a finished run, and what do branches save?",
        table,
        numbers,
        draw,
    )
