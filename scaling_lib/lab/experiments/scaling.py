"""One resource at a time: loss against tokens with a model that does not bind, and against size with tokens that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ..lagmlp import LagMLP
from ..markov import MarkovSource
from ..run import Run
from .base import Experiment, Options, finished, line, several, slope

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["scaling"]

#: Widths of the size series, tokens of the data series; the other resource is at its largest.
WIDTHS = (4, 6, 8, 12, 16, 24, 32)
TOKENS = tuple(2**k for k in range(15, 22))
LARGE_WIDTH, LARGE_TOKENS = 48, 2**21


def scaling(
    *,
    source: MarkovSource | None = None,
    seed: int = 0,
    widths: tuple[int, ...] = WIDTHS,
    tokens: tuple[int, ...] = TOKENS,
    large_width: int = LARGE_WIDTH,
    large_tokens: int = LARGE_TOKENS,
    options: Options | None = None,
) -> Experiment:
    """Measure L(D) and L(N) on a source of known entropy and fit the slope of the excess.

    Parameters
    ----------
    source : MarkovSource, optional
    seed : int
    widths : tuple of int
        Widths of the series in N, each trained on `large_tokens`.
    tokens : tuple of int
        Tokens of the series in D, each on a model of `large_width`.
    large_width, large_tokens : int
        The resource that does not bind.
    options : Options, optional

    Returns
    -------
    Experiment
        Numbers: the slopes of log excess against log D and log N, with standard errors.

    Raises
    ------
    ValueError
        If there are fewer than three different widths or lengths, too few for a standard error.
    """
    widths, tokens = several("widths", widths, least=3), several("tokens", tokens, least=3)
    source = MarkovSource() if source is None else source
    by_data = [Run(source, LagMLP(large_width), tokens=D, seed=seed) for D in tokens]
    by_size = [Run(source, LagMLP(width), tokens=large_tokens, seed=seed) for width in widths]
    table = finished([*by_data, *by_size], options or Options()).set_index("hash")
    data, size = (table.loc[[run.hash for run in runs]] for runs in (by_data, by_size))
    numbers: dict[str, float] = {"entropy": source.entropy}
    laws = []
    for name, part, column in (("D", data, "D"), ("N", size, "N_non_embedding")):
        x, y = part[column].to_numpy(), part["excess"].to_numpy()
        numbers[f"slope_{name}"], numbers[f"slope_{name}_se"] = slope(x, y)
        laws.append(line("L - entropy", name, x, y))

    def draw(ax: Axes) -> Axes:
        for part, x, marker, label in (
            (data, "D", "o", "against tokens D"),
            (size, "N_non_embedding", "s", "against parameters N"),
        ):
            ax.errorbar(
                part[x], part["excess"], yerr=1.96 * part["excess_se"], marker=marker, linestyle="-", label=label
            )
        ax.set(
            xscale="log",
            yscale="log",
            xlabel="Tokens or parameters (log scale)",
            ylabel="Excess over the entropy, nats (log scale)",
        )
        ax.legend()
        return ax

    rows: Any = pd.concat([data.assign(series="D"), size.assign(series="N")]).reset_index()
    question = "How does the excess loss fall with tokens, and with parameters?"
    return Experiment("scaling", question, rows, numbers, draw, tuple(laws))
