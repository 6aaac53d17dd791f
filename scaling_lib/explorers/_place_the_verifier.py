"""Place the verifier: where to draw the line between accepted and refused, and what more samples then do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from .._validate import FloatArray
from ..sampling import coverage_curve, fooled_success, verified_success
from ._controls import Choice, Setting, Slider
from ._explorer import Explorer
from ._view import Axis, Dot, Line, Panel, Readout, Rule, View

__all__ = ["place_the_verifier"]

_STEP, _TEMPERATURE = 360, 1.0
#: Distance of the mean scores of right and wrong answers, in standard deviations.
QUALITIES = {"sharp": 3.0, "blunt": 1.5}
_STOPS = tuple(c * 10.0**i for i in range(5) for c in (1.0, 3.0))[:-1]
_NS = np.unique(np.round([*_STOPS, *np.logspace(0, 4, 25)]))
_SCORES = np.linspace(-4, 7, 67)


@cache
def _model() -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Measured in the lab: right answers among 128 for each problem, their rates, and the vote by number of samples."""
    from ..lab import results

    counts, table = results.load("sample_counts"), results.load("sample")
    row = counts[(counts.step == _STEP) & (counts.temperature == _TEMPERATURE)].iloc[0]
    votes = table[(table.step == _STEP) & (table.temperature == _TEMPERATURE)]
    right = np.asarray(row.right, dtype=np.float64)
    return right, right / row.samples, votes.k.to_numpy(np.float64), votes.majority.to_numpy(np.float64)


def accepts_right(slip: object, quality: str) -> FloatArray:
    """Share of right answers that pass where the line lets a share `slip` of wrong ones pass."""
    from scipy.special import ndtr, ndtri

    out: FloatArray = np.asarray(ndtr(QUALITIES[quality] + ndtri(np.asarray(slip, dtype=np.float64))))
    return out


def solved(slip: object, n: object, quality: str) -> FloatArray:
    """Share of the lab's problems solved by the first accepted of n samples."""
    slips, samples = np.broadcast_arrays(np.asarray(slip, dtype=np.float64), np.asarray(n, dtype=np.float64))
    hit = accepts_right(slips, quality)
    _, p, _, _ = _model()
    flat = [np.mean(verified_success(p, m, true_positive=t, false_positive=f))
            for m, t, f in zip(samples.ravel(), hit.ravel(), slips.ravel(), strict=True)]
    return np.array(flat).reshape(samples.shape)


@cache
def _curves(slip: float, quality: str) -> tuple[FloatArray, FloatArray]:
    """Share solved at every n: by the first accepted, and by the highest score where cheats score highest."""
    p, hit = _model()[1][:, None], float(accepts_right(slip, quality))
    first, best = (
        np.mean(chance(p, _NS, true_positive=hit, false_positive=slip), axis=0)
        for chance in (verified_success, fooled_success)
    )
    return first, best


@cache
def _perfect() -> tuple[FloatArray, FloatArray]:
    """Samples and coverage, as far as it was measured."""
    k = np.unique(np.round(np.logspace(0, np.log10(128), 22)))
    return k, coverage_curve(128, _model()[0])[k.astype(int) - 1]


def _bell(score: FloatArray) -> FloatArray:
    out: FloatArray = np.exp(-np.square(score) / 2) / np.sqrt(2 * np.pi)
    return out


def _compute(settings: Mapping[str, Setting]) -> View:
    from scipy.special import ndtri

    slip, n, quality = float(settings["slip"]), float(settings["n"]), str(settings["quality"])
    _, p, k, voted = _model()
    hit, line, far = float(accepts_right(slip, quality)), float(-ndtri(slip)), QUALITIES[quality]
    first, best = _curves(slip, quality)
    at = int(np.searchsorted(_NS, n))
    # of all that pass, over the whole benchmark
    passed_right, passed_wrong = float(p.mean()) * hit, (1 - float(p.mean())) * slip
    scores = Panel(
        Axis("Score that the verifier gives", -4, 7),
        Axis("How often", 0, 0.45, ticks=((0, "0"), (0.2, "0.2"), (0.4, "0.4"))),
        (Line(_SCORES, _bell(_SCORES), "wrong answers", "dashed", "second"),
         Line(_SCORES, _bell(_SCORES - far), "right answers", "solid", "main")),
        (Rule(max(line, float(_SCORES[0])), "accepted from here", style="solid", tone="truth"),),
        title="Where you draw the line",
        height=220,
    )
    share = Panel(
        Axis("Samples n (log scale)", 1, 1e4, "log"),
        Axis("Share of problems solved", 0, 1, ticks=tuple((v, f"{100 * v:g} %") for v in (0, 0.25, 0.5, 0.75, 1))),
        (
            Line(*_perfect(), "perfect verifier", "solid", "quiet"),
            Line(k, voted, "majority, measured", "dotted", "quiet"),
            Line(_NS, first, "first accepted", "solid", "main", "selector=first"),
            Line(_NS, best, "highest score, cheats on top", "dashed", "second", "selector=top"),
        ),
        (
            Dot(n, float(first[at]), "n = {n}: {solved}", "above-left", when="selector=first"),
            Dot(n, float(best[at]), "n = {n}: {fooled}", "above-left", "diamond", "second", "selector=top"),
        ),
        title="What is solved",
        height=320,
    )
    return View(
        (scores, share),
        readouts=(
            Readout("slip", "Wrong ones accepted", slip, "percent:2"),
            Readout("hit", "Right ones accepted", hit, "percent:1"),
            Readout("pure", "Right among the accepted", passed_right / (passed_right + passed_wrong), "percent:1"),
            Readout("solved", "Solved", float(first[at]), "percent:1", when="selector=first"),
            Readout("fooled", "Solved, cheats on top", float(best[at]), "percent:1", when="selector=top"),
            Readout("n", "Samples", n, "fixed:0", when="never"),
        ),
        text="The verifier accepts {hit} of the right and {slip} of the wrong answers. Of {n} drawn, the first "
        "accepted solves {solved} of the problems; if what fools the verifier also scores highest, the best score solves "
        "{fooled}.",
    )


def place_the_verifier(slip: float = 0.01) -> Explorer:
    """What a verifier that errs makes of many samples: 400 additions of the lab's model, sampled 128 times each.

    A score separates right from wrong answers, but not fully. The reader draws the line, and sees what the first
    accepted of n samples solves, or the highest score where the wrong answers that pass score highest.

    Parameters
    ----------
    slip : float
        Share of wrong answers accepted at first, 1e-4 to 1.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If `slip` is outside the slider.

    References
    ----------
    .. [1] Cobbe et al. 2021, arXiv 2110.14168 (verifiers, and the fall of best-of-n).

    Examples
    --------
    >>> explorer = place_the_verifier()
    >>> many = explorer.set(n=1000, slip=0.1).view.readouts[3].value
    >>> explorer.set(slip=0.001).view.readouts[3].value > many
    True
    """
    return Explorer(
        _compute,
        (
            Slider("slip", "Wrong answers accepted", 1e-4, 1, step=0.25, value=slip, log=True, format="percent:2"),
            Slider("n", "Samples n", 1, 1e4, step=1, value=100, log=True, format="fixed:0",
                   extra=_STOPS[1::2]),
            Choice("quality", "Verifier", {"sharp": "Sharp", "blunt": "Blunt"}, "sharp"),
            Choice("selector", "Given is", {"first": "The first accepted", "top": "The highest score"}, "first",
                   layer=True),
        ),
        title="Place the verifier",
        description="Draw the line between accepted and refused answers, for few samples and for many. A strict "
                    "line refuses "
        "right answers, a lax one accepts wrong ones.",
    )
