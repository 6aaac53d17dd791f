"""Grading: what nbgrader releases is the learners' notebook, and what comes back earns what it should.

These tests need nbgrader (requirements-teach.txt, which `make test` installs) and fail without it. In the tests chapter
5 makes the whole round trip and every chapter is released; with ``SEEDS`` set (`make variants`) every chapter does.
"""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scaling_lib.checks import chapters

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import assignment  # noqa: E402
import exercises as generator  # noqa: E402

TRIED = [name[2:] for name in chapters()] if os.environ.get("SEEDS") else ["05"]
_by_chapter = pytest.mark.parametrize("path", generator.sources(), ids=lambda path: path.stem)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "tools" / "assignment.py"), *arguments],
        capture_output=True, text=True, timeout=540, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.notebooks
@pytest.mark.parametrize("name", TRIED)
def test_the_round_trip(name: str, tmp_path: Path) -> None:
    """Solutions earn every point, the untouched copy none, half the answers theirs; checked cell by cell."""
    done = _run(str(tmp_path), name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(f"{who} " in done.stdout for who in ("solved", "untouched 0 of", "partly")), done.stdout


def test_every_chapter_is_released_clean_and_a_teachers_files_stay(tmp_path: Path) -> None:
    stem = generator.sources()[0].stem
    stray, kept = tmp_path / "source" / stem / "solution.py", tmp_path / "submitted" / "ada" / stem / f"{stem}.ipynb"
    for path in (stray, kept):
        path.parent.mkdir(parents=True)
        path.write_text("mine")
    done = _run(str(tmp_path), "all", "--release-only")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in (tmp_path / "release").iterdir()} == {path.stem for path in generator.sources()}
    assert not stray.exists() and kept.read_text() == "mine"


def test_without_nbgrader_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    assert assignment.main([str(tmp_path), "05"]) == 2
    assert "pip install -r requirements-teach.txt" in capsys.readouterr().err


def test_an_unknown_chapter_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert assignment.main([str(tmp_path), "05", "77"]) == 2
    assert "No chapter is called 77" in capsys.readouterr().err and not list(tmp_path.iterdir())


@_by_chapter
def test_half_the_answers_are_worth_something_between(path: Path) -> None:
    source = generator.parse(path)
    _, fractions = assignment.partly(generator.staged(source), source)
    assert 0.0 in fractions.values() and 1.0 in fractions.values()
    assert list(fractions) == [
        cell.id for cell in generator.staged(source).cells if cell.metadata.get("nbgrader", {}).get("grade")
    ]


@_by_chapter
def test_a_leak_in_the_release_is_found(path: Path) -> None:
    source = generator.parse(path)
    learners = {cell.id: cell.source for cell in generator.student(source).cells}
    released = generator.staged(source)
    for cell in released.cells:
        cell.source = learners.get(cell.id, "# A further test of your answer runs here.")
    assignment._compare(path, source, released)  # what nbgrader should make
    for role, says in (("answer", "differs"), ("hidden", "a hidden test is in the release")):
        leaked = copy.deepcopy(released)
        name = next(cell.metadata["name"] for cell in source.cells if cell.metadata.get("role") == role)
        next(cell for cell in leaked.cells if cell.id == name).source += "\nsecret = 41"
        with pytest.raises(assignment.Failed, match=says):
            assignment._compare(path, source, leaked)
    del released.cells[-1]
    with pytest.raises(assignment.Failed, match="other cells"):
        assignment._compare(path, source, released)
