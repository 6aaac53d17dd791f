"""The exercises of chapter 5: what each asks, what is judged, and the mistakes that are known by name.

The mathematics is `scaling_lib`'s own; a mistake is that mathematics with the error built in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .. import allocate, compute, published
from .._validate import FloatArray
from ..explorers import _sweeps as sweeps
from ..laws import ChinchillaLaw
from ._mistakes import (
    copied, excess_forgotten, exchanged, flop_counts, forgotten, fraction, share_of_total, times, upside_down,
)
from ._model import Answer, Attempt, Exercise, Given, Mistake, NotAnswered, Quantity, Wrong
from ._parts import Agrees, Choice, Holds, Value, Verdicts
from ._values import Learner, describe, number

__all__ = ["EXERCISES"]

Pair = tuple[Any, Any]
_RULE = 20.0


# ------------------------------------------------------------------------------------------------ ch05.optimum


def _laws(rng: np.random.Generator, count: int) -> list[tuple[float, float, float, float]]:
    """(A, B, alpha, beta) of random laws whose mistakes can be told apart."""
    return [
        (
            float(10 ** rng.uniform(2, 4)),
            float(10 ** rng.uniform(2, 4)),
            float(rng.uniform(0.2, 0.3)),
            float(rng.uniform(0.35, 0.5)),
        )
        for _ in range(count)
    ]


def _budgets(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    known = [
        (5.76e23, law.A, law.B, law.alpha, law.beta) for law in (published.HOFFMANN_2022, published.BESIROGLU_2024)
    ]
    extreme = [(C, *law) for C, law in zip((1e10, 1e30), _laws(rng, 2), strict=True)]
    return [*known, *((float(10 ** rng.uniform(17, 27)), *law) for law in _laws(rng, 8)), *extreme]


def _many_budgets(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    return [(10 ** rng.uniform(17, 27, size=5), *law) for law in _laws(rng, 3)]


def _optimum(C: Any, A: float, B: float, alpha: float, beta: float) -> Pair:
    best = ChinchillaLaw(E=0.0, A=A, B=B, alpha=alpha, beta=beta).optimal(C)
    return best.N, best.D


def _split(C: Any, G: float, a: float, *, per: float = 6.0) -> Pair:
    N = G * (np.asarray(C) / per) ** a
    return N, np.asarray(C) / per / N


def _with_scale(change: Any) -> Any:
    """The optimum with another G in place of the law's own."""

    def answer(C: Any, A: float, B: float, alpha: float, beta: float) -> Pair:
        return _split(C, change(A, B, alpha, beta), beta / (alpha + beta))

    return answer


def _with_six(per: float) -> Any:
    def answer(C: Any, A: float, B: float, alpha: float, beta: float) -> Pair:
        law = ChinchillaLaw(E=0.0, A=A, B=B, alpha=alpha, beta=beta)
        return _split(C, law.G, law.a, per=per)

    return answer


def _square_root(C: Any, A: float, B: float, alpha: float, beta: float) -> Pair:
    return _split(C, ChinchillaLaw(0.0, A, B, alpha, beta).G, 0.5)


def _ratio_and_root(C: Any, A: float, B: float, alpha: float, beta: float) -> Pair:
    return _split(C, alpha * A / (beta * B), 0.5)


def _rule_for_D(C: Any, A: float, B: float, alpha: float, beta: float) -> Pair:
    N = _optimum(C, A, B, alpha, beta)[0]
    return N, _RULE * N


def _wrong_D(C: Any, A: float, B: float, alpha: float, beta: float) -> Pair:
    N = _optimum(C, A, B, alpha, beta)[0]
    return N, np.asarray(C) / N


def _rule_of_thumb(C: Any, A: float, B: float, alpha: float, beta: float) -> Pair:
    split = allocate.rule_of_thumb(C=C, tokens_per_param=_RULE)
    return split.N, split.D


_OPTIMUM_MISTAKES = (
    Mistake(
        "swapped",
        "N and D are exchanged: what you return first behaves like the tokens.",
        lambda *case: _optimum(*case)[::-1],
    ),
    Mistake(
        "exponents exchanged",
        "N and D grow with each other's exponent. The model grows with beta / (alpha + beta): if data help quickly"
        " (large beta), little data are enough and the model takes the budget.",
        lambda C, A, B, alpha, beta: _split(C, ChinchillaLaw(0.0, A, B, alpha, beta).G, alpha / (alpha + beta)),
    ),
    exchanged(
        _optimum,
        "alpha",
        "beta",
        "alpha and beta have changed places throughout. alpha belongs to A and N, beta to B and D.",
    ),
    exchanged(_optimum, "A", "B", "A and B have changed places in G. A belongs to the model term."),
    Mistake(
        "G upside down",
        "G is upside down: a larger A makes a larger model worth its compute, so A stands above.",
        _with_scale(lambda A, B, alpha, beta: (beta * B / (alpha * A)) ** (1 / (alpha + beta))),
    ),
    Mistake(
        "G without exponents",
        "G lacks alpha and beta as factors: they come down when the powers are differentiated.",
        _with_scale(lambda A, B, alpha, beta: (A / B) ** (1 / (alpha + beta))),
    ),
    Mistake(
        "G without its root",
        "G lacks its own exponent 1 / (alpha + beta).",
        _with_scale(lambda A, B, alpha, beta: alpha * A / (beta * B)),
    ),
    *flop_counts(_with_six, none="C for 6ND"),
    Mistake(
        "D without 6",
        "N is right, but D is not what the budget leaves for it: the factor 6 is missing there.",
        _wrong_D,
    ),
    Mistake(
        "20 tokens per parameter",
        "This is the rule of 20 tokens per parameter, which knows nothing of A, B, alpha and beta.",
        _rule_of_thumb,
    ),
    Mistake(
        "D by the rule of 20",
        "N is right, but D is 20 N, which does not cost C. Once N is chosen the budget leaves one number of tokens.",
        _rule_for_D,
    ),
    Mistake(
        "square root of C",
        "N grows as the square root of C here. That is so only when alpha and beta are equal: put D = C / (6N) into"
        " the balance of the two terms and see which power of N stands there.",
        _square_root,
    ),
    Mistake(
        "ratio times square root",
        "The ratio of alpha A to beta B has come out of its powers. In alpha A / N^alpha = beta B / D^beta, N and D"
        " stand with exponents: solve for N with D = C / (6N), and take the root last.",
        _ratio_and_root,
    ),
)


def _spends_it_all(attempt: Attempt) -> None:
    optimum = Learner(attempt, "optimum", ("N", "D"))
    for C, A, B, alpha, beta in _budgets(attempt.rng):
        N, D = (float(value) for value in optimum(C, A, B, alpha, beta))
        if N <= 0 or D <= 0:
            raise Wrong("N or D is not positive.", "sign")
        spent = compute.train_flop(N, D) / C
        if abs(spent - 1) > 1e-6:
            raise Wrong(f"N and D together do not cost C: 6ND is {spent:.3g} times the budget.", "budget")
        law = ChinchillaLaw(E=0.0, A=A, B=B, alpha=alpha, beta=beta)
        here, larger, smaller = (law.along(C, factor * N) for factor in (1.0, 1.1, 1 / 1.1))
        if min(larger, smaller) < here:
            side = "larger" if larger < here else "smaller"
            raise Wrong(
                f"With the same budget a model that is 10 % {side} reaches a lower loss (C = {C:.3g}, alpha ="
                f" {alpha:.3g}, beta = {beta:.3g}).",
                f"a {side} model is better",
            )


OPTIMUM = Exercise(
    "ch05.optimum",
    "The bottom of the valley",
    kind="implement",
    difficulty=2,
    minutes=10,
    goal=(
        "Write `optimum(C, A, B, alpha, beta)`, which returns the compute-optimal parameters N and tokens D of the law "
        "$L = E + A/N^{\\alpha} + B/D^{\\beta}$ for a budget of C FLOP."
    ),
    success=(
        "with the constants of Hoffmann et al. and Gopher's budget, 5.76e23 FLOP, your function advises a model of"
        " about 32 billion parameters."
    ),
    answers=(Answer("optimum", "your function, without parentheses"),),
    parts=(
        Agrees(
            "N is the compute-optimal size",
            1,
            "optimum",
            _budgets,
            _optimum,
            ("N", "D"),
            ("parameters", "tokens"),
            ("N",),
            tuple(mistake for mistake in _OPTIMUM_MISTAKES if not mistake.name.startswith("D ")),
        ),
        Agrees(
            "D is the compute-optimal number of tokens",
            1,
            "optimum",
            _budgets,
            _optimum,
            ("N", "D"),
            ("parameters", "tokens"),
            ("D",),
            _OPTIMUM_MISTAKES,
        ),
        Holds("N and D cost exactly C, and no other split of it is better", 1, ("optimum",), _spends_it_all),
        Agrees(
            "it takes an array of budgets",
            1,
            "optimum",
            _many_budgets,
            _optimum,
            ("N", "D"),
            ("parameters", "tokens"),
            (),
            _OPTIMUM_MISTAKES,
        ),
    ),
    hints=(
        (
            "On the budget line D = C / (6N), so the loss depends on N alone. Differentiate it, set it to zero: at the"
            " bottom, alpha times the model term equals beta times the data term."
        ),
        (
            "N* = G (C/6)^a with a = beta / (alpha + beta) and G = (alpha A / (beta B))^(1 / (alpha + beta)). D* is"
            " what is left: C / (6 N*)."
        ),
        (
            "G = (alpha * A / (beta * B)) ** (1 / (alpha + beta)); N = G * (C / 6) ** (beta / (alpha + beta)); then D"
            " from 6 N D = C; return N, D."
        ),
    ),
)


# --------------------------------------------------------------------------------------------------- ch05.rule

_SIZES = (0.4e9, 1e9, 1.5e9, 3e9, 7e9, 13e9, 30e9, 34e9, 65e9, 70e9, 130e9, 175e9, 280e9, 405e9)
_TOKENS = (100e9, 200e9, 300e9, 500e9, 1e12, 1.4e12, 2e12, 3e12, 6e12, 10e12, 15e12)


def _rule_numbers(seed: int) -> dict[str, Quantity]:
    sizes, tokens = (1e9, 7e9, 70e9, 175e9), (300e9, 1e12, 1.4e12, 15e12)
    if seed:
        rng = np.random.default_rng([seed, 502])
        sizes = tuple(float(x) for x in np.sort(rng.choice(_SIZES, 4, replace=False)))  # type: ignore[assignment]
        tokens = tuple(float(x) for x in np.sort(rng.choice(_TOKENS, 4, replace=False)))  # type: ignore[assignment]
    return {"sizes": Quantity(sizes, "parameters", "four models"), "tokens": Quantity(tokens, "tokens", "four corpora")}


def _billions(values: Any, unit: str) -> list[str]:
    return [f"{value / 1e9:g} billion {unit}" for value in values]


def _wanted_tokens(law: ChinchillaLaw) -> Any:
    return lambda given: law.optimal_for_params(np.array(given.sizes)).D


def _rule_cost(given: Given) -> FloatArray:
    return np.asarray(allocate.rule_of_thumb(N=np.array(given.sizes), tokens_per_param=_RULE).C)


def _at_rule_cost(law: ChinchillaLaw) -> Mistake:
    return Mistake(
        "tokens at the rule's budget",
        "These are the tokens that the law would spend at the budget of the 20-tokens rule, on a model of another size."
        " Asked for is the D for which *this* N is the optimum.",
        lambda given: law.optimal(_rule_cost(given)).D,
    )


def _law_mistakes(law: ChinchillaLaw, other: ChinchillaLaw, name: str) -> tuple[Mistake, ...]:
    return (
        Mistake(
            "laws exchanged", f"This row belongs to the other law: it should be that of {name}.", _wanted_tokens(other)
        ),
        Mistake(
            "ratio",
            "These are tokens for each parameter, D / N. Asked for are the tokens, D.",
            lambda given: law.optimal_for_params(np.array(given.sizes)).tokens_per_param,
        ),
        Mistake(
            "compute",
            "This is the budget in FLOP, not the tokens.",
            lambda given: law.optimal_for_params(np.array(given.sizes)).C,
        ),
        Mistake(
            "N and D exchanged",
            "You asked the law which model suits that many tokens; asked for are the tokens that suit a model of that"
            " many parameters.",
            lambda given: law.optimal_for_tokens(np.array(given.sizes)).N,
        ),
        _at_rule_cost(law),
        Mistake(
            "20 tokens per parameter",
            "This is the rule of 20 again; this row is what the fitted law says.",
            lambda given: _RULE * np.array(given.sizes),
        ),
    )


def _disagreement(given: Given) -> float:
    high, low = (_wanted_tokens(law)(given) for law in (published.HOFFMANN_2022, published.BESIROGLU_2024))
    return float(np.max(high / low))


RULE = Exercise(
    "ch05.rule",
    "The rule, both ways",
    kind="use",
    difficulty=1,
    minutes=8,
    given=_rule_numbers,
    goal=(
        "Fill the rule's table: tokens for four models, models for four corpora, and what two fitted laws say about the"
        " same models."
    ),
    success=(
        "you can say which of the two laws comes near the rule of 20, at which size, and how far apart the two are at"
        " the largest."
    ),
    answers=(
        Answer("tokens_for", "tokens for each of the four sizes, by the rule of 20"),
        Answer("params_for", "parameters for each of the four corpora, by the rule of 20"),
        Answer("by_hoffmann", "tokens for each size, by published.HOFFMANN_2022"),
        Answer("by_replication", "tokens for each size, by published.BESIROGLU_2024"),
        Answer("apart", "the largest ratio of the two laws' tokens"),
    ),
    parts=(
        Value(
            "tokens for a model, by the rule",
            1,
            "tokens_for",
            lambda given: _RULE * np.array(given.sizes),
            "tokens",
            0.01,
            lambda given: _billions(given.sizes, "parameters"),
            (
                Mistake(
                    "divided",
                    "You divided by 20: a model wants more tokens than it has parameters.",
                    lambda given: np.array(given.sizes) / _RULE,
                ),
                Mistake("compute", "This is the compute, 6ND. Asked for are the tokens.", _rule_cost),
                Mistake(
                    "ratio",
                    "This is the ratio of tokens to parameters. Asked for are the tokens.",
                    lambda given: np.full(len(given.sizes), _RULE),
                ),
            ),
        ),
        Value(
            "a model for tokens, by the rule",
            1,
            "params_for",
            lambda given: np.array(given.tokens) / _RULE,
            "parameters",
            0.01,
            lambda given: _billions(given.tokens, "tokens"),
            (
                Mistake(
                    "multiplied",
                    "You multiplied by 20: the model is smaller than its corpus.",
                    lambda given: np.array(given.tokens) * _RULE,
                ),
            ),
        ),
        Value(
            "tokens by the constants of Hoffmann et al.",
            1,
            "by_hoffmann",
            _wanted_tokens(published.HOFFMANN_2022),
            "tokens",
            0.02,
            lambda given: _billions(given.sizes, "parameters"),
            _law_mistakes(published.HOFFMANN_2022, published.BESIROGLU_2024, "Hoffmann et al."),
        ),
        Value(
            "tokens by the replication",
            1,
            "by_replication",
            _wanted_tokens(published.BESIROGLU_2024),
            "tokens",
            0.02,
            lambda given: _billions(given.sizes, "parameters"),
            _law_mistakes(published.BESIROGLU_2024, published.HOFFMANN_2022, "the replication"),
        ),
        Value(
            "how far they are apart",
            1,
            "apart",
            _disagreement,
            "a ratio",
            0.03,
            None,
            (
                upside_down(_disagreement, "A ratio below 1: put the larger number above."),
                Mistake(
                    "difference",
                    "This is a difference in tokens. Asked for is a ratio, which does not depend on the unit.",
                    lambda given: np.max(
                        _wanted_tokens(published.HOFFMANN_2022)(given) - _wanted_tokens(published.BESIROGLU_2024)(given)
                    ),
                ),
                Mistake(
                    "mean of the ratios",
                    "This is the mean of the four ratios. Asked for is the largest: where are the laws furthest apart?",
                    lambda given: np.mean(
                        _wanted_tokens(published.HOFFMANN_2022)(given) / _wanted_tokens(published.BESIROGLU_2024)(given)
                    ),
                ),
                Mistake(
                    "smallest",
                    "This is the ratio where the laws are closest together. Look at the other end of the table.",
                    lambda given: np.min(
                        _wanted_tokens(published.HOFFMANN_2022)(given) / _wanted_tokens(published.BESIROGLU_2024)(given)
                    ),
                ),
            ),
        ),
    ),
    hints=(
        (
            "The rule is D = 20 N: multiply for the tokens, divide for the model. A fitted law is asked which budget"
            " has this N as its optimum, and how many tokens it spends."
        ),
        (
            "A law has a method for exactly that question: `law.optimal_for_params(N)` returns an allocation with `.N`,"
            " `.D`, `.C`."
        ),
        (
            "by_hoffmann = [published.HOFFMANN_2022.optimal_for_params(N).D for N in numbers.sizes]; the same with the"
            " other law; then the largest of the four ratios."
        ),
    ),
)


# ------------------------------------------------------------------------------------------------- ch05.valley


def _valleys(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Exact parabolas in log N, whose lowest point lies between the sampled sizes."""
    out = []
    for points in (5, 7, 8, 12):
        N = np.exp(np.sort(rng.uniform(np.log(1e7), np.log(1e9), points)))
        N[0], N[-1] = 1e7 * rng.uniform(0.5, 1), 1e9 * rng.uniform(1, 2)
        best = np.exp(rng.uniform(np.log(4e7), np.log(3e8)))
        out.append((N, rng.uniform(2, 4) + rng.uniform(0.02, 0.1) * np.log(N / best) ** 2))
    order = rng.permutation(len(out[-1][0]))
    return [*out, (out[-1][0][order], out[-1][1][order])]


def _vertex(N: FloatArray, L: FloatArray) -> tuple[float, float]:
    """Coefficients ratio -b / 2a and its middle, of a parabola in log N."""
    middle = float(np.log(N).mean())
    a, b, _ = np.polyfit(np.log(N) - middle, L, 2)
    return middle, float(-b / (2 * a))


def _valley(N: FloatArray, L: FloatArray) -> float:
    middle, step = _vertex(N, L)
    return float(np.exp(middle + step))


def _in_plain_N(N: FloatArray, L: FloatArray) -> float:
    a, b, _ = np.polyfit(N / 1e8, L, 2)
    return float(-b / (2 * a) * 1e8)


def _own_parabola(N: FloatArray, L: FloatArray) -> tuple[float, float, float]:
    a, b, c = np.polyfit(np.log(N), L, 2)
    return float(a), float(b), float(c)


def _bottom_loss(N: FloatArray, L: FloatArray) -> float:
    a, b, c = _own_parabola(N, L)
    return c - b * b / (4 * a)


_VALLEY_MISTAKES = (
    Mistake(
        "lowest run",
        "You return the size of the lowest run. The bottom of the parabola lies between the runs.",
        lambda N, L: float(N[np.argmin(L)]),
    ),
    Mistake(
        "parabola in N",
        "The parabola is in N itself. Valleys are symmetric in log N: fit against np.log(N).",
        _in_plain_N,
    ),
    Mistake(
        "log N", "You return the logarithm of the size: undo it with np.exp.", lambda N, L: float(np.log(_valley(N, L)))
    ),
    Mistake(
        "log10 N",
        "You return the decimal logarithm of the size: undo it with 10 ** ...",
        lambda N, L: float(np.log10(_valley(N, L))),
    ),
    Mistake(
        "log10 undone with exp",
        "The parabola is in log10(N) but undone with np.exp: use one logarithm throughout.",
        lambda N, L: float(np.exp(np.log10(_valley(N, L)))),
    ),
    Mistake(
        "parabola of log L",
        "The parabola is drawn through log L. Fit L itself: only log N is a logarithm here.",
        lambda N, L: _valley(N, np.log(L)),
    ),
    Mistake("the loss", "You return the loss at the bottom. Asked for is the size there.", _bottom_loss),
    Mistake(
        "sign",
        "The sign of the vertex: a u² + b u + c is lowest at u = -b / (2a).",
        lambda N, L: float(np.exp(_own_parabola(N, L)[1] / (2 * _own_parabola(N, L)[0]))),
    ),
    Mistake(
        "factor 2",
        "A factor of 2 in the vertex: a u² + b u + c is lowest at u = -b / (2a).",
        lambda N, L: float(np.exp(-_own_parabola(N, L)[1] / _own_parabola(N, L)[0])),
    ),
)

#: The arm of the table that chapter 5 uses.
ARM = {
    "hyperparameters": "base",
    "warmup": "short",
    "lr_schedule": "cosine_matched",
    "param_count_rule": "non_embedding_with_head",
    "loss_split": "validation",
}


def _runs(*changes: tuple[str, str]) -> Any:
    """The runs of the arm, or of another one."""
    from .. import datasets

    runs: Any = datasets.load("kaplan_vs_chinchilla_isoflop")
    for column, value in {**ARM, **dict(changes)}.items():
        runs = runs[runs[column] == value]
    return runs


@cache
def _exponent() -> float:
    """Slope of log N against log C over the valleys of the arm."""
    from ..fitting import isoflop

    runs = _runs()
    return isoflop(C=runs.flops, N=runs.params, L=runs.loss_nats, window=None).a


def _line(*changes: tuple[str, str]) -> float:
    """The same slope over another arm, its parabolas taken as they come, as someone in the wrong arm would."""
    groups = [
        (C, _valley(group.params.to_numpy(), group.loss_nats.to_numpy()))
        for C, group in _runs(*changes).groupby("flops")
    ]
    budgets, sizes = np.log(np.array(groups)).T
    return float(np.polyfit(budgets, sizes, 1)[0])


def _other_arm(name: str, message: str, *changes: tuple[str, str]) -> Mistake:
    return Mistake(name, message, lambda given: _line(*changes))


VALLEY = Exercise(
    "ch05.valley",
    "Twelve valleys",
    kind="use",
    difficulty=3,
    minutes=12,
    goal=(
        "Find the best size of each IsoFLOP curve with a parabola in log N through all its runs, and the exponent a of"
        " $N^* \\propto C^a$ over the twelve budgets."
    ),
    success="the twelve optima lie on a straight line in log-log, and your exponent is a little above one half.",
    answers=(
        Answer("valley", "your function of the sizes N and losses L of one budget"),
        Answer("exponent", "the slope of log N* against log C"),
    ),
    parts=(
        Agrees(
            "the bottom of a valley",
            2,
            "valley",
            _valleys,
            _valley,
            ("N",),
            ("parameters",),
            (),
            _VALLEY_MISTAKES,
            1e-4,
            True,
        ),
        Value(
            "the exponent over the twelve budgets",
            2,
            "exponent",
            lambda given: _exponent(),
            "",
            0.04,
            None,
            (
                Mistake(
                    "exponent of D",
                    "This is the exponent of the tokens, b = 1 - a. Asked for is that of the parameters.",
                    lambda given: 1 - _exponent(),
                ),
                upside_down(
                    lambda given: _exponent(),
                    "The slope is upside down: log N belongs on the vertical axis, log C on the horizontal one.",
                ),
                Mistake(
                    "tokens per parameter",
                    "This is the exponent of D / N, 1 - 2a: asked for is that of N.",
                    lambda given: 1 - 2 * _exponent(),
                ),
                _other_arm(
                    "long warm-up",
                    "This is the exponent of the runs with the long warm-up and one long cosine: filter the table as in"
                    " the first cell.",
                    ("warmup", "long"),
                    ("lr_schedule", "cosine_long"),
                ),
                _other_arm(
                    "Kaplan's count",
                    "This is the exponent under Kaplan's count, without the output layer: filter the table as in the"
                    " first cell.",
                    ("warmup", "long"),
                    ("lr_schedule", "cosine_long"),
                    ("param_count_rule", "non_embedding_no_head"),
                    ("loss_split", "train"),
                ),
                _other_arm(
                    "tuned",
                    "This is the exponent of the tuned runs: filter the table as in the first cell.",
                    ("hyperparameters", "tuned"),
                    ("lr_schedule", "constant"),
                ),
            ),
        ),
    ),
    hints=(
        (
            "Near its bottom a valley is a parabola in log N. Fit one with np.polyfit and take its lowest point. Then"
            " the twelve optima are twelve points of a line in log-log."
        ),
        (
            "For L = a u² + b u + c with u = log N the bottom is at u = -b / (2a), so N = exp(u). The exponent is the"
            " slope of log N against log C."
        ),
        (
            "a, b, c = np.polyfit(np.log(N), L, 2); return np.exp(-b / (2 * a)). Then best = [valley(g.params,"
            " g.loss_nats) for C, g in runs.groupby('flops')] and np.polyfit(np.log(budgets), np.log(best), 1)[0]."
        ),
    ),
    prepare=lambda given: _exponent(),
)


# ---------------------------------------------------------------------------------------------- ch05.objective


def _residuals(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    out = []
    for delta, count in ((1e-3, 12), (1e-2, 30), (0.1, 5), (1e-3, 1), (1e-2, 200)):
        measured = rng.uniform(2, 4, count)
        away = (
            delta
            * np.where(rng.random(count) < 0.5, rng.uniform(0.2, 0.9, count), rng.uniform(1.5, 6, count))
            * rng.choice([-1, 1], count)
        )
        if count > 1:
            away[:2] = 0.5 * delta, -4 * delta  # both zones, and both signs, in every instance
        out.append((measured * np.exp(away), measured, delta))
    return out


def _pieces(
    predicted: FloatArray,
    measured: FloatArray,
    delta: float,
    *,
    log: Any = np.log,
    half: float = 0.5,
    offset: float = 0.5,
    slope: float | None = None,
    together: Any = np.sum,
) -> float:
    r = np.abs(log(predicted) - log(measured))
    return float(
        together(np.where(r <= delta, half * r**2, (delta if slope is None else slope) * (r - offset * delta)))
    )


def _objective(predicted: FloatArray, measured: FloatArray, delta: float) -> float:
    from ..fitting import huber_objective

    return huber_objective(np.log(measured) - np.log(predicted), delta)


_OBJECTIVE_MISTAKES = (
    Mistake(
        "averaged",
        "You average over the runs; the objective is a sum. Averaging makes it so small that an optimiser may stop too"
        " early, which is how the first fit went wrong.",
        lambda p, m, d: _pieces(p, m, d, together=np.mean),
    ),
    Mistake(
        "residuals of the loss",
        "The residuals are differences of losses. Take differences of their logarithms, so that a percent counts the"
        " same everywhere.",
        lambda p, m, d: _pieces(p, m, d, log=np.asarray),
    ),
    Mistake(
        "log10",
        "The residuals are in log10; the natural logarithm is meant, for which 0.01 is about one percent.",
        lambda p, m, d: _pieces(p, m, d, log=np.log10),
    ),
    Mistake(
        "squares",
        "Every residual is squared: beyond delta the loss should grow in proportion, so that an outlier does not rule"
        " the fit.",
        lambda p, m, d: float(np.sum(0.5 * (np.log(p) - np.log(m)) ** 2)),
    ),
    Mistake(
        "squares without half",
        "Every residual is squared (and without the half): beyond delta the loss should grow in proportion.",
        lambda p, m, d: float(np.sum((np.log(p) - np.log(m)) ** 2)),
    ),
    Mistake(
        "absolute",
        "These are absolute residuals throughout: within delta the loss is quadratic, beyond it is delta times the"
        " distance.",
        lambda p, m, d: float(np.sum(np.abs(np.log(p) - np.log(m)))),
    ),
    Mistake(
        "half forgotten",
        "The quadratic zone lacks its factor one half, so that the two zones do not meet at delta.",
        lambda p, m, d: _pieces(p, m, d, half=1.0),
    ),
    Mistake(
        "zones do not meet",
        "Beyond delta it is delta (|r| - delta/2): without the delta/2 the two zones do not meet.",
        lambda p, m, d: _pieces(p, m, d, offset=0.0),
    ),
    Mistake(
        "slope 1",
        "Beyond delta the slope is delta, not 1: otherwise it jumps at the edge.",
        lambda p, m, d: _pieces(p, m, d, slope=1.0),
    ),
    Mistake(
        "twice the Huber loss",
        "This is twice the Huber loss: some texts write r² and delta (2|r| - delta). Here it is half of that.",
        lambda p, m, d: 2 * _pieces(p, m, d),
    ),
    Mistake(
        "divided by delta",
        "This is the smooth L1 loss of some libraries, the Huber loss divided by delta. Here beyond delta the slope is"
        " delta.",
        lambda p, m, d: _pieces(p, m, d) / d,
    ),
    Mistake(
        "squares without their half",
        "The two zones meet, but neither value is Huber's: within delta it is r²/2, and beyond it delta (|r| -"
        " delta/2).",
        lambda p, m, d: _pieces(p, m, d, half=1.0, offset=1.0),
    ),
    forgotten(_objective, "delta", 1e-3, "delta seems to be fixed at 1e-3: use the argument."),
)


def _outlier(attempt: Attempt) -> None:
    objective = Learner(attempt, "objective", ("objective",), reduces=True)
    measured = attempt.rng.uniform(2, 4, 20)
    predicted = measured * np.exp(attempt.rng.uniform(-5e-4, 5e-4, 20))
    delta = 1e-3

    def score(shift: float) -> float:
        moved = predicted.copy()
        moved[3] = measured[3] * np.exp(shift)
        return float(objective(moved, measured, delta)[0])

    if float(objective(measured, measured, delta)[0]) != 0.0:
        raise Wrong("When every prediction is exact the objective should be 0.", "not zero")
    up, down = score(0.02), score(-0.02)
    if up < 0 or down < 0 or not np.isclose(up, down, rtol=1e-6):
        raise Wrong(
            "A prediction 2 % too high and one 2 % too low (in logarithms) should cost the same, and nothing may be"
            " negative: take |r|.",
            "one-sided",
        )
    first, second = score(0.04) - up, score(0.06) - score(0.04)
    if not np.isclose(first, second, rtol=1e-6):
        raise Wrong(
            "One wild run pulls ever harder the further away it is. Beyond delta each further step should cost the"
            " same.",
            "outlier",
        )


OBJECTIVE = Exercise(
    "ch05.objective",
    "What the fit minimises",
    kind="implement",
    difficulty=2,
    minutes=8,
    goal="Write `objective(predicted, measured, delta)`: the Huber loss of the log residuals, summed over the runs.",
    success="the three published laws, scored on the 240 runs, come out in the order that the chapter tells.",
    answers=(Answer("objective", "your function, without parentheses"),),
    parts=(
        Agrees(
            "the value",
            2,
            "objective",
            _residuals,
            _objective,
            ("objective",),
            ("",),
            (),
            _OBJECTIVE_MISTAKES,
            1e-7,
            True,
        ),
        Holds("one wild run does not rule it", 1, ("objective",), _outlier),
    ),
    hints=(
        (
            "Each run has a residual: log of the measured loss less log of the predicted one. Small residuals are"
            " squared, large ones only count in proportion."
        ),
        "With r the residual: r²/2 where |r| <= delta, delta (|r| - delta/2) beyond. Then the sum over all runs.",
        (
            "r = np.abs(np.log(measured) - np.log(predicted)); np.where(r <= delta, r**2 / 2, delta * (r - delta /"
            " 2)).sum()"
        ),
    ),
)


# ------------------------------------------------------------------------------------------------ ch05.by_hand

_NAMES = ("E", "A", "B", "alpha", "beta")


@cache
def _points() -> tuple[FloatArray, FloatArray, FloatArray]:
    from .. import datasets

    runs: Any = datasets.load("chinchilla_fig4_points")
    kept = runs[~runs.dropped_by_epoch]
    return kept.params.to_numpy(float), kept.training_tokens.to_numpy(float), kept.loss_nats.to_numpy(float)


@cache
def best_fit() -> Any:
    """The fit of the 240 points."""
    from ..fitting import fit

    N, D, L = _points()
    return fit(ChinchillaLaw, N=N, D=D, L=L)


@cache
def _start() -> ChinchillaLaw:
    from ..explorers import hand_fit

    return hand_fit().law


def _left_over(law: ChinchillaLaw) -> FloatArray:
    N, D, L = _points()
    return np.asarray(np.log(L) - np.log(law(N, D)))


def times_the_best(law: ChinchillaLaw) -> float:
    """The score of a law on the 240 points, over the best there is."""
    from ..fitting import huber_objective

    return huber_objective(_left_over(law)) / float(best_fit().objective)


def _read_law(answer: Any) -> ChinchillaLaw:
    """A law, an explorer, a dict of constants or five numbers in the order E, A, B, alpha, beta."""
    law = getattr(answer, "law", answer)
    if not isinstance(law, ChinchillaLaw):
        if isinstance(law, Mapping):
            missing = [name for name in _NAMES if name not in law]
            if missing:
                raise Wrong(f"The constant {missing[0]} is missing: give all of E, A, B, alpha and beta.", "shape")
            values = [law[name] for name in _NAMES]
        elif isinstance(law, (list, tuple, np.ndarray)) and len(law) == 5:
            values = list(law)
        else:
            raise Wrong(
                f"`by_hand` is {describe(answer)}: give the five constants, as `dict(E=..., A=..., B=..., alpha=...,"
                " beta=...)`.",
                "shape",
            )
        if any(value is ... for value in values):
            raise NotAnswered
        numbers = {name: number(value, name) for name, value in zip(_NAMES, values, strict=True)}
        negative = [name for name, value in numbers.items() if value < 0]
        if negative:
            raise Wrong(
                f"{negative[0]} is negative: in this law all five constants are positive, and the minus of the"
                " exponents is in the formula.",
                "sign",
            )
        law = ChinchillaLaw(**numbers)
    start = _start().parameters
    if all(abs(law.parameters[name] - start[name]) <= 2e-3 * start[name] for name in _NAMES):
        raise NotAnswered
    return law


def _changed(law: ChinchillaLaw, **changes: float) -> ChinchillaLaw:
    return ChinchillaLaw(**{**law.parameters, **changes})


def _steeper(law: ChinchillaLaw, *, alpha: float = 0.0, beta: float = 0.0) -> ChinchillaLaw:
    """Larger exponents, the terms unchanged in the middle of the runs."""
    N, D, _ = _points()
    return _changed(
        law,
        alpha=law.alpha + alpha,
        A=law.A * float(np.exp(alpha * np.log(N).mean())),
        beta=law.beta + beta,
        B=law.B * float(np.exp(beta * np.log(D).mean())),
    )


_HAND_MISTAKES = (
    Mistake(
        "exponents exchanged",
        "alpha and beta look exchanged: with alpha and beta the other way round your law would be far better.",
        lambda law: _changed(law, alpha=law.beta, beta=law.alpha),
    ),
    Mistake(
        "terms exchanged",
        "The model term and the data term look exchanged: A and alpha belong to N, B and beta to D.",
        lambda law: _changed(law, A=law.B, B=law.A, alpha=law.beta, beta=law.alpha),
    ),
    Mistake(
        "A and B exchanged",
        "A and B look exchanged: with the two the other way round your law would be far better.",
        lambda law: _changed(law, A=law.B, B=law.A),
    ),
    Mistake(
        "no floor",
        "E is far too low for these runs: look at the largest runs, whose loss stays well above it however the other"
        " four are set.",
        lambda law: _changed(law, E=0.0),
    ),
    Mistake(
        "too high",
        "Your law predicts too much for nearly every run: lower E, or A, or B.",
        lambda law: _changed(law, E=law.E + 0.25),
    ),
    Mistake(
        "too low",
        "Your law predicts too little for nearly every run: raise E, or A, or B.",
        lambda law: _changed(law, E=law.E - 0.25),
    ),
    Mistake(
        "slope in N",
        "What is left over slopes with the size N: alpha and A are to be moved together, until that picture is flat.",
        lambda law: _steeper(law, alpha=0.08),
    ),
    Mistake(
        "slope in D",
        "What is left over slopes with the tokens D: beta and B are to be moved together, until that picture is flat.",
        lambda law: _steeper(law, beta=0.08),
    ),
)


def _hand_diagnosis(law: ChinchillaLaw) -> Wrong:
    """What the residuals say about a law that is not good enough."""
    now = times_the_best(law)
    by_name = {mistake.name: mistake for mistake in _HAND_MISTAKES}
    other = {
        "exponents exchanged": _changed(law, alpha=law.beta, beta=law.alpha),
        "A and B exchanged": _changed(law, A=law.B, B=law.A),
        "terms exchanged": ChinchillaLaw(E=law.E, A=law.B, B=law.A, alpha=law.beta, beta=law.alpha),
    }
    scores = {name: times_the_best(changed) for name, changed in other.items()}
    best = min(scores, key=lambda name: scores[name])
    left = _left_over(law)
    N, D, _ = _points()
    one_sided = float(np.mean(np.sign(left)))
    if scores[best] < now / 4:
        name = best
    elif law.E < 0.8:
        name = "no floor"
    elif abs(one_sided) > 0.7:
        name = "too high" if one_sided < 0 else "too low"
    else:
        columns = np.stack([np.ones_like(left), np.log(N) - np.log(N).mean(), np.log(D) - np.log(D).mean()], axis=1)
        slopes = np.linalg.lstsq(columns, np.clip(left, *np.quantile(left, [0.05, 0.95])), rcond=None)[0]
        name = "slope in N" if abs(slopes[1]) * np.log(N).std() >= abs(slopes[2]) * np.log(D).std() else "slope in D"
    return Wrong(f"{by_name[name].message} Your score is {now:.3g} times the best there is.", name)


def _within(factor: float) -> Any:
    def test(attempt: Attempt) -> None:
        law = _read_law(attempt.answers["by_hand"])
        score = times_the_best(law)
        if not np.isfinite(score):
            raise Wrong(
                "Your law has no finite value for some run: look for an exponent that is far too large.", "infinite"
            )
        if score > factor:
            raise _hand_diagnosis(law)

    return test


BY_HAND = Exercise(
    "ch05.by_hand",
    "Fit the law by hand",
    kind="move",
    difficulty=3,
    minutes=10,
    goal=(
        "Move the five sliders until your law scores at most twice the best score there is on the 240 runs, and write"
        " the five constants down."
    ),
    success="both lower pictures are flat clouds around zero, and the score reads at most 2 times the best.",
    answers=(Answer("by_hand", "the five constants: dict(E=..., A=..., B=..., alpha=..., beta=...)"),),
    parts=(
        Holds("at most 4 times the best score", 1, ("by_hand",), _within(4.0), _HAND_MISTAKES),
        Holds("at most 2 times the best score", 2, ("by_hand",), _within(2.0), _HAND_MISTAKES),
    ),
    hints=(
        (
            "Begin with the level: move E until as many runs lie above zero as below. Then take the slopes away, one"
            " picture at a time."
        ),
        (
            "What is left over against N slopes if A / N^alpha falls too fast or too slowly; raise alpha and A"
            " together, so that the term stays the same in the middle of the cloud. The same for beta and B against D."
        ),
        (
            "Try E near 1.8 and both exponents near 0.35. Then only A and B are missing: raise or lower each until its"
            " picture is centred. Last, small moves of E."
        ),
    ),
    prepare=lambda given: (best_fit(), _start()),
)


# ------------------------------------------------------------------------------------------------ ch05.options


def _options_numbers(seed: int) -> dict[str, Quantity]:
    scale = 1.0 if not seed else float(np.round(10 ** np.random.default_rng([seed, 506]).uniform(-0.3, 0.3), 2))
    root = scale**0.5
    return {
        "C": Quantity(1e23 * scale, "FLOP", "the budget that both claim to spend"),
        "N": Quantity((100e9 * root, 10e9 * root), "parameters", "size of option A and of option B"),
        "D": Quantity((167e9 * root, 1.7e12 * root), "tokens", "tokens of option A and of option B"),
    }


def _wasted(law: ChinchillaLaw) -> Any:
    return lambda given: 100 * np.asarray(allocate.overhead(law, np.array(given.N), np.array(given.D)))


def _best_for_its_cost(law: ChinchillaLaw, given: Given) -> FloatArray:
    """The loss that each option's own compute, 6ND, could have reached."""
    return np.asarray(law.optimal(compute.train_flop(np.array(given.N), np.array(given.D))).L)


def _loss_at_its_cost(law: ChinchillaLaw) -> tuple[Mistake, ...]:
    """Losses beside the best at 6ND instead of C: another number only where an option lies close to the best."""

    def loss(given: Given) -> FloatArray:
        return np.asarray(law(np.array(given.N), np.array(given.D)))

    return (
        Mistake(
            "percent of loss at 6ND",
            "This is how much higher the loss is, in percent. A percent of loss is worth far more than a percent of"
            " compute: ask which budget reaches that loss.",
            lambda given: 100 * (loss(given) / _best_for_its_cost(law, given) - 1),
        ),
        Mistake(
            "nats at 6ND",
            "This is the difference in loss, in nats. Asked for is what it is worth in compute.",
            lambda given: loss(given) - _best_for_its_cost(law, given),
        ),
    )


def _option_mistakes(law: ChinchillaLaw, other: ChinchillaLaw) -> tuple[Mistake, ...]:
    def loss(given: Given) -> FloatArray:
        return np.asarray(law(np.array(given.N), np.array(given.D)))

    def best(given: Given) -> float:
        return float(law.optimal(given.C).L)

    def size(given: Given) -> FloatArray:
        """How far each option is from the best size, in percent."""
        return np.array([100 * (N / law.optimal(given.C).N - 1) for N in given.N])

    return (
        Mistake("laws exchanged", "These belong to the other law.", _wasted(other)),
        Mistake(
            "options exchanged",
            "A and B are exchanged: option A is the larger model.",
            lambda given: _wasted(law)(given)[::-1],
        ),
        share_of_total(
            _wasted(law),
            "This is the share of what was spent. Asked for is how much more was spent than needed: divide by the"
            " needed compute, not by the spent.",
        ),
        Mistake(
            "share that is enough",
            "This is the share that would have been enough, as it was asked of GPT-3. Asked for is what was spent beyond"
            " it, over what was needed: as for Gopher.",
            lambda given: 100 / (1 + _wasted(law)(given) / 100),
        ),
        Mistake(
            "percent of loss",
            "This is how much higher the loss is, in percent. A percent of loss is worth far more than a percent of"
            " compute: ask which budget reaches that loss.",
            lambda given: 100 * (loss(given) / best(given) - 1),
        ),
        Mistake(
            "nats",
            "This is the difference in loss, in nats. Asked for is what it is worth in compute.",
            lambda given: loss(given) - best(given),
        ),
        Mistake(
            "percent of the excess loss",
            "This is how much higher the loss above E is, in percent. One more step: which budget would have reached"
            " that loss?",
            lambda given: 100 * ((loss(given) - law.E) / (_best_for_its_cost(law, given) - law.E) - 1),
        ),
        Mistake(
            "distance in size",
            "This is how far each size is from the best one, in percent. Asked for is the compute that it wastes.",
            size,
        ),
        Mistake(
            "nominal budget",
            "You compare with C itself. The stated tokens do not cost exactly C: compare with 6ND of each option.",
            lambda given: 100 * (given.C / np.asarray(law.compute_for_loss(loss(given))) - 1),
        ),
        excess_forgotten(_wasted(law)),
    )


OPTIONS = Exercise(
    "ch05.options",
    "Option A or option B",
    kind="judge",
    difficulty=3,
    minutes=14,
    given=_options_numbers,
    goal=(
        "For one budget somebody offers two models and says that option B is compute-optimal. Compute what each wastes"
        " under two laws, in percent of the compute it would have taken, and judge the claim; then judge a second one."
    ),
    success=(
        "your four numbers show one option that is bad under both laws, and one whose verdict you cannot give without"
        " naming the law."
    ),
    answers=(
        Answer("by_hoffmann", "what A and B waste, in percent, if published.HOFFMANN_2022 is true"),
        Answer("by_replication", "what A and B waste, in percent, if published.BESIROGLU_2024 is true"),
        Answer("verdict", '"holds", "fails" or "depends on the law"'),
        Answer("rule_says", '"smaller model, more data", "larger model, less data" or "the same model, less data"'),
    ),
    parts=(
        Value(
            "the waste by the constants of Hoffmann et al.",
            1,
            "by_hoffmann",
            _wasted(published.HOFFMANN_2022),
            "percent",
            0.05,
            lambda given: ("option A", "option B"),
            (
                *_option_mistakes(published.HOFFMANN_2022, published.BESIROGLU_2024),
                *_loss_at_its_cost(published.HOFFMANN_2022),
            ),
        ),
        Value(
            "the waste by the replication",
            1,
            "by_replication",
            _wasted(published.BESIROGLU_2024),
            "percent",
            0.05,
            lambda given: ("option A", "option B"),
            _option_mistakes(published.BESIROGLU_2024, published.HOFFMANN_2022),
        ),
        Choice(
            "is option B compute-optimal?",
            1,
            "verdict",
            {
                "holds": (
                    "Under one law B wastes little. Look at what it wastes under the other, and at its tokens per"
                    " parameter."
                ),
                "fails": "Under one law it is poor. Look at what it wastes under the other.",
                "depends on the law": "",
            },
            "depends on the law",
            {"depends": "depends on the law", "true": "holds", "false": "fails", "it depends": "depends on the law"},
        ),
        Choice(
            "what does the rule of 20 tell a team with GPT-3's budget?",
            1,
            "rule_says",
            {
                "smaller model, more data": "",
                "larger model, less data": (
                    "GPT-3 has fewer than two tokens for each parameter. Which way must N and D move, at constant 6ND,"
                    " to come to 20?"
                ),
                "the same model, less data": (
                    "At constant compute neither can change alone: 6ND = C. Which way must both move to come from under"
                    " two tokens per parameter to 20?"
                ),
            },
            "smaller model, more data",
            {
                "smaller": "smaller model, more data",
                "larger": "larger model, less data",
                "less data": "the same model, less data",
            },
        ),
    ),
    hints=(
        (
            "A loss that is 0.02 nats too high sounds like nothing. Ask instead: with which budget would the best split"
            " have reached that same loss? The rest was wasted."
        ),
        "waste = 6ND / C_needed - 1, where C_needed is `law.compute_for_loss(law(N, D))`.",
        (
            "by_hoffmann = [100 * (train_flop(N, D) / law.compute_for_loss(law(N, D)) - 1) for each option], with law ="
            " published.HOFFMANN_2022; `allocate.overhead(law, N, D)` does the same in one call."
        ),
    ),
)


# ------------------------------------------------------------------------------------------------ ch05.invoice


def _invoice_numbers(seed: int) -> dict[str, Quantity]:
    N, D, price = 7e9, 2e12, 3.0
    if seed:
        rng = np.random.default_rng([seed, 507])
        N, D = float(rng.choice([3e9, 7e9, 13e9, 34e9])), float(rng.choice([1e12, 1.4e12, 2e12, 3e12]))
        price = float(rng.choice([2.0, 2.5, 3.0, 4.0]))
    flop = compute.train_flop(N, D)
    days = round(compute.gpu_hours(flop, peak=published.A100, mfu=1.0) / 24 / 30)
    return {
        "N": Quantity(N, "parameters", "the model"),
        "D": Quantity(D, "tokens", "its training tokens"),
        "peak": Quantity(published.A100.flop_per_s, "FLOP/s", "an A100 at full utilisation, dense bfloat16"),
        "price": Quantity(price, "dollars", "for one A100 for one hour"),
        "claimed_flop": Quantity(flop / 1000, "FLOP", "the invoice's compute"),
        "claimed_days": Quantity(float(days), "A100-days", "the invoice's time"),
        "claimed_dollars": Quantity(float(round(days * 24 * price, -2)), "dollars", "the invoice's price"),
    }


def _days(given: Given, *, flop: float | None = None, peak: float | None = None, mfu: float = 1.0) -> float:
    amount = compute.train_flop(given.N, given.D) if flop is None else flop
    return float(compute.gpu_hours(amount, peak=given.peak if peak is None else peak, mfu=mfu) / 24)


def _dollars(given: Given) -> float:
    return float(
        compute.training_cost(
            compute.train_flop(given.N, given.D), peak=given.peak, mfu=1.0, price_per_hour=given.price
        )
    )


INVOICE = Exercise(
    "ch05.invoice",
    "The invoice",
    kind="find the error",
    difficulty=2,
    minutes=8,
    given=_invoice_numbers,
    goal=(
        "A public text prices a training run. Compute the compute, the accelerator-days and the dollars yourself, at"
        " full utilisation, and say which of its three steps follows from the one before."
    ),
    success=(
        "you know by how much the compute is wrong, why the days are wrong by another factor, and which step was right."
    ),
    answers=(
        Answer("flop", "training compute, FLOP"),
        Answer("days", "A100-days at full utilisation"),
        Answer("dollars", "price at the given rate"),
        Answer("follows", "three times True or False"),
    ),
    parts=(
        Value(
            "compute",
            1,
            "flop",
            lambda given: compute.train_flop(given.N, given.D),
            "FLOP",
            0.02,
            None,
            (
                *flop_counts(lambda per: lambda given: per * given.N * given.D),
                copied("claimed_flop", "This is the invoice's own number: count the zeros of 6ND.", called="invoice"),
            ),
        ),
        Value(
            "A100-days",
            1,
            "days",
            lambda given: _days(given),
            "A100-days",
            0.02,
            None,
            (
                times(_days, 24, "hours", "These are hours: a day has 24."),
                times(_days, 86400, "seconds", "These are seconds: a day has 86,400."),
                Mistake(
                    "from the invoice's compute",
                    "The days follow from the invoice's compute, which is wrong. Use your own.",
                    lambda given: _days(given, flop=given.claimed_flop),
                ),
                Mistake(
                    "invoice",
                    "This is the invoice's own number: divide the compute by what one A100 does in a day.",
                    lambda given: given.claimed_days,
                ),
                Mistake(
                    "sparse peak",
                    "You used twice the dense peak, which is quoted for structured sparsity: training is dense.",
                    lambda given: _days(given, peak=2 * given.peak),
                ),
                Mistake(
                    "40 % utilisation",
                    "You assumed a utilisation of 40 %, which is realistic; here full utilisation is asked for, as the"
                    " invoice has it.",
                    lambda given: _days(given, mfu=0.4),
                ),
                Mistake(
                    "2ND",
                    "The days belong to 2ND, the forward pass alone.",
                    lambda given: _days(given, flop=2 * given.N * given.D),
                ),
            ),
        ),
        Value(
            "dollars",
            1,
            "dollars",
            _dollars,
            "dollars",
            0.02,
            None,
            (
                times(_dollars, 1 / 24, "price per day", "You took the price for a day: it is for an hour."),
                Mistake(
                    "invoice",
                    "This is the invoice's own number. It follows from its days, which are wrong.",
                    lambda given: given.claimed_dollars,
                ),
                Mistake(
                    "from the invoice's compute",
                    "The price follows from the invoice's compute, which is wrong. Use your own days.",
                    lambda given: 24 * given.price * _days(given, flop=given.claimed_flop),
                ),
                Mistake(
                    "40 % utilisation",
                    "You assumed a utilisation of 40 %, which is realistic; here full utilisation is asked for.",
                    lambda given: _dollars(given) / 0.4,
                ),
            ),
        ),
        Verdicts(
            "which step follows from the one before",
            1,
            "follows",
            (False, False, True),
            ("From N and D to FLOP", "From the invoice's FLOP to its days", "From the invoice's days to its dollars"),
            (
                "compare 6ND with the invoice's compute, power of ten by power of ten.",
                "take the invoice's FLOP as given and divide by what an A100 does in a day.",
                "take the invoice's days as given: days times 24 times the price of an hour.",
            ),
        ),
    ),
    hints=(
        (
            "Check each step on its own: compute from N and D, days from compute, dollars from days. An invoice can"
            " hold one right step on top of two wrong ones."
        ),
        "C = 6ND. Days = C / (peak × 86,400). Dollars = days × 24 × price.",
        (
            "flop = 6 * n.N * n.D; days = flop / n.peak / 86400; dollars = days * 24 * n.price. For `follows`, redo"
            " each step from the invoice's own number before it."
        ),
    ),
)


# ------------------------------------------------------------------------------------------------ ch05.twofold


def _waste_cases(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    known = [
        (k, law.alpha, law.beta) for law in (published.HOFFMANN_2022, published.BESIROGLU_2024) for k in (0.5, 2.0)
    ]
    return [
        *known,
        *(
            (
                float(np.exp(rng.choice([-1, 1]) * rng.uniform(0.3, 2))),
                float(rng.uniform(0.2, 0.3)),
                float(rng.uniform(0.35, 0.5)),
            )
            for _ in range(8)
        ),
        (1.0, 0.3, 0.4),
    ]


def _waste_arrays(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    return [
        (np.array([0.25, 0.5, 1.0, 2.0, 4.0]), float(rng.uniform(0.2, 0.3)), float(rng.uniform(0.35, 0.5)))
        for _ in range(2)
    ]


def _relative_excess(k: Any, alpha: float, beta: float) -> Any:
    """Excess loss at k times the optimal size over that at the optimum, on one budget."""
    k = np.asarray(k, dtype=np.float64)
    return (beta * k**-alpha + alpha * k**beta) / (alpha + beta)


def _waste(k: Any, alpha: float, beta: float) -> Any:
    """In percent, through a law of the package at one budget (it is the same at every budget)."""
    law = ChinchillaLaw(E=0.0, A=400.0, B=1000.0, alpha=alpha, beta=beta)
    best = law.optimal(1e21)
    size = np.asarray(k, dtype=np.float64) * best.N
    return 100 * np.asarray(allocate.overhead(law, size, compute.train_tokens(1e21, size)))


def _gamma(alpha: float, beta: float) -> float:
    return alpha * beta / (alpha + beta)


_WASTE_MISTAKES = (
    Mistake(
        "percent of the excess loss",
        "This is how much higher the reducible loss is. One more step: which budget would have reached it?",
        lambda k, alpha, beta: 100 * (_relative_excess(k, alpha, beta) - 1),
    ),
    Mistake(
        "gamma for 1 / gamma",
        "The exponent is upside down: the excess falls as C^-gamma, so the budget goes as the excess to the power"
        " -1/gamma.",
        lambda k, alpha, beta: 100 * (_relative_excess(k, alpha, beta) ** _gamma(alpha, beta) - 1),
    ),
    Mistake(
        "weights exchanged",
        "The shares of the two terms are exchanged. At the optimum the model term is beta / (alpha + beta) of the"
        " excess: the faster term to fall is the smaller.",
        lambda k, alpha, beta: 100
        * (
            ((alpha * np.asarray(k) ** -alpha + beta * np.asarray(k) ** beta) / (alpha + beta))
            ** (1 / _gamma(alpha, beta))
            - 1
        ),
    ),
    Mistake(
        "alpha and beta exchanged",
        "alpha and beta have changed places, or the signs of the exponents of k have, which comes to the same. A larger"
        " model lowers the model term, to which alpha belongs, and on the same budget raises the data term.",
        lambda k, alpha, beta: _waste(k, beta, alpha),
    ),
    share_of_total(
        _waste, "This is the share of what was spent. Asked for is how much more was spent than needed."
    ),
    fraction(_waste),
    excess_forgotten(_waste, "This is the ratio of budgets in percent; subtract the 100."),
    Mistake(
        "only D",
        "On the same budget a model k times as large gets 1/k of the tokens: both terms change.",
        lambda k, alpha, beta: 100
        * (((beta + alpha * np.asarray(k) ** beta) / (alpha + beta)) ** (1 / _gamma(alpha, beta)) - 1),
    ),
    Mistake(
        "equal shares",
        "The two terms are not equally large at the optimum: alpha times the one equals beta times the other.",
        lambda k, alpha, beta: 100
        * (((np.asarray(k) ** -alpha + np.asarray(k) ** beta) / 2) ** (1 / _gamma(alpha, beta)) - 1),
    ),
)


def _basin(attempt: Attempt) -> None:
    waste = Learner(attempt, "waste", ("waste",))
    for alpha, beta in ((0.34, 0.28), (0.25, 0.5)):
        at = {k: float(waste(k, alpha, beta)[0]) for k in (0.5, 0.9, 1.0, 1.1, 2.0, 4.0)}
        if abs(at[1.0]) > 1e-9:
            raise Wrong("At k = 1 nothing is wasted: the result should be 0.", "not zero at the optimum")
        if min(at.values()) < -1e-9:
            raise Wrong("A waste is negative: no other size can be better than the best.", "negative")
        if not at[4.0] > at[2.0] > at[1.1] or not at[0.5] > at[0.9]:
            raise Wrong("The further from the best size, the more is wasted, on both sides.", "not growing")


TWOFOLD = Exercise(
    "ch05.twofold",
    "Twice too large",
    kind="stretch",
    difficulty=5,
    minutes=20,
    goal=(
        "Write `waste(k, alpha, beta)`: the budget that a model of k times the best size wastes, in percent of the"
        " compute that would have reached the same loss. Note what is *not* among the arguments, and say why."
    ),
    success="twice too large wastes between 15 and 20 percent under the published laws, at 1e19 FLOP as at 1e25.",
    answers=(Answer("waste", "your function, without parentheses"), Answer("why", '"a", "b" or "c"')),
    parts=(
        Agrees(
            "the waste",
            2,
            "waste",
            _waste_cases,
            _waste,
            ("waste",),
            ("percent",),
            (),
            _WASTE_MISTAKES,
            1e-6,
            absolute=1e-6,
        ),
        Holds("nothing at k = 1, and more the further away", 1, ("waste",), _basin),
        Agrees(
            "it takes an array of k",
            1,
            "waste",
            _waste_arrays,
            _waste,
            ("waste",),
            ("percent",),
            (),
            _WASTE_MISTAKES,
            1e-6,
            absolute=1e-6,
        ),
        Choice(
            "why it does not depend on C",
            1,
            "why",
            {
                "a": (
                    "E cancels in the *excess* loss, it is true, but the excess itself still falls with C. Why does its"
                    " *relative* change not?"
                ),
                "b": "",
                "c": (
                    "How a law was fitted does not change what it says. Look at the two terms along the line of optima."
                ),
            },
            "b",
        ),
    ),
    hints=(
        (
            "Write the excess loss L - E at k times the best size, on the same budget, as a multiple of the excess at"
            " the best size. Then ask which smaller budget has that excess at its own best size."
        ),
        (
            "At the optimum the model term is beta / (alpha + beta) of the excess, the data term alpha / (alpha +"
            " beta). k changes them by k^-alpha and k^beta. Along the optima the excess falls as C^-gamma with gamma ="
            " alpha beta / (alpha + beta)."
        ),
        (
            "r = (beta * k**-alpha + alpha * k**beta) / (alpha + beta); gamma = alpha * beta / (alpha + beta); return"
            " 100 * (r ** (1 / gamma) - 1)"
        ),
    ),
)


# ----------------------------------------------------------------------------------------------- ch05.interval


def _interval_numbers(seed: int) -> dict[str, Quantity]:
    # near the runs, at 1e22, an 80 % interval ends too close to a 95 % one to be told from it
    C = 5.76e23 if not seed else float(np.random.default_rng([seed, 509]).choice([5e24, 1e23, 3.14e23, 1e24, 3.8e25]))
    return {"C": Quantity(C, "FLOP", "the budget asked about")}


@cache
def _ratios(C: float) -> FloatArray:
    """Tokens per parameter at C under each of two thousand refits."""
    out: FloatArray = _refits().values(lambda law: law.optimal(C).tokens_per_param)
    return out


@cache
def _refits() -> Any:
    return best_fit().bootstrap(2000, seed=5)


def _ends(given: Given, low: float, high: float) -> tuple[float, float]:
    found = np.quantile(_ratios(given.C), [low, high])
    return float(found[0]), float(found[1])


def _interval_mistakes(end: int) -> tuple[Mistake, ...]:
    def median(given: Given) -> float:
        return float(np.quantile(_ratios(given.C), 0.5))

    def normal(given: Given) -> float:
        return float(_ratios(given.C).std() / np.sqrt(240))

    side = 1.96 * (2 * end - 1)
    return (
        Mistake(
            "80 % interval",
            "This end is near that of an 80 % interval, which is how the paper quotes its exponents. Asked for are"
            " 95 %, at numbers.C.",
            lambda given: _ends(given, 0.1, 0.9)[end],
        ),
        Mistake(
            "standard error",
            "This end lies close to the middle of the refits. Is it the interval of an average, divided by the root of"
            " the number of runs? Is it taken at another budget, or put together from the ends of the constants? The"
            " spread of the refits at numbers.C is itself the answer.",
            lambda given: median(given) + side * normal(given),
        ),
        Mistake("ends exchanged", "The two ends are exchanged.", lambda given: _ends(given, 0.025, 0.975)[1 - end]),
        Mistake(
            "upside down",
            "These are parameters per token: asked for are tokens per parameter.",
            lambda given: 1 / _ends(given, 0.025, 0.975)[end],
        ),
    )


INTERVAL = Exercise(
    "ch05.interval",
    "How well is twenty known?",
    kind="use",
    difficulty=3,
    minutes=7,
    given=_interval_numbers,
    seconds=15.0,
    goal=(
        "Fit the 240 runs, refit them a thousand times with resampled runs, and give the 95 % interval of the"
        " compute-optimal tokens per parameter at one budget."
    ),
    success="your interval is wide: its upper end is several times its lower one, and 20 lies inside.",
    answers=(
        Answer("low", "lower end"),
        Answer("high", "upper end"),
        Answer("rule", '"contradicted", "confirmed" or "not contradicted"'),
    ),
    parts=(
        Value(
            "lower end",
            1,
            "low",
            lambda given: _ends(given, 0.025, 0.975)[0],
            "tokens per parameter",
            0.15,
            None,
            _interval_mistakes(0),
        ),
        Value(
            "upper end",
            1,
            "high",
            lambda given: _ends(given, 0.025, 0.975)[1],
            "tokens per parameter",
            0.15,
            None,
            _interval_mistakes(1),
        ),
        Choice(
            "what the interval says about 20",
            1,
            "rule",
            {
                "contradicted": "Does 20 lie inside your interval or outside?",
                "confirmed": "20 lies inside, and so do 12 and 28. Does an interval that wide confirm any of them?",
                "not contradicted": "",
            },
            "not contradicted",
            {
                "no": "not contradicted",
                "compatible": "not contradicted",
                "refuted": "contradicted",
                "proved": "confirmed",
            },
        ),
    ),
    hints=(
        (
            "One fit gives one number. Draw the 240 runs again, with replacement, fit again, and look how the number"
            " moves: that is the bootstrap, and `fit(...)` has it built in."
        ),
        (
            "`result = fit(ChinchillaLaw, N=..., D=..., L=...)`, then `result.bootstrap(1000,"
            " seed=0).interval(quantity, 0.95)`, where quantity is a function of a law."
        ),
        (
            "low, high = result.bootstrap(1000, seed=0).interval(lambda law: law.optimal(numbers.C).tokens_per_param,"
            " 0.95)"
        ),
    ),
    prepare=lambda given: _ratios(given.C),
)


# -------------------------------------------------------------------------------------------------- ch05.sweep

_TEAMS = 60
_ROWS = 10.0 ** -np.linspace(0, 2, sweeps.BUDGETS)
#: Of the grids that keep to the law, the widest: its largest model sees one token for each parameter.
_WIDEST = _RULE


@dataclass(frozen=True)
class _Hidden(sweeps.Sweep):
    """A sweep on a surface that leaves the law below one token per parameter, as the five points left out do."""

    def losses(self, repeats: int = _TEAMS, seed: int = 0) -> FloatArray:
        ratio = compute.train_tokens(self.C, self.N) / self.N
        return np.asarray(super().losses(repeats, seed) * np.exp(0.12 * np.maximum(0.0, -np.log(ratio))))


def _sweep_numbers(seed: int) -> dict[str, Quantity]:
    budget, runs, noise = 1e20, 50, 0.4
    if seed:
        rng = np.random.default_rng([seed, 510])
        budget, noise = (float(rng.choice(values)) for values in ((5e19, 1e20, 2e20), (0.3, 0.35, 0.4)))
        runs = int(rng.choice((45, 50, 55)))
    return {
        "budget": Quantity(budget, "FLOP", "for all runs of the sweep together"),
        "runs": Quantity(runs, "runs", "your machines manage, at most"),
        "noise": Quantity(noise, "percent", "standard deviation of a loss between runs that are alike"),
        "C": Quantity(sweeps.TARGET, "FLOP", "the budget of the large run"),
    }


@cache
def _hidden_law(budget: float, runs: int, noise: float) -> ChinchillaLaw:
    """The law that the learner does not see: 12 to 35 tokens per parameter are best at the target."""
    rng = np.random.default_rng([int(budget / 1e18), runs, round(1000 * noise)])
    alpha, beta, E = rng.uniform(0.33, 0.36), rng.uniform(0.34, 0.37), rng.uniform(1.6, 1.9)
    half = sweeps.TARGET / compute.FLOP_PER_PARAM_TOKEN
    G = np.sqrt(half / rng.uniform(12, 35)) / half ** (beta / (alpha + beta))
    A = 450.0
    return ChinchillaLaw(E=E, A=A, B=float(alpha * A / (beta * G ** (alpha + beta))), alpha=alpha, beta=beta)


def _law_behind(given: Given) -> ChinchillaLaw:
    return _hidden_law(given.budget, given.runs, given.noise)


@cache
def _conclude(law: ChinchillaLaw, top: float, runs: int, width: float, noise: float) -> tuple[float, float]:
    """Ends of the 95 % range of what the teams conclude; no range where too many find no optimum."""
    found = sweeps.conclusions(_Hidden(top, runs, width, noise, law), "parametric", repeats=_TEAMS, seed=11)
    known = found[~np.isnan(found)]
    if len(known) < 0.8 * len(found):
        return 0.0, float("inf")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def dearest_top(given: Given, runs: int) -> float:
    """The top budget at which so many runs cost all there is."""
    return float(given.budget / (runs / sweeps.BUDGETS * _ROWS.sum()))


def sweep_range(given: Given, top: float, runs: int, width: float) -> tuple[float, float]:
    """What sixty teams that make this sweep conclude, in tokens per parameter."""
    return _conclude(_law_behind(given), top, runs, width, given.noise)


def _spread(given: Given, top: float, runs: int, width: float) -> float:
    low, high = sweep_range(given, top, runs, width)
    return float(np.log(high / low)) if low > 0 else float("inf")


_SWEEP_MISTAKES = {
    mistake.name: mistake
    for mistake in (
        Mistake(
            "top row alone",
            "This costs more than you have. It seems to count the top row alone: the four rows below it cost"
            " something, too.",
            lambda top, runs, width: (1.4 * top, runs, width),
        ),
        Mistake(
            "one run alone",
            "This costs more than you have. The budget is for all runs together, and not for the largest of them.",
            lambda top, runs, width: (top * runs / sweeps.BUDGETS * _ROWS.sum(), runs, width),
        ),
        Mistake(
            "over budget",
            "This costs far more than you have: add up the five rows, each with a fifth of the runs.",
            lambda top, runs, width: (1000 * top, runs, width),
        ),
        Mistake(
            "too many runs",
            "These are more runs than your machines manage.",
            lambda top, runs, width: (top / 4, 4 * runs, width),
        ),
        Mistake(
            "few runs",
            "Larger runs are not what is missing here, more of them are: look at the noise, and at how few runs"
            " share it.",
            lambda top, runs, width: (top, 15, width),
        ),
        Mistake(
            "narrow grid",
            "In every row the sizes lie close together, near the bottom of the valley. Its bottom is found from how"
            " the sides bend.",
            lambda top, runs, width: (top, runs, 3.0),
        ),
        Mistake(
            "wide grid",
            "The widest sizes of your rows mislead the fit. How many tokens does each parameter of the largest model"
            " of a row see? The chapter shows where the law ends.",
            lambda top, runs, width: (top, runs, 100.0),
        ),
    )
}


def _named(*names: str) -> tuple[Mistake, ...]:
    return tuple(_SWEEP_MISTAKES[name] for name in names)


def _sweep_wrong(name: str, now: str = "") -> Wrong:
    return Wrong(f"{_SWEEP_MISTAKES[name].message}{now}", name)


def _design(attempt: Attempt) -> tuple[float, int, float]:
    """Top budget, runs and width, if they make a sweep that can be paid."""
    top, runs, width = (number(attempt.answers[name], f"`{name}`") for name in ("top", "runs", "width"))
    given = attempt.given
    if width <= 1:
        raise Wrong("`width` is at most one: it is the largest size of a row over its smallest.", "upside down")
    if not 1e12 <= top <= 1e30 or width > 1e6:
        raise Wrong("No such sweep can be made: `top` is in FLOP, `width` is a factor.", "out of range")
    if runs % sweeps.BUDGETS or runs < 3 * sweeps.BUDGETS:
        raise Wrong("`runs` counts all five rows together: a multiple of five, with three sizes or more in each row.", "rows")
    if runs > given.runs:
        raise _sweep_wrong("too many runs")
    if top > 1.01 * dearest_top(given, int(runs)):
        alone = runs / sweeps.BUDGETS * top
        raise _sweep_wrong("top row alone" if alone <= 1.01 * given.budget else
                           "one run alone" if top <= 1.01 * given.budget else "over budget")
    return top, int(runs), width


def _can_be_paid(attempt: Attempt) -> None:
    _design(attempt)


def _holds_the_truth(attempt: Attempt) -> None:
    top, runs, width = _design(attempt)
    low, high = sweep_range(attempt.given, top, runs, width)
    if not low < _law_behind(attempt.given).optimal(sweeps.TARGET).tokens_per_param < high:
        now = " The 95 % range of the conclusions misses the truth: narrow or wide, it is worth nothing."
        raise _sweep_wrong("wide grid" if width > _WIDEST else "few runs", now)


def _narrow(limit: float) -> Any:
    """The range is at most so many times that of the best design, in logarithms."""

    def test(attempt: Attempt) -> None:
        _holds_the_truth(attempt)
        top, runs, width = _design(attempt)
        given = attempt.given
        now = _spread(given, top, runs, width)
        best = _spread(given, dearest_top(given, given.runs), given.runs, _WIDEST)
        factor = f" As it is, the ends of the 95 % range are a factor of {np.exp(now):.2g} apart."
        if now > limit * best:
            if width > 1.5 * _WIDEST:
                raise _sweep_wrong("wide grid", factor)
            cheap = min(top, dearest_top(given, given.runs))
            if _spread(given, dearest_top(given, runs), runs, width) <= limit * best:
                raise Wrong("Number and widths would do, but the runs are so small that it shows: the same sweep with a dearer"
                            f" top row does better.{factor}", "tiny runs")
            more, wider = _spread(given, cheap, given.runs, width), _spread(given, top, runs, _WIDEST)
            raise _sweep_wrong("few runs" if more < wider else "narrow grid", factor)
        if limit == _NEAR:
            low, high = sweep_range(given, top, runs, width)
            true = _law_behind(given).optimal(sweeps.TARGET).tokens_per_param
            attempt.note(
                f"Sixty teams conclude between {low:.2g} and {high:.2g} tokens per parameter; the hidden law says"
                f" {true:.3g}."
            )

    return test


#: Times the narrowest range, in logarithms.
_NEAR, _MEDIOCRE = 1.15, 1.5
_SWEEP = ("top", "runs", "width")
SWEEP = Exercise(
    "ch05.sweep",
    "Spend your own sweep",
    kind="stretch",
    difficulty=4,
    minutes=18,
    given=_sweep_numbers,
    seconds=20.0,
    goal=(
        "Design the sweep that tells most about the best number of tokens per parameter of a large run, within a"
        " budget and a number of runs. Sixty teams make it on a surface that you do not see, each with its own luck,"
        " and fit the law. A range of conclusions that misses the truth earns nothing, however narrow."
    ),
    success="the 95 % range of the sixty conclusions holds the truth, and its ends are about a factor of two apart.",
    answers=(
        Answer("top", "FLOP of a run in the top row"),
        Answer("runs", "runs in all, the same number in each of five rows"),
        Answer("width", "largest over smallest size in a row"),
        Answer("a_tenth", '"much wider", "about as wide" or "much narrower"'),
    ),
    parts=(
        Holds("the sweep can be paid", 1, _SWEEP, _can_be_paid,
              _named("top row alone", "one run alone", "over budget", "too many runs")),
        Holds("its range holds the truth", 1, _SWEEP, _holds_the_truth),
        Holds("and is not much wider than it must be", 1, _SWEEP, _narrow(_MEDIOCRE),
              _named("narrow grid", "wide grid")),
        Holds("and is about as narrow as can be", 1, _SWEEP, _narrow(_NEAR),
              _named("few runs", "narrow grid", "wide grid")),
        Choice(
            "the same runs and grid, every row a tenth as dear",
            1,
            "a_tenth",
            {
                "much wider": (
                    "Try it: divide `top` by ten, and look at the range on the card. What was the budget buying?"
                ),
                "about as wide": "",
                "much narrower": (
                    "Smaller runs are further from the floor, which helps, and from the target, which does not. Divide"
                    " `top` by ten, and look at the range on the card."
                ),
            },
            "about as wide",
            {"the same": "about as wide", "wider": "much wider", "narrower": "much narrower"},
        ),
    ),
    hints=(
        (
            "Three things can be bought: larger runs, more runs, a wider grid. Move the explorer's sliders one at a"
            " time, and see which of them narrows the range. Then remember the five points that the chapter left out."
        ),
        (
            "A row costs runs / 5 times its budget; the five budgets go from top / 100 to top, evenly in the"
            " logarithm. A row is centred on 20 tokens per parameter, so its largest model sees 20 / width of them: N"
            " grows by the root of the width, and D shrinks by it. Below one token per parameter the law does not"
            " hold."
        ),
        (
            "runs = numbers.runs; width = 20 / 1; rows = 10 ** -np.linspace(0, 2, 5); top = numbers.budget / (runs / 5"
            " * rows.sum()). Then divide top by ten and check again."
        ),
    ),
    prepare=lambda given: _spread(given, dearest_top(given, given.runs), given.runs, _WIDEST),
)


EXERCISES = (OPTIMUM, RULE, VALLEY, OBJECTIVE, BY_HAND, OPTIONS, INVOICE, TWOFOLD, INTERVAL, SWEEP)
