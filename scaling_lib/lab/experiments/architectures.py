"""One architecture against another on one source: does the better one shift the curve, or tilt it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..base import Model
from ..gpt import GPT
from ..lagmlp import LagMLP
from ..markov import MarkovSource
from ..run import Run
from .base import Experiment, Options, finished, line, slope

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["architectures"]

#: Lengths of the runs.
TOKENS = (2**15, 2**16, 2**17, 2**18, 2**19)


def architectures(
    models: dict[str, Model] | None = None,
    tokens: tuple[int, ...] = TOKENS,
    *,
    source: MarkovSource | None = None,
    seed: int = 0,
    options: Options | None = None,
) -> Experiment:
    """L(D) of two models of nearly equal size on one source.

    Parameters
    ----------
    models : dict of str to Model, optional
        Two models by name; by default a lag MLP and a GPT of some 25 thousand non-embedding parameters each.
    tokens : tuple of int
        Lengths of the runs; at least four.
    source : MarkovSource, optional
    seed : int
    options : Options, optional

    Returns
    -------
    Experiment
        Numbers, for the two names a and b: the slope of log excess in log D over all lengths and over the longer half, with standard
        errors; ``tilt`` their difference over the longer half in standard errors; ``offset`` how many times the tokens the second
        needs for the first's excess, in the geometric mean over the longer half; ``bend_*`` how far the first half's slope is from
        the second's: a plateau shows here.

    Raises
    ------
    ValueError
        If there are not two models and at least four lengths.
    """
    source = MarkovSource() if source is None else source
    models = {"lag_mlp": LagMLP(34), "gpt": GPT(32)} if models is None else models
    if len(models) != 2 or len(tokens) < 4:
        raise ValueError(
            f"models has {len(models)} and tokens {len(tokens)} entries: expected two models and at least four lengths."
        )
    # One batch for all lengths, so that nothing but the length changes along a curve.
    runs = {
        name: [Run(source, model, tokens=D, batch=16, seed=seed) for D in sorted(tokens)]
        for name, model in models.items()
    }
    table = finished([run for part in runs.values() for run in part], options or Options()).set_index("hash")
    parts = {name: table.loc[[run.hash for run in part]] for name, part in runs.items()}
    half = min(len(tokens) // 2, len(tokens) - 3)  # three points at least, so that a slope has an error
    numbers: dict[str, float] = {"entropy": source.entropy}
    laws = []
    for name, part in parts.items():
        D, excess = part["D"].to_numpy(float), part["excess"].to_numpy(float)
        numbers[f"slope_{name}"], numbers[f"slope_{name}_se"] = slope(D, excess)
        numbers[f"late_{name}"], numbers[f"late_{name}_se"] = slope(D[half:], excess[half:])
        laws.append(line(f"L - entropy of {name}, from {D[half]:,.0f} tokens,", "D", D[half:], excess[half:]))
        numbers[f"bend_{name}"] = slope(D[: half + 1], excess[: half + 1])[0] - numbers[f"late_{name}"]
        numbers[f"N_{name}"] = float(part["N_non_embedding"].iloc[0])
        numbers[f"cpu_seconds_{name}"] = float(part["cpu_seconds"].sum())
    first, second = parts
    spread = float(np.hypot(numbers[f"late_{first}_se"], numbers[f"late_{second}_se"]))
    numbers["tilt"] = (numbers[f"late_{second}"] - numbers[f"late_{first}"]) / spread if spread else float("nan")
    gap = np.log(parts[second]["excess"].to_numpy(float) / parts[first]["excess"].to_numpy(float))[half:].mean()
    numbers["offset"] = float(np.exp(-gap / np.mean([numbers[f"late_{first}"], numbers[f"late_{second}"]])))

    def draw(ax: Axes) -> Axes:
        for (name, part), marker in zip(parts.items(), ("o", "s"), strict=True):
            ax.errorbar(
                part["D"],
                part["excess"],
                yerr=1.96 * part["excess_se"],
                marker=marker,
                label=f"{name}: slope {numbers[f'late_{name}']:.2f} at the end",
            )
        ax.set(
            xscale="log",
            yscale="log",
            xlabel="Tokens D (log scale)",
            ylabel="Excess over the entropy, nats (log scale)",
        )
        ax.legend()
        return ax

    rows = pd.concat([part.assign(architecture=name) for name, part in parts.items()]).reset_index()
    question = "Does another architecture shift the curve or tilt it?"
    return Experiment("architectures", question, rows, numbers, draw, tuple(laws))
