"""The generator: nothing drifts, nothing leaks, every notebook runs; solutions earn everything, stubs nothing."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from scaling_lib.checks import chapter, exercises

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import exercises as generator  # noqa: E402

SOURCES = generator.sources()
MORE = [str(seed) for seed in range(1, int(os.environ.get("SEEDS", "0")) + 1)]  # `make variants`
_by_chapter = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)


def _lines_of_answers(path: Path) -> list[str]:
    """Lines of the solution regions that say something of their own."""
    stubs = generator.text_of(generator.student(generator.parse(path)))
    text = path.read_text(encoding="utf-8")
    out = []
    for region in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", text, re.S):
        out += [line.strip() for line in region.splitlines() if len(line.strip()) > 8]
    for region in re.findall(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", text, re.S):
        out += [line.strip() for line in region.splitlines() if line.strip()]
    assert out and stubs
    return out


def test_every_chapter_with_checks_has_a_source() -> None:
    assert {path.stem[:4] for path in SOURCES} == {item.chapter for item in exercises()}


@_by_chapter
def test_a_chapter_says_how_long_its_exercises_take(path: Path) -> None:
    said = re.search(r"^minutes_exercises: (\d+)$", (ROOT / "book" / f"{path.stem}.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert said is not None and int(said[1]) == sum(item.minutes for item in chapter(path.stem[:4]))


@_by_chapter
def test_nothing_drifts(path: Path) -> None:
    for target, text in generator.products(path).items():
        if target.parent.name == "exercises" and generator.worked(target):
            changed = _changed_by_work(target, text)
            assert not changed, f"{target.name}: {changed} are not what the source makes: run `make exercises`"
        else:
            assert target.read_text(encoding="utf-8") == text, f"{target.name}: run `make exercises`"


def _changed_by_work(target: Path, text: str) -> list[str]:
    """Cells that differ from the source in a notebook somebody works in; answers, outputs and cells of their own may."""
    now = {cell.id: cell.source for cell in nbformat.read(target, as_version=4).cells}
    made = nbformat.reads(text, as_version=4).cells
    return [cell.id for cell in made if now.get(cell.id) != cell.source and generator.YOURS not in cell.source]


def test_work_is_no_drift_but_a_changed_task_is(tmp_path: Path) -> None:
    text = next(text for path, text in generator.products(SOURCES[0]).items() if path.parent.name == "exercises")
    page, target = nbformat.reads(text, as_version=4), tmp_path / "worked.ipynb"
    answer = next(cell for cell in page.cells if generator.YOURS in cell.source)
    answer.source, answer.execution_count = "N = 1", 1
    page.cells.append(nbformat.v4.new_code_cell("1 + 1"))
    nbformat.write(page, target)
    assert generator.worked(target) and _changed_by_work(target, text) == []
    task = next(cell for cell in page.cells if cell.cell_type == "markdown")
    task.source += " Not so."
    nbformat.write(page, target)
    assert _changed_by_work(target, text) == [task.id]


@_by_chapter
def test_the_same_source_makes_the_same_bytes(path: Path) -> None:
    assert generator.products(path) == generator.products(path)


@_by_chapter
def test_no_answer_leaks(path: Path) -> None:
    page = json.loads(generator.text_of(generator.student(generator.parse(path))))
    strings: list[str] = []

    def collect(node: Any) -> None:
        if isinstance(node, str):
            strings.append(node)
        for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            collect(item)

    collect(page)
    everything = "\n".join(strings)
    for line in _lines_of_answers(path):
        assert line not in everything, line
    assert not re.search(
        r"SOLUTION|HIDDEN|solutions-only|role|nbgrader", "\n".join(s for s in strings if s != "solutions")
    )
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in page["cells"])


@_by_chapter
def test_the_notebooks_have_what_they_should(path: Path) -> None:
    source = generator.parse(path)
    student, solution, staged = generator.student(source), generator.solution(source), generator.staged(source)
    for notebook in (student, solution, staged):
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
        assert "{{" not in "".join(cell.source for cell in notebook.cells)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                ast.parse(cell.source)
    number = int(path.stem[2:4])
    assert student.cells[0].source.startswith(f"# {number}. Exercises")
    assert solution.cells[0].source.startswith(f"# {number}. Solutions")
    assert f"(../book/{path.stem}.md)" in student.cells[0].source
    text = "\n".join(cell.source for cell in student.cells)
    for tool in ("check(", "hint(", "progress(", "help_me(", "reset("):
        assert tool in text
    for item in chapter(path.stem[:4]):
        assert item.goal in text and item.success in text and f'check("{item.id}"' in text
    answers = "\n".join(cell.source for cell in solution.cells)
    assert (
        "raise NotImplementedError" not in answers
        and not re.search(r"^\w+ = \.\.\.", answers, re.M)
        and generator.YOURS not in answers
    )
    assert "HIDDEN" not in answers


@_by_chapter
def test_the_staged_version_is_nbgraders(path: Path) -> None:
    staged = generator.staged(generator.parse(path))
    graded = {}
    for cell in staged.cells:
        grading = cell.metadata.get("nbgrader")
        if cell.cell_type == "code":
            assert grading["schema_version"] == 3 and grading["grade_id"] == cell.id and grading["cell_type"] == "code"
            assert (
                grading["solution"] == ("### BEGIN SOLUTION" in cell.source)
                and grading["locked"] != grading["solution"]
            )
        if grading and grading["grade"]:
            graded[cell.id] = grading["points"]
    points = sum(item.points for item in chapter(path.stem[:4]))
    hidden = {name: value for name, value in graded.items() if name.endswith("-hidden")}
    assert hidden and sum(graded.values()) == points + sum(hidden.values())


# ------------------------------------------------------------------------------------------------------- executing


_BEGIN = """\
%reset -f
import os
os.chdir({folder!r})
os.environ.update(SCALING_LIB_SEED={seed!r}, SCALING_LIB_NO_PROGRESS="1")
del os
"""


@pytest.fixture(scope="module")
def execute() -> Iterator[Callable[..., Any]]:
    """Execute a notebook in a folder, under a course seed.

    All share one kernel, each with an empty namespace: a fresh one spends most of its time on imports. The book and nbval
    run the same notebooks in kernels of their own.
    """
    from nbclient import NotebookClient

    client = NotebookClient(nbformat.v4.new_notebook(), timeout=180, kernel_name="python3")

    def run(notebook: Any, folder: Path, seed: str = "") -> Any:
        begin = nbformat.v4.new_code_cell(_BEGIN.format(folder=str(folder), seed=seed), id="begin")
        client.nb = nbformat.from_dict({**notebook, "cells": [begin, *notebook.cells]})
        client.execute(cleanup_kc=False)
        return client.nb

    yield run
    client._cleanup_kernel()


def _earned(notebook: Any) -> dict[str, float]:
    """Points of each check cell, as a grader reads them; nothing may be written to stderr."""
    out = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            assert output.output_type != "error" and output.get("name") != "stderr", (cell.id, output)
            if cell.id.endswith(("-check", "-hidden")):
                assert output.output_type == "execute_result" and "text/html" in output["data"]
                out[cell.id] = float(output["data"]["text/plain"])
    return out


@pytest.mark.notebooks
@_by_chapter
def test_an_untouched_notebook_runs_to_its_end_and_earns_nothing(path: Path, execute: Callable[..., Any]) -> None:
    earned = _earned(execute(generator.student(generator.parse(path)), ROOT / "exercises"))
    assert len(earned) == len(chapter(path.stem[:4])) and set(earned.values()) == {0.0}


@pytest.mark.notebooks
@pytest.mark.parametrize("seed", ["", "1", "autumn term", *MORE[1:]])
@_by_chapter
def test_solutions_earn_everything_under_each_seed(path: Path, seed: str, execute: Callable[..., Any]) -> None:
    earned = _earned(execute(generator.solution(generator.parse(path)), ROOT / "solutions", seed))
    assert earned == {
        f"{item.id.split('.')[1].replace('_', '-')}-check": item.points for item in chapter(path.stem[:4])
    }


@pytest.mark.notebooks
@_by_chapter
def test_hidden_tests_carry_weight_of_their_own(path: Path, execute: Callable[..., Any]) -> None:
    staged = generator.staged(generator.parse(path))
    earned = _earned(execute(staged, ROOT / "solutions"))
    assert earned == {
        cell.id: cell.metadata.nbgrader.points
        for cell in staged.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


# ------------------------------------------------------------------------------------------------- a small source

SMALL = """\
# %% [markdown] name="title"
# # 5. {{Exercises}}: Chinchilla
# {{HEADERS}}

# %% name="a-answer" role="answer"
x = ...  # yours
### BEGIN SOLUTION
secret = 41
x = secret + 1
### END SOLUTION

# %% [markdown] name="why" role="solutions-only"
# because
"""


HIDDEN = '### BEGIN HIDDEN TESTS\ncheck("ch05.rule", x, seed=7, points=1)\n### END HIDDEN TESTS'


@pytest.fixture()
def small(tmp_path: Path) -> Path:
    ids = [item.id for item in chapter("ch05")]
    text = SMALL.replace("# {{HEADERS}}", "\n# \n".join(f"# {{{{{id}}}}}" for id in ids))
    text += "".join(f'\n# %% name="c{i}-check" role="check"\ncheck("{id}", x)\n' for i, id in enumerate(ids))
    text += f'\n# %% name="h-hidden" role="hidden" points=1\n{HIDDEN}\n'
    path = tmp_path / "solutions" / "ch05_small.py"
    path.parent.mkdir()
    path.write_text(text)
    return path


def test_what_becomes_of_a_cell(small: Path) -> None:
    source = generator.parse(small)
    cells = {cell.id: cell.source for cell in generator.student(source).cells}
    assert cells["a-answer"] == "x = ...  # yours\n# Your code here" and "why" not in cells
    cells = {cell.id: cell.source for cell in generator.solution(source).cells}
    assert cells["a-answer"] == "secret = 41\nx = secret + 1" and cells["why"] == "because"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (' name="a-answer"', "", "needs a name"),
        ('name="why"', 'name="title"', "used twice"),
        ('role="answer"', 'role="anser"', "unknown"),
        ("### END SOLUTION\n", "", "not closed"),
        ("x = ...  # yours\n", "", "needs its stub"),
        (' role="answer"', "", "no other, has solution regions"),
        ('check("ch05.rule", x)', "x", "exactly one check"),
        ('check("ch05.rule", x)', 'check("ch05.rule", x, points=3)', "worth the points"),
        ('check("ch05.rule", x)', 'check("ch05.options", x)', "in its order"),
        ("seed=7, ", "", "a seed of their own"),
        ("{{ch05.rule}}", "", "in its order"),
        ("secret = 41", "secret = 41\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS", "hidden tests fill a cell"),
    ],
)
def test_a_source_is_held_to_its_rules(small: Path, old: str, new: str, says: str) -> None:
    text = small.read_text()
    assert old in text
    small.write_text(text.replace(old, new))
    with pytest.raises(generator.SourceError, match=says):
        generator.parse(small)


def test_a_notebook_that_was_worked_in_is_kept(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = small.parents[1]
    monkeypatch.setattr(generator, "ROOT", root)
    monkeypatch.setattr(generator, "sources", lambda: [small])
    monkeypatch.setattr(generator.products, "__defaults__", (root,))
    assert generator.main(["--check"]) == 1 and "is not what" in capsys.readouterr().out
    assert generator.main([]) == 0 and generator.main(["--check"]) == 0
    target = root / "exercises" / "ch05_small.ipynb"
    before = target.stat().st_mtime_ns
    assert generator.main([]) == 0 and target.stat().st_mtime_ns == before, "what is the same is not written again"
    page = json.loads(target.read_text())
    page["cells"][1]["source"] = "x = 42"
    page["cells"][1]["execution_count"] = 3
    target.write_text(json.dumps(page))
    assert generator.main(["--check"]) == 1 and "worked in it" in capsys.readouterr().out
    assert generator.main(["--restore", "05"]) == 0 and generator.main(["--check"]) == 0
    kept = list(target.parent.glob("*.yours-*.ipynb"))
    assert len(kept) == 1 and "x = 42" in kept[0].read_text()
    assert generator.main(["--restore", "77"]) == 2 and "No chapter is called 77: there are 05" in capsys.readouterr().err


def test_a_notebook_that_was_saved_without_being_run_is_kept(small: Path) -> None:
    target, text = next((path, text) for path, text in generator.products(small, small.parents[1]).items())
    assert generator.write(target, text) == "written" and not generator.worked(target)
    page = json.loads(text)
    page["cells"][1]["source"] = "x = 42"
    page["metadata"]["language_info"]["version"] = "3.12.4"
    target.write_text(json.dumps(page))
    assert "your version is kept" in generator.write(target, text)
    page["metadata"] = json.loads(text)["metadata"]  # nothing tells that a person changed it: restoring keeps it all the same
    target.write_text(json.dumps(page))
    assert "your version is kept" in generator.write(target, text, keep=True)
    assert len(list(target.parent.glob("*.yours-*.ipynb"))) == 2


def test_staging_writes_the_chapter_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generator.main(["--stage", str(tmp_path / "source"), "05"]) == 0
    assert [path.name for path in (tmp_path / "source").rglob("*")] == ["ch05_chinchilla.ipynb"]
    assert generator.main(["--stage", str(tmp_path / "source"), "77"]) == 2 and "No chapter" in capsys.readouterr().err
