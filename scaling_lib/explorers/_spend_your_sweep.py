"""Spend your sweep: how much a scaling sweep would have told, for every way of spending it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from . import _sweeps as sweeps
from ._controls import Choice, Guess, Setting, Slider, Toggle
from ._explorer import Explorer
from ._format import show
from ._view import Axis, Bars, Line, Panel, Points, Readout, Rule, Span, View

__all__ = ["spend_your_sweep"]

_HEIGHTS = (20, 40, 80, 160)


def _outcome(top: float = 1e19, noise: float = 0.75) -> sweeps.Outcome:
    """The outcome where the explorer starts, with another budget or noise."""
    return sweeps.outcome(top, 50, 16.0, noise, "parametric")


def _two(value: float) -> str:
    return show(value, "sig:2")


def _count_ticks(top: int) -> tuple[tuple[float, str], ...]:
    return tuple((k * top / 4, f"{k * top // 4}") for k in range(5))


def _valley(sweep: sweeps.Sweep) -> Panel:
    """The runs of one sweep at its top budget: the valley and the noise that hides it."""
    rows = sweep.C == sweep.C[-1]
    N, losses = sweep.N[rows], sweep.losses(1)[0][rows]
    middle = float(np.sqrt(N[0] * N[-1]))
    across = np.geomspace(1 / 8, 8, 33)
    best = sweeps.TRUTH.optimal(sweep.top).L
    return Panel(
        Axis(
            "Size, times the middle of the grid (log scale)",
            1 / 9,
            9,
            "log",
            ((1 / 8, "⅛"), (1 / 4, "¼"), (1 / 2, "½"), (1, "1"), (2, "2"), (4, "4"), (8, "8")),
        ),
        Axis("Loss above the true lowest (%)", -4, 12, ticks=((-4, "−4"), (0, "0"), (4, "4"), (8, "8"), (12, "12"))),
        (
            Line(
                across,
                100 * (sweeps.TRUTH.along(sweep.top, middle * across) / best - 1),
                "the true valley",
                "dashed",
                "truth",
                "truth",
            ),
            Points(N / middle, 100 * (losses / best - 1), "runs", "circle", "main"),
        ),
        title="One such sweep, at its top budget",
        height=300,
    )


def _answers(made: sweeps.Outcome, truth: float) -> Panel:
    top = next(height for height in _HEIGHTS if height >= made.counts.max())
    low, high = float(sweeps.EDGES[0]), float(sweeps.EDGES[-1])
    return Panel(
        Axis(
            "Tokens per parameter (log scale)",
            low,
            high,
            "log",
            tuple((v, f"{v:g}") for v in (1, 3, 10, 30, 100, 300, 1000)),
        ),
        Axis("Sweeps", 0, top, ticks=_count_ticks(top)),
        (Bars(sweeps.EDGES, made.counts),),
        (
            Span(min(max(made.low, low), high), min(max(made.high, low), high), "95 %", tone="second"),
            Rule(truth, "truth: {truth}", style="dashed", tone="truth", when="truth"),
        ),
        title="Their conclusions at 5.76 × 10²³ FLOP",
        height=300,
    )


def _compute(settings: Mapping[str, Setting]) -> View:
    top, width, noise = (float(settings[key]) for key in ("top", "width", "noise"))
    runs, estimator = round(float(settings["runs"])), str(settings["estimator"])
    sweep = sweeps.Sweep(top, runs, width, noise)
    made = sweeps.outcome(top, runs, width, noise, estimator)
    truth = float(sweeps.TRUTH.optimal(sweeps.TARGET).tokens_per_param)
    return View(
        (_valley(sweep), _answers(made, truth)),
        readouts=(
            Readout("low", "95 % say at least", made.low, "sig:2", "tokens per parameter"),
            Readout("high", "and at most", made.high, "sig:2", "tokens per parameter"),
            Readout("factor", "A range of a factor", made.factor, "sig:2"),
            Readout("spent", "Compute of one sweep", float(sweep.C.sum()), "sci:2", "FLOP"),
            Readout("median", "Median", made.median, "sig:2", "tokens per parameter", when="never"),
            Readout("answers", "Answers", sweeps.REPEATS - made.missing, "fixed:0", when="never"),
            Readout("truth", "The truth", truth, "sig:3", "tokens per parameter", when="truth"),
        ),
        text=f"{{answers}} of {sweeps.REPEATS} sweeps find an optimum. "
        "95 % of them conclude between {low} and {high} tokens per "
        "parameter, a factor of {factor}; half of them say {median} or less. One sweep costs {spent} FLOP.",
    )


def spend_your_sweep() -> Explorer:
    """What 150 sweeps of a chosen design conclude about the best number of tokens per parameter.

    Every sweep measures the same known law with fresh noise. The reader chooses its top budget, number of runs, width,
    noise and estimator, and sees how far apart the conclusions lie.

    Returns
    -------
    Explorer

    References
    ----------
    .. [1] Besiroglu et al. 2024, arXiv 2404.10102 (the law that is measured).

    Examples
    --------
    >>> explorer = spend_your_sweep()
    >>> moves = ({}, {"top": 1e21}, {"top": 1e19, "noise": 0.1875})
    >>> factors = [explorer.set(**move).view.readouts[2].value for move in moves]
    >>> factors[2] < factors[0] < factors[1]
    True
    """
    before = _outcome()
    quarter = _outcome(noise=0.75 / 4)
    larger = _outcome(top=1e21)
    guess = Guess(
        "ch05.sweep",
        "Fifty runs, the largest of 10¹⁹ FLOP, with 0.75 % of noise on every loss, and the Chinchilla law fitted to "
        "them. Extrapolated to 5.76 × 10²³ FLOP, the 95 % range of the answer reaches from "
        f"{_two(before.low)} to {_two(before.high)} tokens per parameter, a factor of {_two(before.factor)}. Which "
        "buys more certainty: a hundred times the compute, or a quarter of the noise? And what is that factor with a "
        "quarter of the noise?",
        "Factor with a quarter of the noise",
        quarter.factor,
        1,
        100,
        format="sig:2",
        options={"compute": "100 times the compute", "noise": "a quarter of the noise"},
        right="noise" if quarter.factor < larger.factor else "compute",
        explain=f"With a hundred times the compute the range reaches from {_two(larger.low)} to {_two(larger.high)}, "
        f"with a quarter of the noise from {_two(quarter.low)} to {_two(quarter.high)}. Larger models lie closer to "
        "the floor: the part of the loss that bends the valley shrinks, the noise does not.",
    )
    return Explorer(
        _compute,
        (
            Slider("top", "Top budget", 1e18, 1e22, step=1, value=1e19, log=True, unit="FLOP", format="sci:1"),
            Slider("runs", "Number of runs", 25, 200, step=float(np.log10(2)), value=50, log=True, format="fixed:0"),
            Slider(
                "width",
                "Grid: largest over smallest size",
                4,
                64,
                step=float(np.log10(4)),
                value=16,
                log=True,
                format="fixed:0",
            ),
            Slider(
                "noise",
                "Noise of a loss",
                sweeps.NOISES[0],
                sweeps.NOISES[-1],
                step=float(np.log10(2)),
                value=0.75,
                log=True,
                unit="%",
                format="sig:2",
            ),
            Choice("estimator", "Estimator", {"parametric": "Fit the law", "isoflop": "IsoFLOP valleys"}, "parametric"),
            Toggle("truth", "Reveal the truth", layer=True),
        ),
        title="Spend your sweep",
        description=f"Design a scaling sweep; {sweeps.REPEATS} teams run it, each with its own luck. How far apart are "
        "their conclusions?",
        guess=guess,
    )
