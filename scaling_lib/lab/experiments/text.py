"""Real text: a GPT on the source code of Python's standard library, whose entropy nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...fitting import fit
from ...laws import PowerLaw
from ..gpt import GPT
from ..run import Run
from ..text import TextSource
from .base import Experiment, Options, finished, several

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["text"]


def text(
    widths: tuple[int, ...] = (16, 32, 64),
    tokens: tuple[int, ...] = (2**16, 2**17, 2**18),
    *,
    source: TextSource | None = None,
    window: int = 128,
    seed: int = 0,
    options: Options | None = None,
) -> Experiment:
    """L(D) of the widest GPT and L(N) at the most tokens, on text, in nats per byte.

    Parameters
    ----------
    widths, tokens : tuple of int
        At least three of each.
    source : TextSource, optional
        By default the standard library, by bytes.
    window : int
        Predicted tokens in a window.
    seed : int
    options : Options, optional

    Returns
    -------
    Experiment
        Numbers: floor and exponent of L = E + A / x^alpha in either series (``E_D``, ``alpha_D``, ``E_N``, ``alpha_N``): with
        so few decades the floor is hardly pinned down, which is the lesson.

    Raises
    ------
    ValueError
        If there are fewer than three different widths or lengths.
    """
    widths, tokens = several("widths", widths, least=3), several("tokens", tokens, least=3)
    source = TextSource() if source is None else source
    by_data = [Run(source, GPT(max(widths)), tokens=D, window=window, batch=8, seed=seed) for D in sorted(tokens)]
    by_size = [
        Run(source, GPT(width), tokens=max(tokens), window=window, batch=8, seed=seed) for width in sorted(widths)
    ]
    table = finished([*by_data, *by_size], options or Options()).set_index("hash")
    table["nats_per_byte"] = table["loss"] / source.bytes_per_token
    numbers: dict[str, float] = {"bytes_per_token": source.bytes_per_token, "best": float(table["nats_per_byte"].min())}
    parts = {"D": table.loc[[run.hash for run in by_data]], "N": table.loc[[run.hash for run in by_size]]}
    laws = []
    for name, column in (("D", "D"), ("N", "N_non_embedding")):
        law = fit(PowerLaw, x=parts[name][column].to_numpy(float), L=parts[name]["nats_per_byte"].to_numpy(float)).law
        numbers |= {f"E_{name}": law.E, f"alpha_{name}": law.alpha}
        laws.append(f"L = {law.E:.4f} + {law.A:.4g} / {name}^{law.alpha:.4f}, nats per byte")

    def draw(ax: Axes) -> Axes:
        for name, column, marker, label in (
            ("D", "D", "o", "against tokens D"),
            ("N", "N_non_embedding", "s", "against parameters N"),
        ):
            ax.plot(parts[name][column], parts[name]["nats_per_byte"], marker=marker, label=label)
        ax.set(xscale="log", xlabel="Tokens or parameters (log scale)", ylabel="Loss, nats per byte")
        ax.legend()
        return ax

    rows = pd.concat([part.assign(series=name) for name, part in parts.items()]).reset_index()
    assert np.isfinite(rows["loss"]).all()
    return Experiment("text", "What does a small GPT learn of real text?", rows, numbers, draw, tuple(laws))
