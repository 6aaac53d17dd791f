"""The calculator: what a training run takes, from a known shape to parameters, FLOP, days, money and energy."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from .. import published
from ..compute import Transformer, energy_kwh, flop_to_pf_days, training_cost, training_days
from ._controls import Choice, Setting, Slider
from ._explorer import Explorer
from ._view import Axis, Band, Dot, Line, Panel, Readout, Rule, View

__all__ = ["calculator"]

_SHAPES = ("GPT-2 124M", "LLaMA-1 7B", "Llama 3 8B", "GPT-3 175B", "Llama 3.1 405B")
_CHIPS = {"A100": published.A100, "H100": published.H100, "H200": published.H200, "B200": published.B200}
_MFU = (0.02, 0.5)
_USUAL = (0.1, 0.5)
_CARDS = (1.0, 65536.0)
_SPANS = ((1.0, "a day"), (30.0, "a month"), (365.0, "a year"))


def _compute(settings: Mapping[str, Setting]) -> View:
    name, chip = str(settings["model"]), _CHIPS[str(settings["chip"])]
    shape: Transformer = published.SHAPES[name]
    D, n_gpu, mfu = (float(settings[key]) for key in ("D", "n_gpu", "mfu"))
    flop = float(shape.train_flop(D))
    exact = float(shape.train_flop(D, "kaplan_with_head"))
    low, high = (
        float(training_cost(flop, peak=chip, mfu=mfu, price_per_hour=price))
        for price in published.MARKET_PRICES_2025[str(settings["chip"])]
    )
    cards = np.geomspace(*_CARDS, 9)
    fast, here, slow = (
        np.asarray(training_days(flop, n_gpu=cards, peak=chip, mfu=use)) for use in (_USUAL[1], mfu, _USUAL[0])
    )
    days = float(training_days(flop, n_gpu=n_gpu, peak=chip, mfu=mfu))
    panel = Panel(
        Axis("Accelerators (log scale)", *_CARDS, "log"),
        Axis("Days (log scale)", 0.01, 1e5, "log", tuple((10.0**k, f"{10**k:,}") for k in range(6))),
        (
            Band(cards, fast, slow, "utilisation from 10 % to 50 %"),
            Line(cards, here, "at this utilisation"),
        ),
        (
            *(Rule(at, text, axis="y") for at, text in _SPANS),
            Dot(n_gpu, days, "{days} days", "above-right"),
        ),
    )
    return View(
        (panel,),
        readouts=(
            Readout("C", "Compute, 6ND", flop, "sci:3", "FLOP"),
            Readout("pf", "The same", float(flop_to_pf_days(flop)), "sig:3", "PF-days"),
            Readout("days", "Time", days, "sig:3", "days"),
            Readout("low", "Money, at least", low, "short:2", "dollars"),
            Readout("high", "and at most", high, "short:2", "dollars"),
            Readout("energy", "Electricity of the boards",
                    float(energy_kwh(flop, peak=chip, mfu=mfu, watts=chip.power_watts, pue=1.0)) / 1000, "sig:2", "MWh"),
            Readout("N", "All parameters", float(shape.params("total")), "short:4"),
            Readout("blocks", "Without embeddings", float(shape.params("non_embedding")), "short:4"),
            Readout("exact", "Counted by layer, over 6ND", exact / flop, "fixed:3"),
            Readout("D", "Tokens", D, "short:3", when="never"),
            Readout("n", "Accelerators", n_gpu, "fixed:0", when="never"),
            Readout("mfu", "Utilisation", mfu, "percent:0", when="never"),
        ),
        text="{N} parameters on {D} tokens take {C} FLOP, or {pf} PF-days. On {n} accelerator(s) at {mfu} of peak that lasts "
        "{days} days and costs between {low} and {high} dollars.",
    )


def calculator() -> Explorer:
    """What a training run takes: FLOP, days, money and electricity, for a known shape on known accelerators.

    Prices are a reported range, of the month that `scaling_lib.published` states.

    Returns
    -------
    Explorer

    Examples
    --------
    >>> calculator().set(model="GPT-3 175B", D=3e11).view.readouts[0].shown
    '3.14 × 10²³'
    """
    source = published.about("MARKET_PRICES_2025")
    return Explorer(
        _compute,
        (
            Choice("model", "Model", {name: name for name in _SHAPES}, "LLaMA-1 7B"),
            Choice("chip", "Accelerator", {key: chip.name for key, chip in _CHIPS.items()}, "H100"),
            Slider("D", "Training tokens", 1e9, 1e14, step=0.05, value=1e12, log=True, format="short:3", nodes=2),
            Slider("n_gpu", "How many accelerators", *_CARDS, step=math.log10(2), value=512, log=True, format="fixed:0",
                   nodes=2),
            Slider("mfu", "Utilisation (MFU)", *_MFU, step=math.log10(25) / 72, value=0.4, log=True, format="percent:0",
                   nodes=2),
        ),
        title="What a run takes",
        description="Choose a shape, its tokens and your machines. The band shows how much the utilisation alone can "
        "do to the calendar. "
        f"Dense 16-bit peaks; prices are a reported range {source.where}, the final run alone.",
    )
