"""What people answer to the exercises of chapter 13: right in different styles, and wrong in the ways they really are."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from entries import Entry, swap
from scipy.optimize import curve_fit
from scipy.special import betaln

from scaling_lib import datasets, fit, sampling
from scaling_lib.checks import Given
from scaling_lib.lab import results
from scaling_lib.sampling import BetaCoverage, PowerCoverage

Answers = Callable[[Given], tuple[Any, ...]]


def around(right: Answers) -> Callable[..., Answers]:
    """Variants of a right answer: each change takes the numbers and replaces one position."""

    def make(**changes: Callable[[Given], Any]) -> Answers:
        return lambda n: swap(right(n), **{name: change(n) for name, change in changes.items()})

    return make


# ---------------------------------------------------------------------------------------------------- pass_at_k


def over_problems(one: Callable[[int, int, int], float]) -> Any:
    """A function of one count, averaged over an array of them."""

    def pass_at_k(n, c, k):
        return np.mean([one(n, int(right), k) for right in c])

    return pass_at_k


def one_product(n, c, k):
    if n - c < k:
        return 1.0
    return 1 - np.prod(1.0 - k / np.arange(n - c + 1, n + 1))


def one_comb(n, c, k):
    # integers of thousands of digits divide exactly, if slowly
    return 1 - math.comb(n - c, k) / math.comb(n, k) if n <= 10_000 else one_product(n, c, k)


def one_gamma(n, c, k):
    if k > n - c:
        return 1
    log = math.lgamma(n - c + 1) - math.lgamma(n - c - k + 1) - math.lgamma(n + 1) + math.lgamma(n - k + 1)
    return -math.expm1(log)


def pass_arrays(n, c, k):
    left = np.maximum(n - np.asarray(c)[:, None] - np.arange(k), 0)
    return float((1 - (left / (n - np.arange(k))).prod(axis=1)).mean())


def pass_plugin(n, c, k):
    return (1 - (1 - c / n) ** k).mean()


def pass_average_first(n, c, k):
    return 1 - (1 - c.mean() / n) ** k


def pass_each(n, c, k):
    return np.array([one_product(n, int(right), k) for right in c])


def one_short(n, c, k):
    p = 1.0
    for i in range(k - 1):
        p *= max(n - c - i, 0) / (n - i)
    return 1 - p


def one_factorial(n, c, k):
    if n - c < k:
        return 1.0
    f = math.factorial
    return 1 - float(f(n - c)) * float(f(n - k)) / (float(f(n - c - k)) * float(f(n)))


def one_no_guard(n, c, k):
    left = n - c - np.arange(k)
    return 1 - np.exp(np.sum(np.log(left / (n - np.arange(k)))))


def pass_print(n, c, k):
    print(pass_arrays(n, c, k))


# ---------------------------------------------------------------------------------------------------------- tail


@cache
def counts(step: int, T: float) -> tuple[int, ...]:
    rows = results.load("sample_counts")
    return tuple(rows[(rows.step == step) & (rows.temperature == T)].iloc[0].right)


@cache
def tail_cached(step: int, T: float, k: int) -> tuple[Any, ...]:
    right = np.array(counts(step, T))
    seen = sampling.coverage_curve(128, right)
    law = fit(BetaCoverage, k=np.arange(1.0, 11), coverage=seen[:10]).law
    return (float(seen[k - 1]), math.log(1 - seen[k - 1]) / math.log(1 - seen[0]), float(law(float(k))), law.alpha,
            "takes off a fixed factor")


def tail(n: Given) -> tuple[Any, ...]:
    return tail_cached(n.step, n.temperature, n.k)


@cache
def _by_hand(step: int, T: float, k: int) -> tuple[Any, ...]:
    """Least squares with SciPy, the estimator problem by problem."""
    right = np.array(counts(step, T))
    ks = np.arange(1.0, 11)
    seen = [np.mean([one_product(128, c, int(j)) for c in right]) for j in (*ks, k)]
    (a, b), _ = curve_fit(lambda k, a, b: 1 - np.exp(betaln(a, b + k) - betaln(a, b)), ks, seen[:10], p0=(0.3, 0.5))
    return seen[-1], np.log1p(-seen[-1]) / np.log1p(-seen[0]), 1 - np.exp(betaln(a, b + k) - betaln(a, b)), a, "Takes off a fixed factor."


def tail_by_hand(n: Given) -> tuple[Any, ...]:
    return _by_hand(n.step, n.temperature, n.k)


tail_with = around(tail)
_p = lambda n: np.array(counts(n.step, n.temperature)) / 128  # noqa: E731


@cache
def _power(step: int, T: float) -> PowerCoverage:
    seen = sampling.coverage_curve(128, counts(step, T))
    return fit(PowerCoverage, k=np.arange(1.0, 11), coverage=seen[:10]).law


# ---------------------------------------------------------------------------------------------------------- vote


def vote(n: Given) -> tuple[Any, ...]:
    p = n.shares[1][0]
    five = sum(math.comb(5, i) * p**i * (1 - p) ** (5 - i) for i in (3, 4, 5))
    helped = [row[0] == max(row) for row in n.shares]
    return sum(row[0] for row in n.shares) / 4, sum(helped) / 4, five, helped, "fails"


vote_with = around(vote)


# ------------------------------------------------------------------------------------------------------ verifier


@cache
def _place(few: int, many: int, quality: str, slip: float) -> tuple[Any, ...]:
    from scaling_lib.explorers import place_the_verifier

    place = place_the_verifier()

    def read(key: str, **setting: Any) -> float:
        return {r.key: r.value for r in place.set(quality=quality, **setting).view.readouts}[key]

    slips = [float(x) for x in np.logspace(-4, 0, 17)]
    best = [max(slips, key=lambda s, n=n: read("solved", slip=s, n=n)) for n in (few, many)]
    return *best, max((1, 3, 10, 30, 100, 300, 1000), key=lambda n: read("fooled", slip=slip, n=n)), "stricter"


def verifier(n: Given) -> tuple[Any, ...]:
    return _place(n.few, n.many, n.verifier, n.slip)


verifier_with = around(verifier)


# ---------------------------------------------------------------------------------------------------------- bill


def bill(n: Given) -> tuple[Any, ...]:
    beta = n.alpha / n.p - n.alpha
    failure = math.exp(betaln(n.alpha, beta + n.n) - betaln(n.alpha, beta))
    return 1 - failure, n.rare / (n.rare + (1 - n.rare) * n.f), n.n * n.price / (1 - failure), [False, False, True]


bill_with = around(bill)


# -------------------------------------------------------------------------------------------------------- effort


def _rows(n: Given) -> tuple[Any, Any]:
    runs = datasets.load("coding_effort_and_cost").set_index("model_label")
    return runs.loc[n.less], runs.loc[n.more]


def effort(n: Given) -> tuple[Any, ...]:
    a, b = _rows(n)
    p = b.solved_with_retry / b.test_cases
    gain = 100 * (p - a.solved_with_retry / a.test_cases)
    error = 100 * (p * (1 - p) / b.test_cases) ** 0.5
    further = (b.total_cost_usd - a.total_cost_usd) / (b.solved_with_retry - a.solved_with_retry)
    return further, b.total_cost_usd / b.solved_with_retry, gain, error, "clear" if gain > 2 * error else "within the noise"


effort_with = around(effort)


# --------------------------------------------------------------------------------------------------------- price


def cost_loop(alpha, beta, k, price):
    left, drawn = 1.0, 0.0
    for i in range(k):
        drawn += left
        left *= (beta + i) / (alpha + beta + i)
    return price * drawn / (1 - left)


def cost_library(alpha, beta, k, price):
    law = BetaCoverage(alpha=alpha, beta=beta)
    unsolved = 1 - law(np.arange(1.0, k)) if k > 1 else np.array([])
    return (1 + unsolved.sum()) * price / law(k)


def cost_all(alpha, beta, k, price):
    return price * k / BetaCoverage(alpha=alpha, beta=beta)(k)


def cost_one_rate(alpha, beta, k, price):
    p = alpha / (alpha + beta)
    return price * ((1 - (1 - p) ** k) / p) / (1 - (1 - p) ** k)


def cost_problem(alpha, beta, k, price):
    return cost_loop(alpha, beta, k, price) * BetaCoverage(alpha=alpha, beta=beta)(k)


def cost_from_one(alpha, beta, k, price):
    law = BetaCoverage(alpha=alpha, beta=beta)
    return price * sum(1 - law(i) for i in range(1, k + 1)) / law(k)


def cost_to_k(alpha, beta, k, price):
    law = BetaCoverage(alpha=alpha, beta=beta)
    return price * (1 + sum(1 - law(i) for i in range(1, k + 1))) / law(k)


def cost_pass_1(alpha, beta, k, price):
    return cost_problem(alpha, beta, k, price) / (alpha / (alpha + beta))


def cost_greek(beta, alpha, k, price):
    return cost_loop(alpha, beta, k, price)


def cost_times(alpha, beta, k, price):
    return cost_problem(alpha, beta, k, price) * BetaCoverage(alpha=alpha, beta=beta)(k)


def at(n: Given, target: float, cost: Any = cost_loop) -> list[float]:
    out = []
    for spread, price in zip((n.small, n.large), n.price):
        out.append(cost(*spread, math.ceil(BetaCoverage(*spread).samples_for(target)), price))
    return out


def _name(costs: list[float]) -> str:
    return "small" if costs[0] < costs[1] else "large"


def price(n: Given) -> tuple[Any, ...]:
    return cost_loop, at(n, n.high), _name(at(n, n.low)), _name(at(n, n.high))


price_with = around(price)


def _other(name: str) -> str:
    return {"small": "large", "large": "small"}[name]


RIGHT: dict[str, list[Entry]] = {
    "ch13.pass_at_k": [
        Entry("product over the last counts", lambda n: (over_problems(one_product),)),
        Entry("arrays", lambda n: (pass_arrays,)),
        Entry("binomials", lambda n: (over_problems(one_comb),)),
        Entry("logarithms of factorials", lambda n: (over_problems(one_gamma),)),
    ],
    "ch13.tail": [
        Entry("library", tail),
        Entry("SciPy, problem by problem", tail_by_hand),
        Entry("rounded", lambda n: (*(float(f"{x:.3g}") for x in tail(n)[:4]), "fixed factor")),
    ],
    "ch13.vote": [
        Entry("sums", vote),
        Entry("library and words", lambda n: (
            f"{np.mean([r[0] for r in n.shares]):.3f}", sampling.plurality_limit(n.shares),
            sampling.majority_vote(n.shares[1][0], n=5), ("yes", "no", "yes", "no"), "false")),
    ],
    "ch13.verifier": [
        Entry("stops of the explorer", verifier),
        Entry("in percent, as text", lambda n: (
            f"{100 * verifier(n)[0]:.3g} %", f"{100 * verifier(n)[1]:.3g} %", float(verifier(n)[2]), "Stricter.")),
    ],
    "ch13.bill": [
        Entry("formulas", bill),
        Entry("library, rounded", lambda n: (
            round(BetaCoverage(alpha=n.alpha, beta=n.alpha * (1 - n.p) / n.p)(n.n), 3),
            f"{sampling.verified_success(n.rare, 10**7, false_positive=n.f):.4f}", np.float64(bill(n)[2]), ("no", "no", "yes"))),
    ],
    "ch13.effort": [
        Entry("differences", effort),
        Entry("rounded, as text", lambda n: (*(f"{x:.3g}" for x in effort(n)[:4]), effort(n)[4].upper())),
    ],
    "ch13.price": [
        Entry("recursion", price),
        Entry("library", lambda n: (cost_library, np.array(at(n, n.high, cost_library)), *price(n)[2:])),
    ],
}


WRONG: dict[str, list[Entry]] = {
    "ch13.pass_at_k": [
        Entry("plug-in", lambda n: (pass_plugin,), "plug-in"),
        Entry("average first", lambda n: (pass_average_first,), "average first"),
        Entry("not subtracted", lambda n: (lambda n, c, k: 1 - pass_arrays(n, c, k),), "no complement"),
        Entry("sum", lambda n: (lambda n, c, k: pass_each(n, c, k).sum(),), "sum"),
        Entry("each problem", lambda n: (pass_each,), "shape"),
        Entry("all right", lambda n: (over_problems(lambda n, c, k: math.comb(c, k) / math.comb(n, k)),), "all right"),
        Entry("c for n - c", lambda n: (over_problems(lambda n, c, k: 1 - math.comb(c, k) / math.comb(n, k)),), "not all right"),
        Entry("pass@1", lambda n: (lambda n, c, k: np.mean(c) / n,), "pass@1"),
        Entry("k c / n", lambda n: (lambda n, c, k: np.mean(np.minimum(1, k * c / n)),), "k times pass@1"),
        Entry("one factor short", lambda n: (over_problems(one_short),), "one factor short"),
        Entry("factorials", lambda n: (over_problems(one_factorial),), "raises"),
        Entry("no guard", lambda n: (over_problems(one_no_guard),), "nan"),
        Entry("percent", lambda n: (lambda n, c, k: 100 * pass_arrays(n, c, k),), "power of ten"),
        Entry("print for return", lambda n: (pass_print,), "none"),
        Entry("called", lambda n: (pass_arrays(20, np.array([3]), 5),), "not a function"),
    ],
    "ch13.tail": [
        Entry("plug-in", tail_with(a0=lambda n: np.mean(1 - (1 - _p(n)) ** n.k)), "plug-in"),
        Entry("average first", tail_with(a0=lambda n: 1 - (1 - _p(n).mean()) ** n.k), "one rate"),
        Entry("unsolved", tail_with(a0=lambda n: 1 - tail(n)[0]), "not solved"),
        Entry("percent", tail_with(a0=lambda n: 100 * tail(n)[0]), "power of ten"),
        Entry("pass@1", tail_with(a0=lambda n: _p(n).mean()), "pass@1"),
        Entry("share over rate", tail_with(a1=lambda n: tail(n)[0] / _p(n).mean()), "share over rate"),
        Entry("upside down", tail_with(a1=lambda n: 1 / tail(n)[1]), "upside down"),
        Entry("one over p", tail_with(a1=lambda n: 1 / _p(n).mean()), "one over the rate"),
        Entry("power law", tail_with(a2=lambda n: _power(n.step, n.temperature)(float(n.k))), "power law"),
        Entry("one rate predicts", tail_with(a2=lambda n: 1 - (1 - _p(n).mean()) ** n.k), "one rate"),
        Entry("at ten", tail_with(a2=lambda n: sampling.coverage_curve(128, counts(n.step, n.temperature))[9]), "at ten samples"),
        Entry("beta", tail_with(a3=lambda n: tail(n)[3] * (1 - _p(n).mean()) / _p(n).mean()), "beta"),
        Entry("exponent of the power law", tail_with(a3=lambda n: _power(n.step, n.temperature).b), "exponent of "
            "the power law"),
        Entry("halving", tail_with(a3=lambda n: 2 ** (1 / tail(n)[3])), "times to halve"),
        Entry("minus alpha", tail_with(a3=lambda n: -tail(n)[3]), "sign"),
        Entry("halves", tail_with(a4=lambda n: "halves it"), "chose halves it"),
        Entry("squares", tail_with(a4=lambda n: "squares it"), "chose squares it"),
    ],
    "ch13.vote": [
        Entry("above a half", vote_with(a1=lambda n: 0.25, a3=lambda n: [True, False, False, False]), "above a half"),
        Entry("coverage", vote_with(a1=lambda n: 1), "any right"),
        Entry("mean for the limit", vote_with(a1=lambda n: vote(n)[0]), "one sample"),
        Entry("count", vote_with(a1=lambda n: 2), "count"),
        Entry("sum", vote_with(a0=lambda n: 4 * vote(n)[0]), "sum"),
        Entry("percent", vote_with(a0=lambda n: 100 * vote(n)[0]), "power of ten"),
        Entry("any of five", vote_with(a2=lambda n: 1 - (1 - n.shares[1][0]) ** 5), "any of five"),
        Entry("exactly three", vote_with(a2=lambda n: 10 * n.shares[1][0] ** 3 * (1 - n.shares[1][0]) ** 2), "exactly three"),
        Entry("lost", vote_with(a2=lambda n: 1 - vote(n)[2]), "lost"),
        Entry("one vote", vote_with(a2=lambda n: n.shares[1][0]), "one sample"),
        Entry("all help", vote_with(a3=lambda n: [True] * 4), "verdict 2"),
        Entry("third lost", vote_with(a3=lambda n: [True, False, False, False]), "verdict 3"),
        Entry("one verdict", vote_with(a3=lambda n: True), "shape"),
        Entry("claim holds", vote_with(a4=lambda n: "holds"), "chose holds"),
        Entry("on average", vote_with(a4=lambda n: "on average"), "chose holds on average, always"),
    ],
    "ch13.verifier": [
        Entry("same line for both", verifier_with(a1=lambda n: verifier(n)[0]), "too lax"),
        Entry("the many's line for few", verifier_with(a0=lambda n: verifier(n)[1]), "too strict"),
        Entry("percent", verifier_with(a0=lambda n: 100 * max(verifier(n)[0], 0.02)), "percent"),
        Entry("nothing wrong accepted", verifier_with(a1=lambda n: 0.0), "no line"),
        Entry("nearly nothing accepted", verifier_with(a1=lambda n: 1e-6), "too strict"),
        Entry("everything accepted", verifier_with(a0=lambda n: 1.0), "too lax"),
        Entry("most samples", verifier_with(a2=lambda n: 10_000), "beyond the peak"),
        Entry("one sample", verifier_with(a2=lambda n: 1), "before the peak"),
        Entry("laxer", verifier_with(a3=lambda n: "laxer"), "chose laxer"),
        Entry("the same", verifier_with(a3=lambda n: "the same"), "chose the same"),
        Entry("a word", verifier_with(a0=lambda n: "low"), "text"),
    ],
    "ch13.bill": [
        Entry("believed", bill_with(a0=lambda n: n.claimed_coverage, a1=lambda n: n.claimed_purity, a2=lambda n: n.claimed_dollars),
              "one rate"),
        Entry("one minus f", bill_with(a1=lambda n: 1 - n.f), "one minus false positives"),
        Entry("unsolved", bill_with(a0=lambda n: 1 - bill(n)[0]), "not solved"),
        Entry("beta = 1 - p", bill_with(a0=lambda n: BetaCoverage(alpha=n.alpha, beta=1 - n.p)(n.n)), "mean as beta"),
        Entry("alpha and beta", bill_with(a0=lambda n: BetaCoverage(alpha=n.alpha * (1 - n.p) / n.p, beta=n.alpha)(n.n)),
              "alpha and beta exchanged"),
        Entry("average problem", bill_with(a1=lambda n: n.p / (n.p + (1 - n.p) * n.f)), "average problem"),
        Entry("wrong ones", bill_with(a1=lambda n: 1 - bill(n)[1]), "wrong ones"),
        Entry("odds", bill_with(a1=lambda n: n.rare / (1 - n.rare) / n.f), "rate over slip"),
        Entry("price over p", bill_with(a2=lambda n: n.price / n.p), "price over rate"),
        Entry("for a problem", bill_with(a2=lambda n: n.n * n.price), "not divided"),
        Entry("times coverage", bill_with(a2=lambda n: n.n * n.price * bill(n)[0]), "multiplied"),
        Entry("cents", bill_with(a2=lambda n: 100 * bill(n)[2]), "power of ten"),
        Entry("all follow", bill_with(a3=lambda n: [True, True, True]), "verdict 1"),
        Entry("none follows", bill_with(a3=lambda n: [False] * 3), "verdict 3"),
    ],
    "ch13.effort": [
        Entry("average", effort_with(a0=lambda n: effort(n)[1]), "average"),
        Entry("difference", effort_with(a0=lambda n: _rows(n)[1].total_cost_usd - _rows(n)[0].total_cost_usd), "not divided"),
        Entry("upside down", effort_with(a0=lambda n: 1 / effort(n)[0]), "upside down"),
        Entry("for a point", effort_with(a0=lambda n: (_rows(n)[1].total_cost_usd - _rows(n)[0].total_cost_usd) / effort(n)[2]),
              "for a point"),
        Entry("for a case", effort_with(a1=lambda n: _rows(n)[1].total_cost_usd / _rows(n)[1].test_cases), "for a case"),
        Entry("less effort", effort_with(a1=lambda n: _rows(n)[0].total_cost_usd / _rows(n)[0].solved_with_retry), "less effort"),
        Entry("fraction", effort_with(a2=lambda n: effort(n)[2] / 100), "a fraction"),
        Entry("relative", effort_with(a2=lambda n: 100 * (_rows(n)[1].solved_with_retry / _rows(n)[0].solved_with_retry - 1)),
              "percent of the rate"),
        Entry("variance", effort_with(a3=lambda n: effort(n)[3] ** 2 / 100), "variance"),
        Entry("two errors", effort_with(a3=lambda n: 2 * effort(n)[3]), "two errors"),
        Entry("one exercise", effort_with(a3=lambda n: effort(n)[3] * 15), "spread of one exercise"),
        Entry("other verdict", effort_with(
            a4=lambda n: "clear" if effort(n)[4] != "clear" else "within the noise")),
    ],
    "ch13.price": [
        Entry("all drawn", lambda n: (cost_all, at(n, n.high, cost_all), *price(n)[2:]), "all drawn"),
        Entry("one rate", price_with(a0=lambda n: cost_one_rate), "one rate"),
        Entry("for a problem", price_with(a0=lambda n: cost_problem), "not divided"),
        Entry("times coverage", price_with(a0=lambda n: cost_times), "multiplied"),
        Entry("from the first", price_with(a0=lambda n: cost_from_one), "first sample forgotten"),
        Entry("to k", price_with(a0=lambda n: cost_to_k), "one too many"),
        Entry("by pass@1", price_with(a0=lambda n: cost_pass_1), "by pass@1"),
        Entry("alpha and beta", price_with(a0=lambda n: cost_greek), "alpha and beta exchanged"),
        Entry("exchanged", price_with(a1=lambda n: at(n, n.high)[::-1]), "models exchanged"),
        Entry("one price", price_with(a1=lambda n: [at(n, n.high)[0], at(n, n.high)[1] / 2]), "one price"),
        Entry("same k", price_with(a1=lambda n: [
            cost_loop(*spread, math.ceil(BetaCoverage(*n.small).samples_for(n.high)), p) for spread, p in zip((n.small, n.large), n.price)
        ]), "same k"),
        Entry("at the low goal", price_with(a1=lambda n: at(n, n.low)), "at the modest coverage"),
        Entry("dollars", price_with(a1=lambda n: [x / 100 for x in at(n, n.high)]), "power of ten"),
        Entry("wrong buy", price_with(a2=lambda n: _other(price(n)[2])), ""),
        Entry("wrong buy in the tail", price_with(a3=lambda n: _other(price(n)[3])), ""),
        Entry("one number", price_with(a1=lambda n: 7.5), "shape"),
    ],
}
