"""The critical batch: what a larger batch saves in steps and costs in text, on measured runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from .._validate import FloatArray
from ..laws import BatchTradeoff
from ._controls import Choice, Setting, Slider
from ._explorer import Explorer
from ._view import Axis, Dot, Line, Panel, Points, Readout, Rule, View

__all__ = ["critical_batch"]

LOW, HIGH = 64.0, 32768.0
_MODELS = ("85M", "151M", "302M", "604M", "1.2B")


@cache
def measured(model: str) -> tuple[FloatArray, FloatArray, BatchTradeoff]:
    """Batches, steps to the target loss, and the hyperbola through them (least squares in the logarithm)."""
    from .. import datasets
    from ..fitting import fit

    table: Any = datasets.load("critical_batch_steps")
    rows = table[table.model == model]
    B, S = (rows[name].to_numpy(np.float64) for name in ("batch_size_sequences", "steps_to_target"))
    return B, S, fit(BatchTradeoff, B=B, S=S, delta=1.0).law


def _compute(settings: Mapping[str, Setting]) -> View:
    batch, (B, S, law) = float(settings["batch"]), measured(str(settings["model"]))
    across = np.geomspace(LOW, HIGH, 41)
    here, used = float(law(batch)), float(law.examples(batch))
    at = Axis("Batch (sequences, log scale)", LOW, HIGH, "log",
              tuple((2.0**k, f"{2**k:,}") for k in range(6, 16, 3)))
    steps = Panel(
        at,
        Axis("Steps to the loss, over the least (log scale)", 0.8, 64, "log",
             tuple((float(v), f"{v}") for v in (1, 2, 4, 8, 16, 32))),
        (Line(across, np.asarray(law(across)) / law.S_min, "fit"), Points(B, S / law.S_min, "measured", "square", "second")),
        (Rule(law.B_crit, "critical"), Dot(batch, here / law.S_min, "{steps} times", "above-right")),
        title="Time",
        height=300,
    )
    text = Panel(
        at,
        Axis("Sequences read, over the least (log scale)", 0.8, 64, "log",
             tuple((float(v), f"{v}") for v in (1, 2, 4, 8, 16, 32))),
        (
            Line(across, np.asarray(law.examples(across)) / law.E_min, "fit"),
            Points(B, B * S / law.E_min, "measured", "square", "second"),
        ),
        (Rule(law.B_crit, "critical"), Dot(batch, used / law.E_min, "{text} times", "above-left")),
        title="Compute",
        height=300,
    )
    return View(
        (steps, text),
        readouts=(
            Readout("crit", "Critical batch", law.B_crit, "sig:3", "sequences"),
            Readout("steps", "Steps, over the least", here / law.S_min, "sig:3"),
            Readout("text", "Compute, over the least", used / law.E_min, "sig:3"),
            Readout("S", "Steps", here, "fixed:0"),
            Readout("batch", "Batch", batch, "fixed:0", when="never"),
        ),
        text="With {batch} sequences a step the loss is reached in {S} steps, {steps} times the least there could be, and "
        "with {text} times the least compute. At the critical batch of {crit} sequences both are twice the least.",
    )


def critical_batch() -> Explorer:
    """Steps and compute to one loss against the batch, measured on five model sizes, with the critical batch.

    Returns
    -------
    Explorer

    References
    ----------
    .. [1] McCandlish et al. 2018, arXiv 1812.06162, equation 2.11.
    .. [2] Zhang et al. 2024, arXiv 2410.21676 (the runs).

    Examples
    --------
    >>> critical_batch().set(model="85M").view.readouts[0].shown
    '2,190'
    """
    return Explorer(
        _compute,
        (
            Choice("model", "Model", {name: name for name in _MODELS}, "302M"),
            Slider("batch", "Batch", LOW, HIGH, step=math.log10(2), value=1024, log=True, unit="sequences",
                   format="fixed:0"),
        ),
        title="What a larger batch buys",
        description="Slide the batch. On the left is what it saves in steps, and so in days; on the right what it costs in "
        "compute.",
    )
