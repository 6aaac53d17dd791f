"""Each exercise of every chapter against its bank: right answers pass, wrong ones are rejected by name.

A new chapter is covered as soon as its files exist. ``SEEDS=20`` runs everything under course seeds 1 to 20 as well
(`make variants`).
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scaling_lib.checks import (
    Agrees, Report, Value, Verdicts, Wrong, chapter, chapters, check, exercise, exercises, given, module_of,
)
from scaling_lib.checks._model import SEED_VARIABLE, Attempt

sys.path.insert(0, str(Path(__file__).parent / "checks"))
from entries import banks  # noqa: E402

BANKS = banks()
RIGHT = {id: entries for module in BANKS.values() for id, entries in module.RIGHT.items()}
WRONG = {id: entries for module in BANKS.values() for id, entries in module.WRONG.items()}
MORE = [str(seed) for seed in range(1, int(os.environ.get("SEEDS", "0")) + 1)]
_by_exercise = pytest.mark.parametrize("exercise", exercises(), ids=lambda item: item.id)
_by_chapter = pytest.mark.parametrize("name", chapters())


def _cases(bank: dict[str, list[Any]]) -> list[Any]:
    return [pytest.param(id, entry, id=f"{id}: {entry.what}") for id, entries in bank.items() for entry in entries]


def _checked(id: str, entry: Any, seed: str, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The usual numbers are checked in a child, as a learner's are; those of a seed in this process, which is faster."""
    monkeypatch.setenv(SEED_VARIABLE, seed)
    monkeypatch.setenv("SCALING_LIB_FORK", "0" if seed else "1")
    return check(id, *entry.answers(given(id)))


# ------------------------------------------------------------------------------------------------ nothing is missing


def test_every_chapter_has_a_bank_and_every_bank_a_chapter() -> None:
    assert set(BANKS) == {module_of(name) for name in chapters()}
    for stem, module in BANKS.items():
        ids = {item.id for item in chapter(stem[:4])}
        assert set(module.RIGHT) == set(module.WRONG) == ids, f"{stem}: an exercise without entries, or entries without"


@_by_exercise
def test_every_exercise_has_a_bank(exercise: Any) -> None:
    for bank, least in ((RIGHT, 2), (WRONG, 4)):
        entries = bank.get(exercise.id, ())
        assert len({entry.what for entry in entries}) == len(entries), "two entries are called the same"
        assert len(entries) >= least, f"{least} are asked for"


@_by_chapter
def test_a_chapter_asks_for_different_things(name: str) -> None:
    """Five exercises or more, which cover all five kinds."""
    kinds = {"judge" if item.kind == "find the error" else item.kind for item in chapter(name)}
    missing = {"implement", "use", "judge", "move", "stretch"} - kinds
    assert len(chapter(name)) >= 5
    assert not missing, f"no exercise of the kind {', '.join(missing)}"


@_by_exercise
def test_points_are_partial_and_functions_meet_many_instances(exercise: Any) -> None:
    """Seeded instances that differ; arrays as well as scalars, unless arrays go in and one number comes out."""
    assert len(exercise.parts) > 1 or isinstance(exercise.parts[0], Verdicts), "all or nothing"
    for function in {part.function for part in exercise.parts if isinstance(part, Agrees)}:
        parts = [part for part in exercise.parts if isinstance(part, Agrees) and part.function == function]
        cases, others = (
            [case for part in parts for case in part.cases(np.random.default_rng(seed))] for seed in (1, 2)
        )
        assert len(cases) >= 5 and repr(cases) != repr(others), f"{function}: too few instances, or always the same"
        arrays = [any(isinstance(value, np.ndarray) for value in case) for case in cases]
        if not parts[0].reduces:
            assert any(arrays) and not all(arrays), f"{function}: give it scalars and arrays"


def test_a_bank_is_found_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "bank_ch77_anything.py").write_text("from entries import Entry\nRIGHT = WRONG = {'ch77.a': [Entry]}\n")
    assert list(banks(tmp_path)) == ["ch77_anything"]


# ----------------------------------------------------------------------------------------------- what the checks say


@pytest.mark.parametrize("seed", ["", "1", "a term of 2026", *MORE[1:]])
@pytest.mark.parametrize(("id", "entry"), _cases(RIGHT))
def test_right_answers_earn_everything(id: str, entry: Any, seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = _checked(id, entry, seed, monkeypatch)
    assert report.passed and report.earned == report.points, str(report)


@pytest.mark.parametrize("seed", ["", "2", *MORE[:1], *MORE[2:]])
@pytest.mark.parametrize(("id", "entry"), _cases(WRONG))
def test_wrong_answers_are_rejected_by_name(id: str, entry: Any, seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = _checked(id, entry, seed, monkeypatch)
    assert report.answered and not report.passed and report.earned < report.points
    if entry.diagnosis:
        assert entry.diagnosis in report.diagnoses, str(report)
    assert all(row.message for row in report.rows if row.state in {"wrong", "partly"}), "something is said about each"
    for part, row in zip(exercise(id).parts, report.rows, strict=True):
        for shown in _shown_truths(part, given(id)) if isinstance(part, Value) else ():
            assert not re.search(rf"(?<![\d.]){re.escape(shown)}(?![\d.])", row.message), f"gives the answer away: {row.message}"


def _shown_truths(part: Value, numbers: Any) -> set[str]:
    """The right numbers as a message would write them, those with three digits or more."""
    truths = np.ravel(np.asarray(part.truth(numbers), dtype=float))
    texts = {f"{truth:{spec}}" for truth in truths for spec in (".2e", ".3g", ",.0f", ".0f", ".2f")}
    return {text for text in texts if len(re.sub(r"e.*|\D", "", text).strip("0")) > 2}


@_by_chapter
def test_nine_in_ten_wrong_answers_are_named(name: str, record_property: pytest.RecordProperty) -> None:
    """That the checks do say the name, is tested above for each; the summary of the tests prints the share."""
    entries = [(item.id, entry) for item in chapter(name) for entry in WRONG[item.id]]
    bare = [f"{id}: {entry.what}" for id, entry in entries if not entry.diagnosis]
    right = sum(len(RIGHT[item.id]) for item in chapter(name))
    record_property("wrong answers", [name, len(chapter(name)), right, len(entries), bare])
    assert len(bare) <= 0.1 * len(entries), f"only rejected: {'; '.join(bare)}"


@_by_exercise
def test_no_declared_message_gives_the_answer_away(exercise: Any) -> None:
    for mistake in exercise.mistakes.values():
        assert not re.search(r"\d{3,}\.\d|\de\d", mistake.message), mistake.message


# ------------------------------------------------------------------------------------------------- declared mistakes


@pytest.mark.parametrize("seed", ["", *MORE])
@_by_exercise
def test_declared_mistakes_differ_from_the_truth_and_from_each_other(
    exercise: Any, seed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part names each of its mistakes; one of `Holds` may pass a part, if another part of the exercise names it.

    A mistake of `Holds` takes the right answer (the first of the bank) and returns the wrong one.
    """
    monkeypatch.setenv(SEED_VARIABLE, seed)
    numbers = given(exercise.id)
    exercise.prepare(numbers)
    passed, named = set(), set()
    for part in exercise.parts:
        assert len({mistake.name for mistake in part.named}) == len(part.named)
        for mistake in part.named:
            assert len(mistake.message) > 25
            answers = dict.fromkeys((answer.name for answer in exercise.answers), ...)
            if isinstance(part, Agrees):
                answers[part.function] = mistake.answer
            elif isinstance(part, Value):
                value = mistake.answer(numbers)
                answers[part.answer] = value.tolist() if hasattr(value, "tolist") else value
            else:
                right = RIGHT[exercise.id][0].answers(numbers)
                names = [answer.name for answer in exercise.answers]
                wrong = mistake.answer(*(right[names.index(name)] for name in part.uses))
                answers.update(zip(part.uses, wrong if len(part.uses) > 1 else (wrong,), strict=True))
            said = _said(part, Attempt(answers, numbers, np.random.default_rng([5, len(seed), *seed.encode()])))
            if said is None and not isinstance(part, (Agrees, Value)):
                passed.add(mistake.name)
                continue
            assert said is not None and said.name == mistake.name, (
                f"{part.label}: {mistake.name} was taken for {said.name if said else 'right'!r}: {said}"
            )
            named.add(mistake.name)
    assert passed <= named, f"{passed - named} pass"


def _said(part: Any, attempt: Attempt) -> Wrong | None:
    try:
        part.judge(attempt)
    except Wrong as wrong:
        return wrong
    return None


# ------------------------------------------------------------------------------------- whatever a function returns


def _endless(*_: Any) -> Any:
    while True:
        pass


def _recursive(*case: Any) -> Any:
    return _recursive(*case)


def _megabyte(*_: Any) -> Any:
    print("x" * 1_000_000)


def _generator(*_: Any) -> Any:
    yield 1.0


HOSTILE: dict[str, Any] = {
    "none": lambda *_: None,
    "nan": lambda *_: float("nan"),
    "text": lambda *_: "about thirty",
    "generator": _generator,
    "memory": lambda *_: np.ones(10**12),
    "shape": lambda *_: np.ones(2_000_000),
    "raises": lambda *_: 1 / 0,
    "recursion": _recursive,
    "endless": _endless,
    "megabyte": _megabyte,
}
FUNCTIONS = [item for item in exercises() if any(isinstance(part, Agrees) for part in item.parts)]


def _with_functions(exercise: Any, numbers: Any, change: Any) -> list[Any]:
    """The bank's first right answers, `change` made to each function among them."""
    functions = {part.function for part in exercise.parts if isinstance(part, Agrees)}
    right = RIGHT[exercise.id][0].answers(numbers)
    return [change(value) if answer.name in functions else value
            for answer, value in zip(exercise.answers, right, strict=True)]


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda item: item.id)
def test_a_hostile_function_gets_a_helpful_card(exercise: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(exercise), "seconds", 1.5 if kind == "endless" else 20.0)
    numbers = given(exercise.id)
    report = check(exercise.id, *_with_functions(exercise, numbers, lambda function: HOSTILE[kind]))
    judged = [row for part, row in zip(exercise.parts, report.rows, strict=True) if isinstance(part, Agrees)]
    assert not report.problem and not any(row.earned for row in judged), str(report)
    assert judged[0].message and judged[0].diagnosis, str(report)
    if kind not in {"megabyte", "nan", "text", "generator", "shape"}:  # several outputs are first missed by their number
        assert judged[0].diagnosis == kind, str(report)
    assert len(str(report)) < 6000
    if kind in {"endless", "memory", "recursion"}:
        assert check(exercise.id, *RIGHT[exercise.id][0].answers(numbers)).passed, "the next check goes on"


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda item: item.id)
def test_a_right_function_may_shout_and_spoil_its_arguments(exercise: Any) -> None:
    def rude(function: Any) -> Any:
        def called(*case: Any) -> Any:
            out = function(*case)
            print("x" * 100_000)
            for value in case:
                if isinstance(value, np.ndarray):
                    value[...] = 0
            del case
            return out

        return called

    report = check(exercise.id, *_with_functions(exercise, given(exercise.id), rude))
    assert report.passed and len(report.printed) < 6000, str(report)


# --------------------------------------------------------------------------------------------------------- variants


@_by_exercise
def test_a_course_seed_changes_the_numbers_and_not_the_lesson(exercise: Any) -> None:
    """The same names, units and meanings under each seed; what is given is not always the same."""
    first = exercise.given(0)
    others = [exercise.given(seed) for seed in range(1, 21)]
    lesson = {name: (quantity.unit, quantity.meaning, np.shape(quantity.value)) for name, quantity in first.items()}
    for other in others:
        assert lesson == {name: (q.unit, q.meaning, np.shape(q.value)) for name, q in other.items()}
    shown = {repr({name: q.value for name, q in other.items()}) for other in others}
    assert not first or len(shown) > 3, "the numbers stay the same"


@_by_chapter
def test_some_numbers_of_a_chapter_are_the_seeds(name: str) -> None:
    assert any(item.given(0) for item in chapter(name)), "no exercise of this chapter has numbers of its own (given=)"


def test_the_claim_of_the_longest_context_depends_on_the_width() -> None:
    from dataclasses import replace

    from scaling_lib import published
    from scaling_lib.checks.ch03_counting import _MODELS

    shapes = [replace(published.SHAPES[name], n_ctx=2**14) for name in _MODELS]
    missed = {s.d_model: s.attention_flop_per_token / (2 * s.params("non_embedding")) for s in shapes}
    assert missed[max(missed)] < 0.1 < missed[min(missed)]
    assert [missed[d] for d in sorted(missed)] == sorted(missed.values(), reverse=True)
