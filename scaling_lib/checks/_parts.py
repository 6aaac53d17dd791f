"""The parts an exercise can have: a function that agrees with a truth, a property that holds, numbers, choices.

* `Agrees`: a learner's function on seeded instances; mistakes are recognised by what they would have returned.
* `Holds`: a property in words and code (budget identity, monotonicity, limits, a score).
* `Value`: one number or a few, each worth its share.
* `Verdicts`: True or False for each of a few statements.
* `Choice`: one of a few words, with feedback for each wrong one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._validate import FloatArray
from ._model import Attempt, Given, Mistake, NotAnswered, Part, Wrong
from ._values import Learner, close, describe, is_blank, number, numbers

__all__ = ["Agrees", "Choice", "Holds", "Value", "Verdicts"]

_PREFIX = {3: "thousands", 6: "millions", 9: "billions", 12: "trillions"}


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _nearly(ratio: FloatArray) -> bool:
    """Whether every ratio to the truth is within 3 % of one, yet they are not all the same."""
    return ratio.size > 1 and bool((np.abs(ratio - 1) < 0.03).all()) and float(np.ptp(ratio)) > 1e-6


def _powers_of_ten(ratio: FloatArray, rel: float, what: str, unit: str) -> Wrong | None:
    """The diagnosis if everything is off by one and the same power of ten."""
    if not (ratio > 0).all():
        return None
    powers = np.log10(ratio)
    power = round(float(powers.flat[0]))
    if power == 0 or not (np.abs(powers - power) <= math.log10(1 + rel) + 1e-12).all():
        return None
    size = "large" if power > 0 else "small"
    text = f"{what} is too {size} by a factor of 10^{abs(power)}"
    if -power in _PREFIX:
        return Wrong(
            f"{text}: it looks like {_PREFIX[-power]}. Give it in plain {unit or 'units'}, such as 2e10.",
            "power of ten",
        )
    if abs(power) == 2 and unit == "percent":
        return Wrong(f"{text}: the answer is asked for in percent, where 1 means one hundredth.", "power of ten")
    return Wrong(f"{text}: a unit was converted once too often, or not at all.", "power of ten")


def _generic(got: FloatArray, wanted: FloatArray, rel: float, what: str, unit: str) -> Wrong | None:
    """Mistakes that any number can have: sign, power of ten, reciprocal, logarithm, mixed logarithms."""
    if not (wanted != 0).any() or not np.isfinite(got).all():
        return None
    keep = wanted != 0
    got, wanted = got[keep], wanted[keep]
    ratio = got / wanted
    if close(got, -wanted, rel).all():
        return Wrong(f"{what} has the wrong sign.", "sign")
    ten = _powers_of_ten(ratio, rel, what, unit)
    if ten is not None:
        return ten
    with np.errstate(all="ignore"):
        if got.size > 1 or rel < 1e-2:
            for factor in (math.log(10), 1 / math.log(10)):
                if close(ratio, np.full_like(ratio, factor), rel).all():
                    return Wrong(
                        f"{what} is off by {factor:.3f}, which is ln 10 or its inverse: log10 and the natural logarithm"
                        " are mixed. np.log is the natural one.",
                        "log10",
                    )
            if close(got, 1 / wanted, rel).all():
                return Wrong(f"{what} is upside down: what you return is its reciprocal.", "reciprocal")
        if (wanted > 0).all():
            for log, back in ((np.log, "np.exp(...)"), (np.log10, "10 ** ...")):
                if (np.abs(log(wanted)) > 1).all() and close(got, log(wanted), rel / 10).all():
                    return Wrong(f"{what} is still a logarithm: undo it with {back}.", "still a logarithm")
    return None


@dataclass(frozen=True)
class Agrees(Part):
    """A learner's function agrees with `truth` on seeded instances.

    Attributes
    ----------
    function : str
        Name of the answer.
    cases : callable
        From a generator to a list of argument tuples, edge cases included.
    truth : callable
        Takes the same arguments and returns one output or a tuple.
    outputs, units : tuple of str
        Names and units of what it returns.
    judges : tuple of str
        Which of the outputs this part is about; all if empty.
    mistakes : tuple of Mistake
        Tried in order; the first that explains every instance is named.
    rel : float
        Relative tolerance.
    reduces : bool
        Whether arrays go in and one number comes out.
    absolute : float
        Absolute tolerance, which matters where the truth is zero.
    """

    function: str
    cases: Callable[[np.random.Generator], Sequence[tuple[Any, ...]]]
    truth: Callable[..., Any]
    outputs: tuple[str, ...]
    units: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    rel: float = 1e-6
    reduces: bool = False
    absolute: float = 1e-12

    @property
    def uses(self) -> tuple[str, ...]:
        return (self.function,)

    @property
    def named(self) -> tuple[Mistake, ...]:
        return self.mistakes

    def _flat(self, function: Callable[..., Any], cases: Sequence[tuple[Any, ...]]) -> dict[str, FloatArray]:
        """Every output over all instances, as one flat column."""
        columns: dict[str, list[FloatArray]] = {name: [] for name in self.outputs}
        for case in cases:
            with np.errstate(all="ignore"):
                for name, value in zip(self.outputs, _as_tuple(function(*case)), strict=True):
                    columns[name].append(np.asarray(value, dtype=np.float64).reshape(-1))
        return {name: np.concatenate(parts) for name, parts in columns.items()}

    def judge(self, attempt: Attempt) -> None:
        cases = list(self.cases(attempt.rng))
        got = self._flat(Learner(attempt, self.function, self.outputs, reduces=self.reduces), cases)
        wanted = self._flat(self.truth, cases)
        judged = self.judges or self.outputs
        wrong = [name for name in judged if not close(got[name], wanted[name], self.rel, self.absolute).all()]
        if not wrong:
            return
        for names in (self.outputs, wrong):
            for mistake in self.mistakes:
                made = self._flat(mistake.answer, cases)
                same = all(close(got[n], made[n], max(self.rel, 1e-9)).all() for n in names)
                if same and any(not close(made[n], wanted[n], self.rel).all() for n in wrong):
                    raise Wrong(mistake.message, mistake.name)
        units = dict(zip(self.outputs, self.units, strict=False))
        if len(self.outputs) == 2 and all(
            close(got[a], wanted[b], self.rel).all() for a, b in (self.outputs, self.outputs[::-1])
        ):
            raise Wrong(f"The two results are exchanged: return {' first, '.join(self.outputs)} second.", "swapped")
        name = wrong[0]
        found = _generic(got[name], wanted[name], self.rel, name, units.get(name, ""))
        if found is not None:
            raise found
        raise Wrong(self._where(name, got[name], wanted[name], cases))

    def _where(self, name: str, got: FloatArray, wanted: FloatArray, cases: Sequence[tuple[Any, ...]]) -> str:
        bad = ~close(got, wanted, self.rel, self.absolute)
        first = int(np.flatnonzero(bad)[0])
        share = f"in {int(bad.sum())} of {bad.size} instances" if not bad.all() else "in every instance"
        lengths = [1 if self.reduces else np.broadcast(*case).size for case in cases]
        index = int(np.searchsorted(np.cumsum(lengths), first, side="right")) if sum(lengths) == got.size else -1
        for_what = ""
        if index >= 0:
            shown = [f"{a:.4g}" if isinstance(a, float) else describe(a) for a in cases[index]]
            for_what = f" For {self.function}({', '.join(shown)}) "
        ratio = got[first] / wanted[first] if wanted[first] else math.nan
        how = "has the wrong sign" if ratio < 0 else f"is too {'large' if ratio > 1 else 'small'}"
        spread = got[wanted != 0] / wanted[wanted != 0]
        if spread.size > 1 and spread.min() > 0 and spread.max() / spread.min() < 1 + 1e-6:
            how += f", by the same factor {spread.flat[0]:.4g} everywhere: look for a constant"
        nearly = " All are within 3 %: a number rounded too early, or a search on a grid?" if _nearly(spread) else ""
        return f"{name} is not right {share}.{for_what or ' It '}{'it ' if for_what else ''}{how}.{nearly}"


@dataclass(frozen=True)
class Holds(Part):
    """A property of the answers, in code that raises `Wrong` where it does not hold.

    Attributes
    ----------
    looks_at : tuple of str
        Names of the answers that the property is about.
    test : callable
        Takes the `Attempt`; raises `Wrong` with what to look at.
    mistakes : tuple of Mistake
        Wrong answers that are known by name.
    """

    looks_at: tuple[str, ...]
    test: Callable[[Attempt], None]
    mistakes: tuple[Mistake, ...] = ()

    @property
    def uses(self) -> tuple[str, ...]:
        return self.looks_at

    @property
    def named(self) -> tuple[Mistake, ...]:
        return self.mistakes

    def judge(self, attempt: Attempt) -> None:
        for name in self.looks_at:
            if is_blank(attempt.answers[name]):
                raise NotAnswered
        self.test(attempt)


@dataclass(frozen=True)
class Value(Part):
    """One number, or several that each earn their share.

    Attributes
    ----------
    answer : str
        Name of the answer.
    truth : callable
        From the exercise's numbers to the right value or sequence.
    unit : str
        In words, such as ``"tokens"`` or ``"percent"``.
    rel : float
        Relative tolerance; answers may be rounded.
    names : callable or None
        For several numbers: from the exercise's numbers to a label for each.
    mistakes : tuple of Mistake
        Their `answer` takes the exercise's numbers.
    """

    answer: str
    truth: Callable[[Given], Any]
    unit: str = ""
    rel: float = 0.01
    names: Callable[[Given], Sequence[str]] | None = None
    mistakes: tuple[Mistake, ...] = ()

    @property
    def uses(self) -> tuple[str, ...]:
        return (self.answer,)

    @property
    def named(self) -> tuple[Mistake, ...]:
        return self.mistakes

    def judge(self, attempt: Attempt) -> None:
        value = attempt.answers[self.answer]
        if is_blank(value):
            raise NotAnswered
        if callable(value) and self.answer in getattr(value, "__name__", ""):
            raise Wrong(f"`{self.answer}` is a function: give its value.", "function")
        wanted = np.asarray(self.truth(attempt.given), dtype=np.float64)
        labels = list(self.names(attempt.given)) if self.names else []
        blank = np.zeros(wanted.shape, dtype=bool)
        if isinstance(value, (list, tuple)) and wanted.ndim == 1 and len(value) == wanted.size:
            blank = np.array([is_blank(item) for item in value])
            value = [w if b else item for item, b, w in zip(value, blank, wanted.tolist(), strict=True)]
        got = numbers(value, wanted.shape, f"`{self.answer}`", names=labels, percent=self.unit == "percent")
        good = close(got, wanted, self.rel) & ~blank
        if good.all():
            return
        filled, share = ~blank, float(np.mean(good))
        for mistake in self.mistakes:
            made = np.broadcast_to(np.asarray(mistake.answer(attempt.given), dtype=np.float64), wanted.shape)
            if close(got, made, self.rel)[filled].all() and not close(made, wanted, self.rel)[filled].all():
                raise Wrong(mistake.message, mistake.name, fraction=share)
        bad = ~good & filled
        if not bad.any():
            raise Wrong(f"Not all of `{self.answer}` is answered yet.", "blank", fraction=share)
        what = f"`{self.answer}`" if wanted.ndim == 0 else self._which(bad, labels)
        found = _generic(got[bad], wanted[bad], self.rel, what, self.unit)
        if found is not None:
            raise Wrong(found.message, found.name, fraction=share)
        high = bool((got[bad] > wanted[bad]).all())
        low = bool((got[bad] < wanted[bad]).all())
        side = "too large" if high else "too small" if low else "partly too large, partly too small"
        far = np.abs(np.log10(np.abs(got[bad] / wanted[bad]))).max() if (got[bad] * wanted[bad] > 0).all() else math.inf
        size = (
            ""
            if far > 1
            else ", though of the right order" if far > 0.1 else ", but not by much"
        )
        whole = self.rel <= 1e-6 and bool((got[bad] % 1 == 0).all())  # a count: nothing was rounded
        hint = (" Count again: what belongs, and what does not?" if whole else " Is a number rounded too early, or is what went in not quite what was asked for?") if far <= 0.1 else ""
        far_off = ", by more than a factor of ten" if far > 1 and math.isfinite(far) else ""
        raise Wrong(f"{what} is {side}{far_off}{size}.{hint}", fraction=share)

    def _which(self, bad: Any, labels: Sequence[str]) -> str:
        index = [int(i) for i in np.flatnonzero(bad)]
        if len(index) == bad.size:
            return f"Each entry of `{self.answer}`"
        shown = ", ".join(labels[i] if labels else f"number {i + 1}" for i in index)
        return f"`{self.answer}` for {shown}"


@dataclass(frozen=True)
class Verdicts(Part):
    """A list of True and False, each worth its share.

    Attributes
    ----------
    answer : str
        Name of the answer.
    truth : callable or sequence of bool
        The right verdicts, or what makes them from the exercise's numbers.
    statements : tuple of str
        What each verdict is about.
    feedback : tuple of str
        What to say about each that is wrong: where to look.
    """

    answer: str
    truth: Callable[[Given], Sequence[bool]] | Sequence[bool]
    statements: tuple[str, ...]
    feedback: tuple[str, ...]

    @property
    def uses(self) -> tuple[str, ...]:
        return (self.answer,)

    def judge(self, attempt: Attempt) -> None:
        value = attempt.answers[self.answer]
        if is_blank(value):
            raise NotAnswered
        wanted = list(self.truth(attempt.given) if callable(self.truth) else self.truth)
        if hasattr(value, "tolist"):
            value = value.tolist()
        if not isinstance(value, (list, tuple)) or len(value) != len(wanted):
            raise Wrong(
                f"`{self.answer}` is {describe(value)}: give a list of {len(wanted)}, each True or False.", "shape"
            )
        got = [self._read(item) for item in value]
        wrong = [i for i, (a, b) in enumerate(zip(got, wanted, strict=True)) if a is not b]
        if wrong:
            first = next((i for i in wrong if got[i] is not None), None)
            text = (
                f"`{self.answer}` is not complete."
                if first is None
                else f"{self.statements[first]}: {self.feedback[first]}"
            )
            raise Wrong(
                text, "blank" if first is None else f"verdict {first + 1}", fraction=1 - len(wrong) / len(wanted)
            )

    def _read(self, item: Any) -> bool | None:
        if is_blank(item):
            return None
        if isinstance(item, str) and item.strip().casefold() in {"true", "yes", "right", "false", "no", "wrong"}:
            return item.strip().casefold() in {"true", "yes", "right"}
        if isinstance(item, (bool, np.bool_)) or (isinstance(item, (int, float)) and item in (0, 1)):
            return bool(item)
        raise Wrong(f"`{self.answer}` has the entry {describe(item)}: each is True or False.", "not an option")


@dataclass(frozen=True)
class Choice(Part):
    """One of a few words.

    Attributes
    ----------
    answer : str
        Name of the answer.
    options : mapping
        Each option and what to say to someone who chose it wrongly.
    right : callable or str
        The right option, or what finds it from the exercise's numbers.
    aliases : mapping
        Other spellings of an option.
    """

    answer: str
    options: Mapping[str, str]
    right: Callable[[Given], str] | str
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def uses(self) -> tuple[str, ...]:
        return (self.answer,)

    def judge(self, attempt: Attempt) -> None:
        value = attempt.answers[self.answer]
        if is_blank(value):
            raise NotAnswered
        chosen = self.read(value)
        if chosen != (self.right if isinstance(self.right, str) else self.right(attempt.given)):
            raise Wrong(self.options[chosen], f"chose {chosen}")

    def read(self, value: Any) -> str:
        """The option that `value` means."""
        if isinstance(value, (bool, np.bool_)):
            value = str(bool(value))
        if not isinstance(value, str):
            if isinstance(value, (int, float, np.number)):
                value = f"{number(value, f'`{self.answer}`'):g}"
            else:
                raise Wrong(f"`{self.answer}` is {describe(value)}: choose one of {self._listed()}.", "not an option")
        text = value.strip().strip(".!\"'()").casefold()
        for option in self.options:
            if text == option.casefold():
                return option
        for alias, option in self.aliases.items():
            if text == alias.casefold():
                return option
        raise Wrong(f"`{self.answer}` is {describe(value)}: choose one of {self._listed()}.", "not an option")

    def _listed(self) -> str:
        return ", ".join(f'"{option}"' for option in self.options)
