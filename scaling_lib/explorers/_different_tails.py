"""Same average, different tails: what more samples buy depends on how many problems are nearly hopeless."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from .._validate import FloatArray
from ..sampling import BetaCoverage, majority_vote, pass_at_k, samples_for_coverage, verified_success
from ._controls import Choice, Guess, Setting, Slider
from ._explorer import Explorer
from ._format import show
from ._view import Axis, Bars, Dot, Line, Panel, Points, Readout, Rule, View

__all__ = ["different_tails"]

_TARGET = 0.95
_SLIP = 0.01
#: No problem is harder than this in the second option.
_HARDEST = 0.01
_ALPHAS = (0.1, 10.0)
#: Where curves are drawn: every stop of the slider and places between, up to ten times its end.
_STOPS = tuple(c * 10.0**i for i in range(7) for c in (1.0, 3.0))[:-1]
_KS = np.unique(np.round([*_STOPS, *np.logspace(0, 7, 22)]))
_BIN = np.linspace(0, 1, 21)
_FLOOR = 1e-4
_PERCENT = tuple((10.0**i, f"{10.0 ** (i + 2):g} %") for i in range(-3, 1))


@cache
def _measured() -> tuple[FloatArray, FloatArray]:
    """Samples and coverage of the largest Codex on HumanEval."""
    from .. import datasets

    table = datasets.load("humaneval_pass_at_k")
    sizes = table[table.family == "codex"]
    row = sizes[sizes.params_nominal == sizes.params_nominal.max()]
    return row.k.to_numpy(np.float64), row.pass_at_k.to_numpy(np.float64)


def _law(alpha: float, mean: float) -> BetaCoverage:
    return BetaCoverage(alpha=alpha, beta=alpha * (1 - mean) / mean)


class _Spread:
    """Rates that average `mean`: a Beta between `hardest` and 1."""

    def __init__(self, alpha: float, hardest: float) -> None:
        mean = float(_measured()[1][0])
        self.hardest = hardest
        self.law = _law(alpha, (mean - hardest) / (1 - hardest))

    def rates(self, problems: int) -> FloatArray:
        """Rates of so many problems, the hardest first: quantiles of the spread at equal steps."""
        from scipy.special import betaincinv

        steps = (np.arange(problems) + 0.5) / problems
        out: FloatArray = self.hardest + (1 - self.hardest) * betaincinv(self.law.alpha, self.law.beta, steps)
        return out

    def failure(self, k: FloatArray) -> FloatArray:
        """Share of problems without a right answer among k; one minus a rate is a product, so its powers are too."""
        out: FloatArray = np.exp(k * np.log1p(-self.hardest)) * (1 - np.asarray(self.law(k)))
        return out

    def samples(self) -> float:
        """Samples to the target, by bisection between one and what the Beta alone needs."""
        low, high = 0.0, float(np.log(self.law.samples_for(_TARGET)))
        for _ in range(60):
            middle = (low + high) / 2
            short = self.failure(np.array([np.exp(middle)]))[0] > 1 - _TARGET
            low, high = (middle, high) if short else (low, middle)
        return float(np.exp(high))


@cache
def _curves(alpha: float, hardest: float) -> tuple[_Spread, FloatArray, FloatArray, FloatArray, FloatArray, float]:
    """The spread, its histogram, what is not solved, and the samples to the target.

    Not solved: by any of k, by a verifier with false positives, by a vote between two answers.
    """
    spread = _Spread(alpha, hardest)
    counts, _ = np.histogram(spread.rates(2000), _BIN)
    p = spread.rates(200)[:, None]
    odd = np.where(_KS % 2 == 1, _KS, _KS - 1)
    verified = np.mean(verified_success(p, _KS, false_positive=_SLIP), axis=0)
    voted = np.mean(majority_vote(p, odd), axis=0)
    return spread, counts / 2000, spread.failure(_KS), 1 - np.asarray(verified), 1 - np.asarray(voted), spread.samples()


def _start(stops: tuple[float, ...]) -> float:
    """The stop whose coverage is nearest to the three measured values (least squares)."""
    k, coverage = _measured()
    return min(stops, key=lambda alpha: float(np.sum((np.asarray(_law(alpha, coverage[0])(k)) - coverage) ** 2)))


def _compute(settings: Mapping[str, Setting]) -> View:
    alpha, k = float(settings["alpha"]), float(settings["k"])
    hardest = _HARDEST if settings["hardest"] == "floor" else 0.0
    spread, share, none_right, verified, voted, needed = _curves(alpha, hardest)
    at = int(np.searchsorted(_KS, k))
    thin = [
        Line(_KS, np.maximum((1 - p) ** _KS, _FLOOR / 10), "" if i else "single problems", "dotted", "quiet")
        for i, p in enumerate(spread.rates(9)[[0, 2, 4, 6]])
    ]
    near = spread.failure(np.array([k, 2 * k]))
    slope = float(np.log2(near[1] / near[0]) if near[1] > 1e-12 else k * np.log2(1 - hardest))
    kk, measured = _measured()
    failure = Panel(
        Axis("Samples k (log scale)", 1, 1e7, "log"),
        Axis("Share not solved (log scale)", 1e-3, 1.2, "log", _PERCENT),
        (
            *thin,
            Line(_KS, np.maximum(none_right, _FLOOR), "no sample right: perfect verifier", "solid", "main"),
            Line(_KS, verified, "verifier with 1 % false positives", "dashed", "second", "selector=verifier"),
            Line(_KS, voted, "majority of two answers", "dashed", "second", "selector=majority"),
            Points(kk, 1 - measured, "measured: Codex 12B", "ring", "truth"),
        ),
        (
            Rule(1 - _TARGET, "95 % solved", "y", "dotted", "quiet"),
            Dot(k, max(float(none_right[at]), _FLOOR), "k = {k}", "above-right"),
        ),
        title="The average is thick, single problems are thin",
        height=340,
    )
    spreads = Panel(
        Axis("Success rate of one sample", 0, 1, ticks=tuple((v, f"{v:g}") for v in (0, 0.25, 0.5, 0.75, 1))),
        Axis("Share of the problems", 0, 0.8, ticks=tuple((v, f"{100 * v:g} %") for v in (0, 0.2, 0.4, 0.6, 0.8))),
        (Bars(_BIN, share),),
        (Rule(float(measured[0]), "average: {mean}", style="dashed", tone="truth"),),
        title="How hard the problems are",
        height=220,
    )
    return View(
        (spreads, failure),
        readouts=(
            Readout("coverage", "A right one among k", 1 - float(none_right[at]), "percent:1"),
            Readout("verified", "By the verifier", 1 - float(verified[at]), "percent:1", when="selector=verifier"),
            Readout("voted", "By the vote", 1 - float(voted[at]), "percent:1", when="selector=majority"),
            Readout("needed", "Samples to 95 %", needed, "sig:2"),
            Readout("slope", "Slope from k to 2k", slope, "fixed:2"),
            Readout("mean", "Average rate", float(measured[0]), "fixed:3", when="never"),
            Readout("k", "Samples", k, "fixed:0", when="never"),
        ),
        text="At k = {k}, {coverage} of the problems have a right answer among them; a verifier with 1 % false "
        "positives finds {verified}, a vote {voted}. For 95 % it takes {needed} samples. One sample solves {mean} at "
        "every setting.",
    )


def different_tails() -> Explorer:
    """Coverage against samples for benchmarks of equal pass@1 whose problems differ in difficulty, more or less.

    Rates are spread as a Beta of fixed mean. Alpha, its exponent near zero, is what the tail of the average follows;
    with a hardest rate above zero the tail is exponential in the end.

    Returns
    -------
    Explorer

    References
    ----------
    .. [1] Schaeffer et al. 2025, arXiv 2502.17578 (when an average of exponentials is a power law).
    .. [2] Chen et al. 2021, arXiv 2107.03374 (the measured values).

    Examples
    --------
    >>> explorer = different_tails()
    >>> [explorer.set(alpha=a).view.readouts[3].shown for a in (10, 1)]
    ['10', '47']
    """
    first = Slider("alpha", "Spread of difficulty: alpha, small is wide", *_ALPHAS, step=0.25, value=1.0, log=True,
                   format="sig:2")
    start = _start(first.stops)
    needed = _Spread(start, 0.0).samples()
    k, measured = _measured()
    one = float(samples_for_coverage(measured[0], _TARGET))
    guess = Guess(
        "ch13.tails",
        f"With one sample, Codex 12B solves {measured[0]:.3f} of the problems. With 10 and 100 samples it was "
        f"measured too, "
        "and a spread of difficulties was fitted to the three values. By that fit, how many samples does it take until "
        "95 % of the problems have a right answer among them?",
        "Samples to 95 %",
        needed,
        1,
        1e12,
        format="sig:2",
        options={"ten": "fewer than 100", "thousand": "100 to 100,000", "million": "more than 100,000"},
        right="ten" if needed < 100 else "thousand" if needed < 1e5 else "million",
        explain=f"If every problem had the rate {measured[0]:.3f}, it would take {show(one, 'fixed:0')}, and 10 "
                f"samples would "
        f"solve {1 - float(1 - measured[0]) ** 10:.2f}; measured is {measured[1]:.3f}. The hard problems hold the "
        f"average "
        "back. How far, no three values can say: move alpha one step and watch the number.",
    )
    return Explorer(
        _compute,
        (
            Slider("alpha", first.label, *_ALPHAS, step=0.25, value=start, log=True, format="sig:2"),
            Slider("k", "Samples k", 1, 1e6, step=1, value=100, log=True, format="fixed:0",
                   extra=_STOPS[1::2]),
            Choice("selector", "Who chooses", {"oracle": "Perfect verifier", "verifier": "1 % false positives",
                                               "majority": "Majority"}, "oracle", layer=True),
            Choice("hardest", "The hardest problems", {"zero": "Rates down to 0", "floor": "None below 0.01"}, "zero"),
        ),
        title="Same average, different tails",
        description="Every setting has the same pass@1. Move the spread of difficulty and watch the tail; then let "
                    "someone "
        "choose among the samples.",
        guess=guess,
    )
