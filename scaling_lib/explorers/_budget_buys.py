"""What a budget buys: accelerators and days as compute, and the split of it that a law calls best, among known models."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from .. import published
from .._validate import FloatArray
from ..allocate import rule_of_thumb
from ..compute import gpu_hours, train_tokens, training_cost, training_flop
from ._controls import Choice, Setting, Slider
from ._explorer import Explorer
from ._view import Axis, Dot, Line, Panel, Points, Readout, View

__all__ = ["budget_buys"]

UTILISATION = 0.4
_SIZES, _TOKENS = (1e7, 1e13), (1e9, 1e15)
_CHIPS = {"A100": published.A100, "H100": published.H100, "B200": published.B200}
_LAWS: dict[str, tuple[str, Any]] = {
    "besiroglu": ("Besiroglu 2024, a refit", published.BESIROGLU_2024.optimal),
    "hoffmann": ("Hoffmann 2022, as printed", published.HOFFMANN_2022.optimal),
    "twenty": ("Twenty tokens per parameter", rule_of_thumb),
}
_NAMED = {
    "GPT-3 175B": "right", "Chinchilla": "right", "LLaMA-1 7B": "left", "Llama 3.1 405B": "above", "Llama 3 8B": "left",
    "Qwen3 0.6B": "above", "Phi-1": "right", "Cerebras-GPT 111M": "right",
}


@cache
def _known() -> tuple[FloatArray, FloatArray, dict[str, tuple[float, float]]]:
    """Parameters and training tokens of the models whose tokens are known, and of those that are named."""
    from .. import datasets

    table: Any = datasets.load("models")
    rows = table[table.tokens_trained.notna() & table.params_active.notna()].set_index("name")
    N, D = (rows[name].to_numpy(np.float64) for name in ("params_active", "tokens_trained"))
    return N, D, {name: (float(rows.params_active[name]), float(rows.tokens_trained[name])) for name in _NAMED}


def _compute(settings: Mapping[str, Setting]) -> View:
    n_gpu, days = float(settings["n_gpu"]), float(settings["days"])
    key, (_, best_of) = str(settings["chip"]), _LAWS[str(settings["law"])]
    chip = _CHIPS[key]
    C = float(training_flop(days, n_gpu=n_gpu, peak=chip, mfu=UTILISATION))
    best = best_of(C)
    N, D, named = _known()
    low, high = (
        float(training_cost(C, peak=chip, mfu=UTILISATION, price_per_hour=price)) for price in published.MARKET_PRICES_2025[key]
    )
    across = np.array(_SIZES)
    panel = Panel(
        Axis("Parameters (log scale)", *_SIZES, "log"),
        Axis("Training tokens (log scale)", *_TOKENS, "log"),
        (
            Points(N, D, "models that exist", "ring", "quiet"),
            Line(across, np.asarray(train_tokens(C, across)), "all that this budget can train"),
        ),
        (
            *(Dot(*named[name], name, place, "square", "second") for name, place in _NAMED.items()),
            Dot(float(best.N), float(best.D), "best: {N}", "above-right", "diamond"),
        ),
        height=380,
    )
    return View(
        (panel,),
        readouts=(
            Readout("C", "Compute", C, "sci:2", "FLOP"),
            Readout("N", "Best size, by this rule", float(best.N), "short:2", "parameters"),
            Readout("D", "Tokens it reads", float(best.D), "short:2", "tokens"),
            Readout("ratio", "Tokens per parameter", float(best.D / best.N), "sig:2"),
            Readout("hours", "Accelerator-hours", float(gpu_hours(C, peak=chip, mfu=UTILISATION)), "short:2"),
            Readout("low", "Rent, at least", low, "short:2", "dollars"),
            Readout("high", "and at most", high, "short:2", "dollars"),
        ),
        text="{hours} accelerator-hours are {C} FLOP. By this rule they are best spent on {N} parameters and {D} tokens, {ratio} for "
        "each parameter. The rent is between {low} and {high} dollars.",
    )


def budget_buys() -> Explorer:
    """Accelerators for some days: the compute, the rent, and the model that it trains best, among models that exist.

    Utilisation is 40 %. Prices are a reported range, of the month that `scaling_lib.published` states.

    Returns
    -------
    Explorer

    Examples
    --------
    >>> budget_buys().set(n_gpu=1, days=1).view.readouts[0].shown
    '3.4 × 10¹⁹'
    """
    source = published.about("MARKET_PRICES_2025")
    return Explorer(
        _compute,
        (
            Slider("n_gpu", "How many accelerators", 1, 65536, step=math.log10(2), value=8, log=True, format="fixed:0", nodes=9),
            Slider("days", "For how many days", 1, 100, step=0.1, value=10, log=True, format="sig:2", unit="days", nodes=3),
            Choice("chip", "Accelerator", {key: chip.name for key, chip in _CHIPS.items()}, "H100"),
            Choice("law", "Best split by", {key: name for key, (name, _) in _LAWS.items()}, "besiroglu"),
        ),
        title="What your budget buys",
        description="Take machines for some days. The falling line is every model that this compute can train once; the diamond is the "
        f"one a rule calls best. The rings are {len(_known()[0])} models that exist, at the parameters that a token meets and the tokens that "
        f"they read; {len(_NAMED)} of them, squares, have their names, and the table \"models\" of scaling_lib.datasets names all. "
        f"Utilisation {UTILISATION:.0%}, dense 16-bit peaks, rents as reported {source.where}.".replace("%", " %"),
    )
