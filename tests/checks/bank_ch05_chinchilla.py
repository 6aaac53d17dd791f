"""What people answer to the exercises of chapter 5: right in different styles, and wrong in the ways they really are.

Written as learners write it, apart from the checks' own mistakes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from entries import Entry, swap

from scaling_lib import ChinchillaLaw, allocate, compute, datasets, fit, fitting, published
from scaling_lib.checks import Given


H, R = published.HOFFMANN_2022, published.BESIROGLU_2024


# ------------------------------------------------------------------------------------------------- the right ones


def optimum_formula(C, A, B, alpha, beta):
    G = (alpha * A / beta / B) ** (1 / (alpha + beta))
    return G * (C / 6) ** (beta / (alpha + beta)), (C / 6) ** (alpha / (alpha + beta)) / G


def optimum_library(budget, A, B, alpha, beta):
    return ChinchillaLaw(E=1.7, A=A, B=B, alpha=alpha, beta=beta).optimal(budget)


def optimum_logs(C, A, B, alpha, beta):
    log_G = (math.log(alpha * A) - math.log(beta * B)) / (alpha + beta)
    log_N = log_G + beta / (alpha + beta) * np.log(np.asarray(C) / 6)
    return {"N": np.exp(log_N), "D": np.asarray(C) / 6 / np.exp(log_N)}


def valley_centred(N, L):
    u = np.log10(N)
    curve = np.polynomial.Polynomial.fit(u, L, 2)
    return float(10 ** curve.deriv().roots()[0].real)


def valley_matrix(N, L):
    u = np.log(N) - np.log(N).mean()
    c, b, a = np.linalg.lstsq(np.stack([u**0, u, u**2], axis=1), np.asarray(L), rcond=None)[0]
    return np.array([np.exp(np.log(N).mean() - b / a / 2)])


def objective_loop(predicted, measured, delta):
    total = 0.0
    for p, m in zip(predicted, measured):
        r = abs(math.log(m / p))
        total += r * r / 2 if r <= delta else delta * (r - delta / 2)
    return total


def objective_clip(predicted, measured, delta):
    r = np.abs(np.log(np.asarray(predicted) / np.asarray(measured)))
    q = np.minimum(r, delta)
    return np.float64((q * (r - q / 2)).sum())


def waste_formula(k, alpha, beta):
    k = np.asarray(k)
    r = beta / (alpha + beta) / k**alpha + alpha / (alpha + beta) * k**beta
    return (r ** ((alpha + beta) / (alpha * beta)) - 1) * 100


def waste_law(k, alpha, beta):
    law = ChinchillaLaw(E=1.0, A=500.0, B=500.0, alpha=alpha, beta=beta)
    best = law.optimal(1e20)
    needed = law.compute_for_loss(law.along(1e20, k * np.asarray(best.N)))
    return (1e20 / needed - 1) * 100


def invoice(n: Given) -> tuple[float, float, float]:
    flop = 6 * n.N * n.D
    return flop, flop / n.peak / 86400, flop / n.peak / 3600 * n.price


def interval(n: Given, level: float = 0.95, seed: int = 11) -> tuple[float, float]:
    runs = datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")
    result = fit(ChinchillaLaw, N=runs.params, D=runs.training_tokens, L=runs.loss_nats)
    key = seed
    if key not in _boots:
        _boots[key] = result.bootstrap(1000, seed=seed)
    low, high = _boots[key].interval(lambda law: law.optimal(n.C).tokens_per_param, level)
    return low, high


_boots: dict[int, Any] = {}


def exponent(**changes: str) -> float:
    keep = {
        "hyperparameters": "base",
        "warmup": "short",
        "lr_schedule": "cosine_matched",
        "param_count_rule": "non_embedding_with_head",
        "loss_split": "validation",
        **changes,
    }
    runs = datasets.load("kaplan_vs_chinchilla_isoflop")
    for column, value in keep.items():
        runs = runs[runs[column] == value]
    groups = list(runs.groupby("flops"))
    return float(
        np.polyfit(
            np.log([C for C, _ in groups]), np.log([valley_centred(g.params, g.loss_nats) for _, g in groups]), 1
        )[0]
    )


def law_tokens(law: ChinchillaLaw, n: Given) -> list[float]:
    return [law.optimal_for_params(N).D for N in n.sizes]


def rule_right(n: Given) -> tuple[Any, ...]:
    h, r = law_tokens(H, n), law_tokens(R, n)
    return [20 * N for N in n.sizes], [D / 20 for D in n.tokens], h, r, max(a / b for a, b in zip(h, r))


def wasted(law: ChinchillaLaw, n: Given) -> list[float]:
    return [100 * (6 * N * D / law.compute_for_loss(law(N, D)) - 1) for N, D in zip(n.N, n.D)]


def options_right(n: Given) -> tuple[Any, ...]:
    return wasted(H, n), wasted(R, n), "depends on the law", "smaller model, more data"


def best_law() -> ChinchillaLaw:
    runs = datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")
    return fit(ChinchillaLaw, N=runs.params, D=runs.training_tokens, L=runs.loss_nats).law


def dearest(n: Any, runs: int | None = None) -> float:
    """The top budget that spends everything: rows at 1, 0.32, 0.1, 0.032 and 0.01 of it."""
    count = n.runs if runs is None else runs
    return float(n.budget / (count / 5 * (1 + 10**-0.5 + 0.1 + 10**-1.5 + 0.01)))


RIGHT: dict[str, list[Entry]] = {
    "ch05.optimum": [
        Entry("formula", lambda n: (optimum_formula,)),
        Entry("library", lambda n: (optimum_library,)),
        Entry("logarithms, as a dict", lambda n: (optimum_logs,)),
    ],
    "ch05.rule": [
        Entry("lists", rule_right),
        Entry(
            "arrays, text and rounding",
            lambda n: (
                np.array(n.sizes) * 20,
                [f"{D / 20:.3g}" for D in n.tokens],
                tuple(float(f"{x:.3g}") for x in law_tokens(H, n)),
                np.array(law_tokens(R, n)),
                np.float64(rule_right(n)[4]),
            ),
        ),
    ],
    "ch05.valley": [
        Entry("another polynomial", lambda n: (valley_centred, exponent())),
        Entry("least squares, rounded", lambda n: (valley_matrix, "0.56")),
        Entry("window of the library", lambda n: (valley_centred, fitting.isoflop(**_arm()).a)),
    ],
    "ch05.objective": [Entry("loop", lambda n: (objective_loop,)), Entry("clipped", lambda n: (objective_clip,))],
    "ch05.by_hand": [
        Entry("the fitted law", lambda n: (best_law(),)),
        Entry("its constants", lambda n: (best_law().parameters,)),
        Entry("the replication's law", lambda n: (R,)),
        Entry("five numbers", lambda n: ([1.82, 480, "2100", 0.3475, 0.366],)),
    ],
    "ch05.options": [
        Entry("by compute_for_loss", options_right),
        Entry(
            "by overhead, as text",
            lambda n: (
                [f"{100 * allocate.overhead(H, N, D):.1f} %" for N, D in zip(n.N, n.D)],
                100 * allocate.overhead(R, np.array(n.N), np.array(n.D)),
                "Depends on the law.",
                "Smaller model, more data",
            ),
        ),
    ],
    "ch05.invoice": [
        Entry("formula", lambda n: (*invoice(n), [False, False, True])),
        Entry(
            "library and rounding",
            lambda n: (
                f"{compute.train_flop(n.N, n.D):.2e}",
                round(invoice(n)[1]),
                np.float64(round(invoice(n)[2], -2)),
                ("no", "no", "yes"),
            ),
        ),
    ],
    "ch05.twofold": [
        Entry("formula", lambda n: (waste_formula, "b")),
        Entry("through a law", lambda n: (waste_law, "B")),
    ],
    "ch05.interval": [
        Entry("bootstrap", lambda n: (*interval(n), "not contradicted")),
        Entry(
            "rounded, another seed", lambda n: (*(float(f"{x:.2g}") for x in interval(n, seed=12)), "Not contradicted")
        ),
    ],
    "ch05.sweep": [
        Entry("all of it", lambda n: (dearest(n), n.runs, 20, "about as wide")),
        Entry("cheap, by trying, as text", lambda n: (f"{dearest(n) / 3:.1e}", float(n.runs), 18.0, "The same.")),
    ],
}


def _arm() -> dict[str, Any]:
    runs = datasets.load("kaplan_vs_chinchilla_isoflop").query(
        "hyperparameters == 'base' and warmup == 'short' and lr_schedule == 'cosine_matched' and param_count_rule =="
        " 'non_embedding_with_head' and loss_split == 'validation'"
    )
    return {"C": runs.flops, "N": runs.params, "L": runs.loss_nats}


# ------------------------------------------------------------------------------------------------- the wrong ones


def optimum_swapped(C, A, B, alpha, beta):
    N, D = optimum_formula(C, A, B, alpha, beta)
    return D, N


def optimum_other_exponents(C, A, B, alpha, beta):
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (alpha / (alpha + beta))
    return N, C / (6 * N)


def optimum_greek(C, A, B, beta, alpha):
    return optimum_formula(C, A, B, alpha, beta)


def optimum_inverse_G(C, A, B, alpha, beta):
    G = (beta * B / (alpha * A)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / 6 / N


def optimum_no_derivative(C, A, B, alpha, beta):
    N = (A / B) ** (1 / (alpha + beta)) * (C / 6) ** (beta / (alpha + beta))
    return N, C / 6 / N


def optimum_no_root(C, A, B, alpha, beta):
    N = alpha * A / (beta * B) * (C / 6) ** (beta / (alpha + beta))
    return N, C / 6 / N


def optimum_no_six(C, A, B, alpha, beta):
    N = (alpha * A / (beta * B)) ** (1 / (alpha + beta)) * C ** (beta / (alpha + beta))
    return N, C / N


def optimum_2ND(C, A, B, alpha, beta):
    return optimum_formula(3 * C, A, B, alpha, beta)


def optimum_4ND(C, A, B, alpha, beta):
    return optimum_formula(1.5 * C, A, B, alpha, beta)


def optimum_billions(C, A, B, alpha, beta):
    N, D = optimum_formula(C, A, B, alpha, beta)
    return N / 1e9, D / 1e9


def optimum_twenty(C, A, B, alpha, beta):
    N = (C / 120) ** 0.5
    return N, 20 * N


def optimum_equal(C, A, B, alpha, beta):
    return (C / 6) ** 0.5, (C / 6) ** 0.5


def optimum_D_without_six(C, A, B, alpha, beta):
    N = optimum_formula(C, A, B, alpha, beta)[0]
    return N, C / N


def optimum_A_B(C, A, B, alpha, beta):
    return optimum_formula(C, B, A, alpha, beta)


def optimum_log(C, A, B, alpha, beta):
    N, D = optimum_formula(C, A, B, alpha, beta)
    return np.log(N), np.log(D)


def optimum_one(C, A, B, alpha, beta):
    return optimum_formula(C, A, B, alpha, beta)[0]


def optimum_print(C, A, B, alpha, beta):
    print(optimum_formula(C, A, B, alpha, beta))


def optimum_square_root(C, A, B, alpha, beta):
    N = (alpha * A / (beta * B)) ** (1 / (alpha + beta)) * (C / 6) ** 0.5
    return N, C / 6 / N


def optimum_ratio_and_root(C, A, B, alpha, beta):
    N = alpha * A / (beta * B) * np.sqrt(C / 6)
    return N, C / 6 / N


def optimum_then_twenty(C, A, B, alpha, beta):
    N, _ = optimum_formula(C, A, B, alpha, beta)
    return [N, 20 * N]


def optimum_grid(C, A, B, alpha, beta):
    N = np.logspace(4, 15, 3001)
    best = [N[np.argmin(A / N**alpha + B / (c / 6 / N) ** beta)] for c in np.ravel(C)]
    N = np.reshape(best, np.shape(C))
    return N, C / 6 / N


def valley_lowest(N, L):
    return np.asarray(N)[np.argmin(np.asarray(L))]


def valley_linear(N, L):
    a, b, c = np.polyfit(np.asarray(N) / 1e8, L, 2)
    return -b / (2 * a) * 1e8


def valley_log(N, L):
    a, b, c = np.polyfit(np.log(N), L, 2)
    return -b / (2 * a)


def valley_log10(N, L):
    a, b, c = np.polyfit(np.log10(N), L, 2)
    return -b / (2 * a)


def valley_mixed(N, L):
    a, b, c = np.polyfit(np.log10(N), L, 2)
    return np.exp(-b / (2 * a))


def valley_sign(N, L):
    a, b, c = np.polyfit(np.log(N), L, 2)
    return np.exp(b / (2 * a))


def valley_two(N, L):
    a, b, c = np.polyfit(np.log(N), L, 2)
    return np.exp(-b / a)


def valley_loss(N, L):
    a, b, c = np.polyfit(np.log(N), L, 2)
    return c - b**2 / (4 * a)


def valley_log_loss(N, L):
    a, b, c = np.polyfit(np.log(N), np.log(L), 2)
    return np.exp(-b / (2 * a))


def _r(predicted, measured):
    return np.log(measured) - np.log(predicted)


def objective_mean(p, m, delta):
    return np.mean([objective_loop([a], [b], delta) for a, b in zip(p, m)])


def objective_plain(p, m, delta):
    r = np.abs(m - p)
    return np.where(r <= delta, r**2 / 2, delta * (r - delta / 2)).sum()


def objective_log10(p, m, delta):
    r = np.abs(np.log10(m) - np.log10(p))
    return np.where(r <= delta, r**2 / 2, delta * (r - delta / 2)).sum()


def objective_squares(p, m, delta):
    return (_r(p, m) ** 2).sum() / 2


def objective_absolute(p, m, delta):
    return np.abs(_r(p, m)).sum()


def objective_no_half(p, m, delta):
    r = np.abs(_r(p, m))
    return np.where(r <= delta, r**2, delta * (r - delta / 2)).sum()


def objective_gap(p, m, delta):
    r = np.abs(_r(p, m))
    return np.where(r <= delta, r**2 / 2, delta * r).sum()


def objective_one_sided(p, m, delta):
    r = _r(p, m)
    return np.where(r <= delta, r**2 / 2, delta * (r - delta / 2)).sum()


def objective_each(p, m, delta):
    r = np.abs(_r(p, m))
    return np.where(r <= delta, r**2 / 2, delta * (r - delta / 2))


def objective_doubled(p, m, delta):
    r = np.abs(_r(p, m))
    return np.where(r <= delta, r**2, delta * (2 * r - delta)).sum()


def objective_smooth_l1(p, m, delta):
    r = np.abs(_r(p, m))
    return np.where(r <= delta, r**2 / 2 / delta, r - delta / 2).sum()


def objective_other_half(p, m, delta):
    r = np.abs(_r(p, m))
    return np.where(r <= delta, r**2, delta * (r - delta)).sum()


def objective_fixed_delta(p, m, delta):
    return objective_clip(p, m, 1e-3)


def waste_excess(k, alpha, beta):
    return ((beta * k**-alpha + alpha * k**beta) / (alpha + beta) - 1) * 100


def waste_gamma(k, alpha, beta):
    r = (beta * k**-alpha + alpha * k**beta) / (alpha + beta)
    return (r ** (alpha * beta / (alpha + beta)) - 1) * 100


def waste_weights(k, alpha, beta):
    r = (alpha * k**-alpha + beta * k**beta) / (alpha + beta)
    return (r ** ((alpha + beta) / (alpha * beta)) - 1) * 100


def waste_signs(k, alpha, beta):
    r = (beta * k**alpha + alpha * k**-beta) / (alpha + beta)
    return (r ** ((alpha + beta) / (alpha * beta)) - 1) * 100


def waste_fraction(k, alpha, beta):
    return waste_formula(k, alpha, beta) / 100


def waste_spent(k, alpha, beta):
    return 100 * (1 - 1 / (1 + waste_formula(k, alpha, beta) / 100))


def waste_greek(k, beta, alpha):
    return waste_formula(k, alpha, beta)


def waste_half(k, alpha, beta):
    r = (k**-alpha + k**beta) / 2
    return (r ** ((alpha + beta) / (alpha * beta)) - 1) * 100


def waste_factor(k, alpha, beta):
    return 100 + waste_formula(k, alpha, beta)


def waste_N_only(k, alpha, beta):
    return 100 * (k - 1)


def optimum_is(function: Any) -> Callable[[Given], tuple[Any, ...]]:
    return lambda n: (function,)


def rule_with(**changes: Callable[[Given], Any]) -> Callable[[Given], tuple[Any, ...]]:
    return lambda n: swap(rule_right(n), **{name: change(n) for name, change in changes.items()})


def options_with(**changes: Callable[[Given], Any]) -> Callable[[Given], tuple[Any, ...]]:
    return lambda n: swap(options_right(n), **{name: change(n) for name, change in changes.items()})


def invoice_with(**changes: Callable[[Given], Any]) -> Callable[[Given], tuple[Any, ...]]:
    return lambda n: swap((*invoice(n), [False, False, True]), **{name: change(n) for name, change in changes.items()})


def hand(**changes: float) -> Callable[[Given], tuple[Any, ...]]:
    return lambda n: ({**best_law().parameters, **changes},)


def exchanged(*pairs: tuple[str, str]) -> Callable[[Given], tuple[Any, ...]]:
    def answers(n: Given) -> tuple[Any, ...]:
        constants = best_law().parameters
        for a, b in pairs:
            constants[a], constants[b] = constants[b], constants[a]
        return (constants,)

    return answers


WRONG: dict[str, list[Entry]] = {
    "ch05.optimum": [
        Entry("N and D exchanged", optimum_is(optimum_swapped), "swapped"),
        Entry("exponents exchanged", optimum_is(optimum_other_exponents), "exponents exchanged"),
        Entry("alpha and beta exchanged", optimum_is(optimum_greek), "alpha and beta exchanged"),
        Entry("A and B exchanged", optimum_is(optimum_A_B), "A and B exchanged"),
        Entry("G upside down", optimum_is(optimum_inverse_G), "G upside down"),
        Entry("no derivative", optimum_is(optimum_no_derivative), "G without exponents"),
        Entry("no root", optimum_is(optimum_no_root), "G without its root"),
        Entry("no six", optimum_is(optimum_no_six), "C for 6ND"),
        Entry("2ND", optimum_is(optimum_2ND), "2ND"),
        Entry("4ND", optimum_is(optimum_4ND), "4ND"),
        Entry("billions", optimum_is(optimum_billions), "power of ten"),
        Entry("rule of 20", optimum_is(optimum_twenty), "20 tokens per parameter"),
        Entry("N = D", optimum_is(optimum_equal)),
        Entry("square root of C", optimum_is(optimum_square_root), "square root of C"),
        Entry("ratio times the root of C", optimum_is(optimum_ratio_and_root), "ratio times square root"),
        Entry("best N, then 20 N", optimum_is(optimum_then_twenty), "D by the rule of 20"),
        Entry("searched on a grid", optimum_is(optimum_grid)),
        Entry("D = C / N", optimum_is(optimum_D_without_six), "D without 6"),
        Entry("logarithms", optimum_is(optimum_log), "still a logarithm"),
        Entry("N alone", optimum_is(optimum_one), "shape"),
        Entry("print for return", optimum_is(optimum_print), "none"),
        Entry("called", lambda n: (optimum_formula(1e21, 400, 400, 0.3, 0.3),), "not a function"),
    ],
    "ch05.rule": [
        Entry("divided", rule_with(a0=lambda n: [N / 20 for N in n.sizes]), "divided"),
        Entry("multiplied", rule_with(a1=lambda n: [D * 20 for D in n.tokens]), "multiplied"),
        Entry("billions", rule_with(a0=lambda n: [20 * N / 1e9 for N in n.sizes]), "power of ten"),
        Entry("compute", rule_with(a0=lambda n: [6 * N * 20 * N for N in n.sizes]), "compute"),
        Entry(
            "laws exchanged", rule_with(a2=lambda n: law_tokens(R, n), a3=lambda n: law_tokens(H, n)), "laws exchanged"
        ),
        Entry(
            "tokens per parameter",
            rule_with(a2=lambda n: [law_tokens(H, n)[i] / N for i, N in enumerate(n.sizes)]),
            "ratio",
        ),
        Entry(
            "at the rule's budget",
            rule_with(a3=lambda n: [R.optimal(6 * N * 20 * N).D for N in n.sizes]),
            "tokens at the rule's budget",
        ),
        Entry(
            "inverse question",
            rule_with(a3=lambda n: [R.optimal_for_tokens(N).N for N in n.sizes]),
            "N and D exchanged",
        ),
        Entry("trillions", rule_with(a2=lambda n: [D / 1e12 for D in law_tokens(H, n)]), "power of ten"),
        Entry("rule for the law", rule_with(a2=lambda n: [20 * N for N in n.sizes]), "20 tokens per parameter"),
        Entry("ratio upside down", rule_with(a4=lambda n: 1 / rule_right(n)[4]), "upside down"),
        Entry(
            "difference",
            rule_with(a4=lambda n: max(a - b for a, b in zip(law_tokens(H, n), law_tokens(R, n)))),
            "difference",
        ),
        Entry(
            "mean of the ratios",
            rule_with(a4=lambda n: np.mean([a / b for a, b in zip(law_tokens(H, n), law_tokens(R, n))])),
            "mean of the ratios",
        ),
        Entry("one is wrong", rule_with(a0=lambda n: [20 * N * (1 if i else 1.3) for i, N in enumerate(n.sizes)])),
    ],
    "ch05.valley": [
        Entry("lowest run", lambda n: (valley_lowest, exponent()), "lowest run"),
        Entry("parabola in N", lambda n: (valley_linear, exponent()), "parabola in N"),
        Entry("log N", lambda n: (valley_log, exponent()), "log N"),
        Entry("log10 N", lambda n: (valley_log10, exponent()), "log10 N"),
        Entry("exp of log10", lambda n: (valley_mixed, exponent()), "log10 undone with exp"),
        Entry("sign", lambda n: (valley_sign, exponent()), "sign"),
        Entry("factor 2", lambda n: (valley_two, exponent()), "factor 2"),
        Entry("loss", lambda n: (valley_loss, exponent()), "the loss"),
        Entry("log of the loss", lambda n: (valley_log_loss, exponent()), "parabola of log L"),
        Entry("exponent of D", lambda n: (valley_centred, 1 - exponent()), "exponent of D"),
        Entry("slope upside down", lambda n: (valley_centred, 1 / exponent()), "upside down"),
        Entry(
            "long warm-up",
            lambda n: (valley_centred, exponent(warmup="long", lr_schedule="cosine_long")),
            "long warm-up",
        ),
        Entry(
            "Kaplan's count",
            lambda n: (
                valley_centred,
                exponent(
                    warmup="long",
                    lr_schedule="cosine_long",
                    param_count_rule="non_embedding_no_head",
                    loss_split="train",
                ),
            ),
            "Kaplan's count",
        ),
    ],
    "ch05.objective": [
        Entry("mean", lambda n: (objective_mean,), "averaged"),
        Entry("losses, not logs", lambda n: (objective_plain,), "residuals of the loss"),
        Entry("log10", lambda n: (objective_log10,), "log10"),
        Entry("squares", lambda n: (objective_squares,), "squares"),
        Entry("absolute", lambda n: (objective_absolute,), "absolute"),
        Entry("half forgotten", lambda n: (objective_no_half,), "half forgotten"),
        Entry("zones apart", lambda n: (objective_gap,), "zones do not meet"),
        Entry("one-sided", lambda n: (objective_one_sided,), "one-sided"),
        Entry("each run", lambda n: (objective_each,), "shape"),
        Entry("another text's Huber", lambda n: (objective_doubled,), "twice the Huber loss"),
        Entry("smooth L1", lambda n: (objective_smooth_l1,), "divided by delta"),
        Entry("neither half", lambda n: (objective_other_half,), "squares without their half"),
        Entry("delta ignored", lambda n: (objective_fixed_delta,), "delta ignored"),
    ],
    "ch05.by_hand": [
        Entry("exponents exchanged", exchanged(("alpha", "beta")), "exponents exchanged"),
        Entry("A and B exchanged", exchanged(("A", "B")), "A and B exchanged"),
        Entry("N and D exchanged", exchanged(("A", "B"), ("alpha", "beta")), "terms exchanged"),
        Entry("E forgotten", hand(E=0.0), "no floor"),
        Entry("floor too high", hand(E=2.1), "too high"),
        Entry("floor too low", hand(E=1.5), "too low"),
        Entry("negative exponent", hand(alpha=-0.35), "sign"),
        Entry("percent text", lambda n: ("1.8, 480, 2100",), "shape"),
        Entry("the rounded law", lambda n: (H,), "too high"),
    ],
    "ch05.options": [
        Entry("laws exchanged", options_with(a0=lambda n: wasted(R, n), a1=lambda n: wasted(H, n)), "laws exchanged"),
        Entry("options exchanged", options_with(a0=lambda n: wasted(H, n)[::-1]), "options exchanged"),
        Entry("fractions", options_with(a1=lambda n: [x / 100 for x in wasted(R, n)]), "power of ten"),
        Entry(
            "percent of loss",
            options_with(a0=lambda n: [100 * (H(N, D) / H.optimal(n.C).L - 1) for N, D in zip(n.N, n.D)]),
            "percent of loss",
        ),
        Entry("nats", options_with(a1=lambda n: [R(N, D) - R.optimal(n.C).L for N, D in zip(n.N, n.D)]), "nats"),
        Entry("of the spent", options_with(a1=lambda n: [100 * x / (100 + x) for x in wasted(R, n)]), "of the spent"),
        Entry("enough, as for GPT-3", options_with(a0=lambda n: [100 / (1 + x / 100) for x in wasted(H, n)]), "share that is enough"),
        Entry("ratio", options_with(a0=lambda n: [100 + x for x in wasted(H, n)]), "a factor"),
        Entry(
            "percent of loss, at what it cost",
            options_with(a0=lambda n: [100 * (H(N, D) / H.optimal(6 * N * D).L - 1) for N, D in zip(n.N, n.D)]),
            "percent of loss at 6ND",
        ),
        Entry(
            "nats, at what it cost",
            options_with(a0=lambda n: [H(N, D) - H.optimal(6 * N * D).L for N, D in zip(n.N, n.D)]),
            "nats at 6ND",
        ),
        Entry(
            "percent of the excess",
            options_with(
                a1=lambda n: [100 * ((R(N, D) - R.E) / (R.optimal(6 * N * D).L - R.E) - 1) for N, D in zip(n.N, n.D)]
            ),
            "percent of the excess loss",
        ),
        Entry(
            "distance in size",
            options_with(a0=lambda n: [100 * (N / H.optimal(6 * N * D).N - 1) for N, D in zip(n.N, n.D)]),
            "distance in size",
        ),
        Entry("claim holds", options_with(a2=lambda n: "holds"), "chose holds"),
        Entry("claim fails", options_with(a2=lambda n: "fails"), "chose fails"),
        Entry("less data", options_with(a3=lambda n: "larger model, less data"), "chose larger model, less data"),
        Entry(
            "longer on less", options_with(a3=lambda n: "the same model, less data"), "chose the same model, less data"
        ),
        Entry("another word", options_with(a2=lambda n: "maybe"), "not an option"),
    ],
    "ch05.invoice": [
        Entry("2ND", invoice_with(a0=lambda n: 2 * n.N * n.D), "2ND"),
        Entry("4ND", invoice_with(a0=lambda n: 4 * n.N * n.D), "4ND"),
        Entry("ND", invoice_with(a0=lambda n: n.N * n.D), "ND"),
        Entry("N in billions", invoice_with(a0=lambda n: 6 * n.N / 1e9 * n.D), "power of ten"),
        Entry(
            "believed",
            invoice_with(a0=lambda n: n.claimed_flop, a1=lambda n: n.claimed_days, a2=lambda n: n.claimed_dollars),
            "invoice",
        ),
        Entry("hours", invoice_with(a1=lambda n: 6 * n.N * n.D / n.peak / 3600), "hours"),
        Entry("seconds", invoice_with(a1=lambda n: 6 * n.N * n.D / n.peak), "seconds"),
        Entry("sparse", invoice_with(a1=lambda n: 6 * n.N * n.D / 624e12 / 86400), "sparse peak"),
        Entry("40 % utilisation", invoice_with(a1=lambda n: 6 * n.N * n.D / n.peak / 86400 / 0.4), "40 % utilisation"),
        Entry("hourly price for a day", invoice_with(a2=lambda n: invoice(n)[1] * n.price), "price per day"),
        Entry("all steps wrong", invoice_with(a3=lambda n: [False, False, False]), "verdict 3"),
        Entry("days follow", invoice_with(a3=lambda n: [False, True, True]), "verdict 2"),
        Entry("one verdict", invoice_with(a3=lambda n: False), "shape"),
    ],
    "ch05.twofold": [
        Entry("excess loss", lambda n: (waste_excess, "b"), "percent of the excess loss"),
        Entry("gamma upside down", lambda n: (waste_gamma, "b"), "gamma for 1 / gamma"),
        Entry("weights exchanged", lambda n: (waste_weights, "b"), "weights exchanged"),
        Entry("signs", lambda n: (waste_signs, "b"), "alpha and beta exchanged"),
        Entry("fraction", lambda n: (waste_fraction, "b"), "a fraction"),
        Entry("of the spent", lambda n: (waste_spent, "b"), "of the spent"),
        Entry("alpha and beta", lambda n: (waste_greek, "b"), "alpha and beta exchanged"),
        Entry("equal shares", lambda n: (waste_half, "b"), "equal shares"),
        Entry("ratio", lambda n: (waste_factor, "b"), "a factor"),
        Entry("in proportion", lambda n: (waste_N_only, "b"), "negative"),
        Entry("because of E", lambda n: (waste_formula, "a"), "chose a"),
        Entry("because of logs", lambda n: (waste_formula, "c"), "chose c"),
    ],
    "ch05.interval": [
        Entry("80 %", lambda n: (*interval(n, 0.8), "not contradicted"), "80 % interval"),
        Entry("ends exchanged", lambda n: (*interval(n)[::-1], "not contradicted"), "ends exchanged"),
        Entry("parameters per token", lambda n: (*(1 / x for x in interval(n)), "not contradicted"), "upside down"),
        Entry(
            "standard error",
            lambda n: (_median(n) - _spread(n), _median(n) + _spread(n), "not contradicted"),
            "standard error",
        ),
        Entry("confirmed", lambda n: (*interval(n), "confirmed"), "chose confirmed"),
        Entry("contradicted", lambda n: (*interval(n), "contradicted"), "chose contradicted"),
        Entry("no number", lambda n: ("about 8", interval(n)[1], "not contradicted"), "text"),
    ],
    "ch05.sweep": [
        Entry("top row alone", lambda n: (n.budget / (n.runs / 5), n.runs, 20, "about as wide"), "top row alone"),
        Entry("all in one run", lambda n: (n.budget, n.runs, 20, "about as wide"), "one run alone"),
        Entry("top at the target", lambda n: (n.C, n.runs, 20, "about as wide"), "over budget"),
        Entry("hundreds of small runs", lambda n: (dearest(n, 400), 400, 20, "about as wide"), "too many runs"),
        Entry("few and large", lambda n: (dearest(n, 15), 15, 20, "much wider"), "few runs"),
        Entry("only near the bottom", lambda n: (dearest(n), n.runs, 2.5, "about as wide"), "narrow grid"),
        Entry("half the width", lambda n: (dearest(n), n.runs, 20**0.5, "about as wide"), "narrow grid"),
        Entry("far up both sides", lambda n: (dearest(n), n.runs, 256, "about as wide"), "wide grid"),
        Entry("few and wide", lambda n: (dearest(n, 20), 20, 100, "about as wide"), "wide grid"),
        Entry("smallest over largest", lambda n: (dearest(n), n.runs, 1 / 20, "about as wide"), "upside down"),
        Entry("rows not alike", lambda n: (dearest(n) / 2, n.runs - 3, 20, "about as wide"), "rows"),
        Entry("in EFLOP", lambda n: (dearest(n) / 1e18, n.runs, 20, "about as wide"), "out of range"),
        Entry("compute buys", lambda n: (dearest(n), n.runs, 20, "much wider"), "chose much wider"),
        Entry("small is quiet", lambda n: (dearest(n), n.runs, 20, "much narrower"), "chose much narrower"),
    ],
}


def _median(n: Given) -> float:
    return float(sum(interval(n, 0.02)) / 2)


def _spread(n: Given) -> float:
    interval(n)
    values = _boots[11].values(lambda law: law.optimal(n.C).tokens_per_param)
    return float(
        1.96 * np.std(values) / math.sqrt(len(datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")))
    )
