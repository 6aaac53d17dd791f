"""What people answer to the exercises of chapter 11: right in different styles, and wrong in the ways they really are.

Written as learners write it, apart from the checks' own mistakes.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from entries import Entry, swap

from scaling_lib import capability, datasets, explorers
from scaling_lib.checks import Given
from scaling_lib.lab import results

# ------------------------------------------------------------------------------------------------- shows


def shows_logs(p, K, n):
    with np.errstate(divide="ignore"):
        exact = np.exp(K * np.log(np.asarray(p, dtype=float)))
    return {"exact": exact, "seen": 1 - np.power(1 - exact, n)}


def shows_loop(p, K, n):
    if np.ndim(p):
        both = [shows_loop(*case) for case in zip(p, K, n)]
        return [np.array(column) for column in zip(*both)]
    exact = 1.0
    for _ in range(int(K)):
        exact *= p
    none = 1.0
    for _ in range(int(n)):
        none *= 1 - exact
    return exact, 1 - none


def first_direct(K, n, sure):
    return (1 - (1 - sure) ** (1 / n)) ** (1 / K)


def first_search(K, n, sure):
    low, high = 0.0, 1.0
    for _ in range(80):
        p = (low + high) / 2
        low, high = (p, high) if 1 - (1 - p**K) ** n < sure else (low, p)
    return p


def exact_only(p, K, n):
    return p**K


def number_of_successes(p, K, n):
    return p**K, n * p**K


def tokens_for_answers(p, K, n):
    return p**K, 1 - (1 - p) ** n


def chance_of_zero(p, K, n):
    return p**K, (1 - p**K) ** n


def everything_right(p, K, n):
    return p**K, (p**K) ** n


def product(p, K, n):
    return p * K, 1 - (1 - p**K) ** n


def product_carried_on(p, K, n):
    return p * K, 1 - (1 - p * K) ** n


def at_least_one_token(p, K, n):
    exact = 1 - (1 - p) ** K
    return exact, 1 - (1 - exact) ** n


def errors(p, K, n):
    return K * (1 - p), 1 - (1 - p**K) ** n


def exchanged(p, K, n):
    return shows_logs(p, K, n)["seen"], p**K


def in_percent(p, K, n):
    return 100 * p**K, 100 * (1 - (1 - p**K) ** n)


def chapters_formula(K, n, sure):
    return capability.first_visible(n, K)


def unsure(K, n, sure):
    return (1 - sure ** (1 / n)) ** (1 / K)


def no_root(K, n, sure):
    return 1 - (1 - sure) ** (1 / n)


def all_of_them(K, n, sure):
    return sure ** (1 / n / K)


def bonferroni(K, n, sure):
    return (sure / n) ** (1 / K)


SHOWS = (shows_logs, first_direct)

# ------------------------------------------------------------------------------------------------- search


@cache
def _addition() -> Any:
    return results.load("addition")


def run_of(n: Given) -> Any:
    lab = _addition()
    return lab[(lab.width == n.width) & (lab.digits == n.digits)].sort_values("problems").reset_index(drop=True)


def search(n: Given, floor: float | None = None) -> tuple[Any, ...]:
    run = run_of(n)
    i = run.index[run.exact_match >= (1 / n.n_items if floor is None else floor)][0]
    rise = run.log_prob.iloc[-1] - run.log_prob.iloc[0]
    steps = [100 * run[c].diff().max() / (run[c].iloc[-1] - run[c].iloc[0]) for c in ("exact_match", "log_prob")]
    return run.problems[i], 100 * (run.log_prob[i - 1] - run.log_prob[0]) / rise, steps, "the score", "the model too"


def search_at(n: Given) -> float:
    run = run_of(n)
    i = run.index[run.exact_match >= 1 / n.n_items][0]
    return 100 * (run.log_prob[i] - run.log_prob[0]) / (run.log_prob.iloc[-1] - run.log_prob[0])


def search_raw(n: Given) -> list[float]:
    run = run_of(n)
    return [100 * run.exact_match.diff().max(), run.log_prob.diff().max()]


def before(n: Given) -> Any:
    run = run_of(n)
    return run.loc[run.index[run.exact_match >= 1 / n.n_items][0] - 1]


# ------------------------------------------------------------------------------------------------- zero


def zero(n: Given) -> tuple[Any, ...]:
    q = 1 - math.exp(math.log(0.05) / n.n_items)
    return 100 * q, 100 * q ** (1 / n.length), math.log(0.05) / math.log(0.99), [False, False, True, False]


# ------------------------------------------------------------------------------------------------- knobs


@cache
def _seen(length: int, items: int) -> float:
    return float(explorers.make_it_emerge().set(length=length, items=items).view.readouts[0].value)


def knobs(n: Given) -> tuple[Any, ...]:
    length = 1
    while _seen(length, n.n_items) <= n.late:
        length += 1
    return length, [_seen(n.fixed, items) for items in (20, 200, 2000)], "nothing"


# ------------------------------------------------------------------------------------------------- threshold


@cache
def _ladder() -> Any:
    table = datasets.load("model_ladder_evals")
    return table.pivot_table(
        index=["params", "training_tokens"], columns=["metric", "task"], values="value"
    ).reset_index()


@cache
def task_fit(task: str, metric: str = "prob_correct", held_back: bool = True) -> tuple[float, float]:
    runs = _ladder()
    L, s = runs[("loss_nats", "c4_en")].to_numpy(), runs[(metric, task)].to_numpy()
    large = (runs["params"] > 2e9).to_numpy()
    on, at = (~large, large) if held_back else (large | True, large | True)
    a, b = capability.fit_threshold(L[on], s[on]), capability.fit_approach(L[on], s[on])
    rms = [math.sqrt(((curve(L[at]) - s[at]) ** 2).mean()) for curve in (a, b)]
    return a.L0, rms[0] / rms[1]


def by_grid(task: str) -> tuple[float, float]:
    """Both shapes fitted without the library."""
    runs = _ladder()
    L, s = runs[("loss_nats", "c4_en")].to_numpy(), runs[("prob_correct", task)].to_numpy()
    small = (runs["params"] < 2e9).to_numpy()

    def best(shape, values):
        found = []
        for value in values:
            X = np.stack([np.ones_like(L), shape(value)], axis=1)
            c = np.linalg.lstsq(X[small], s[small], rcond=None)[0]
            left = (X @ c - s) ** 2
            found.append((left[small].sum(), value, math.sqrt(left[~small].mean())))
        return min(found)

    hinge = best(lambda at: np.maximum(0, at - L), np.arange(2.8, 3.78, 0.002))
    curve = best(lambda k: np.exp(-k * (L - 3)), np.geomspace(0.05, 10, 400))
    return hinge[1], hinge[2] / curve[2]


def threshold(n: Given, fit: Any = task_fit) -> tuple[Any, ...]:
    found = [fit(task) for task in n.tasks]
    words = ["curve" if r > 2 else "threshold" if r < 0.5 else "cannot tell" for _, r in found]
    return [L0 for L0, _ in found], [r for _, r in found], *words, "it depends on the task"


# ------------------------------------------------------------------------------------------------- forecast


def forecast_numpy(problems, log_prob, level):
    line = np.polynomial.Polynomial.fit(np.log(problems), log_prob, 1).convert()
    return math.exp((level - line.coef[0]) / line.coef[1])


def forecast_sums(problems, log_prob, level):
    x, y = np.log10(problems), np.asarray(log_prob)
    slope = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
    return np.array([10 ** (x.mean() + (level - y.mean()) / slope)])


def forecast_plain(problems, log_prob, level):
    b, a = np.polyfit(problems, log_prob, 1)
    return (level - a) / b


def forecast_power(problems, log_prob, level):
    b, a = np.polyfit(np.log(problems), np.log(-log_prob), 1)
    return np.exp((math.log(-level) - a) / b)


def forecast_swapped(problems, log_prob, level):
    b, a = np.polyfit(log_prob, np.log(problems), 1)
    return np.exp(a + b * level)


def forecast_ends(problems, log_prob, level):
    b = (log_prob[-1] - log_prob[0]) / np.log(problems[-1] / problems[0])
    return problems[0] * np.exp((level - log_prob[0]) / b)


def forecast_bases(problems, log_prob, level):
    b, a = np.polyfit(np.log10(problems), log_prob, 1)
    return np.exp((level - a) / b)


def forecast_log(problems, log_prob, level):
    b, a = np.polyfit(np.log(problems), log_prob, 1)
    return (level - a) / b


@cache
def _forecasts(width: int, digits: int, known: int, seed: int = 3) -> Any:
    lab = _addition()
    run = lab[(lab.width == width) & (lab.digits == digits)].sort_values("problems").head(known)
    x, y = run.problems.to_numpy(), run.log_prob.to_numpy()
    rng = np.random.default_rng(seed)
    picks = (rng.choice(known, known) for _ in range(1500))
    return np.array([forecast_sums(x[k], y[k], math.log(0.5))[0] for k in picks if len(set(k)) > 1])


def forecast_right(n: Given, share: float = 0.8, seed: int = 3) -> tuple[Any, ...]:
    run = run_of(n)
    draws = _forecasts(n.width, n.digits, n.known, seed)
    low, high = np.quantile(draws, [(1 - share) / 2, (1 + share) / 2])
    when = forecast_numpy(run.problems[: n.known], run.log_prob[: n.known], math.log(0.5))
    return forecast_numpy, when, low, high, run.problems[run.exact_match >= 0.5].iloc[0], "too late", "b"


def forecast_with(n: Given, count: int | None = None, level: float = math.log(0.5)) -> float:
    run = run_of(n).head(n.known if count is None else count)
    return forecast_numpy(run.problems, run.log_prob, level)


# ------------------------------------------------------------------------------------------------- the bank

RIGHT: dict[str, list[Entry]] = {
    "ch11.shows": [
        Entry("logarithms, as a dict", lambda n: SHOWS),
        Entry("loops and bisection", lambda n: (shows_loop, np.vectorize(first_search))),
    ],
    "ch11.search": [
        Entry("pandas", search),
        Entry(
            "rounded",
            lambda n: (
                f"{search(n)[0]:,}",
                f"{search(n)[1]:.1f} %",
                np.round(search(n)[2], 1),
                "Score",
                "both",
            ),
        ),
    ],
    "ch11.zero": [
        Entry("logarithms", zero),
        Entry("rounded, in words", lambda n: (round(zero(n)[0], 1), f"{zero(n)[1]:.1f} %", 300, ("no", "no", "yes", "no"))),
    ],
    "ch11.knobs": [
        Entry("by the explorer", knobs),
        Entry("read off", lambda n: (str(knobs(n)[0]), [float(f"{x:.3g}") for x in knobs(n)[1]], "Nothing.")),
    ],
    "ch11.threshold": [
        Entry("with the library", threshold),
        Entry("on a grid of one's own", lambda n: threshold(n, by_grid)),
    ],
    "ch11.forecast": [
        Entry("polynomial", forecast_right),
        Entry("sums, another seed", lambda n: (forecast_sums, *forecast_right(n, seed=4)[1:5], "late", "(b)")),
    ],
}

WRONG: dict[str, list[Entry]] = {
    "ch11.shows": [
        Entry("one result only", lambda n: (exact_only, first_direct), "shape"),
        Entry("p times K", lambda n: (product, first_direct), "p times K"),
        Entry("p times K, carried on", lambda n: (product_carried_on, first_direct), "raises"),
        Entry("any token", lambda n: (at_least_one_token, first_direct), "any token"),
        Entry("wrong tokens", lambda n: (errors, first_direct), "wrong tokens"),
        Entry("expected number", lambda n: (number_of_successes, first_direct), "expected number"),
        Entry("tokens for answers", lambda n: (tokens_for_answers, first_direct), "items of one token"),
        Entry("chance of zero", lambda n: (chance_of_zero, first_direct), "none right"),
        Entry("all right", lambda n: (everything_right, first_direct), "all right"),
        Entry("exchanged", lambda n: (exchanged, first_direct), "swapped"),
        Entry("percent", lambda n: (in_percent, first_direct), "power of ten"),
        Entry("the chapter's formula", lambda n: (shows_logs, chapters_formula), "expectation"),
        Entry("sure for unsure", lambda n: (shows_logs, unsure), "sure for unsure"),
        Entry("no root", lambda n: (shows_logs, no_root), "without the root"),
        Entry("all items", lambda n: (shows_logs, all_of_them), "all items"),
        Entry("divided among items", lambda n: (shows_logs, bonferroni), "shared among items"),
    ],
    "ch11.search": [
        Entry("half right", lambda n: swap(search(n), a0=search(n, 0.5)[0]), "half right"),
        Entry("one early", lambda n: swap(search(n), a0=before(n).problems), "one checkpoint early"),
        Entry("tokens", lambda n: swap(search(n), a0=7 * search(n)[0]), "tokens"),
        Entry("position", lambda n: swap(search(n), a0=int((run_of(n).problems < search(n)[0]).sum())), "position"),
        Entry("all 2,000 problems", lambda n: swap(search(n), a0=run_of(n).problems[run_of(n).exact_match > 0].min() - 1)),
        Entry("at the appearance", lambda n: swap(search(n), a1=search_at(n)), "at the appearance"),
        Entry("fraction", lambda n: swap(search(n), a1=search(n)[1] / 100), "a fraction"),
        Entry("what came after", lambda n: swap(search(n), a1=100 - search(n)[1]), "what came after"),
        Entry(
            "ratio", lambda n: swap(search(n), a1=100 * before(n).log_prob / run_of(n).log_prob[0]), "ratio of log-probabilities"
        ),
        Entry(
            "share of the training",
            lambda n: swap(search(n), a1=100 * before(n).problems / run_of(n).problems.max()),
            "share of the problems",
        ),
        Entry("raw steps", lambda n: swap(search(n), a2=search_raw(n)), "not of the rise"),
        Entry("exchanged", lambda n: swap(search(n), a2=search(n)[2][::-1]), "exchanged"),
        Entry("fractions", lambda n: swap(search(n), a2=[x / 100 for x in search(n)[2]]), "a fraction"),
        Entry("all is the model's", lambda n: swap(search(n), a3="the model"), "chose the model"),
        Entry("all is the score's", lambda n: swap(search(n), a4="only the score"), "chose only the score"),
    ],
    "ch11.zero": [
        Entry("one in n", lambda n: swap(zero(n), a0=100 / n.n_items), "one item"),
        Entry("three over n", lambda n: swap(zero(n), a0=300 / n.n_items), "rule of three"),
        Entry("interval with two ends", lambda n: swap(zero(n), a0=100 * capability.score_interval(0, n.n_items)[1]), "two sides"),
        Entry("a fraction", lambda n: swap(zero(n), a0=zero(n)[0] / 100), "power of ten"),
        Entry("zero it is", lambda n: swap(zero(n), a0=0.0)),
        Entry("levels", lambda n: swap(zero(n), a0=100 * (1 - 0.95 ** (1 / n.n_items))), "levels exchanged"),
        Entry("divided by tokens", lambda n: swap(zero(n), a1=zero(n)[0] / n.length), "divided"),
        Entry("power of tokens", lambda n: swap(zero(n), a1=100 * (zero(n)[0] / 100) ** n.length), "power"),
        Entry("one expected", lambda n: swap(zero(n), a1=100 * capability.first_visible(n.n_items, n.length)), "one expected"),
        Entry("a hundred items", lambda n: swap(zero(n), a2=100), "one in a hundred"),
        Entry("two sides again", lambda n: swap(zero(n), a2=math.log(0.025) / math.log(0.99)), "two sides"),
        Entry("percent as fraction", lambda n: swap(zero(n), a2=-math.log(0.05) / n.wanted), "percent for a fraction"),
        Entry("believes the report", lambda n: swap(zero(n), a3=[True, True, True, True]), "verdict 1"),
        Entry("believes nothing", lambda n: swap(zero(n), a3=[False, False, False, False]), "verdict 3"),
        Entry("something new", lambda n: swap(zero(n), a3=[False, False, True, True]), "verdict 4"),
    ],
    "ch11.knobs": [
        Entry("one too short", lambda n: swap(knobs(n), a0=knobs(n)[0] - 1), "one too short"),
        Entry("one too long", lambda n: swap(knobs(n), a0=knobs(n)[0] + 1), "not the shortest"),
        Entry("as long as can be", lambda n: swap(knobs(n), a0=30), "the longest"),
        Entry("five", lambda n: swap(knobs(n), a0=5), "the model's own"),
        Entry("sizes reversed", lambda n: swap(knobs(n), a1=knobs(n)[1][::-1]), "sizes reversed"),
        Entry("left at five", lambda n: swap(knobs(n), a1=[_seen(5, k) for k in (20, 200, 2000)]), "answers of five digits"),
        Entry("thousands", lambda n: swap(knobs(n), a1=[x / 1000 for x in knobs(n)[1]]), "thousands"),
        Entry("training", lambda n: swap(knobs(n), a2="its training"), "chose its training"),
        Entry("size", lambda n: swap(knobs(n), a2="size"), "chose its size"),
    ],
    "ch11.threshold": [
        Entry("all runs", lambda n: swap(threshold(n), a0=[task_fit(t, held_back=False)[0] for t in n.tasks]), "all runs"),
        Entry("accuracy", lambda n: swap(threshold(n), a0=[task_fit(t, "accuracy")[0] for t in n.tasks]), "accuracy"),
        Entry(
            "nothing held back",
            lambda n: swap(threshold(n), a1=[task_fit(t, held_back=False)[1] for t in n.tasks]),
            "nothing held back",
        ),
        Entry("upside down", lambda n: swap(threshold(n), a1=[1 / r for r in threshold(n)[1]]), "upside down"),
        Entry("squares", lambda n: swap(threshold(n), a1=[r * r for r in threshold(n)[1]]), "squares"),
        Entry("accuracy's errors", lambda n: swap(threshold(n), a1=[task_fit(t, "accuracy")[1] for t in n.tasks]), "accuracy"),
        Entry("all thresholds", lambda n: swap(threshold(n), a2="threshold", a3="threshold", a4="threshold"), "chose threshold"),
        Entry("all curves", lambda n: swap(threshold(n), a2="curve", a3="curve", a4="curve"), "chose curve"),
        Entry("never sure", lambda n: swap(threshold(n), a2="cannot tell", a3="cannot tell", a4="cannot tell"), "chose cannot tell"),
        Entry("in every task", lambda n: swap(threshold(n), a5="every task"), "chose every task"),
        Entry("in none", lambda n: swap(threshold(n), a5="no task"), "chose no task"),
    ],
    "ch11.forecast": [
        Entry("against problems", lambda n: swap(forecast_right(n), a0=forecast_plain), "linear in problems"),
        Entry("power law", lambda n: swap(forecast_right(n), a0=forecast_power), "power law"),
        Entry("regressed backwards", lambda n: swap(forecast_right(n), a0=forecast_swapped), "regressed backwards"),
        Entry("two ends", lambda n: swap(forecast_right(n), a0=forecast_ends), "two ends"),
        Entry("bases mixed", lambda n: swap(forecast_right(n), a0=forecast_bases), "e for 10"),
        Entry("still a logarithm", lambda n: swap(forecast_right(n), a0=forecast_log), "still a logarithm"),
        Entry("with the future", lambda n: swap(forecast_right(n), a1=forecast_with(n, 24)), "all checkpoints"),
        Entry("one more", lambda n: swap(forecast_right(n), a1=forecast_with(n, n.known + 1)), "one checkpoint more"),
        Entry("half a nat", lambda n: swap(forecast_right(n), a1=forecast_with(n, level=-0.5)), "half a nat"),
        Entry("95 percent", lambda n: swap(forecast_right(n), a2=forecast_right(n, 0.95)[2], a3=forecast_right(n, 0.95)[3]), "95 %"),
        Entry("ends exchanged", lambda n: swap(forecast_right(n), a2=forecast_right(n)[3], a3=forecast_right(n)[2]), "ends exchanged"),
        Entry("a tenth", lambda n: swap(forecast_right(n), a4=run_of(n).problems[run_of(n).exact_match >= 0.1].iloc[0]), "a tenth"),
        Entry("holds", lambda n: swap(forecast_right(n), a5="it holds"), "chose it holds"),
        Entry("noise", lambda n: swap(forecast_right(n), a6="a"), "chose a"),
    ],
}
