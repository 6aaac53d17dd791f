"""Each exercise against its bank: right answers pass, wrong ones are rejected by name."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scaling_lib.checks import check, exercises, given
from scaling_lib.checks._model import SEED_VARIABLE

BANKS = Path(__file__).parent / "checks"


def _bank(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


MODULES = [_bank(path) for path in sorted(BANKS.glob("bank_ch*.py"))]
RIGHT = {id: entries for module in MODULES for id, entries in module.RIGHT.items()}
WRONG = {id: entries for module in MODULES for id, entries in module.WRONG.items()}
_cases = lambda bank: [
    pytest.param(id, entry, id=f"{id}: {entry.what}") for id, entries in bank.items() for entry in entries
]  # noqa: E731


@pytest.mark.parametrize("exercise", exercises(), ids=lambda item: item.id)
def test_every_exercise_has_a_bank(exercise: Any) -> None:
    assert len(RIGHT.get(exercise.id, ())) >= 2, "two right answers in different styles"
    assert len(WRONG.get(exercise.id, ())) >= 4, "four wrong answers"


@pytest.mark.parametrize("seed", ["", "1", "a term of 2026"])
@pytest.mark.parametrize(("id", "entry"), _cases(RIGHT))
def test_right_answers_earn_everything(id: str, entry: Any, seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SEED_VARIABLE, seed)
    report = check(id, *entry.answers(given(id)))
    assert report.passed and report.earned == report.points, str(report)


@pytest.mark.parametrize("seed", ["", "2"])
@pytest.mark.parametrize(("id", "entry"), _cases(WRONG))
def test_wrong_answers_are_rejected_by_name(id: str, entry: Any, seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SEED_VARIABLE, seed)
    report = check(id, *entry.answers(given(id)))
    assert report.answered and not report.passed and report.earned < report.points
    if entry.diagnosis:
        assert entry.diagnosis in report.diagnoses, str(report)
    assert all(row.message for row in report.rows if row.state in {"wrong", "partly"}), "something is said about each"


def test_nine_in_ten_wrong_answers_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Counted by what the checks say, not by what the bank hopes for."""
    lines, named, total = [], 0, 0
    for id, entries in WRONG.items():
        found = sum(bool(check(id, *entry.answers(given(id))).diagnoses) for entry in entries)
        lines.append(f"{id:16} {found:3} of {len(entries):3} wrong answers named")
        named, total = named + found, total + len(entries)
    with capsys.disabled():
        print("\n" + "\n".join([*lines, f"{'together':16} {named:3} of {total:3}, {100 * named / total:.0f} %"]))
    assert named >= 0.9 * total


@pytest.mark.parametrize("exercise", exercises(), ids=lambda item: item.id)
def test_declared_mistakes_differ_from_the_truth_and_from_each_other(exercise: Any) -> None:
    from scaling_lib.checks import Agrees, Value

    for part in exercise.parts:
        names = [mistake.name for mistake in part.named]
        assert len(set(names)) == len(names)
        for mistake in part.named:
            assert len(mistake.message) > 25
            if isinstance(part, Agrees):
                answers = [mistake.answer if answer.name == part.function else ... for answer in exercise.answers]
            elif isinstance(part, Value):
                answers = [
                    _plain(mistake.answer(given(exercise.id)), part) if answer.name == part.answer else ...
                    for answer in exercise.answers
                ]
            else:
                from scaling_lib.checks.ch05_chinchilla import best_fit

                answers = [mistake.answer(best_fit().law)]
            row = check(exercise.id, *answers).rows[exercise.parts.index(part)]
            if part.label.startswith("at most 4") and row.state == "right":
                continue  # a small slope passes the lower bar
            assert (
                row.diagnosis == mistake.name
            ), f"{part.label}: {mistake.name} was taken for {row.diagnosis!r}: {row.message}"


def _plain(value: Any, part: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value
