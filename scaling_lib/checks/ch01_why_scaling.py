"""The exercises of chapter 1: what each asks, what is judged, and the mistakes that are known by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from .. import compute, published
from ..allocate import rule_of_thumb
from ..fitting import Growth, growth
from ._mistakes import flop_counts, forgotten, fraction, stacked, times
from ._model import Answer, Exercise, Given, Mistake, Quantity
from ._parts import Agrees, Choice, Value

__all__ = ["EXERCISES"]


# ------------------------------------------------------------------------------------------------ ch01.budget

Triple = tuple[Any, Any, Any]


def _budget(n_gpu: Any, days: Any, peak: Any, mfu: Any, ratio: Any) -> Triple:
    C = compute.training_flop(days, n_gpu=n_gpu, peak=peak, mfu=mfu)
    best = rule_of_thumb(C=C, tokens_per_param=ratio)
    return C, best.N, best.D


def _rigs(rng: np.random.Generator) -> list[tuple[float, ...]]:
    drawn = [
        (float(2 ** rng.integers(0, 17)), float(rng.uniform(0.5, 120)), float(10 ** rng.uniform(13, 16)), float(rng.uniform(0.05, 0.6)),
         float(10 ** rng.uniform(0, 3.5)))
        for _ in range(8)
    ]
    return [(512.0, 30.0, published.H100.flop_per_s, 0.4, 20.0), (1.0, 1.0, 1e15, 1.0, 1.0), *drawn]


def _split(C: Any, ratio: Any, per: float = 6.0) -> Triple:
    """The split of a budget that counts `per` FLOP for each parameter and token."""
    N = np.sqrt(np.asarray(C) / (per * np.asarray(ratio)))
    return C, N, ratio * N


def _with_flop(per: float) -> Callable[..., Triple]:
    return lambda n, days, peak, mfu, ratio: _split(_budget(n, days, peak, mfu, ratio)[0], ratio, per)


def _no_root(*rig: Any) -> Triple:
    C, ratio = _budget(*rig)[0], rig[4]
    N = C / (6 * np.asarray(ratio))
    return C, N, ratio * N


def _per_token(*rig: Any) -> Triple:
    C, N, D = _budget(*rig)
    return C, D, N


_BUDGET_MISTAKES = (
    Mistake("hours", "You counted 3,600 seconds to the day: those make an hour.", lambda n, d, *rest: _budget(n, np.asarray(d) / 24, *rest)),
    Mistake("days for seconds", "The peak is a speed per *second*: a day has 86,400 of them.",
            lambda n, d, *rest: _budget(n, np.asarray(d) / 86400, *rest)),
    forgotten(_budget, "mfu", 1.0, "The utilisation is missing: only that share of the peak arrives as work."),
    forgotten(_budget, "peak", published.H100.flop_per_s, "You always take the peak of an H100: use the `peak` that is given."),
    forgotten(_budget, "n_gpu", 1.0, "This is the budget of one accelerator: multiply by how many there are."),
    Mistake("over the utilisation", "You divided by the utilisation. It is the share of the peak that you get: multiply.",
            lambda n, d, peak, mfu, ratio: _budget(n, d, np.asarray(peak) / np.asarray(mfu) ** 2, mfu, ratio)),
)
_SPLIT_MISTAKES = (
    *_BUDGET_MISTAKES,
    *flop_counts(_with_flop),
    Mistake("no square root", "With D = ratio x N the budget is 6 x ratio x N squared: take the square root.", _no_root),
    forgotten(_budget, "ratio", 20.0, "You always take 20 tokens per parameter: use the `ratio` that is given."),
    Mistake("N and D exchanged", "N and D are exchanged, or the ratio is upside down: it is tokens *per* parameter.", _per_token),
)

_BUDGET = Agrees("the budget", 1, "budget", _rigs, _budget, ("C", "N", "D"), ("FLOP", "parameters", "tokens"), ("C",), _BUDGET_MISTAKES)

BUDGET = Exercise(
    "ch01.budget",
    "What your machines can train",
    kind="implement",
    difficulty=1,
    minutes=10,
    goal=(
        "Write `budget(n_gpu, days, peak, mfu, ratio)`. It returns the training compute C in FLOP of `n_gpu` accelerators for so many"
        " `days`, at a `peak` in FLOP per second and a utilisation `mfu`; and the parameters N and tokens D that spend all of it, with"
        " `ratio` tokens for each parameter."
    ),
    success="512 H100s for 30 days at 40 % make 5.25e23 FLOP, or 66 billion parameters at 20 tokens each.",
    answers=(Answer("budget", "your function, without parentheses"),),
    parts=(
        _BUDGET,
        replace(_BUDGET, label="parameters", judges=("N",), mistakes=_SPLIT_MISTAKES),
        replace(_BUDGET, label="tokens", judges=("D",), mistakes=_SPLIT_MISTAKES),
        replace(_BUDGET, label="it takes arrays", cases=stacked(_rigs), judges=(), mistakes=_SPLIT_MISTAKES),
    ),
    hints=(
        "First the work that the machines do in that time. Then ask which N, with ratio x N tokens, costs just that.",
        "C = n x days x 86,400 s x peak x mfu. And C = 6 N D with D = ratio x N, so C = 6 ratio N squared.",
        "C = n_gpu * days * 86400 * peak * mfu; N = (C / (6 * ratio)) ** 0.5; return C, N, ratio * N",
    ),
)


# ------------------------------------------------------------------------------------------------ ch01.growth


def _rows(domain: str, since: int, before: int = 2100) -> Any:
    """The notable models whose domain contains the word, of the years from `since` and before `before`."""
    from .. import datasets

    table: Any = datasets.load("notable_models")
    year = table.publication_date.dt.year
    return table[(year >= since) & (year < before) & table.domain.str.contains(domain, na=not domain)]


@cache
def _trend(domain: str, since: int, before: int = 2100) -> tuple[Growth, int]:
    rows = _rows(domain, since, before)
    return growth(rows.publication_date, rows.training_flops), len(rows)


def _growth_numbers(seed: int) -> dict[str, Quantity]:
    domain, since = "Vision", 2014
    if seed:
        rng = np.random.default_rng([seed, 102])
        domain, since = str(rng.choice(["Vision", "Language"])), int(rng.choice([2013, 2014, 2016]))
    return {
        "domain": Quantity(domain, "", "a word in the column `domain`"),
        "since": Quantity(since, "", "the first year that counts, from 1 January"),
    }


def _found(given: Given) -> Growth:
    return _trend(given.domain, int(given.since))[0]


def _factor(given: Given) -> float:
    return _found(given).factor


def _months(given: Given) -> float:
    return _found(given).doubling_months


GROWTH = Exercise(
    "ch01.growth",
    "Measure the growth yourself",
    kind="use",
    difficulty=2,
    minutes=12,
    given=_growth_numbers,
    prepare=_found,
    goal=(
        "From the table `notable_models`, take the rows whose `domain` contains your word and that were published in your first year or"
        " later. Fit a line through the logarithm of their training compute against time, and say how many models there are, by what"
        " factor their compute grows in a year, and in how many months it doubles."
    ),
    success="the doubling time follows from the factor alone, and neither is the number that the chapter quotes.",
    answers=(
        Answer("count", "models in your selection"),
        Answer("factor", "growth in a year, a factor"),
        Answer("months", "doubling time, months"),
    ),
    parts=(
        Value("models", 1, "count", lambda given: float(_trend(given.domain, int(given.since))[1]), "", 1e-9, None,
              (
                  Mistake("every domain", "You count all domains: keep the rows whose `domain` contains your word.",
                          lambda given: float(_trend("", int(given.since))[1])),
                  Mistake("every year", "You count all years: keep those published in your first year or later.",
                          lambda given: float(_trend(given.domain, 1900)[1])),
                  Mistake("exactly that domain", "You count the rows whose `domain` *is* your word. Many rows list several domains: ask"
                          " which contain it, `.str.contains`.", lambda given: float(_exactly(given))),
                  Mistake("exactly that domain, every year", "You count the rows whose `domain` *is* your word, of all years. Many rows list"
                          " several domains: ask which contain it, `.str.contains`, and keep those of your first year or later.",
                          lambda given: float(_exactly(given, 1900))),
                  Mistake("a year late", "You left your first year out: it counts, from 1 January on.",
                          lambda given: float(_trend(given.domain, int(given.since) + 1)[1])),
              )),
        Value("growth a year", 2, "factor", _factor, "times a year", 0.02, None,
              (
                  Mistake("orders of magnitude", "This is the slope in orders of magnitude a year: the factor is 10 to that power.",
                          lambda given: math.log10(_factor(given))),
                  Mistake("natural logarithm", "This is the slope of the natural logarithm: the factor is exp of it.",
                          lambda given: math.log(_factor(given))),
                  Mistake("less one", "This is the growth less one. Asked for is the factor itself: 4 means four times as much.",
                          lambda given: _factor(given) - 1),
                  Mistake("percent", "This is in percent more. Asked for is the factor.", lambda given: 100 * (_factor(given) - 1)),
                  Mistake("every domain", "This is the growth of all domains: keep the rows whose `domain` contains your word.",
                          lambda given: _trend("", int(given.since))[0].factor),
                  Mistake("every year", "This is the growth since the first entry of the table: begin in your first year.",
                          lambda given: _trend(given.domain, 1900)[0].factor),
                  Mistake("wrong base", "Base of the logarithm and base of the power differ: log10 goes with 10**, log with exp.",
                          lambda given: math.exp(math.log10(_factor(given)))),
                  Mistake("a day", "This is the growth in a day: turn days into years.", lambda given: _factor(given) ** (1 / 365.2425)),
              )),
        Value("doubling time", 1, "months", _months, "months", 0.02, None,
              (
                  times(_months, 1 / 12, "years", "This is in years: asked for are months."),
                  Mistake("tenfold", "This is the time in which it grows *tenfold*.", lambda given: 12 / math.log10(_factor(given))),
                  Mistake("e-fold", "This is the time in which it grows by a factor e: multiply by ln 2.",
                          lambda given: 12 / math.log(_factor(given))),
                  Mistake("two over the factor", "You divided by the factor. Growth compounds: solve factor ** (t / 12) = 2.",
                          lambda given: 12 * 2 / _factor(given)),
              )),
    ),
    hints=(
        "Steady growth by a factor is a straight line on a logarithmic axis, here against the date.",
        "Dates to years first; then the slope of log10 of the compute. factor = 10 ** slope, and factor ** (months / 12) = 2."
        " `fitting.growth` does the line.",
        (
            "rows = models[models.domain.str.contains(word, na=False) & (models.publication_date >= '2014')];"
            " trend = fitting.growth(rows.publication_date, rows.training_flops); len(rows), trend.factor, trend.doubling_months"
        ),
    ),
)


def _exactly(given: Given, since: int | None = None) -> int:
    return int((_rows("", since or int(given.since)).domain == given.domain).sum())


# ------------------------------------------------------------------------------------------- ch01.forecasters

_LEVEL = 0.8


def _held_numbers(seed: int) -> dict[str, Quantity]:
    n, held = 20, [14, 20, 11]
    if seed:
        rng = np.random.default_rng([seed, 103])
        n = int(rng.choice([20, 25, 30]))
        held = [int(0.8 * n) - int(rng.integers(0, 3)), n, int(0.8 * n) - int(rng.integers(5, 8))]
        rng.shuffle(held)
    return {
        "n": Quantity(n, "", "80 % intervals that each forecaster gave"),
        **{f"held_{who}": Quantity(int(k), "", f"of {who}'s intervals held the answer") for who, k in zip("ABC", held, strict=True)},
    }


def _least(given: Given) -> int:
    return int(min(given.held_A, given.held_B, given.held_C))


def _at_most(given: Given, k: float | None = None, level: float = _LEVEL) -> float:
    """Chance in percent that so many intervals or fewer hold, each with that probability."""
    from scipy.special import bdtr

    return 100 * float(bdtr(_least(given) if k is None else k, int(given.n), level))


def _exactly_so_many(given: Given) -> float:
    return _at_most(given) - _at_most(given, _least(given) - 1)


def _judged(who: str) -> Callable[[Given], str]:
    def verdict(given: Given) -> str:
        k = given[f"held_{who}"]
        if _at_most(given, k) < 5:
            return "too narrow"
        return "too wide" if 100 - _at_most(given, k - 1) < 5 else "could be luck"

    return verdict


def _verdict(who: str) -> Choice:
    return Choice(
        f"forecaster {who}", 1, f"of_{who}",
        {
            "too narrow": "How probable is it that so few or fewer hold, if each holds with 80 %? Below 5 % only, the intervals are too narrow.",
            "could be luck": "How probable is it that so few or fewer (or so many or more) hold, if each holds with 80 %? This is below 5 %.",
            "too wide": "How probable is it that so many or more hold, if each holds with 80 %? Below 5 % only, the intervals are too wide.",
        },
        _judged(who),
    )


FORECASTERS = Exercise(
    "ch01.forecasters",
    "Luck or overconfidence?",
    kind="judge",
    difficulty=2,
    minutes=10,
    given=_held_numbers,
    goal=(
        "Three forecasters gave 80 % intervals for `n` quantities each. Take the one who has the fewest hits: if each of those intervals"
        " really held with 80 %, independently, how probable were so few hits *or fewer*? Then judge all three, at a limit of 5 %:"
        ' `"too narrow"`, `"too wide"`, or `"could be luck"`.'
    ),
    success="one forecaster's shortfall looks bad and is none, and one with a perfect record is not a good forecaster.",
    answers=(
        Answer("chance", "of so few hits or fewer, percent"),
        Answer("of_A", "verdict on A"),
        Answer("of_B", "verdict on B"),
        Answer("of_C", "verdict on C"),
    ),
    parts=(
        Value("the chance", 2, "chance", _at_most, "percent", 0.02, None,
              (
                  fraction(_at_most),
                  Mistake("exactly so many", "This is the chance of *exactly* so many hits: add those of fewer.", _exactly_so_many),
                  Mistake("fewer", "This leaves the number itself out: asked for is so few *or fewer*.",
                          lambda given: _at_most(given, _least(given) - 1)),
                  Mistake("more", "This is the chance of *more* hits. Take the other side: so few or fewer.", lambda given: 100 - _at_most(given)),
                  Mistake("a fair coin", "You let each interval hold with 50 %. They were given as 80 % intervals.",
                          lambda given: _at_most(given, level=0.5)),
              )),
        *(_verdict(who) for who in "ABC"),
    ),
    hints=(
        "Each interval is a coin that falls right with 80 %. How many of n such coins fall right is a binomial number.",
        "P(k or fewer) = sum of (n choose j) 0.8^j 0.2^(n-j) for j up to k. For a perfect record: 0.8^n.",
        "chance = 100 * scipy.stats.binom.cdf(k, n, 0.8); too narrow if cdf(k) < 0.05, too wide if 1 - cdf(k - 1) < 0.05.",
    ),
)


# ---------------------------------------------------------------------------------------------- ch01.machines

_TARGETS = (
    ("Llama 2 70B", 1024), ("Llama 3 8B", 1024), ("GPT-3 175B", 512), ("OPT-175B", 512), ("Falcon 40B", 256),
)


@cache
def _target(model: str) -> tuple[float, float]:
    from .. import datasets

    row: Any = datasets.load("models").set_index("name").loc[model]
    return float(row.params_active), float(row.tokens_trained)


def _machine_numbers(seed: int) -> dict[str, Quantity]:
    model, n_gpu = "Llama 3 8B", 1024
    if seed:
        rng = np.random.default_rng([seed, 104])
        model, n_gpu = _TARGETS[int(rng.integers(len(_TARGETS)))]
    N, D = _target(model)
    return {
        "model": Quantity(model, "", "the model to repeat"),
        "N": Quantity(N, "parameters", "its size"),
        "D": Quantity(D, "tokens", "what it read"),
        "n_gpu": Quantity(n_gpu, "", "H100s at hand, at a utilisation of 40 %"),
    }


def _cost(given: Given) -> float:
    return float(compute.train_flop(given.N, given.D))


def _days(given: Given, mfu: float = 0.4, chip: Any = published.H100) -> float:
    return float(compute.training_days(_cost(given), n_gpu=given.n_gpu, peak=chip, mfu=mfu))


def _best(given: Given, law: Any = published.BESIROGLU_2024) -> float:
    return float(law.optimal(_cost(given)).N)


def _rent(given: Given, end: int = 0) -> float:
    price = published.MARKET_PRICES_2025["H100"][end]
    return float(compute.training_cost(_cost(given), peak=published.H100, mfu=0.4, price_per_hour=price)) / 1e6


def _side(given: Given) -> str:
    return "larger than the best" if given.N > _best(given) else "smaller than the best"


MACHINES = Exercise(
    "ch01.machines",
    "Machines for a model",
    kind="move",
    difficulty=2,
    minutes=13,
    given=_machine_numbers,
    prepare=lambda given: _target(given.model),
    goal=(
        "You are to repeat a known model, with its size and tokens, on your H100s. Find with the explorer for how many days they are busy,"
        " the best size for that compute by the refit of 2024 (Besiroglu), and the rent in **millions** of dollars at the lower price. Then"
        " say on which side of the best size the model lies. What you read from the slider may be off by a sixth."
    ),
    success="the model lies on your diagonal in the explorer; how far from the diamond, you now know.",
    answers=(
        Answer("days", "days on your machines"),
        Answer("best", "the best size for that compute, parameters"),
        Answer("rent", "at the lower price, millions of dollars"),
        Answer("side", '"larger than the best" or "smaller than the best"'),
    ),
    parts=(
        Value("days", 1, "days", _days, "days", 0.17, None,
              (
                  Mistake("at the peak", "This is about two fifths of it. Either you reckon with the full peak, of which 40 % arrives; or you"
                          " count 2 FLOP for each parameter and token, and training takes six.", lambda given: _days(given, 1.0)),
                  Mistake("another accelerator", "This is for A100s. Yours are H100s.", lambda given: _days(given, chip=published.A100)),
                  times(_days, 24, "hours", "These are hours: a day has 24 of them."),
                  times(_days, 1 / 6, "ND", "The factor 6 is missing: C = 6 N D."),
                  Mistake("one machine", "This is for one accelerator: they share the work.", lambda given: _days(given) * given.n_gpu),
              )),
        Value("best size", 1, "best", _best, "parameters", 0.12, None,
              (
                  Mistake("its own size", "This is the size of the model itself. Where does the diamond stand?", lambda given: given.N),
                  Mistake("the printed law", "This is the best size by the constants printed in 2022: choose the refit of 2024.",
                          lambda given: _best(given, published.HOFFMANN_2022)),
                  Mistake("the tokens", "These are the best *tokens*.",
                          lambda given: float(published.BESIROGLU_2024.optimal(_cost(given)).D)),
              )),
        Value("rent", 1, "rent", _rent, "million dollars", 0.17, None,
              (
                  times(_rent, 1e6, "dollars", "These are dollars: asked for are millions."),
                  Mistake("the higher price", "This is the rent at the higher price.", lambda given: _rent(given, 1)),
                  times(_rent, 0.4, "at the peak", "This is the rent of a run at the full peak: 40 % of it arrives."),
              )),
        Choice(
            "which side", 1, "side",
            {
                "larger than the best": "Compare N with the best size. A model on your diagonal *above* the diamond is smaller, and has read more.",
                "smaller than the best": "Compare N with the best size. A model on your diagonal *below* the diamond is larger, and has read less.",
            },
            _side,
        ),
    ),
    hints=(
        "The model is the ring or square at its N and D. Set your machines, and move the days until the falling line meets it, or until the readout of"
        " the compute is 6 N D.",
        "C = 6 N D, and days = C / (n x peak x 0.4 x 86,400). The readouts give the best size and the rent.",
        "days = compute.training_days(6 * N * D, n_gpu=n_gpu, peak=published.H100, mfu=0.4); best = published.BESIROGLU_2024.optimal("
        "6 * N * D).N; rent = 24 * days * n_gpu * 2.0 / 1e6",
    ),
)

# ----------------------------------------------------------------------------------------------- ch01.backcast

_FIRST = 2010
# The verdict on each holds with a wide margin, and also where the error that the later models share, that of the line, is allowed for.
# And in each the band at the middle, held against every date, has another number above it than the band for each date.
_WINDOWS = (
    ("Language", 2019, 2022), ("Language", 2019, 2023), ("Language", 2020, 2024),
    ("Language", 2022, 2025), ("Language", 2023, 2025), ("Vision", 2022, 2025),
)


def _backcast_numbers(seed: int) -> dict[str, Quantity]:
    domain, before, until = _WINDOWS[int(np.random.default_rng([seed, 105]).integers(len(_WINDOWS))) if seed else 0]
    return {
        "domain": Quantity(domain, "", "a word in the column `domain`"),
        "before": Quantity(before, "", "the year whose 1 January parts the models you fit from those you foretell"),
        "until": Quantity(until, "", "the year whose 1 January ends those you foretell"),
        "middle": Quantity((before + until) / 2, "years", "the middle of that window"),
    }


def _old(given: Given) -> Growth:
    return _trend(given.domain, _FIRST, int(given.before))[0]


def _later(given: Given, until: int | None = None) -> Any:
    return _rows(given.domain, int(given.before), int(given.until) if until is None else until)


def _ends(trend: Growth, when: Any, kind: str = "prediction", level: float = _LEVEL) -> tuple[Any, Any]:
    band = trend.line.band(trend.at(when), kind=kind, level=level)
    return band.low, band.high


def _end(which: int, trend: Callable[[Given], Growth] = _old, **how: Any) -> Callable[[Given], float]:
    """One end of the band at the middle of the window."""
    return lambda given: float(_ends(trend(given), given.middle, **how)[which])


def _by_scatter(which: int) -> Callable[[Given], float]:
    """The line with the scatter about it, as if the line were known."""
    def end(given: Given) -> float:
        from scipy.special import ndtri

        line = _old(given).line
        return float(line.law(_old(given).at(given.middle)) * math.exp((2 * which - 1) * ndtri((1 + _LEVEL) / 2) * line.scatter))

    return end


def _by_slope(which: int) -> Callable[[Given], float]:
    """The ends of the growth's interval, carried on from the middle of the points."""
    def end(given: Given) -> float:
        own = growth(*_dated(given), level=_LEVEL)
        return float(own.line.law(1.0) * (own.low, own.high)[which] ** (given.middle - own.start))

    return end


def _dated(given: Given) -> tuple[Any, Any]:
    rows = _rows(given.domain, _FIRST, int(given.before))
    return rows.publication_date, rows.training_flops


def _hits(rows: Any, low: Any, high: Any) -> float:
    return float(((rows.training_flops >= low) & (rows.training_flops <= high)).sum())


def _inside(given: Given, **how: Any) -> float:
    rows = _later(given)
    return _hits(rows, *_ends(_old(given), rows.publication_date, **how))


def _inside_all_later(given: Given) -> float:
    rows = _later(given, 2100)
    return _hits(rows, *_ends(_old(given), rows.publication_date))


def _inside_old(given: Given) -> float:
    rows = _rows(given.domain, _FIRST, int(given.before))
    return _hits(rows, *_ends(_old(given), rows.publication_date))


def _above(given: Given, **how: Any) -> float:
    rows = _later(given)
    return float((rows.training_flops > _ends(_old(given), rows.publication_date, **how)[1]).sum())


def _above_the_middle(given: Given) -> float:
    """Above the band at the middle of the window, whatever their own date."""
    return float((_later(given).training_flops > _ends(_old(given), given.middle)[1]).sum())


def _above_the_line(given: Given) -> float:
    rows, trend = _later(given), _old(given)
    return float((rows.training_flops > trend.line.law(trend.at(rows.publication_date))).sum())


def _tells(given: Given) -> str:
    from scipy.special import bdtr

    n, inside, above = len(_later(given)), _inside(given), _above(given)
    if 100 * bdtr(inside, n, _LEVEL) < 5:
        fewer, misses = min(above, n - inside - above), n - inside
        return "moved" if 100 * bdtr(fewer, int(misses), 0.5) < 5 else "too narrow"
    return "too wide" if 100 * (1 - bdtr(inside - 1, n, _LEVEL)) < 5 else "as promised"


_THE_LINE = "This is the band for the *line*: it says how well the mean trend is known. A single model lies off the line as well: `kind`."


def _end_mistakes(which: int) -> tuple[Mistake, ...]:
    return (
        Mistake("the line", _THE_LINE, _end(which, kind="confidence")),
        Mistake("95 %", "This is the 95 % band, which is what you get unasked. An 80 % band was asked for: the `level` of `band`, not that of"
                " `growth`.", _end(which, level=0.95)),
        Mistake("the scatter alone", "This is the line with 1.28 times the scatter, as if the line itself were known. It is fitted on few points"
                " and carried beyond them: its own error is added.", _by_scatter(which)),
        Mistake("the growth alone", "You carried on the two ends of the growth's interval. They say how well the slope is known, not how far a"
                " single model lies off the line.", _by_slope(which)),
        Mistake("fitted on the later ones too", "Your line has seen the models that it is to foretell: fit those published earlier.",
                _end(which, lambda given: _trend(given.domain, _FIRST, int(given.until))[0])),
        Mistake("every domain", "This is the band of all domains: keep the rows whose `domain` contains your word.",
                _end(which, lambda given: _trend("", _FIRST, int(given.before))[0])),
    )


_AT_95 = "This is the count for the 95 % band. An 80 % band was asked for: `level`."
_ONE_FOR_ALL = "You hold the band at `middle` against every date. Each model has the band of its own date: `trend.at` takes many at once."


BACKCAST = Exercise(
    "ch01.backcast",
    "Would you have seen it coming?",
    kind="stretch",
    difficulty=4,
    minutes=22,
    given=_backcast_numbers,
    prepare=_old,
    goal=(
        "Go back to 1 January of the year `before`. Fit steady growth to the models of your domain that were published from 2010 until"
        " then, and give the 80 % band in which **one further model** of the date `middle` should lie. Then open the future: of the models"
        " published from that day until 1 January of `until`, count how many lie inside the band for their own date, and how many above"
        " it. Say what the count tells."
    ),
    success="a band for the trend would have held few of them, and even the honest band knows only the past.",
    answers=(
        Answer("low", "lower end of the band at the middle, FLOP"),
        Answer("high", "upper end of the band at the middle, FLOP"),
        Answer("inside", "later models inside the band for their date"),
        Answer("above", "later models above it"),
        Answer("tells", '"as promised", "too wide", "too narrow" or "moved"'),
    ),
    parts=(
        Value("lower end", 1, "low", _end(0), "FLOP", 0.03, None,
              (
                  *_end_mistakes(0),
                  Mistake("every year", "Your line has models of before 2010 as well: fit those from 2010 on.",
                          _end(0, lambda given: _trend(given.domain, 1900, int(given.before))[0])),
              )),
        Value("upper end", 1, "high", _end(1), "FLOP", 0.03, None, _end_mistakes(1)),
        Value("inside", 2, "inside", _inside, "", 1e-9, None,
              (
                  Mistake("the line", _THE_LINE, lambda given: _inside(given, kind="confidence")),
                  Mistake("95 %", _AT_95, lambda given: _inside(given, level=0.95)),
                  Mistake("outside", "These are the ones *outside* the band.", lambda given: len(_later(given)) - _inside(given)),
                  Mistake("percent", "This is a share in percent. Asked for is how many.", lambda given: 100 * _inside(given) / len(_later(given))),
                  Mistake("every later model", "You count all that came later: stop at 1 January of `until`.", _inside_all_later),
                  Mistake("the fitted ones", "These are the models that the line was fitted to. That it suits them says little: count the later"
                          " ones.", _inside_old),
              )),
        Value("above", 1, "above", _above, "", 1e-9, None,
              (
                  Mistake("the line", _THE_LINE, lambda given: _above(given, kind="confidence")),
                  Mistake("95 %", _AT_95, lambda given: _above(given, level=0.95)),
                  Mistake("one band for all", _ONE_FOR_ALL, _above_the_middle),
                  Mistake("above the middle line", "These lie above the *line*. Count those above the upper end of the band.", _above_the_line),
              )),
        Choice(
            "what the count tells", 1, "tells",
            {
                "as promised": "If each held with 80 %, how probable would so few or fewer be, and so many or more? One of the two is below 5 %.",
                "too wide": "If each held with 80 %, how probable would so many or more be? Only below 5 % is the band too wide.",
                "too narrow": "A band that is merely too narrow is missed on both sides. Are there too few inside at all, and where are the misses?",
                "moved": "The models have left the line where too few lie inside *and* nearly all the misses are on one side. Are there too few?",
            },
            _tells,
            {"luck": "as promised", "could be luck": "as promised", "the line moved": "moved", "it moved": "moved"},
        ),
    ),
    hints=(
        "Where the mean trend will be and where the next model will be are two questions. The chapter's picture shades the first; a single dot"
        " lies off its line by a large factor on top.",
        "`trend = fitting.growth(...)` of the old models; `trend.line.band(trend.at(when), kind=..., level=...)` has `low` and `high`, for one"
        " date or many. For the last question do as with the forecasters: `binom.cdf` of"
        " `scipy.stats`, once for the count, once for the sides.",
        (
            "year = rows.publication_date.dt.year; old = rows[(year >= 2010) & (year < n.before)]; later = rows[(year >= n.before) & (year <"
            " n.until)]; each = trend.line.band(trend.at(later.publication_date), level=0.8); inside ="
            " later.training_flops.between(each.low, each.high).sum(); the same band at n.middle for low and high"
        ),
    ),
)


EXERCISES = (BUDGET, GROWTH, FORECASTERS, MACHINES, BACKCAST)
