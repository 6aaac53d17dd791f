"""What people answer to the exercises of chapter 2: right in different styles, and wrong in the ways they really are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from entries import Entry, swap

from scaling_lib import PowerLaw, datasets, explorers, fit
from scaling_lib.checks import Given
from scaling_lib.fitting import straight_line

RULES = ["non_embedding_with_head", "with_head_and_attention", "non_embedding_no_head"]
FLOORS = np.arange(33) / 10


def sweep(rule: str) -> tuple[np.ndarray, np.ndarray]:
    table = datasets.load("kaplan_vs_chinchilla_optima").query("hyperparameters == 'tuned' and param_count_rule == @rule")
    table = table[table.opt_loss_nats.notna()]
    return table.flops.to_numpy(), table.opt_loss_nats.to_numpy()


# ------------------------------------------------------------------------------------------------------- the right ones


def line_polyfit(x, y, E):
    slope, height = np.polyfit(np.log(x), np.log(y - E), 1)
    return np.exp(height), -slope


def line_decimal(x, y, E=0.0):
    u, v = np.log10(x), np.log10(np.asarray(y) - E)
    b = ((u - u.mean()) * (v - v.mean())).sum() / ((u - u.mean()) ** 2).sum()
    return {"alpha": float(-b), "A": 10 ** (v.mean() - b * u.mean())}


def line_matrix(x, y, E):
    (height, slope), *_ = np.linalg.lstsq(np.stack([np.ones(len(x)), np.log(x)], axis=1), np.log(y - E), rcond=None)
    return [math.exp(height), -slope]


_fits: dict[tuple[str, int, bool], Any] = {}


def law(n: Given, free: bool) -> Any:
    key = (n.rule, n.kept, free)
    if key not in _fits:
        C, L = sweep(n.rule)
        _fits[key] = fit(PowerLaw, x=C[: n.kept], L=L[: n.kept], delta=10.0, fixed=None if free else {"E": 0.0}).law
    return _fits[key]


def ahead(n: Given) -> tuple[Any, ...]:
    C, L = sweep(n.rule)
    said = [float(law(n, free)(C[-1])) for free in (False, True)]
    return (*said, [100 * (L[-1] - s) / s for s in said], "not tested")


def ahead_rounded(n: Given) -> tuple[Any, ...]:
    line, floor, misses, _ = ahead(n)
    return f"{line:.2f}", np.float64(round(floor, 3)), tuple(f"{m:.1f} %" for m in misses), "Nothing"


def tenth(n: Given) -> tuple[Any, ...]:
    return (n.ratio ** (1 / n.alpha), [t > n.E for t in n.targets],
            ((n.start - n.E) / (n.goal - n.E)) ** (1 / n.gamma), "the arithmetic only")


def tenth_logs(n: Given) -> tuple[Any, ...]:
    powers = math.log10(n.ratio) / n.alpha
    needed = math.exp((math.log(n.start - n.E) - math.log(n.goal - n.E)) / n.gamma)
    return f"{10**powers:.3g}", ("yes", True, 0, "no"), int(needed), "The arithmetic only."


def weigh(point: int, factor: float) -> float:
    shown = explorers.drag_a_point().set(point=point, factor=factor).view.readouts
    return {item.key: item.value for item in shown}["N"]


def weights(n: Given) -> tuple[Any, ...]:
    moved = [weigh(k, n.factor) for k in n.points]
    h = [math.log(m / weigh(1, 1.0)) / math.log(n.factor) for m in moved]
    return moved, h, weigh(1, 1.0) * n.factor ** (h[0] + h[2]), "the last"


def weights_read(n: Given) -> tuple[Any, ...]:
    moved, h, both, _ = weights(n)
    return [f"{m:.3g}" for m in moved], np.round(h, 2), float(f"{both:.3g}"), "last"


def report(n: Given) -> tuple[Any, ...]:
    C, L = sweep(n.rule)
    u, v = np.log(C[: n.kept]), np.log(L[: n.kept])
    slope, height = np.polyfit(u, v, 1)
    left = v - height - slope * u
    scatter = 100 * math.sqrt((left**2).sum() / (n.kept - 2))
    error = 100 * (math.log(L[-1]) - height - slope * math.log(C[-1]))
    curve = np.log(law(n, True)(C[: n.kept]))
    r2 = [1 - np.var(w - np.polyval(np.polyfit(u, w, 1), u)) / np.var(w) for w in (v, curve)]
    return r2[0], scatter, error, error / scatter, r2[1], [True, False, False]


def report_rounded(n: Given) -> tuple[Any, ...]:
    r2, scatter, error, times, curve, follows = report(n)
    return f"{r2:.4f}", f"{scatter:.2f} %", round(error, 2), round(times, 1), round(curve, 4), ("yes", "no", "no")


def smallest_library(C, L, floors):
    answer = 4
    for k in range(4, len(C)):
        lines = [straight_line(C[:k], L[:k], floor=E).law for E in floors if E < min(L[:k])]
        rms = lambda law, rows: np.sqrt(np.mean((np.log(L[rows]) - np.log(law(C[rows]))) ** 2))
        best = min(lines, key=lambda law: rms(law, slice(k)))
        if rms(best, slice(k, None)) >= rms(lines[0], slice(k, None)):
            answer = k + 1
    return answer if answer < len(C) else 0


def _won(C, L, floors, judged="later", floor_of="best"):
    """For each k, whether the floor wins; written with polyfit, as someone without the library would."""
    out = []
    for k in range(4, len(C)):
        misses = []
        for E in floors:
            if E >= L[:k].min():
                continue
            b, a = np.polyfit(np.log(C[:k]), np.log(L[:k] - E), 1)
            away = np.log(L) - np.log(E + np.exp(a + b * np.log(C)))
            misses.append((np.mean(away[:k] ** 2), np.mean(away[k:] ** 2), away[k] ** 2))
        best = min(misses) if floor_of == "best" else misses[-1]
        column = {"seen": 0, "later": 1, "next": 2}[judged]
        out.append(best[column] < misses[0][column])
    return out


def _from_then(won, n):
    k = n
    while k > 4 and won[k - 5]:
        k -= 1
    return k if k < n else 0


def smallest_polyfit(C, L, floors):
    return float(_from_then(_won(C, L, floors), len(C)))


def range_with(function: Any) -> Callable[[Given], tuple[Any, ...]]:
    return lambda n: (function, [4, 6, 9])


RIGHT: dict[str, list[Entry]] = {
    "ch02.line": [
        Entry("polyfit", lambda n: (line_polyfit,)),
        Entry("decimal logarithms, as a dict", lambda n: (line_decimal,)),
        Entry("a matrix", lambda n: (line_matrix,)),
    ],
    "ch02.ahead": [Entry("least squares", ahead), Entry("rounded, as text", ahead_rounded)],
    "ch02.tenth": [Entry("formula", tenth), Entry("logarithms, words", tenth_logs)],
    "ch02.weights": [Entry("from Python", weights), Entry("read off", weights_read)],
    "ch02.report": [Entry("by hand", report), Entry("rounded", report_rounded)],
    "ch02.range": [Entry("library", range_with(smallest_library)), Entry("polyfit, as text", lambda n: (smallest_polyfit, ["4", 6.0, "9"]))],
}


# ------------------------------------------------------------------------------------------------------- the wrong ones


def line_no_floor(x, y, E):
    return line_polyfit(x, y, 0)


def line_floor_outside(x, y, E):
    slope, height = np.polyfit(np.log(x), np.log(y) - E, 1)
    return np.exp(height), -slope


def line_sign(x, y, E):
    A, alpha = line_polyfit(x, y, E)
    return A, -alpha


def line_log_A(x, y, E):
    slope, height = np.polyfit(np.log(x), np.log(y - E), 1)
    return height, -slope


def line_mixed(x, y, E):
    slope, height = np.polyfit(np.log10(x), np.log10(y - E), 1)
    return np.exp(height), -slope


def line_swapped(x, y, E):
    return line_polyfit(x, y, E)[::-1]


def line_exchanged(x, y, E):
    slope, height = np.polyfit(np.log(y - E), np.log(x), 1)
    return np.exp(height), -slope


def line_turned(x, y, E):
    slope, height = np.polyfit(np.log(y - E), np.log(x), 1)
    return np.exp(-height / slope), -1 / slope


def line_linear(x, y, E):
    slope, height = np.polyfit(x, y - E, 1)
    return height, -slope


def line_semilog(x, y, E):
    slope, height = np.polyfit(np.log(x), y - E, 1)
    return height, -slope


def line_ends(x, y, E):
    alpha = -(np.log(y[-1] - E) - np.log(y[0] - E)) / (np.log(x[-1]) - np.log(x[0]))
    return (y[0] - E) * x[0] ** alpha, alpha


def line_centred(x, y, E):  # A is the height in the middle of the points
    u = np.log(x) - np.log(x).mean()
    slope, height = np.polyfit(u, np.log(y - E), 1)
    return np.exp(height), -slope


def on(function: Any) -> Callable[[Given], tuple[Any, ...]]:
    return lambda n: (function,)


def but(right: Callable[[Given], tuple[Any, ...]], **changes: Callable[[Given], Any]) -> Callable[[Given], tuple[Any, ...]]:
    return lambda n: swap(right(n), **{place: change(n) for place, change in changes.items()})


def everything(n: Given, free: bool) -> float:
    C, L = sweep(n.rule)
    return float(fit(PowerLaw, x=C, L=L, delta=10.0, fixed=None if free else {"E": 0.0}).law(C[-1]))


def at(n: Given, free: bool, C: float | None = None) -> float:
    return float(law(n, free)(sweep(n.rule)[0][n.kept] if C is None else C))


def smallest_first(C, L, floors):
    won = _won(C, L, floors)
    return 4 + won.index(True) if True in won else 0


def smallest_seen(C, L, floors):
    return _from_then(_won(C, L, floors, "seen"), len(C))


def smallest_next(C, L, floors):
    return _from_then(_won(C, L, floors, "next"), len(C))


def smallest_minus(C, L, floors):
    return max(smallest_polyfit(C, L, floors) - 1, 0)


def smallest_held(C, L, floors):
    k = smallest_polyfit(C, L, floors)
    return len(C) - k if k else 0


def smallest_largest_floor(C, L, floors):
    return _from_then(_won(C, L, floors, floor_of="last"), len(C))


def real(function: Any) -> list[Any]:
    return [function(*sweep(rule), FLOORS) for rule in RULES]


WRONG: dict[str, list[Entry]] = {
    "ch02.line": [
        Entry("floor forgotten", on(line_no_floor), "E ignored"),
        Entry("floor outside", on(line_floor_outside), "E after the logarithm"),
        Entry("slope for alpha", on(line_sign), "sign"),
        Entry("log A", on(line_log_A), "log A"),
        Entry("log10, then exp", on(line_mixed), "log10 undone with exp"),
        Entry("alpha first", on(line_swapped), "swapped"),
        Entry("x and y exchanged", on(line_exchanged), "x and y exchanged"),
        Entry("turned round", on(line_turned), "regressed the other way"),
        Entry("no logarithms", on(line_linear), "no logarithms"),
        Entry("half the logarithms", on(line_semilog), "only x in logarithms"),
        Entry("two points", on(line_ends), "first and last point"),
        Entry("A in the middle", on(line_centred)),
        Entry("only alpha", on(lambda x, y, E: line_polyfit(x, y, E)[1]), "shape"),
    ],
    "ch02.ahead": [
        Entry("lines exchanged", but(ahead, a0=lambda n: ahead(n)[1], a1=lambda n: ahead(n)[0]), "the floor's"),
        Entry("all budgets, line", but(ahead, a0=lambda n: everything(n, False)), "nothing held back"),
        Entry("all budgets, law", but(ahead, a1=lambda n: everything(n, True)), "measured"),
        Entry("next budget", but(ahead, a0=lambda n: at(n, False), a1=lambda n: at(n, True)), "next budget"),
        Entry("Gopher's budget", but(ahead, a0=lambda n: at(n, False, 5.76e23)), "too far"),
        Entry("the floor", but(ahead, a1=lambda n: law(n, True).E), "the floor itself"),
        Entry("the excess", but(ahead, a1=lambda n: ahead(n)[1] - law(n, True).E), "the excess"),
        Entry("measured for predicted", but(ahead, a0=lambda n: sweep(n.rule)[1][-1]), "measured"),
        Entry("signs", but(ahead, a2=lambda n: [-m for m in ahead(n)[2]]), "predicted over measured"),
        Entry("fractions", but(ahead, a2=lambda n: [m / 100 for m in ahead(n)[2]]), "a fraction"),
        Entry("nats", but(ahead, a2=lambda n: [sweep(n.rule)[1][-1] - s for s in ahead(n)[:2]]), "nats"),
        Entry("misses exchanged", but(ahead, a2=lambda n: ahead(n)[2][::-1]), "exchanged"),
        Entry("the same error", but(ahead, a3=lambda n: "the same error"), "chose the same error"),
        Entry("a little more", but(ahead, a3=lambda n: "A little more"), "chose a little more"),
    ],
    "ch02.tenth": [
        Entry("exponent not inverted", but(tenth, a0=lambda n: n.ratio**n.alpha), "exponent not inverted"),
        Entry("divided", but(tenth, a0=lambda n: n.ratio / n.alpha), "divided by alpha"),
        Entry("twenty", but(tenth, a0=lambda n: math.log10(n.ratio) / n.alpha), "the power of ten"),
        Entry("exp", but(tenth, a0=lambda n: math.exp(1 / n.alpha)), "e for the ratio"),
        Entry("everything can be reached", but(tenth, a1=lambda n: [True] * 4), "verdict 3"),
        Entry("nothing near the floor", but(tenth, a1=lambda n: [True, False, False, False]), "verdict 2"),
        Entry("losses divided", but(tenth, a2=lambda n: (n.start / n.goal) ** (1 / n.gamma)), "floor ignored"),
        Entry("the pure exponent", but(tenth, a2=lambda n: ((n.start - n.E) / (n.goal - n.E)) ** (1 / n.alpha)), "the other exponent"),
        Entry("gamma", but(tenth, a2=lambda n: ((n.start - n.E) / (n.goal - n.E)) ** n.gamma), "exponent not inverted"),
        Entry("upside down", but(tenth, a2=lambda n: 1 / tenth(n)[2]), "upside down"),
        Entry("no power", but(tenth, a2=lambda n: (n.start - n.E) / (n.goal - n.E)), "ratio of the excesses"),
        Entry("right", but(tenth, a3=lambda n: "right"), "chose right"),
        Entry("wrong arithmetic", but(tenth, a3=lambda n: "wrong arithmetic"), "chose wrong arithmetic"),
    ],
    "ch02.weights": [
        Entry("nothing moved", but(weights, a0=lambda n: [weigh(1, 1.0)] * 3), "not moved"),
        Entry("down for up", but(weights, a0=lambda n: [weigh(k, 1 / n.factor) for k in n.points]), "the other direction"),
        Entry("not put back", but(weights, a0=lambda n: list(weigh(1, 1.0) * n.factor ** np.cumsum(weights(n)[1]))), "moved one after the other"),
        Entry("billions", but(weights, a0=lambda n: [m / 1e9 for m in weights(n)[0]]), "power of ten"),
        Entry("ratios", but(weights, a1=lambda n: [m / weigh(1, 1.0) for m in weights(n)[0]]), "ratio"),
        Entry("ln", but(weights, a1=lambda n: [math.log(m / weigh(1, 1.0)) for m in weights(n)[0]]), "log without its base"),
        Entry("log10", but(weights, a1=lambda n: [math.log10(m / weigh(1, 1.0)) for m in weights(n)[0]]), "log10 without its base"),
        Entry("linear", but(weights, a1=lambda n: [(m / weigh(1, 1.0) - 1) / (n.factor - 1) for m in weights(n)[0]]),
              "change in percent of the factor"),
        Entry("no sign", but(weights, a1=lambda n: [abs(h) for h in weights(n)[1]]), "size"),
        Entry("a twelfth", but(weights, a1=lambda n: [1 / 12] * 3), "equal weights"),
        Entry("added", but(weights, a2=lambda n: sum(weights(n)[0][::2]) - weigh(1, 1.0)), "added"),
        Entry("multiplied", but(weights, a2=lambda n: weights(n)[0][0] * weights(n)[0][2]), "multiplied predictions"),
        Entry("averaged", but(weights, a2=lambda n: sum(weights(n)[0][::2]) / 2), "mean"),
        Entry("only the last", but(weights, a2=lambda n: weights(n)[0][2]), "only the last"),
        Entry("a middle one", but(weights, a3=lambda n: "a middle one"), "chose a middle one"),
        Entry("the first", but(weights, a3=lambda n: "first"), "chose the first"),
    ],
    "ch02.report": [
        Entry("r", but(report, a0=lambda n: math.sqrt(report(n)[0])), "r"),
        Entry("without logarithms", but(report, a0=lambda n: np.corrcoef(*(c[: n.kept] for c in sweep(n.rule)))[0, 1] ** 2), "no logarithms"),
        Entry("unexplained", but(report, a0=lambda n: 1 - report(n)[0]), "unexplained"),
        Entry("n", but(report, a1=lambda n: report(n)[1] * math.sqrt((n.kept - 2) / n.kept)), "n"),
        Entry("1 - R²", but(report, a1=lambda n: 100 * (1 - report(n)[0])), "from R²"),
        Entry("fraction", but(report, a1=lambda n: report(n)[1] / 100), "a fraction"),
        Entry("error as a fraction", but(report, a2=lambda n: report(n)[2] / 100), "a fraction"),
        Entry("of the next budget", but(report, a2=lambda n: 100 * math.log(sweep(n.rule)[1][n.kept] / at(n, False))), "the next budget"),
        Entry("of the floor", but(report, a2=lambda n: 100 * math.log(sweep(n.rule)[1][-1] / at(n, True, sweep(n.rule)[0][-1]))),
              "the law with a floor"),
        Entry("upside down", but(report, a3=lambda n: 1 / report(n)[3]), "upside down"),
        Entry("mixed units", but(report, a3=lambda n: report(n)[3] / 100), "percent of percent"),
        Entry("curve on itself", but(report, a4=lambda n: 1.0), "the law on itself"),
        Entry("r of the curve", but(report, a4=lambda n: math.sqrt(report(n)[4])), "r"),
        Entry("all follow", but(report, a5=lambda n: [True] * 3), "verdict 2"),
        Entry("the last follows", but(report, a5=lambda n: [True, False, True]), "verdict 3"),
        Entry("none follows", but(report, a5=lambda n: [False] * 3), "verdict 1"),
    ],
    "ch02.range": [
        Entry("the first win", range_with(smallest_first), "the first win"),
        Entry("on the fitted points", range_with(smallest_seen), "judged on the fitted points"),
        Entry("on the next budget", range_with(smallest_next), "judged on the next budget"),
        Entry("one too few", range_with(smallest_minus), "one too few"),
        Entry("held back", range_with(smallest_held), "held back counted"),
        Entry("four", range_with(lambda C, L, floors: 4), "always four"),
        Entry("the largest floor", range_with(smallest_largest_floor)),
        Entry("found: the first win", lambda n: (smallest_library, real(smallest_first)), "the first win"),
        Entry("found: held back", lambda n: (smallest_library, real(smallest_held)), "held back counted"),
        Entry("found: a list of lists", lambda n: (smallest_library, [[4], [6]]), "shape"),
    ],
}
