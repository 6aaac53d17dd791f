"""Mistakes that people make in every chapter, and arrays of instances to find them with.

Each takes the truth that its part is judged by, so it serves `Agrees` (whose truth takes a case) as well as `Value`
(whose truth takes the exercise's numbers), and returns a `Mistake`.

* `flop_counts`: N D, 2 N D and 4 N D for 6 N D.
* `exchanged`: two arguments have changed places; `forgotten`: an argument is ignored.
* `times`: another unit, such as hours for days, or a forgotten factor.
* `fraction`, `excess_forgotten`, `share_of_total`: percent and what they are percent of.
* `upside_down`: a reciprocal.
* `copied`: the number of a text that the exercise takes apart.
* `changed`: anything else that can be said of the truth's value, such as its logarithm.
* `stacked`: the same instances again, as arrays.

What needs no declaration: `Agrees` and `Value` name a wrong sign, a power of ten (billions, percent for a fraction),
and a logarithm that was not undone by themselves; also a reciprocal and log10 for ln where the tolerance is below one
percent or there are several numbers; `Agrees` also names two results that are exchanged.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ._model import Given, Mistake

__all__ = [
    "changed",
    "copied",
    "excess_forgotten",
    "exchanged",
    "flop_counts",
    "forgotten",
    "fraction",
    "share_of_total",
    "stacked",
    "times",
    "upside_down",
]

Truth = Callable[..., Any]
Cases = Callable[[np.random.Generator], Sequence[tuple[Any, ...]]]


def changed(truth: Truth, name: str, message: str, change: Callable[[Any], Any]) -> Mistake:
    """What comes of changing the value of `truth`; `change` takes each of its outputs as a float or an array.

    Examples
    --------
    >>> changed(lambda N: N, "logarithm", "Undo the logarithm.", np.log10).answer(1e9)
    np.float64(9.0)
    """

    def answer(*case: Any) -> Any:
        value = truth(*case)
        return tuple(map(each, value)) if isinstance(value, tuple) else each(value)

    def each(value: Any) -> Any:
        return change(value if isinstance(value, float) else np.asarray(value, dtype=np.float64))

    return Mistake(name, message, answer)


def times(truth: Truth, factor: float, name: str, message: str) -> Mistake:
    """The truth times `factor`: another unit, or a factor forgotten.

    Examples
    --------
    >>> times(lambda given: 2.0, 24, "hours", "These are hours: a day has 24.").answer(None)
    48.0
    """
    return changed(truth, name, message, lambda value: factor * value)


def upside_down(truth: Truth, message: str) -> Mistake:
    """The reciprocal of the truth."""
    return changed(truth, "upside down", message, lambda value: 1 / value)


def fraction(truth: Truth, message: str = "This is a fraction; asked for are percent.") -> Mistake:
    """A fraction where percent are asked for."""
    return times(truth, 0.01, "a fraction", message)


def excess_forgotten(
    truth: Truth, message: str = "This is the ratio of the two in percent; asked for is how much more: subtract the 100."
) -> Mistake:
    """The ratio in percent where its excess over 100 is asked for."""
    return changed(truth, "a factor", message, lambda value: 100 + value)


def share_of_total(truth: Truth, message: str) -> Mistake:
    """Percent of the whole, excess included, where percent of what was needed are asked for."""
    return changed(truth, "of the spent", message, lambda value: 100 * value / (100 + value))


def copied(name: str, message: str, *, called: str) -> Mistake:
    """The number `name` among those that the exercise gives, such as what an invoice claims."""

    def answer(given: Given) -> Any:
        return given[name]

    return Mistake(called, message, answer)


def exchanged(truth: Truth, first: str, second: str, message: str) -> Mistake:
    """Two arguments of the truth have changed places.

    Examples
    --------
    >>> exchanged(lambda N, D: N - D, "N", "D", "N comes first.").answer(5, 2)
    -3
    """
    names = list(inspect.signature(truth).parameters)
    i, j = names.index(first), names.index(second)

    def answer(*case: Any) -> Any:
        values = list(case)
        values[i], values[j] = values[j], values[i]
        return truth(*values)

    return Mistake(f"{first} and {second} exchanged", message, answer)


def forgotten(truth: Truth, argument: str, value: float, message: str) -> Mistake:
    """An argument of the truth is ignored, as if it always had `value`.

    Examples
    --------
    >>> forgotten(lambda L, E: L - E, "E", 0.0, "E is not subtracted.").answer(3.0, 1.0)
    3.0
    """
    i = list(inspect.signature(truth).parameters).index(argument)
    return Mistake(f"{argument} ignored", message, lambda *case: truth(*case[:i], value, *case[i + 1 :]))


def flop_counts(answer: Callable[[float], Truth], *, none: str = "ND") -> tuple[Mistake, ...]:
    """N D, 2 N D and 4 N D where 6 N D is meant.

    `answer` makes, from the FLOP counted for each parameter and token, what someone would return who counts so. `none`
    names the mistake of counting one.

    Examples
    --------
    >>> [mistake.answer(1e9, 1e10) for mistake in flop_counts(lambda per: lambda N, D: per * N * D)]
    [1e+19, 2e+19, 4e+19]
    """
    return (
        Mistake(
            none,
            "The factor 6 is missing: a parameter and a token cost six FLOP together, so C = 6 N D.",
            answer(1.0),
        ),
        Mistake(
            "2ND",
            "You count 2 FLOP for each parameter and token: that is the forward pass alone.",
            answer(2.0),
        ),
        Mistake(
            "4ND",
            "You count 4 FLOP for each parameter and token: that is the backward pass alone.",
            answer(4.0),
        ),
    )


def stacked(cases: Cases) -> Cases:
    """The same instances as one call with arrays: each argument an array with one entry for each instance.

    Examples
    --------
    >>> stacked(lambda rng: [(1.0, 10.0), (2.0, 20.0)])(np.random.default_rng(0))
    [(array([1., 2.]), array([10., 20.]))]
    """

    def arrays(rng: np.random.Generator) -> list[tuple[Any, ...]]:
        return [tuple(np.array(values, dtype=np.float64) for values in zip(*cases(rng), strict=True))]

    return arrays
