"""Drag a point: least squares answers to every point, and most of all to those at the ends."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from .._validate import FloatArray
from ..fitting import straight_line
from ._controls import Choice, Setting, Slider
from ._explorer import Explorer
from ._view import Axis, Band, Dot, Handle, Line, Panel, Points, Readout, Rule, View

__all__ = ["drag_a_point"]

_FACTOR = 4.0  # a point can be moved up and down by so much
_ENDS = np.array([1e16, 1e24])


@cache
def sizes() -> tuple[FloatArray, FloatArray]:
    """Budgets and best sizes of the tuned sweep, the output layer counted."""
    from .. import datasets

    table: Any = datasets.load("kaplan_vs_chinchilla_optima")
    rows = table[(table.hyperparameters == "tuned") & (table.param_count_rule == "non_embedding_with_head")]
    return rows.flops.to_numpy(np.float64), rows.opt_params.to_numpy(np.float64)


@cache
def _before() -> Line:
    return Line(_ENDS, straight_line(*sizes()).law(_ENDS), "as measured", "dotted", "quiet")


@cache
def _handle(k: int, factor: float = 1.0, drawn: bool = False) -> Handle:
    """The handle of a point; only that of the point that is moved is drawn."""
    C, N = sizes()
    ends = N[k] / _FACTOR, N[k] * _FACTOR
    label = f"Best size at budget {k + 1} of {len(C)}"
    return Handle(C[k], N[k] * factor, *ends, "factor", label, sets={"point": k + 1}, tone="second", drawn=drawn)


def _compute(settings: Mapping[str, Setting]) -> View:
    from .. import published

    C, measured = sizes()
    point, factor = round(float(settings["point"])) - 1, float(settings["factor"])
    N = measured.copy()
    N[point] *= factor
    line, far = straight_line(C, N), published.HOFFMANN_2022_BUDGET
    across = np.geomspace(1e16, 1e24, 17)
    bands = {kind: line.band(np.r_[across, far], kind=kind) for kind in ("confidence", "prediction")}
    ends = {kind: (np.asarray(band.low), np.asarray(band.high)) for kind, band in bands.items()}
    weight = line.weights(far)[point]
    names = {"confidence": "95 % for the line", "prediction": "95 % for one more point"}
    panel = Panel(
        Axis("Training compute (FLOP, log scale)", 1e16, 1e24, "log"),
        Axis("Best size (parameters, log scale)", 1e6, 1e12, "log", tuple((10.0**k, text) for k, text in _TICKS)),
        (
            *(
                Band(across, low[:-1], high[:-1], names[kind], "main", when=f"band={kind}")
                for kind, (low, high) in ends.items()
            ),
            _before(),
            Line(_ENDS, line.law(_ENDS), "least squares"),
            Points(C[[point]], measured[[point]], "", "ring", "quiet"),
            Points(np.delete(C, point), np.delete(N, point), "best sizes", "circle", "quiet"),
        ),
        (
            Rule(far, "5.76 × 10²³", style="dotted"),
            Dot(far, line.law(far), "{N}", "above-left", "diamond"),
            # Always in one order: the one that is grabbed stays the same when another comes to be drawn.
            *(_handle(k, factor, drawn=True) if k == point else _handle(k) for k in range(len(C))),
        ),
        height=380,
    )
    return View(
        (panel,),
        readouts=(
            Readout("slope", "Exponent (slope)", -line.law.alpha, "fixed:3"),
            Readout("error", "Its standard error", line.slope_error, "fixed:3"),
            Readout("r2", "R²", line.r_squared, "fixed:3"),
            Readout("weight", "Weight of this point far out", weight, "fixed:2"),
            Readout("N", "At 5.76 × 10²³ FLOP", line.law(far), "short:3", "parameters"),
            *(
                Readout(f"{end}_{kind}", f"95 %, {side}", values[-1], "short:2", "parameters", when=f"band={kind}")
                for kind, both in ends.items()
                for end, side, values in zip(("low", "high"), ("at least", "at most"), both, strict=True)
            ),
            Readout("times", "Moved by", factor, "sig:3", when="never"),
            Readout("which", "Point", point + 1, "fixed:0", when="never"),
        ),
        text="Point {which} of 12, moved by a factor of {times}: the exponent is {slope}, with a standard error of {error}. At 5.76 × "
        "10²³ FLOP the line says {N} parameters; a 95 % interval reaches from {low_confidence} to {high_confidence} for the line, "
        "and from {low_prediction} to {high_prediction} for one more point. Far out this point has a weight of {weight}.",
    )


_TICKS = ((6, "1M"), (7, "10M"), (8, "100M"), (9, "1B"), (10, "10B"), (11, "100B"), (12, "1T"))


def drag_a_point() -> Explorer:
    """A least-squares line through twelve real points, one of which is dragged; the line and its band follow.

    Returns
    -------
    Explorer

    References
    ----------
    .. [1] Porian et al. 2024, arXiv 2406.19146 (best sizes on RefinedWeb, tuned hyperparameters).

    Examples
    --------
    >>> explorer = drag_a_point()
    >>> far = [explorer.set(point=k, factor=2).view.readouts[3].value for k in (1, 6, 12)]
    >>> far[0] < 0 < far[1] < far[2]
    True
    """
    return Explorer(
        _compute,
        (
            Slider("factor", "Move it by a factor of", 1 / _FACTOR, _FACTOR, step=np.log10(2) / 4, value=1, log=True, format="sig:3"),
            Slider("point", "Which point", 1, 12, step=1, value=12, format="fixed:0"),
            Choice("band", "Band", {"confidence": "for the line", "prediction": "for one more point"}, "confidence", layer=True),
        ),
        title="Drag a point",
        description="Each point is the best model size at one budget. Drag one up or down, with the mouse, a finger or the arrow "
        "keys: at an end first, then in the middle.",
    )
