"""The warnings of a plan, each a plain sentence with the figure that caused it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..allocate.minimax import big, percent
from ..compute import Transformer
from .budget import Budget
from .evidence import Domain
from .inputs import OWN, Laws
from .known import verified
from .result import Cluster, Data, Lifetime, Pick

__all__ = ["Situation", "warnings"]

#: A ratio of tokens to parameters this many times the compute-optimal one counts as heavy over-training.
HEAVY = 4.0
#: Model FLOP utilisation above this is rare on large runs; the usual cause is counting too few accelerators.
HIGH_UTILISATION = 0.6


@dataclass(frozen=True)
class Situation:
    """Everything the warnings look at."""

    budget: Budget
    laws: Laws
    pick: Pick
    ratios: dict[str, float]
    domain: Domain
    data: Data | None
    lifetime: Lifetime | None
    cluster: Cluster | None
    loss: float
    batch_tokens: float | None
    context: float | None
    shape: Transformer | None
    quantise: bool
    fine_tune: bool
    mixture: bool
    single_sizes: tuple[str, ...]
    deadline_days: float | None


def warnings(s: Situation) -> tuple[str, ...]:
    """All that apply, the weightiest first."""
    groups = (_reach, _disagreement, _fit, _unique, _overtrained, _batch, _context, _mixture, _machine)
    return tuple(text for group in groups for text in group(s))


def _whose(s: Situation) -> str:
    return "your runs" if s.laws.result is not None else "the runs behind the published laws"


def _reach(s: Situation) -> Iterator[str]:
    decades = s.domain.decades_beyond(s.pick.C)
    if decades >= 0.5:
        yield (
            f"Extrapolating beyond the data by 10^{decades:.1f} in compute: the largest of {_whose(s)} took "
            f"{s.domain.C[1]:.1e} FLOP, "
            f"the budget is {s.pick.C:.1e}.")
    outside = [f"{big(value)} {what} against at most {big(ends[1])}" if value > ends[1] else
               f"{big(value)} {what} against at least {big(ends[0])}"
               for what, value, ends in (("parameters", s.pick.N, s.domain.N), ("tokens", s.pick.D, s.domain.D))
               if value > ends[1] * 1.01 or value < ends[0] * 0.99]
    if outside:
        yield f"The optimum lies outside the fitted sizes: {'; '.join(outside)} in {_whose(s)}."


def _disagreement(s: Situation) -> Iterator[str]:
    low, high = min(s.ratios, key=lambda n: s.ratios[n]), max(s.ratios, key=lambda n: s.ratios[n])
    factor = s.ratios[high] / s.ratios[low]
    if factor >= 2:
        yield (
            f"The laws disagree by {factor:.1f}x in tokens per parameter ({low} {s.ratios[low]:.3g}, {high} "
            f"{s.ratios[high]:.3g}); "
            f"the pick wastes at most {percent(s.pick.worst)} whichever is true.")


def _fit(s: Situation) -> Iterator[str]:
    result = s.laws.result
    if result is not None and result.status.value == "AT_BOUND":
        yield (f"Your fit ended on a bound ({result.message}): the data would go further, and extrapolation leans on "
               "the bound.")
    if s.laws.own and result is None:
        yield ("Your law came without its runs: how well it is known, and how far its runs reach, cannot be said. "
               "Pass the fit itself.")


def _unique(s: Situation) -> Iterator[str]:
    if s.data is None or s.data.epochs <= 1.0001:
        return
    d = s.data
    stated = f"{big(s.pick.D)} tokens are more than the {big(d.unique)} unique ones that exist: {d.epochs:.2g} epochs"
    if d.epochs > 40:
        yield (f"{stated}. Beyond about 40 a further pass is worth nothing: a smaller budget reaches nearly the same loss, "
               "and a waste compares losses that hardly differ.")
    elif d.epochs > 4:
        yield (f"{stated}, more than four. They are worth {big(d.worth)} fresh tokens; the shortage takes up to "
               f"{percent(d.shortage)} more compute than unlimited data would.")
    else:
        yield f"{stated}. Up to four are nearly as good as fresh data."


def _overtrained(s: Situation) -> Iterator[str]:
    heaviest = max(s.ratios.values())
    found = [("The pick", s.pick.D / s.pick.N)]
    if s.lifetime is not None:
        rows = [r for r in s.lifetime.rows if r.saving > 0.005]
        found += [("The lifetime alternative", min(r.D / r.N for r in rows))] if rows else []
    for what, ratio in found:
        if ratio < HEAVY * heaviest and not (what == "The pick" and ratio >= HEAVY * s.ratios.get(OWN, math.inf)):
            continue
        effects = [
            text
            for wanted, text in ((s.quantise, "quantisation after training costs it more loss (Kumar et al. 2024)"),
                                 (s.fine_tune, "fine-tuning may go worse (reported, arXiv 2503.19206)")) if wanted
        ]
        ahead = (
            " and ".join(effects) if effects else
            "post-training quantisation costs more, and fine-tuning is reported to suffer, after heavy over-training")
        yield (f"{what} is heavily over-trained ({ratio:,.0f} tokens per parameter, the laws' optimum is at most "
               f"{heaviest:.3g}): {ahead}.")


def _batch(s: Situation) -> Iterator[str]:
    if s.batch_tokens is None:
        return
    from ..laws.batch import CriticalBatch

    found = verified(CriticalBatch)
    if found:
        critical = float(found[0][1](s.loss))
        if s.batch_tokens > critical:
            yield (
                f"A batch of {big(s.batch_tokens)} tokens is above the critical {big(critical)} (Kaplan's law, on "
                "another corpus: an order "
                f"of magnitude): about {1 + s.batch_tokens / critical:.1f}x the compute of small batches for the same "
                "loss."
            )
    steps = s.pick.D / s.batch_tokens
    if steps < 1000:
        yield f"A batch of {big(s.batch_tokens)} tokens leaves {steps:,.0f} steps: too few for a schedule."


def _context(s: Situation) -> Iterator[str]:
    if s.shape is not None:
        extra = s.shape.attention_share / (1 - s.shape.attention_share)
        length: float = s.shape.n_ctx
    elif s.context is not None:
        length = s.context
        extra = length / (12 * _width(s.pick.N))  # 2 n_layer n_ctx d_attn over 2N, N = 12 n_layer d_model^2
    else:
        return
    share = extra / (1 + extra)
    if share > 0.1:
        yield (
            f"At a context of {length:,.0f} tokens attention adds {percent(extra)} to 2N for each token, which 6ND "
            "leaves out: the budget buys "
            f"{percent(share)} fewer tokens than stated.")


def _width(N: float) -> float:
    """Width of a model of N parameters: the nearest of Chinchilla's, scaled with the cube root of size."""
    import csv
    import io

    from ..datasets.catalogue import about, read_verified

    rows = csv.DictReader(io.StringIO(read_verified(about("chinchilla_model_configs")).decode("utf-8")))
    sizes = [(float(row["params"]), float(row["d_model"])) for row in rows]
    params, width = min(sizes, key=lambda pair: abs(np.log(pair[0] / N)))
    return float(width * (N / params) ** (1 / 3))


def _mixture(s: Situation) -> Iterator[str]:
    if s.mixture:
        yield (
            "These are laws of dense models. For a mixture of experts, 6ND and serving count active parameters, "
            "memory counts all; "
            "read N as active parameters, and expect the optimum to differ.")
    if s.mixture and s.single_sizes:
        yield (f"{', '.join(s.single_sizes)}: a mixture of experts given as one number is ambiguous. "
               "Write {'active': ..., 'total': ...}.")


def _machine(s: Situation) -> Iterator[str]:
    b = s.budget
    if b.utilisation is not None and b.utilisation[1] > HIGH_UTILISATION:
        yield (
            f"A utilisation of {100 * b.utilisation[1]:.0f} % is above what large runs report (20 to 50 %): are all "
            "accelerators counted, "
            "and is the peak the dense one?")
    if b.price_per_hour is not None and b.price_date is None:
        yield (f"The price of {b.price_per_hour:g} {b.currency} an hour has no date, and prices move. "
               "Pass price_date=.")
    if s.cluster is None:
        return
    if s.cluster.memory is not None and not s.cluster.memory.fits:
        m = s.cluster.memory
        yield (
            f"The training state does not fit: {m.bytes_each / 1e9:,.0f} GB on each accelerator even when all share "
            "it; "
            f"{m.least:,.0f} would hold it, before activations.")
    if s.deadline_days is not None and s.cluster.days is not None and s.cluster.days[1] > s.deadline_days:
        yield (
            f"The deadline of {s.deadline_days:g} days is missed at the lowest utilisation ({s.cluster.days[1]:.1f} "
            "days); "
            f"{s.cluster.needed:,.0f} accelerators would meet it.")
