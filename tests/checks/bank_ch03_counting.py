"""What people answer to the exercises of chapter 3: right in different styles, and wrong in the ways they really are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from entries import Entry, swapping
from scaling_lib import datasets
from scaling_lib.checks import Given

# -- ch03.params


def params_matrices(n_layer, d_model, n_heads, n_kv_heads, d_ff, vocab, gated, tied):
    width = d_model // n_heads
    matrices = [(d_model, n_heads * width), (d_model, n_kv_heads * width), (d_model, n_kv_heads * width)]
    matrices += [(n_heads * width, d_model)] + [(d_model, d_ff)] * (3 if gated else 2)
    blocks = n_layer * sum(a * b for a, b in matrices)
    return blocks, blocks + sum([vocab * d_model] * (2 - tied))


def params_shares(L, d, h, kv, ff, vocab, gated, tied):
    attention = (2 + 2 * kv / h) * d**2
    blocks = L * (attention + d * ff * (2 + gated))
    return {"blocks": blocks, "total": blocks + vocab * d * [2, 1][tied]}


def params_twelve(L, d, h, kv, ff, vocab, gated, tied):
    return 12 * L * d**2, 12 * L * d**2 + vocab * d * (2 - tied)


def params_all_heads(L, d, h, kv, ff, vocab, gated, tied):
    return params_matrices(L, d, h, h, ff, vocab, gated, tied)


def params_no_gate(L, d, h, kv, ff, vocab, gated, tied):
    return params_matrices(L, d, h, kv, ff, vocab, False, tied)


def params_two_ends(L, d, h, kv, ff, vocab, gated, tied):
    return params_matrices(L, d, h, kv, ff, vocab, gated, False)


def params_one_end(L, d, h, kv, ff, vocab, gated, tied):
    return params_matrices(L, d, h, kv, ff, vocab, gated, True)


def params_tied_wrong(L, d, h, kv, ff, vocab, gated, tied):
    return params_matrices(L, d, h, kv, ff, vocab, gated, not tied)


def params_three(L, d, h, kv, ff, vocab, gated, tied):
    blocks, total = params_matrices(L, d, h, kv, ff, vocab, gated, tied)
    return blocks - L * d * d, total - L * d * d


def params_one_layer(L, d, h, kv, ff, vocab, gated, tied):
    blocks = params_matrices(L, d, h, kv, ff, vocab, gated, tied)[0] // L
    return blocks, blocks + vocab * d * (2 - tied)


def params_swapped(*case):
    return params_matrices(*case)[::-1]


def params_billions(*case):
    return tuple(x / 1e9 for x in params_matrices(*case))


def params_four_d(L, d, h, kv, ff, vocab, gated, tied):
    return params_matrices(L, d, h, kv, 4 * d, vocab, gated, tied)


# -- the others


def offer(n: Given, mfu: float | None = None, n_gpu: float | None = None) -> tuple[Any, ...]:
    flop = (n_gpu or n.n_gpu) * n.days * 86400 * n.peak * (mfu or n.mfu)
    hours = 24 * n.days * n.n_gpu
    return flop, flop / 8.64e19, flop / 6 / n.N, hours * n.price, hours * n.watts / 1e6


def lost(n: Given, thousand: float = 1000.0) -> tuple[Any, ...]:
    ratio = [D / N for N, D in zip(n.sizes, n.tokens)]
    i = ratio.index(max(ratio))
    mfu = 100 * 6 * n.N * n.tokens_per_s / (n.n_gpu * n.peak)
    return mfu, "peak of one", n.rows[i], 6 * n.sizes[i] * n.tokens[i] / thousand


def attention(n: Given, n_ctx: float) -> float:
    """Attention over 2N."""
    return float(n.n_layer * n_ctx * n.d_attn / n.N)


def context(n: Given, share: Callable[[float], float] = lambda x: x / (1 + x)) -> tuple[Any, ...]:
    stops = [2**k for k in range(10, 21) if share(attention(n, 2**k)) <= 1 / 3]
    return max(stops, default=512), 1 + attention(n, n.long), "depends on the width"


def slope_polyfit(C, N):
    return np.polyfit(np.log10(C), np.log10(N), 1)[0]


def slope_by_hand(C, N):
    x, y = np.log(np.asarray(C)), np.log(np.asarray(N))
    return float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())


def rows_of(n: Given) -> list[Any]:
    sweep = datasets.load("param_counting_rules")
    return [sweep[sweep.param_count_rule == rule] for rule in n.rules]


def extended(n: Given, rows: Any, name: str) -> float:
    p = slope_by_hand(rows.flops, rows[name])
    return math.exp(np.log(rows[name]).mean() + p * (math.log(n.C) - np.log(rows.flops).mean()))


def exponents(n: Given, slope: Any = slope_polyfit) -> tuple[Any, ...]:
    return (
        slope,
        [slope_by_hand(rows.flops, rows.opt_params) for rows in rows_of(n)],
        [extended(n, rows, "opt_tokens") / extended(n, rows, "opt_params") for rows in rows_of(n)],
        "a ratio belongs to its counting rule",
    )


RIGHT: dict[str, list[Entry]] = {
    "ch03.params": [
        Entry("matrix by matrix", lambda n: (params_matrices,)),
        Entry("shares of a square, as a dict", lambda n: (params_shares,)),
    ],
    "ch03.offer": [
        Entry("formula", offer),
        Entry("rounded, as text", lambda n: tuple(f"{x:.3g}" for x in offer(n))),
    ],
    "ch03.lost_factor": [
        Entry("formula", lost),
        Entry("as people write", lambda n: (f"{lost(n)[0]:.1f} %", "Peak of one.", lost(n)[2].lower(), f"{lost(n)[3]:.2e}")),
    ],
    "ch03.context": [
        Entry("formula", context),
        Entry("rounded", lambda n: (f"{context(n)[0]:,}".replace(",", "_"), round(context(n)[1], 2), "Depends on the width")),
    ],
    "ch03.exponents": [
        Entry("polyfit", exponents),
        Entry("by hand, arrays", lambda n: (slope_by_hand, np.array(exponents(n)[1]).round(3),
                                            tuple(exponents(n)[2]), "A ratio belongs to its counting rule.")),
    ],
}

WRONG: dict[str, list[Entry]] = {
    "ch03.params": [
        Entry("12 L d^2", lambda n: (params_twelve,), "12 L d squared"),
        Entry("all heads", lambda n: (params_all_heads,), "grouped heads ignored"),
        Entry("no gate", lambda n: (params_no_gate,), "gate ignored"),
        Entry("two ends", lambda n: (params_two_ends,), "head twice"),
        Entry("one end", lambda n: (params_one_end,), "head never"),
        Entry("tied the wrong way round", lambda n: (params_tied_wrong,), "tied upside down"),
        Entry("three matrices", lambda n: (params_three,), "no output projection"),
        Entry("one layer", lambda n: (params_one_layer,), "one layer"),
        Entry("exchanged", lambda n: (params_swapped,), "swapped"),
        Entry("billions", lambda n: (params_billions,), "power of ten"),
        Entry("4 d", lambda n: (params_four_d,), "4 d for d_ff"),
    ],
    "ch03.offer": [
        Entry("no utilisation", swapping(offer, a0=lambda n: offer(n, 1.0)[0]), "full utilisation"),
        Entry("one machine", swapping(offer, a0=lambda n: offer(n, None, 1.0)[0]), "one accelerator"),
        Entry("sparse", swapping(offer, a0=lambda n: 2 * offer(n)[0]), "sparse peak"),
        Entry("minutes", swapping(offer, a0=lambda n: offer(n)[0] / 60), "minutes"),
        Entry("petaFLOP", swapping(offer, a1=lambda n: offer(n)[0] / 1e15), "petaFLOP"),
        Entry("C over N", swapping(offer, a2=lambda n: offer(n)[0] / n.N), "C / N"),
        Entry("2ND", swapping(offer, a2=lambda n: offer(n)[0] / 2 / n.N), "2ND"),
        Entry("rule of 20", swapping(offer, a2=lambda n: 20 * n.N), "20 per parameter"),
        Entry("rent for useful hours", swapping(offer, a3=lambda n: offer(n)[3] * n.mfu), "times utilisation"),
        Entry("daily price", swapping(offer, a3=lambda n: offer(n)[3] / 24), "price per day"),
        Entry("joules", swapping(offer, a4=lambda n: 3600 * offer(n)[4]), "joules"),
        Entry("watts for megawatts", swapping(offer, a4=lambda n: 1e6 * offer(n)[4]), "power of ten"),
    ],
    "ch03.lost_factor": [
        Entry("believed", swapping(lost, a0=lambda n: 100 * 6 * n.N * n.tokens_per_s / n.peak), "the dashboard's"),
        Entry("2ND", swapping(lost, a0=lambda n: lost(n)[0] / 3), "2ND"),
        Entry("fraction", swapping(lost, a0=lambda n: lost(n)[0] / 100), "power of ten"),
        Entry("forward", swapping(lost, a1=lambda n: "forward only"), "chose forward only"),
        Entry("sparse", swapping(lost, a1=lambda n: "sparse peak"), "chose sparse peak"),
        Entry("another row", swapping(lost, a2=lambda n: "A" if lost(n)[2] != "A" else "B")),
        Entry("not mended", swapping(lost, a3=lambda n: lost(n, 1.0)[3]), "not mended"),
        Entry("ND", swapping(lost, a3=lambda n: lost(n)[3] / 6), "ND"),
    ],
    "ch03.context": [
        Entry("one too far", swapping(context, a0=lambda n: 2 * context(n)[0]), "one too far"),
        Entry("too early", swapping(context, a0=lambda n: context(n)[0] / 2), "too early"),
        Entry("k", swapping(context, a0=lambda n: context(n)[0] / 1024), "in thousands"),
        Entry("attention over 2N", swapping(context, a1=lambda n: attention(n, n.long)), "without 2N"),
        Entry("share", swapping(context, a1=lambda n: 1 - 1 / context(n)[1]), "the share"),
        Entry("every pair", swapping(context, a1=lambda n: 1 + 2 * attention(n, n.long)), "twice the attention"),
        Entry("one layer", swapping(context, a1=lambda n: 1 + attention(n, n.long) / n.n_layer), "one layer"),
        Entry("believed", swapping(context, a2=lambda n: "holds"), "chose holds"),
        Entry("never", swapping(context, a2=lambda n: "fails for every model"), "chose fails for every model"),
    ],
    "ch03.exponents": [
        Entry("plain slope", swapping(exponents, a0=lambda n: lambda C, N: np.polyfit(C, N, 1)[0]), "not logarithms"),
        Entry("axes", swapping(exponents, a0=lambda n: lambda C, N: slope_by_hand(N, C)), "axes exchanged"),
        Entry("half log", swapping(exponents, a0=lambda n: lambda C, N: np.polyfit(C, np.log(N), 1)[0]), "log of N alone"),
        Entry("ends", swapping(exponents, a0=lambda n: lambda C, N: math.log(N[-1] / N[0]) / math.log(C[-1] / C[0])), "two points"),
        Entry("intercept", swapping(exponents, a0=lambda n: lambda C, N: np.polyfit(np.log(C), np.log(N), 1)[1]), "intercept"),
        Entry("tokens", swapping(exponents, a1=lambda n: [slope_by_hand(r.flops, r.opt_tokens) for r in rows_of(n)]), "of the tokens"),
        Entry("order of the table's names", swapping(exponents, a1=lambda n: exponents(n)[1][::-1]), "another order"),
        Entry("N over D", swapping(exponents, a2=lambda n: [1 / r for r in exponents(n)[2]]), "parameters per token"),
        Entry("last row", swapping(exponents, a2=lambda n: [r.opt_tokens.iloc[-1] / r.opt_params.iloc[-1] for r in rows_of(n)]),
              "of the last row"),
        Entry("6ND", swapping(exponents, a2=lambda n: [n.C / 6 / extended(n, r, "opt_params") ** 2 for r in rows_of(n)]), "from 6ND"),
        Entry("one is right", swapping(exponents, a3=lambda n: "one rule is right"), "chose one rule is right"),
        Entry("too small", swapping(exponents, a3=lambda n: "the sweep is too small"), "chose the sweep is too small"),
    ],
}
