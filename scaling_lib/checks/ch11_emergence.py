"""The exercises of chapter 11: what each asks, what is judged, and the mistakes that are known by name.

The mathematics is `scaling_lib`'s own; a mistake is that mathematics with the error built in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from .. import capability
from .._validate import FloatArray
from ._mistakes import fraction, stacked
from ._model import Answer, Attempt, Exercise, Given, Mistake, Quantity, Wrong
from ._parts import Agrees, Choice, Holds, Value, Verdicts
from ._values import Learner

__all__ = ["EXERCISES"]

# -------------------------------------------------------------------------------------------------- ch11.shows


def _tests(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Token probabilities, lengths and items at which neither result is near 0 or 1, and then the ends."""
    cases: list[tuple[Any, ...]] = []
    while len(cases) < 10:
        K, n = int(rng.integers(3, 40)), int(rng.integers(20, 2000))
        seen = float(rng.uniform(0.1, 0.9))
        cases.append((float((1 - (1 - seen) ** (1 / n)) ** (1 / K)), K, n))
    return [*cases, (0.5, 10, 200), (0.9, 1, 1), (0.3, 12, 1000)]


def _shows(p: Any, K: Any, n: Any) -> tuple[Any, Any]:
    exact = np.asarray(p, dtype=np.float64) ** K
    return exact, -np.expm1(n * np.log1p(-exact))


def _but(change: Callable[..., Any], *, of_exact: bool = False) -> Callable[..., Any]:
    """`_shows` with another second result, or with another exact match carried on to the second."""

    def answer(p: Any, K: Any, n: Any) -> tuple[Any, Any]:
        p = np.asarray(p, dtype=np.float64)
        if not of_exact:
            return p**K, change(p, K, n)
        exact = change(p, K)
        return exact, 1 - (1 - np.clip(exact, 0.0, 1.0)) ** n

    return answer


_EXACT_MISTAKES = (
    Mistake("p times K", "You multiply p by K: chances that must all come true are multiplied with each other.",
            _but(lambda p, K: p * K, of_exact=True)),
    Mistake("any token", "That is the chance that at least one token is right; exact match asks for all of them.",
            _but(lambda p, K: 1 - (1 - p) ** K, of_exact=True)),
    Mistake("all tokens wrong", "That is the chance that every token is wrong.",
            _but(lambda p, K: (1 - p) ** K, of_exact=True)),
    Mistake("wrong tokens", "That is the expected number of wrong tokens, K (1 - p). Exact match asks how often there are none.",
            _but(lambda p, K: K * (1 - p), of_exact=True)),
    Mistake("root", "You take the K-th root of p: with more tokens to get right, success becomes rarer, not more frequent.",
            _but(lambda p, K: p ** (1 / K), of_exact=True)),
    Mistake("one token less", "There are K tokens to get right, the first among them: your power is K - 1.",
            _but(lambda p, K: p ** (K - 1.0), of_exact=True)),
)  # fmt: skip
_SEEN_MISTAKES = (
    Mistake("expected number", "n times the exact match is the expected *number* of right answers, which is no probability:"
            " it can exceed 1.", _but(lambda p, K, n: n * p**K)),
    Mistake("none right", "That is the chance that the test shows none. Asked for is the rest.",
            _but(lambda p, K, n: (1 - p**K) ** n)),
    Mistake("all right", "That is the chance that all n answers are right.", _but(lambda p, K, n: p ** (K * n))),
    Mistake("not all right", "That is the chance that not all n answers are right; asked for is at least one right answer.",
            _but(lambda p, K, n: 1 - p ** (K * n))),
    Mistake("items of one token", "You let an item be right as soon as one token is: put the exact match where p stands.",
            _but(lambda p, K, n: 1 - (1 - p) ** n)),
    Mistake("exact match again", "The second result is the exact match again. How does the number of items come in?",
            _but(lambda p, K, n: p**K + 0.0 * n)),
)  # fmt: skip


def _first_shown(K: Any, n: Any, sure: Any) -> Any:
    exact = -np.expm1(np.log1p(-np.asarray(sure, dtype=np.float64)) / n)
    return exact ** (1 / np.asarray(K, dtype=np.float64))


def _lengths(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    drawn = [(int(rng.integers(2, 60)), int(rng.integers(20, 3000)), float(rng.uniform(0.2, 0.99))) for _ in range(9)]
    arrays = tuple(np.array(values, dtype=np.float64) for values in zip(*drawn, strict=True))
    return [(30, 200, 0.95), (4, 200, 0.5), (1, 50, 0.9), *drawn, arrays]


_FIRST_MISTAKES = (
    Mistake("expectation", "This is n^(-1/K), where *one* right answer is expected, whatever `sure` says. Ask for the"
            " chance to see at least one.", lambda K, n, sure: np.asarray(n, dtype=np.float64) ** (-1 / K)),
    Mistake("sure for unsure", "`sure` and 1 - `sure` are exchanged: the test shows *nothing* with probability 1 - sure.",
            lambda K, n, sure: _first_shown(K, n, 1 - sure)),
    Mistake("without the root", "This is the exact match that is needed; one more step leads to a single token.",
            lambda K, n, sure: _first_shown(1, n, sure)),
    Mistake("power for root", "You take the K-th power of the exact match; the token's probability is its K-th root.",
            lambda K, n, sure: _first_shown(1, n, sure) ** K),
    Mistake("all items", "You ask that all n items come out right; one is enough.",
            lambda K, n, sure: np.asarray(sure, dtype=np.float64) ** (1 / (K * n))),
    Mistake("one item", "The number of items does not matter in your answer: with more items one of them is right sooner.",
            lambda K, n, sure: np.asarray(sure, dtype=np.float64) ** (1 / K)),
    Mistake("shared among items", "You divide `sure` by n. That comes near for small chances; the chance that all n fail is"
            " a power, not a product with n.", lambda K, n, sure: (np.asarray(sure, dtype=np.float64) / n) ** (1 / K)),
)  # fmt: skip


def _sensible(attempt: Attempt) -> None:
    shows = Learner(attempt, "shows", ("exact", "seen"))

    def at(p: float, K: int, n: int) -> tuple[float, float]:
        exact, seen = shows(p, K, n)
        return float(exact), float(seen)

    for p, K, n in ((0.8, 20, 100), (0.6, 5, 50)):
        here = at(p, K, n)
        if not all(-1e-12 <= value <= 1 + 1e-12 for value in here):
            raise Wrong("A probability lies outside of 0 to 1.", "no probability")
        if not at(p, K, 4 * n)[1] > here[1]:
            raise Wrong("A test with more items should show a right answer more often.", "items do not help")
        if not at(p, 2 * K, n)[0] < here[0]:
            raise Wrong("Longer answers should be right as a whole less often.", "length does not hurt")
    if any(abs(value - wanted) > 1e-9 for p, wanted in ((0.0, 0.0), (1.0, 1.0)) for value in at(p, 7, 30)):
        raise Wrong("Look at the ends: a model that is never right, and one that always is.", "ends")


SHOWS = Exercise(
    "ch11.shows",
    "What a test shows",
    kind="implement",
    difficulty=2,
    minutes=12,
    goal=(
        "Write `shows(p, K, n)`, which returns the exact match of answers of K tokens that are each right with"
        " probability p, and the probability that a test of n items shows at least one right answer. Then turn it round:"
        " `first_shown(K, n, sure)` returns the p at which that probability is `sure`."
    ),
    success=(
        "a model that gets six tokens in ten right, at answers of 20 tokens, is all but sure to score zero on 200 items;"
        " at nine in ten it is all but sure not to."
    ),
    answers=(Answer("shows", "your function, without parentheses"), Answer("first_shown", "your second function")),
    parts=(
        Agrees("exact match", 1, "shows", _tests, _shows, ("exact", "seen"), judges=("exact",), mistakes=_EXACT_MISTAKES),
        Agrees("at least one right answer", 1, "shows", _tests, _shows, ("exact", "seen"), judges=("seen",),
               mistakes=(*_EXACT_MISTAKES, *_SEEN_MISTAKES)),
        Holds("more items help, longer answers hurt, and the ends are right", 1, ("shows",), _sensible),
        Agrees("it takes arrays", 1, "shows", stacked(_tests), _shows, ("exact", "seen"),
               mistakes=(*_EXACT_MISTAKES, *_SEEN_MISTAKES)),
        Agrees("the token probability at which it shows", 2, "first_shown", _lengths, _first_shown, ("p",),
               mistakes=_FIRST_MISTAKES),
    ),
    hints=(
        "All K tokens have to be right, so their chances are multiplied. And \"at least one\" is the opposite of \"none\".",
        "exact = p^K. None of n items right: (1 - exact)^n. For `first_shown`, set 1 - (1 - exact)^n = sure and solve for"
        " exact first, then for p.",
        "exact = p**K; seen = 1 - (1 - exact)**n. Backwards: exact = 1 - (1 - sure)**(1/n), p = exact**(1/K).",
    ),
)  # fmt: skip


# ------------------------------------------------------------------------------------------------- ch11.search


def _search_numbers(seed: int) -> dict[str, Quantity]:
    width, items = 12, 400
    if seed:
        rng = np.random.default_rng([seed, 1102])
        width, items = int(rng.choice([12, 16])), int(rng.choice([40, 80, 150, 400, 800]))
    return {
        "width": Quantity(width, "", "width of the model"),
        "digits": Quantity(6, "digits", "of each of the two numbers; an answer has one more"),
        "n_items": Quantity(items, "items", "size of the test that reports the skill"),
    }


@cache
def _run(width: int, digits: int) -> dict[str, FloatArray]:
    """One addition model of the lab along its training."""
    from ..lab import results

    table: Any = results.load("addition")
    rows = table[(table.width == width) & (table.digits == digits)].sort_values("problems")
    return {name: rows[name].to_numpy(np.float64) for name in ("problems", "tokens", "exact_match", "log_prob")}


def _of(given: Given) -> dict[str, FloatArray]:
    return _run(int(given.width), int(given.digits))


def _appears(given: Given, least: float | None = None) -> int:
    """Index of the first checkpoint whose exact match is at least `least`, one item of the test if not given."""
    return int(np.flatnonzero(_of(given)["exact_match"] >= (1 / given.n_items if least is None else least))[0])


def _done(given: Given, index: int, score: str = "log_prob") -> float:
    """Percent of the rise from the first to the last checkpoint that is done at a checkpoint."""
    values = _of(given)[score]
    return float(100 * (values[index] - values[0]) / (values[-1] - values[0]))


def _steps(given: Given) -> FloatArray:
    out = [100 * np.diff(v).max() / (v[-1] - v[0]) for v in (_of(given)["exact_match"], _of(given)["log_prob"])]
    return np.array(out)


def _raw_steps(given: Given) -> FloatArray:
    return np.array([100 * np.diff(_of(given)["exact_match"]).max(), np.diff(_of(given)["log_prob"]).max()])


SEARCH = Exercise(
    "ch11.search",
    "Emergence in your own small models",
    kind="use",
    difficulty=3,
    minutes=15,
    given=_search_numbers,
    goal=(
        "Find where adding emerges in one of the lab's models, as a test of a given size reports it. Then find out what the"
        " score hid before, how large the largest step is under each score, and which of the two made what."
    ),
    success=(
        "you have a checkpoint at which the skill \"appears\", a share of the progress that came before it, and a leap that"
        " the smooth score does not take away."
    ),
    answers=(
        Answer("appears", "problems seen at the first checkpoint whose exact match is at least one item of the test"),
        Answer("before", "percent of the rise in log-probability that is done one checkpoint earlier"),
        Answer("steps", "largest step between neighbours, percent of the whole rise: [exact match, log-probability]"),
        Answer("flat", 'who made the flat part: "the score" or "the model"'),
        Answer("leap", 'who made the leap: "only the score" or "the model too"'),
    ),
    parts=(
        Value(
            "where it appears", 1, "appears", lambda given: _of(given)["problems"][_appears(given)], "problems", 0.005,
            mistakes=(
                Mistake("one checkpoint early", "That is the checkpoint before: the test still shows zero there.",
                        lambda given: _of(given)["problems"][_appears(given) - 1]),
                Mistake("half right", "That is where exact match passes a half. The test shows its first right answer long before.",
                        lambda given: _of(given)["problems"][_appears(given, 0.5)]),
                Mistake("tokens", "These are tokens, of which an answer has several. Asked for are problems.",
                        lambda given: _of(given)["tokens"][_appears(given)]),
                Mistake("position", "This is the number of the checkpoint. How many problems has the model seen there?",
                        lambda given: float(_appears(given))),
                Mistake("position, from one", "This is the number of the checkpoint. How many problems has the model seen there?",
                        lambda given: _appears(given) + 1.0),
            ),
        ),
        Value(
            "what was done before", 1, "before", lambda given: _done(given, _appears(given) - 1), "percent", 0.01,
            mistakes=(
                fraction(lambda given: _done(given, _appears(given) - 1)),
                Mistake("at the appearance", "This is the share at the checkpoint where the skill appears. Asked for is the last one"
                        " at which the test still showed nothing.", lambda given: _done(given, _appears(given))),
                Mistake("what came after", "This is the share that was still to come.",
                        lambda given: 100 - _done(given, _appears(given) - 1)),
                Mistake("ratio of log-probabilities", "You divide one log-probability by another. A rise is a difference: how far"
                        " from the first checkpoint, out of the way to the last?",
                        lambda given: 100 * _of(given)["log_prob"][_appears(given) - 1] / _of(given)["log_prob"][0]),
                Mistake("fall of the ratio", "You divide by the first log-probability, as if the last were zero. The whole rise"
                        " ends at the last checkpoint.",
                        lambda given: 100 * (1 - _of(given)["log_prob"][_appears(given) - 1] / _of(given)["log_prob"][0])),
                Mistake("share of the problems", "This is the share of the training that was over. Asked for is the share of the"
                        " rise in log-probability.",
                        lambda given: 100 * _of(given)["problems"][_appears(given) - 1] / _of(given)["problems"][-1]),
            ),
        ),
        Value(
            "the largest steps", 2, "steps", _steps, "percent", 0.008, lambda given: ("exact match", "log-probability"),
            (
                fraction(_steps),
                Mistake("exchanged", "The two are exchanged: exact match comes first.", lambda given: _steps(given)[::-1]),
                Mistake("not of the rise", "These are the steps themselves, in points and in nats. To compare them, divide each by the"
                        " whole rise of its score.", _raw_steps),
                Mistake("mean step", "This is the mean step; asked for is the largest.",
                        lambda given: np.full(2, 100 / (len(_of(given)["problems"]) - 1))),
            ),
        ),
        Choice(
            "who made the flat part", 1, "flat",
            {"the score": "", "the model": "Was the model standing still? Look at what its log-probability did in that stretch."},
            lambda given: "the score", {"score": "the score", "metric": "the score", "the metric": "the score", "model": "the model"},
        ),
        Choice(
            "who made the leap", 1, "leap",
            {"only the score": "Look at your two largest steps: does the smooth score go up in small equal steps?", "the model too": ""},
            lambda given: "the model too",
            {"the score": "only the score", "score": "only the score", "the model": "the model too", "model": "the model too",
             "both": "the model too"},
        ),
    ),
    hints=(
        "A test of n items shows something once the exact match is at least 1/n. Everything before is zero for it, whatever the model"
        " does.",
        "i = the first index with exact_match >= 1/items. Before: (lp[i-1] - lp[0]) / (lp[-1] - lp[0]). Steps: max(diff(score)) /"
        " (score[-1] - score[0]), times 100.",
        "em, lp = run.exact_match.to_numpy(), run.log_prob.to_numpy(); i = np.flatnonzero(em >= 1 / numbers.n_items)[0]; appears ="
        " run.problems.iloc[i]; steps = [100 * np.diff(s).max() / (s[-1] - s[0]) for s in (em, lp)].",
    ),
)  # fmt: skip


# --------------------------------------------------------------------------------------------------- ch11.zero


def _zero_numbers(seed: int) -> dict[str, Quantity]:
    items, length = 25, 20
    if seed:
        rng = np.random.default_rng([seed, 1103])
        items, length = int(rng.choice([20, 25, 30, 40, 50])), int(rng.choice([12, 15, 20, 24, 30]))
    return {
        "n_items": Quantity(items, "items", "size of the report's test"),
        "length": Quantity(length, "tokens", "of an answer, all of which have to be right"),
        "right": Quantity((0, 0, round(0.4 * items)), "items", "right answers of the small, the middle and the large model"),
        "wanted": Quantity(1.0, "percent", "what a zero is meant to exclude"),
    }


_UNSURE = 0.05


def _limit(given: Given) -> float:
    """The largest success rate that shows zero in one test of twenty, percent."""
    return float(100 * -np.expm1(np.log(_UNSURE) / given.n_items))


def _token(given: Given) -> float:
    return float(100 * (_limit(given) / 100) ** (1 / given.length))


def _enough(given: Given) -> float:
    return float(np.log(_UNSURE) / np.log1p(-given.wanted / 100))


ZERO = Exercise(
    "ch11.zero",
    "What a zero says",
    kind="find the error",
    difficulty=2,
    minutes=10,
    given=_zero_numbers,
    goal=(
        "A report concludes from two zeros and a success that an ability is absent in small models and emerges at scale. Compute"
        " what its zeros can and cannot exclude, how many items would have been needed, and say which of its sentences follow."
    ),
    success="the report's zeros turn out to be compatible with a model that gets most of its tokens right.",
    answers=(
        Answer("limit", "the largest success rate that still shows zero in one test of twenty, percent"),
        Answer("token", "the probability of a right token that goes with it, percent"),
        Answer("enough", "items at which zero would exclude a success rate of numbers.wanted, on the same terms"),
        Answer("follows", "four times True or False"),
    ),
    parts=(
        Value(
            "what zero excludes", 1, "limit", _limit, "percent", 0.02,
            mistakes=(
                Mistake("one item", "This is 1/n. A model that is right once in n is still likely to score zero.",
                        lambda given: 100 / given.n_items),
                Mistake("rule of three", "This is 3/n, a good rule for large tests. Here it is a little too large: compute"
                        " (1 - q)^n = 0.05 exactly.", lambda given: 300 / given.n_items),
                Mistake("levels exchanged", "This rate shows zero in nineteen tests of twenty. Asked for is one in twenty.",
                        lambda given: float(100 * (1 - 0.95 ** (1 / given.n_items)))),
                Mistake("complement", "This is the chance to fail at one item. Asked for is the chance to succeed.",
                        lambda given: 100 - _limit(given)),
                Mistake("two sides", "This leaves 2.5 %, as an interval with two ends does. Here it is one test in twenty.",
                        lambda given: float(100 * (1 - 0.025 ** (1 / given.n_items)))),
            ),
        ),
        Value(
            "and for a token", 1, "token", _token, "percent", 0.01,
            mistakes=(
                Mistake("power", "You take the power: a token is right more often than the whole answer, not less.",
                        lambda given: 100 * (_limit(given) / 100) ** given.length),
                Mistake("divided", "You divide by the number of tokens: chances of a sequence multiply, so it takes a root.",
                        lambda given: _limit(given) / given.length),
                Mistake("one expected", "This is n^(-1/K), where one right answer is expected. Take the limit that you have just computed.",
                        lambda given: 100 * given.n_items ** (-1 / given.length)),
            ),
        ),
        Value(
            "items that would have been enough", 1, "enough", _enough, "items", 0.015,
            mistakes=(
                Mistake("one in a hundred", "A rate of one in a hundred needs more than a hundred items: it scores zero on those in more"
                        " than one test in three.", lambda given: 100 / given.wanted),
                Mistake("levels exchanged", "With so few items this rate shows zero in nineteen tests of twenty. Asked for is one in"
                        " twenty.", lambda given: float(np.log(0.95) / np.log1p(-given.wanted / 100))),
                Mistake("two sides", "This leaves 2.5 %, as an interval with two ends does. Here it is one test in twenty.",
                        lambda given: float(np.log(0.025) / np.log1p(-given.wanted / 100))),
                Mistake("rate of tokens", "You ask for a rate of single tokens; the test counts whole answers.",
                        lambda given: float(np.log(_UNSURE) / np.log1p(-((given.wanted / 100) ** (1 / given.length))))),
                Mistake("percent for a fraction", "numbers.wanted is in percent: put a fraction into the power.",
                        lambda given: float(-np.log(_UNSURE) / given.wanted)),
            ),
        ),
        Verdicts(
            "which sentences follow", 2, "follows", lambda given: (False, False, True, False),
            (
                "\"The small model cannot do the task\"",
                "\"It gets fewer than half of its tokens right\"",
                "\"The large model is better at it than the small one\"",
                "\"Between the middle and the large model something new was learned\"",
            ),
            (
                "compare with your first number.",
                "compare with your second number.",
                "which success rates are compatible with each of the two results? Do they overlap?",
                "would a steady rise of the token's probability have looked any different on this test?",
            ),
        ),
    ),
    hints=(
        "Turn the question round. Suppose the model succeeds with probability q at each item: how likely is a test of n items to show zero?",
        "(1 - q)^n = 0.05. For a token: q = p^K. For the size of the test: the same equation, with q given and n wanted.",
        "limit = 100 * (1 - 0.05**(1/n)); token = 100 * (limit/100)**(1/K); enough = log(0.05) / log(1 - wanted/100).",
    ),
)  # fmt: skip


# -------------------------------------------------------------------------------------------------- ch11.knobs


def _knob_numbers(seed: int) -> dict[str, Quantity]:
    items, late, fixed = 200, 100_000.0, 10
    if seed:
        rng = np.random.default_rng([seed, 1104])
        items, late = [(20, 5e4), (20, 1e5), (200, 5e4), (200, 1e5), (2000, 5e4)][int(rng.integers(5))]
        fixed = int(rng.choice([8, 10, 12, 15]))
    return {
        "n_items": Quantity(items, "items", "size of the first test"),
        "late": Quantity(late, "problems", "the skill is to show only after these"),
        "fixed": Quantity(fixed, "digits", "length of the answers in the second question"),
    }


_SIZES = (20, 200, 2000)


@cache
def _explorer() -> Any:
    from ..explorers import make_it_emerge

    return make_it_emerge()


@cache
def _seen(length: int, items: int) -> float:
    """What the explorer shows as the first right answer."""
    view = _explorer().set(length=length, items=items).view
    return float(next(readout.value for readout in view.readouts if readout.key == "seen"))


def _shortest(given: Given) -> int:
    return next(length for length in range(1, 31) if _seen(length, int(given.n_items)) > given.late)


def _by_size(given: Given) -> FloatArray:
    return np.array([_seen(int(given.fixed), items) for items in _SIZES])


KNOBS = Exercise(
    "ch11.knobs",
    "Make it emerge",
    kind="move",
    difficulty=2,
    minutes=8,
    given=_knob_numbers,
    goal=(
        "Move the explorer until the same model's skill appears as late as you are told, and read off how early it appears on"
        " tests of three sizes."
    ),
    success="you have moved the place of an \"emergence\" by a factor of several without touching the model.",
    answers=(
        Answer("length", "the shortest answer, in digits, for which the skill shows only after numbers.late problems"),
        Answer("first", "problems at the first right answer with tests of 20, 200 and 2,000 items"),
        Answer("changed", 'what you changed about the model: "its size", "its training" or "nothing"'),
    ),
    parts=(
        Value(
            "the shortest answer", 1, "length", lambda given: float(_shortest(given)), "digits", 1e-6,
            mistakes=(
                Mistake("one too short", "With answers of this length the skill shows earlier: look at the readout once more.",
                        lambda given: _shortest(given) - 1.0),
                Mistake("not the shortest", "With answers of this length it is late enough, but a shorter one is too.",
                        lambda given: _shortest(given) + 1.0),
                Mistake("the longest", "The longest answers show it late, to be sure; asked for are the shortest that do.",
                        lambda given: 30.0),
                Mistake("the model's own", "Five digits are what the model was trained on. Make the answers longer.", lambda given: 5.0),
            ),
        ),
        Value(
            "three sizes of a test", 2, "first", _by_size, "problems", 0.01,
            lambda given: [f"{n:,} items" for n in _SIZES],
            (
                Mistake("sizes reversed", "These come in the order of 2,000, 200 and 20 items; the smallest test comes first.",
                        lambda given: _by_size(given)[::-1]),
                Mistake("answers of five digits", "These belong to answers of five digits: set the length to numbers.fixed.",
                        lambda given: np.array([_seen(5, n) for n in _SIZES])),
                Mistake("thousands", "The readout says K: these are thousands of problems.", lambda given: _by_size(given) / 1e3),
                Mistake("one size", "All three are the same. Move the size of the test, and read again.",
                        lambda given: np.full(3, _seen(int(given.fixed), 200))),
            ),
        ),
        Choice(
            "what changed about the model", 1, "changed",
            {
                "its size": "Each position of the sliders shows the same model with the same parameters.",
                "its training": "Each position of the sliders shows the same 24 checkpoints of the same run.",
                "nothing": "",
            },
            lambda given: "nothing", {"size": "its size", "training": "its training", "none": "nothing", "no change": "nothing"},
        ),
    ),
    hints=(
        "Guess first, then commit. The readout below the pictures says where the first right answer shows; watch it while you move the length.",
        "Length: start from 1 and go up until the readout first exceeds numbers.late. Sizes: set the length to numbers.fixed, then move only"
        " the size of the test.",
        "In code: `explorer.set(length=7, items=20).view.readouts[0].value` gives the problems at the first right answer.",
    ),
    prepare=lambda given: (_shortest(given), _by_size(given)),
)  # fmt: skip


# ---------------------------------------------------------------------------------------------- ch11.threshold

_CURVED = ("mmlu_other_test", "mmlu_social_sciences_test", "mmlu_humanities_val")
_OPEN = ("hellaswag_val", "arc_challenge_test", "openbookqa_val", "piqa_val")
_BROKEN = ("winogrande_val", "arc_easy_test", "mmlu_stem_val")


def _threshold_numbers(seed: int) -> dict[str, Quantity]:
    tasks = [_CURVED[0], _OPEN[0], _BROKEN[0]]
    if seed:
        rng = np.random.default_rng([seed, 1105])
        tasks = [str(group[int(rng.integers(len(group)))]) for group in (_CURVED, _OPEN, _BROKEN)]
        tasks = [tasks[i] for i in rng.permutation(3)]
    return {"tasks": Quantity(tuple(tasks), "", "three tasks of the ladder")}


@cache
def _ladder() -> Any:
    """The ladder's 25 runs, one a row."""
    from .. import datasets

    table: Any = datasets.load("model_ladder_evals")
    wanted = table.metric.isin(["prob_correct", "accuracy", "loss_nats"])
    return table[wanted].pivot_table(
        index=["params", "training_tokens"], columns=["metric", "task"], values="value"
    ).reset_index()


@cache
def _scores(task: str, metric: str = "prob_correct") -> tuple[FloatArray, FloatArray, FloatArray]:
    """Parameters, loss on C4 and the score of a task."""
    runs = _ladder()
    N, L, s = (runs[key].to_numpy(np.float64) for key in ("params", ("loss_nats", "c4_en"), (metric, task)))
    return N, L, s


@cache
def _judged(task: str, metric: str = "prob_correct") -> tuple[float, float, float]:
    """Threshold fitted without the 3B runs; errors on them of the threshold over the curve; the same without holding back."""
    N, L, s = _scores(task, metric)
    small = N < 2e9

    def miss(fit: Any, on: Any, at: Any) -> float:
        return float(np.sqrt(np.mean((fit(L[on], s[on])(L[at]) - s[at]) ** 2)))

    everything = np.ones(len(N), dtype=bool)
    ratios = [miss(capability.fit_threshold, on, at) / miss(capability.fit_approach, on, at)
              for on, at in ((small, ~small), (everything, everything))]  # fmt: skip
    return capability.fit_threshold(L[small], s[small]).L0, ratios[0], ratios[1]


def _each(column: int, metric: str = "prob_correct") -> Any:
    return lambda given: np.array([_judged(task, metric)[column] for task in given.tasks])


@cache
def _with_all(task: str) -> float:
    return capability.fit_threshold(*_scores(task)[1:]).L0


def _with_all_runs(given: Given) -> FloatArray:
    return np.array([_with_all(task) for task in given.tasks])


def _verdict(task: str) -> str:
    ratio = _judged(task)[1]
    return "curve" if ratio > 2 else "threshold" if ratio < 0.5 else "cannot tell"


def _verdict_part(index: int, name: str) -> Choice:
    return Choice(
        f"the {name} task", 1, name,
        {
            "curve": "Does the threshold miss the held-back runs by more than twice as much as the curve? Look at the ratio of this task.",
            "threshold": "Does the curve miss the held-back runs by more than twice as much as the threshold? Look at the ratio of this task.",
            "cannot tell": "One of the two misses the held-back runs by more than twice as much as the other. Look at the ratio of this task.",
        },
        lambda given: _verdict(given.tasks[index]),
        {"undecided": "cannot tell", "neither": "cannot tell", "smooth": "curve", "approach": "curve", "exponential": "curve"},
    )  # fmt: skip


THRESHOLD = Exercise(
    "ch11.threshold",
    "Is there a threshold?",
    kind="judge",
    difficulty=4,
    minutes=15,
    given=_threshold_numbers,
    goal=(
        "Somebody claims that each of three tasks leaves chance at a threshold of the loss. Fit a threshold and a curve to the runs"
        " below two billion parameters, let the 3B runs decide, and give a verdict for each task: one side wins if the other's error"
        " on the held-back runs is more than twice its own."
    ),
    success="your three verdicts are not all the same.",
    answers=(
        Answer("L0", "the three thresholds, fitted without the 3B runs, nats"),
        Answer("ratio", "root mean square error on the 3B runs, threshold over curve, for each task"),
        Answer("first", '"curve", "threshold" or "cannot tell"'),
        Answer("second", "the same for the second task"),
        Answer("third", "the same for the third task"),
        Answer("so", 'what holds on this ladder: "every task", "no task" or "it depends on the task"'),
    ),
    parts=(
        Value(
            "the thresholds", 1, "L0", _each(0), "nats", 0.006, lambda given: given.tasks,
            (
                Mistake("all runs", "These are fitted to all 25 runs. Hold the 3B runs back, or they cannot judge.", _with_all_runs),
                Mistake("accuracy", "These belong to the accuracy. Asked for is the probability of the right choice, prob_correct.",
                        _each(0, "accuracy")),
            ),
        ),
        Value(
            "the errors ahead", 2, "ratio", _each(1), "", 0.1, lambda given: given.tasks,
            (
                Mistake("nothing held back", "These are errors on the runs that were fitted. Fit without the 3B runs, and look at those alone.",
                        _each(2)),
                Mistake("upside down", "The ratio is upside down: the error of the threshold stands above.", lambda given: 1 / _each(1)(given)),
                Mistake("squares", "These are ratios of mean squares; take the root.", lambda given: _each(1)(given) ** 2),
                Mistake("accuracy", "These belong to the accuracy. Asked for is the probability of the right choice, prob_correct.",
                        _each(1, "accuracy")),
            ),
        ),
        _verdict_part(0, "first"),
        _verdict_part(1, "second"),
        _verdict_part(2, "third"),
        Choice(
            "and in general", 1, "so",
            {
                "every task": "One of your three tasks prefers the curve.",
                "no task": "One of your three tasks prefers the threshold.",
                "it depends on the task": "",
            },
            lambda given: "it depends on the task",
            {"depends": "it depends on the task", "it depends": "it depends on the task", "every": "every task", "none": "no task"},
        ),
    ),
    hints=(
        "Both shapes have three constants, so a better fit to the runs at hand decides nothing. What differs is what they say of runs that they"
        " have not seen.",
        "For each task: fit_threshold(L[small], s[small]) and fit_approach(L[small], s[small]); then the root mean square of fit(L[large]) -"
        " s[large] for each; then the ratio.",
        "rms = lambda f: np.sqrt(np.mean((f(L[large], ...) - s[large]) ** 2)) with small = N < 2e9, L the loss on c4_en and s the metric"
        " prob_correct; `runs` of the cell above holds all three.",
    ),
    prepare=lambda given: [_judged(task, metric) for task in given.tasks for metric in ("prob_correct", "accuracy")],
)  # fmt: skip


# ----------------------------------------------------------------------------------------------- ch11.forecast

_LINES = ((6, 2), (8, 2), (12, 2), (12, 4))
_LOW_EXACT = 0.1
HALF = float(np.log(0.5))


def _known(width: int, digits: int) -> int:
    """How many checkpoints come before exact match first reaches a tenth."""
    return int(np.flatnonzero(_run(width, digits)["exact_match"] >= _LOW_EXACT)[0])


def _forecast_numbers(seed: int) -> dict[str, Quantity]:
    width, digits = _LINES[0] if not seed else _LINES[int(np.random.default_rng([seed, 1106]).integers(len(_LINES)))]
    return {
        "width": Quantity(width, "", "width of the model"),
        "digits": Quantity(digits, "digits", "of each number"),
        "known": Quantity(_known(width, digits), "checkpoints", "the first ones, before exact match reaches a tenth"),
    }


def _forecast(problems: Any, log_prob: Any, level: float) -> float:
    slope, intercept = np.polyfit(np.log(problems), log_prob, 1)
    return float(np.exp((level - intercept) / slope))


def _inverse(problems: Any, log_prob: Any, level: float) -> float:
    return float(np.exp(np.polyval(np.polyfit(log_prob, np.log(problems), 1), level)))


def _in_problems(problems: Any, log_prob: Any, level: float) -> float:
    slope, intercept = np.polyfit(problems, log_prob, 1)
    return float((level - intercept) / slope)


def _power_law(problems: Any, log_prob: Any, level: float) -> float:
    slope, intercept = np.polyfit(np.log(problems), np.log(-np.asarray(log_prob)), 1)
    return float(np.exp((np.log(-level) - intercept) / slope))


def _two_ends(problems: Any, log_prob: Any, level: float) -> float:
    return _forecast(np.asarray(problems)[[0, -1]], np.asarray(log_prob)[[0, -1]], level)


def _mixed_logs(problems: Any, log_prob: Any, level: float) -> float:
    return float(10 ** np.log(_forecast(problems, log_prob, level)))


def _half_mixed(problems: Any, log_prob: Any, level: float) -> float:
    return float(np.exp(np.log10(_forecast(problems, log_prob, level))))


def _histories(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    out: list[tuple[Any, ...]] = []
    for count in (5, 6, 8, 9, 12, 15):
        problems = np.geomspace(5e3, 6e4, count) * rng.uniform(0.9, 1.1, count)
        log_prob = rng.uniform(1.0, 1.6) * (np.log(problems) - np.log(5e3)) - rng.uniform(7.0, 8.5) + rng.normal(0, 0.25, count)
        out += [(problems, log_prob, float(rng.uniform(-1.2, -0.3)))]
    return out


_FORECAST_MISTAKES = (
    Mistake("linear in problems", "You draw the line against the problems themselves; it is asked for against their logarithm.", _in_problems),
    Mistake("power law", "You take the logarithm of the log-probability too, which is a power law. The line is in the log-probability"
            " itself.", _power_law),
    Mistake("regressed backwards", "You fit the logarithm of the problems as a function of the log-probability. With noise that is another"
            " line: fit the log-probability, then solve for the problems.", _inverse),
    Mistake("two ends", "You draw the line through the first and the last checkpoint; least squares uses all of them.", _two_ends),
    Mistake("10 for e", "Natural logarithms are undone by np.exp, and log10 by 10 **: the two are mixed here.", _mixed_logs),
    Mistake("e for 10", "log10 is undone by 10 **, and natural logarithms by np.exp: the two are mixed here.", _half_mixed),
)  # fmt: skip


@cache
def _repeats(width: int, digits: int) -> FloatArray:
    """Forecasts of two thousand draws of the known checkpoints, with replacement."""
    run, count = _run(width, digits), _known(width, digits)
    x, y = np.log(run["problems"][:count]), run["log_prob"][:count]
    rng = np.random.default_rng(17)
    picks = rng.integers(0, count, (2000, count))
    u, v = x[picks], y[picks]
    centred = u - u.mean(axis=1, keepdims=True)
    spread = (centred**2).sum(axis=1)
    good = spread > 1e-12
    slope = (centred * v).sum(axis=1)[good] / spread[good]
    out: FloatArray = np.exp(u.mean(axis=1)[good] + (HALF - v.mean(axis=1)[good]) / slope)
    return out


def _end(share: float) -> Any:
    return lambda given: float(np.quantile(_repeats(int(given.width), int(given.digits)), share))


def _own_forecast(given: Given, forecast: Any = _forecast, *, count: int | None = None, level: float = HALF) -> float:
    run, known = _of(given), int(given.known) if count is None else count
    return float(forecast(run["problems"][:known], run["log_prob"][:known], level))


_LOW_MISTAKES = (
    Mistake("ends exchanged", "The two ends are exchanged.", _end(0.9)),
    Mistake("95 %", "This end is near that of a 95 % interval; asked for are 80 %.", _end(0.025)),
    Mistake("50 %", "This end is near that of an interval that holds half of the draws; asked for are 80 %.", _end(0.25)),
)  # fmt: skip


FORECAST = Exercise(
    "ch11.forecast",
    "Seen coming?",
    kind="stretch",
    difficulty=5,
    minutes=20,
    given=_forecast_numbers,
    seconds=15.0,
    goal=(
        "While exact match is still near zero, forecast from the log-probabilities alone when half of the answers will be right: a straight"
        " line of the log-probability in the logarithm of the problems seen, carried on to ln(1/2), with an 80 % interval. Then compare with"
        " what happened, and say why."
    ),
    success="you have a forecast with an interval, an interval that does not hold the truth, and a reason.",
    answers=(
        Answer("forecast", "your function, without parentheses"),
        Answer("when", "problems at which the line reaches ln(1/2)"),
        Answer("low", "lower end of the 80 % interval"),
        Answer("high", "upper end"),
        Answer("happened", "problems at the first checkpoint with an exact match of at least a half"),
        Answer("verdict", 'the interval lies "too early", "too late" or "it holds"'),
        Answer("why", '"a", "b" or "c"'),
    ),
    parts=(
        Agrees("the forecast", 2, "forecast", _histories, _forecast, ("problems",), ("problems",), (), _FORECAST_MISTAKES, 1e-6, reduces=True),
        Value(
            "for this model", 1, "when", _own_forecast, "problems", 0.005,
            mistakes=(
                Mistake("all checkpoints", "You used every checkpoint, the future among them. Use the first numbers.known.",
                        lambda given: _own_forecast(given, count=len(_of(given)["problems"]))),
                Mistake("one checkpoint more", "You used one checkpoint too many: numbers.known counts them, and Python counts from zero.",
                        lambda given: _own_forecast(given, count=int(given.known) + 1)),
                Mistake("half a nat", "The line should reach ln(1/2), the log-probability of one half, not -1/2.",
                        lambda given: _own_forecast(given, level=-0.5)),
                Mistake("log10 of a half", "Log-probabilities are in nats: take the natural logarithm of 1/2.",
                        lambda given: _own_forecast(given, level=float(np.log10(0.5)))),
                Mistake("half for each digit", "This asks that every digit be right with one half. Half of the *answers* are to be right.",
                        lambda given: _own_forecast(given, level=HALF * (given.digits + 1))),
            ),
        ),
        Value("lower end", 1, "low", _end(0.1), "problems", 0.12, mistakes=_LOW_MISTAKES),
        Value("upper end", 1, "high", _end(0.9), "problems", 0.15, mistakes=(Mistake("ends exchanged", "The two ends are exchanged.", _end(0.1)),)),
        Value(
            "what happened", 1, "happened", lambda given: _of(given)["problems"][_appears(given, 0.5)], "problems", 0.005,
            mistakes=(
                Mistake("a tenth", "That is where exact match reaches a tenth.", lambda given: _of(given)["problems"][_appears(given, 0.1)]),
                Mistake("the log-probability's half", "That is where the *log-probability* reaches ln(1/2). Exact match was a half before.",
                        lambda given: _of(given)["problems"][int(np.flatnonzero(_of(given)["log_prob"] >= HALF)[0])]),
                Mistake("tokens", "These are tokens, of which an answer has several. Asked for are problems.",
                        lambda given: _of(given)["tokens"][_appears(given, 0.5)]),
            ),
        ),
        Choice(
            "how it came out", 1, "verdict",
            {
                "too early": "Compare both ends with what happened.",
                "too late": "Compare both ends with what happened.",
                "it holds": "Does what happened lie between your two ends?",
            },
            lambda given: "too late", {"early": "too early", "late": "too late", "holds": "it holds", "inside": "it holds"},
        ),
        Choice(
            "why", 1, "why",
            {
                "a": "Draw it: the known checkpoints lie close to their line. It is what came after that did not.",
                "b": "",
                "c": "Half of the answers right and a log-probability of ln(1/2) do not coincide, but the one is a good part of the other.",
            },
            lambda given: "b", {"(a)": "a", "(b)": "b", "(c)": "c"},
        ),
    ),
    hints=(
        "Fit the log-probability as a straight line in the logarithm of the problems seen, only on what was known at the time. Where does the line"
        " reach the log-probability of one half?",
        "slope, intercept = np.polyfit(np.log(problems), log_prob, 1); the line reaches `level` at exp((level - intercept) / slope). For the interval"
        " draw the known checkpoints with replacement, forecast again, and take the 10th and 90th percentile.",
        "rng = np.random.default_rng(0); draws = [forecast(x[k], y[k], np.log(0.5)) for k in rng.integers(0, m, (1000, m)) if len(set(k)) > 1];"
        " low, high = np.quantile(draws, [0.1, 0.9]), with m = numbers.known.",
    ),
    prepare=lambda given: _repeats(int(given.width), int(given.digits)),
)  # fmt: skip


EXERCISES = (SHOWS, SEARCH, ZERO, KNOBS, THRESHOLD, FORECAST)
