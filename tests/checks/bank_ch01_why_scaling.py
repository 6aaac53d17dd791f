"""What people answer to the exercises of chapter 1: right in different styles, and wrong in the ways they really are."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from entries import Entry
from scaling_lib import datasets
from scaling_lib.checks import Given

DAY = 86400.0


def swap(make: Callable[[Given], tuple[Any, ...]], **changes: Callable[[Given], Any]) -> Callable[[Given], tuple[Any, ...]]:
    """The answers with some replaced, by position ``a0``, ``a1`` and so on."""

    def answers(n: Given) -> tuple[Any, ...]:
        out = list(make(n))
        for name, value in changes.items():
            out[int(name[1:])] = value(n)
        return tuple(out)

    return answers


# -- ch01.budget


def budget(n_gpu, days, peak, mfu, ratio, second=DAY, six=6.0):
    C = n_gpu * days * second * peak * mfu
    N = np.sqrt(C / six / ratio)
    return C, N, N * ratio


def budget_tokens_first(n_gpu, days, peak, mfu, ratio):
    """D first, and a dict."""
    C = np.exp(sum(np.log(np.asarray(x, dtype=float)) for x in (n_gpu, days, peak, mfu))) * DAY
    D = np.sqrt(C * ratio / 6)
    return {"C": C, "N": D / ratio, "D": D}


def no_root(n_gpu, days, peak, mfu, ratio):
    C = budget(n_gpu, days, peak, mfu, ratio)[0]
    return C, C / (6 * ratio), C / 6


# -- ch01.growth


def rows(n: Given, word: bool = True, since: float | None = None) -> Any:
    table = datasets.load("notable_models")
    kept = table.publication_date.dt.year >= (n.since if since is None else since)
    return table[kept & table.domain.str.contains(n.domain, na=False)] if word else table[kept]


def slope(chosen: Any) -> float:
    """Orders of magnitude a year, by NumPy."""
    when = chosen.publication_date
    years = when.dt.year + (when.dt.month - 1) / 12 + (when.dt.day - 1) / 365
    return float(np.polyfit(years, np.log10(chosen.training_flops), 1)[0])


@cache
def slope_of(domain: str, since: float) -> float:
    table = datasets.load("notable_models")
    return slope(table[(table.publication_date >= pd.Timestamp(int(since), 1, 1)) & table.domain.str.contains(domain, na=False)])


def growth(n: Given) -> tuple[Any, ...]:
    s = slope_of(n.domain, n.since)
    return len(rows(n)), 10**s, 12 * math.log10(2) / s


# -- ch01.forecasters


def held(n: Given) -> list[int]:
    return [int(n[f"held_{who}"]) for who in "ABC"]


def mass(total: int, k: int, p: float = 0.8) -> float:
    return math.comb(total, k) * p**k * (1 - p) ** (total - k)


def up_to(total: float, k: int, p: float = 0.8) -> float:
    return 100 * sum(mass(int(total), j, p) for j in range(k + 1))


def verdict(total: float, k: int) -> str:
    if up_to(total, k) < 5:
        return "too narrow"
    return "too wide" if 100 - up_to(total, k - 1) < 5 else "could be luck"


def judged(n: Given) -> tuple[Any, ...]:
    return (up_to(n.n, min(held(n))), *(verdict(n.n, k) for k in held(n)))


def by_the_share(n: Given) -> tuple[Any, ...]:
    """No allowance for luck: below 80 % is too narrow, above too wide."""
    said = ["too narrow" if k < 0.8 * n.n else "too wide" if k > 0.8 * n.n else "could be luck" for k in held(n)]
    return (judged(n)[0], *said)


def perfect_is_good(n: Given) -> tuple[Any, ...]:
    return tuple("could be luck" if answer == "too wide" else answer for answer in judged(n))


# -- ch01.machines

PEAK, LOW, HIGH = 9.89e14, 2.0, 4.0


def best_size(C: float, A: float = 482.01, B: float = 2085.43, alpha: float = 0.3478, beta: float = 0.3658) -> float:
    return float((alpha * A / beta / B) ** (1 / (alpha + beta)) * (C / 6) ** (beta / (alpha + beta)))


def machines(n: Given, mfu: float = 0.4, peak: float = PEAK, per: float = 6.0, price: float = LOW) -> tuple[Any, ...]:
    C = per * n.N * n.D
    days = C / (n.n_gpu * peak * mfu * DAY)
    best = best_size(6 * n.N * n.D)
    return days, best, days * 24 * n.n_gpu * price / 1e6, ("larger" if n.N > best else "smaller") + " than the best"


def read_off(n: Given) -> tuple[Any, ...]:
    """The slider's nearest stop, and readouts of two digits."""
    days, best, rent, side = machines(n)
    stop = 10 ** (round(10 * math.log10(days)) / 10)
    return float(f"{stop:.2g}"), float(f"{best * (stop / days) ** 0.5:.2g}"), float(f"{rent * stop / days:.2g}"), side


def other(n: Given) -> str:
    return "smaller than the best" if machines(n)[3].startswith("larger") else "larger than the best"


# -- ch01.backcast


@cache
def dated(domain: str, first: float, last: float) -> tuple[Any, Any]:
    """Years with a fraction, and log10 of the compute, of the models from one 1 January to another."""
    table = datasets.load("notable_models")
    kept = table[(table.publication_date >= pd.Timestamp(int(first), 1, 1)) & (table.publication_date < pd.Timestamp(int(last), 1, 1))]
    kept = kept[[domain in str(text) for text in kept.domain]]
    when = kept.publication_date
    return (when.dt.year + (when.dt.day_of_year - 1) / 365).to_numpy(float), np.log10(kept.training_flops.to_numpy())


def limits(n: Given, at: Any, level: float = 0.8, one: float = 1.0, last: float | None = None, domain: str | None = None,
           line: float = 1.0, student: bool = True, since: float = 2010) -> tuple[Any, Any]:
    """The band in log10, from the textbook; `one` and `line` are the weights of a single point's scatter and of the line's error."""
    t, y = dated(n.domain if domain is None else domain, since, n.before if last is None else last)
    fitted, left = np.polynomial.Polynomial.fit(t, y, 1), t - t.mean()
    scatter = np.sqrt(((y - fitted(t)) ** 2).sum() / (len(t) - 2))
    reach = one + line * (1 / len(t) + (at - t.mean()) ** 2 / (left**2).sum())
    q = stats.t(len(t) - 2).ppf(0.5 + level / 2) if student else stats.norm.ppf(0.5 + level / 2)
    return fitted(at) - q * scatter * np.sqrt(reach), fitted(at) + q * scatter * np.sqrt(reach)


def held_by(n: Given, until: float | None = None, **how: Any) -> tuple[int, int, int]:
    """Later models below, inside and above the band."""
    t, y = dated(n.domain, n.before, n.until if until is None else until)
    low, high = limits(n, t, **how)
    return int((y < low).sum()), int(((y >= low) & (y <= high)).sum()), int((y > high).sum())


def told(n: Given) -> str:
    below, inside, above = held_by(n)
    total = below + inside + above
    if up_to(total, inside) < 5:
        return "moved" if up_to(below + above, min(below, above), 0.5) < 5 else "too narrow"
    return "too wide" if 100 - up_to(total, inside - 1) < 5 else "as promised"


def backcast(n: Given, **how: Any) -> tuple[Any, ...]:
    low, high = limits(n, n.middle, **how)
    _, inside, above = held_by(n)
    return 10**low, 10**high, inside, above, told(n)


def from_the_slope(n: Given, end: int) -> float:
    """The mean of the points, carried on by an end of the 80 % interval of the growth."""
    t, y = dated(n.domain, 2010, n.before)
    found = stats.linregress(t, y)
    reach = stats.t(len(t) - 2).ppf(0.9) * found.stderr
    return float(10 ** (y.mean() + (n.middle - t.mean()) * (found.slope + (2 * end - 1) * reach)))


def fitted_ones(n: Given) -> int:
    t, y = dated(n.domain, 2010, n.before)
    low, high = limits(n, t)
    return int(((y > low) & (y < high)).sum())


def above_the_middle(n: Given) -> int:
    return int((dated(n.domain, n.before, n.until)[1] > limits(n, n.middle)[1]).sum())


def above_the_line(n: Given) -> int:
    t, y = dated(n.domain, n.before, n.until)
    low, high = limits(n, t)
    return int((y > (low + high) / 2).sum())


RIGHT: dict[str, list[Entry]] = {
    "ch01.budget": [Entry("formula", lambda n: (budget,)), Entry("tokens first, a dict", lambda n: (budget_tokens_first,))],
    "ch01.growth": [
        Entry("polyfit", growth),
        Entry("rounded, as text", lambda n: (str(growth(n)[0]), f"{growth(n)[1]:.2f}", f"{growth(n)[2]:.1f}")),
    ],
    "ch01.forecasters": [
        Entry("a sum", judged),
        Entry("rounded, capitals", lambda n: (f"{judged(n)[0]:.3g} %", *(word.capitalize() for word in judged(n)[1:]))),
    ],
    "ch01.machines": [Entry("formula", machines), Entry("read from the explorer", read_off)],
    "ch01.backcast": [
        Entry("the textbook's formula", backcast),
        Entry("rounded, as text", lambda n: (*(f"{x:.2e}" for x in backcast(n)[:2]), *map(str, backcast(n)[2:4]), told(n).upper())),
    ],
}

WRONG: dict[str, list[Entry]] = {
    "ch01.budget": [
        Entry("an hour", lambda n: (lambda *rig: budget(*rig, second=3600.0),), "hours"),
        Entry("no seconds", lambda n: (lambda *rig: budget(*rig, second=1.0),), "days for seconds"),
        Entry("no utilisation", lambda n: (lambda g, d, peak, mfu, ratio: budget(g, d, peak, 1.0, ratio),), "mfu ignored"),
        Entry("over utilisation", lambda n: (lambda g, d, peak, mfu, ratio: budget(g, d, peak, 1 / mfu, ratio),), "over the utilisation"),
        Entry("the H100's peak", lambda n: (lambda g, d, peak, mfu, ratio: budget(g, d, PEAK + 0 * peak, mfu, ratio),), "peak ignored"),
        Entry("one machine", lambda n: (lambda g, *rest: budget(1.0 + 0 * g, *rest),), "n_gpu ignored"),
        Entry("ND", lambda n: (lambda *rig: budget(*rig, six=1.0),), "ND"),
        Entry("2ND", lambda n: (lambda *rig: budget(*rig, six=2.0),), "2ND"),
        Entry("no root", lambda n: (no_root,), "no square root"),
        Entry("twenty", lambda n: (lambda g, d, peak, mfu, ratio: budget(g, d, peak, mfu, 20.0 + 0 * ratio),), "ratio ignored"),
        Entry("upside down", lambda n: (lambda *rig: (lambda C, N, D: (C, D, N))(*budget(*rig)),), "N and D exchanged"),
    ],
    "ch01.growth": [
        Entry("all domains", swap(growth, a0=lambda n: len(rows(n, word=False))), "every domain"),
        Entry("all years", swap(growth, a0=lambda n: len(rows(n, since=1900))), "every year"),
        Entry("equals", swap(growth, a0=lambda n: int((rows(n).domain == n.domain).sum())), "exactly that domain"),
        Entry("equals, all years", swap(growth, a0=lambda n: int((rows(n, since=1900).domain == n.domain).sum())),
              "exactly that domain, every year"),
        Entry("a year late", swap(growth, a0=lambda n: len(rows(n, since=n.since + 1))), "a year late"),
        Entry("the slope", swap(growth, a1=lambda n: slope_of(n.domain, n.since)), "orders of magnitude"),
        Entry("natural", swap(growth, a1=lambda n: math.log(growth(n)[1])), "natural logarithm"),
        Entry("less one", swap(growth, a1=lambda n: growth(n)[1] - 1), "less one"),
        Entry("percent", swap(growth, a1=lambda n: 100 * (growth(n)[1] - 1)), "percent"),
        Entry("bases", swap(growth, a1=lambda n: math.exp(slope_of(n.domain, n.since))), "wrong base"),
        Entry("factor of all", swap(growth, a1=lambda n: 10 ** slope(rows(n, word=False))), "every domain"),
        Entry("factor since ever", swap(growth, a1=lambda n: 10 ** slope(rows(n, since=1900))), "every year"),
        Entry("years", swap(growth, a2=lambda n: growth(n)[2] / 12), "years"),
        Entry("tenfold", swap(growth, a2=lambda n: 12 / slope_of(n.domain, n.since)), "tenfold"),
        Entry("e-fold", swap(growth, a2=lambda n: growth(n)[2] / math.log(2)), "e-fold"),
        Entry("proportion", swap(growth, a2=lambda n: 24 / growth(n)[1]), "two over the factor"),
    ],
    "ch01.forecasters": [
        Entry("fraction", swap(judged, a0=lambda n: judged(n)[0] / 100), "a fraction"),
        Entry("exactly", swap(judged, a0=lambda n: 100 * mass(int(n.n), min(held(n)))), "exactly so many"),
        Entry("fewer", swap(judged, a0=lambda n: up_to(n.n, min(held(n)) - 1)), "fewer"),
        Entry("more", swap(judged, a0=lambda n: 100 - up_to(n.n, min(held(n)))), "more"),
        Entry("coin", swap(judged, a0=lambda n: up_to(n.n, min(held(n)), 0.5)), "a fair coin"),
        Entry("misses", swap(judged, a0=lambda n: up_to(n.n, min(held(n)), 0.2))),
        Entry("a perfect record is good", perfect_is_good, "chose could be luck"),
        Entry("the worst was unlucky", lambda n: tuple("could be luck" if a == "too narrow" else a for a in judged(n)), "chose could be luck"),
        Entry("the middle is overconfident", lambda n: tuple("too narrow" if a == "could be luck" else a for a in judged(n)),
              "chose too narrow"),
    ],
    "ch01.machines": [
        Entry("peak", swap(machines, a0=lambda n: machines(n, mfu=1.0)[0]), "at the peak"),
        Entry("A100", swap(machines, a0=lambda n: machines(n, peak=3.12e14)[0]), "another accelerator"),
        Entry("hours", swap(machines, a0=lambda n: 24 * machines(n)[0]), "hours"),
        Entry("2ND", swap(machines, a0=lambda n: machines(n, per=2.0)[0]), "at the peak"),
        Entry("ND", swap(machines, a0=lambda n: machines(n, per=1.0)[0]), "ND"),
        Entry("one", swap(machines, a0=lambda n: machines(n)[0] * n.n_gpu), "one machine"),
        Entry("its size", swap(machines, a1=lambda n: n.N), "its own size"),
        Entry("printed", swap(machines, a1=lambda n: best_size(6 * n.N * n.D, 406.4, 410.7, 0.34, 0.28)), "the printed law"),
        Entry("tokens", swap(machines, a1=lambda n: n.N * n.D / machines(n)[1]), "the tokens"),
        Entry("dollars", swap(machines, a2=lambda n: 1e6 * machines(n)[2]), "dollars"),
        Entry("dear", swap(machines, a2=lambda n: machines(n, price=HIGH)[2]), "the higher price"),
        Entry("rent at the peak", swap(machines, a2=lambda n: machines(n, mfu=1.0)[2]), "at the peak"),
        Entry("side", swap(machines, a3=other)),
    ],    "ch01.backcast": [
        Entry("the trend's band", swap(backcast, a0=lambda n: backcast(n, one=0)[0], a1=lambda n: backcast(n, one=0)[1],
                                       a2=lambda n: held_by(n, one=0)[1], a3=lambda n: held_by(n, one=0)[2]), "the line"),
        Entry("the trend's band, counted", swap(backcast, a2=lambda n: held_by(n, one=0)[1]), "the line"),
        Entry("95 % unasked", swap(backcast, a0=lambda n: backcast(n, level=0.95)[0], a1=lambda n: backcast(n, level=0.95)[1]), "95 %"),
        Entry("95 %, counted", swap(backcast, a2=lambda n: held_by(n, level=0.95)[1]), "95 %"),
        Entry("1.28 scatter", lambda n: backcast(n, line=0, student=False), "the scatter alone"),
        Entry("ends of the growth", swap(backcast, a0=lambda n: from_the_slope(n, 0), a1=lambda n: from_the_slope(n, 1)), "the growth alone"),
        Entry("fitted on all", lambda n: backcast(n, last=n.until), "fitted on the later ones too"),
        Entry("all domains", lambda n: backcast(n, domain=""), "every domain"),
        Entry("log10 of it", swap(backcast, a0=lambda n: math.log10(backcast(n)[0])), "still a logarithm"),
        Entry("all years", swap(backcast, a0=lambda n: 10 ** limits(n, n.middle, since=1900)[0]), "every year"),
        Entry("above the 95 % band", swap(backcast, a3=lambda n: held_by(n, level=0.95)[2]), "95 %"),
        Entry("the band at the middle for all", swap(backcast, a3=above_the_middle), "one band for all"),
        Entry("the misses", swap(backcast, a2=lambda n: held_by(n)[0] + held_by(n)[2]), "outside"),
        Entry("a share", swap(backcast, a2=lambda n: 100 * held_by(n)[1] / sum(held_by(n))), "percent"),
        Entry("without an end", swap(backcast, a2=lambda n: held_by(n, until=2100)[1]), "every later model"),
        Entry("in sample", swap(backcast, a2=fitted_ones), "the fitted ones"),
        Entry("above the trend", swap(backcast, a3=above_the_line), "above the middle line"),
        Entry("all the misses and some", swap(backcast, a3=lambda n: sum(held_by(n)) - held_by(n)[2])),
        Entry("judged by the number alone", swap(backcast, a4=lambda n: "too narrow"), "chose too narrow"),
    ],
}
