"""The exercises of chapter 13: what each asks, what is judged, and the mistakes that are known by name.

The mathematics is `scaling_lib`'s own; a mistake is that mathematics with the error built in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from .. import sampling
from .._validate import FloatArray
from ..capability import score_error
from ..sampling import BetaCoverage, PowerCoverage
from ._mistakes import changed, copied, exchanged, fraction, upside_down
from ._model import Answer, Attempt, Exercise, Given, Mistake, Quantity, Wrong
from ._parts import Agrees, Choice, Holds, Value, Verdicts
from ._values import Learner, number

__all__ = ["EXERCISES"]


# ---------------------------------------------------------------------------------------------- ch13.pass_at_k


def _counts(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Samples, right ones of each problem (an array), samples allowed."""
    known = [(20, [3, 0, 7, 1], 10), (50, [2, 2, 30], 7), (10, [4], 3), (12, [3, 12, 0], 10)]
    for _ in range(6):
        n = int(rng.integers(8, 120))
        known.append((n, rng.integers(0, n // 2, int(rng.integers(2, 9))).tolist(), int(rng.integers(2, n // 2))))
    edge = [(15, [0, 0], 6), (15, [15], 6), (15, [4, 0], 15), (15, [4, 1, 9], 1)]
    return [(n, np.array(c), k) for n, c, k in (*known, *edge)]


def _large(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    far = int(rng.integers(2000, 6000))
    return [(10_000, np.array([3, 0, 1]), far), (5000, np.array([40, 5]), 60), (100_000, np.array([1]), 50_000)]


def _ratio(a: int, n: int, k: int) -> float:
    """C(a, k) / C(n, k)."""
    return 0.0 if k > a else float(np.exp(np.sum(np.log1p(-(n - a) / (n - np.arange(k, dtype=np.float64))))))


def _estimate(n: int, c: Any, k: int) -> float:
    return float(np.mean(sampling.pass_at_k(n, c, k)))


_PASS_MISTAKES = (
    Mistake(
        "plug-in",
        "This is 1 - (1 - c/n)^k, as if c/n were the rate itself and samples were put back. It is too low on average.",
        lambda n, c, k: np.mean(1 - (1 - c / n) ** k),
    ),
    Mistake(
        "average first",
        "You averaged the counts first, as if all problems had one rate. Estimate problem by problem, then average.",
        lambda n, c, k: 1 - (1 - np.mean(c) / n) ** k,
    ),
    changed(
        _estimate,
        "no complement",
        "This is the share of choices *without* a right answer: pass@k is what is left of one.",
        lambda x: 1 - x,
    ),
    Mistake(
        "sum",
        "You add the problems up. Take their average.",
        lambda n, c, k: _estimate(n, c, k) * len(c),
    ),
    Mistake(
        "all right",
        "You count the choices that are right throughout. One right answer among the k is enough.",
        lambda n, c, k: np.mean([_ratio(int(right), n, k) for right in c]),
    ),
    Mistake(
        "not all right",
        "You subtract the choices that are right throughout: are right and wrong answers exchanged? Subtract those "
        "that hold no right one.",
        lambda n, c, k: 1 - np.mean([_ratio(int(right), n, k) for right in c]),
    ),
    Mistake("pass@1", "This is c/n, which is pass@1: where is k?", lambda n, c, k: np.mean(c / n)),
    Mistake(
        "k times pass@1",
        "You multiply the rate by k. Chances add up only while they are tiny; a problem is not solved more than once.",
        lambda n, c, k: np.mean(np.minimum(1.0, k * c / n)),
    ),
    Mistake(
        "one factor short",
        "The product has one factor too few: among k samples there are k factors.",
        lambda n, c, k: _estimate(n, c, k - 1) if k > 1 else 0.0,
    ),
)


def _unbiased(attempt: Attempt) -> None:
    learner = Learner(attempt, "pass_at_k", ("pass@k",), reduces=True)
    for n, k, p in ((10, 5, 0.1), (12, 8, 0.3), (8, 8, 0.05)):
        c = np.arange(n + 1)
        log = np.concatenate([[0.0], np.cumsum(np.log(np.arange(n, 0, -1) / np.arange(1, n + 1)))])
        chance = np.exp(log) * p**c * (1 - p) ** (n - c)
        mean = sum(float(w) * float(learner(n, np.array([right]), k)[0]) for w, right in zip(chance, c, strict=True))
        true = 1 - (1 - p) ** k
        if abs(mean - true) > 1e-6:
            side = "low" if mean < true else "high"
            raise Wrong(
                f"Over many experiments with n = {n} and a rate of {p}, what you return for k = {k} is too {side} "
                f"on average:"
                " an unbiased estimate meets 1 - (1 - p)^k exactly.",
                "biased",
            )


PASS_AT_K = Exercise(
    "ch13.pass_at_k",
    "Count right answers",
    kind="implement",
    difficulty=2,
    minutes=10,
    goal=(
        "Write `pass_at_k(n, c, k)`: n samples were drawn for each problem, and the array c holds how many of them were"
        " right. Return the unbiased estimate of pass@k, averaged over the problems. Counts may be large."
    ),
    success="with five right answers among 200, ten samples hold a right one in a little less than one case of four.",
    answers=(Answer("pass_at_k", "your function, without parentheses"),),
    parts=(
        Agrees(
            "the value", 2, "pass_at_k", _counts, _estimate, ("pass@k",), mistakes=_PASS_MISTAKES, rel=1e-9,
            reduces=True,
        ),
        Holds("right on average", 1, ("pass_at_k",), _unbiased),
        Agrees(
            "large counts", 1, "pass_at_k", _large, _estimate, ("pass@k",), mistakes=_PASS_MISTAKES[:3],
            reduces=True,
        ),
    ),
    hints=(
        "Do not guess the rate. Of all ways to pick k of the n samples, which share holds no right answer?",
        "1 - C(n - c, k) / C(n, k). Factorials of thousands overflow, so write the ratio as a product of k small "
        "factors.",
        "For one count: 1 if k > n - c, else 1 - np.prod(1 - c / (n - np.arange(k))). Then the mean over the array.",
    ),
)


# --------------------------------------------------------------------------------------------------- ch13.tail

_SNAPSHOTS = (360, 420, 480)


def _tail_numbers(seed: int) -> dict[str, Quantity]:
    step, far = 360, 128
    if seed:
        rng = np.random.default_rng([seed, 1302])
        step, far = int(rng.choice(_SNAPSHOTS)), int(rng.choice((112, 116, 120, 124, 128)))
    return {
        "step": Quantity(step, "", "the snapshot of the model"),
        "temperature": Quantity(0.3, "", "its sampling temperature"),
        "k": Quantity(far, "samples", "how far to predict"),
    }


@cache
def _right(step: int) -> FloatArray:
    from ..lab import results

    rows = results.load("sample_counts")
    return np.array(rows[(rows.step == step) & (rows.temperature == 0.3)].iloc[0].right, dtype=np.float64)


@cache
def _fitted(step: int, law: type[Any]) -> Any:
    from ..fitting import fit

    return fit(law, k=np.arange(1.0, 11), coverage=sampling.coverage_curve(128, _right(step), k_max=10)).law


def _measured(given: Given) -> float:
    return float(sampling.coverage_curve(128, _right(given.step))[given.k - 1])


def _rate(given: Given) -> float:
    return float(_right(given.step).mean() / 128)


def _one_rate(given: Given) -> float:
    return float(sampling.samples_for_coverage(_rate(given), _measured(given)))


def _predicted(given: Given) -> float:
    return float(_fitted(given.step, BetaCoverage)(float(given.k)))


def _alpha(given: Given) -> float:
    return float(_fitted(given.step, BetaCoverage).alpha)


TAIL = Exercise(
    "ch13.tail",
    "Ten samples foretell a hundred",
    kind="use",
    difficulty=3,
    minutes=15,
    given=_tail_numbers,
    goal=(
        "From the first ten samples of each of the lab's 400 problems, predict the coverage at numbers.k samples, "
        "and compare it with"
        " what was measured and with what one rate for all problems would say."
    ),
    success="the prediction lands within one point of the measured value, and one shared rate would have promised "
            "it after a handful of samples.",
    answers=(
        Answer("measured", "coverage at numbers.k, unbiased"),
        Answer("one_rate", "samples with which one shared rate would reach that coverage"),
        Answer("predicted", "coverage at numbers.k by a BetaCoverage fitted on k = 1 to 10"),
        Answer("alpha", "its exponent near rate zero"),
        Answer("doubling", '"halves it", "takes off a fixed factor" or "squares it"'),
    ),
    parts=(
        Value(
            "what was measured", 1, "measured", _measured, "a share", 0.003, None,
            (
                Mistake(
                    "plug-in",
                    "This puts c/n into 1 - (1 - p)^k, problem by problem, which is too low on average: use the "
                    "unbiased estimate.",
                    lambda given: np.mean(1 - (1 - _right(given.step) / 128) ** given.k),
                ),
                Mistake(
                    "one rate",
                    "You averaged the rates first and took the power afterwards. Coverage is the average over "
                    "problems.",
                    lambda given: 1 - (1 - _rate(given)) ** given.k,
                ),
                Mistake("pass@1", "This is pass@1, the average rate: where is k?", _rate),
                changed(_measured, "not solved", "This is the share that is *not* solved.", lambda x: 1 - x),
            ),
        ),
        Value(
            "what one rate would say", 1, "one_rate", _one_rate, "samples", 0.02, None,
            (
                upside_down(_one_rate, "The ratio of the two logarithms is upside down: more samples than one are "
                                       "needed."),
                Mistake(
                    "share over rate",
                    "You divided the coverage by the rate, as if every sample added as much as the first one.",
                    lambda given: _measured(given) / _rate(given),
                ),
                Mistake(
                    "one over the rate",
                    "This is the number of tries until the first success, on average. Asked for is when the chance "
                    "of a success"
                    " reaches the measured coverage.",
                    lambda given: 1 / _rate(given),
                ),
            ),
        ),
        Value(
            "the prediction", 2, "predicted", _predicted, "a share", 0.006, None,
            (
                Mistake(
                    "power law",
                    "This is what `PowerCoverage` predicts. Asked for is a spread of difficulties, `BetaCoverage`.",
                    lambda given: _fitted(given.step, PowerCoverage)(float(given.k)),
                ),
                changed(_predicted, "not solved", "This is the share that is *not* solved.", lambda x: 1 - x),
                Mistake(
                    "one rate",
                    "This is what one shared rate predicts, which is nearly everything. Fit the spread of rates.",
                    lambda given: 1 - (1 - _rate(given)) ** given.k,
                ),
                Mistake(
                    "at ten samples",
                    "This is the coverage at ten samples, where the fit ends. Ask the fitted law about numbers.k.",
                    lambda given: _fitted(given.step, BetaCoverage)(10.0),
                ),
            ),
        ),
        Value(
            "the exponent", 1, "alpha", _alpha, "", 0.05, None,
            (
                Mistake(
                    "beta", "This is beta, which describes the easy problems. The tail is made of hard ones: alpha.",
                    lambda given: _fitted(given.step, BetaCoverage).beta,
                ),
                Mistake("mean rate", "This is the mean of the spread, alpha / (alpha + beta). Asked for is alpha "
                                     "itself.", _rate),
                Mistake(
                    "exponent of the power law",
                    "This is the exponent of `PowerCoverage`. Asked for is alpha of the fitted `BetaCoverage`.",
                    lambda given: _fitted(given.step, PowerCoverage).b,
                ),
                changed(
                    _alpha, "times to halve", "This is how many times the samples halve the failures. Asked for is "
                        "alpha.",
                    lambda alpha: 2 ** (1 / alpha),
                ),
            ),
        ),
        Choice(
            "what twice the samples do to the share not solved",
            1,
            "doubling",
            {
                "halves it": "That holds for alpha = 1 alone. Put your alpha into k^-alpha.",
                "takes off a fixed factor": "",
                "squares it": (
                    "So it is for one problem, whose failures are exponential. Here they are averaged over 400, "
                    "hard ones among them."
                ),
            },
            "takes off a fixed factor",
            {"halves": "halves it", "squares": "squares it", "fixed factor": "takes off a fixed factor"},
        ),
    ),
    hints=(
        "Coverage is an average over problems of a curve in k. Fit the spread of difficulties to its first ten "
        "points, then ask it for the rest.",
        (
            "`sampling.coverage_curve(128, right)` holds pass@k for k = 1 ... 128. `fit(BetaCoverage, k=..., "
            "coverage=...)` takes the"
            " first ten. For one rate: log(1 - coverage) / log(1 - rate)."
        ),
        (
            "seen = sampling.coverage_curve(128, right); law = fit(BetaCoverage, k=np.arange(1.0, 11), "
            "coverage=seen[:10]).law;"
            " law(numbers.k), law.alpha; sampling.samples_for_coverage(seen[0], seen[numbers.k - 1])"
        ),
    ),
    prepare=lambda given: (_predicted(given), _fitted(given.step, PowerCoverage)),
)


# --------------------------------------------------------------------------------------------------- ch13.vote


def _vote_numbers(seed: int) -> dict[str, Quantity]:
    a, b, c, d = 0.55, 0.40, 0.30, 0.08
    if seed:
        rng = np.random.default_rng([seed, 1303])
        ranges = ((0.52, 0.6), (0.36, 0.46), (0.27, 0.32), (0.05, 0.12))
        a, b, c, d = (round(float(rng.uniform(*ends)), 2) for ends in ranges)
    rest = round((1 - c) / 4, 4)
    rows = (
        (a, round(1 - a, 4), 0.0, 0.0, 0.0),
        (b, round(1 - b, 4), 0.0, 0.0, 0.0),
        (c, rest, rest, rest, rest),
        (d, 0.8, round(0.2 - d, 4), 0.0, 0.0),
    )
    return {"shares": Quantity(rows, "", "probability of each answer to four problems, the right one first")}


def _table(given: Given) -> FloatArray:
    return np.array(given.shares)


def _limit(given: Given) -> float:
    return sampling.plurality_limit(_table(given))


def _single(given: Given) -> float:
    return float(_table(given)[:, 0].mean())


def _five(given: Given) -> float:
    return float(sampling.majority_vote(_table(given)[1, 0], 5))


VOTE = Exercise(
    "ch13.vote",
    "More votes always help",
    kind="judge",
    difficulty=2,
    minutes=10,
    given=_vote_numbers,
    goal="Find out what a vote makes of four problems, with one vote, with five and with very many, and judge the "
         "claim.",
    success="the average rises although the vote loses two problems for good, and you can say which two.",
    answers=(
        Answer("single", "share solved with one sample"),
        Answer("limit", "share solved with very many votes"),
        Answer("five", "chance that five votes solve the second problem"),
        Answer("helped", "for each problem, whether very many votes beat one: a list of True and False"),
        Answer("verdict", '"holds", "fails" or "holds on average, always"'),
    ),
    parts=(
        Value(
            "one sample", 1, "single", _single, "a share", 0.01, None,
            (
                changed(_single, "sum", "This is a sum over the four problems: take the average.", lambda x: 4 * x),
                Mistake("limit", "This is what very many votes reach. One vote is one sample: the right one's "
                                 "probability.", _limit),
            ),
        ),
        Value(
            "very many votes", 1, "limit", _limit, "a share", 0.01, None,
            (
                Mistake(
                    "above a half",
                    "You ask for more than half of the votes. The most frequent answer wins, be it with a quarter "
                    "of them.",
                    lambda given: np.mean(_table(given)[:, 0] > 0.5),
                ),
                Mistake(
                    "any right",
                    "This is coverage: a right answer among very many samples. A vote does not know which one it is.",
                    lambda given: 1.0,
                ),
                Mistake(
                    "one sample", "This is what one sample solves. Where do the shares of the votes settle?", _single
                ),
                changed(
                    _limit, "count", "This is a number of problems: divide by how many there are.", lambda x: 4 * x
                ),
            ),
        ),
        Value(
            "five votes on the second problem", 1, "five", _five, "a probability", 0.01, None,
            (
                Mistake(
                    "any of five",
                    "This is the chance that any of the five is right. A vote needs three of them.",
                    lambda given: 1 - (1 - _table(given)[1, 0]) ** 5,
                ),
                Mistake(
                    "exactly three",
                    "This is the chance of exactly three right votes. Four and five win too.",
                    lambda given: 10 * _table(given)[1, 0] ** 3 * (1 - _table(given)[1, 0]) ** 2,
                ),
                changed(_five, "lost", "This is the chance that the vote is lost.", lambda x: 1 - x),
                Mistake(
                    "one sample",
                    "This is one vote's chance. Five are to be counted.",
                    lambda given: _table(given)[1, 0],
                ),
                Mistake(
                    "at least two",
                    "You count from two right votes on: that is no majority of five.",
                    lambda given: 1 - (1 - (p := _table(given)[1, 0])) ** 5 - 5 * p * (1 - p) ** 4,
                ),
            ),
        ),
        Verdicts(
            "on which problems votes help",
            2,
            "helped",
            lambda given: tuple(bool(row[0] == max(row)) for row in given.shares),
            ("The first problem", "The second problem", "The third problem", "The fourth problem"),
            (
                "two answers, and the right one has the larger share. Where does the vote go?",
                "two answers, and the right one has the smaller share. Where does the vote go?",
                "the right answer has less than half. Is any other answer more frequent?",
                "compare the right answer's share with the most popular wrong one's.",
            ),
        ),
        Choice(
            "the claim",
            1,
            "verdict",
            {
                "holds": "Look at the second problem: compare one vote, five, and very many.",
                "fails": "",
                "holds on average, always": (
                    "Here the average rises. Would it, on a test made only of problems such as the second and the "
                    "fourth?"
                ),
            },
            "fails",
            {"false": "fails", "true": "holds", "on average": "holds on average, always"},
        ),
    ),
    hints=(
        "With very many votes the shares settle, and the largest one wins. So each problem is won for certain or "
        "lost for certain.",
        "One sample: the mean of the first column. Very many: the share of rows whose first entry is the largest. "
        "Five: 3, 4 or 5 of 5.",
        "`sampling.plurality_limit(shares)` and `sampling.majority_vote(p, 5)`; helped = [row[0] == max(row) for "
        "row in numbers.shares].",
    ),
)


# ----------------------------------------------------------------------------------------------- ch13.verifier


def _verifier_numbers(seed: int) -> dict[str, Quantity]:
    few, many, quality, slip = 10, 300, "sharp", 0.01
    if seed:
        rng = np.random.default_rng([seed, 1304])
        few, many = int(rng.choice((3, 10, 30))), int(rng.choice((300, 1000)))
        quality, slip = str(rng.choice(("sharp", "blunt"))), float(rng.choice((0.01, 10**-1.5)))
    return {
        "few": Quantity(few, "samples", "few samples for each problem"),
        "many": Quantity(many, "samples", "many samples for each problem"),
        "verifier": Quantity(quality, "", "which verifier of the explorer"),
        "slip": Quantity(slip, "a share", "wrong answers accepted, where the highest score is given"),
    }


_LINES = np.logspace(-5, 0, 201)


@cache
def _best_line(n: int, quality: str) -> tuple[float, float]:
    """The best share of wrong answers accepted, and what it solves."""
    from ..explorers._place_the_verifier import solved

    shares = solved(_LINES, float(n), quality)
    return float(_LINES[shares.argmax()]), float(shares.max())


@cache
def _fooled(slip: float, quality: str) -> tuple[FloatArray, FloatArray]:
    """Numbers of samples, and what the highest score solves with each if cheats score highest."""
    from ..explorers._place_the_verifier import _model, accepts_right

    n = np.unique(np.round(np.logspace(0, 4, 81)))
    hit = float(accepts_right(slip, quality))
    return n, np.mean(sampling.fooled_success(_model()[1][:, None], n, true_positive=hit, false_positive=slip), axis=0)


def _a_share(attempt: Attempt, name: str) -> float:
    slip = number(attempt.answers[name], f"`{name}`", percent=True)
    if isinstance(attempt.answers[name], str) and "%" in attempt.answers[name]:
        slip /= 100
    if slip > 1:
        raise Wrong(f"`{name}` is above one: give the share of wrong answers accepted, not percent.", "percent")
    if slip <= 0:
        raise Wrong(f"`{name}` is not above zero: a line that no wrong answer passes is passed by no right one "
                    f"either.", "no line")
    return slip


def _placed(name: str, samples: str) -> Callable[[Attempt], None]:
    def test(attempt: Attempt) -> None:
        from ..explorers._place_the_verifier import solved

        slip, n, quality = _a_share(attempt, name), attempt.given[samples], attempt.given.verifier
        best, top = _best_line(n, quality)
        got = float(solved(slip, float(n), quality))
        if got < top - 0.01:
            strict = slip < best
            raise Wrong(
                f"With {n} samples this line is too {'strict' if strict else 'lax'}: another one solves"
                f" {100 * (top - got):.0f} points more." if top - got > 0.015 else
                f"With {n} samples this line is still a little too {'strict' if strict else 'lax'}.",
                "too strict" if strict else "too lax",
                fraction=0.5 if got > top - 0.03 else 0.0,
            )

    return test


def _peak(attempt: Attempt) -> None:
    n = number(attempt.answers["peak"], "`peak`")
    if n < 1:
        raise Wrong("`peak` is below one: give a number of samples.", "not a number of samples")
    samples, shares = _fooled(attempt.given.slip, attempt.given.verifier)
    here = float(np.interp(np.log(n), np.log(samples), shares))
    if here < shares.max() - 0.04:  # the stops of the slider are wide
        more = n > samples[shares.argmax()]
        raise Wrong(
            "With fewer samples the highest score solves more: you are beyond the peak." if more else
            "The highest score still gains with more samples here: go on.",
            "beyond the peak" if more else "before the peak",
        )


VERIFIER = Exercise(
    "ch13.verifier",
    "Place the verifier",
    kind="move",
    difficulty=3,
    minutes=12,
    given=_verifier_numbers,
    goal=(
        "Move the explorer until the first accepted answer solves the most problems: once with few samples, once "
        "with many. Then let the"
        " highest score choose, and find where more samples begin to hurt."
    ),
    success="each line solves within one point of the best one, and the two lines lie far apart.",
    answers=(
        Answer("slip_few", "share of wrong answers accepted by the best line, with numbers.few samples"),
        Answer("slip_many", "the same with numbers.many samples"),
        Answer("peak", "samples at which the highest score solves most, with numbers.slip"),
        Answer("rule", '"stricter", "laxer" or "the same"'),
    ),
    parts=(
        Holds(
            "the line for few samples", 2, ("slip_few",), _placed("slip_few", "few"),
            (Mistake("too lax", "With few samples this line is too lax.", lambda slip: 0.9),
             Mistake("percent", "The share is given in percent.", lambda slip: 2.0)),
        ),
        Holds(
            "the line for many samples", 2, ("slip_many",), _placed("slip_many", "many"),
            (Mistake("too lax", "With many samples this line is too lax.", lambda slip: 0.2),
             Mistake("too strict", "With many samples this line is too strict.", lambda slip: 1e-7)),
        ),
        Holds(
            "where more samples hurt", 1, ("peak",), _peak,
            (Mistake("beyond the peak", "Fewer samples solve more here.", lambda peak: 5000),
             Mistake("before the peak", "More samples solve more here.", lambda peak: 1)),
        ),
        Choice(
            "with more samples the line should be",
            1,
            "rule",
            {
                "stricter": "",
                "laxer": "More samples bring more right answers by themselves. What else do they bring, past a lax "
                         "line?",
                "the same": "Compare your two lines: each sample is one more chance for a wrong answer to pass.",
            },
            "stricter",
            {"strict": "stricter", "lax": "laxer", "same": "the same"},
        ),
    ),
    hints=(
        "Set the number of samples first, then move the line and watch what is solved. It rises and falls: stop at "
        "the top.",
        "With n samples there are n chances for a wrong answer to pass before a right one: think of how many pass "
        "on a hard problem.",
        "Start with about one wrong answer in five times n accepted, and move one stop to either side. For `peak`, "
        "try 1, 3, 10, 30 and so on.",
    ),
    prepare=lambda given: (_best_line(given.few, given.verifier), _best_line(given.many, given.verifier)),
)


# --------------------------------------------------------------------------------------------------- ch13.bill


def _bill_numbers(seed: int) -> dict[str, Quantity]:
    p, n, f, price, alpha = 0.05, 50.0, 0.02, 0.01, 0.3
    if seed:
        rng = np.random.default_rng([seed, 1305])
        p, n, f = (float(rng.choice(x)) for x in ((0.04, 0.05, 0.06), (40, 50), (0.01, 0.02, 0.03)))
        price, alpha = float(rng.choice((0.004, 0.01, 0.03))), float(rng.choice((0.2, 0.25, 0.28)))
    rare = round(p / 20, 4)
    claimed = round(1 - (1 - p) ** n, 4)
    return {
        "p": Quantity(p, "a share", "problems solved by one sample"),
        "n": Quantity(int(n), "samples", "drawn for each problem, all of them"),
        "f": Quantity(f, "a share", "wrong answers that the checker passes (it passes every right one)"),
        "rare": Quantity(rare, "a share", "rate of one of the harder problems"),
        "price": Quantity(price, "dollars", "for one sample"),
        "alpha": Quantity(alpha, "", "of a Beta spread of difficulties with mean p"),
        "claimed_coverage": Quantity(claimed, "a share", "the text's coverage"),
        "claimed_purity": Quantity(1 - f, "a share", "the text's share of right ones among the accepted"),
        "claimed_dollars": Quantity(float(f"{n * price / claimed:.4g}"), "dollars", "the text's price of a solved "
            "problem"),
    }


def _spread(given: Given) -> BetaCoverage:
    return BetaCoverage(alpha=given.alpha, beta=given.alpha * (1 - given.p) / given.p)


def _coverage(given: Given) -> float:
    return float(_spread(given)(float(given.n)))


def _purity_of(p: float, f: float) -> float:
    return p / (p + (1 - p) * f)


def _purity(given: Given) -> float:
    return _purity_of(given.rare, given.f)


def _dollars(given: Given) -> float:
    return float(given.n * given.price / _coverage(given))


BILL = Exercise(
    "ch13.bill",
    "The sampling bill",
    kind="find the error",
    difficulty=3,
    minutes=10,
    given=_bill_numbers,
    goal=(
        "Redo the three steps of the text with a spread of difficulties and the checker's real purity, and say "
        "which of its steps follows"
        " from the number before it."
    ),
    success="two of the three steps fall, and the price of a solved problem is higher than the text says.",
    answers=(
        Answer("coverage", "coverage with numbers.n samples, by the spread"),
        Answer("purity", "on the harder problem, share of right ones among the accepted"),
        Answer("dollars", "price of a problem with a right sample, by the spread"),
        Answer("follows", "three times True or False"),
    ),
    parts=(
        Value(
            "coverage", 1, "coverage", _coverage, "a share", 0.01, None,
            (
                copied(
                    "claimed_coverage", "This is the text's own number: it takes one rate for all problems.",
                    called="one rate",
                ),
                changed(_coverage, "not solved", "This is the share that is *not* solved.", lambda x: 1 - x),
                Mistake(
                    "mean as beta",
                    "The mean of the spread is alpha / (alpha + beta). It seems that p, or 1 - p, went in as beta "
                    "itself.",
                    lambda given: BetaCoverage(alpha=given.alpha, beta=1 - given.p)(float(given.n)),
                ),
                Mistake(
                    "alpha and beta exchanged",
                    "alpha and beta seem to be exchanged: the mean is alpha / (alpha + beta), and it is small.",
                    lambda given: BetaCoverage(alpha=_spread(given).beta, beta=given.alpha)(float(given.n)),
                ),
            ),
        ),
        Value(
            "purity on the harder problem", 1, "purity", _purity, "a share", 0.01, None,
            (
                copied(
                    "claimed_purity",
                    "This is the share of wrong answers that are refused. Asked for is the share of *accepted* "
                    "answers that are right.",
                    called="one minus false positives",
                ),
                Mistake(
                    "average problem", "This is the purity at the average rate p. Asked for is the harder problem, "
                                       "numbers.rare.",
                    lambda given: _purity_of(given.p, given.f),
                ),
                changed(
                    _purity, "wrong ones", "This is the share of *wrong* answers among the accepted.", lambda x: 1 - x
                ),
                Mistake(
                    "rate over slip", "This is the ratio of right to wrong among the accepted. Asked for is the "
                                      "share of right ones.",
                    lambda given: given.rare / ((1 - given.rare) * given.f),
                ),
            ),
        ),
        Value(
            "dollars for a solved problem", 1, "dollars", _dollars, "dollars", 0.01, None,
            (
                copied(
                    "claimed_dollars",
                    "This is the text's own price: it rests on its coverage.",
                    called="the text's price",
                ),
                Mistake(
                    "price over rate",
                    "This is price / p, right if every problem has the same rate and sampling stops at the first "
                    "success. Here all n are"
                    " drawn, for every problem.",
                    lambda given: given.price / given.p,
                ),
                Mistake(
                    "not divided", "This is the price of the samples for one problem. Not every problem is solved.",
                    lambda given: given.n * given.price,
                ),
                Mistake(
                    "multiplied", "You multiplied by the coverage. Unsolved problems make each solved one dearer.",
                    lambda given: given.n * given.price * _coverage(given),
                ),
            ),
        ),
        Verdicts(
            "which step follows",
            1,
            "follows",
            lambda given: (False, False, True),
            ("From p to the coverage", "From the false positives to the purity", "From the text's coverage to its "
                "price"),
            (
                "what does the step assume about the rates of the problems?",
                "how many wrong answers come for each right one, on a hard problem?",
                "take the text's coverage as given: n samples for every problem, divided over the solved ones.",
            ),
        ),
    ),
    hints=(
        "Take each step alone. The first needs all rates, not their mean. The second confuses two conditional shares.",
        "beta = alpha (1 - p) / p. Purity = p / (p + (1 - p) f), with the rate of the harder problem. Dollars = n "
        "price / coverage.",
        "law = BetaCoverage(alpha, alpha * (1 - p) / p); law(n); rare / (rare + (1 - rare) * f); n * price / law(n)",
    ),
)


# ------------------------------------------------------------------------------------------------- ch13.effort

_PAIRS = (
    ("gpt-5 (medium)", "gpt-5 (high)"),
    ("gpt-5 (low)", "gpt-5 (medium)"),
    ("claude-3-7-sonnet-20250219 (no thinking)", "claude-3-7-sonnet-20250219 (32k thinking tokens)"),
    ("claude-sonnet-4-20250514 (no thinking)", "claude-sonnet-4-20250514 (32k thinking)"),
)


@cache
def _efforts() -> Any:
    from .. import datasets

    return datasets.load("coding_effort_and_cost").set_index("model_label")


def _effort_numbers(seed: int) -> dict[str, Quantity]:
    i = int(np.random.default_rng([seed, 1306]).integers(len(_PAIRS))) if seed else 0
    return {"less": Quantity(_PAIRS[i][0], "", "less effort"), "more": Quantity(_PAIRS[i][1], "", "more effort of "
        "the same model")}


def _two(given: Given, column: str) -> FloatArray:
    return np.array([float(_efforts().loc[label, column]) for label in (given.less, given.more)])


def _further(given: Given) -> float:
    return float(np.diff(_two(given, "total_cost_usd"))[0] / np.diff(_two(given, "solved_with_retry"))[0])


def _average(given: Given) -> float:
    return float(_two(given, "total_cost_usd")[1] / _two(given, "solved_with_retry")[1])


def _rates(given: Given) -> FloatArray:
    return _two(given, "solved_with_retry") / _two(given, "test_cases")


def _gain(given: Given) -> float:
    return float(100 * np.diff(_rates(given))[0])


def _standard_error(given: Given) -> float:
    return float(100 * score_error(_rates(given)[1], _two(given, "test_cases")[1]))


EFFORT = Exercise(
    "ch13.effort",
    "The price of the next one",
    kind="use",
    difficulty=2,
    minutes=8,
    given=_effort_numbers,
    goal="From measured runs at two efforts, find what each *further* solved exercise cost, and whether the gain "
         "stands out from the noise.",
    success="the next solved exercise costs a multiple of the average one.",
    answers=(
        Answer("further", "dollars for each exercise solved beyond those of less effort"),
        Answer("average", "dollars for each solved exercise, with more effort"),
        Answer("gain", "gain in percentage points"),
        Answer("error", "binomial standard error of the larger rate, in percentage points"),
        Answer("clear", '"clear" or "within the noise"'),
    ),
    parts=(
        Value(
            "the next solved exercise", 2, "further", _further, "dollars", 0.02, None,
            (
                Mistake("average", "This is the average price. Asked for is the price of those solved *beyond* the "
                                   "first run's.", _average),
                upside_down(_further, "This is exercises for each dollar: turn it round."),
                Mistake(
                    "not divided", "This is the difference in dollars. Divide by how many more were solved.",
                    lambda given: np.diff(_two(given, "total_cost_usd"))[0],
                ),
                Mistake(
                    "first try", "This counts what was solved at the first try. Asked for is with the retry.",
                    lambda given: float(
                        np.diff(_two(given, "total_cost_usd"))[0] / np.diff(_two(given, "solved_first_try"))[0]
                    ),
                ),
                Mistake(
                    "for a point", "These are dollars for each percentage point. Asked for is each solved exercise.",
                    lambda given: np.diff(_two(given, "total_cost_usd"))[0] / _gain(given),
                ),
            ),
        ),
        Value(
            "the average one", 1, "average", _average, "dollars", 0.02, None,
            (
                Mistake(
                    "for a case", "This is dollars for each exercise tried. Asked for is each one solved.",
                    lambda given: _two(given, "total_cost_usd")[1] / _two(given, "test_cases")[1],
                ),
                Mistake(
                    "less effort", "This is the average at less effort. Asked for is that with more effort.",
                    lambda given: _two(given, "total_cost_usd")[0] / _two(given, "solved_with_retry")[0],
                ),
                Mistake("further", "This is the price of a further one.", _further),
            ),
        ),
        Value(
            "the gain", 1, "gain", _gain, "percentage points", 0.03, None,
            (
                fraction(_gain, "This is a fraction; asked for are percentage points."),
                Mistake(
                    "percent of the rate", "This is the gain in percent of the lower rate. Asked for are points: a "
                        "difference of rates.",
                    lambda given: _gain(given) / _rates(given)[0],
                ),
                Mistake(
                    "a count", "This is a number of exercises. Divide by how many were tried.",
                    lambda given: np.diff(_two(given, "solved_with_retry"))[0],
                ),
            ),
        ),
        Value(
            "the standard error", 1, "error", _standard_error, "percentage points", 0.05, None,
            (
                fraction(_standard_error, "This is a fraction; asked for are percentage points."),
                Mistake(
                    "two errors",
                    "These are two standard errors. Asked for is one.",
                    lambda given: 2 * _standard_error(given),
                ),
                Mistake(
                    "variance",
                    "This is a variance: take the root.",
                    lambda given: 100 * (_standard_error(given) / 100) ** 2,
                ),
                Mistake(
                    "spread of one exercise", "This is the spread of a single exercise. Divide by the root of their "
                        "number.",
                    lambda given: _standard_error(given) * np.sqrt(_two(given, "test_cases")[1]),
                ),
            ),
        ),
        Choice(
            "whether two standard errors are exceeded",
            1,
            "clear",
            {
                "clear": "Compare the gain with twice the standard error.",
                "within the noise": "Compare the gain with twice the standard error.",
            },
            lambda given: "clear" if _gain(given) > 2 * _standard_error(given) else "within the noise",
            {"noise": "within the noise", "yes": "clear", "no": "within the noise"},
        ),
    ),
    hints=(
        "Differences, not averages: so many more dollars for so many more exercises solved.",
        "Δ dollars / Δ solved_with_retry. Standard error of a share p of m: sqrt(p (1 - p) / m).",
        "a, b = runs.loc[numbers.less], runs.loc[numbers.more]; (b.total_cost_usd - a.total_cost_usd) / "
        "(b.solved_with_retry - a.solved_with_retry)",
    ),
)


# -------------------------------------------------------------------------------------------------- ch13.price


def _price_numbers(seed: int) -> dict[str, Quantity]:
    small, large = (0.3, 0.9), (0.5, 0.9)
    if seed:
        rng = np.random.default_rng([seed, 1307])
        small = (float(rng.choice((0.28, 0.3, 0.32, 0.34))), float(rng.choice((0.85, 0.9, 0.95))))
        large = (float(rng.choice((0.48, 0.5, 0.52))), small[1])
    return {
        "small": Quantity(small, "", "alpha and beta of the small model's difficulties"),
        "large": Quantity(large, "", "those of a model of twice the size"),
        "price": Quantity((1.0, 2.0), "cents", "for a sample of each"),
        "low": Quantity(0.35, "a share", "a coverage that is easily had"),
        "high": Quantity(0.75, "a share", "a coverage in the tail"),
    }


def _price_cases(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    known = [(0.3, 0.9, 10, 1.0), (0.5, 0.9, 3, 2.0), (0.4, 1.2, 1, 0.5), (0.2, 0.6, 2000, 1.0)]
    for _ in range(6):
        alpha, beta = (round(float(rng.uniform(*ends)), 3) for ends in ((0.15, 0.8), (0.8, 3)))
        known.append((alpha, beta, int(rng.integers(2, 400)), float(rng.choice((0.5, 1.0, 4.0)))))
    return known


def _price_arrays(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    return [(alpha, beta, k, price * np.array([1.0, 2.0, 5.0])) for alpha, beta, k, price in _price_cases(rng)[3:6]]


def _failures(alpha: float, beta: float, k: int) -> FloatArray:
    """Share not solved after 0, 1, ..., k - 1 samples."""
    out: FloatArray = np.concatenate([[1.0], 1 - np.asarray(BetaCoverage(alpha, beta)(np.arange(1.0, max(k, 2))))])[:k]
    return out


def _drawn(alpha: float, beta: float, k: int) -> float:
    return float(_failures(alpha, beta, k).sum())


def _cost(alpha: float, beta: float, k: int, price: Any) -> Any:
    return price * _drawn(alpha, beta, k) / float(BetaCoverage(alpha, beta)(float(k)))


def _to_k(alpha: float, beta: float, k: int, price: Any) -> Any:
    return price * _drawn(alpha, beta, k + 1) / float(BetaCoverage(alpha, beta)(float(k)))


def _all_drawn(alpha: float, beta: float, k: int, price: Any) -> Any:
    return price * k / float(BetaCoverage(alpha, beta)(float(k)))


_PRICE_MISTAKES = (
    Mistake(
        "all drawn",
        "You pay for all k samples of every problem. Sampling stops at the first right one: count those that are "
        "drawn.",
        _all_drawn,
    ),
    Mistake(
        "one rate",
        "This is price / p, right if every problem had the average rate. With a spread the hard problems use up all k.",
        lambda alpha, beta, k, price: price * (alpha + beta) / alpha,
    ),
    Mistake(
        "not divided",
        "This is the price for each problem, solved or not. Divide by the share that is solved.",
        lambda alpha, beta, k, price: price * _drawn(alpha, beta, k),
    ),
    Mistake(
        "multiplied",
        "You multiply by the coverage. What was spent on unsolved problems makes the solved ones dearer.",
        lambda alpha, beta, k, price: price * _drawn(alpha, beta, k) * float(BetaCoverage(alpha, beta)(float(k))),
    ),
    Mistake(
        "first sample forgotten",
        "The first sample is always drawn: the sum begins with the share that is unsolved after *none*, which is one.",
        lambda alpha, beta, k, price: _to_k(alpha, beta, k, price) - price / float(BetaCoverage(alpha, beta)(float(k))),
    ),
    Mistake(
        "one too many",
        "The sum has one term too many: after k samples nothing more is drawn.",
        _to_k,
    ),
    Mistake(
        "by pass@1",
        "You divide by the share that one sample solves. Divide by what k samples solve.",
        lambda alpha, beta, k, price: price * _drawn(alpha, beta, k) * (alpha + beta) / alpha,
    ),
    exchanged(_cost, "alpha", "beta", "alpha and beta are exchanged: the mean rate is alpha / (alpha + beta)."),
)


def _dearer(attempt: Attempt) -> None:
    cost = Learner(attempt, "cost", ("cost",))
    for alpha, beta in ((0.3, 0.9), (0.7, 2.0)):
        at = [float(cost(alpha, beta, k, 1.0)[0]) for k in (1, 2, 10, 100)]
        if abs(at[0] - (alpha + beta) / alpha) > 1e-6 * at[0]:
            raise Wrong(
                "With k = 1 one sample is drawn for each problem, and the average rate is solved.", "at one sample"
            )
        if not at[0] < at[1] < at[2] < at[3]:
            raise Wrong("The more samples are allowed, the harder the problems that are added: each solved one gets "
                        "dearer.", "not dearer")
        if abs(float(cost(alpha, beta, 10, 3.0)[0]) / at[2] - 3) > 1e-6:
            raise Wrong("Three times the price of a sample should be three times the cost.", "price")


def _needed(given: Given, which: str, target: float) -> int:
    alpha, beta = given[which]
    return int(np.ceil(float(BetaCoverage(alpha, beta).samples_for(target)) - 1e-9))


def _both(given: Given, target: str, of: Callable[..., float] = _cost, k_of: str = "") -> FloatArray:
    """`of` for both models, each at the least k that reaches the target (or at the k of one of them)."""
    out = []
    for which, price in zip(("small", "large"), given.price, strict=True):
        alpha, beta = given[which]
        out.append(of(alpha, beta, _needed(given, k_of or which, given[target]), price))
    return np.array(out)


def _in_the_tail(given: Given) -> FloatArray:
    return _both(given, "high")


def _cheaper(target: str) -> Callable[[Given], str]:
    return lambda given: ("small", "large")[int(np.argmin(_both(given, target)))]


def _which(target: str) -> dict[str, str]:
    text = (
        f"Find for each model the least k that reaches numbers.{target}, and compare `cost` at these two, each with its"
        " price."
    )
    return {"small": text, "large": text}


PRICE = Exercise(
    "ch13.price",
    "What a solved problem costs",
    kind="stretch",
    difficulty=5,
    minutes=20,
    given=_price_numbers,
    goal=(
        "Write `cost(alpha, beta, k, price)`: the price of a solved problem (price may be an array) when samples are"
        " drawn until one is right (a perfect checker says so), at most k. Then compare with a model of twice the size, at"
        " a modest coverage and in the tail."
    ),
    success="the small model is the better buy at the modest coverage, the larger one in the tail, by a factor.",
    answers=(
        Answer("cost", "your function, without parentheses"),
        Answer("tail_costs", "cost of a solved problem at numbers.high: small, large"),
        Answer("cheaper_low", '"small" or "large", at numbers.low'),
        Answer("cheaper_high", '"small" or "large", at numbers.high'),
    ),
    parts=(
        Agrees("the cost", 2, "cost", _price_cases, _cost, ("cost",), ("",), (), _PRICE_MISTAKES, 1e-6),
        Agrees("it takes an array of prices", 1, "cost", _price_arrays, _cost, ("cost",), mistakes=_PRICE_MISTAKES),
        Holds("each further solved problem is dearer", 1, ("cost",), _dearer),
        Value(
            "cost in the tail",
            2,
            "tail_costs",
            _in_the_tail,
            "cents",
            0.02,
            lambda given: ("the small model", "the large model"),
            (
                changed(
                    _in_the_tail,
                    "models exchanged",
                    "The two are exchanged: the small model comes first.",
                    lambda both: both[::-1],
                ),
                Mistake(
                    "all drawn",
                    "This pays for all k samples of every problem: sampling stops at the first right one.",
                    lambda given: _both(given, "high", _all_drawn),
                ),
                Mistake(
                    "one price",
                    "Both are counted with the small model's price: a sample of the large one costs twice as much.",
                    lambda given: _in_the_tail(given) / (1, 2),
                ),
                Mistake(
                    "same k",
                    "The large model needs far fewer samples than the small one: find k for each.",
                    lambda given: _both(given, "high", k_of="small"),
                ),
                Mistake(
                    "at the modest coverage",
                    "These are the costs at numbers.low. Asked for is numbers.high.",
                    lambda given: _both(given, "low"),
                ),
            ),
        ),
        Choice("the better buy at the modest coverage", 1, "cheaper_low", _which("low"), _cheaper("low"), {}),
        Choice("the better buy in the tail", 1, "cheaper_high", _which("high"), _cheaper("high"), {}),
    ),
    hints=(
        (
            "Sample number i + 1 is drawn only where i samples all failed. So the samples drawn for a problem, on "
            "average, are a sum of shares"
            " that are not solved yet."
        ),
        "E[drawn] = sum over i from 0 to k - 1 of (1 - coverage(i)), where coverage(0) = 0. Cost = price × E[drawn] "
        "/ coverage(k).",
        (
            "law = BetaCoverage(alpha, beta); drawn = 1 + sum(1 - law(i) for i in range(1, k)); return price * "
            "drawn / law(k). And"
            " k = math.ceil(law.samples_for(target))."
        ),
    ),
)


EXERCISES = (PASS_AT_K, TAIL, VOTE, VERIFIER, BILL, EFFORT, PRICE)
