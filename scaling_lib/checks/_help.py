"""Help: hints in three steps, and what the usual errors mean."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from . import _registry
from ._html import card, escape, prose, table
from ._progress import note_hint

__all__ = ["Card", "forget_hints", "help_me", "hint"]

_STEPS: Final = ("the idea", "the formula", "nearly the code")
_shown: dict[str, int] = {}


@dataclass(frozen=True)
class Card:
    """A card with a title and one or more paragraphs.

    Attributes
    ----------
    title : str
        What stands at the top.
    paragraphs : tuple of str
        The text, a paragraph each.
    """

    title: str
    paragraphs: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join([self.title, *(f"  {text}" for text in self.paragraphs)])

    def _repr_html_(self) -> str:
        body = "".join(f'<p style="margin:.3em 0 0;white-space:pre-wrap">{prose(text)}</p>' for text in self.paragraphs)
        return card("info", self.title, f"<strong>{escape(self.title)}</strong>", body)


def hint(id: str) -> Card:
    """The next of three hints: the idea, the formula, nearly the code; after that all three again.

    It never raises: an unknown id is answered with the nearest.

    Parameters
    ----------
    id : str
        The exercise, such as ``"ch05.optimum"``.

    Examples
    --------
    >>> print(hint("ch05.optimun").paragraphs[0])
    There is no exercise 'ch05.optimun'. Did you mean 'ch05.optimum'?
    """
    try:
        exercise = _registry.exercise(id)
    except ValueError as error:
        return Card("hint", (str(error),))
    step = _shown.get(exercise.id, 0) + 1
    _shown[exercise.id] = min(step, len(exercise.hints))
    if step > len(exercise.hints):
        return Card(
            f"{exercise.title}: all three hints", tuple(f"{i}. {text}" for i, text in enumerate(exercise.hints, 1))
        )
    note_hint(exercise, step)
    more = (
        f'hint("{exercise.id}") again gives {_STEPS[step]}.' if step < len(exercise.hints) else "This was the last one."
    )
    return Card(
        f"{exercise.title}: hint {step} of {len(exercise.hints)}, {_STEPS[step - 1]}", (exercise.hints[step - 1], more)
    )


def forget_hints(id: str) -> None:
    """Begin again with the first hint."""
    _shown.pop(id, None)


class Trouble(NamedTuple):
    """An error people meet: what it looks like, what it means, what to do."""

    looks: str
    means: str
    do: str
    pattern: str


TROUBLES: Final = (
    Trouble(
        "NameError: name 'optimum' is not defined",
        "Python has not seen that name since the kernel started.",
        "Run the cells from the top (Run, Run All Above Selected Cell). Then look for a typing error.",
        r"NameError",
    ),
    Trouble(
        "NotImplementedError",
        "The stub of an exercise was called: it has no answer yet.",
        "Replace the line `raise NotImplementedError` by your own code, and run that cell again.",
        r"NotImplementedError",
    ),
    Trouble(
        "TypeError: ... 'ellipsis'",
        "A plain answer is still `...`, and something computes with it.",
        "Replace the three dots by your answer and run that cell again.",
        r"ellipsis",
    ),
    Trouble(
        "TypeError: 'int' object is not callable",
        "A function's name was given to a number (`check = 3`, `sum = ...`, `max = ...`), or a `*` is missing before a"
        " bracket.",
        "Rename your variable, restart the kernel and run the cells again. Write 6 * (N * D), not 6(N * D).",
        r"not callable",
    ),
    Trouble(
        "TypeError: unsupported operand ... 'NoneType'",
        "A function returned None.",
        "End it with `return ...`; print() shows a number but does not return it.",
        r"NoneType",
    ),
    Trouble(
        "TypeError: ... positional argument",
        "A function was called with another number of arguments than it has.",
        "Keep the first line of the stub as it is: names may change, their number and order may not.",
        r"positional argument|keyword argument",
    ),
    Trouble(
        "TypeError: ... 'str'",
        "Text is used as a number.",
        "Remove the quotation marks, or convert with float(...).",
        r"'str'|can only concatenate|numpy\.str|must be real number",
    ),
    Trouble(
        "TypeError: 'float' object cannot be interpreted as an integer",
        "range(), math.comb() and indices want whole numbers, and this one has a decimal point: 12.0 is a float.",
        "Convert it: int(...) for a count, int(round(...)) for a result that should be one.",
        r"float' object cannot be interpreted|slice indices must be integers|indices must be integers",
    ),
    Trouble(
        "IndentationError or SyntaxError",
        "Python could not read the cell.",
        "Look at the line above the arrow too: a bracket, a colon or a quotation mark may be missing there. The body of"
        " a function is indented by four spaces.",
        r"IndentationError|SyntaxError|TabError",
    ),
    Trouble(
        "ModuleNotFoundError: No module named 'scaling_lib'",
        "The notebook runs in another Python than the course's.",
        "Start it with `make lab`, or choose the course's kernel at the upper right.",
        r"ModuleNotFoundError|ImportError",
    ),
    Trouble(
        "ValueError: C is ...: expected finite numbers above 0",
        "`scaling_lib` refused an argument and says which.",
        "Read the sentence to its end: it names the argument, the value, what was expected and what to try.",
        r"ValueError.*expected",
    ),
    Trouble(
        "ValueError: operands could not be broadcast together",
        "Two arrays have different lengths.",
        "Print their `.shape`. Filter N, D and L with one and the same condition.",
        r"broadcast|Shapes do not fit",
    ),
    Trouble(
        "KeyError: 'N'",
        "A table has no column of that name.",
        "Look at `table.columns`; datasets.about(name) says what each holds.",
        r"KeyError",
    ),
    Trouble(
        "ZeroDivisionError, OverflowError, inf",
        "A number left what floats can hold.",
        "Look for an exponent with the wrong sign, a forgotten bracket, or integers as large as 10**400; work with"
        " logarithms.",
        r"ZeroDivision|Overflow|\binf\b",
    ),
    Trouble(
        "RuntimeWarning: invalid value encountered in log; nan",
        "The logarithm of a negative number, or of zero.",
        "Find the first NaN by printing the intermediate numbers; a loss minus E must stay positive.",
        r"RuntimeWarning|\bnan\b|invalid value",
    ),
    Trouble(
        "RecursionError",
        "A function calls itself without end.",
        "Does your function use its own name where another one is meant?",
        r"RecursionError",
    ),
    Trouble(
        "MemoryError, or the kernel died",
        "An array was made as large as N or D.",
        "N and D are numbers to compute with, never sizes of arrays. Restart the kernel.",
        r"MemoryError|died",
    ),
    Trouble(
        "AttributeError: ... has no attribute",
        "The name after the dot does not exist there.",
        "Type the dot and press Tab: the names there are appear.",
        r"AttributeError",
    ),
    Trouble(
        "The check says “not answered yet”, but I have answered",
        "The cell with the answer was changed but not run, or the stub's last line is still there.",
        "Run the cell (Shift and Enter), remove `raise NotImplementedError` or `...` from it, then run the check.",
        r"not answered",
    ),
    Trouble(
        "A cell shows [*] for ever",
        "Something runs without end, or waits for input().",
        "Interrupt the kernel (the black square). A check stops by itself.",
        r"\[\*\]|endless|hang",
    ),
)


def _latest() -> str:
    error = getattr(sys, "last_value", None)
    return f"{type(error).__name__}: {error}" if error is not None else ""


class HelpTable:
    """All the errors that help knows."""

    def __repr__(self) -> str:
        return "\n".join(["Help, I am getting ...", *(f"  {t.looks}\n      {t.means} {t.do}" for t in TROUBLES)])

    def _repr_html_(self) -> str:
        rows = [[f"<strong>{prose(t.looks)}</strong>", prose(t.means), prose(t.do)] for t in TROUBLES]
        return table("Help, I am getting ...", ["what you see", "what it means", "what to do"], rows)


def help_me(error: Any = None) -> Card | HelpTable:
    """Help, I am getting an error: what it means and what to do.

    Parameters
    ----------
    error : str, exception or None
        The error, its name, or a piece of its text; by default the last one in this session. ``help_me("all")``
        lists them.

    Examples
    --------
    >>> print(help_me("NameError").paragraphs[0])
    Python has not seen that name since the kernel started.
    """
    if isinstance(error, type):
        text = error.__name__
    elif isinstance(error, BaseException):
        text = f"{type(error).__name__}: {error}"
    else:
        text = _latest() if error is None else str(error)
    first = [trouble for trouble in TROUBLES if text and re.search(trouble.pattern, text)]
    if not first:
        return HelpTable()
    # the message says more than the kind of error: the longest match wins
    best = max(first, key=lambda t: (t.pattern not in {"KeyError", "AttributeError"}, -TROUBLES.index(t)))
    return Card(f"Help, I am getting {text[:200]}", (best.means, best.do))
