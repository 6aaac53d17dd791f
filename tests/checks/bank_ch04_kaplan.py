"""What people answer to the exercises of chapter 4: right in different styles, and wrong in the ways they really are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.optimize import brentq, curve_fit

from entries import Entry, swapping
from scaling_lib import datasets
from scaling_lib.checks import Given

# -- ch04.rule


def split(C, unit=8.64e19, a=0.73, b=0.27):
    days = np.asarray(C) / unit
    return 1.3e9 * days**a, 2e10 * days**b


def split_logs(C):
    x = np.log10(np.asarray(C, dtype=float) / 8.64e19)
    return {"N": 10 ** (math.log10(1.3e9) + 0.73 * x), "D": 10 ** (math.log10(2e10) + 0.27 * x)}


def split_six(C):
    N = split(C)[0]
    return N, np.asarray(C) / 6 / N


# -- ch04.halfway


def curve(n: Given, multiple: float) -> Any:
    table = datasets.load("model_ladder_loss_curves")
    return table[(table.model == n.model) & (table.chinchilla_multiple == multiple)]


def halfway(n: Given, log: bool = True) -> tuple[Any, ...]:
    short, long = curve(n, n.short), curve(n, n.long)
    end = short.tokens.max()
    way = float(np.interp(end, long.tokens, long.loss_nats_c4))
    last = [curve(n, k).iloc[-1] for k in (10.0, 5.0, 2.0, 1.0, 0.5)]
    D, L = np.array([row.tokens for row in last]), np.array([row.loss_nats_c4 for row in last])
    needed = 2 ** np.interp(way, L, np.log2(D)) if log else np.interp(way, L, D)
    return way, way - short.loss_nats_c4.iloc[-1], 100 - 100 * needed / end, "the learning rate is still high"


# -- ch04.batch


def critical(model: str) -> tuple[float, float]:
    """(S_min, B_crit) by another optimiser."""
    rows = datasets.load("critical_batch_steps").query(f"model == '{model}'")
    B, S = rows.batch_size_sequences.to_numpy(float), rows.steps_to_target.to_numpy(float)
    (a, b), _ = curve_fit(lambda B, a, b: a + np.log1p(np.exp(b) / B), B, np.log(S), p0=(7.0, 8.0))
    return math.exp(a), math.exp(b)


def batch(n: Given) -> tuple[Any, ...]:
    B = critical(n.model)[1]
    return B, B / (n.patience - 1), 100 / (n.patience - 1)


# -- ch04.compare


def compare(n: Given) -> tuple[Any, ...]:
    bits = [n.loss_A / math.log(2) / n.bytes_A, n.loss_B / math.log(2) / n.bytes_B]
    return bits, "A" if bits[0] < bits[1] else "B", "cannot tell"


def other(n: Given) -> str:
    return "B" if compare(n)[1] == "A" else "A"


# -- ch04.meet


def meet(C_c, alpha_C, D_c, alpha_D, k, p):
    return np.exp((alpha_C * np.log(C_c) - alpha_D * np.log(D_c / k)) / (alpha_C - alpha_D * p))


@np.vectorize
def meet_solver(C_c, alpha_C, D_c, alpha_D, k, p):
    def gap(x):
        return alpha_C * (math.log(C_c) - x) - alpha_D * (math.log(D_c) - math.log(k) - p * x)

    return float(np.exp(brentq(gap, -200, 200, xtol=1e-12)))


def found(n: Given, function: Any = meet) -> tuple[Any, ...]:
    at = (n.C_c, n.alpha_C, n.D_c, n.alpha_D, n.k, n.p)
    C = meet(*at)
    return function, C, (n.C_c / C) ** n.alpha_C, meet(n.C_c, n.alpha_C + 0.001, *at[2:]) / C


RIGHT: dict[str, list[Entry]] = {
    "ch04.rule": [Entry("formula", lambda n: (split,)), Entry("logarithms, as a dict", lambda n: (split_logs,))],
    "ch04.halfway": [
        Entry("interpolated", halfway),
        Entry("rounded, as text", lambda n: (f"{halfway(n)[0]:.4f}", f"{halfway(n)[1]:.4f}", f"{halfway(n)[2]:.1f} %",
                                             "The learning rate is still high.")),
    ],
    "ch04.batch": [
        Entry("another optimiser", batch),
        Entry("read from the picture", lambda n: (round(batch(n)[0], -1), round(1.05 * batch(n)[1], -1), round(batch(n)[2]))),
    ],
    "ch04.compare": [
        Entry("formula", compare),
        Entry("arrays and rounding", lambda n: (np.round(compare(n)[0], 3), compare(n)[1].lower(), "Cannot tell")),
    ],
    "ch04.meet": [Entry("closed form", found), Entry("a solver", lambda n: found(n, meet_solver))],
}

WRONG: dict[str, list[Entry]] = {
    "ch04.rule": [
        Entry("FLOP", lambda n: (lambda C: split(C, 1.0),), "FLOP for PF-days"),
        Entry("petaFLOP", lambda n: (lambda C: split(C, 1e15),), "petaFLOP"),
        Entry("an hour", lambda n: (lambda C: split(C, 3.6e18),), "hours"),
        Entry("exponents", lambda n: (lambda C: split(C, 8.64e19, 0.27, 0.73),), "exponents exchanged"),
        Entry("swapped", lambda n: (lambda C: split(C)[::-1],), "swapped"),
        Entry("6ND", lambda n: (split_six,), "D from 6ND"),
        Entry("billions", lambda n: (lambda C: tuple(x / 1e9 for x in split(C)),), "power of ten"),
    ],
    "ch04.halfway": [
        Entry("finished", swapping(halfway, a0=lambda n: curve(n, n.short).loss_nats_c4.iloc[-1]), "the finished run's"),
        Entry("its end", swapping(halfway, a0=lambda n: curve(n, n.long).loss_nats_c4.iloc[-1]), "its own end"),
        Entry("ends", swapping(halfway, a1=lambda n: curve(n, n.short).loss_nats_c4.iloc[-1]
                           - curve(n, n.long).loss_nats_c4.iloc[-1]), "between the ends"),
        Entry("sign", swapping(halfway, a1=lambda n: -halfway(n)[1]), "sign"),
        Entry("percent of the loss", swapping(halfway, a1=lambda n: 100 * halfway(n)[1] / (halfway(n)[0] - halfway(n)[1])), "in percent"),
        Entry("left", swapping(halfway, a2=lambda n: 100 - halfway(n)[2]), "what is left"),
        Entry("fraction", swapping(halfway, a2=lambda n: halfway(n)[2] / 100), "a fraction"),
        Entry("linear", swapping(halfway, a2=lambda n: halfway(n, log=False)[2]), "on a linear axis"),
        Entry("own curve", swapping(halfway, a2=lambda n: 100 * (1 - np.interp(
            -halfway(n)[0], -curve(n, n.short).loss_nats_c4, curve(n, n.short).tokens) / curve(n, n.short).tokens.max())),
              "the shorter run's own curve"),
        Entry("noise", swapping(halfway, a3=lambda n: "noise"), "chose noise"),
    ],
    "ch04.batch": [
        Entry("steps", swapping(batch, a0=lambda n: critical(n.model)[0]), "steps"),
        Entry("half", swapping(batch, a0=lambda n: batch(n)[0] / 2), "half"),
        Entry("over patience", swapping(batch, a1=lambda n: batch(n)[0] / n.patience), "critical over patience"),
        Entry("smaller", swapping(batch, a1=lambda n: batch(n)[0] * (n.patience - 1)), "times"),
        Entry("factor", swapping(batch, a2=lambda n: 100 + batch(n)[2]), "the factor"),
        Entry("fraction", swapping(batch, a2=lambda n: batch(n)[2] / 100), "a fraction"),
        Entry("steps for compute", swapping(batch, a2=lambda n: 100 * (n.patience - 1)), "extra steps"),
    ],
    "ch04.compare": [
        Entry("nats", swapping(compare, a0=lambda n: [n.loss_A / n.bytes_A, n.loss_B / n.bytes_B]), "nats per byte"),
        Entry("per token", swapping(compare, a0=lambda n: [n.loss_A / math.log(2), n.loss_B / math.log(2)]), "bits per token"),
        Entry("times bytes", swapping(compare, a0=lambda n: [n.loss_A * n.bytes_A / math.log(2), n.loss_B * n.bytes_B / math.log(2)]),
              "times the bytes"),
        Entry("ln 2 above", swapping(compare, a0=lambda n: [n.loss_A * math.log(2) / n.bytes_A, n.loss_B * math.log(2) / n.bytes_B]),
              "times ln 2"),
        Entry("perplexity", swapping(compare, a0=lambda n: [math.exp(n.loss_A), math.exp(n.loss_B)]), "perplexity"),
        Entry("order", swapping(compare, a0=lambda n: compare(n)[0][::-1]), "A and B exchanged"),
        Entry("by the token", swapping(compare, a1=other)),
        Entry("no comparing", swapping(compare, a1=lambda n: "cannot tell"), "chose cannot tell"),
        Entry("still A", swapping(compare, a2=lambda n: "A"), "chose A"),
    ],
    "ch04.meet": [
        Entry("p", lambda n: found(n, lambda a, b, c, d, k, p: meet(a, b, c, d, k, 1.0)), "p forgotten"),
        Entry("fixed text", lambda n: found(n, lambda a, b, c, d, k, p: meet(a, b, c, d, k, 0.0)), "text at one PF-day"),
        Entry("k", lambda n: found(n, lambda a, b, c, d, k, p: meet(a, b, c, d, 1.0, p)), "k forgotten"),
        Entry("alphas", lambda n: found(n, lambda a, b, c, d, k, p: meet(a, d, c, b, k, p)), "alpha_C and alpha_D exchanged"),
        Entry("logarithm", lambda n: found(n, lambda *case: np.log(meet(*case))), "a logarithm"),
        Entry("FLOP", swapping(found, a1=lambda n: 8.64e19 * found(n)[1]), "FLOP"),
        Entry("perplexity", swapping(found, a2=lambda n: math.exp(found(n)[2])), "perplexity"),
        Entry("upside down", swapping(found, a3=lambda n: 1 / found(n)[3]), "upside down"),
    ],
}
