"""From one source for each chapter to the notebooks: ``python tools/exercises.py`` (``--help`` says what else it does).

The source is ``solutions/chNN_slug.py`` (py:percent). Each cell has a name, which becomes its stable id, and may have
a role:

answer           the learner writes here; between ``### BEGIN SOLUTION`` and ``### END SOLUTION`` stands the answer,
                 outside it the stub (``name = ...`` or ``raise NotImplementedError``)
check            a ``check(...)`` of an exercise, worth its points
hidden           a grader's own test, between ``### BEGIN HIDDEN TESTS`` and ``### END HIDDEN TESTS``, with ``seed=`` and
                 ``points=``
exercises-only, solutions-only
                 shown in one of the two notebooks

A line ``{{ch05.optimum}}`` is replaced by the exercise's goal, difficulty, minutes and points; ``{{Exercises}}`` names
the notebook.

=========================================  ==========================================================
written                                    holds
=========================================  ==========================================================
``exercises/chNN_slug.ipynb``              stubs and checks; no solutions, no hidden tests
``solutions/chNN_slug.ipynb``              solutions and checks; no stubs, no hidden tests
``DIR/chNN_slug.ipynb`` (``--stage``)      nbgrader's source: markers, stubs, hidden tests, its metadata
=========================================  ==========================================================

`tools/assignment.py` stages chapters as an nbgrader course and tries the grading. No notebook is written with outputs. A
notebook that somebody has worked in is kept under another name before it is replaced.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

from scaling_lib.checks import Exercise, chapter, exercise

ROOT = Path(__file__).resolve().parents[1]
ROLES = {"answer", "check", "hidden", "exercises-only", "solutions-only"}
YOURS = "# Your code here"

_REGION = re.compile(
    r"^(?P<indent>[ \t]*)### BEGIN SOLUTION[ \t]*\n(?P<body>.*?)^[ \t]*### END SOLUTION[ \t]*(?:\n|\Z)", re.S | re.M
)
_MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*(?:\n|\Z)", re.M)
_STUB = re.compile(r"^(?:[ \t]*raise NotImplementedError|\w+ = \.\.\.)[ \t]*(?:#.*)?(?:\n|\Z)", re.M)
_HEADER = re.compile(r"^\{\{(ch\d\d\.\w+)\}\}$", re.M)
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class SourceError(ValueError):
    """The source breaks a rule of this file; the message says where."""


def sources(root: Path = ROOT) -> list[Path]:
    """The sources, in the order of the chapters."""
    return sorted((root / "solutions").glob("ch[0-9][0-9]_*.py"))


def parse(path: Path) -> NotebookNode:
    """Read a source and hold it to the rules."""
    notebook = jupytext.read(path)
    names: set[str] = set()
    asked = {item.id: item for item in chapter(path.stem[:4])}
    checked: list[str] = []
    described: list[str] = []
    for cell in notebook.cells:
        name, role = cell.metadata.get("name", ""), cell.metadata.get("role", "")
        where = f"{path.name}, cell {name or cell.source[:40]!r}"
        regions, marks = list(_REGION.finditer(cell.source)), len(_MARKS.findall(cell.source))
        hidden = cell.source.startswith("### BEGIN HIDDEN TESTS\n") and cell.source.rstrip().endswith(
            "\n### END HIDDEN TESTS"
        )
        for bad, why in (
            (
                not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}", name),
                "it needs a name of small letters, digits and hyphens",
            ),
            (name in names, "its name is used twice"),
            (role and role not in ROLES, f"its role {role!r} is unknown"),
            (marks != 2 * len(regions), "a solution region is not closed"),
            (bool(regions) != (role == "answer"), "an answer cell, and no other, has solution regions"),
            (
                role == "answer" and not _STUB.search(_REGION.sub("", cell.source)),
                "an answer cell needs its stub outside the regions",
            ),
            (
                ("HIDDEN TESTS" in cell.source) != (role == "hidden") or (role == "hidden" and not hidden),
                "hidden tests fill a cell with that role, and no other",
            ),
            ("outputs" in cell and bool(cell.outputs), "it has outputs"),
        ):
            if bad:
                raise SourceError(f"{where}: {why}.")
        names.add(name)
        if role == "answer":
            ast.parse(_REGION.sub("", cell.source))
        if role in {"check", "hidden"}:
            item, points = _called(cell.source, where)
            if item.id not in asked:
                raise SourceError(f"{where}: {item.id} belongs to another chapter.")
            if role == "check":
                checked.append(item.id)
                if points is not None:
                    raise SourceError(f"{where}: a check is worth the points of its exercise.")
            elif points is None or points != cell.metadata.get("points"):
                raise SourceError(
                    f"{where}: its points are {cell.metadata.get('points')!r} in the cell and {points!r} in the call."
                )
            elif "seed=" not in cell.source:
                raise SourceError(f"{where}: hidden tests need a seed of their own, seed=.")
        described += _HEADER.findall(cell.source)
    for what, found in (("check", checked), ("heading {{...}}", described)):
        if found != list(asked):
            raise SourceError(
                f"{path.name}: each exercise needs one {what}, in its order: {', '.join(asked)}; found"
                f" {', '.join(found)}."
            )
    return notebook


def _called(source: str, where: str) -> tuple[Exercise, float | None]:
    """The exercise that a cell checks, and the points it says."""
    calls = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check"
    ]
    if len(calls) != 1 or not isinstance(calls[0].args[0], ast.Constant):
        raise SourceError(f"{where}: it needs exactly one check of one exercise.")
    points = {word.arg: ast.literal_eval(word.value) for word in calls[0].keywords}.get("points")
    return exercise(calls[0].args[0].value), points


def _finish(cells: Sequence[NotebookNode], kind: str) -> NotebookNode:
    """A notebook of `cells` with stable ids, without outputs."""
    out = nbformat.v4.new_notebook(metadata=copy.deepcopy(_METADATA))
    for cell in cells:
        cell.source = (
            _HEADER.sub(lambda match: exercise(match[1]).header(), cell.source)
            .replace("{{Exercises}}", kind)
            .strip("\n")
        )
        cell.id = cell.metadata["name"]
        kept = {
            key: cell.metadata[key]
            for key in ("tags", "nbgrader", "editable", "deletable", "slideshow")
            if key in cell.metadata
        }
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        out.cells.append(cell)
    out.nbformat, out.nbformat_minor = 4, 5
    nbformat.validate(out)
    return out


def student(notebook: NotebookNode) -> NotebookNode:
    """What a learner opens: the stubs, no answers, no hidden tests."""
    cells = []
    for cell in copy.deepcopy(notebook.cells):
        role = cell.metadata.get("role", "")
        if role in {"hidden", "solutions-only"}:
            continue
        if role == "answer":
            cell.source = _REGION.sub(lambda match: f"{match['indent']}{YOURS}\n", cell.source)
        if role == "check":
            cell.metadata["deletable"] = False
        cells.append(cell)
    return _finish(cells, "Exercises")


def solution(notebook: NotebookNode) -> NotebookNode:
    """The answers, without stubs and hidden tests."""
    cells = []
    for cell in copy.deepcopy(notebook.cells):
        role = cell.metadata.get("role", "")
        if role in {"hidden", "exercises-only"}:
            continue
        if role == "answer":
            regions = _REGION.split(cell.source)
            # outside the regions the stubs go; inside, nothing is touched
            outside = regions[0::3]
            bodies = regions[2::3]
            cell.source = "".join(
                _STUB.sub("", text) + (bodies[i] if i < len(bodies) else "") for i, text in enumerate(outside)
            )
        cells.append(cell)
    return _finish(cells, "Solutions")


def staged(notebook: NotebookNode) -> NotebookNode:
    """nbgrader's source version: everything, with its metadata."""
    cells = []
    for cell in copy.deepcopy(notebook.cells):
        role, name = cell.metadata.get("role", ""), cell.metadata["name"]
        if role == "solutions-only":
            continue
        graded = role in {"check", "hidden"}
        if role == "hidden":
            cell.source = f"# A further test of your answer runs here.\n{cell.source}"
        if cell.cell_type == "code":
            grading: dict[str, Any] = {
                "cell_type": "code",
                "grade": graded,
                "grade_id": name,
                "locked": role != "answer",
                "schema_version": 3,
                "solution": role == "answer",
                "task": False,
            }
            if graded:
                item, points = _called(cell.source, name)
                grading["points"] = item.points if points is None else points
            cell.metadata["nbgrader"] = grading
        cells.append(cell)
    return _finish(cells, "Exercises")


def text_of(notebook: NotebookNode) -> str:
    """The bytes of a notebook file: the same for the same source."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


PRODUCTS: dict[str, Callable[[NotebookNode], NotebookNode]] = {"exercises": student, "solutions": solution}


def products(path: Path, root: Path = ROOT) -> dict[Path, str]:
    """What a source makes: path and text."""
    notebook = parse(path)
    return {root / folder / f"{path.stem}.ipynb": text_of(make(notebook)) for folder, make in PRODUCTS.items()}


def worked(path: Path) -> bool:
    """Whether somebody has run cells of a notebook or saved it, so that it is not simply replaced."""
    if not path.exists():
        return False
    try:
        page = json.loads(path.read_text(encoding="utf-8"))
        cells, metadata = page["cells"], page["metadata"]
    except (ValueError, KeyError):
        return True
    if metadata != _METADATA:  # whatever saves a notebook writes the version of its Python there
        return True
    return any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)


def write(path: Path, text: str, keep: bool = False) -> str:
    """Write one notebook if it differs; keep what a person worked in, or whatever is there. Returns what was done."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return "unchanged"
    done = "written"
    if worked(path) or (keep and path.exists()):
        stamp = f"{path.stem}.yours-{time.strftime('%Y%m%d-%H%M%S')}"
        names = [f"{stamp}.ipynb", *(f"{stamp}-{i}.ipynb" for i in range(2, 1000))]
        kept = next(path.with_name(name) for name in names if not path.with_name(name).exists())
        os.replace(path, kept)
        done = f"restored; your version is kept as {kept.name}"
    _write(path, text)
    return done


def stage(folder: Path, chapters: Sequence[str], root: Path = ROOT) -> list[Path]:
    """Write nbgrader's source version of chapters, and nothing else, into ``folder``."""
    out = []
    for path in sources(root):
        if path.stem[2:4] in chapters or path.stem[:4] in chapters:
            target = folder / f"{path.stem}.ipynb"
            _write(target, text_of(staged(parse(path))))
            out.append(target)
    if not out:
        raise SourceError(
            f"No chapter is called {', '.join(chapters)}: there are"
            f" {', '.join(path.stem[2:4] for path in sources(root))}."
        )
    return out


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(description="Make the exercise and solution notebooks from solutions/*.py.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a notebook is not what its source makes"
    )
    parser.add_argument(
        "--restore",
        metavar="CHAPTER",
        help="bring back a chapter's notebooks, such as 05, or all; your version is kept beside each",
    )
    parser.add_argument(
        "--stage", nargs="+", metavar=("DIR", "CHAPTER"), help="write nbgrader's source version of chapters into DIR"
    )
    options = parser.parse_args(arguments)
    try:
        if options.stage:
            for target in stage(Path(options.stage[0]), options.stage[1:]):
                print(f"[exercises] {target}")
            return 0
        drifted = 0
        chosen = [
            path for path in sources()
            if options.restore in {None, "all", path.stem[2:4], path.stem[:4], path.stem}
        ]
        if not chosen:
            raise SourceError(
                f"No chapter is called {options.restore}: there are {', '.join(path.stem[2:4] for path in sources())}."
            )
        for path in chosen:
            for target, text in products(path).items():
                name = target.relative_to(ROOT)
                if options.check:
                    same = target.exists() and target.read_text(encoding="utf-8") == text
                    drifted += not same
                    if not same:
                        print(
                            f"[exercises] {name} is not what {path.name} makes: run `make exercises`"
                            + (" (somebody has worked in it; that version will be kept)" if worked(target) else "")
                        )
                else:
                    print(f"[exercises] {name}: {write(target, text, keep=bool(options.restore))}")
        return 1 if drifted else 0
    except SourceError as error:
        print(f"[exercises] {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
