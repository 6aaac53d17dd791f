"""The IsoFLOP explorer: one budget, every size it could be spent on, and the size that is best."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from .. import published
from ..allocate import regret
from ..laws import ChinchillaLaw
from ._controls import Choice, Setting, Slider
from ._explorer import Explorer
from ._view import Axis, Dot, Line, Panel, Readout, View

__all__ = ["isoflop"]

LOW, HIGH = 1e18, 1e26
GOPHER = 5.76e23
OTHERS = (1e19, 1e21, 1e23, 1e25)
_LAWS = {
    "hoffmann": ("Hoffmann 2022, as printed", published.HOFFMANN_2022),
    "unrounded": ("Hoffmann 2022, unrounded", published.HOFFMANN_2022_UNROUNDED),
    "besiroglu": ("Besiroglu 2024, refit", published.BESIROGLU_2024),
}


def isoflop(C: float = GOPHER, *, law: ChinchillaLaw | None = None, law_name: str = "Your own fit") -> Explorer:
    """Loss against model size on one budget, for three published fits and, if given, your own.

    Parameters
    ----------
    C : float
        Budget shown first, 1e18 to 1e26 FLOP.
    law : ChinchillaLaw, optional
        A fit of your own; it becomes a fourth choice and is shown first.
    law_name : str
        Its name.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If C is outside the slider, or `law` has no best size.

    References
    ----------
    .. [1] Hoffmann et al. 2022, arXiv 2203.15556, approach 2 (figure 3).

    Examples
    --------
    >>> isoflop(C=5.76e23).set(law="besiroglu").view.readouts[3].shown
    '18.4'
    """
    laws = dict(_LAWS)
    if law is not None:
        if not isinstance(law, ChinchillaLaw):
            raise ValueError(f"law is {law!r}: expected a ChinchillaLaw, such as the `.law` of a fit.")
        laws["own"] = (law_name, law)
    ends = [(fit.optimal(LOW), fit.optimal(HIGH)) for _, fit in laws.values()]
    low = 10.0 ** math.floor(math.log10(min(small.N for small, _ in ends) / 6))
    high = 10.0 ** math.ceil(math.log10(max(large.N for _, large in ends) * 6))
    sizes = np.logspace(math.log10(low), math.log10(high), 16 * round(math.log10(high / low)) + 1)
    floor = math.floor(10 * min(large.L for _, large in ends) - 2) / 10  # room for the labels below the valley
    top = math.ceil(2 * max(small.L for small, _ in ends) + 0.5) / 2
    across = np.logspace(math.log10(LOW), math.log10(HIGH), 33)
    size_axis = Axis("Parameters N (log scale)", low, high, "log")
    loss_axis = Axis("Loss (nats per token)", floor, top)
    waste_axis = Axis(
        "Compute beyond what is needed for the same loss",
        -0.15,
        1,
        ticks=((0, "0 %"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1, "100 %")),
    )

    def compute(settings: Mapping[str, Setting]) -> View:
        budget, (_, fit) = float(settings["C"]), laws[str(settings["law"])]
        best = fit.optimal(budget)
        frontier = fit.optimal(across)
        half, twice = best.N / 2, best.N * 2
        losses = np.minimum(fit.along(budget, sizes), top + 1.0)
        waste_half, waste_twice = (float(regret(N, fit, budget)) for N in (half, twice))
        others = [
            Line(
                sizes[::2],
                np.minimum(fit.along(other, sizes[::2]), top + 1.0),
                "" if k else "10¹⁹, 10²¹, 10²³ and 10²⁵ FLOP",
                "solid",
                "quiet",
            )
            for k, other in enumerate(OTHERS)
        ]
        loss = Panel(
            size_axis,
            loss_axis,
            (
                *others,
                Line(frontier.N, frontier.L, "best size at every budget", "dashed", "quiet"),
                Line(sizes, losses, "this budget, every size"),
            ),
            (
                Dot(half, fit.along(budget, half), "half: +{half}", "below-left", "diamond", "second"),
                Dot(twice, fit.along(budget, twice), "double: +{double}", "below-right", "diamond", "second"),
                Dot(best.N, best.L, "best: {N}", "above"),
            ),
            when="axis=loss",
        )
        waste = Panel(
            size_axis,
            waste_axis,
            (Line(sizes, np.minimum(regret(sizes, fit, budget), 2.0), "this budget, every size"),),
            (
                Dot(half, waste_half, "half: +{half}", "left", "diamond", "second"),
                Dot(twice, waste_twice, "double: +{double}", "right", "diamond", "second"),
                Dot(best.N, 0, "best: {N}", "below"),
            ),
            when="axis=waste",
        )
        return View(
            (loss, waste),
            readouts=(
                Readout("C", "Budget", budget, "sci:3", "FLOP", when="never"),
                Readout("N", "Best size", best.N, "short:3", "parameters"),
                Readout("D", "Tokens it trains on", best.D, "short:3", "tokens"),
                Readout("ratio", "Tokens per parameter", best.tokens_per_param, "sig:3"),
                Readout("L", "Loss", best.L, "fixed:3", "nats per token"),
                Readout("half", "Half the size wastes", waste_half, "percent:0", "compute"),
                Readout("double", "Double wastes", waste_twice, "percent:0", "compute"),
            ),
            text="With {C} FLOP the best model has {N} parameters and trains on {D} tokens, {ratio} for each "
            "parameter, to a loss of {L} nats. Half that size spends {half} more compute than its loss needs, "
            "twice that size {double} more.",
        )

    return Explorer(
        compute,
        (
            Slider(
                "C",
                "Training budget",
                LOW,
                HIGH,
                step=0.1,
                value=C,
                log=True,
                unit="FLOP",
                format="sci:3",
                extra=(GOPHER,),
            ),
            Choice("axis", "Show", {"loss": "Loss", "waste": "Compute wasted"}, "loss", layer=True),
            Choice(
                "law",
                "Fitted law",
                {key: name for key, (name, _) in laws.items()},
                "hoffmann" if law is None else "own",
            ),
        ),
        title="One budget, every size",
        description="Slide the budget. Each curve spends the same compute on models of different size; to the left "
        "they are small and see many tokens, to the right large and see few.",
    )
