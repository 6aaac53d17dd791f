"""From Kaplan's exponent to Chinchilla's, one decision at a time: what is counted, the warm-up, the schedule, the tuning.

The vocabulary is large enough here for the output layer to weigh as much as the blocks of a small model. What differs from the real runs
(Porian et al. 2024, arXiv 2406.19146): there, counting and warm-up move the exponent most and the matched cosine little; in miniature
the schedule and the warm-up do. A miniature shows the mechanisms, not their sizes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..._validate import FloatArray
from ...compute import FLOP_PER_PARAM_TOKEN
from ...fitting import IsoFlopResult
from ...fitting import isoflop as find_valleys
from ..lagmlp import LagMLP
from ..markov import MarkovSource
from ..run import Run
from .base import Experiment, Options, finished

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["GRIDS", "large_vocabulary", "protocols"]

#: Budgets (6ND, output layer counted) and the widths trained at each.
GRIDS: Mapping[str, Mapping[float, tuple[int, ...]]] = {
    "classroom": {1e9: (4, 6, 8, 12, 16), 4e9: (4, 6, 8, 12, 16, 24), 1.6e10: (6, 8, 12, 16, 24)},
    "full": {
        2e9: (4, 6, 8, 12, 16),
        8e9: (6, 8, 11, 16, 22),
        3.2e10: (8, 11, 16, 22, 32),
        1.28e11: (11, 16, 22, 32, 45),
    },
}
#: Warm-up of the first arms, steps: long beside the shortest runs, as Kaplan's 3000 steps were.
LONG_WARMUP, SHORT_WARMUP = 1000, 50
#: Rates tried by the last arm, over the rule's.
FACTORS = (1.0, 2.0, 4.0)
ARMS = ("kaplan", "count the head", "short warm-up", "matched cosine", "tuned rate")


def large_vocabulary() -> MarkovSource:
    """A source of 128 symbols and two of context: its output layer outweighs the blocks of the smallest models."""
    return MarkovSource(vocab=128, order=2, weights=(1.0, 1.2, 1.0))


def protocols(
    preset: str = "classroom", *, source: MarkovSource | None = None, seed: int = 0, options: Options | None = None
) -> Experiment:
    """Measure the exponent of the optimal size under five protocols, each one decision further.

    Parameters
    ----------
    preset : {"classroom", "full"}
        Three budgets, or four.
    source : MarkovSource, optional
        By default one with 128 symbols.
    seed : int
    options : Options, optional

    Returns
    -------
    Experiment
        Table: one row a protocol, budget and size, with the loss there. Numbers: ``a_*`` with ``a_*_se`` (200 refits) and ``inside_*``, the
        valleys whose minimum lies inside the sizes; ``a_*`` is NaN where fewer than two do.
    """
    from ..._validate import choice

    choice("preset", preset, tuple(GRIDS))
    grid = GRIDS[preset]
    source = large_vocabulary() if source is None else source
    V = source.vocab
    widths = sorted({width for part in grid.values() for width in part})
    matched = [_at(C, width, source, seed) for C, part in grid.items() for width in part]
    # Long runs: one a width, long enough for every budget at which the width is read, and read all along.
    long = {
        (width, warmup): _long(width, grid, source, seed, warmup)
        for width in widths
        for warmup in (LONG_WARMUP, SHORT_WARMUP)
    }
    tuned = [
        replace(run, peak_lr=(run.peak_lr or 0.0) * factor) for run in matched for factor in FACTORS if factor != 1.0
    ]
    trained = finished([*matched, *long.values(), *tuned], options or Options()).set_index("hash")
    rows: list[dict[str, Any]] = []
    for arm, warmup, counted in (
        (ARMS[0], LONG_WARMUP, "non_embedding"),
        (ARMS[1], LONG_WARMUP, "with_head"),
        (ARMS[2], SHORT_WARMUP, "with_head"),
    ):
        curves = {
            width: np.array([[D, loss] for D, loss, _ in trained.loc[long[width, warmup].hash, "curve"]])
            for width in widths
        }
        for C in grid:
            for width, curve in curves.items():
                N = getattr(LagMLP(width).counts(V), counted)
                if (loss := _read(curve, C / FLOP_PER_PARAM_TOKEN / N)) is not None:
                    rows.append(
                        {
                            "protocol": arm,
                            "C": C,
                            "width": width,
                            "N": N,
                            "D": C / FLOP_PER_PARAM_TOKEN / N,
                            "loss": loss,
                        }
                    )
    for run in matched:
        row = trained.loc[run.hash]
        others = [trained.loc[replace(run, peak_lr=(run.peak_lr or 0.0) * factor).hash, "loss"] for factor in FACTORS]
        at = {
            "C": row["C_non_embedding"] * row["N_with_head"] / row["N_non_embedding"],
            "width": run.model.width,
            "N": row["N_with_head"],
            "D": row["D"],
        }
        rows += [{"protocol": ARMS[3], **at, "loss": row["loss"]}, {"protocol": ARMS[4], **at, "loss": min(others)}]
    table = pd.DataFrame(rows)
    numbers: dict[str, float] = {"entropy": source.entropy, "cpu_seconds": float(trained["cpu_seconds"].sum())}
    results: dict[str, IsoFlopResult] = {}
    laws: list[str] = []
    for arm in ARMS:
        part = table[table["protocol"] == arm]
        result = results[arm] = find_valleys(N=part["N"], D=part["D"], L=part["loss"], tolerance=0.5)
        key = arm.replace(" ", "_").replace("-", "_")
        numbers[f"inside_{key}"] = float(len(result.optima))
        known = len(result.optima) > 1
        if known:
            laws.append(f"N* = {result.k_N:.4g} C^{result.a:.4f}, {arm}")
        numbers[f"a_{key}"] = result.a if known else float("nan")
        numbers[f"a_{key}_se"] = (
            result.bootstrap(200, seed=0).interval("a", 0.6827).width / 2 if known else float("nan")
        )

    def draw(ax: Axes) -> Axes:
        for arm, marker in zip(ARMS, "os^vD", strict=True):
            good = results[arm].optima
            if good:
                ax.plot([v.C for v in good], [float(v.N or 0) for v in good], marker=marker, label=arm)
        ax.set(
            xscale="log",
            yscale="log",
            xlabel="Compute 6ND (FLOP, log scale)",
            ylabel="Optimal parameters, as counted (log scale)",
        )
        ax.legend()
        return ax

    question = "Which decision moves the exponent of the optimal size?"
    return Experiment("protocols", question, table, numbers, draw, tuple(laws))


def _at(C: float, width: int, source: MarkovSource, seed: int) -> Run:
    model = LagMLP(width)
    return Run(source, model, tokens=int(C / FLOP_PER_PARAM_TOKEN / model.counts(source.vocab).with_head), seed=seed)


def _long(width: int, grid: Mapping[float, tuple[int, ...]], source: MarkovSource, seed: int, warmup: int) -> Run:
    """One run whose cosine comes down at the same number of tokens for all widths, read where the grid's budgets meet it."""
    counts = LagMLP(width).counts(source.vocab)
    # As in the original: one horizon for all sizes, the longest that any of them needs.
    horizon = max(
        C / FLOP_PER_PARAM_TOKEN / LagMLP(min(part)).counts(source.vocab).non_embedding for C, part in grid.items()
    )
    points = sorted({C / FLOP_PER_PARAM_TOKEN / N for C in grid for N in (counts.non_embedding, counts.with_head)})
    points = [D for D in points if D <= horizon] or [horizon]
    tokens = int(points[-1])
    # The batch is that of the horizon, so that short and long reads are of one and the same run.
    return Run(
        source,
        LagMLP(width),
        tokens=tokens,
        horizon=int(horizon),
        batch=16,
        seed=seed,
        read_at=tuple(min(1.0, D / tokens) for D in points),
        warmup=warmup,
    )


def _read(curve: FloatArray, D: float) -> float | None:
    """Loss at D tokens, where a reading stands (to 3 %); None elsewhere."""
    near = int(np.abs(np.log(curve[:, 0] / D)).argmin())
    return float(curve[near, 1]) if abs(np.log(curve[near, 0] / D)) < 0.03 else None
