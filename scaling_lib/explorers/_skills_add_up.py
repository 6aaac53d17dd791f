"""Skills add up: how many abrupt switches it takes until their mean is a straight line on log-log paper."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from .._validate import FloatArray
from ..capability import mean_left, skill_left
from ..laws import quanta_exponents
from ._controls import Choice, Setting, Slider, Toggle
from ._explorer import Explorer
from ._view import Axis, Line, Panel, Points, Readout, View

__all__ = ["skills_add_up"]

STEPS = np.geomspace(10, 1e6, 51)
FLOOR = 1e-3
#: Ranks of the single skills that are drawn.
DRAWN = (1, 4, 16, 64, 256)
#: Part of the fall over which the slope is taken: the first skills are known, some are still open.
FROM, TO = 0.5, 0.05


@cache
def _lab() -> tuple[FloatArray, FloatArray]:
    """Steps and mean loss (as a share of its start) of the lab's 128 units wide network, mean of its seeds."""
    from ..lab import results

    table: Any = results.load("parity")
    mean = table[table.width == 128].groupby("step").mean_loss.mean()
    mean = mean[mean.index >= STEPS[0]]
    return mean.index.to_numpy(np.float64), mean.to_numpy(np.float64) / np.log(2)


def _slope(left: FloatArray) -> float:
    """Slope on log-log paper between the first half of the loss and its last twentieth."""
    inside = (left <= FROM) & (left >= TO)
    x, y = np.log(STEPS[inside]), np.log(left[inside])
    return float(np.polyfit(x, y, 1)[0])


def _largest_step(skills: int, alpha: float) -> float:
    """Largest part of the whole fall of the mean while the steps double."""
    here, later = (np.asarray(mean_left(times * STEPS, skills, alpha)) for times in (1, 2))
    return float((here - later).max())


def _compute(settings: Mapping[str, Setting]) -> View:
    skills, alpha = round(float(settings["skills"])), float(settings["alpha"])
    rank = np.arange(1, skills + 1)
    share = rank ** -(alpha + 1.0)
    share /= share.sum()
    left = np.asarray(mean_left(STEPS, skills, alpha))
    drawn = [k for k in DRAWN if k <= skills]
    singles = [np.asarray(skill_left(STEPS * share[k - 1])) for k in drawn]
    expected = quanta_exponents(alpha).S
    start = float(STEPS[np.flatnonzero(left <= FROM)[0]])
    line = FROM * (STEPS / start) ** -expected
    lab_steps, lab = _lab()
    keep = (line <= 1) & (line >= FLOOR)
    panels = []
    for when, y in (
        ("scale=log", Axis("Loss left (share, log scale)", FLOOR, 1.3, "log", ((1e-3, "0.001"), (1e-2, "0.01"), (0.1, "0.1"), (1, "1")))),
        ("scale=linear", Axis("Loss left (share)", -0.02, 1.05, ticks=tuple((k / 4, f"{k / 4:g}") for k in range(5)))),
    ):
        panels.append(
            Panel(
                Axis("Training steps (log scale)", float(STEPS[0]), float(STEPS[-1]), "log"),
                y,
                (
                    *(
                        Line(STEPS, np.maximum(one, FLOOR / 10), "single skills" if k == 0 else "", "dotted", "quiet")
                        for k, one in enumerate(singles)
                    ),
                    Line(STEPS[keep], line[keep], "straight line of the theory", "dashed", "truth"),
                    Line(STEPS, np.maximum(left, FLOOR / 10), "mean of all skills"),
                    Points(lab_steps, lab, "16 skills in the lab", "square", "third", "lab"),
                ),
                height=330,
                when=when,
            )
        )
    return View(
        tuple(panels),
        readouts=(
            Readout("skills", "Skills", skills, "fixed:0", when="never"),
            Readout("step", "Largest fall of the mean within a doubling of steps", _largest_step(skills, alpha), "percent:0"),
            Readout("single", "The same of a single skill", _largest_step(1, alpha), "percent:0"),
            Readout("slope", "Slope of the mean", _slope(left), "fixed:2"),
            Readout("expected", "Slope of the theory", -expected, "fixed:2"),
        ),
        text="Number of skills: {skills}. Their mean falls by at most {step} within a doubling of the steps; a single skill by "
        "{single}. From half of its loss to a twentieth the mean has a slope of {slope}; endlessly many skills would have "
        "{expected}.",
    )


def skills_add_up() -> Explorer:
    """The mean loss of skills that switch on one after another, for any number of them.

    Returns
    -------
    Explorer

    References
    ----------
    .. [1] Michaud et al. 2023, arXiv 2303.13506.

    Examples
    --------
    >>> explorer = skills_add_up()
    >>> [explorer.set(skills=n).view.readouts[3].shown for n in (1, 16, 1024)]
    ['−2.10', '−0.82', '−0.38']
    """
    return Explorer(
        _compute,
        (
            Slider("skills", "Number of skills", 1, 4096, step=float(np.log10(4)), value=16, log=True, format="fixed:0"),
            Slider("alpha", "α: frequencies fall as k to the −(1 + α)", 0.2, 0.8, step=float(np.log10(2)), value=0.4, log=True, format="fixed:1"),
            Choice("scale", "Loss axis", {"log": "Logarithmic", "linear": "Linear"}, "log", layer=True),
            Toggle("lab", "Show the lab's 16 skills (α = 0.4)", value=True, layer=True),
        ),
        title="Skills add up",
        description="Each skill is a switch: unknown, then known within a few doublings of the training. Rare skills "
        "switch late. Add skills, and watch the mean of all of them.",
    )
