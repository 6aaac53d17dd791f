"""Sparse parity: single skills switch on one after another, their mean falls smoothly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..._validate import integer
from .base import Experiment, Options, carried, line, several, slope

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..parity import ParityTask

__all__ = ["ParityRun", "learnt", "parity"]


@dataclass(frozen=True)
class ParityRun:
    """One network on one set of skills."""

    task: ParityTask
    width: int
    steps: int
    seed: int


def learnt(run: ParityRun) -> list[dict[str, Any]]:
    """Train the network and return a record of each snapshot."""
    from ..parity import train_parity

    rows = train_parity(run.task, width=run.width, steps=run.steps, seed=run.seed)
    records: list[dict[str, Any]] = rows.assign(width=run.width, seed=run.seed).to_dict("records")
    return records


def parity(
    widths: Sequence[int] = (128,),
    *,
    task: ParityTask | None = None,
    steps: int = 3000,
    seeds: int = 1,
    options: Options | None = None,
) -> Experiment:
    """Train networks on many parities met with falling frequency, and read each skill along the way.

    Parameters
    ----------
    widths : sequence of int
    task : ParityTask, optional
        By default 16 parities of 3 bits among 16.
    steps : int
    seeds : int
    options : Options, optional

    Returns
    -------
    Experiment
        Table: one row a snapshot, with the loss of each skill. Numbers, of the widest network, averaged over seeds: skills solved at the end;
        ``exponent`` of the mean loss in steps, over the snapshots at which skills are being learnt (a tenth to nine tenths of them
        solved), with its standard error; ``sharpest_skill``, the largest part of a skill's fall between two neighbouring snapshots,
        median over the solved ones; ``sharpest_mean``, the same of the mean loss.

    Raises
    ------
    ValueError
        If `seeds` is below 1, there is no width, or one is out of its range.
    """
    from ..parity import ParityTask

    task = ParityTask(tasks=16, bits=16) if task is None else task
    widths, seeds = several("widths", widths), integer("seeds", seeds, low=1)
    table = carried(
        learnt, [ParityRun(task, width, steps, seed) for width in widths for seed in range(seeds)], options or Options()
    )
    skills = [f"loss_{k}" for k in range(task.tasks)]
    widest = table[table["width"] == max(widths)]
    lead = widest.groupby("step", as_index=False).mean(numeric_only=True)
    busy = lead[(lead["solved"] >= 0.1 * task.tasks) & (lead["solved"] <= 0.9 * task.tasks)]
    points = busy["step"].to_numpy(), busy["mean_loss"].to_numpy()
    rate = slope(*points) if len(busy) > 2 else (float("nan"), float("nan"))
    laws = (line("mean loss", "steps", *points),) if len(busy) > 2 else ()
    first = widest[widest["seed"] == 0]
    falls = -np.diff(first[skills].to_numpy(), axis=0) / np.log(2)
    known = first[skills].iloc[-1].to_numpy() < 0.2
    fall = -np.diff(first["mean_loss"].to_numpy())
    numbers = {
        "solved": float(lead["solved"].iloc[-1]),
        "tasks": float(task.tasks),
        "mean_loss": float(lead["mean_loss"].iloc[-1]),
        "exponent": rate[0],
        "exponent_se": rate[1],
        "sharpest_skill": float(np.median(falls.max(axis=0)[known])) if known.any() else float("nan"),
        "sharpest_mean": float(fall.max() / np.log(2)),
        "cpu_seconds": table.attrs["cpu_seconds"],
    }

    def draw(ax: Axes) -> Axes:
        for skill in skills:
            ax.plot(first["step"], first[skill], color="0.7", linewidth=0.8, label="_skill")
        ax.plot(first["step"], first["mean_loss"], linewidth=2, label="mean, by frequency")
        ax.set(xscale="log", yscale="log", ylim=(1e-3, 1), xlabel="Steps (log scale)", ylabel="Loss, nats (log scale)")
        ax.legend()
        return ax

    return Experiment("parity", "How do skills that switch on add up to a smooth curve?", table, numbers, draw, laws)
