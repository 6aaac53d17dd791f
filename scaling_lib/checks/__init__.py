"""Feedback while you work: `check` judges an answer, `hint` helps, `progress` remembers.

Which to use when:

* ``check("ch05.optimum", optimum)`` shows a card that says what is right and what looks wrong; it never raises.
* ``hint("ch05.optimum")`` gives the idea, then the formula, then nearly the code.
* ``given("ch05.options")`` holds the numbers of an exercise; the course seed (SCALING_LIB_SEED) changes them.
* ``with needs("ch05.optimum"):`` lets a cell wait for an answer.
* ``help_me()`` explains the last error; ``help_me("all")`` the usual ones.
* ``progress()`` shows what was solved; ``progress.export(file)`` and ``progress.restore(file)`` carry it elsewhere;
  ``reset("ch05.optimum")`` begins an exercise again.

How a chapter's file, ``chNN_slug.py``, is written (it is found by its name; ``EXERCISES`` lists what it declares):

1. *Truth first.* One function for each answer that calls `laws`, `compute`, `fitting` or `datasets`: no formula stands
   here twice. It takes a case (for `Agrees`) or the exercise's numbers (for `Value`).
2. *Mistakes are the truth with the error built in*, so one list serves the check and its test. What recurs is in
   `_mistakes`: `flop_counts`, `exchanged`, `forgotten`, `times`, `fraction`, `upside_down`. Sign, powers of ten, mixed or
   forgotten logarithms and two results exchanged are named without any declaration.
3. *Parts*: `Agrees` for a function, `Value` for numbers, `Choice` and `Verdicts` for a judgement, `Holds` for a property
   or a widget. For arrays take the same part again: ``replace(part, label="it takes arrays", cases=stacked(_cases))``.
4. *Numbers* of the task come from ``given``: those of the text for seed 0, others in the same range for another seed.
5. *Constants* of a fit and other slow work: a ``@cache`` function that ``prepare`` calls before the clock starts.

A whole exercise:

>>> from scaling_lib import compute
>>> from scaling_lib.checks._mistakes import flop_counts
>>> Exercise(
...     "ch03.cost", "What a run costs", kind="implement", difficulty=1, minutes=5,
...     goal="Write `cost(N, D)`: the FLOP that train N parameters on D tokens.",
...     success="GPT-3's numbers give 3.15e23.",
...     answers=(Answer("cost", "your function, without parentheses"),),
...     parts=(
...         Agrees("the compute", 2, "cost", lambda rng: [tuple(10 ** rng.uniform(6, 12, 2)) for _ in range(8)],
...                compute.train_flop, ("C",), ("FLOP",),
...                mistakes=flop_counts(lambda per: lambda N, D: per * N * D)),
...     ),
...     hints=("Each token meets each parameter.", "Twice forwards, four times backwards.", "return 6 * N * D"),
... ).points
2
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
