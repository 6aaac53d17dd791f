"""Two honest lines: one straight, one above a floor, through the same few budgets; then what was measured further out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from .._validate import FloatArray
from ..fitting import StraightLine, straight_line
from ._controls import Choice, Guess, Setting, Slider
from ._explorer import Explorer
from ._format import show
from ._view import Axis, Band, Dot, Line, OwnGuess, Panel, Points, Readout, Rule, View

__all__ = ["two_honest_lines"]

#: How parameters and compute were counted -> what the reader sees. Kaplan's count comes with a long warm-up in the table.
RULES = {
    "non_embedding_with_head": "Output layer counted",
    "with_head_and_attention": "Attention counted too",
    "non_embedding_no_head": "Neither (and a long warm-up)",
}
KEPT = 7
_LOW, _HIGH = -6.0, 6.0  # percent, ends of the picture of what is left over


@cache
def optima(rule: str) -> tuple[FloatArray, FloatArray]:
    """Budgets and lowest losses of the tuned sweep under one way of counting."""
    from .. import datasets

    table: Any = datasets.load("kaplan_vs_chinchilla_optima")
    rows = table[(table.hyperparameters == "tuned") & (table.param_count_rule == rule)].dropna(subset=["opt_loss_nats"])
    return rows.flops.to_numpy(np.float64), rows.opt_loss_nats.to_numpy(np.float64)


def _kept(rule: str, kept: int, nudge: float) -> tuple[FloatArray, FloatArray]:
    C, L = (column[:kept].copy() for column in optima(rule))
    L[-1] *= 1 + nudge / 100
    return C, L


def _left(line: StraightLine, C: FloatArray, L: FloatArray) -> FloatArray:
    """Measured above the line, in percent of the loss."""
    return np.asarray(100 * np.log(L / line.law(C)))


@cache
def best_floor(rule: str, kept: int, nudge: float = 0.0) -> float:
    """The floor whose line misses the losses least, to a hundredth of a nat."""
    C, L = _kept(rule, kept, nudge)

    def miss(floor: float) -> float:
        return float((_left(straight_line(C, L, floor=floor), C, L) ** 2).sum())

    low, high, golden = 0.0, 0.99 * float(L.min()), (np.sqrt(5) - 1) / 2
    inner = [high - golden * (high - low), low + golden * (high - low)]
    misses = [miss(E) for E in inner]
    while high - low > 0.004:
        if misses[0] < misses[1]:
            high, inner[1], misses[1] = inner[1], inner[0], misses[0]
            inner[0] = high - golden * (high - low)
            misses[0] = miss(inner[0])
        else:
            low, inner[0], misses[0] = inner[0], inner[1], misses[1]
            inner[1] = low + golden * (high - low)
            misses[1] = miss(inner[1])
    return 0.0 if low == 0 else round((low + high) / 2, 2)


def _compute(settings: Mapping[str, Setting]) -> View:
    from .. import published

    rule, kept = str(settings["rule"]), round(float(settings["kept"]))
    nudge, floor = float(settings["nudge"]), float(settings["floor"])
    C, L = _kept(rule, kept, nudge)
    later_C, later_L = (column[kept:] for column in optima(rule))
    top, far = later_C[-1], published.HOFFMANN_2022_BUDGET
    straight, above = straight_line(C, L), straight_line(C, L, floor=floor)
    across, bend = np.geomspace(C[0], far, 9), np.geomspace(C[0], far, 15)
    band = straight.band(across)
    measured = Panel(
        Axis("Training compute (FLOP, log scale)", 1e16, 1e24, "log"),
        Axis(
            "Loss (nats per token, log scale)", 1.5, 5, "log", tuple((v, f"{v:g}") for v in (1.5, 2, 2.5, 3, 4, 5))
        ),
        (
            Band(across, np.asarray(band.low), np.asarray(band.high), "95 % for a point near the straight line", "main"),
            Line(across[[0, -1]], straight.law(across[[0, -1]]), "straight line"),
            Line(bend, above.law(bend), "line above the floor", "dashed", "second"),
            Points(C, L, "budgets kept", "circle", "quiet"),
            Points(later_C, later_L, "held back", "ring", "truth"),
        ),
        (
            Rule(far, "5.76 × 10²³", style="dotted"),
            Dot(far, straight.law(far), "{far_straight}", "below-left", "diamond"),
            Dot(far, above.law(far), "{far_above}", "above-left", "square", "second"),
            OwnGuess(2.56e19, place="below-left"),
        ),
        title="Both lines, and where they go",
        height=350,
    )
    both = np.concatenate([C, later_C]), np.concatenate([L, later_L])
    left = Panel(
        Axis("Training compute (FLOP, log scale)", 1e16, 4e19, "log"),
        Axis(
            "Measured above the line (%)",
            _LOW,
            _HIGH,
            ticks=((-6, "−6"), (-4, "−4"), (-2, "−2"), (0, "0"), (2, "2"), (4, "4"), (6, "6")),
        ),
        (
            Points(both[0], np.clip(_left(straight, *both), _LOW, _HIGH), "from the straight line", "circle"),
            Points(both[0], np.clip(_left(above, *both), _LOW, _HIGH), "from the line above the floor", "square", "second"),
        ),
        (Rule(0, axis="y", style="solid"), Rule(float(np.sqrt(C[-1] * later_C[0])), "held back", style="dotted")),
        title="What is left over",
        height=300,
    )
    return View(
        (measured, left),
        readouts=(
            Readout("r2", "R² of the straight line", straight.r_squared, "fixed:4"),
            Readout("miss_straight", "It misses those kept by", _typical(_left(straight, C, L)), "fixed:2", "%"),
            Readout("miss_above", "The line above the floor, by", _typical(_left(above, C, L)), "fixed:2", "%"),
            Readout("best", "Floor that would fit best", best_floor(rule, kept, nudge), "fixed:2", "nats"),
            Readout("top", "Measured at the largest budget", later_L[-1], "fixed:3", "nats"),
            Readout("top_straight", "Straight line there", straight.law(top), "fixed:3", "nats"),
            Readout("top_above", "Line above the floor there", above.law(top), "fixed:3", "nats"),
            Readout("reach", "Times beyond the last kept", top / C[-1], "fixed:0"),
            Readout("far_straight", "Straight, far out", straight.law(far), "fixed:2", when="never"),
            Readout("far_above", "Above a floor, far out", above.law(far), "fixed:2", when="never"),
        ),
        text="The straight line misses the budgets kept by {miss_straight} %, with R² = {r2}; the line above your floor misses "
        "them by {miss_above} %. At the largest budget, {reach} times beyond the last one kept, they say {top_straight} and "
        "{top_above}; {top} was measured. At 5.76 × 10²³ FLOP, where nobody has measured, they say {far_straight} and "
        "{far_above}. The floor that fits these budgets best is {best} nats.",
    )


def _typical(left: FloatArray) -> float:
    return float(np.sqrt((left**2).mean()))


def _guess() -> Guess:
    rule = next(iter(RULES))
    C, L = optima(rule)
    line, best = straight_line(C[:KEPT], L[:KEPT]), best_floor(rule, KEPT)
    above = straight_line(C[:KEPT], L[:KEPT], floor=best)
    far = {name: show(float(one.law(5.76e23)), "fixed:2") for name, one in (("straight", line), ("above", above))}
    return Guess(
        "ch02.lines",
        f"Seven budgets were spent as well as could be; the largest cost {show(C[KEPT - 1], 'sci:1')} FLOP. On log-log paper "
        f"their losses lie on a straight line, with R² = {line.r_squared:.4f}. What loss was measured with "
        f"{round(C[-1] / C[KEPT - 1])} times that budget? Drag the mark to your answer, and the ends of its bar until you are "
        "80 % sure of it. Then: what would the loss be at 5.76 × 10²³ FLOP?",
        f"Loss at {show(C[-1], 'sci:3')} FLOP",
        float(L[-1]),
        2.0,
        4.7,
        "nats",
        "fixed:3",
        options={
            "straight": f"near {far['straight']}, on the straight line",
            "above": f"near {far['above']}, bending to a floor",
            "open": "seven points cannot tell",
        },
        right="open",
        explain=f"The straight line says {line.law(C[-1]):.3f}, a line above a floor of {best:.1f} nats says {above.law(C[-1]):.3f}. "
        f"Far out they say {far['straight']} and {far['above']}, and both go through the seven points to within a few tenths of a "
        "percent. Now count in another way, below, and look at the floor that would fit best.",
        picture=Panel(
            Axis("Training compute (FLOP, log scale)", 1e16, 1e20, "log"),
            Axis("Loss (nats per token, log scale)", 2.5, 4.7, "log", tuple((v, f"{v:g}") for v in (2.5, 3, 3.5, 4, 4.5))),
            (Points(C[:KEPT], L[:KEPT], "", "circle", "main"),),
            (Rule(float(C[-1]), "", style="dotted"),),
            title="Seven budgets",
            height=320,
        ),
        at=float(C[-1]),
    )


def two_honest_lines() -> Explorer:
    """Two lines through the smallest budgets of a real sweep, one without a floor and one above it, and what came after.

    The reader says first where the loss goes, then sees both lines and the budgets that were held back, and moves what was
    decided on the way: how many budgets are kept, one point by a third of a percent, the floor, and the way of counting.

    Returns
    -------
    Explorer

    References
    ----------
    .. [1] Porian et al. 2024, arXiv 2406.19146 (the sweep, RefinedWeb, tuned hyperparameters).

    Examples
    --------
    >>> said = {item.key: item.shown for item in two_honest_lines().view.readouts}
    >>> said["top"], said["top_straight"], said["top_above"]
    ('3.095', '3.008', '3.111')
    """
    return Explorer(
        _compute,
        (
            Slider("floor", "Floor of the dashed line", 0, 2.7, step=0.3, value=1.8, unit="nats", format="fixed:1"),
            Slider("kept", "Budgets kept", 5, 9, step=2, value=KEPT, format="fixed:0"),
            Slider("nudge", "Move the last point kept", -0.3, 0.3, step=0.3, value=0, unit="%", format="fixed:1"),
            Choice("rule", "Parameters and compute", RULES, next(iter(RULES))),
        ),
        title="Two honest lines",
        description="The lowest loss at each budget of one sweep. Two lines are drawn through the small budgets alone; the large "
        "ones were measured too, and held back.",
        guess=_guess(),
    )
