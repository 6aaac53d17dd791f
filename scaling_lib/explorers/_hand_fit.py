"""Fit by hand: five sliders, the 240 measured runs, and the score that the computer minimises."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from .._validate import FloatArray
from ..laws import ChinchillaLaw
from ._controls import Setting, Slider
from ._explorer import Explorer
from ._view import Axis, Panel, Points, Readout, Rule, View

__all__ = ["HandFit", "hand_fit"]

_START = {"E": 1.5, "A": 300.0, "B": 600.0, "alpha": 0.3, "beta": 0.3}
_EDGE = 10.0  # per cent at which the residual pictures end


@cache
def _runs() -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Parameters, tokens and losses of the 240 runs, and the best objective there is."""
    from .. import datasets
    from ..fitting import fit

    table: Any = datasets.load("chinchilla_fig4_points")
    kept = table[~table.dropped_by_epoch]
    N, D, L = (kept[name].to_numpy(np.float64) for name in ("params", "training_tokens", "loss_nats"))
    return N, D, L, fit(ChinchillaLaw, N=N, D=D, L=L).objective


def _law(settings: Mapping[str, Setting]) -> ChinchillaLaw:
    return ChinchillaLaw(**{name: float(settings[name]) for name in _START})


def _residuals(law: ChinchillaLaw) -> FloatArray:
    N, D, L, _ = _runs()
    return np.asarray(np.log(L) - np.log(law(N, D)))


def _objective(law: ChinchillaLaw) -> float:
    from ..fitting import huber_objective

    return float(huber_objective(_residuals(law)))


def _compute(settings: Mapping[str, Setting]) -> View:
    N, D, L, best = _runs()
    law = _law(settings)
    left = 100 * _residuals(law)
    shown = np.clip(left, -_EDGE * 0.98, _EDGE * 0.98)
    C = 6 * N * D
    percent = Axis(
        "Measured above the law (%)", -_EDGE, _EDGE, ticks=((-10, "−10"), (-5, "−5"), (0, "0"), (5, "5"), (10, "10"))
    )
    score = _objective(law)
    return View(
        (
            Panel(
                Axis("Training compute (FLOP, log scale)", 1e18, 1e22, "log"),
                Axis("Loss (nats per token)", 2, 4.5),
                (
                    Points(C, L, "measured", "ring", "quiet"),
                    Points(C, np.clip(law(N, D), 0.0, 9.0), "your law", "cross", "main"),
                ),
                title="240 runs and your law",
                height=290,
            ),
            Panel(
                Axis("Parameters N (log scale)", 3e7, 3e10, "log"),
                percent,
                (Points(N, shown, "", "circle", "main"),),
                (Rule(0, axis="y", style="solid"),),
                title="What is left over, by size",
                height=230,
            ),
            Panel(
                Axis("Tokens D (log scale)", 1e8, 1e12, "log"),
                percent,
                (Points(D, shown, "", "circle", "second"),),
                (Rule(0, axis="y", style="solid"),),
                title="What is left over, by tokens",
                height=230,
            ),
        ),
        readouts=(
            Readout("score", "Summed Huber objective", score, "sig:4"),
            Readout("ratio", "Times the best there is", score / best, "sig:3"),
            Readout("miss", "Typical miss", float(np.median(np.abs(left))), "sig:2", "%"),
            Readout("mean", "Mean left over", float(left.mean()), "fixed:2", "%"),
            Readout("inside", "Within the pictures", int((np.abs(left) <= _EDGE).sum()), "fixed:0", when="never"),
        ),
        text="Your law misses the typical run by {miss} % and scores {score}, {ratio} times the best there is; "
        "{inside} of 240 runs lie within the lower pictures.",
    )


class HandFit(Explorer):
    """The explorer of `hand_fit`: an `Explorer` that knows its law and its score."""

    @property
    def law(self) -> ChinchillaLaw:
        """The law that the sliders make."""
        return _law(self.settings)

    @property
    def objective(self) -> float:
        """Its score: the sum over the 240 runs of the Huber loss (delta 1e-3) of log measured less log predicted."""
        return _objective(self.law)

    @property
    def best_objective(self) -> float:
        """The score of the best law there is."""
        return _runs()[3]


def hand_fit(**constants: float) -> HandFit:
    """Fit the Chinchilla law to its 240 measured runs by hand.

    Parameters
    ----------
    **constants : float
        Where sliders stand first: E, A, B, alpha, beta.

    Returns
    -------
    HandFit
        With `law`, `objective` and ``set(E=..., ...)``, whether or not it is displayed.

    Raises
    ------
    ValueError
        If a constant is unknown or outside its slider.

    References
    ----------
    .. [1] Besiroglu et al. 2024, arXiv 2404.10102 (the runs, read from figure 4 of Hoffmann et al. 2022).

    Examples
    --------
    >>> explorer = hand_fit()
    >>> start = explorer.objective
    >>> explorer.set(E=1.817, A=478, B=2143, alpha=0.347, beta=0.367).objective < start
    True
    """
    unknown = set(constants) - set(_START)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} is no constant of the law: it has {', '.join(_START)}.")
    start: dict[str, Any] = {**_START, **constants}
    return HandFit(
        _compute,
        (
            Slider("A", "A, size of the model term", 10, 1e5, step=0.005, value=start["A"], log=True, format="sig:3"),
            Slider("alpha", "alpha, its exponent", 0.1, 0.6, step=0.001, value=start["alpha"], format="fixed:3"),
            Slider("B", "B, size of the data term", 10, 1e5, step=0.005, value=start["B"], log=True, format="sig:3"),
            Slider("beta", "beta, its exponent", 0.1, 0.6, step=0.001, value=start["beta"], format="fixed:3"),
            Slider("E", "E, the floor", 1.0, 2.5, step=0.002, value=start["E"], unit="nats", format="fixed:3"),
        ),
        title="Fit the law by hand",
        description="Move the five constants until nothing is left over: the clouds below should lie flat on zero, "
        "without a slope.",
        static=False,
        note="The sliders work in the exercise notebook, where Python computes the score.",
    )
