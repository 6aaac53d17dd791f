"""`check`: judge the learner's answers, and never raise."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import _progress, _registry
from ._model import Attempt, Exercise, NotAnswered, Wrong, course_seed
from ._report import Report, Row
from ._sandbox import KEPT, Emit, Outcome, run

__all__ = ["check"]


def check(id: str, *answers: Any, seed: int | None = None, points: float | None = None) -> Report:
    """Judge the answers to an exercise.

    It never raises. A learner's function runs in a child of its own with one deadline for the whole check and a
    memory limit, and gets copies, so nothing that it does harms the notebook. Points are partial.

    Parameters
    ----------
    id : str
        The exercise, such as ``"ch05.optimum"``.
    *answers
        What the exercise asks for, in its order: functions without parentheses, numbers, lists, words.
    seed : int, optional
        Other random instances than the usual ones: for a grader's own test. The numbers of the task stay.
    points : float, optional
        What full marks are worth here; by default the points of the exercise.

    Returns
    -------
    Report
        Shown as a card; its ``text/plain`` is the earned points as a bare number.

    Examples
    --------
    >>> report = check("ch05.optimum", ...)
    >>> report
    0.0
    >>> report.answered
    False
    """
    try:
        exercise = _registry.exercise(id)
    except Exception as error:
        return Report(str(id)[:60], "check", problem=f"{error}"[:500])
    try:
        report = _judge(exercise, answers, seed, points)
    except Exception as error:  # a defect of the check itself must not look like the learner's
        return Report(
            exercise.id,
            exercise.title,
            rows=tuple(Row(part.label, "open", part.points) for part in exercise.parts),
            problem=(
                f"The check itself failed ({type(error).__name__}: {error}). That is a fault of the course, not of your"
                " answer: please report it."
            ),
        )
    if seed is None and report.answered:
        report = _progress.record(exercise, report)
    return report


def _judge(exercise: Exercise, answers: Sequence[Any], seed: int | None, points: float | None) -> Report:
    names = [answer.name for answer in exercise.answers]
    if len(answers) == 1 and answers[0] is ...:
        answers = [...] * len(names)
    if len(answers) != len(names):
        wanted = ", ".join(f"{answer.name} ({answer.what})" for answer in exercise.answers)
        arrived = "1 answer" if len(answers) == 1 else f"{len(answers)} answers"
        rows = tuple(Row(part.label, "open", part.points) for part in exercise.parts)
        call = f'check("{exercise.id}", {", ".join(names)})'
        return Report(
            exercise.id,
            exercise.title,
            rows,
            problem=f"{arrived} arrived, {len(names)} {'is' if len(names) == 1 else 'are'} asked for: {wanted}. Write `{call}`.",
        )
    bound = dict(zip(names, answers, strict=True))
    given = exercise.numbers()
    stream = [course_seed(), 0 if seed is None else 1 + abs(int(seed)), zlib.crc32(exercise.id.encode())]

    def work(emit: Emit) -> None:
        notes: list[str] = []
        for index, part in enumerate(exercise.parts):
            emit({"start": index})
            attempt = Attempt(bound, given, np.random.default_rng([*stream, index]), notes)
            row: dict[str, Any] = {"row": index, "state": "right", "fraction": 1.0}
            try:
                part.judge(attempt)
            except NotAnswered:
                row.update(state="open", fraction=0.0)
            except Wrong as wrong:
                state = "partly" if 0 < wrong.fraction < 1 else "wrong"
                row.update(state=state, fraction=wrong.fraction, message=wrong.message, diagnosis=wrong.name)
            except Exception as error:
                text = f"This answer could not be judged ({type(error).__name__}: {error})"[:300]
                row.update(
                    state="wrong",
                    fraction=0.0,
                    message=f"{text}. If it looks right to you, please report it.",
                    diagnosis="not judged",
                )
            emit({**row, "notes": list(notes)})

    if _all_blank(bound):  # nothing to run
        return Report(
            exercise.id, exercise.title, tuple(Row(part.label, "open", part.points) for part in exercise.parts)
        )
    exercise.prepare(given)
    outcome = run(work, seconds=exercise.seconds, in_process=exercise.in_process)
    scale = 1.0 if points is None else float(points) / exercise.points
    return _report(exercise, outcome, scale)


def _all_blank(bound: dict[str, Any]) -> bool:
    from ._values import is_blank

    return all(is_blank(value) for value in bound.values())


def _report(exercise: Exercise, outcome: Outcome, scale: float) -> Report:
    found = {message["row"]: message for message in outcome.messages if "row" in message}
    started = max((message["start"] for message in outcome.messages if "start" in message), default=0)
    rows = []
    for index, part in enumerate(exercise.parts):
        message = found.get(index)
        if message is not None:
            earned = round(part.points * message["fraction"], 4)
            rows.append(
                Row(
                    part.label,
                    message["state"],
                    part.points,
                    earned,
                    message.get("message", ""),
                    message.get("diagnosis", ""),
                )
            )
        elif index == started:
            rows.append(_ended(exercise, outcome, part.label, part.points))
        else:
            rows.append(Row(part.label, "open", part.points, message="Not reached."))
    notes = list(next((found[index]["notes"] for index in sorted(found, reverse=True)), []))
    if not outcome.forked:
        notes.append(
            "This check runs inside the notebook itself, without a memory limit. If it hangs, interrupt the kernel."
        )
    printed = outcome.printed.rstrip()
    if outcome.printed_chars > KEPT:
        printed += f"\n... ({outcome.printed_chars:,} characters in all; the rest is left out)"
    return Report(exercise.id, exercise.title, tuple(rows), scale, tuple(notes), printed)


def _ended(exercise: Exercise, outcome: Outcome, label: str, points: float) -> Row:
    if outcome.ending == "deadline":
        text = (
            f"After {exercise.seconds:g} s your code was still running and was stopped. Is there a loop whose condition"
            " never becomes false, or one that counts up to N or D?"
        )
        return Row(label, "wrong", points, message=text, diagnosis="endless")
    if outcome.ending == "interrupted":
        return Row(label, "open", points, message="You interrupted the check.", diagnosis="interrupted")
    text = (
        f"Your code ended Python itself ({outcome.detail}). The notebook was not harmed: it ran in a process of its"
        " own."
    )
    return Row(label, "wrong", points, message=text, diagnosis="crash")
