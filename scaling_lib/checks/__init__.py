"""Feedback while you work: `check` judges an answer, `hint` helps, `progress` remembers.

Which to use when:

* ``check("ch05.optimum", optimum)`` shows a card that says what is right and what looks wrong; it never raises.
* ``hint("ch05.optimum")`` gives the idea, then the formula, then nearly the code.
* ``given("ch05.options")`` holds the numbers of an exercise; the course seed (SCALING_LIB_SEED) changes them.
* ``with needs("ch05.optimum"):`` lets a cell wait for an answer.
* ``help_me()`` explains the last error; ``help_me("all")`` the usual ones.
* ``progress()`` shows what was solved; ``progress.export(file)`` and ``progress.restore(file)`` carry it elsewhere;
  ``reset("ch05.optimum")`` begins an exercise again.

Exercises are declared in one module a chapter, ``chNN_slug.py``, from the parts `Agrees`, `Holds`, `Value`, `Verdicts`
and `Choice`.
"""

from ._help import Card, help_me, hint
from ._model import Answer, Attempt, Exercise, Given, Mistake, NotAnswered, Part, Quantity, Wrong, course_seed
from ._needs import needs
from ._parts import Agrees, Choice, Holds, Value, Verdicts
from ._progress import ProgressTable, progress, reset
from ._registry import chapter, chapters, exercise, exercises, module_of
from ._report import Report, Row
from ._run import check
from ._shadow import install as _install

__all__ = [
    "Agrees",
    "Answer",
    "Attempt",
    "Card",
    "Choice",
    "Exercise",
    "Given",
    "Holds",
    "Mistake",
    "NotAnswered",
    "Part",
    "ProgressTable",
    "Quantity",
    "Report",
    "Row",
    "Value",
    "Verdicts",
    "Wrong",
    "chapter",
    "chapters",
    "check",
    "course_seed",
    "exercise",
    "exercises",
    "given",
    "help_me",
    "hint",
    "module_of",
    "needs",
    "progress",
    "reset",
]


def given(id: str) -> Given:
    """The numbers of an exercise, for this course seed.

    Parameters
    ----------
    id : str
        The exercise, such as ``"ch05.optimum"``.

    Raises
    ------
    ValueError
        If there is no such exercise.

    Examples
    --------
    >>> given("ch05.invoice").N
    7000000000.0
    """
    return exercise(id).numbers()


_install({"check": check, "hint": hint, "given": given, "reset": reset})
