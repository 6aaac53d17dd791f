"""What an exercise is made of: parts that are judged, mistakes that have names, hints, and the numbers it gives.

An exercise is declared, not programmed: each `Part` says what is compared with what, and each `Mistake` says what
a person who makes it would have answered. The same list of mistakes serves the check and the tests of the check.
"""

from __future__ import annotations

import os
import re
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np

__all__ = [
    "Answer",
    "Attempt",
    "Exercise",
    "Given",
    "Kind",
    "Mistake",
    "NotAnswered",
    "Part",
    "Quantity",
    "Wrong",
    "course_seed",
]

Kind = Literal["implement", "use", "move", "judge", "find the error", "stretch"]
KINDS: Final = ("implement", "use", "move", "judge", "find the error", "stretch")
SEED_VARIABLE: Final = "SCALING_LIB_SEED"


class Wrong(Exception):
    """A diagnosis for the learner: what looks wrong, where to look, and the name of the mistake if it has one."""

    def __init__(self, message: str, name: str = "", *, fraction: float = 0.0) -> None:
        super().__init__(message)
        self.message, self.name, self.fraction = message, name, fraction


class NotAnswered(Exception):
    """The learner has not written anything here yet."""


@dataclass(frozen=True)
class Mistake:
    """A mistake people make.

    Attributes
    ----------
    name : str
        Short and stable, such as ``"swapped"``.
    message : str
        What looks wrong and where to look; never the answer.
    answer : callable
        What someone who makes it would answer: it takes what the part's `truth` takes and returns what that returns.
    """

    name: str
    message: str
    answer: Callable[..., Any]


@dataclass(frozen=True)
class Answer:
    """One thing that `check` is given: its name in the notebook, and in words what it is.

    Attributes
    ----------
    name : str
        Its name in the notebook.
    what : str
        In words, what it is.
    """

    name: str
    what: str


@dataclass(frozen=True)
class Quantity:
    """A number that an exercise gives to the learner.

    Attributes
    ----------
    value : object
        The number, or numbers.
    unit : str
        Its unit.
    meaning : str
        In words, what it is.
    """

    value: Any
    unit: str
    meaning: str


class Given(Mapping[str, Any]):
    """The numbers of an exercise, for this course seed: read them as attributes or by name.

    Parameters
    ----------
    quantities : mapping of str to Quantity
        The numbers by name, each with unit and meaning.

    Examples
    --------
    >>> numbers = Given({"C": Quantity(1e23, "FLOP", "the budget")})
    >>> numbers.C == numbers["C"] == 1e23
    True
    """

    def __init__(self, quantities: Mapping[str, Quantity]) -> None:
        self._quantities = dict(quantities)

    def __getitem__(self, name: str) -> Any:
        return self._quantities[name].value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._quantities[name].value
        except KeyError:
            raise AttributeError(f"this exercise gives {', '.join(self._quantities)}, not {name!r}") from None

    def __iter__(self) -> Any:
        return iter(self._quantities)

    def __len__(self) -> int:
        return len(self._quantities)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._quantities]

    def __repr__(self) -> str:
        return "\n".join(
            f"{name} = {_show(q.value)}  ({q.meaning}{', ' + q.unit if q.unit else ''})"
            for name, q in self._quantities.items()
        )

    def _repr_html_(self) -> str:
        from ._html import table

        rows = [[f"<code>{name}</code>", _show(q.value), q.unit, q.meaning] for name, q in self._quantities.items()]
        return table("The numbers of this exercise", ["name", "value", "unit", "meaning"], rows)


def _show(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return ", ".join(f"({_show(item)})" if isinstance(item, (tuple, list)) else _show(item) for item in value)
    if not isinstance(value, float):
        return str(value)
    return f"{value:.6g}" if 1e3 <= abs(value) < 1e6 else f"{value:.4g}"  # a year and a half is not a year


@dataclass
class Attempt:
    """One run of a check: the learner's answers, the exercise's numbers, a seeded generator, notes for the card.

    Attributes
    ----------
    answers : mapping of str to object
        The learner's answers by name.
    given : Given
        The numbers of the exercise.
    rng : numpy.random.Generator
        Seeded; what a check draws, it draws from here.
    notes : list of str
        Remarks for the card that cost no points.
    """

    answers: Mapping[str, Any]
    given: Given
    rng: np.random.Generator
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Say something on the card that costs no points (once)."""
        if text not in self.notes:
            self.notes.append(text)


@dataclass(frozen=True)
class Part(ABC):
    """One line of a card: what is judged, and what it is worth.

    Attributes
    ----------
    label : str
        The line of the card, as the learner reads it.
    points : float
        What the part is worth.
    """

    label: str
    points: float

    @property
    @abstractmethod
    def uses(self) -> tuple[str, ...]:
        """Names of the answers it looks at."""

    @property
    def named(self) -> tuple[Mistake, ...]:
        """The mistakes it can name."""
        return ()

    @abstractmethod
    def judge(self, attempt: Attempt) -> None:
        """Return if it is right; raise `Wrong` or `NotAnswered` otherwise."""


def _nothing(seed: int) -> dict[str, Quantity]:
    return {}


def _no_preparation(given: Given) -> object:
    return None


@dataclass(frozen=True)
class Exercise:
    """An exercise: what the learner reads about it, what is judged, and the help there is.

    Attributes
    ----------
    id : str
        Chapter and name, such as ``"ch05.optimum"``.
    title, goal, success : str
        Heading, what to do in one sentence, and what the learner sees when it is right.
    kind : {"implement", "use", "move", "judge", "find the error", "stretch"}
        What is asked for.
    difficulty : int
        1 (read off) to 5 (an evening).
    minutes : int
        For someone who has read the chapter.
    answers : tuple of Answer
        What `check` takes, in order.
    parts : tuple of Part
        What is judged; the points of the exercise are their sum.
    hints : tuple of str
        The idea, the formula, nearly the code.
    given : callable
        From the course seed to the numbers of the task; seed 0 gives those of the text.
    seconds : float
        The one deadline of a whole check.
    in_process : bool
        True for what does not survive a fork (torch); the card then says so.
    prepare : callable
        Slow work of the check itself, done (and cached) before the clock starts.

    Raises
    ------
    ValueError
        If an entry is missing or not as described, or parts and answers do not go together.
    """

    id: str
    title: str
    goal: str
    success: str
    kind: Kind
    difficulty: int
    minutes: int
    answers: tuple[Answer, ...]
    parts: tuple[Part, ...]
    hints: tuple[str, str, str]
    given: Callable[[int], dict[str, Quantity]] = _nothing
    seconds: float = 8.0
    in_process: bool = False
    prepare: Callable[[Given], object] = _no_preparation

    def __post_init__(self) -> None:
        names = {answer.name for answer in self.answers}
        problems = [
            (not re.fullmatch(r"ch\d\d\.[a-z][a-z0-9_]*", self.id), "its id is not like ch05.optimum"),
            (self.kind not in KINDS, f"its kind is none of {KINDS}"),
            (not 1 <= self.difficulty <= 5, "its difficulty is not 1 to 5"),
            (len(self.hints) != 3 or not all(self.hints), "it has not three hints"),
            (not self.parts or any(part.points <= 0 for part in self.parts), "a part has no points"),
            (any(set(part.uses) - names for part in self.parts), "a part looks at an answer that check does not take"),
            (bool(names - {name for part in self.parts for name in part.uses}), "an answer is not judged"),
            (not (self.goal and self.success and self.minutes > 0), "its goal, success or minutes are missing"),
        ]
        for bad, why in problems:
            if bad:
                raise ValueError(f"Exercise {self.id!r}: {why}.")

    @property
    def chapter(self) -> str:
        """The chapter it belongs to, such as ``"ch05"``."""
        return self.id.partition(".")[0]

    @property
    def points(self) -> float:
        """What it is worth."""
        return sum(part.points for part in self.parts)

    @property
    def mistakes(self) -> dict[str, Mistake]:
        """Every mistake that its parts name."""
        return {mistake.name: mistake for part in self.parts for mistake in part.named}

    def numbers(self, seed: int | None = None) -> Given:
        """The numbers of the task for a course seed."""
        return Given(self.given(course_seed() if seed is None else seed))

    def header(self) -> str:
        """Goal, difficulty, minutes, points and success, as Markdown for a notebook or a page."""
        stars = "●" * self.difficulty + "○" * (5 - self.difficulty)
        points = f"{self.points:g} point{'' if self.points == 1 else 's'}"
        return (
            f"*{self.kind.capitalize()} · difficulty {stars} ({self.difficulty} of 5) · about {self.minutes} minutes ·"
            f" {points}*\n\n**Goal.** {self.goal}\n\n**When it is right:** {self.success}"
        )


def course_seed() -> int:
    """The seed of this course: it changes the numbers of the exercises, not the lesson (variable SCALING_LIB_SEED)."""
    text = os.environ.get(SEED_VARIABLE, "").strip()
    if not text:
        return 0
    return int(text) if text.isdecimal() else zlib.crc32(text.encode())
