"""What the training text is worth: clean against noisy at ten times the amount, and text seen again against fresh text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..._validate import FloatArray, integer
from ..lagmlp import LagMLP
from ..markov import MarkovSource
from ..run import Run
from .base import Experiment, Options, finished, several

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["noise", "repetition"]


def noise(
    width: int = 24,
    clean: int = 2**17,
    shares: tuple[float, ...] = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5),
    *,
    times: int = 10,
    source: MarkovSource | None = None,
    seed: int = 0,
    options: Options | None = None,
) -> Experiment:
    """A little clean text against ten times as much with a share of its symbols replaced; both are tested on clean text.

    Parameters
    ----------
    width : int
    clean : int
        Tokens of the clean run.
    shares : tuple of float
        Shares of corrupted tokens to try.
    times : int
        How much more there is of the noisy text.
    source : MarkovSource, optional
    seed : int
    options : Options, optional

    Returns
    -------
    Experiment
        Numbers: the share at which both are equally good (``break_even``; NaN if none of the shares tried is too noisy), its standard
        error from the evaluation, and the excess of either side without noise.

    Raises
    ------
    ValueError
        If there is no share, one is no fraction, or `times` is below 1.
    """
    shares, times = several("shares", shares), integer("times", times, low=1)
    source = MarkovSource() if source is None else source
    settings: dict[str, Any] = {"batch": 16, "seed": seed}
    runs = [Run(source, LagMLP(width), tokens=clean, **settings)]
    runs += [
        Run(source, LagMLP(width), tokens=clean * times, noise=share, **settings) for share in (0.0, *sorted(shares))
    ]
    table = finished(runs, options or Options())
    little, more = table.iloc[0], table.iloc[1:]
    share, excess = more["setting_noise"].to_numpy(float), more["excess"].to_numpy(float)
    even, even_se = _crossing(
        share, excess, float(little["excess"]), float(np.hypot(little["excess_se"], more["excess_se"].mean()))
    )
    numbers = {
        "break_even": even,
        "break_even_se": even_se,
        "excess_little": float(little["excess"]),
        "excess_more": float(excess[0]),
        "times": float(times),
        "entropy": source.entropy,
    }

    def draw(ax: Axes) -> Axes:
        ax.errorbar(share, excess, yerr=1.96 * more["excess_se"], marker="o", label=f"{times} times as much, noisy")
        ax.axhline(numbers["excess_little"], linestyle="--", color="0.35", label="clean")
        if np.isfinite(even):
            ax.axvline(even, linestyle=":", color="0.35")
        ax.set(xlabel="Share of corrupted tokens", ylabel="Excess over the entropy on clean text, nats")
        ax.legend()
        return ax

    return Experiment(
        "noise",
        f"How much noise may {times} times as much text hold before clean text is better?",
        table,
        numbers,
        draw,
    )


def _crossing(x: FloatArray, y: FloatArray, level: float, level_se: float) -> tuple[float, float]:
    """Where rising y reaches `level`, by linear interpolation, and the standard error that one of the level brings."""
    above = np.flatnonzero(y >= level)
    if not len(above) or above[0] == 0:
        return float("nan"), float("nan")
    i = int(above[0])
    steep = (y[i] - y[i - 1]) / (x[i] - x[i - 1])
    return float(x[i - 1] + (level - y[i - 1]) / steep), float(level_se / steep)


def repetition(
    width: int = 24,
    unique: int = 2**16,
    epochs: tuple[int, ...] = (1, 2, 4, 8, 16, 32),
    *,
    source: MarkovSource | None = None,
    seed: int = 0,
    options: Options | None = None,
) -> Experiment:
    """The same text seen several times against fresh text of the same length.

    Parameters
    ----------
    width : int
    unique : int
        Tokens of the text that is seen again.
    epochs : tuple of int
        How often it is seen.
    source : MarkovSource, optional
    seed : int
    options : Options, optional

    Returns
    -------
    Experiment
        Numbers: what tokens seen again are worth. The excess of each repeated run is read off the fresh series as so many fresh
        tokens D'; then ``R_star`` is the constant of D' = U + U R* (1 - exp(-R / R*)), with R = epochs - 1, by least squares over the
        runs that are still gaining; ``worth_4`` is D' / D at four epochs; ``turns_at`` the epochs from which more repeats hurt.

    Raises
    ------
    ValueError
        If there are no epochs, or one is below 1.

    References
    ----------
    .. [1] Muennighoff et al. 2023, arXiv 2305.16264.
    """
    source = MarkovSource() if source is None else source
    times = tuple(sorted({integer("epochs", n, low=1) for n in several("epochs", epochs)} | {1}))
    settings: dict[str, Any] = {"source": source, "model": LagMLP(width), "batch": 8, "seed": seed}
    again = [Run(tokens=unique * n, epochs=n, **settings) for n in times]
    fresh = [Run(tokens=unique * n, **settings) for n in times]
    table = finished([*again, *fresh], options or Options()).set_index("hash")
    repeated, new = (table.loc[[run.hash for run in runs]] for runs in (again, fresh))
    worth = _tokens_of(repeated["excess"].to_numpy(float), new["D"].to_numpy(float), new["excess"].to_numpy(float))
    count = np.array(times, float)
    gaining = np.concatenate([[True], np.diff(repeated["excess"]) < 0]).cumprod().astype(bool)
    numbers = {
        "R_star": _r_star(count[gaining] - 1, worth[gaining] / unique),
        "unique": float(unique),
        "entropy": source.entropy,
        "turns_at": float(count[gaining][-1]) if not gaining.all() else float("nan"),
    }
    numbers |= {f"worth_{n}": float(w / (unique * n)) for n, w in zip(times, worth, strict=True)}

    def draw(ax: Axes) -> Axes:
        ax.plot(new["D"], new["excess"], marker="o", label="fresh text")
        ax.plot(repeated["D"], repeated["excess"], marker="s", label=f"{unique:,} tokens, again and again")
        ax.set(
            xscale="log",
            yscale="log",
            xlabel="Tokens seen (log scale)",
            ylabel="Excess over the entropy, nats (log scale)",
        )
        ax.legend()
        return ax

    rows = pd.concat(
        [repeated.assign(text="repeated", worth=worth), new.assign(text="fresh", worth=new["D"])]
    ).reset_index()
    laws = (f"D' = U + U R* (1 - exp(-R / R*)), U = {unique:,}, R* = {numbers['R_star']:.4g}, R = epochs - 1",)
    return Experiment("repetition", "What are tokens worth when they are seen again?", rows, numbers, draw, laws)


def _tokens_of(excess: FloatArray, tokens: FloatArray, fresh: FloatArray) -> FloatArray:
    """Fresh tokens that would give that excess, interpolated in the logs and held at the ends."""
    order = np.argsort(fresh)
    out: FloatArray = np.exp(np.interp(np.log(excess), np.log(fresh[order]), np.log(tokens[order])))
    return out


def _r_star(repeats: FloatArray, worth: FloatArray) -> float:
    """Half-life-like constant of repetition by least squares on a fine grid; NaN if nothing was repeated."""
    if len(repeats) < 2:
        return float("nan")
    grid = np.geomspace(0.05, 500, 4000)[:, None]
    miss = ((1 + grid * -np.expm1(-repeats / grid) - worth) ** 2).sum(axis=1)
    return float(grid[miss.argmin(), 0])
