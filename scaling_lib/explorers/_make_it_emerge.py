"""Make it emerge: the same checkpoints, and the same models, under tests that one may choose."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .._validate import FloatArray, choice
from ..capability import exact_match
from ._controls import Choice, Guess, Setting, Slider
from ._explorer import Explorer
from ._view import Axis, Line, Panel, Points, Readout, Rule, View

__all__ = ["make_it_emerge"]

DIGITS, WIDTH = 4, 12
ITEMS, ITEMS_IPA = (20.0, 2000.0), (10.0, 1000.0)
LONGEST = 30
START = {"length": 5, "items": 200}
_SCORE = tuple((k / 4, f"{k / 4:g}") for k in range(5))


@dataclass(frozen=True)
class Checkpoints:
    """Snapshots of addition models, in the order of what they have seen (or of their size)."""

    at: FloatArray
    loss: FloatArray
    digits: FloatArray
    exact: FloatArray

    @property
    def p(self) -> FloatArray:
        """Probability of the right digit, geometric mean."""
        return np.asarray(np.exp(-self.loss))

    def smooth(self, metric: str) -> FloatArray:
        """The smooth score that is shown."""
        return -self.loss if metric == "logp" else self.digits


@cache
def _addition() -> tuple[Checkpoints, Checkpoints]:
    """One model along its training, and all four sizes at the end of theirs."""
    from ..lab import results

    table: Any = results.load("addition")
    table = table[table.digits == DIGITS].sort_values(["width", "problems"])
    last = table[table.problems == table.problems.max()]

    def read(rows: Any, at: str) -> Checkpoints:
        column = {name: rows[name].to_numpy(np.float64) for name in (at, "log_prob", "digit_accuracy", "exact_match")}
        return Checkpoints(
            column[at], -column["log_prob"] / (DIGITS + 1), column["digit_accuracy"], column["exact_match"]
        )

    return read(table[table.width == WIDTH], "problems"), read(last, "N")


def _test(expected: FloatArray, items: int) -> FloatArray:
    """What a test of so many items shows of a success rate, without luck: whole items, so zero below one."""
    return np.asarray(np.floor(items * expected + 1e-9) / items)


def _largest_step(score: FloatArray) -> float:
    """The largest part of the whole rise between two neighbours."""
    return float(np.diff(score).max() / np.ptp(score))


#: What a picture may be drawn against: the axis, and whether it shows the checkpoints of one model or the four sizes.
_TICKS = tuple((k * 1e3, f"{k}K") for k in (10, 30, 100, 300))
_AGAINST = {
    "log": (Axis("Problems seen (log scale)", 5565, 441_600, "log", _TICKS), False),
    "linear": (Axis("Problems seen", 0, 441_600, ticks=((0, "0"), *_TICKS[2:])), False),
    "params": (Axis("Parameters (log scale)", 700, 8000, "log", ((1e3, "1K"), (2e3, "2K"), (4e3, "4K"))), True),
    "loss": (
        Axis("Loss (nats per digit, log scale)", 0.02, 2.5, "log", ((0.03, "0.03"), (0.1, "0.1"), (0.3, "0.3"), (1, "1"))),
        False,
    ),
}


def _shown(against: str) -> tuple[Checkpoints, FloatArray]:
    """The checkpoints of a picture, and where they stand along its axis."""
    these = _addition()[_AGAINST[against][1]]
    return these, these.loss if against == "loss" else these.at


@cache
def _expected(length: float, sizes: bool) -> FloatArray:
    return np.asarray(exact_match(_addition()[sizes].loss, length))


@cache
def _expectation(length: float, against: str) -> Line:
    """What the model's success rate is, as a line."""
    _, across = _shown(against)
    order = np.argsort(across)
    expected = _expected(length, _AGAINST[against][1])
    return Line(across[order], expected[order], "expected of the model", "dotted", "quiet")


@cache
def _mark(against: str, seen: int) -> Rule:
    return Rule(float(_shown(against)[1][seen]), "first seen", style="dashed", tone="second")


@cache
def _smooth_panel(metric: str, against: str, seen: int) -> Panel:
    """The smooth score: log-probability or right digits; against the loss always the digits."""
    these, across = _shown(against)
    order = np.argsort(across)
    digits = metric == "digits" or against == "loss"
    values = these.smooth("digits" if digits else "logp")
    y = (
        Axis("Share of right digits", 0, 1.02, ticks=_SCORE)
        if digits
        else Axis("Log-probability per digit (nats)", -2.4, 0.05)
    )
    return Panel(
        _AGAINST[against][0],
        y,
        (Line(across[order], values[order], "", "solid", "quiet"), Points(across, values, "", "square", "third")),
        (_mark(against, seen),),
        title="The same checkpoints, a smooth score",
        height=270,
        when=f"axis={against}",
    )


@cache
def _test_panel(length: float, items: int, against: str, seen: int) -> Panel:
    """Exact match as a test of so many items shows it."""
    _, across = _shown(against)
    shown = _test(_expected(length, _AGAINST[against][1]), items)
    return Panel(
        _AGAINST[against][0],
        Axis("Exact match", -0.03, 1.02, ticks=_SCORE),
        (_expectation(length, against), Points(across, shown, "shown by the test", "circle", "main")),
        (_mark(against, seen),),
        title="What the test shows",
        height=270,
        when=f"axis={against}",
    )


def _compute(settings: Mapping[str, Setting]) -> View:
    run, sizes = _addition()
    length, items, metric = float(settings["length"]), round(float(settings["items"])), str(settings["metric"])
    expected = _expected(length, False)
    seen, seen_size = (
        int(np.flatnonzero(_test(_expected(length, which), items) > 0)[0]) for which in (False, True)
    )
    before = float((run.loss[0] - run.loss[max(seen - 1, 0)]) / (run.loss[0] - run.loss.min()))
    panels = []
    for against, (_, by_size) in _AGAINST.items():
        first = seen_size if by_size else seen
        panels += [_test_panel(length, items, against, first), _smooth_panel(metric, against, first)]
    return View(
        tuple(panels),
        readouts=(
            Readout("seen", "First right answer after", float(run.at[seen]), "short:3", "problems"),
            Readout("p", "The model then gets a digit right with", float(run.p[seen]), "percent:0"),
            Readout("before", "Of its rise in log-probability was done before", before, "percent:0"),
            Readout("step", "Largest step, exact match", _largest_step(expected), "percent:0", "of its rise"),
            Readout("smooth", "Largest step, smooth score", _largest_step(run.smooth(metric)), "percent:0", "of its rise"),
            Readout("length", "Digits of an answer", length, "fixed:0", when="never"),
            Readout("items", "Items", items, "fixed:0", when="never"),
            Readout("size", "Parameters", float(sizes.at[seen_size]), "fixed:0", when="never"),
        ),
        text="With answers of {length} digit(s) and a test of {items} items, the first right answer shows after {seen} "
        "problems, when the model gets a digit right with {p}; {before} of its rise in log-probability came before. "
        "Of the four sizes, the smallest that shows one at the end has {size} parameters. The largest step between two "
        "checkpoints is {step} of the rise in exact match, and {smooth} of the rise in the smooth score.",
    )


def _first_seen(length: int, items: int) -> float:
    run, _ = _addition()
    return float(run.at[np.flatnonzero(_test(np.asarray(exact_match(run.loss, length)), items) > 0)[0]])


def _emerge() -> Explorer:
    run, _ = _addition()
    short, long = (_first_seen(length, START["items"]) for length in (START["length"], LONGEST))
    last = run.p[np.flatnonzero(run.at == long)[0]]
    guess = Guess(
        "ch11.emerge",
        f"A small model learns to add and is looked at {len(run.at)} times, after {run.at[0]:,.0f} to {run.at[-1]:,.0f} "
        f"problems. A test of {START['items']} items with answers of {START['length']} digits, each right only as a whole, "
        f"shows its first right answer after {short:,.0f} problems. Had the answers {LONGEST} digits, each as hard as now: "
        "after how many problems would the first right one show?",
        "Problems seen at the first right answer",
        long,
        float(run.at[0]),
        float(run.at[-1]),
        unit="problems",
        format="short:3",
        explain=f"Nothing about the model has changed, only the test. Thirty digits in a row need a digit to be right "
        f"with {100 * last:.0f} %: the skill \"emerges\" {long / short:.0f} times as late.",
    )
    return Explorer(
        _compute,
        (
            Slider("length", "Digits of an answer", 1, LONGEST, step=1, value=START["length"], format="fixed:0"),
            Slider("items", "Items of the test", *ITEMS, step=1, value=START["items"], log=True, format="fixed:0"),
            Choice("metric", "Smooth score", {"logp": "Log-probability", "digits": "Right digits"}, "logp"),
            Choice(
                "axis",
                "Against",
                {"log": "Problems, log", "linear": "Problems, linear", "params": "Parameters", "loss": "Loss"},
                "log",
                layer=True,
            ),
        ),
        title="Make it emerge",
        description="One addition model, measured at 24 checkpoints. Choose the length of the answers and the size of the "
        "test, and say where the skill appears. Exact match is computed here, at every length, from the probability of a digit.",
        guess=guess,
    )


# ------------------------------------------------------------------------------------------------ real models


@cache
def _ipa() -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Compute, parameters, exact match and BLEU of the models that have all of them."""
    from .. import datasets

    table: Any = datasets.load("base_llm_emergent_tasks")
    table = table[table.task == "ipa_transliterate"]
    wide = table.pivot_table(index=["model", "params", "training_flops"], columns="metric", values="value").dropna()
    flops, params = (wide.index.get_level_values(name).to_numpy(np.float64) for name in ("training_flops", "params"))
    return flops, params, wide["exact_match"].to_numpy(np.float64), wide["bleu"].to_numpy(np.float64)


def _ranks(values: FloatArray) -> FloatArray:
    """Ranks, ties at their mean."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[where], dtype=np.float64)


def _rank_correlation(x: FloatArray, y: FloatArray) -> float:
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def _compute_ipa(settings: Mapping[str, Setting]) -> View:
    flops, params, exact, bleu = _ipa()
    items, scale = round(float(settings["items"])), str(settings["bleu"])
    shown = _test(exact, items)
    zero = shown == 0
    logarithmic = scale == "log"
    panels: list[Panel] = []
    for when, across, x in (
        ("axis=flops", flops, Axis("Training compute (FLOP, log scale)", 7e19, 7e25, "log")),
        ("axis=linear", flops, Axis("Training compute (FLOP)", -1e23, 1.4e24, ticks=((0, "0"), (5e23, "5 × 10²³"), (1e24, "10²⁴")))),
        ("axis=params", params, Axis("Parameters (log scale)", 5e7, 6e11, "log")),
    ):
        inside = (across >= x.low) & (across <= x.high)
        y = (
            Axis("BLEU (0 to 100, log scale)", 1e-3, 150, "log")
            if logarithmic
            else Axis("BLEU (0 to 100)", -2, 70, ticks=tuple((float(k), str(k)) for k in (0, 20, 40, 60)))
        )
        panels += [
            Panel(
                x,
                Axis("Exact match", -0.013, 0.45, ticks=tuple((k / 10, f"{k / 10:g}") for k in range(5))),
                (Points(across[inside], shown[inside], "", "circle", "main"),),
                title="What the test shows",
                height=270,
                when=when,
            ),
            Panel(
                x,
                y,
                (Points(across[inside], bleu[inside], "", "square", "third"),),
                title="The same models, BLEU",
                height=270,
                when=when,
            ),
        ]
    return View(
        tuple(panels),
        readouts=(
            Readout("zero", "Models at exactly zero", int(zero.sum()), "fixed:0", f"of {len(exact)}"),
            Readout("low", "Their BLEU, from", float(bleu[zero].min()), "sig:1"),
            Readout("high", "to", float(bleu[zero].max()), "sig:2"),
            Readout("rank", "Rank correlation of their BLEU and compute", _rank_correlation(flops[zero], bleu[zero]), "fixed:2"),
            Readout("items", "Items", items, "fixed:0", when="never"),
        ),
        text="A test of {items} items shows exactly zero for {zero} model(s). BLEU tells them apart: from {low} to {high}, "
        "with a rank correlation of {rank} between BLEU and training compute.",
    )


def _emerge_ipa() -> Explorer:
    return Explorer(
        _compute_ipa,
        (
            Slider("items", "Items of the test", *ITEMS_IPA, step=0.5, value=1000, log=True, format="fixed:0"),
            Choice("bleu", "BLEU axis", {"linear": "Linear", "log": "Logarithmic"}, "linear"),
            Choice(
                "axis",
                "Against",
                {"flops": "Compute, log", "linear": "Compute, linear", "params": "Parameters, log"},
                "flops",
                layer=True,
            ),
        ),
        title="Make it emerge, in real models",
        description=f"{len(_ipa()[0])} language models write English text in phonetic script, from two examples. Both "
        "pictures show the same answers: on the left one counts only if it is right as a whole.",
    )


def make_it_emerge(data: str = "addition") -> Explorer:
    """The same checkpoints under tests of different length and size, beside a smooth score.

    Parameters
    ----------
    data : {"addition", "ipa"}
        The addition model of the lab along its training, or phonetic transliteration by published language models.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If there are no such data.

    References
    ----------
    .. [1] Schaeffer et al. 2023, arXiv 2304.15004.

    Examples
    --------
    >>> explorer = make_it_emerge()
    >>> [explorer.set(length=length).view.readouts[0].shown for length in (1, 5, 30)]
    ['6.40K', '31.7K', '132K']
    """
    return _emerge() if choice("data", data, ("addition", "ipa")) == "addition" else _emerge_ipa()
