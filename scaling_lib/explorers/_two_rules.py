"""Two rules: how Kaplan's laws of 2020 and Chinchilla's of 2022 share a budget between size and text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from .. import published
from .._validate import FloatArray
from ..compute import flop_to_pf_days, train_flop
from ._controls import Choice, Guess, Setting, Slider
from ._explorer import Explorer
from ._view import Axis, Dot, Line, Panel, Points, Readout, Rule, View

__all__ = ["two_rules"]

LOW, HIGH = 1e19, 1e25
_LAWS = {
    "besiroglu": ("Chinchilla, refitted", published.BESIROGLU_2024),
    "hoffmann": ("Chinchilla, as printed", published.HOFFMANN_2022),
}


def kaplan_split(C: Any) -> tuple[FloatArray, FloatArray]:
    """Kaplan's best size and tokens for C FLOP, as the paper's Table 6 has them."""
    days = np.asarray(flop_to_pf_days(C))
    return np.asarray(published.KAPLAN_2020_N_OPT(days)), np.asarray(published.KAPLAN_2020_D_OPT(days))


@cache
def _models() -> tuple[FloatArray, FloatArray]:
    """Compute and size of the large dense models from 2020 to March 2022."""
    from .. import datasets

    table: Any = datasets.load("models")
    kept = table[(table.date < "2022-04-01") & table.tokens_trained.notna() & (table.params_active > 5e10)]
    N, D = kept.params_active.to_numpy(np.float64), kept.tokens_trained.to_numpy(np.float64)
    return np.asarray(train_flop(N, D)), N


def _compute(settings: Mapping[str, Setting]) -> View:
    C, (_, law) = float(settings["C"]), _LAWS[str(settings["law"])]
    across = np.geomspace(LOW, HIGH, 25)
    N, D = (float(x) for x in kaplan_split(C))
    best = law.optimal(C)
    kaplan, chinchilla = kaplan_split(across), law.optimal(across)
    budget = Axis("Training compute (FLOP, log scale)", LOW, HIGH, "log")
    found = _models()
    sizes = Panel(
        budget,
        Axis("Parameters (log scale)", 1e8, 1e13, "log"),
        (
            Points(*found, "models from 2020 to March 2022", "circle", "quiet"),
            Line(across, np.asarray(chinchilla.N), "Chinchilla", "solid", "main"),
            Line(across, kaplan[0], "Kaplan", "dashed", "second"),
        ),
        (
            Rule(C, axis="x"),
            Dot(C, float(best.N), "{N}", "below-right"),
            Dot(C, N, "{N_kaplan}", "above-left", "diamond", "second"),
        ),
        title="Best size",
    )
    ratios = Panel(
        budget,
        Axis("Tokens per parameter (log scale)", 0.03, 300, "log", tuple((v, f"{v:g}") for v in (0.1, 1, 10, 100))),
        (
            Line(across, np.asarray(chinchilla.tokens_per_param), "Chinchilla", "solid", "main"),
            Line(across, kaplan[1] / kaplan[0], "Kaplan", "dashed", "second"),
        ),
        (
            Rule(C, axis="x"),
            Dot(C, float(best.tokens_per_param), "{ratio}", "above-left"),
            Dot(C, D / N, "{ratio_kaplan}", "below-left", "diamond", "second"),
        ),
        title="Tokens for each parameter",
    )
    return View(
        (sizes, ratios),
        readouts=(
            Readout("N_kaplan", "Kaplan's size", N, "short:3", "parameters"),
            Readout("D_kaplan", "on", D, "short:3", "tokens"),
            Readout("ratio_kaplan", "Kaplan's tokens per parameter", D / N, "sig:2"),
            Readout("N", "Chinchilla's size", float(best.N), "short:3", "parameters"),
            Readout("D", "on", float(best.D), "short:3", "tokens"),
            Readout("ratio", "Chinchilla's tokens per parameter", float(best.tokens_per_param), "sig:2"),
            Readout("C", "Budget", C, "sci:3", "FLOP", when="never"),
        ),
        text="For {C} FLOP, Kaplan's rule advises {N_kaplan} parameters on {D_kaplan} tokens, {ratio_kaplan} for each "
        "parameter; Chinchilla's law {N} on {D}, {ratio} for each.",
    )


def two_rules() -> Explorer:
    """The best split of a budget by Kaplan's power laws and by a fitted Chinchilla law, with the models of the time.

    Kaplan's sizes leave out embeddings and his compute is that at a batch far below critical; both are small matters
    beside the difference shown.

    Returns
    -------
    Explorer

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, Table 6.
    .. [2] Hoffmann et al. 2022, arXiv 2203.15556, equation 4.

    Examples
    --------
    >>> two_rules().view.readouts[0].shown
    '516B'
    """
    C = published.GPT3_FLOP
    N, D = (float(x) for x in kaplan_split(C))
    return Explorer(
        _compute,
        (
            Slider("C", "Training budget", LOW, HIGH, step=0.1, value=C, log=True, unit="FLOP", format="sci:3", extra=(C,)),
            Choice("law", "Compare with", {key: name for key, (name, _) in _LAWS.items()}, "besiroglu"),
        ),
        title="One budget, two rules",
        description="Slide the budget. The dashed line is the rule of 2020, the solid one a law that was fitted later; "
        "dots are large models from 2020 to March 2022.",
        guess=Guess(
            "ch04.rule",
            "GPT-3 has 175 billion parameters and cost 3.14 × 10²³ FLOP. How large a model does the rule of 2020, "
            "published by the same laboratory four months earlier, advise for that compute?",
            "Parameters",
            N / 1e9,
            0.1,
            100_000,
            unit="billion",
            format="sig:3",
            explain=f"On {D / 1e9:.0f} billion tokens, {D / N:.2f} for each parameter. GPT-3 itself was more cautious than "
            "the rule. What was built later moved towards it.",
        ),
    )
