"""The planner as a page: what to train on a budget, how sure that is, and what being wrong would waste."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import published
from ..compute import FLOP_PER_PARAM_TOKEN
from ..planner.caution import HEAVY
from ..planner.evidence import REFITS, backtest, domain_of
from ..planner.hardware import STATE_BYTES
from . import _planner_numbers as numbers
from ._controls import Choice, Setting, Slider
from ._explorer import Explorer, Section
from ._format import show
from ._view import Axis, Line, Notes, Panel, Points, Readout, Rule, Table, View

__all__ = ["planner"]

_NAMES = {
    "HOFFMANN_2022": "Hoffmann 2022, as printed",
    "HOFFMANN_2022_UNROUNDED": "Hoffmann 2022, unrounded",
    "BESIROGLU_2024": "Besiroglu 2024, refit",
    "hedge": "the hedge",
}
_STYLES = {"HOFFMANN_2022": ("solid", "main"), "HOFFMANN_2022_UNROUNDED": ("dotted", "third"), "BESIROGLU_2024": ("dashed", "second")}
_CALL = """from scaling_lib import plan

answer = plan(
    "{C} FLOP", prefer="{prefer}",
    unique_tokens={unique}, inference_tokens={served},
    accelerator="{chip}", count={count}, utilisation={used}, goodput={good},
    price_per_hour={price}, price_date="as set on the page",
)
print(answer)      # the answer, exact, with all that it assumes
answer.to_json()   # Plan.from_json(...) gives it again"""


def planner(C: float = 1e23) -> Explorer:
    """The answer of `scaling_lib.plan` for budgets of 1e20 to 1e26 FLOP, with and without a kernel.

    Parameters
    ----------
    C : float
        Budget shown first, FLOP.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If C is outside the slider.

    See Also
    --------
    scaling_lib.plan : answers more questions, exactly, and takes a fit of your own.

    Examples
    --------
    >>> planner().view.readouts[0].shown
    '21.0B'
    """
    price = published.LIST_PRICES_2025_02["H100"]
    return Explorer(
        (
            Section(("C", "unique"), _table, beyond=numbers.FAR["table"]),
            Section(("C", "unique", "prefer"), _decision),
            Section(("C", "unique", "prefer", "served"), _lifetime, nodes={"C": 7}, beyond=numbers.FAR["lifetime"]),
            Section(("C", "chip", "used", "good", "count", "price"), _cluster, nodes={"C": 2}),
        ),
        (
            Slider(
                "C", "Training budget", 1e20, 1e26, step=0.05, value=C, log=True, unit="FLOP", format="sci:3",
                nodes=13, digits=3, seam=numbers.seam(),
            ),
            Slider(
                "unique", "Unique tokens you have", 1e11, 1e14, step=0.125, value=1e14, log=True, unit="tokens", format="short:2",
                nodes=len(numbers.UNIQUE), digits=2,
            ),
            Slider(
                "served", "Tokens you will serve", 1e10, 1e16, step=0.25, value=1e12, log=True, unit="tokens", format="short:2",
                nodes=len(numbers.SERVED), digits=2,
            ),
            Slider("count", "Accelerators", 64, 65536, step=np.log10(2), value=512, log=True, format="fixed:0", nodes=2, digits=6),
            Slider(
                "price", "Price of an accelerator-hour", price / 16, price, step=np.log10(2) / 2, value=price, log=True,
                unit="USD", format="sig:3", nodes=2, digits=3,
            ),
            Choice("prefer", "Follow", {"hedge": "the hedge", **{k: v for k, v in _NAMES.items() if k != "hedge"}}, "hedge"),
            Choice("chip", "Accelerator", {name: name for name in ("H100", "H200", "A100", "B200")}, "H100"),
            Choice(
                "used", "Utilisation of its peak (MFU)",
                {f"({low}, {high})": f"{100 * low:.0f} to {100 * high:.0f} %" for low, high in ((0.2, 0.3), (0.3, 0.4), (0.35, 0.45), (0.4, 0.5))},
                "(0.35, 0.45)",
            ),
            Choice("good", "Goodput, hours that count", {"1.0": "all", "0.9": "90 %", "0.75": "75 %"}, "0.9"),
        ),
        title="The planner",
        description="State the budget, the data, the traffic and the machines. Waste is the compute spent over the least that would reach "
        "the same loss, less one: no loss is predicted, since losses do not carry over from other people's corpora.",
        call=_CALL,
    )  # fmt: skip


def _number(settings: Mapping[str, Setting], key: str) -> float:
    return float(settings[key])


def _spent(settings: Mapping[str, Setting]) -> tuple[float, float, bool]:
    """The budget as far as the unique tokens can use it, these, and whether there is more."""
    C, unique = _number(settings, "C"), _number(settings, "unique")
    spent = numbers.useful(C, unique)
    return spent, unique, spent < C


def _table(settings: Mapping[str, Setting]) -> View:
    """The headline: each law's pick and the hedge, against each law being true."""
    C, unique, more = _spent(settings)
    found = numbers.table(C, unique)
    N, waste = found["N"], found["waste"]
    D = C / FLOP_PER_PARAM_TOKEN / N
    laws = len(numbers.LAWS)
    rows = tuple(
        (key, _NAMES[key], np.array([*100 * waste[i], 100 * waste[i].max(), N[i], D[i], D[i] / N[i]])) for i, key in enumerate(numbers.PICKS)
    )
    ratios = (D / N)[:laws]
    low, high = found["ratio"]
    where, badge = domain_of(None), backtest(None)
    assert badge is not None
    tested = re.sub(r"\d[\d.]*e[+-]\d+", lambda found: show(float(found[0]), "sci:1"), str(badge))
    decades = np.log10(C / where.C[1])
    of_laws = " ".join(f"waste.{name}.{laws + 3}" for name in numbers.LAWS)
    part, that = (" (of the compute that your tokens can use)", "so much compute") if more else ("", "the budget")
    return View(
        (Panel(
            Axis("Size, times the hedge (log scale)", 1 / 8.5, 8.5, "log",
                 ((1 / 8, "⅛"), (1 / 4, "¼"), (1 / 2, "½"), (1, "1"), (2, "2"), (4, "4"), (8, "8"))),
            Axis("Compute wasted, if the law is true (%)", 0, 100, ticks=tuple((v, f"{v}") for v in (0, 25, 50, 75, 100))),
            tuple(
                Line(numbers.ACROSS, 100 * curve, _NAMES[name], *_STYLES[name])
                for name, curve in zip(numbers.LAWS, found["curves"], strict=True)
            )
            + (Points(N[:laws] / N[-1], 100 * np.diag(waste[:laws]), "each law's own pick", "diamond", "quiet"),),
            (Rule(1, "the hedge: {hedge_N}", tone="truth"),),
            height=300,
        ),),
        readouts=(
            Readout("hedge_N", "Size of the hedge", N[-1], "short:3", when="never"),
            Readout("hedge_worst", "Worst of the hedge", 100 * waste[-1].max(), "fixed:0", when="never", most=f"waste.{numbers.PICKS[-1]}.{laws}"),
            Readout("ratio_low", "Lowest ratio of the laws", ratios.min(), "sig:3", when="never", least=of_laws),
            Readout("ratio_high", "Highest ratio of the laws", ratios.max(), "sig:3", when="never", most=of_laws),
            Readout("factor", "Laws differ by", ratios.max() / ratios.min(), "sig:2", when="never"),
            Readout("refit_low", "Lowest ratio of the refits", low, "sig:3", when="never"),
            Readout("refit_high", "Highest ratio of the refits", high, "sig:3", when="never"),
            Readout("transfer", "Waste on another corpus", found["transfer"], "percent:0", when="never"),
            Readout("decades", "Decades beyond the runs", decades, "fixed:1", when="never"),
        ),
        answers=(
            Table(
                f"Compute wasted, in percent, by each choice (rows) if each law is true (columns){part}",
                ("choice", "if as printed", "if un\u00adrounded", "if refit", "worst", "para\u00admeters", "tokens", "tokens per para\u00admeter"),
                (*["fixed:0"] * (laws + 1), "short:3", "short:3", "sig:3"),
                rows,
                mark="prefer",
                above=True,
                name="waste",
                most=str(laws),
            ),
            Notes(
                "How sure that is, in four parts",
                (
                    (f"Sampling: {REFITS} refits of the runs behind the laws, resampled, put the best ratio between {{refit_low}} and "
                     "{refit_high} tokens per parameter (95 %).", ""),
                    ("Choice of law: {ratio_low} to {ratio_high} tokens per parameter over three laws; they share one set of runs, so "
                     "this is the least it can be.", ""),
                    ("Transfer to your corpus: only your own small runs can say. For scale, the optimum of one corpus wastes up to "
                     "{transfer} on another (Gadre et al. 2024).", ""),
                    (f"Extrapolation: the largest of those runs took {show(where.C[1], 'sci:2')} FLOP; {that} lies {{decades}} decades "
                     f"beyond. Backtest: {tested}.", "decades>0"),
                    (f"Extrapolation: {that} lies within the compute of those runs ({show(where.C[1], 'sci:2')} FLOP). Backtest: {tested}.",
                     "decades<0"),
                ),
            ),
        ),
        text="The hedge, {hedge_N} parameters, wastes at most {hedge_worst} % of the compute, whichever of the three laws is true.",
    )  # fmt: skip


def _decision(settings: Mapping[str, Setting]) -> View:
    """The pick, its data, and the warnings that depend on them."""
    (C, unique, more), prefer = _spent(settings), str(settings["prefer"])
    found = numbers.decision(C, unique, prefer)
    N = found["N"]
    D = C / FLOP_PER_PARAM_TOKEN / N
    where, laws, row = domain_of(None), len(numbers.LAWS), f"waste.{prefer}"
    few = numbers.scarce(C, unique)
    beyond = (
        (f"The size lies beyond those fitted: {{N}} parameters against at most {show(where.N[1], 'short:3')}.", "largest_N>1.01"),
        (f"The tokens lie beyond those fitted: {{D}} against at most {show(where.D[1], 'short:3')}.", "largest_D>1.01"),
        ("Size and tokens lie within those fitted.", "largest_N<1.01&largest_D<1.01"),
    )
    repeated = (
        ("This pick reads no token twice, though another law's would.", "epochs<1.0001"),
        ("Your unique tokens are read {epochs} times. Up to four passes are nearly as good as fresh data.", "epochs>1.0001&epochs<4"),
        ("Your unique tokens are read {epochs} times, more than four: they are worth {worth} fresh ones, and the shortage takes up to "
         "{shortage} times the compute that unlimited data would.", "epochs>4"),
    )
    rest = (
        (f"Your tokens can use only {{useful}} FLOP of the budget. With that, a law's best model reads each of them {numbers.PASSES} times, "
         "and a further pass is worth nothing. All that stands here is for so much compute; only time, money and the call in Python are of the whole budget. "
         "Spend less, or find more data.", ""),
    )
    fresh = (
        ("You have enough tokens: no law's best model would read one twice.", ""),
        ("In 95 % of the refits the pick wastes at most {sampling}.", ""),
    )
    return View(
        (),
        readouts=(
            *((Readout("useful", "Your tokens can use", C, "sci:2", "FLOP"),) if more else ()),
            Readout("N", "Train", N, "short:3", "parameters", most=f"{row}.{laws + 1}"),
            Readout("D", "on", D, "short:3", "tokens", most=f"{row}.{laws + 2}"),
            Readout("ratio", "Tokens per parameter", D / N, "sig:3", most=f"{row}.{laws + 3}"),
            Readout("worst", "Wastes at most", 100 * found["worst"], "fixed:0", "% of the compute", most=f"{row}.{laws}"),
            Readout("near_low", "Sizes nearly as safe, from", found["near_low"], "short:3"),
            Readout("near_high", "to", found["near_high"], "short:3", "parameters"),
            Readout("state", "Training state", STATE_BYTES * N / 1e9, "sig:3", "GB"),
            Readout("largest_N", "Largest size fitted", N / where.N[1], "sig:3", when="never"),
            Readout("largest_D", "Most tokens fitted", D / where.D[1], "sig:3", when="never"),
            *(
                (
                    Readout("epochs", "Passes over your tokens", D / unique, "sig:2"),
                    Readout("worth", "Fresh tokens they are worth", found["worth"], "short:3", when="never"),
                    Readout("shortage", "Compute the shortage takes", found["shortage"], "sig:2", when="never"),
                )
                if few
                else (Readout("sampling", "Waste in 95 % of the refits", found["sampling"], "percent:0", when="never"),)
            ),
        ),
        answers=(Notes("What to watch", (*(rest if more else ()), *beyond, *(repeated if few else fresh))),),
        text=("Your tokens can use only {useful} FLOP of the budget, and the answer is for so much. " if more else "")
        + "Followed: {N} parameters on {D} tokens, at worst {worst} % wasted; {near_low} to {near_high} cost at most five points more.",
    )  # fmt: skip


def _lifetime(settings: Mapping[str, Setting]) -> View:
    """Serving beside training."""
    (C, unique, _), prefer, served = _spent(settings), str(settings["prefer"]), _number(settings, "served")
    found = numbers.lifetime(C, unique, prefer, served)
    rows = found["rows"]
    spent = rows[:, 3]
    ratios = np.where(spent < 0.995, rows[:, 1] / rows[:, 0], np.inf)
    heaviest = max(float(published.about(name).value.optimal(C).tokens_per_param) for name in numbers.LAWS)
    of_laws = " ".join(f"life.{name}.3" for name in numbers.LAWS)
    heavy = 0.0 if np.isinf(ratios.min()) else float(ratios.min() / heaviest)
    return View(
        (),
        readouts=(
            Readout("serving", "Serving costs", found["serving"], "sig:2", "times training"),
            Readout("spent_least", "Least lifetime compute of a smaller model", spent.min(), "percent:0", when="never", least=of_laws),
            Readout("spent_most", "Most", spent.max(), "percent:0", when="never", most=of_laws),
            Readout("heavy", "Over-training of the alternative", heavy, "sig:2", when="never"),
        ),
        answers=(
            Table(
                "As good as the pick and cheapest over training and serving, if each law is true; compute beside the pick's",
                ("law", "parameters", "tokens", "training, of the pick's", "lifetime, of the pick's"),
                ("short:3", "short:3", "percent:0", "percent:0"),
                tuple((name, _NAMES[name], row) for name, row in zip(numbers.LAWS, rows, strict=True)),
                name="life",
            ),
            Notes(
                "Serving",
                (
                    ("Over its lifetime the cheapest model as good as the pick takes {spent_least} to {spent_most} of the pick's compute, if "
                     "serving a FLOP costs what training one does.", "spent_least<0.98"),
                    ("At this traffic nothing as good is noticeably cheaper over the lifetime.", "spent_least>0.98"),
                    (f"The alternatives are trained on more than {HEAVY:.0f} times the tokens per parameter that any of the laws calls best: "
                     "quantising them costs more, and fine-tuning is reported to suffer.", f"heavy>{HEAVY:g}"),
                    ("FLOP are not all of serving: memory, batching and latency set its utilisation. If decoding runs at a tenth of the "
                     "utilisation of training, set ten times the tokens.", ""),
                ),
            ),
        ),
        text="Serving costs {serving} times what training does.",
    )  # fmt: skip


def _cluster(settings: Mapping[str, Setting]) -> View:
    """Time, money and energy."""
    chip = str(settings["chip"])
    used = ast.literal_eval(str(settings["used"]))
    found: dict[str, Any] = numbers.cluster(
        _number(settings, "C"), chip, used, float(settings["good"]), _number(settings, "count"), _number(settings, "price")
    )
    about = published.about(chip)
    listed = published.about("LIST_PRICES_2025_02")
    market = published.MARKET_PRICES_2025[chip]
    status = "" if about.status == "verified" else " (reported)"

    def pair(key: str, label: str, form: str, unit: str = "") -> tuple[Readout, Readout]:
        low, high = found[key]
        return Readout(f"{key}_low", f"{label}, from", low, form, unit), Readout(f"{key}_high", "to", high, form, unit)

    return View(
        (),
        readouts=(
            *pair("days", "Days", "sig:2"),
            *pair("cost", "Money", "short:2", "USD"),
            Readout("hours_low", "Fewest accelerator-hours", found["hours"][0], "short:3", when="never"),
            Readout("hours_high", "Most accelerator-hours", found["hours"][1], "short:3", when="never"),
            Readout("energy_low", "Least energy", found["energy"][0] / 1e3, "sig:2", when="never"),
            Readout("energy_high", "Most energy", found["energy"][1] / 1e3, "sig:2", when="never"),
        ),
        answers=(
            Notes(
                "Time and money",
                (
                    ("{hours_low} to {hours_high} accelerator-hours, {energy_low} to {energy_high} MWh for the accelerators at full board "
                     "power.", ""),
                    (f"Peak of the {about.value.name}: {show(about.value.flop_per_s, 'sci:3')} dense FLOP/s{status}, as of {about.value.as_of}. Rent "
                     f"in the market: {market[0]:g} to {market[1]:g} USD an hour (reported, 2025-02). The slider starts at the list price of "
                     f"an H100 on demand, {listed.value['H100']:g} USD ({listed.where}); prices fall, so set yours.", ""),
                    ("A run this long outlives its hardware and its plan: take more accelerators or a smaller budget.", "days_high>365"),
                ),
            ),
        ),
        text="The whole budget takes {days_low} to {days_high} days and {cost_low} to {cost_high} USD.",
    )  # fmt: skip
