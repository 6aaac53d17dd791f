"""The exercises of chapter 8: lifetime cost, hours and traffic, clean and noisy text, over-trained runs, a penalty.

The mathematics is `scaling_lib`'s own; a mistake is that mathematics with the error built in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from .. import allocate, compute, published
from .._validate import FloatArray
from ..laws import ChinchillaLaw, OvertrainingLaw
from ._mistakes import changed, copied, stacked, times, upside_down
from ._model import Answer, Attempt, Exercise, Given, Mistake, Quantity, Wrong
from ._parts import Agrees, Choice, Holds, Value, Verdicts
from ._values import Learner

__all__ = ["EXERCISES"]

H, R = published.HOFFMANN_2022, published.BESIROGLU_2024
Number = Callable[[Given], Any]

#: Served tokens that cost as much as one token of training.
_DEARER = compute.FLOP_PER_PARAM_TOKEN / compute.FLOP_PER_PARAM_SERVED_TOKEN


def _serve(N: Any, tokens: Any) -> Any:
    return compute.FLOP_PER_PARAM_SERVED_TOKEN * np.asarray(N) * tokens


def _drawn(seed: int, salt: int, *ranges: tuple[Any, ...]) -> list[float]:
    """One of each range for a course seed."""
    rng = np.random.default_rng([seed, salt])
    return [float(rng.choice(values)) for values in ranges]


# ---------------------------------------------------------------------------------------------- ch08.lifetime


def _lives(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    known = [(70e9, 1.4e12, 1e12), (7e9, 1e12, 1e13), (1.0, 1.0, 1.0), (8e9, 15e12, 0.0)]
    return [*known, *(tuple(float(x) for x in 10 ** rng.uniform((8, 10, 9), (12, 14, 15))) for _ in range(8))]


def _lifetime(N: Any, D: Any, served: Any) -> Any:
    return np.asarray(compute.train_flop(N, D)) + _serve(N, served)


def _pairs(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """A larger model, and a smaller one that cost more to train."""
    out: list[tuple[Any, ...]] = [(70e9, 1.4e12, 35e9, 3.5e12), (2.0, 3.0, 1.0, 7.0)]
    for _ in range(8):
        N, D, k = 10 ** rng.uniform(9, 12), 10 ** rng.uniform(10, 13), rng.uniform(0.2, 0.9)
        out.append((float(N), float(D), float(k * N), float(D / k * rng.uniform(1.05, 3))))
    return out


def _break_even(N_large: Any, D_large: Any, N_small: Any, D_small: Any) -> Any:
    extra = np.asarray(compute.train_flop(N_small, D_small)) - compute.train_flop(N_large, D_large)
    return extra / _serve(np.asarray(N_large) - N_small, 1.0)


def _even_by(saving: Callable[[Any, Any], Any]) -> Any:
    """The break-even with another saving for each served token."""

    def answer(N_large: Any, D_large: Any, N_small: Any, D_small: Any) -> Any:
        extra = np.asarray(compute.train_flop(N_small, D_small)) - compute.train_flop(N_large, D_large)
        return extra / saving(np.asarray(N_large), np.asarray(N_small))

    return answer


_LIFE = Agrees(
    "the lifetime compute",
    1,
    "lifetime",
    _lives,
    _lifetime,
    ("lifetime",),
    ("FLOP",),
    (),
    (
        Mistake(
            "served like trained",
            "A served token costs you as much as a trained one. Serving is the forward pass alone: two FLOP for each"
            " parameter, not six.",
            lambda N, D, T: np.asarray(compute.train_flop(N, np.asarray(D) + T)),
        ),
        Mistake(
            "trained like served",
            "A trained token costs you two FLOP for each parameter: that is the forward pass alone.",
            lambda N, D, T: _serve(N, np.asarray(D) + T),
        ),
        Mistake("serving forgotten", "Serving is not counted: there is no `served` in it.", lambda N, D, T: np.asarray(
            compute.train_flop(N, D)) + 0 * np.asarray(T)),
        Mistake(
            "training forgotten",
            "Training is not counted: where is D?",
            lambda N, D, T: _serve(N, T) + 0 * np.asarray(D),
        ),
        Mistake(
            "served without N",
            "Serving a token costs two FLOP *for each parameter*: the part with `served` lacks N.",
            lambda N, D, T: np.asarray(compute.train_flop(N, D)) + compute.FLOP_PER_PARAM_SERVED_TOKEN * np.asarray(T),
        ),
        Mistake(
            "one FLOP a parameter",
            "A multiplication and an addition are two FLOP: a served token costs 2N.",
            lambda N, D, T: np.asarray(compute.train_flop(N, D)) + _serve(N, T) / 2,
        ),
        Mistake(
            "four FLOP served",
            "Four FLOP for each parameter are the backward pass, which serving does not have.",
            lambda N, D, T: np.asarray(compute.train_flop(N, D)) + 2 * _serve(N, T),
        ),
    ),
)


def _even_costs(attempt: Attempt) -> None:
    lifetime, even = (
        Learner(attempt, "lifetime", ("lifetime",)), Learner(attempt, "break_even", ("served",))
    )
    for large_N, large_D, small_N, small_D in _pairs(attempt.rng):
        served = float(even(large_N, large_D, small_N, small_D)[0])
        if served <= 0:
            raise Wrong(
                "The smaller model cost more to train and saves on every token: the break-even is a positive number.",
                "not positive",
            )
        large, small = (float(lifetime(N, D, served)[0]) for N, D in ((large_N, large_D), (small_N, small_D)))
        if abs(large / small - 1) > 1e-6:
            raise Wrong(
                "At your break-even your two lifetimes are not equal: the smaller model's is"
                f" {100 * small / large:.0f} % of the larger one's.",
                "not even",
            )


LIFETIME = Exercise(
    "ch08.lifetime",
    "Two lives",
    kind="implement",
    difficulty=2,
    minutes=10,
    goal=(
        "Write `lifetime(N, D, served)`, the FLOP of training and serving together, and `break_even(N_large, D_large,"
        " N_small, D_small)`, the number of served tokens at which two models have cost the same."
    ),
    success=(
        "a model of 35 billion parameters on 3.5 trillion tokens overtakes one of 70 billion on 1.4 trillion after"
        " about two trillion served tokens."
    ),
    answers=(Answer("lifetime", "your function, without parentheses"), Answer("break_even", "your other function")),
    parts=(
        _LIFE,
        replace(_LIFE, label="it takes arrays", cases=stacked(_lives)),
        Agrees(
            "the break-even",
            2,
            "break_even",
            lambda rng: [*_pairs(rng), *stacked(_pairs)(rng)],
            _break_even,
            ("served",),
            ("tokens",),
            (),
            (
                Mistake(
                    "factor 3 missing",
                    "You count a served token like a trained one, or both with the same number of FLOP. A trained token"
                    " costs three times as much.",
                    lambda *case: _break_even(*case) / _DEARER,
                ),
                Mistake(
                    "small one served free",
                    "You divide by what the larger model costs a token. What is saved is the *difference* of the two.",
                    _even_by(lambda large, small: _serve(large, 1.0)),
                ),
                Mistake(
                    "divided by the small one",
                    "You divide by what the smaller model costs a token. What is saved is the *difference* of the two.",
                    _even_by(lambda large, small: _serve(small, 1.0)),
                ),
                Mistake(
                    "in units of D",
                    "This is the multiple of the larger model's training tokens. Asked for are tokens.",
                    lambda N, D, n, d: _break_even(N, D, n, d) / D,
                ),
                Mistake(
                    "whole training",
                    "You pay back the whole training of the smaller model. Only what it cost *more* has to come back.",
                    lambda N, D, n, d: np.asarray(compute.train_flop(n, d)) / _serve(np.asarray(N) - n, 1.0),
                ),
                Mistake(
                    "sizes ignored in training",
                    "You compare the tokens of the two trainings. What they cost is 6ND: each token of the smaller"
                    " model is"
                    " cheaper too.",
                    lambda N, D, n, d: _DEARER * (np.asarray(d) - D),
                ),
            ),
        ),
        Holds("at the break-even both have cost the same", 1, ("lifetime", "break_even"), _even_costs),
    ),
    hints=(
        (
            "Training: six FLOP for each parameter and token. Serving: two. The break-even is where two straight"
            " lines in"
            " the number of served tokens cross."
        ),
        (
            "6 N D + 2 N T for each. Set the two equal and solve for T: the extra training on one side, the saving"
            " of each"
            " served token times T on the other."
        ),
        (
            "return 6 * N * D + 2 * N * served; and (6 * N_small * D_small - 6 * N_large * D_large) / (2 * (N_large -"
            " N_small))"
        ),
    ),
)


# -------------------------------------------------------------------------------------------------- ch08.hours


def _hours_numbers(seed: int) -> dict[str, Quantity]:
    gpus, days, tokens, life, demand = 256.0, 60.0, 1500.0, 365.0, 2.6
    if seed:
        gpus, days, tokens, life, demand = _drawn(
            seed, 802, (128, 256, 512), (45, 60, 90), (800, 1200, 1500), (200, 365, 500), (2.0, 2.5, 3.0)
        )
    flop = compute.training_flop(days, n_gpu=gpus, peak=published.H100, mfu=0.4)
    # The demand is in units of what training alone would read.
    requests = float(f"{demand * R.optimal(flop).D / tokens / life:.1e}")
    return {
        "gpus": Quantity(gpus, "H100", "accelerators that you have"),
        "days": Quantity(days, "days", "for training and serving together"),
        "mfu": Quantity(0.4, "of the peak", "utilisation, in training as in serving"),
        "peak": Quantity(published.H100.flop_per_s, "FLOP/s", "one H100, dense bfloat16"),
        "requests": Quantity(requests, "a day", "requests expected"),
        "tokens": Quantity(tokens, "tokens", "for each request, read and written"),
        "life": Quantity(life, "days", "that the model will be in service"),
    }


def _budget(given: Given, *, gpus: float | None = None, peak: float = 1.0, mfu: float | None = None) -> float:
    return float(compute.training_flop(
        given.days, n_gpu=given.gpus if gpus is None else gpus, peak=peak * given.peak, mfu=mfu or given.mfu))


def _served(given: Given) -> float:
    return float(given.requests * given.tokens * given.life)


def _life(given: Given, law: ChinchillaLaw = R, tokens: float = 1.0, **quality: float) -> Any:
    goal = quality or {"budget": _budget(given)}
    return allocate.inference_aware(law, tokens * _served(given), **goal)


def _life_mistakes(what: str) -> tuple[Mistake, ...]:
    def of(life: Any) -> float:
        return float(getattr(life, what))

    return (
        Mistake(
            "serving not counted",
            "This is the best split if all hours went into training. The hours have to pay for serving too.",
            lambda given: of(R.optimal(_budget(given))),
        ),
        Mistake(
            "quality fixed",
            "This is the cheapest model with the *loss* that your hours could train, and serving it costs more hours"
            " than"
            " you have. Here the hours are fixed: `budget=`.",
            lambda given: of(_life(given, C=_budget(given))),
        ),
        Mistake(
            "served like trained",
            "You count a served token like a trained one. It costs a third.",
            lambda given: of(_life(given, tokens=_DEARER)),
        ),
        Mistake(
            "another law", "This is the answer of Hoffmann's constants; asked for is that of the replication.",
            lambda given: of(_life(given, H)),
        ),
        Mistake(
            "rule of 20",
            "This is the rule of 20 tokens per parameter, which knows of no serving.",
            lambda given: of(allocate.rule_of_thumb(C=_budget(given))),
        ),
    )


HOURS = Exercise(
    "ch08.hours",
    "Your hours, your traffic",
    kind="use",
    difficulty=3,
    minutes=12,
    given=_hours_numbers,
    goal=(
        "Your accelerator hours must pay for training *and* for serving. Find the budget they are, the tokens you will"
        " serve, and the N and D with the lowest loss, under the replication's law."
    ),
    success=(
        "your model is smaller than the one that training alone would ask for, has several times as many tokens per"
        " parameter, and 6ND + 2NT is your budget."
    ),
    answers=(
        Answer("budget", "FLOP that your hours give"),
        Answer("served", "tokens over the model's life"),
        Answer("N", "parameters of the best model"),
        Answer("D", "its training tokens"),
        Answer("N_training", "parameters of the best model if nothing were served"),
    ),
    parts=(
        Value(
            "the budget", 1, "budget", _budget, "FLOP", 0.01, None,
            (
                times(_budget, 1 / 3600, "hours", "Hours times FLOP *per second*: an hour has 3,600 seconds."),
                times(_budget, 1 / 86400, "seconds forgotten", "Days times FLOP *per second*: a day has 86,400"
                                " seconds."),
                Mistake("full peak", "The peak alone: machines reach a part of it, here `mfu`.", lambda given: _budget(
                    given, mfu=1.0)),
                Mistake("one accelerator", "This is what one accelerator gives.",
                        lambda given: _budget(given, gpus=1.0)),
                Mistake("sparse peak", "This is twice too much: is it the peak for structured sparsity?",
                        lambda given: _budget(given, peak=2.0)),
            ),
        ),
        Value(
            "the tokens served", 1, "served", _served, "tokens", 0.01, None,
            (
                Mistake("one day", "These are the tokens of one day.", lambda given: given.requests * given.tokens),
                Mistake("requests", "These are requests: each has many tokens.",
                        lambda given: given.requests * given.life),
                Mistake("days of the cluster", "The model is in service for `life` days; `days` is how long you have"
                                               " the"
                        " accelerators.", lambda given: given.requests * given.tokens * given.days),
                times(_served, 1 / _DEARER, "as training tokens",
                      "This is a third of them: the training tokens of equal cost. Asked for are the tokens"
                      " themselves."),
            ),
        ),
        Value("the best size", 1, "N", lambda given: _life(given).N, "parameters", 0.01, None, _life_mistakes("N")),
        Value(
            "its tokens", 1, "D", lambda given: _life(given).D, "tokens", 0.01, None,
            (
                *(mistake for mistake in _life_mistakes("D") if mistake.name != "rule of 20"),
                Mistake(
                    "whole budget",
                    "With these tokens training alone uses up the budget. Take what serving costs away first.",
                    lambda given: compute.train_tokens(_budget(given), _life(given).N),
                ),
            ),
        ),
        Value(
            "the size without serving", 1, "N_training", lambda given: R.optimal(_budget(given)).N, "parameters", 0.02,
            None,
            (
                Mistake("with serving", "This is the size with serving again; here nothing is served.",
                        lambda given: _life(given).N),
                Mistake("tokens", "These are the tokens. Asked for are the parameters.",
                        lambda given: R.optimal(_budget(given)).D),
                Mistake("rule of 20", "This is the rule of 20 tokens per parameter; asked for is the law's answer.",
                        lambda given: allocate.rule_of_thumb(C=_budget(given)).N),
            ),
        ),
    ),
    hints=(
        (
            "First two numbers without any law: FLOP that the machines can do in that time, and tokens over the model's"
            " life. Then one call that knows both."
        ),
        (
            "`compute.training_flop(days, n_gpu=..., peak=..., mfu=...)`; requests × tokens × days of life;"
            " `allocate.inference_aware(law, served, budget=...)` has `.N` and `.D`."
        ),
        (
            "life = allocate.inference_aware(published.BESIROGLU_2024, served, budget=budget); N, D = life.N, life.D;"
            " N_training = published.BESIROGLU_2024.optimal(budget).N"
        ),
    ),
)


# ------------------------------------------------------------------------------------------------- ch08.shelf


def _shelf_numbers(seed: int) -> dict[str, Quantity]:
    large, small, served = (34e9, 2e12), (3e9, 1e12), 2e12
    if seed:
        size, tokens, served = _drawn(seed, 803, (34e9, 40e9, 65e9, 70e9), (1.4e12, 2e12, 3e12), (1.5e12, 2e12, 5e12))
        large, small = (size, tokens), (_drawn(seed, 804, (2.5e9, 3e9, 4e9))[0], 1e12)
    return {
        "large": Quantity(large, "parameters, tokens", "the larger model"),
        "small": Quantity(small, "parameters, tokens", "the smaller model"),
        "served": Quantity(served, "tokens", "that each will serve"),
    }


def _train_ratio(given: Given) -> float:
    return float(compute.train_flop(*given.large) / compute.train_flop(*given.small))


def _size_ratio(given: Given) -> float:
    return float(given.large[0] / given.small[0])


def _life_ratio(given: Given, served: float = 1.0) -> float:
    costs = [float(_lifetime(N, D, served * given.served)) for N, D in (given.large, given.small)]
    return costs[0] / costs[1]


def _worth(given: Given, law: ChinchillaLaw = R) -> float:
    return float(law.compute_for_loss(law(*given.large)) / law.compute_for_loss(law(*given.small)))


SHELF = Exercise(
    "ch08.shelf",
    "A pair from the shelf",
    kind="judge",
    difficulty=2,
    minutes=12,
    given=_shelf_numbers,
    goal=(
        "A text sets two models side by side and says four things about them. Compute how many times dearer the"
        " larger one"
        " is to train and over its life, and what its loss is worth; then judge each of the four."
    ),
    success="one of the four statements holds, and you can say what number each of the others should have been.",
    answers=(
        Answer("train_ratio", "training compute, larger over smaller"),
        Answer("life_ratio", "training and serving together, larger over smaller"),
        Answer("worth", "least compute for the larger one's loss, over that for the smaller one's"),
        Answer("verdicts", "four times True or False"),
    ),
    parts=(
        Value(
            "the training", 1, "train_ratio", _train_ratio, "", 0.02, None,
            (
                Mistake("sizes", "This is the ratio of the parameters. Training costs 6ND: the tokens differ too.",
                        _size_ratio),
                Mistake("tokens", "This is the ratio of the tokens.", lambda given: given.large[1] / given.small[1]),
                upside_down(_train_ratio, "Below one: put the larger model above."),
                Mistake("tokens per parameter", "This is a ratio of tokens per parameter; asked for is compute.",
                        lambda given: (given.small[1] / given.small[0]) / (given.large[1] / given.large[0])),
            ),
        ),
        Value(
            "the whole life", 1, "life_ratio", _life_ratio, "", 0.02, None,
            (
                Mistake("training alone", "This is the ratio of the trainings. Add what each costs to serve.",
                        _train_ratio),
                Mistake("serving alone", "This is the ratio of a served token, which is that of the sizes. Add the"
                                         " trainings.",
                        _size_ratio),
                Mistake("served like trained", "You count a served token like a trained one. It costs a third.",
                        lambda given: _life_ratio(given, _DEARER)),
                upside_down(_life_ratio, "Below one: put the larger model above."),
                Mistake("mean of the ratios", "This is the mean of two ratios. Add the FLOP of each model first,"
                                              " then divide.",
                        lambda given: (_train_ratio(given) + _size_ratio(given)) / 2),
            ),
        ),
        Value(
            "what the loss is worth", 1, "worth", _worth, "", 0.015, None,
            (
                Mistake("spent", "This is what was spent. Asked for is the *least* compute that would have reached"
                                 " each loss:"
                        " `law.compute_for_loss`.", _train_ratio),
                Mistake("another law", "This is by Hoffmann's constants; asked for is the replication.",
                        lambda given: _worth(given, H)),
                upside_down(_worth, "Below one: put the larger model above."),
                Mistake("losses", "This is a ratio of losses. A percent of loss is worth far more than a percent of"
                                  " compute.",
                        lambda given: R(*given.small) / R(*given.large)),
                Mistake("nats", "This is the difference in nats. Ask which budget reaches each of the losses.",
                        lambda given: R(*given.small) - R(*given.large)),
            ),
        ),
        Verdicts(
            "the four statements", 2, "verdicts", (False, True, False, False),
            ("They use similar training compute", "A served token costs as many times more as the sizes say",
             "Over their lives they differ by that same factor", "The smaller is nearly as good"),
            ("compare 6ND of the two.",
             "two FLOP for each parameter and token: what is left in the ratio?",
             "compare your `life_ratio` with the ratio of the sizes: the trainings are part of a life.",
             "a small gap in nats; look at `worth`. Is a loss that takes so much more compute nearly the same?"),
        ),
    ),
    hints=(
        (
            "Each statement is one division. Only the last needs a law, and it asks not for a difference of losses,"
            " but for"
            " the compute that each loss is worth."
        ),
        (
            "6ND for training; 6ND + 2NT for a life; `law.compute_for_loss(law(N, D))` for the least compute of a"
            " loss, with"
            " law = published.BESIROGLU_2024."
        ),
        (
            "train_ratio = compute.train_flop(*n.large) / compute.train_flop(*n.small); life_ratio = (6 N D + 2 N"
            " n.served of"
            " the one) / (the same of the other); worth = law.compute_for_loss(law(*n.large)) /"
            " law.compute_for_loss(law(*n.small))"
        ),
    ),
)


# -------------------------------------------------------------------------------------------------- ch08.noisy


@cache
def _noise() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Shares of noise; excess of ten times the text by repeat and share; excess of the little clean text by repeat."""
    from ..lab import results

    table: Any = results.load("noise")
    little = table.D == table.D.min()
    more = table[~little].pivot(index="repeat", columns="setting_noise", values="excess")
    clean = table[little].sort_values("repeat").excess.to_numpy(float)
    return more.columns.to_numpy(float), more.to_numpy(float), clean


def _gain(given: Given) -> float:
    _, more, clean = _noise()
    return float(clean.mean() / more[:, 0].mean())


@cache
def _loss_ratio() -> float:
    from ..lab import results

    table: Any = results.load("noise")
    little = table[table.D == table.D.min()].loss.mean()
    return float(little / table[(table.D > table.D.min()) & (table.setting_noise == 0)].loss.mean())


def _share(given: Given) -> float:
    share, more, clean = _noise()
    return float(np.mean([np.interp(level, row, share) for level, row in zip(clean, more, strict=True)]))


def _noisy_numbers(seed: int) -> dict[str, Quantity]:
    chosen = (0.1, 0.2, 0.3)
    if seed:
        rng = np.random.default_rng([seed, 805])
        low, high = rng.choice([0.05, 0.1, 0.15, 0.2], 2, replace=False), rng.choice([0.3, 0.5])
        chosen = (float(min(low)), float(max(low)), float(high))
    return {"shares": Quantity(chosen, "share of corrupted tokens", "three offers of ten times as much text")}


def _wins(given: Given) -> list[bool]:
    share, more, clean = _noise()
    return [bool(more[:, np.argmin(np.abs(share - each))].mean() < clean.mean()) for each in given.shares]


NOISY = Exercise(
    "ch08.noisy",
    "Ten times as much, but dirty",
    kind="judge",
    difficulty=2,
    minutes=10,
    given=_noisy_numbers,
    goal=(
        "A little clean text, or ten times as much with a share of its tokens replaced by random ones? Find from the"
        " lab's"
        " runs the share at which both are equally good, and judge three offers."
    ),
    success=(
        "the break-even lies at a share that you would not have bet on, and \"more bad data hurts\" has turned into a"
        " number."
    ),
    answers=(
        Answer("gain", "ratio: excess of the little clean text, divided by that of ten times as much clean text"),
        Answer("even", "share of corrupted tokens at which both are equally good, a fraction"),
        Answer("better", "for each of the three offers: True if it beats the clean text"),
        Answer("verdict", '"holds", "fails" or "depends on how bad"'),
    ),
    parts=(
        Value(
            "what ten times the clean text gains", 1, "gain", _gain, "", 0.03, None,
            (
                upside_down(_gain, "Below one: less excess is better, and the little text has more of it."),
                Mistake("of the loss", "This is the ratio of the losses. The source's own entropy is in both: take"
                                       " the excess.",
                        lambda given: _loss_ratio()),
                Mistake("difference", "This is the difference, in nats. Asked for is the ratio.",
                        lambda given: _noise()[2].mean() - _noise()[1][:, 0].mean()),
            ),
        ),
        Value(
            "the break-even", 2, "even", _share, "", 0.035, None,
            (
                Mistake("nearest share", "This is near a share that was measured, or what one straight line through"
                                         " all shares"
                        " gives. The break-even lies between two measured shares: interpolate there.",
                        lambda given: 0.2),
                Mistake("first that loses", "This is the first measured share at which the noisy text loses. The"
                                            " break-even"
                        " lies below it: interpolate.", lambda given: 0.3),
                times(_share, 100, "percent", "These are percent; asked for is a fraction."),
                changed(_share, "clean share", "This is the share of *good* tokens.", lambda value: 1 - value),
            ),
        ),
        Verdicts(
            "the three offers", 1, "better", _wins,
            ("The first offer", "The second offer", "The third offer"),
            ("compare the two excess losses, of the noisy run and of the little clean text.",) * 3,
        ),
        Choice(
            "\"more bad data does not help, it hurts\"", 1, "verdict",
            {
                "holds": "Look at the least noisy offers again: are they worse than the little clean text?",
                "fails": "Look at the noisiest run: is it better than the little clean text?",
                "depends on how bad": "",
            },
            "depends on how bad",
            {"depends": "depends on how bad", "it depends": "depends on how bad", "true": "holds", "false": "fails"},
        ),
    ),
    hints=(
        (
            "Two of the columns matter: `setting_noise` and `excess`. The rows with the smallest D are the little"
            " clean text;"
            " all others read ten times as much. Each experiment was done twice: average."
        ),
        (
            "The noisy excess rises with the share. Find the two shares between which it passes the clean text's"
            " excess, and"
            " interpolate: `np.interp(level, rising excess, shares)`."
        ),
        (
            "little = runs[runs.D == runs.D.min()].excess.mean(); more = runs[runs.D >"
            " runs.D.min()].groupby('setting_noise')"
            ".excess.mean(); even = np.interp(little, more, more.index)"
        ),
    ),
    prepare=lambda given: _noise(),
)


# ------------------------------------------------------------------------------------------------ ch08.traffic

_LARGE = 13e9


def _traffic_numbers(seed: int) -> dict[str, Quantity]:
    k, tokens, days = 0.5, 1000.0, 365.0
    if seed:
        k, tokens, days = _drawn(seed, 806, (0.3, 0.4, 0.5, 0.6), (500, 1000, 2000), (180, 365, 730))
    return {
        "k": Quantity(k, "of the best size", "the smaller model"),
        "tokens": Quantity(tokens, "tokens", "for each request"),
        "days": Quantity(days, "days", "after which the balance is struck"),
    }


def _requests(law: ChinchillaLaw, ratio: float = 1.0) -> Number:
    def at(given: Given) -> float:
        served = float(allocate.payback(law, given.k, price_ratio=ratio).tokens(law.optimal_for_params(_LARGE).D))
        return float(served / given.tokens / given.days)

    return at


def _traffic_mistakes(law: ChinchillaLaw, other: ChinchillaLaw, ratio: float) -> tuple[Mistake, ...]:
    truth = _requests(law, ratio)
    wrong_way = _requests(law, 1 / ratio) if ratio != 1 else _requests(law, 10.0)
    return (
        Mistake("laws exchanged", "This is the other law's traffic: which fit is chosen in the widget?",
                _requests(other, ratio)),
        Mistake(
            "utilisation" if ratio == 1 else "wrong way",
            "The utilisation of decoding stands at a tenth: for this one it is that of training, 40 %."
            if ratio == 1 else
            "Serving becomes dearer when the utilisation falls, so the smaller model pays back sooner, not later.",
            wrong_way,
        ),
        Mistake("tokens a day", "These are tokens a day. Asked for are requests: divide by the tokens of each.",
                lambda given: truth(given) * given.tokens),
        Mistake("over all days", "These are the requests of all days together. Asked for are requests a day.",
                lambda given: truth(given) * given.days),
    )


TRAFFIC = Exercise(
    "ch08.traffic",
    "Where the larger model wins",
    kind="move",
    difficulty=3,
    minutes=10,
    given=_traffic_numbers,
    goal=(
        "Move the widget to the edge: the number of requests a day at which the smaller model has paid back on"
        " exactly the"
        " last day. Below it the larger model wins. Find the edge under two laws, and when decoding runs at a tenth."
    ),
    success="the widget's \"at this traffic\" reads your number of days, and you can defend a workload for the"
            " larger model.",
    answers=(
        Answer("requests", "requests a day at the edge, by the replication's law, utilisation 40 %"),
        Answer("requests_printed", "the same by Hoffmann's constants as printed"),
        Answer("requests_dear", "the same by the replication's law, utilisation 4 %"),
        Answer("larger_wins", '"much traffic", "little traffic" or "a large budget"'),
    ),
    parts=(
        Value("the edge by the replication", 1, "requests", _requests(R), "requests a day", 0.13, None,
              _traffic_mistakes(R, H, 1.0)),
        Value("the edge by the printed constants", 1, "requests_printed", _requests(H), "requests a day", 0.13, None,
              _traffic_mistakes(H, R, 1.0)),
        Value(
            "the edge when decoding is dear", 1, "requests_dear", _requests(R, 10.0), "requests a day", 0.13, None,
            (
                Mistake("unchanged", "This is the edge at a utilisation of 40 %. At a tenth of it a served FLOP"
                                     " costs ten times"
                        " as much.", _requests(R)),
                *_traffic_mistakes(R, H, 10.0),
            ),
        ),
        Choice(
            "which workload is the larger model's?", 1, "larger_wins",
            {
                "much traffic": "Each served token is cheaper with the smaller model. Move the requests up: when has"
                " it paid"
                " back?",
                "little traffic": "",
                "a large budget": "The budget is not in the widget: it cancels. Which slider moves the edge in time?",
            },
            "little traffic",
            {"little": "little traffic", "much": "much traffic", "few requests": "little traffic"},
        ),
    ),
    hints=(
        (
            "Set size, tokens a request, utilisation and law first. Then move the requests alone, and watch the"
            " days: twice the"
            " requests, half the days."
        ),
        "The days are inversely proportional to the requests. So one reading is enough: requests × days stays the"
        " same.",
        (
            "From Python: `edge.set(k=numbers.k, tokens=numbers.tokens, requests=1e6)`, read `days` among"
            " `edge.view.readouts`, and requests = 1e6 * days / numbers.days. The same with law=\"hoffmann\" and with"
            " utilisation=0.04."
        ),
    ),
)


# --------------------------------------------------------------------------------------------- ch08.next_four


def _next_numbers(seed: int) -> dict[str, Quantity]:
    corpus, upto = "redpajama", 160.0
    if seed:
        rng = np.random.default_rng([seed, 807])
        choices = [("redpajama", 80.0), ("redpajama", 160.0), ("c4", 40.0), ("c4", 80.0), ("c4", 160.0)]
        corpus, upto = choices[rng.integers(len(choices))]
    return {
        "corpus": Quantity(corpus, "", "what the runs were trained on"),
        "upto": Quantity(upto, "tokens per parameter", "the most that your fit may see"),
    }


@cache
def _table() -> Any:
    from .. import datasets

    runs: Any = datasets.load("overtraining_loss_runs")
    return runs.assign(M=runs.training_tokens / runs.params)


def _shown(given: Given, least: float = 20.0, size: float = 1e9, corpus: str = "", upto: float = 0.0) -> Any:
    runs = _table()[_table().train_data == (corpus or given.corpus)]
    return runs[(runs.params < size) & (runs.M > 0.9 * least) & (runs.M < 1.1 * (upto or given.upto))]


def _large(given: Given) -> Any:
    """The runs of the model of 1.4 billion parameters, the shortest first."""
    return _table()[(_table().train_data == given.corpus) & _table().params.between(1e9, 2e9)].sort_values("M")


def _held(given: Given) -> Any:
    return _large(given).iloc[-1]


def _published(given: Given) -> float:
    law = published.GADRE_2024_REDPAJAMA if given.corpus == "redpajama" else published.GADRE_2024_C4
    return float(law(_held(given).training_flops, _held(given).M))


def _foretold(given: Given, **choice: Any) -> float:
    held = _held(given)
    law = _fitted(given.corpus, given.upto, tuple(sorted(choice.items())))
    return float(law(held.training_flops, held.M))


@cache
def _fitted(corpus: str, upto: float, choice: tuple[tuple[str, Any], ...]) -> OvertrainingLaw:
    from ..fitting import fit

    runs = _shown(Given({"corpus": Quantity(corpus, "", ""), "upto": Quantity(upto, "", "")}), **dict(choice))
    law: OvertrainingLaw = fit(OvertrainingLaw, C=runs.training_flops, M=runs.M, L=runs.loss_nats_c4_val).law
    return law


def _measured(given: Given) -> float:
    return float(_held(given).loss_nats_c4_val)


def _falls(given: Given, times_: float = 4.0) -> FloatArray:
    runs = _shown(given, upto=5000.0)
    out = []
    for _, own in runs.groupby("params"):
        losses = {float(round(M)): L for M, L in zip(own.M, own.loss_nats_c4_val, strict=True)}
        if times_ * given.upto in losses and given.upto in losses:
            out.append(losses[given.upto] - losses[times_ * given.upto])
    return np.array(out)


def _fell(given: Given) -> float:
    return float(_falls(given).mean())


NEXT_FOUR = Exercise(
    "ch08.next_four",
    "The next four times the tokens",
    kind="use",
    difficulty=3,
    minutes=15,
    given=_next_numbers,
    goal=(
        "Fit the over-training law to small runs up to a limit of tokens per parameter, and foretell the longest run"
        " of the"
        " model of 1.4 billion parameters. Then see how far the small models' losses fell over the next four times the"
        " tokens."
    ),
    success="the foretold loss lies within two or three percent of the measured one, and no small model was full.",
    answers=(
        Answer("count", "runs that you fitted"),
        Answer("foretold", "loss of the held-back run by your law, nats per token"),
        Answer("measured", "its measured loss"),
        Answer("fell", "mean fall of the small models' losses from `upto` to four times `upto`, in nats"),
        Answer("verdict", '"full" or "still learning"'),
    ),
    parts=(
        Value(
            "the runs to fit", 1, "count", lambda given: len(_shown(given)), "", 1e-6, None,
            (
                Mistake("short or long runs", "There are runs below 20 tokens per parameter, or beyond the limit,"
                                              " among them.",
                        lambda given: len(_shown(given, least=1.0))),
                Mistake("all of one size", "These are all runs of the small models. Some have fewer than 20 tokens per"
                        " parameter, some more than the limit.",
                        lambda given: len(_shown(given, least=1.0, upto=5000.0))),
                Mistake("large runs too", "There are runs above a billion parameters among them.",
                        lambda given: len(_shown(given, size=1e12))),
            ),
        ),
        Value(
            "the loss foretold", 2, "foretold", _foretold, "nats per token", 7e-4, None,
            (
                Mistake("short runs too", "Your fit saw runs below 20 tokens per parameter, where the law does not"
                                          " hold.",
                        lambda given: _foretold(given, least=1.0)),
                Mistake("the hidden ones too", "Your fit saw runs beyond the limit: then it is no prediction.",
                        lambda given: _foretold(given, upto=5000.0)),
                Mistake("the held-back run too", "Your fit saw models above a billion parameters: then it is no"
                                                 " prediction.",
                        lambda given: _foretold(given, size=1e12)),
                Mistake("measured", "This is the measured loss. Asked for is what the law says.", _measured),
                Mistake("published constants", "This is what the published constants say, from five other runs. Fit"
                                               " the runs"
                        " that you kept.", _published),
            ),
        ),
        Value(
            "the loss measured", 1, "measured", _measured, "nats per token", 0.001, None,
            (
                Mistake("another run", "This is the shortest run of that model. Take the longest.",
                        lambda given: float(_large(given).iloc[0].loss_nats_c4_val)),
                Mistake("another text", "This is the loss on another text. Take the column of C4.",
                        lambda given: float(_held(given).loss_nats_openlm_val)),
            ),
        ),
        Value(
            "how far the small models fell", 1, "fell", _fell, "nats", 0.02, None,
            (
                Mistake("doubled once", "This is the fall over twice the tokens. Asked for is four times.",
                        lambda given: float(_falls(given, 2.0).mean())),
                Mistake("the largest fall", "This is the fall of one model. Asked for is the mean of all that have"
                                            " both runs.",
                        lambda given: float(_falls(given).max())),
            ),
        ),
        Choice(
            "are the small models full?", 1, "verdict",
            {
                "full": "Their losses fell over the hidden tokens by more than a tenth of a nat. Would a full model's?",
                "still learning": "",
            },
            "still learning",
            {"learning": "still learning", "no": "still learning", "yes": "full", "saturated": "full"},
        ),
    ),
    hints=(
        (
            "Tokens per parameter is `training_tokens / params`. Keep one corpus, models below a billion parameters,"
            " and runs"
            " from 20 tokens per parameter to the limit. What is beyond the limit is the exam."
        ),
        (
            "`fit(OvertrainingLaw, C=..., M=..., L=...).law` is a function of C and M. The runs' tokens per"
            " parameter are 20,"
            " 40, 80 and so on, up to a little rounding: compare with a margin."
        ),
        (
            "kept = runs[(runs.train_data == n.corpus) & (runs.params < 1e9) & (runs.M > 19) & (runs.M < 1.1 *"
            " n.upto)]; law ="
            " fit(OvertrainingLaw, C=kept.training_flops, M=kept.M, L=kept.loss_nats_c4_val).law; foretold ="
            " law(held.training_flops, held.M). For `fell`: the loss near n.upto less the loss near 4 * n.upto, for"
            " each size."
        ),
    ),
    prepare=lambda given: _foretold(given),
)


# ------------------------------------------------------------------------------------------------ ch08.penalty


def _penalised(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    out: list[tuple[Any, ...]] = [(R, 70e9, 0.5, 0.01, 1.0), (H, 13e9, 0.4, 0.02, 10.0), (R, 13e9, 0.7, 0.0, 1.0)]
    for law in (H, R, H, R, R, H):
        N, k = float(10 ** rng.uniform(9, 11.5)), float(rng.uniform(0.4, 0.8))
        room = _limit_of(law, N, k)
        out.append((law, N, k, float(room * rng.uniform(0.1, 0.5)), float(10 ** rng.uniform(0, 1.5))))
    return out


def _penalised_arrays(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """The same instances as one call for each law."""
    scalars = _penalised(rng)
    return [*scalars, *((law, *(np.array(column) for column in zip(*(case[1:] for case in scalars if case[0] is law))))
                        for law in (H, R))]


def _limit_of(law: ChinchillaLaw, N: float, k: float) -> float:
    """Nats between the compute-optimal loss and the small model's own floor."""
    return float(law.optimal_for_params(N).L - (law.E + law.A / (k * N) ** law.alpha))


def _pays_back(law: ChinchillaLaw, N: Any, k: Any, penalty: Any, price_ratio: Any) -> Any:
    large = law.optimal_for_params(N)
    D = law.tokens_for_loss(large.L - penalty, k * N)
    return _break_even(N, large.D, k * N, D) / price_ratio


def _penalty_numbers(seed: int) -> dict[str, Quantity]:
    N, k, penalty = 70e9, 0.5, 0.01
    if seed:
        N, k, penalty = _drawn(seed, 808, (13e9, 30e9, 70e9), (0.5, 0.6, 0.7), (0.005, 0.01, 0.015))
    return {
        "N": Quantity(N, "parameters", "the larger, compute-optimal model"),
        "k": Quantity(k, "of that size", "the smaller model"),
        "penalty": Quantity(penalty, "nats per token", "by which fine-tuning sets the smaller one back"),
    }


def _times(given: Given) -> float:
    with_, without = (float(_pays_back(R, given.N, given.k, cost, 1.0)) for cost in (given.penalty, 0.0))
    return with_ / without


def _limit(given: Given) -> float:
    return _limit_of(R, given.N, given.k)


def _dearer_later(attempt: Attempt) -> None:
    pays = Learner(attempt, "pays_back", ("served",))
    for law, N, k, penalty, ratio in _penalised(attempt.rng)[3:]:
        plain, set_back, dear = (
            float(pays(law, N, k, cost, price)[0]) for cost, price in ((0.0, 1.0), (penalty, 1.0), (penalty, 10.0))
        )
        if not set_back > plain > 0:
            raise Wrong(
                "A model that fine-tuning sets back has more to make up: it pays back later, not sooner.", "sooner"
            )
        if abs(dear * 10 / set_back - 1) > 1e-6:
            raise Wrong(
                "Serving at ten times the price makes each served token save ten times as much. Look where price_ratio"
                " stands.",
                "price",
            )
        known = float(allocate.payback(law, k).tokens(law.optimal_for_params(N).D))
        if abs(plain / known - 1) > 1e-6:
            raise Wrong("Without a penalty it should be the break-even of the chapter.", "without penalty")


PENALTY = Exercise(
    "ch08.penalty",
    "Set back by fine-tuning",
    kind="stretch",
    difficulty=5,
    minutes=18,
    given=_penalty_numbers,
    goal=(
        "Suppose that fine-tuning sets an over-trained small model back by some nats. Write `pays_back(law, N, k,"
        " penalty,"
        " price_ratio)`: the served tokens until a model of k times the compute-optimal N has paid back, if it must"
        " first"
        " reach a loss that is lower by the penalty."
    ),
    success=(
        "a penalty too small to see in a plot of losses multiplies the break-even, and there is one that no number"
        " of tokens"
        " can make up."
    ),
    answers=(
        Answer("pays_back", "your function, without parentheses"),
        Answer("multiplied", "by how much numbers.penalty multiplies the break-even, under published.BESIROGLU_2024"),
        Answer("limit", "the penalty in nats that no number of tokens can make up, for numbers.N and numbers.k"),
        Answer("why", '"a", "b" or "c"'),
    ),
    parts=(
        Agrees(
            "the break-even with a penalty", 2, "pays_back", _penalised_arrays, _pays_back, ("served",), ("tokens",), (),
            (
                Mistake("loss and size exchanged", "It seems that the small model needs no tokens. The loss comes first in"
                                                   " `law.tokens_for_loss(L, N)`.",
                        lambda law, N, k, penalty, ratio: -_DEARER * np.asarray(law.optimal_for_params(N).D)
                        / (1 - np.asarray(k)) / ratio + 0.0 * np.asarray(penalty)),
                Mistake("penalty ignored", "The penalty does not enter: the smaller model must reach a loss that is"
                                           " lower by"
                        " it.", lambda law, N, k, penalty, ratio: _pays_back(law, N, k, 0.0 * penalty, ratio)),
                Mistake("penalty added", "The penalty is on the wrong side: the smaller model must become *better*"
                                         " than the"
                        " larger one, before fine-tuning takes it back.",
                        lambda law, N, k, penalty, ratio: _pays_back(law, N, k, -penalty, ratio)),
                Mistake("price multiplied", "Dearer serving makes the small model pay back sooner: divide by"
                                            " price_ratio.",
                        lambda law, N, k, penalty, ratio: _pays_back(law, N, k, penalty, 1 / ratio)),
                Mistake("price ignored", "price_ratio does not enter: each served token saves so many times more.",
                        lambda law, N, k, penalty, ratio: _pays_back(law, N, k, penalty, 1.0)),
                Mistake("in units of D", "This is the multiple of the larger model's training tokens. Asked for are"
                                         " tokens.",
                        lambda law, N, k, penalty, ratio: _pays_back(law, N, k, penalty, ratio) /
                        np.asarray(law.optimal_for_params(N).D)),
                Mistake("factor 3 missing", "A trained token costs three times as much as a served one.",
                        lambda law, N, k, penalty, ratio: _pays_back(law, N, k, penalty, ratio) / _DEARER),
                Mistake("saves everything", "Each served token saves the *difference* of the two sizes, (1 - k) N.",
                        lambda law, N, k, penalty, ratio: _pays_back(law, N, k, penalty, ratio) * (1 - k)),
            ),
            1e-6,
        ),
        Holds("later with a penalty, sooner with dear serving", 1, ("pays_back",), _dearer_later),
        Value(
            "what the penalty does", 1, "multiplied", _times, "", 0.02, None,
            (
                upside_down(_times, "Below one: with the penalty it takes more tokens."),
                changed(_times, "how much more", "This is how much more; asked for is the factor.",
                        lambda value: value - 1),
                Mistake("training tokens", "This is the factor for the training tokens. Asked for is that of the"
                                           " break-even.",
                        lambda given: float(
                            R.tokens_for_loss(R.optimal_for_params(given.N).L - given.penalty, given.k * given.N)
                            / R.tokens_for_loss(R.optimal_for_params(given.N).L, given.k * given.N))),
                Mistake("tokens", "This is a number of tokens. Asked for is the ratio of two of them.",
                        lambda given: float(_pays_back(R, given.N, given.k, given.penalty, 1.0))),
            ),
        ),
        Value(
            "the limit", 1, "limit", _limit, "nats per token", 0.02, None,
            (
                Mistake("the small model's floor", "This is the loss that the small model tends to. Asked for is how"
                                                   " far it lies"
                        " below the larger model's loss.",
                        lambda given: R.E + R.A / (given.k * given.N) ** R.alpha),
                Mistake("down to E", "E alone is the floor of a model of any size. This one has A/(kN)^alpha on top.",
                        lambda given: R.optimal_for_params(given.N).L - R.E),
                Mistake("the large model's floor", "You took the floor of the larger model: the smaller one's is"
                                                   " higher.",
                        lambda given: R.optimal_for_params(given.N).L - R.E - R.A / given.N**R.alpha),
                copied("penalty", "This is the penalty of the task. Asked for is the largest that can be made up.",
                       called="the penalty"),
            ),
        ),
        Choice(
            "why so small a penalty matters so much", 1, "why",
            {
                "a": "Fine-tuning is cheap beside pre-training, and its cost is not in your function at all.",
                "b": "",
                "c": "E is the same for both models. What is near, for the small one, is another floor.",
            },
            "b",
        ),
    ),
    hints=(
        (
            "The larger model is `law.optimal_for_params(N)`. Which loss must the smaller one reach, so that it is"
            " level after"
            " fine-tuning? How many tokens does that take? The rest is the first exercise."
        ),
        (
            "`law.tokens_for_loss(L, N)` gives tokens. Served tokens: extra training over saving, with 6 and 2 FLOP,"
            " the saving"
            " times price_ratio. With unlimited tokens the small model tends to E + A/(kN)^alpha."
        ),
        (
            "big = law.optimal_for_params(N); D = law.tokens_for_loss(big.L - penalty, k * N); return 3 * (k * N * D"
            " - N * big.D)"
            " / ((1 - k) * N) / price_ratio. limit = big.L - (law.E + law.A / (k * N)**law.alpha)"
        ),
    ),
)


EXERCISES = (LIFETIME, HOURS, SHELF, NOISY, TRAFFIC, NEXT_FOUR, PENALTY)
