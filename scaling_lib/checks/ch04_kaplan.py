"""The exercises of chapter 4: what each asks, what is judged, and the mistakes that are known by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from .. import compute, published, units
from .._validate import FloatArray
from ..laws import BatchTradeoff
from ._mistakes import exchanged, fraction, stacked, times
from ._model import Answer, Attempt, Exercise, Given, Mistake, Quantity, Wrong
from ._parts import Agrees, Choice, Holds, Value
from ._values import Learner

__all__ = ["EXERCISES"]


# -------------------------------------------------------------------------------------------------- ch04.rule

Pair = tuple[Any, Any]


def _rule(C: Any) -> Pair:
    days = compute.flop_to_pf_days(C)
    return published.KAPLAN_2020_N_OPT(days), published.KAPLAN_2020_D_OPT(days)


def _budgets(rng: np.random.Generator) -> list[tuple[float]]:
    return [(published.GPT3_FLOP,), (8.64e19,), *((float(10 ** rng.uniform(15, 27)),) for _ in range(8)), (1e10,), (1e30,)]


def _per(seconds: float) -> Callable[[Any], Pair]:
    """The rule with another unit of compute in place of the PF-day."""
    return lambda C: _rule(np.asarray(C) / seconds * compute.PF_DAY)


def _same_exponents(C: Any) -> Pair:
    N, D = _rule(compute.PF_DAY)
    days = np.asarray(compute.flop_to_pf_days(C))
    return N * days**published.KAPLAN_2020_D_OPT.p, D * days**published.KAPLAN_2020_A


def _from_six(C: Any) -> Pair:
    N = _rule(C)[0]
    return N, compute.train_tokens(C, N)


_RULE_MISTAKES = (
    Mistake("FLOP for PF-days", "The constants belong to compute in PF-days: turn C into PF-days first.", _per(1.0)),
    Mistake("petaFLOP", "You divided by a petaFLOP per second: a PF-day is that, kept up for all the seconds of a day.", _per(1e15)),
    Mistake("hours", "You counted 3,600 seconds: a PF-day has 24 hours.", _per(3.6e18)),
    Mistake("exponents exchanged", "N and D grow with each other's exponent: most of the compute goes into size.",
            _same_exponents),
    Mistake("swapped", "N and D are exchanged: what you return first behaves like the tokens.", lambda C: _rule(C)[::-1]),
)

_KEEPS_HALF = Mistake(
    "D from 6ND",
    "N is right, but D is C / (6 N). The paper's rule has its own power for D; its compute is that of a small batch, and the"
    " two do not agree.",
    _from_six,
)


def _grows(attempt: Attempt) -> None:
    split = Learner(attempt, "kaplan_split", ("N", "D"))
    for (C,) in _budgets(attempt.rng):
        (N, D), (more, text) = ([float(x) for x in split(budget)] for budget in (C, 10 * C))
        if min(N, D) <= 0:
            raise Wrong("N or D is not positive.", "sign")
        if not more / N > text / D:
            raise Wrong("Ten times the compute should grow the model more than its text: so it is in this rule.", "growth")


RULE = Exercise(
    "ch04.rule",
    "The rule of 2020",
    kind="implement",
    difficulty=2,
    minutes=7,
    goal=(
        "Write `kaplan_split(C)`, which returns Kaplan's best parameters N and tokens D for C **FLOP**. In the paper's units,"
        " with compute in PF-days: $N = 1.3 \\times 10^9\\, C^{0.73}$ and $D = 2 \\times 10^{10}\\, C^{0.27}$."
    ),
    success="for GPT-3's compute it advises about 516 billion parameters on 183 billion tokens.",
    answers=(Answer("kaplan_split", "your function, without parentheses"),),
    parts=(
        Agrees("N", 1, "kaplan_split", _budgets, _rule, ("N", "D"), ("parameters", "tokens"), ("N",), _RULE_MISTAKES),
        Agrees("D", 1, "kaplan_split", _budgets, _rule, ("N", "D"), ("parameters", "tokens"), ("D",),
               (*_RULE_MISTAKES, _KEEPS_HALF)),
        Agrees("it takes an array of budgets", 1, "kaplan_split", stacked(_budgets), _rule, ("N", "D"),
               ("parameters", "tokens"), (), _RULE_MISTAKES),
        Holds("size grows faster than text", 1, ("kaplan_split",), _grows),
    ),
    hints=(
        "The formulas are in other units than your C. Which unit, and how many FLOP is it?",
        "A PF-day is 1e15 FLOP/s for 86,400 s, 8.64e19 FLOP. Put C / 8.64e19 into both powers.",
        "days = C / 8.64e19; return 1.3e9 * days ** 0.73, 2e10 * days ** 0.27",
    ),
)


# ----------------------------------------------------------------------------------------------- ch04.halfway

_SIZES = ("190M", "370M", "760M", "1B", "3B")


@cache
def _ladder(model: str) -> dict[float, tuple[FloatArray, FloatArray]]:
    """Tokens and loss along each run of one model, by its multiple of twenty tokens per parameter."""
    from .. import datasets

    table: Any = datasets.load("model_ladder_loss_curves")
    rows = table[table.model == model]
    return {
        float(k): (run.tokens.to_numpy(np.float64), run.loss_nats_c4.to_numpy(np.float64))
        for k, run in rows.groupby("chinchilla_multiple")
    }


def _halfway_numbers(seed: int) -> dict[str, Quantity]:
    model, short, long = "760M", 2.0, 5.0
    if seed:
        rng = np.random.default_rng([seed, 402])
        model = str(rng.choice(_SIZES))
        # With a shorter run of 2.0, other models' tokens saved lie within the tolerance of what a checkpoint would say.
        short, long = ((1.0, 5.0), (1.0, 10.0))[int(rng.integers(2))]
    return {
        "model": Quantity(model, "", "size, as the table names it"),
        "short": Quantity(short, "times 20 tokens per parameter", "chinchilla_multiple of the finished run"),
        "long": Quantity(long, "times 20 tokens per parameter", "chinchilla_multiple of the run that is read on its way"),
    }


def _finished(given: Given) -> float:
    return float(_ladder(given.model)[given.short][1][-1])


def _on_its_way(given: Given) -> float:
    runs = _ladder(given.model)
    return float(np.interp(runs[given.short][0][-1], *runs[given.long]))


def _gap(given: Given) -> float:
    return _on_its_way(given) - _finished(given)


def _saved(given: Given) -> float:
    runs = _ladder(given.model)
    D = np.array([tokens[-1] for _, (tokens, _) in sorted(runs.items())])
    L = np.array([loss[-1] for _, (_, loss) in sorted(runs.items())])
    needed = math.exp(float(np.interp(-_on_its_way(given), -L, np.log(D))))
    return 100 * (1 - needed / float(runs[given.short][0][-1]))


HALFWAY = Exercise(
    "ch04.halfway",
    "On its way, or finished",
    kind="use",
    difficulty=3,
    minutes=13,
    given=_halfway_numbers,
    prepare=lambda given: _ladder(given.model),
    goal=(
        "Compare a finished run with a longer one read at the same number of tokens. Give the longer run's loss there, by how many"
        " nats it is worse, and how many percent fewer tokens a finished run needs for that loss."
    ),
    success="the gap is a few hundredths of a nat, and it is worth far more in tokens than it sounds.",
    answers=(
        Answer("on_its_way", "loss of the longer run there, nats per token"),
        Answer("gap", "how much worse that is than the finished run, nats per token"),
        Answer("saved", "tokens saved by a finished run of that loss, percent"),
        Answer("why", "where the gap comes from"),
    ),
    parts=(
        Value(
            "the loss on its way", 1, "on_its_way", _on_its_way, "nats per token", 0.001, None,
            (
                Mistake("the finished run's", "This is the loss of the finished run: read the longer one.", _finished),
                Mistake("its own end", "This is the longer run at its own end: read it at the tokens of the shorter one.",
                        lambda given: float(_ladder(given.model)[given.long][1][-1])),
                Mistake("half of its own tokens", "This is the longer run at half of its own tokens: read it where the shorter one"
                        " ends.", lambda given: float(np.interp(_ladder(given.model)[given.long][0][-1] / 2,
                                                                *_ladder(given.model)[given.long]))),
            ),
        ),
        Value(
            "the gap", 1, "gap", _gap, "nats per token", 0.03, None,
            (
                Mistake("between the ends", "This compares the two ends. The longer run is to be read where the shorter one ends.",
                        lambda given: abs(float(_ladder(given.model)[given.long][1][-1]) - _finished(given))),
                Mistake("in percent", "This is the gap in percent of the loss: nats are asked for.",
                        lambda given: 100 * _gap(given) / _finished(given)),
                Mistake("a ratio", "This is the ratio of the two losses: their difference is asked for.",
                        lambda given: _on_its_way(given) / _finished(given)),
            ),
        ),
        Value(
            "tokens saved", 1, "saved", _saved, "percent", 0.05, None,
            (
                fraction(_saved),
                Mistake("what is left", "This is the share of the tokens that is still needed: what is saved is asked for.",
                        lambda given: 100 - _saved(given)),
                Mistake("the shorter run's own curve", "You read this off the curve of the shorter run. On its way that is a checkpoint"
                        " too: set the last losses of all runs of this size against their tokens.",
                        lambda given: _saved_on_the_way(given)),
                Mistake("on a linear axis", "You interpolated in the tokens: losses against tokens are smooth in their logarithm.",
                        lambda given: _saved_linear(given)),
            ),
        ),
        Choice(
            "where it comes from", 1, "why",
            {
                "the learning rate is still high": "",
                "the longer run saw other text": "The runs of one size read the same mixture. What does the column learning_rate say?",
                "noise": "The gap has the same sign for every size and pair. Look at the learning rate at that point.",
            },
            "the learning rate is still high",
        ),
    ),
    hints=(
        "Both runs are in the table, one row for each step. Find where the shorter one ends, in tokens.",
        "np.interp reads a curve between its points. For `saved` take the last row of each of the five runs of this size, and"
        " interpolate log tokens against these losses.",
        (
            "end = short.tokens.iloc[-1]; on_its_way = np.interp(end, long.tokens, long.loss_nats_c4); ends = the last row of each"
            " multiple; needed = np.exp(np.interp(-on_its_way, -ends.loss, np.log(ends.tokens))); saved = 100 * (1 - needed / end)"
        ),
    ),
)


def _saved_on_the_way(given: Given) -> float:
    tokens, loss = _ladder(given.model)[given.short]
    return float(100 * (1 - np.interp(-_on_its_way(given), -loss, tokens) / tokens[-1]))


def _saved_linear(given: Given) -> float:
    runs = _ladder(given.model)
    D = np.array([tokens[-1] for _, (tokens, _) in sorted(runs.items())])
    L = np.array([loss[-1] for _, (_, loss) in sorted(runs.items())])
    return float(100 * (1 - np.interp(-_on_its_way(given), -L, D) / runs[given.short][0][-1]))


# ------------------------------------------------------------------------------------------------- ch04.batch

_BATCH_MODELS = ("302M", "85M", "151M", "604M", "1.2B")


@cache
def _hyperbola(model: str) -> BatchTradeoff:
    from .. import datasets
    from ..fitting import fit

    table: Any = datasets.load("critical_batch_steps")
    rows = table[table.model == model]
    law: BatchTradeoff = fit(BatchTradeoff, B=rows.batch_size_sequences, S=rows.steps_to_target, delta=1.0).law
    return law


def _batch_numbers(seed: int) -> dict[str, Quantity]:
    model, patience = "302M", 1.5
    if seed:
        rng = np.random.default_rng([seed, 403])
        model, patience = str(rng.choice(_BATCH_MODELS)), float(rng.choice([1.4, 1.6, 3.0]))
    return {
        "model": Quantity(model, "", "size, as the explorer names it"),
        "patience": Quantity(patience, "", "steps that you can wait, over the least there could be"),
    }


def _needed(given: Given) -> float:
    """The batch at which steps are so many times the least: B_crit / (patience - 1)."""
    return float(_hyperbola(given.model).B_crit / (given.patience - 1))


def _price(given: Given) -> float:
    law = _hyperbola(given.model)
    return 100 * (float(law.examples(_needed(given))) / law.E_min - 1)


BATCH = Exercise(
    "ch04.batch",
    "The price of haste",
    kind="move",
    difficulty=2,
    minutes=8,
    given=_batch_numbers,
    prepare=lambda given: _hyperbola(given.model),
    goal=(
        "With the explorer on your model: find the critical batch, then the batch at which the run takes `patience` times the least"
        " number of steps, and by how many percent its compute then exceeds the least. A read from the picture may be off by a"
        " tenth; the formula is exact."
    ),
    success="the less patience you have, the steeper the price: it is one over what you have left above 1.",
    answers=(
        Answer("critical", "critical batch, sequences"),
        Answer("batch", "the batch for your patience, sequences"),
        Answer("extra", "compute beyond the least, percent"),
    ),
    parts=(
        Value("critical batch", 1, "critical", lambda given: _hyperbola(given.model).B_crit, "sequences", 0.03, None,
              (
                  Mistake("steps", "This is the least number of steps, not a batch.", lambda given: _hyperbola(given.model).S_min),
                  Mistake("half", "This is half of it. At the critical batch steps *and* compute are twice the least.",
                          lambda given: _hyperbola(given.model).B_crit / 2),
              )),
        Value("batch", 1, "batch", _needed, "sequences", 0.12, None,
              (
                  Mistake("critical over patience", "B_crit is divided by patience itself. Steps over the least are 1 + B_crit / B.",
                          lambda given: _hyperbola(given.model).B_crit / given.patience),
                  Mistake("times", "B_crit is multiplied: a *larger* batch needs fewer steps. Solve 1 + B_crit / B = patience.",
                          lambda given: _hyperbola(given.model).B_crit * (given.patience - 1)),
                  Mistake("times patience", "B_crit is multiplied by patience. Solve 1 + B_crit / B = patience for B.",
                          lambda given: _hyperbola(given.model).B_crit * given.patience),
              )),
        Value("extra compute", 1, "extra", _price, "percent", 0.12, None,
              (
                  fraction(_price),
                  Mistake("the factor", "This is compute over the least in percent: asked for is how much more, so subtract 100.",
                          lambda given: 100 + _price(given)),
                  Mistake("extra steps", "These are the extra steps: asked for is the extra compute, B / B_crit.",
                          lambda given: 100 * (given.patience - 1)),
              )),
    ),
    hints=(
        "The two panels mirror each other at the critical batch. Steps fall towards a floor, compute climbs from one.",
        "Steps over the least: 1 + B_crit / B. Compute over the least: 1 + B / B_crit.",
        "critical as the explorer reads it; batch = critical / (patience - 1); extra = 100 / (patience - 1).",
    ),
)


# ------------------------------------------------------------------------------------------------ ch04.compare


def _compare_numbers(seed: int) -> dict[str, Quantity]:
    loss_A, bytes_A, loss_B, bytes_B = 1.98, 3.6, 2.06, 4.2
    if seed:
        rng = np.random.default_rng([seed, 404])
        while True:
            loss_A, loss_B = (float(round(x, 2)) for x in rng.uniform(1.8, 2.4, 2))
            bytes_A, bytes_B = (float(round(x, 1)) for x in rng.uniform(3.4, 4.8, 2))
            if abs(loss_A / bytes_A - loss_B / bytes_B) > 0.04 and (loss_A < loss_B) != (loss_A / bytes_A < loss_B / bytes_B):
                break
    return {
        "loss_A": Quantity(loss_A, "nats per token", "of model A"),
        "bytes_A": Quantity(bytes_A, "bytes per token", "mean length of A's tokens on that text"),
        "loss_B": Quantity(loss_B, "nats per token", "of model B"),
        "bytes_B": Quantity(bytes_B, "bytes per token", "mean length of B's tokens on that text"),
    }


def _bits(given: Given, which: str) -> float:
    return float(units.bits_per_byte(given[f"loss_{which}"], tokens_per_byte=1 / given[f"bytes_{which}"]))


def _both(given: Given) -> list[float]:
    return [_bits(given, "A"), _bits(given, "B")]


def _unlike(change: Callable[[float, float], float]) -> Callable[[Given], list[float]]:
    return lambda given: [change(given.loss_A, given.bytes_A), change(given.loss_B, given.bytes_B)]


COMPARE = Exercise(
    "ch04.compare",
    "Which loss is lower?",
    kind="judge",
    difficulty=2,
    minutes=7,
    given=_compare_numbers,
    goal=(
        "Two models with different tokenizers are evaluated on one text. Give both losses in bits per byte, and say which model"
        " predicts that text better. Then say it for the case that each was evaluated on a text of its own."
    ),
    success="per byte the order is not what the losses per token suggest.",
    answers=(
        Answer("per_byte", "bits per byte of A and of B"),
        Answer("same_text", "the better model on one text"),
        Answer("own_text", "the better model, each on a text of its own"),
    ),
    parts=(
        Value(
            "bits per byte", 2, "per_byte", _both, "bits per byte", 0.005, lambda given: ("A", "B"),
            (
                Mistake("nats per byte", "These are nats per byte: divide by ln 2 for bits.", _unlike(lambda L, n: L / n)),
                Mistake("bits per token", "These are bits per token: divide by the bytes of a token.",
                        _unlike(lambda L, n: L / math.log(2))),
                Mistake("times the bytes", "You multiplied by the bytes of a token: a longer token spreads its loss over more bytes.",
                        _unlike(lambda L, n: L * n / math.log(2))),
                Mistake("times ln 2", "You multiplied by ln 2: a nat is more than a bit, so that bits are the larger number.",
                        _unlike(lambda L, n: L * math.log(2) / n)),
                Mistake("perplexity", "These are perplexities: exp of the loss is not asked for.", _unlike(lambda L, n: math.exp(L))),
                Mistake("A and B exchanged", "The two are exchanged: A comes first.", lambda given: _both(given)[::-1]),
            ),
        ),
        Choice(
            "on one text", 1, "same_text",
            {
                "A": "Compare your bits per byte, not the losses per token.",
                "B": "Compare your bits per byte, not the losses per token.",
                "cannot tell": "On one text bits per byte do compare, whatever the tokenizers.",
            },
            lambda given: "A" if _bits(given, "A") < _bits(given, "B") else "B",
        ),
        Choice(
            "each on its own", 1, "own_text",
            {
                "A": "The texts differ: part of the difference of the losses is a difference of the texts.",
                "B": "The texts differ: part of the difference of the losses is a difference of the texts.",
                "cannot tell": "",
            },
            "cannot tell",
        ),
    ),
    hints=(
        "A token is not a unit of text. A byte is.",
        "Bits per byte = nats per token / (ln 2 times bytes per token).",
        "per_byte = [loss_A / np.log(2) / bytes_A, loss_B / np.log(2) / bytes_B]; the lower one predicts the text better.",
    ),
)


# --------------------------------------------------------------------------------------------------- ch04.meet


def _meet_numbers(seed: int) -> dict[str, Quantity]:
    law_C, law_D, text = published.KAPLAN_2020_C, published.KAPLAN_2020_D, published.KAPLAN_2020_D_ONE_EPOCH
    alpha_C, p = law_C.alpha_C, text.p
    if seed:
        rng = np.random.default_rng([seed, 405])
        alpha_C, p = float(rng.choice([0.048, 0.052, 0.054])), float(rng.choice([0.24, 0.25, 0.27]))
    return {
        "C_c": Quantity(law_C.C_c, "PF-days", "constant of L(C) = (C_c / C)^alpha_C"),
        "alpha_C": Quantity(alpha_C, "", "its exponent"),
        "D_c": Quantity(law_D.D_c, "tokens", "constant of L(D) = (D_c / D)^alpha_D"),
        "alpha_D": Quantity(law_D.alpha_D, "", "its exponent"),
        "k": Quantity(text.k, "tokens", "text of a run of one PF-day"),
        "p": Quantity(p, "", "text grows as k C^p"),
    }


def _meets(C_c: Any, alpha_C: Any, D_c: Any, alpha_D: Any, k: Any, p: Any) -> Any:
    return np.exp((alpha_C * np.log(C_c) - alpha_D * (np.log(D_c) - np.log(k))) / (alpha_C - alpha_D * p))


def _pairs(rng: np.random.Generator) -> list[tuple[float, ...]]:
    return [
        (float(10 ** rng.uniform(6, 9)), float(rng.uniform(0.04, 0.07)), float(10 ** rng.uniform(12, 14)),
         float(rng.uniform(0.08, 0.11)), float(10 ** rng.uniform(9, 11)), float(rng.uniform(0.2, 0.3)))
        for _ in range(8)
    ]


def _meeting(given: Given) -> float:
    return float(_meets(*(given[name] for name in ("C_c", "alpha_C", "D_c", "alpha_D", "k", "p"))))


def _lowest(given: Given) -> float:
    return float(replace(published.KAPLAN_2020_C, alpha_C=given.alpha_C)(_meeting(given)))


_MEETING = Agrees(
    "the meeting", 1, "meeting", _pairs, _meets, ("C",), ("PF-days",), (),
    (
        Mistake("p forgotten", "The text grows with compute: its exponent p belongs beside alpha_D.",
                lambda a, b, c, d, k, p: _meets(a, b, c, d, k, 1.0)),
        Mistake("text at one PF-day", "You keep the text of one PF-day at every budget: D = k C^p grows.",
                lambda a, b, c, d, k, p: _meets(a, b, c, d, k, 0.0)),
        Mistake("k forgotten", "The text's prefactor k is missing.", lambda a, b, c, d, k, p: _meets(a, b, c, d, 1.0, p)),
        exchanged(_meets, "alpha_C", "alpha_D", "alpha_C and alpha_D have changed places."),
        exchanged(_meets, "C_c", "D_c", "C_c and D_c have changed places."),
        Mistake("p added", "The powers multiply: (C^p)^alpha_D is C^(alpha_D p), so that alpha_D p stands there.",
                lambda a, b, c, d, k, p: np.exp((b * np.log(a) - d * (np.log(c) - np.log(k))) / (b - d - p))),
        Mistake("a logarithm", "This is the logarithm of the meeting: undo it with np.exp.", lambda *case: np.log(_meets(*case))),
    ),
    rel=1e-4,
)


MEET = Exercise(
    "ch04.meet",
    "Where the laws meet",
    kind="stretch",
    difficulty=4,
    minutes=13,
    given=_meet_numbers,
    goal=(
        "Write `meeting(C_c, alpha_C, D_c, alpha_D, k, p)`, the compute in PF-days at which $L(C) = (C_c/C)^{\\alpha_C}$ equals the"
        " lowest loss that the text permits, $(D_c/D)^{\\alpha_D}$ with $D = k\\,C^p$. Apply it to your numbers, and say by what"
        " factor the meeting moves when alpha_C is 0.001 larger."
    ),
    success="both laws give the same loss at your meeting point, and a thousandth in an exponent moves it by tens of percent.",
    answers=(
        Answer("meeting", "your function, without parentheses"),
        Answer("C_meet", "the meeting, PF-days"),
        Answer("L_meet", "the loss there, nats per token"),
        Answer("moves", "C_meet with alpha_C + 0.001, over C_meet"),
    ),
    parts=(
        _MEETING,
        replace(_MEETING, label="it takes arrays", points=1, cases=stacked(_pairs)),
        Value("C_meet", 1, "C_meet", _meeting, "PF-days", 0.02, None,
              (times(_meeting, compute.PF_DAY, "FLOP", "This is in FLOP: PF-days are asked for."),)),
        Value("L_meet", 1, "L_meet", _lowest, "nats per token", 0.01, None,
              (Mistake("perplexity", "This is a perplexity, exp of the loss.", lambda given: math.exp(_lowest(given))),)),
        Value("moves", 1, "moves", lambda given: _moved(given), "", 0.02, None,
              (
                  Mistake("upside down", "This is the old meeting over the new one.", lambda given: 1 / _moved(given)),
                  Mistake("smaller alpha", "This is for an alpha_C that is 0.001 *smaller*.", lambda given: _moved(given, -0.001)),
              )),
    ),
    hints=(
        "Set the two losses equal and take logarithms: the equation is linear in log C.",
        "alpha_C (ln C_c - ln C) = alpha_D (ln D_c - ln k - p ln C). Collect ln C on one side.",
        "log_C = (alpha_C * ln(C_c) - alpha_D * (ln(D_c) - ln(k))) / (alpha_C - alpha_D * p); return exp(log_C).",
    ),
)


def _moved(given: Given, by: float = 0.001) -> float:
    moved = _meets(given.C_c, given.alpha_C + by, given.D_c, given.alpha_D, given.k, given.p)
    return float(moved / _meeting(given))


EXERCISES = (RULE, HALFWAY, BATCH, COMPARE, MEET)
