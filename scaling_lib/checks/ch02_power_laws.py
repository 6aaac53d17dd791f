"""The exercises of chapter 2: what each asks, what is judged, and the mistakes that are known by name.

The mathematics is `scaling_lib`'s own; a mistake is that mathematics with the error built in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from .. import laws, published
from .._validate import FloatArray
from ..fitting import StraightLine, fit, straight_line
from ..laws import PowerLaw
from ._mistakes import changed, forgotten, fraction, times, upside_down
from ._model import Answer, Attempt, Exercise, Given, Mistake, Quantity, Wrong
from ._parts import Agrees, Choice, Holds, Value, Verdicts
from ._values import Learner

__all__ = ["EXERCISES", "FLOORS"]

Curve = tuple[FloatArray, FloatArray]
RULES = ("non_embedding_with_head", "with_head_and_attention", "non_embedding_no_head")
#: Floors that the last exercise lets a line choose from, nats.
FLOORS = np.round(np.arange(0.0, 3.25, 0.1), 1)
_FAR = published.HOFFMANN_2022_BUDGET


@cache
def sweep(rule: str) -> Curve:
    """Budgets and lowest losses of the tuned sweep under one counting rule."""
    from .. import datasets

    table: Any = datasets.load("kaplan_vs_chinchilla_optima")
    rows = table[(table.hyperparameters == "tuned") & (table.param_count_rule == rule)].dropna(subset=["opt_loss_nats"])
    return rows.flops.to_numpy(np.float64), rows.opt_loss_nats.to_numpy(np.float64)


#: Counting rule and budgets kept: those where neither law hits the largest budget by luck.
_CUTS = ((RULES[0], 7), (RULES[0], 6), (RULES[0], 5), (RULES[1], 6), (RULES[1], 5))


def _sweep_numbers(seed: int, name: int) -> dict[str, Quantity]:
    rule, kept = _CUTS[np.random.default_rng([seed, name]).integers(len(_CUTS)) if seed else 0]
    return {
        "rule": Quantity(rule, "", "param_count_rule of the sweep"),
        "kept": Quantity(kept, "budgets", "how many of the smallest budgets are fitted"),
    }


@cache
def _line(rule: str, kept: int) -> StraightLine:
    C, L = sweep(rule)
    return straight_line(C[:kept], L[:kept])


@cache
def _floored(rule: str, kept: int) -> PowerLaw:
    C, L = sweep(rule)
    return fit(PowerLaw, x=C[:kept], L=L[:kept], delta=1.0).law


# ---------------------------------------------------------------------------------------------------- ch02.line


def _points(rng: np.random.Generator, n: int, E: float) -> tuple[FloatArray, FloatArray, float]:
    x = np.sort(10 ** rng.uniform(2, 7, n))
    y = E + 10 ** rng.uniform(0.3, 1.0) * x ** -rng.uniform(0.08, 0.3) * np.exp(rng.normal(0, 0.02, n))
    return x, y, E


def _tables(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    out = [_points(rng, int(rng.integers(5, 13)), float(E)) for E in (0.6, 1.4, 1.9, 2.5)]
    x, y, E = out[-1]
    order = rng.permutation(len(x))
    wide = np.geomspace(1e16, 1e26, 6)
    return [*out, (x[order], y[order], E), (wide, 1.7 + 90 * wide**-0.1 * np.exp(rng.normal(0, 0.01, 6)), 1.7)]


def _fitted(x: FloatArray, y: FloatArray, E: float) -> tuple[float, float]:
    law = straight_line(x, y, floor=E).law
    return law.A, law.alpha


def _plain_fit(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    slope, height = np.polyfit(x, y, 1)
    return float(height), float(-slope)


def _ends(x: FloatArray, y: FloatArray, E: float) -> tuple[float, float]:
    alpha = -float(np.log((y[-1] - E) / (y[0] - E)) / np.log(x[-1] / x[0]))
    return float((y[0] - E) * x[0] ** alpha), alpha


def _decimal(x: FloatArray, y: FloatArray, E: float) -> tuple[float, float]:
    A, alpha = _fitted(x, y, E)
    return float(np.exp(np.log10(A))), alpha


def _other_way(x: FloatArray, y: FloatArray, E: float) -> tuple[float, float]:
    """A regression of log x on log(y - E), solved for y."""
    back = straight_line(y - E, x).law
    return float(back.A ** (1 / back.alpha)), 1 / back.alpha


_LINE_MISTAKES = (
    forgotten(_fitted, "E", 0.0, "The floor is not taken off: what is straight on log-log paper is y - E."),
    Mistake(
        "E after the logarithm",
        "The floor is subtracted from log y. It belongs inside: log(y - E).",
        lambda x, y, E: (_fitted(x, y, 0.0)[0] * float(np.exp(-E)), _fitted(x, y, 0.0)[1]),
    ),
    Mistake(
        "log A",
        "A is still a logarithm: the intercept of the line is log A. Undo it with np.exp.",
        lambda x, y, E: (float(np.log(_fitted(x, y, E)[0])), _fitted(x, y, E)[1]),
    ),
    Mistake(
        "log10 undone with exp",
        "A comes from log10 but is undone with np.exp: use one logarithm throughout.",
        _decimal,
    ),
    Mistake(
        "x and y exchanged",
        "x and y are exchanged: log(y - E) is explained by log x, and not the other way round.",
        lambda x, y, E: (straight_line(y - E, x).law.A, straight_line(y - E, x).law.alpha),
    ),
    Mistake(
        "regressed the other way",
        "Solved for log x and turned round. Least squares does not commute: minimise the residuals of log(y - E).",
        _other_way,
    ),
    Mistake(
        "no logarithms",
        "This is a straight line through x and y themselves: take the logarithm of both first.",
        lambda x, y, E: _plain_fit(x, y - E),
    ),
    Mistake(
        "only x in logarithms",
        "Only x is a logarithm here. A power law is straight when y - E is one too.",
        lambda x, y, E: _plain_fit(np.log(x), y - E),
    ),
    Mistake(
        "first and last point",
        "This is the line through the first and the last point: it throws the others away.",
        _ends,
    ),
)


def _recovers(attempt: Attempt) -> None:
    function = Learner(attempt, "power_line", ("A", "alpha"), reduces=True)
    for E, A, alpha in ((0.0, 5.0, 0.05), (1.69, 90.0, 0.1), (1.0, 300.0, 0.34)):
        x = np.geomspace(1e8, 1e12, 5)
        got_A, got_alpha = (float(value) for value in function(x, E + A * x**-alpha, E))
        if got_alpha < 0:
            raise Wrong("alpha is negative for a curve that falls: it is minus the slope.", "sign")
        if abs(got_alpha / alpha - 1) > 1e-5 or abs(got_A / A - 1) > 1e-4:
            raise Wrong(
                f"For points that lie exactly on a power law with E = {E:g} the constants do not come back.", "not exact"
            )


LINE = Exercise(
    "ch02.line",
    "A line above a floor",
    kind="implement",
    difficulty=2,
    minutes=10,
    goal=(
        "Write `power_line(x, y, E)`, which returns A and alpha of $y = E + A\\,x^{-\\alpha}$ by least squares in the"
        " logarithms, for a floor E that is given (0 for none)."
    ),
    success=(
        "through the seven smallest budgets of the chapter's sweep your exponent nearly doubles when the floor goes from"
        " 0 to 1.8."
    ),
    answers=(Answer("power_line", "your function, without parentheses"),),
    parts=(
        Agrees(
            "alpha is minus the slope", 1, "power_line", _tables, _fitted, ("A", "alpha"), ("", ""), ("alpha",),
            tuple(mistake for mistake in _LINE_MISTAKES if not mistake.name.startswith("log")), 1e-5, True,
        ),
        Agrees(
            "A is the excess at x = 1", 1, "power_line", _tables, _fitted, ("A", "alpha"), ("", ""), ("A",),
            _LINE_MISTAKES, 1e-4, True,
        ),
        Holds("an exact power law is found again", 1, ("power_line",), _recovers),
    ),
    hints=(
        "Subtract the floor, take logarithms of both columns, and a power law is a straight line. Which number is its slope?",
        "log(y - E) = log A - alpha log x. np.polyfit(u, v, 1) returns slope and intercept of v against u.",
        "slope, height = np.polyfit(np.log(x), np.log(y - E), 1); return np.exp(height), -slope",
    ),
)


# --------------------------------------------------------------------------------------------------- ch02.ahead


def _top(given: Given) -> float:
    return float(sweep(given.rule)[0][-1])


def _measured(given: Given) -> float:
    return float(sweep(given.rule)[1][-1])


def _by_line(given: Given) -> float:
    return float(_line(given.rule, given.kept).law(_top(given)))


def _by_floor(given: Given) -> float:
    return float(_floored(given.rule, given.kept)(_top(given)))


def _misses(given: Given) -> FloatArray:
    return np.array([100 * (_measured(given) / said - 1) for said in (_by_line(given), _by_floor(given))])


def _next_budget(law: Callable[[str, int], Any]) -> Callable[[Given], float]:
    return lambda given: float(law(given.rule, given.kept)(sweep(given.rule)[0][given.kept]))


def _with_all(given: Given) -> float:
    return float(_line(given.rule, len(sweep(given.rule)[0])).law(_top(given)))


AHEAD = Exercise(
    "ch02.ahead",
    "What the large budgets said",
    kind="use",
    difficulty=2,
    minutes=12,
    given=lambda seed: _sweep_numbers(seed, 201),
    goal=(
        "Fit the smallest budgets with and without a floor, predict the loss at the largest budget of the table, and look"
        " how far each prediction missed."
    ),
    success="the line without a floor is the further off, and it is off on the optimistic side.",
    answers=(
        Answer("by_line", "the straight line's prediction, nats"),
        Answer("by_floor", "the prediction of the law with a fitted floor, nats"),
        Answer("misses", "how far the measured loss lies above each prediction, percent of the prediction"),
        Answer("claim", '"the same error", "a little more" or "not tested"'),
    ),
    parts=(
        Value(
            "the straight line", 1, "by_line", _by_line, "nats", 0.003, None,
            (
                Mistake("the floor's", "This is what the law with a floor says.", _by_floor),
                Mistake("measured", "This is what was measured. What did the line say?", _measured),
                Mistake("nothing held back", "This line has seen all budgets: fit `numbers.kept` of them.",
                        _with_all),
                Mistake("next budget", "This is the prediction for the next budget, not for the largest.",
                        _next_budget(lambda rule, kept: _line(rule, kept).law)),
                Mistake("too far", "This is the prediction at Gopher's budget. The largest budget of the table is nearer.",
                        lambda given: float(_line(given.rule, given.kept).law(_FAR))),
            ),
        ),
        Value(
            "the law with a floor", 1, "by_floor", _by_floor, "nats", 0.003, None,
            (
                Mistake("the line's", "This is what the straight line says: let the fit choose E.", _by_line),
                Mistake("measured", "This is what was measured, or what a law says that has seen all budgets: fit `numbers.kept` of them.",
                        _measured),
                Mistake("the floor itself", "This is E, the floor. At the largest budget the law is above it.",
                        lambda given: _floored(given.rule, given.kept).E),
                Mistake("the excess", "This is the excess over the floor: add E.",
                        lambda given: _by_floor(given) - _floored(given.rule, given.kept).E),
                Mistake("next budget", "This is the prediction for the next budget, not for the largest.", _next_budget(_floored)),
            ),
        ),
        Value(
            "how far they missed", 2, "misses", _misses, "percent", 0.1, lambda given: ("the line", "the law with a floor"),
            (
                changed(_misses, "predicted over measured",
                        "The sign is the other way round: above zero means that the measured loss was *higher*.", lambda value: -value),
                fraction(_misses),
                Mistake("nats", "These are nats. Asked for are percent of the prediction.",
                        lambda given: np.array([_measured(given) - said for said in (_by_line(given), _by_floor(given))])),
                changed(_misses, "exchanged", "The two entries are exchanged: the line comes first.", lambda value: value[::-1]),
            ),
        ),
        Choice(
            "what that allows you to say at 5.76e23 FLOP", 1, "claim",
            {
                "the same error": "The error was measured within the table. 5.76e23 FLOP lie thousands of times beyond it.",
                "a little more": "Look how the error of the line grew from budget to budget. Who says how much more is a little?",
                "not tested": "",
            },
            lambda given: "not tested",
            {"nothing": "not tested", "nothing was tested there": "not tested", "untested": "not tested"},
        ),
    ),
    hints=(
        "Keep the first `numbers.kept` rows for the fits, and ask both laws about the last row, which they have not seen.",
        "`straight_line(C[:k], L[:k]).law` and `fit(PowerLaw, x=C[:k], L=L[:k], delta=1.0).law` are functions of the budget."
        " A miss is 100 (measured / predicted - 1).",
        "by_line = straight_line(C[:k], L[:k]).law(C[-1]); by_floor = fit(PowerLaw, x=C[:k], L=L[:k], delta=1.0).law(C[-1]);"
        " misses = [100 * (L[-1] / said - 1) for said in (by_line, by_floor)]",
    ),
    prepare=lambda given: (_by_line(given), _by_floor(given)),
)


# --------------------------------------------------------------------------------------------------- ch02.tenth


def _tenth_numbers(seed: int) -> dict[str, Quantity]:
    ratio, alpha, start, E, gamma = 10.0, 0.05, 3.5, 1.8, 0.18
    if seed:
        rng = np.random.default_rng([seed, 203])
        ratio, alpha = float(rng.choice([2.5, 3, 4, 5, 8])), float(rng.choice([0.05, 0.054, 0.057, 0.06, 0.07]))
        start, E = float(rng.choice([3.2, 3.4, 3.6, 3.8])), float(rng.choice([1.6, 1.7, 1.8, 1.9]))
        gamma = float(rng.choice([0.15, 0.16, 0.18, 0.2]))
    goal = round(E + 0.3 * (start - E), 2)
    targets = (goal, round(E + 0.05, 2), round(E - 0.1, 2), round(start / ratio, 2))
    return {
        "ratio": Quantity(ratio, "", "by what the claim divides the loss"),
        "alpha": Quantity(alpha, "", "exponent of the pure power law"),
        "start": Quantity(start, "nats", "the loss today"),
        "E": Quantity(E, "nats", "floor of the other law"),
        "gamma": Quantity(gamma, "", "exponent of the other law"),
        "goal": Quantity(goal, "nats", "a loss to reach"),
        "targets": Quantity(targets, "nats", "four losses: which can be reached?"),
    }


def _pure_times(given: Given) -> float:
    return float(laws.compute_multiplier(given.ratio, exponent=given.alpha))


def _needed(given: Given) -> float:
    return float(laws.compute_multiplier((given.start - given.E) / (given.goal - given.E), exponent=given.gamma))


TENTH = Exercise(
    "ch02.tenth",
    "A tenth of the loss",
    kind="judge",
    difficulty=2,
    minutes=10,
    given=_tenth_numbers,
    goal=(
        'Take "dividing the loss by ten needs 10^20 times the compute" apart: what a pure power law says, what a law with a'
        " floor says, and what the claim is worth."
    ),
    success="you can say which losses no compute reaches, and how much compute a sensible goal takes.",
    answers=(
        Answer("times", "compute factor of the pure power law for the claim's ratio"),
        Answer("reachable", "four times True or False: can the law with a floor reach this target?"),
        Answer("needed", "compute factor from `start` to `goal`, by the law with a floor"),
        Answer("verdict", '"right", "the arithmetic only" or "wrong arithmetic"'),
    ),
    parts=(
        Value(
            "what a pure power law needs", 1, "times", _pure_times, "times", 0.03, None,
            (
                Mistake("exponent not inverted", "L falls as C^-alpha, so C goes as L to the power -1/alpha: the exponent is upside"
                        " down.", lambda given: given.ratio**given.alpha),
                Mistake("divided by alpha", "The ratio is divided by alpha. It has to be *raised to* 1 / alpha.",
                        lambda given: given.ratio / given.alpha),
                Mistake("the power of ten", "This is the exponent of ten. Asked for is the factor itself.",
                        lambda given: float(np.log10(_pure_times(given)))),
                Mistake("e for the ratio", "This is e to the power 1 / alpha. Which number is raised to it?",
                        lambda given: float(np.exp(1 / given.alpha))),
            ),
        ),
        Verdicts(
            "which targets can be reached", 1, "reachable", lambda given: [target > given.E for target in given.targets],
            ("The goal", "Just above the floor", "Just below the floor", "The claim's own target"),
            (
                "compare it with E: the law comes as near to E as you can pay for.",
                "it is above E, if only just; a very large budget is still a budget.",
                "A C^-gamma is never negative, so L is never below E.",
                "divide the loss of today by the ratio, and set the result beside E.",
            ),
        ),
        Value(
            "what the goal needs", 2, "needed", _needed, "times", 0.03, None,
            (
                Mistake("floor ignored", "This divides the losses themselves. What falls as a power is the excess, L - E.",
                        lambda given: (given.start / given.goal) ** (1 / given.gamma)),
                Mistake("the other exponent", "The exponent is that of the pure power law: this law has gamma.",
                        lambda given: ((given.start - given.E) / (given.goal - given.E)) ** (1 / given.alpha)),
                Mistake("exponent not inverted", "The exponent is upside down: the compute goes as the excess to the power -1/gamma.",
                        lambda given: ((given.start - given.E) / (given.goal - given.E)) ** given.gamma),
                upside_down(_needed, "A factor below 1: a lower loss needs more compute, not less."),
                Mistake("ratio of the excesses", "This is the ratio of the excesses. Which power of it is the compute?",
                        lambda given: (given.start - given.E) / (given.goal - given.E)),
            ),
        ),
        Choice(
            "the claim", 1, "verdict",
            {
                "right": "The factor is right, but set its target beside a floor; and a line seen over a few decades is drawn on over"
                " twenty.",
                "the arithmetic only": "",
                "wrong arithmetic": "Recompute ten to the power 1 / 0.05. What is wrong comes after.",
            },
            lambda given: "the arithmetic only",
            {"arithmetic only": "the arithmetic only", "holds": "right", "true": "right"},
        ),
    ),
    hints=(
        "Two laws, one question. Without a floor the loss itself is divided; with one, only what is above the floor can be.",
        "Pure: times = ratio^(1/alpha). With a floor: (start - E) / (goal - E), raised to 1/gamma; nothing below E is reached.",
        "times = n.ratio ** (1 / n.alpha); reachable = [t > n.E for t in n.targets]; needed = ((n.start - n.E) / (n.goal - n.E))"
        " ** (1 / n.gamma)",
    ),
)


# ------------------------------------------------------------------------------------------------- ch02.weights


@cache
def sizes() -> Curve:
    """Budgets and best sizes that the explorer shows."""
    from ..explorers._drag_a_point import sizes as shown

    return shown()


def _weight_numbers(seed: int) -> dict[str, Quantity]:
    points, factor = (1, 9, 12), 2.0
    if seed:
        rng = np.random.default_rng([seed, 204])
        points = (int(rng.integers(1, 4)), int(rng.integers(8, 11)), int(rng.integers(11, 13)))
        factor = float(rng.choice([2.0, 4.0, 0.5, 0.25]))
    return {
        "points": Quantity(points, "", "which points are moved, one at a time"),
        "factor": Quantity(factor, "", "by what each is multiplied"),
    }


def _weights(given: Given) -> FloatArray:
    return np.asarray(straight_line(*sizes()).weights(_FAR)[np.array(given.points) - 1])


def _far(given: Given) -> float:
    return float(straight_line(*sizes()).law(_FAR))


def _moved(given: Given) -> FloatArray:
    return np.asarray(_far(given) * given.factor ** _weights(given))


def _both(given: Given) -> float:
    first, _, last = _weights(given)
    return float(_far(given) * given.factor ** (first + last))


def _names(given: Given) -> list[str]:
    return [f"point {k}" for k in given.points]


WEIGHTS = Exercise(
    "ch02.weights",
    "What one point weighs",
    kind="move",
    difficulty=3,
    minutes=12,
    given=_weight_numbers,
    goal=(
        "Move three points of the explorer, one at a time, and read off what the line then says at 5.76e23 FLOP. From that, find the"
        " weight of each point, and predict what happens when two are moved at once."
    ),
    success="the first point's weight is negative, and two moves combine by multiplying.",
    answers=(
        Answer("moved", "the prediction with each point moved, parameters"),
        Answer("weights", "the weight of each of the three points far out"),
        Answer("both", "the prediction with the first and the last of them moved together, parameters"),
        Answer("repeat", '"the first", "a middle one" or "the last": which run deserves a second seed'),
    ),
    parts=(
        Value(
            "what the line says", 1, "moved", _moved, "parameters", 0.03, _names,
            (
                Mistake("not moved", "This is the prediction with every point where it was measured.", lambda given: np.full(3, _far(given))),
                Mistake("the other direction", "The points are moved the other way: `numbers.factor` says up or down.",
                        lambda given: _far(given) * given.factor ** -_weights(given)),
                Mistake("moved one after the other", "A point was not put back before the next was moved.",
                        lambda given: _far(given) * given.factor ** np.cumsum(_weights(given))),
            ),
        ),
        Value(
            "the weights", 2, "weights", _weights, "", 0.08, _names,
            (
                Mistake("ratio", "These are ratios of predictions. If a point times f multiplies the prediction by f^h, what is h?",
                        lambda given: given.factor ** _weights(given)),
                Mistake("log without its base", "The logarithm of the ratio is not yet the weight: divide it by the logarithm of the"
                        " factor.", lambda given: _weights(given) * np.log(given.factor)),
                Mistake("log10 without its base", "The decimal logarithm of the ratio is not yet the weight: divide it by that of the"
                        " factor.", lambda given: _weights(given) * np.log10(given.factor)),
                Mistake("change in percent of the factor", "A weight acts in the logarithm: the prediction is multiplied by f^h, not"
                        " changed by h (f - 1).", lambda given: (given.factor ** _weights(given) - 1) / (given.factor - 1)),
                Mistake("size", "The size is right, but a weight may be negative: did the prediction rise or fall?",
                        lambda given: np.abs(_weights(given))),
                Mistake("equal weights", "One twelfth each would be the weights of a mean. Those of a line depend on where one asks.",
                        lambda given: np.full(3, 1 / 12)),
            ),
        ),
        Value(
            "two at once", 1, "both", _both, "parameters", 0.03, None,
            (
                Mistake("added", "The two changes are added. They act on the logarithm: factors multiply.",
                        lambda given: _moved(given)[0] + _moved(given)[2] - _far(given)),
                Mistake("multiplied predictions", "The predictions are multiplied. Multiply what each move multiplies the prediction"
                        " *by*.", lambda given: _moved(given)[0] * _moved(given)[2]),
                Mistake("only the last", "Only the last point is moved here.", lambda given: _moved(given)[2]),
                Mistake("only the first", "Only the first point is moved here.", lambda given: _moved(given)[0]),
                Mistake("mean", "This is the mean of the two predictions: weights add, they are not averaged.",
                        lambda given: (_moved(given)[0] + _moved(given)[2]) / 2),
            ),
        ),
        Choice(
            "which run to repeat", 1, "repeat",
            {
                "the first": "Its weight is large too, but another has a larger one.",
                "a middle one": "Move one in the middle by the same factor and look at the far end of the line.",
                "the last": "",
            },
            lambda given: "the last",
            {"last": "the last", "first": "the first", "middle": "a middle one", "12": "the last", "1": "the first"},
        ),
    ),
    hints=(
        "Move one point, read the prediction, and put the point back (factor 1) before you move the next.",
        "The prediction is multiplied by factor^h, where h is the weight. So h = log(after / before) / log(factor), and for two"
        " points the weights add.",
        "weights = np.log(np.array(moved) / before) / np.log(numbers.factor); both = before * numbers.factor ** (weights[0] +"
        " weights[2])",
    ),
)


# -------------------------------------------------------------------------------------------------- ch02.report


def _report_line(given: Given) -> StraightLine:
    return _line(given.rule, given.kept)


def _r2(given: Given) -> float:
    return _report_line(given).r_squared


def _scatter(given: Given) -> float:
    return 100 * _report_line(given).scatter


def _error(given: Given) -> float:
    return float(100 * np.log(_measured(given) / _by_line(given)))


def _r2_of_floor(given: Given) -> float:
    C, _ = sweep(given.rule)
    return straight_line(C[: given.kept], _floored(given.rule, given.kept)(C[: given.kept])).r_squared


def _r(given: Given, log_x: bool = True, log_y: bool = True, power: int = 2) -> float:
    C, L = (column[: given.kept] for column in sweep(given.rule))
    return float(abs(np.corrcoef(np.log(C) if log_x else C, np.log(L) if log_y else L)[0, 1]) ** power)


REPORT = Exercise(
    "ch02.report",
    "The report with the high R²",
    kind="find the error",
    difficulty=3,
    minutes=11,
    given=lambda seed: _sweep_numbers(seed, 205),
    goal="A report reasons from R² to the accuracy of a forecast. Compute its numbers, and find the steps that do not follow.",
    success="the forecast is off by many times the scatter, though R² was above 0.998.",
    answers=(
        Answer("r2", "R² of the straight line through the budgets kept, in the logarithms"),
        Answer("scatter", "its scatter in percent (`line.scatter`, with n - 2)"),
        Answer("error", "100 log(measured / predicted) at the largest budget"),
        Answer("times", "the error in units of the scatter"),
        Answer("r2_curve", "R² of a straight line through the *fitted law with a floor*, without any noise"),
        Answer("follows", "a list: three times True or False"),
    ),
    parts=(
        Value(
            "R²", 1, "r2", _r2, "", 1e-4, None,
            (
                Mistake("r", "This is the correlation r. R² is its square.", lambda given: _r(given, power=1)),
                Mistake("no logarithms", "This R² is that of a line through C and L themselves.", lambda given: _r(given, False, False)),
                Mistake("unexplained", "This is the share that is *not* explained: 1 - R².", lambda given: 1 - _r2(given)),
            ),
        ),
        Value(
            "the scatter", 1, "scatter", _scatter, "percent", 0.04, None,
            (
                Mistake("n", "This divides by n. Two constants were fitted, so n - 2 are left to measure the scatter.",
                        lambda given: _scatter(given) * np.sqrt((given.kept - 2) / given.kept)),
                Mistake("from R²", "This is 1 - R² in percent: a share of a variance, not a distance from the line.",
                        lambda given: 100 * (1 - _r2(given))),
                fraction(_scatter),
            ),
        ),
        Value(
            "the error of the forecast", 1, "error", _error, "percent", 0.05, None,
            (
                fraction(_error),
                Mistake("the next budget", "This is the error at the next budget, not at the largest.",
                        lambda given: float(100 * np.log(sweep(given.rule)[1][given.kept]
                                                         / _report_line(given).law(sweep(given.rule)[0][given.kept])))),
                Mistake("the law with a floor", "This is the error of the law with a floor: the report drew a straight line.",
                        lambda given: float(100 * np.log(_measured(given) / _by_floor(given)))),
            ),
        ),
        Value(
            "in units of the scatter", 1, "times", lambda given: _error(given) / _scatter(given), "", 0.08, None,
            (
                upside_down(lambda given: _error(given) / _scatter(given), "Upside down: how many scatters make the error?"),
                times(lambda given: _error(given) / _scatter(given), 0.01, "percent of percent",
                      "One of the two is in percent and the other is not."),
            ),
        ),
        Value(
            "R² of a curve that is no line", 1, "r2_curve", _r2_of_floor, "", 1e-4, None,
            (
                Mistake("the law on itself", "This is 1: a law explains its own values. Asked for is a *straight line* through them.",
                        lambda given: 1.0),
                Mistake("r", "This is the correlation r. R² is its square.", lambda given: float(np.sqrt(_r2_of_floor(given)))),
            ),
        ),
        Verdicts(
            "which step follows", 1, "follows", lambda given: (True, False, False),
            (
                "The residuals are small compared with the fall of the loss",
                "So the points follow a straight line",
                "So the forecast is good to about the scatter",
            ),
            (
                "R² is one minus exactly that comparison, squared and averaged.",
                "look at r2_curve: what R² has a curve that is no line?",
                "compare with `times`: what was the error, in units of the scatter?",
            ),
        ),
    ),
    hints=(
        "Take the report's steps one at a time, and ask of each: what would I have to see for it to be wrong?",
        "`line = straight_line(C[:k], L[:k])` has `.r_squared`, `.scatter` and `.law`. For r2_curve replace L[:k] by what the fitted"
        " law with a floor says at C[:k].",
        "r2 = line.r_squared; scatter = 100 * line.scatter; error = 100 * np.log(L[-1] / line.law(C[-1])); r2_curve ="
        " straight_line(C[:k], fit(PowerLaw, x=C[:k], L=L[:k], delta=1.0).law(C[:k])).r_squared",
    ),
    prepare=lambda given: (_r2_of_floor(given), _by_floor(given)),
)


# --------------------------------------------------------------------------------------------------- ch02.range


def _away(line: StraightLine, C: FloatArray, L: FloatArray) -> float:
    """Root mean square of the log residuals of points about a line."""
    return float(np.sqrt((np.log(L / line.law(C)) ** 2).mean()))


@cache
def _compared(*columns: tuple[float, ...]) -> list[tuple[tuple[float, float], ...]]:
    """For each number of budgets kept: how far the best line above a floor, and the straight line, miss the budgets that were
    fitted, all that were held back, and the next one."""
    C, L, floors = (np.array(column) for column in columns)
    out = []
    for k in range(4, len(C)):
        lines = [straight_line(C[:k], L[:k], floor=float(E)) for E in floors if E < L[:k].min()]
        best = min(lines, key=lambda line: _away(line, C[:k], L[:k]))
        out.append(
            tuple(
                (_away(best, C[rows], L[rows]), _away(lines[0], C[rows], L[rows]))
                for rows in (slice(0, k), slice(k, None), slice(k, k + 1))
            )
        )
    return out


def _wins(C: FloatArray, L: FloatArray, floors: FloatArray, *, judged: int = 1) -> list[bool]:
    """For each number of budgets kept, from four: does the floor win on the fitted (0), the later (1), the next budget (2)?"""
    rows = _compared(*(tuple(column.tolist()) for column in (C, L, floors)))
    return [row[judged][0] < row[judged][1] for row in rows]


def _from_then_on(won: Sequence[bool], n: int) -> int:
    lost = [i for i, each in enumerate(won) if not each]
    first = 4 + (lost[-1] + 1 if lost else 0)
    return first if first < n else 0


def _smallest(C: FloatArray, L: FloatArray, floors: FloatArray) -> int:
    return _from_then_on(_wins(C, L, floors), len(C))


def _first(C: FloatArray, L: FloatArray, floors: FloatArray) -> int:
    won = _wins(C, L, floors)
    return 4 + won.index(True) if any(won) else 0


@cache
def _found() -> tuple[int, ...]:
    return tuple(_smallest(*sweep(rule), FLOORS) for rule in RULES)


def _ranges(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """The three real sweeps, a clean law with a floor, and a straight line with noise that ends on the line."""
    floors, C = np.round(np.arange(0.0, 2.01, 0.25), 2), np.geomspace(1e16, 1e20, 8)
    curve = 1.5 + 60 * C**-0.1
    noisy = curve * np.exp(rng.normal(0, 0.004, 8))
    pure = 30 * C**-0.05 * np.exp(rng.normal(0, 0.003, 8))
    return [*((*sweep(rule), FLOORS) for rule in RULES), (C, curve, floors), (C, noisy, floors), (C, pure, floors)]


_RANGE_MISTAKES = (
    Mistake(
        "the first win",
        "This is the first k at which the floor wins. It loses again later: asked for is the k from which on it always wins.",
        _first,
    ),
    Mistake(
        "judged on the fitted points",
        "The two lines are compared on the points they were fitted to, where more freedom always wins. Compare them on the rest.",
        lambda C, L, floors: _from_then_on(_wins(C, L, floors, judged=0), len(C)),
    ),
    Mistake(
        "judged on the next budget",
        "Only the next budget is predicted. Take all that are held back.",
        lambda C, L, floors: _from_then_on(_wins(C, L, floors, judged=2), len(C)),
    ),
    Mistake(
        "one too few",
        "One too few everywhere: this is the last k at which the floor loses, or k is counted from 0.",
        lambda C, L, floors: max(_smallest(C, L, floors) - 1, 0),
    ),
    Mistake(
        "held back counted",
        "This is how many budgets are held back. Asked for is how many are kept.",
        lambda C, L, floors: len(C) - _smallest(C, L, floors) if _smallest(C, L, floors) else 0,
    ),
    Mistake(
        "always four",
        "This is the least that is tried, whatever the data. Does the floor win from there on, every time?",
        lambda C, L, floors: 4,
    ),
)


RANGE = Exercise(
    "ch02.range",
    "How much must you have seen?",
    kind="stretch",
    difficulty=4,
    minutes=20,
    seconds=20.0,
    goal=(
        "Write `smallest_range(C, L, floors)`: the smallest number k of budgets, at least 4, from which on the line above the best"
        " floor predicts all the larger budgets better than the straight line, for that k and every larger one. Return 0 if there"
        " is none. Then ask it about three countings of one sweep."
    ),
    success="one sweep, three ways of counting, three different answers.",
    answers=(
        Answer("smallest_range", "your function, without parentheses"),
        Answer("found", "its result for the three countings, in the order of the list `rules`"),
    ),
    parts=(
        Agrees(
            "the smallest range", 3, "smallest_range", _ranges, _smallest, ("k",), ("budgets",), (), _RANGE_MISTAKES, 1e-6, True,
        ),
        Value(
            "three countings", 2, "found", lambda given: np.array(_found(), dtype=float), "budgets", 0.01, lambda given: RULES,
            (
                Mistake("the first win", "The floor wins there, and loses again with more budgets: asked for is from where on it always"
                        " wins.", lambda given: np.array([_first(*sweep(rule), FLOORS) for rule in RULES], dtype=float)),
                Mistake("held back counted", "These are the budgets held back. Asked for are those kept.",
                        lambda given: np.array([len(sweep(rule)[0]) - k for rule, k in zip(RULES, _found(), strict=True)], dtype=float)),
            ),
        ),
    ),
    hints=(
        "For one k: among the floors, take the one whose line misses the first k points least. Then compare this line with the one"
        " without a floor on the points from k on.",
        "Root mean square of log(L / line.law(C)) measures both, on different points. Collect True or False for k = 4 ... n - 1, then"
        " look for the last False.",
        "lines = [straight_line(C[:k], L[:k], floor=E) for E in floors if E < L[:k].min()]; best = min(lines, key=lambda l: miss(l,"
        " C[:k], L[:k])); won = miss(best, C[k:], L[k:]) < miss(lines[0], C[k:], L[k:])",
    ),
    prepare=lambda given: _found(),
)


EXERCISES = (LINE, AHEAD, TENTH, WEIGHTS, REPORT, RANGE)
