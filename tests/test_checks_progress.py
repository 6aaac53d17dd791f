"""Progress: never lost, written only where a person works, exported, restored, reset."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from scaling_lib.checks import _progress, check, exercise, hint, progress, reset

RIGHT_INVOICE = [6 * 7e9 * 2e12, 8.4e22 / 312e12 / 86400, 8.4e22 / 312e12 / 3600 * 3, [False, False, True]]


@pytest.fixture()
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(_progress.FILE_VARIABLE, str(tmp_path / "p" / "progress.json"))
    monkeypatch.delenv(_progress.OFF_VARIABLE, raising=False)
    monkeypatch.delenv("SCALING_LIB_SEED", raising=False)
    return tmp_path / "p" / "progress.json"


def _best(file: Path) -> float:
    return float(json.loads(file.read_text())["exercises"]["ch05.invoice"]["best"])


def test_points_are_kept_and_only_rise(file: Path) -> None:
    half = check("ch05.invoice", RIGHT_INVOICE[0], 1.0, ..., ...)
    assert half.earned == 1 and _best(file) == 0.25
    assert check("ch05.invoice", *RIGHT_INVOICE).passed and _best(file) == 1
    check("ch05.invoice", 1.0, 1.0, 1.0, ...)
    entry = json.loads(file.read_text())["exercises"]["ch05.invoice"]
    assert entry["best"] == 1 and entry["points"] == 4 and entry["tries"] == 3 and entry["solved"] and entry["last"]
    table = progress("ch05")
    assert table.earned == 4 and table.points == sum(item.points for item, _ in table.rows)
    assert (
        "solved" in repr(table) and "4 of 4" in repr(table) and "aria-label" in table._repr_html_() and not table.note
    )
    assert "ch05.invoice" in repr(progress) and progress._repr_html_()


def test_what_is_not_answered_leaves_no_trace(file: Path) -> None:
    check("ch05.invoice", ..., ..., ..., ...)
    check("ch05.optimum", lambda *a: (1.0, 2.0), seed=4)
    assert not file.exists()


def test_hints_are_counted(file: Path) -> None:
    reset("ch05.options")
    hint("ch05.options")
    hint("ch05.options")
    assert json.loads(file.read_text())["exercises"]["ch05.options"]["hints"] == 2
    reset("ch05.options")
    assert "hint 1" in hint("ch05.options").title


def test_reset_forgets_one_and_keeps_the_file_before(file: Path) -> None:
    check("ch05.invoice", *RIGHT_INVOICE)
    check("ch05.interval", 1.0, 2.0, "confirmed")
    table = reset("ch05.invoice")
    assert table.earned == 0 and "ch05.interval" in file.read_text()
    assert "ch05.invoice" in file.with_name("progress.json.bak").read_text()
    with pytest.raises(ValueError, match="no exercise"):
        reset("ch05.nothing")


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 99, "exercises": {}}',
        '{"version": 1, "exercises": {"a": 3}}',
        '{"version": 1, "exercises": {"a": {"best": 7}}}',
        "\udc80",
    ],
)
def test_a_damaged_file_is_kept_aside_and_told(file: Path, damage: str) -> None:
    check("ch05.invoice", *RIGHT_INVOICE)
    check("ch05.invoice", *RIGHT_INVOICE)  # so that there is a backup
    file.write_bytes(damage.encode("utf-8", "surrogateescape"))
    report = check("ch05.interval", 1.0, 2.0, "confirmed")
    assert any("could not be read" in note and "backup" in note for note in report.notes)
    assert progress("ch05").earned == 4
    aside = list(file.parent.glob("progress.unreadable-*.json"))
    assert len(aside) == 1 and aside[0].read_bytes() == damage.encode("utf-8", "surrogateescape")


def test_a_damaged_file_without_a_backup_begins_anew(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("{")
    assert "starts anew" in progress("ch05").note
    assert progress("ch05").note == "" and list(file.parent.glob("*unreadable*"))


def test_a_deleted_file_comes_back_from_its_backup(file: Path) -> None:
    check("ch05.invoice", *RIGHT_INVOICE)
    check("ch05.invoice", *RIGHT_INVOICE)
    file.unlink()
    assert progress("ch05").earned == 4 and "was missing" in progress("ch05").note


def test_a_crash_while_writing_loses_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check("ch05.invoice", *RIGHT_INVOICE)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    report = check("ch05.interval", 1.0, 2.0, "confirmed")
    assert any("No space left" in note for note in report.notes) and report.answered
    monkeypatch.undo()
    assert _best(file) == 1 and not list(file.parent.glob("*.tmp"))


def test_a_folder_that_cannot_be_made_harms_nothing(file: Path) -> None:
    file.parent.write_text("a file where the folder should be")
    report = check("ch05.invoice", *RIGHT_INVOICE)
    assert report.passed and any("could not be kept" in note for note in report.notes)
    assert hint("ch05.rule").paragraphs


def _many(path: str, id: str) -> None:
    os.environ[_progress.FILE_VARIABLE] = path
    item = exercise(id)
    for _ in range(10):
        _progress.record(item, check(id, ..., seed=1))


def test_two_kernels_take_turns(file: Path) -> None:
    fork = multiprocessing.get_context("spawn")
    workers = [fork.Process(target=_many, args=(str(file), id)) for id in ("ch05.optimum", "ch05.rule")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    entries = json.loads(file.read_text())["exercises"]
    assert {id: entry["tries"] for id, entry in entries.items()} == {"ch05.optimum": 10, "ch05.rule": 10}


def test_export_and_restore_keep_the_better(file: Path, tmp_path: Path) -> None:
    check("ch05.invoice", *RIGHT_INVOICE)
    saved = progress.export(tmp_path / "mine.json")
    reset("ch05.invoice")
    check("ch05.invoice", RIGHT_INVOICE[0], 1.0, ..., ...)
    assert progress.restore(saved).earned == 4 and _best(file) == 1
    other = tmp_path / "other.json"
    other.write_text('{"a": 1}')
    for call in (progress.restore, progress.export):
        with pytest.raises(ValueError, match="progress"):
            call(other)
    assert other.read_text() == '{"a": 1}', "a file that is not ours is not overwritten"
    with pytest.raises(ValueError, match="progress"):
        progress.restore(tmp_path / "nowhere.json")
    with pytest.raises(ValueError, match="no exercises"):
        progress("ch99")


@pytest.mark.parametrize(
    ("platform", "variables", "ends"),
    [
        ("linux", {}, ".local/share/scaling-laws-hands-on/progress.json"),
        ("linux", {"XDG_DATA_HOME": "/x"}, "/x/scaling-laws-hands-on/progress.json"),
        ("darwin", {}, "Library/Application Support/scaling-laws-hands-on/progress.json"),
    ],
)
def test_the_place(platform: str, variables: dict[str, str], ends: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(_progress.FILE_VARIABLE, raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert str(_progress.place()).endswith(ends)


_CELL = """
from scaling_lib.checks import _progress, check
check("ch05.invoice", 1.0, 2.0, 3.0, [True, True, True])
print(_progress.wanted())
"""


@pytest.mark.parametrize(
    ("variables", "kept"),
    [
        ({}, "False"),  # nbclient, nbconvert, nbval, a book: no front end has named itself
        ({"JPY_SESSION_NAME": "ch05.ipynb"}, "True"),  # JupyterLab and Notebook name the session
        ({"JPY_SESSION_NAME": "ch05.ipynb", "SCALING_LIB_NO_PROGRESS": "1"}, "False"),
        ({"JPY_SESSION_NAME": "ch05.ipynb", "NBGRADER_EXECUTION": "autograde"}, "False"),
        ({"JPY_SESSION_NAME": "ch05.ipynb", "CI": "true"}, "False"),
    ],
)
@pytest.mark.notebooks
def test_progress_is_kept_only_where_a_person_works(variables: dict[str, str], kept: str, tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in {
            "PYTEST_CURRENT_TEST",
            "CI",
            "JPY_SESSION_NAME",
            "NBGRADER_EXECUTION",
            _progress.OFF_VARIABLE,
            _progress.FILE_VARIABLE,
        }
    }
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_CELL)])
    home = {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute(env={**clean, **variables, **home})
    assert notebook.cells[0].outputs[0].text.strip() == kept
    assert bool(list(tmp_path.rglob("progress.json"))) == (kept == "True")
