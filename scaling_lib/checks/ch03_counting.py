"""The exercises of chapter 3: what each asks, what is judged, and the mistakes that are known by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from .. import compute, published
from .._validate import FloatArray
from ..compute import Transformer
from ._mistakes import flop_counts, times
from ._model import Answer, Attempt, Exercise, Given, Mistake, Quantity, Wrong
from ._parts import Agrees, Choice, Holds, Value
from ._values import Learner

__all__ = ["EXERCISES"]


# ------------------------------------------------------------------------------------------------ ch03.params

Case = tuple[Any, ...]


def _shape(
    n_layer: int, d_model: int, n_heads: int, n_kv_heads: int, d_ff: int, vocab: int, gated: bool, tied: bool
) -> Transformer:
    return Transformer(
        n_layer=int(n_layer), d_model=int(d_model), n_heads=int(n_heads), n_kv_heads=int(n_kv_heads), d_ff=int(d_ff),
        vocab=int(vocab), n_ctx=1, gated=gated, tied=tied, norm="none",
    )


def _params(*case: Any) -> tuple[Any, Any]:
    """The two counts; sizes may be arrays."""

    def count(*sizes: Any) -> tuple[float, float]:
        shape = _shape(*sizes, *case[6:])
        return float(shape.params("non_embedding")), float(shape.params("total"))

    blocks, total = np.vectorize(count, otypes=[float, float])(*case[:6])
    return blocks, total


def _shapes(rng: np.random.Generator) -> list[Case]:
    known = [(32, 4096, 32, 8, 14336, 128256, True, False), (12, 768, 12, 12, 3072, 50257, False, True)]
    cases: list[Case] = list(known)
    for gated in (False, True):
        for tied in (False, True):
            heads, width = int(rng.choice([8, 16, 32])), int(rng.choice([64, 128]))
            cases.append((int(rng.integers(2, 100)), heads * width, heads, heads // int(rng.choice([2, 4])),
                          int(rng.integers(8, 200)) * 64, int(rng.integers(20, 200)) * 1000, gated, tied))
    return [*cases, (1, 2, 1, 1, 1, 1, False, True)]


def _families(rng: np.random.Generator) -> list[Case]:
    """Shapes of one kind together, their sizes as arrays."""
    cases = _shapes(rng)
    return [
        (*(np.array(sizes) for sizes in zip(*(case[:6] for case in cases if case[6:] == kind), strict=True)), *kind)
        for kind in ((True, False), (False, True))
    ]


def _by(change: Callable[..., Case]) -> Callable[..., tuple[Any, Any]]:
    """The counts of a shape with arguments changed."""
    return lambda *case: _params(*change(*case))


def _with_blocks(extra: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """The counts with something added to the blocks."""

    def answer(*case: Any) -> tuple[Any, Any]:
        blocks, total = _params(*case)
        more = extra(*case)
        return blocks + more, total + more

    return answer


def _one_layer(*case: Any) -> tuple[Any, Any]:
    blocks, total = _params(*case)
    return blocks / case[0], total - blocks + blocks / case[0]


def _twelve(L: Any, d: Any, h: Any, kv: Any, ff: Any, vocab: Any, gated: bool, tied: bool) -> tuple[Any, Any]:
    blocks = compute.nonembedding_params(L, d)
    return blocks, blocks + vocab * d * (1 if tied else 2)


_PARAMS_MISTAKES = (
    Mistake(
        "12 L d squared",
        "This is 12 n_layer d_model^2, the count of the standard shape: it knows neither d_ff, nor the gate, nor grouped"
        " heads.",
        _twelve,
    ),
    Mistake(
        "grouped heads ignored",
        "Keys and values are counted with as many heads as the queries. They have n_kv_heads, each of the same width.",
        _by(lambda L, d, h, kv, ff, v, g, t: (L, d, h, h, ff, v, g, t)),
    ),
    Mistake(
        "gate ignored",
        "A gated feed-forward layer has three matrices, not two.",
        _by(lambda L, d, h, kv, ff, v, g, t: (L, d, h, kv, ff, v, False, t)),
    ),
    Mistake(
        "always gated",
        "You count three feed-forward matrices everywhere: without a gate there are two.",
        _by(lambda L, d, h, kv, ff, v, g, t: (L, d, h, kv, ff, v, True, t)),
    ),
    Mistake(
        "head twice",
        "You count embedding and output head as two matrices everywhere: a tied model stores one.",
        _by(lambda L, d, h, kv, ff, v, g, t: (L, d, h, kv, ff, v, g, False)),
    ),
    Mistake(
        "head never",
        "You count the vocabulary once everywhere: an untied model stores an embedding and an output head.",
        _by(lambda L, d, h, kv, ff, v, g, t: (L, d, h, kv, ff, v, g, True)),
    ),
    Mistake(
        "tied upside down",
        "tied is taken the wrong way round: a tied model has one matrix for both ends.",
        _by(lambda L, d, h, kv, ff, v, g, t: (L, d, h, kv, ff, v, g, not t)),
    ),
    Mistake(
        "no output projection",
        "Attention lacks a matrix: beside queries, keys and values there is the output projection.",
        _with_blocks(lambda L, d, *_: -L * d * d),
    ),
    Mistake("one layer", "The layers are missing: you count the matrices of one.", _one_layer),
    Mistake(
        "4 d for d_ff",
        "The feed-forward width is taken as 4 d_model: it is given, as d_ff.",
        _by(lambda L, d, h, kv, ff, v, g, t: (L, d, h, kv, 4 * d, v, g, t)),
    ),
    Mistake(
        "width of a head for all",
        "Keys and values are counted with n_kv_heads columns: each head has d_model / n_heads of them.",
        _with_blocks(lambda L, d, h, kv, *_: 2.0 * L * d * (kv - kv * d / h)),
    ),
)

_ENDS = ("head twice", "head never", "tied upside down")


def _adds_up(attempt: Attempt) -> None:
    params = Learner(attempt, "params", ("blocks", "total"))
    for case in _shapes(attempt.rng):
        blocks, total = (float(value) for value in params(*case))
        ends = case[5] * case[1] * (1 if case[7] else 2)
        if abs(total - blocks - ends) > 0.5:
            raise Wrong(
                "total minus blocks is not what the two ends hold: vocab times d_model, once if tied, twice if not.",
                "ends",
            )


PARAMS = Exercise(
    "ch03.params",
    "Where the parameters are",
    kind="implement",
    difficulty=2,
    minutes=12,
    goal=(
        "Write `params(n_layer, d_model, n_heads, n_kv_heads, d_ff, vocab, gated, tied)`, which returns the parameters"
        " of the blocks and of the whole model. Count matrices only: no biases, no normalisations, no positions. Sizes may be"
        " numbers or arrays."
    ),
    success="for Llama 3 8B you count 6.98 billion in the blocks and 8.03 billion in all.",
    answers=(Answer("params", "your function, without parentheses"),),
    parts=(
        Agrees("the blocks", 2, "params", _shapes, _params, ("blocks", "total"), ("parameters", "parameters"),
               ("blocks",), tuple(mistake for mistake in _PARAMS_MISTAKES if mistake.name not in _ENDS)),
        Agrees("the whole model", 1, "params", _shapes, _params, ("blocks", "total"), ("parameters", "parameters"),
               ("total",), _PARAMS_MISTAKES),
        Agrees("sizes may be arrays", 1, "params", _families, _params, ("blocks", "total"), ("parameters", "parameters"),
               (), _PARAMS_MISTAKES),
        Holds("the two differ by the ends", 1, ("params",), _adds_up),
    ),
    hints=(
        "A layer has four matrices of attention and two or three of feed-forward. Write down the shape of each.",
        (
            "Queries and output are d_model by d_model. Keys and values are d_model by n_kv_heads * d_model / n_heads."
            " Feed-forward matrices are d_model by d_ff."
        ),
        (
            "d_kv = n_kv_heads * d_model // n_heads; attention = 2 * d_model * (d_model + d_kv); ff = (3 if gated else 2)"
            " * d_model * d_ff; blocks = n_layer * (attention + ff); ends = vocab * d_model, twice unless tied."
        ),
    ),
)


# -------------------------------------------------------------------------------------------------- ch03.offer


def _offer_numbers(seed: int) -> dict[str, Quantity]:
    n_gpu, days, mfu, price, N = 256.0, 30.0, 0.4, 2.5, 8e9
    if seed:
        rng = np.random.default_rng([seed, 302])
        n_gpu, days = float(rng.choice([64, 128, 512, 1024])), float(rng.choice([10, 14, 21, 45]))
        mfu, price = float(rng.choice([0.3, 0.35, 0.45])), float(rng.choice([2.0, 3.0, 3.5]))
        N = float(rng.choice([3e9, 7e9, 13e9, 30e9]))
    chip = published.H100
    return {
        "n_gpu": Quantity(n_gpu, "accelerators", "H100 in the offer"),
        "days": Quantity(days, "days", "for which they are rented"),
        "mfu": Quantity(mfu, "", "utilisation, a fraction of the peak"),
        "peak": Quantity(chip.flop_per_s, "FLOP/s", "dense 16-bit peak of one"),
        "watts": Quantity(chip.power_watts, "W", "power of one board"),
        "price": Quantity(price, "dollars", "for one accelerator for one hour"),
        "N": Quantity(N, "parameters", "the model you would train"),
    }


def _flop(given: Given, *, mfu: float | None = None, n_gpu: float | None = None, peak: float = 1.0) -> float:
    return float(
        compute.training_flop(given.days, n_gpu=given.n_gpu if n_gpu is None else n_gpu, peak=peak * given.peak,
                              mfu=given.mfu if mfu is None else mfu)
    )


def _hours(given: Given) -> float:
    return float(24 * given.days * given.n_gpu)


def _offer_tokens(given: Given) -> float:
    return float(compute.train_tokens(_flop(given), given.N))


def _rent(given: Given) -> float:
    return _hours(given) * float(given.price)


def _mwh(given: Given) -> float:
    return _hours(given) * float(given.watts) / 1e6


def _slips(truth: Callable[..., float]) -> tuple[Mistake, ...]:
    """Factors that get lost on the way from machines to FLOP; `truth` takes the numbers and changed ones."""
    return (
        Mistake("full utilisation", "This is what the machines would do at their peak: the utilisation is missing.",
                lambda given: truth(given, mfu=1.0)),
        Mistake("one accelerator", "This is one accelerator: the offer has many.", lambda given: truth(given, n_gpu=1.0)),
        Mistake("sparse peak", "You used twice the dense peak, which is quoted for structured sparsity.",
                lambda given: truth(given, peak=2.0)),
        Mistake("hours", "You counted hours where there are days, or the other way round: a day has 24.",
                lambda given: truth(given) / 24),
        Mistake("minutes", "A factor of 60 is missing: an hour has 3,600 seconds.", lambda given: truth(given) / 60),
        Mistake("days as seconds", "The days were not turned into seconds: the peak is FLOP per second.",
                lambda given: truth(given) / 86400),
    )


OFFER = Exercise(
    "ch03.offer",
    "What the offer buys",
    kind="use",
    difficulty=2,
    minutes=10,
    given=_offer_numbers,
    goal=(
        "You are offered a cluster for some days. Say what it buys: FLOP, PF-days, the tokens on which your model can be"
        " trained, the bill, and the electricity of the boards at full power."
    ),
    success="FLOP over 8.64e19 is your number of PF-days, and 6ND with your tokens gives the FLOP back.",
    answers=(
        Answer("flop", "training compute, FLOP"),
        Answer("pf_days", "the same in PF-days"),
        Answer("tokens", "training tokens for N parameters"),
        Answer("dollars", "the bill"),
        Answer("mwh", "electricity, MWh"),
    ),
    parts=(
        Value("FLOP", 1, "flop", lambda given: _flop(given), "FLOP", 0.01, None, _slips(_flop)),
        Value(
            "PF-days", 1, "pf_days", lambda given: compute.flop_to_pf_days(_flop(given)), "PF-days", 0.01, None,
            (
                *_slips(lambda given, **changes: float(compute.flop_to_pf_days(_flop(given, **changes)))),
                Mistake("petaFLOP", "These are petaFLOP, an amount: divide by the seconds of a day as well.",
                        lambda given: _flop(given) / 1e15),
            ),
        ),
        Value(
            "tokens", 1, "tokens", _offer_tokens, "tokens", 0.01, None,
            (
                *flop_counts(lambda per: lambda given: _flop(given) / per / given.N, none="C / N"),
                *_slips(lambda given, **changes: float(compute.train_tokens(_flop(given, **changes), given.N))),
                Mistake("20 per parameter", "This is twenty tokens for each parameter. Asked for is what the machines"
                        " can do.", lambda given: 20 * given.N),
            ),
        ),
        Value(
            "dollars", 1, "dollars", _rent, "dollars", 0.01, None,
            (
                times(_rent, 1 / 24, "price per day", "You took the price for a day: it is for an hour."),
                Mistake("times utilisation", "The utilisation is in the bill: rent is paid for idle hours too.",
                        lambda given: _rent(given) * given.mfu),
                Mistake("over utilisation", "The utilisation is in the bill: the hours are rented, whatever is done in"
                        " them.", lambda given: _rent(given) / given.mfu),
                Mistake("one accelerator", "This is the rent of one accelerator.",
                        lambda given: _rent(given) / given.n_gpu),
            ),
        ),
        Value(
            "MWh", 1, "mwh", _mwh, "MWh", 0.01, None,
            (
                times(_mwh, 1 / 24, "days for hours", "A factor of 24 is missing: watt-hours need hours."),
                Mistake("times utilisation", "The boards are taken at full power here: the utilisation does not enter.",
                        lambda given: _mwh(given) * given.mfu),
                Mistake("joules", "These are joules over a million: an hour has 3,600 seconds.",
                        lambda given: 3600 * _mwh(given)),
                Mistake("one accelerator", "This is the electricity of one board.",
                        lambda given: _mwh(given) / given.n_gpu),
            ),
        ),
    ),
    hints=(
        "Machines times seconds times what each really does in a second: that is the work, in FLOP.",
        "C = n * days * 86400 * peak * mfu. D = C / (6 N). Rent and electricity count hours, not useful work.",
        (
            "flop = n_gpu * days * 86400 * peak * mfu; pf_days = flop / 8.64e19; tokens = flop / (6 * N); hours = 24 *"
            " days * n_gpu; dollars = hours * price; mwh = hours * watts / 1e6."
        ),
    ),
)


# ------------------------------------------------------------------------------------------- ch03.lost_factor

_ROWS = ("A", "B", "C", "D", "E")


def _lost_numbers(seed: int) -> dict[str, Quantity]:
    N, n_gpu, rate, bad = 7e9, 16.0, 1e5, 2
    sizes, tokens = (7e9, 13e9, 2.6e9, 70e9, 1.3e9), (1e12, 1e12, 627e9, 2e12, 26e9)
    if seed:
        rng = np.random.default_rng([seed, 303])
        N, n_gpu = float(rng.choice([3e9, 13e9, 30e9])), float(rng.choice([8, 32, 64]))
        rate = float(f"{rng.uniform(0.25, 0.45) * n_gpu * published.H100.flop_per_s / 6 / N:.2g}")
        bad, order = int(rng.integers(5)), rng.permutation(5)
        sizes, tokens = tuple(sizes[i] for i in order), tuple(tokens[i] for i in order)  # type: ignore[assignment]
    printed = tuple(1000 * D if i == bad else D for i, D in enumerate(tokens))
    peak = published.H100.flop_per_s
    return {
        "N": Quantity(N, "parameters", "the model in the log"),
        "n_gpu": Quantity(n_gpu, "accelerators", "in the job"),
        "tokens_per_s": Quantity(rate, "tokens a second", "of the whole job"),
        "peak": Quantity(peak, "FLOP/s", "dense peak of one accelerator"),
        "shown": Quantity(round(100 * float(compute.mfu_from_throughput(rate, N=N, n_gpu=1, peak=peak))), "percent",
                          "utilisation on the dashboard"),
        "rows": Quantity(_ROWS, "", "five models of a public table"),
        "sizes": Quantity(sizes, "parameters", "their sizes"),
        "tokens": Quantity(printed, "tokens", "their training tokens, as printed"),
    }


def _true_mfu(given: Given, per: float = 6.0) -> float:
    return 100 * per / 6 * float(
        compute.mfu_from_throughput(given.tokens_per_s, N=given.N, n_gpu=given.n_gpu, peak=given.peak)
    )


def _bad(given: Given) -> int:
    return int(np.argmax(np.array(given.tokens) / np.array(given.sizes)))


def _mended(given: Given) -> float:
    i = _bad(given)
    return float(compute.train_flop(given.sizes[i], given.tokens[i] / 1000))


LOST = Exercise(
    "ch03.lost_factor",
    "The lost factor",
    kind="find the error",
    difficulty=3,
    minutes=9,
    given=_lost_numbers,
    goal=(
        "A dashboard shows an impossible utilisation, and a table of models has one row in which a factor of a thousand"
        " slipped. Give the true utilisation in percent, what went wrong, the letter of the row, and that model's"
        " training compute once mended."
    ),
    success="the utilisation is an ordinary one, and no small model in the table costs more than the largest.",
    answers=(
        Answer("mfu", "the true utilisation, percent"),
        Answer("cause", "what the dashboard did"),
        Answer("row", "letter of the row that is wrong"),
        Answer("flop", "its training compute, mended, FLOP"),
    ),
    parts=(
        Value(
            "utilisation", 1, "mfu", lambda given: _true_mfu(given), "percent", 0.02, None,
            (
                Mistake("the dashboard's", "This is the dashboard's own number.",
                        lambda given: float(given.n_gpu) * _true_mfu(given)),
                Mistake("2ND", "You count 2 FLOP for each parameter and token: training takes six.",
                        lambda given: _true_mfu(given, 2.0)),
                Mistake("4ND", "You count 4 FLOP for each parameter and token: training takes six.",
                        lambda given: _true_mfu(given, 4.0)),
                Mistake("ND", "The factor six is missing.", lambda given: _true_mfu(given, 1.0)),
                Mistake("sparse peak", "You divided by twice the dense peak.", lambda given: _true_mfu(given) / 2),
            ),
        ),
        Choice(
            "cause", 1, "cause",
            {
                "peak of one": "",
                "forward only": "Counting the forward pass alone would make the number smaller.",
                "sparse peak": "The sparse peak is larger, and would make the number smaller.",
                "minutes": "Take the number over the true one: it is no 60.",
            },
            "peak of one",
        ),
        Choice(
            "row", 1, "row",
            {
                letter: "Multiply size and tokens for each row, and divide tokens by parameters. Which row stands apart?"
                for letter in _ROWS
            },
            lambda given: _ROWS[_bad(given)],
        ),
        Value(
            "compute, mended", 1, "flop", _mended, "FLOP", 0.02, None,
            (
                Mistake("not mended", "This is still a thousand times too much: mend the tokens first.",
                        lambda given: 1000 * _mended(given)),
                *flop_counts(lambda per: lambda given: per / 6 * _mended(given)),
            ),
        ),
    ),
    hints=(
        "Utilisation is work done over work possible. Both sides must speak of the same machines.",
        "MFU = 6 N tokens_per_s / (n_gpu peak). In the table, a ratio tokens / size a thousand times its neighbours' is odd.",
        (
            "mfu = 100 * 6 * N * tokens_per_s / (n_gpu * peak); i = argmax(tokens / sizes); row = rows[i]; flop = 6 *"
            " sizes[i] * tokens[i] / 1000."
        ),
    ),
)


# ------------------------------------------------------------------------------------------------ ch03.context

_MODELS = ("LLaMA-1 7B", "GPT-2 124M", "Llama 3 8B", "GPT-3 175B", "Llama 3.1 405B")
_LONG = 2**17


def _context_numbers(seed: int) -> dict[str, Quantity]:
    model = _MODELS[0] if not seed else str(np.random.default_rng([seed, 304]).choice(_MODELS[1:]))
    shape = published.SHAPES[model]
    return {
        "model": Quantity(model, "", "the shape to look at"),
        "n_layer": Quantity(shape.n_layer, "layers", "its depth"),
        "d_attn": Quantity(shape.d_attn, "", "width of its attention, all heads together"),
        "N": Quantity(float(shape.params("non_embedding")), "parameters", "of its blocks"),
        "long": Quantity(float(_LONG), "tokens", "a long context"),
        "limit": Quantity(1 / 3, "", "largest share of attention that you allow"),
    }


def _at(given: Given, n_ctx: float) -> Transformer:
    return replace(published.SHAPES[given.model], n_ctx=round(n_ctx))


def _longest(given: Given) -> float:
    return float(max((2**k for k in range(10, 21) if _at(given, 2**k).attention_share <= given.limit), default=512))


def _true_factor(given: Given) -> float:
    shape = _at(given, given.long)
    return shape.forward_flop_per_token() / (2 * shape.params("non_embedding"))


CONTEXT = Exercise(
    "ch03.context",
    "The longest context",
    kind="move",
    difficulty=2,
    minutes=8,
    given=_context_numbers,
    goal=(
        "Move the explorer to your model. Find the longest of its contexts, in tokens, at which attention takes no more"
        " than a third of the forward FLOP; compute by what factor the true FLOP exceed 2N at the long context; and judge"
        " a claim."
    ),
    success="one step of the slider beyond your context the share is above a third.",
    answers=(
        Answer("longest", "the longest context, tokens"),
        Answer("factor", "true forward FLOP over 2N at the long context"),
        Answer("verdict", "whether the claim holds"),
    ),
    parts=(
        Value(
            "longest context", 2, "longest", lambda given: _longest(given), "tokens", 0.03, None,
            (
                Mistake("one too far", "At this context the share is already above a third: one stop less.",
                        lambda given: 2 * _longest(given)),
                Mistake("too early", "One stop more still stays under a third.", lambda given: _longest(given) / 2),
                Mistake("in thousands", "Give tokens, not thousands: 4k is 4,096.", lambda given: _longest(given) / 1024),
            ),
        ),
        Value(
            "factor", 1, "factor", _true_factor, "", 0.02, None,
            (
                Mistake("without 2N", "This is attention over 2N. The true count holds both: add the one.",
                        lambda given: _true_factor(given) - 1),
                Mistake("the share", "This is attention's share of the whole.", lambda given: 1 - 1 / _true_factor(given)),
                Mistake(
                    "twice the attention",
                    "Attention is twice too large. Do you count every pair of tokens, though a token looks back only, or"
                    " divide by N in place of 2N?",
                    lambda given: 1 + 2 * (_true_factor(given) - 1),
                ),
                Mistake("one layer", "This is the attention of one layer.",
                        lambda given: 1 + (_true_factor(given) - 1) / given.n_layer),
            ),
        ),
        Choice(
            "the claim: at 16k tokens, 6ND is good to a tenth for every model", 1, "verdict",
            {
                "holds": "Look at a narrow model, then at a wide one, both at 16,384 tokens.",
                "fails for every model": "Look at the widest of the shapes, Llama 3.1 405B, at 16,384 tokens.",
                "depends on the width": "",
            },
            "depends on the width",
        ),
    ),
    hints=(
        "The share grows along the slider. Read it at each stop, or compute it: attention over attention plus 2N.",
        "Attention takes 2 n_layer n_ctx d_attn FLOP a token, the parameters 2N. Share = attention / (attention + 2N).",
        (
            "attention = 2 * n_layer * n_ctx * d_attn; share = attention / (attention + 2 * N); try n_ctx = 2**10, 2**11 and"
            " so on; factor = 1 + attention / (2 * N) at numbers.long."
        ),
    ),
)


# ---------------------------------------------------------------------------------------------- ch03.exponents

_RULES = ("all_parameters", "projections_and_lm_head", "transformer_projections_only")


@cache
def _sweep() -> dict[str, tuple[FloatArray, FloatArray, FloatArray]]:
    from .. import datasets

    table: Any = datasets.load("param_counting_rules")
    out = {}
    for rule in _RULES:
        rows = table[table.param_count_rule == rule]
        C, N, D = (rows[name].to_numpy(np.float64) for name in ("flops", "opt_params", "opt_tokens"))
        out[rule] = C, N, D
    return out


def _exponents_numbers(seed: int) -> dict[str, Quantity]:
    C = 1e20 if not seed else float(np.random.default_rng([seed, 305]).choice([3e19, 5e19, 2e20, 1e21]))
    return {
        "rules": Quantity(_RULES, "", "three ways of counting, as the table names them"),
        "C": Quantity(C, "FLOP", "a budget beyond the table"),
    }


def _slope(C: Any, N: Any) -> float:
    return float(np.polyfit(np.log(C), np.log(N), 1)[0])


def _lines(rng: np.random.Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(6):
        C = np.sort(10 ** rng.uniform(15, 25, 7))
        cases.append((C, 10 ** rng.uniform(-3, 3) * C ** rng.uniform(0.3, 0.9) * np.exp(rng.normal(0, 0.1, 7))))
    return cases


def _slopes(given: Given) -> list[float]:
    return [_slope(_sweep()[rule][0], _sweep()[rule][1]) for rule in given.rules]


def _ratios(given: Given) -> list[float]:
    def at(C: FloatArray, y: FloatArray) -> float:
        return float(np.exp(np.polyval(np.polyfit(np.log(C), np.log(y), 1), np.log(given.C))))

    return [at(C, D) / at(C, N) for C, N, D in (_sweep()[rule] for rule in given.rules)]


EXPONENTS = Exercise(
    "ch03.exponents",
    "One sweep, three exponents",
    kind="stretch",
    difficulty=4,
    minutes=14,
    given=_exponents_numbers,
    prepare=lambda given: _sweep(),
    goal=(
        "Write `slope(C, N)`, the exponent of a power law by least squares on log-log paper. Apply it to the best sizes of"
        " one sweep under three counting rules, extend the lines of size and of tokens to a budget beyond the table, and"
        " say what the three answers mean."
    ),
    success="your three exponents lie on both sides of one half, and the tokens per parameter at C differ fivefold or more.",
    answers=(
        Answer("slope", "your function, without parentheses"),
        Answer("exponents", "of the best size, one for each rule"),
        Answer("ratios", "tokens per parameter at numbers.C, one for each rule"),
        Answer("meaning", "what to make of it"),
    ),
    parts=(
        Agrees(
            "slope", 1, "slope", _lines, _slope, ("slope",), (), (),
            (
                Mistake("not logarithms", "This is the slope of N against C themselves: take logarithms of both.",
                        lambda C, N: float(np.polyfit(C, N, 1)[0])),
                Mistake("axes exchanged", "This is the slope of log C against log N.", lambda C, N: _slope(N, C)),
                Mistake("log of N alone", "Only N is in logarithms: take those of C as well.",
                        lambda C, N: float(np.polyfit(C, np.log(N), 1)[0])),
                Mistake("two points", "This uses the two outermost points: least squares uses all.",
                        lambda C, N: float(np.log(N[-1] / N[0]) / np.log(C[-1] / C[0]))),
                Mistake("intercept", "This is the intercept of the line, not its slope.",
                        lambda C, N: float(np.polyfit(np.log(C), np.log(N), 1)[1])),
            ),
            reduces=True,
        ),
        Value(
            "exponents", 1, "exponents", _slopes, "", 0.01, lambda given: list(given.rules),
            (
                Mistake("of the tokens", "These are the exponents of the tokens: asked for are those of the size.",
                        lambda given: [_slope(_sweep()[r][0], _sweep()[r][2]) for r in given.rules]),
                Mistake("another order", "These are the right numbers in another order: follow numbers.rules.",
                        lambda given: _slopes(given)[::-1]),
            ),
        ),
        Value(
            "tokens per parameter", 1, "ratios", _ratios, "tokens per parameter", 0.03, lambda given: list(given.rules),
            (
                Mistake("parameters per token", "These are parameters per token: D over N is asked for.",
                        lambda given: [1 / ratio for ratio in _ratios(given)]),
                Mistake("of the last row", "These are the ratios of the table's largest budget: extend the lines to"
                        " numbers.C.", lambda given: [float(D[-1] / N[-1]) for _, N, D in
                                                      (_sweep()[rule] for rule in given.rules)]),
                Mistake("from 6ND", "You took the tokens from C = 6ND. Under a rule that leaves part of the model out that is"
                        " not what was trained: extend the line of opt_tokens.",
                        lambda given: [given.C / 6 / float(np.exp(np.polyval(np.polyfit(
                            np.log(_sweep()[rule][0]), np.log(_sweep()[rule][1]), 1), np.log(given.C)))) ** 2
                            for rule in given.rules]),
            ),
        ),
        Choice(
            "what it means", 1, "meaning",
            {
                "one rule is right": "All three are arithmetic on the same runs. Which of them could a measurement refute?",
                "the sweep is too small": "More budgets would narrow each line. Would they bring the three together?",
                "a ratio belongs to its counting rule": "",
            },
            "a ratio belongs to its counting rule",
        ),
    ),
    hints=(
        "A power law is a straight line on log-log paper; np.polyfit of the logarithms finds it.",
        "slope = np.polyfit(np.log(C), np.log(N), 1)[0]; extend a line with np.polyval at log(numbers.C), then np.exp.",
        (
            "For each rule take its rows; line_N = np.polyfit(log C, log opt_params, 1), line_D likewise; ratio ="
            " exp(polyval(line_D, log numbers.C) - polyval(line_N, log numbers.C))."
        ),
    ),
)


EXERCISES = (PARAMS, OFFER, LOST, CONTEXT, EXPONENTS)
