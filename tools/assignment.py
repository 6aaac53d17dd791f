"""Stage chapters for nbgrader and prove that grading works: ``python tools/assignment.py DIR CHAPTER ...``.

DIR becomes (or stays) an nbgrader course: ``nbgrader_config.py``, ``source/`` and ``release/`` with one folder for each
chapter. Each folder is emptied first and holds one notebook, since nbgrader gives away whatever else lies in it.
Submissions, feedback and the gradebook in DIR are not touched.

Then the round trip, in a course of its own that is thrown away: three students hand in the released notebook, and
nbgrader grades them.

=============  =======================================================  =============================================
student        hands in                                                 must get
=============  =======================================================  =============================================
solved         the solutions                                            every point of every cell
untouched      what was released                                        nothing
partly         the first half solved, one of its answers left open,     the points of what is answered, part by part
               a cell copied, then ``check`` replaced by a
               function that says nothing
=============  =======================================================  =============================================

The release is compared with the exercise notebook that learners have: no solution, no hidden test, nothing missing.
"""

from __future__ import annotations

import argparse
import copy
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from exercises import SourceError, _called, parse, solution, sources, stage, staged, student
from nbformat import NotebookNode

CONFIG = '''\
"""The course as nbgrader sees it."""

from nbgrader.preprocessors import CheckCellMetadata, ClearOutput, DeduplicateIds, OverwriteCells, OverwriteKernelspec


class PlainCopies(DeduplicateIds):
    """A cell that a student copied or split becomes a plain one; without this the whole submission fails."""

    def preprocess_cell(self, cell, resources, cell_index):
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if cell.metadata.get("nbgrader") == {}:
            del cell.metadata["nbgrader"]
        return cell, resources


c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "scaling-laws"
c.ClearSolutions.code_stub = {"python": "# Your code here"}  # the stubs stand outside the solution regions
c.Autograde.sanitize_preprocessors = [ClearOutput, PlainCopies, OverwriteKernelspec, OverwriteCells, CheckCellMetadata]
c.ExecutePreprocessor.timeout = 300  # seconds a cell may take; checks have deadlines of their own
'''
SILENT = "check = lambda *answers, **options: None  # says nothing, and no output would score full marks"


class Failed(Exception):
    """The round trip went wrong; the message says where."""


# ------------------------------------------------------------------------------------------------- the three students


def solved(released: NotebookNode, source: NotebookNode, until: str | None = None) -> NotebookNode:
    """The released notebook with the solutions filled in, up to and including the check cell named `until`."""
    answers = {cell.id: cell.source for cell in solution(source).cells}
    roles = {cell.metadata["name"]: cell.metadata.get("role", "") for cell in source.cells}
    out = copy.deepcopy(released)
    for cell in out.cells:
        if roles[cell.id] == "answer":
            cell.source = answers[cell.id]
        if cell.id == until:
            break
    return out


def partly(released: NotebookNode, source: NotebookNode) -> tuple[NotebookNode, dict[str, float]]:
    """The first half solved, one answer of it left open; and what each graded cell should earn."""
    graded = {cell.metadata["name"]: _called(cell.source, "")[0] for cell in source.cells
              if cell.metadata.get("role") in {"check", "hidden"}}
    checks = [cell.metadata["name"] for cell in source.cells if cell.metadata.get("role") == "check"]
    done = checks[: (len(checks) + 1) // 2]
    ids = {graded[name].id for name in done}
    fraction = {item.id: float(item.id in ids) for item in graded.values()}
    out = solved(released, source, until=done[-1])
    cells = {cell.id: cell for cell in out.cells}
    order = [cell.id for cell in out.cells]
    answers = {cell.metadata["name"] for cell in source.cells if cell.metadata.get("role") == "answer"}
    before = {name: [cell for cell in order[: order.index(name)] if cell in answers][-1] for name in checks}
    for name in done:
        item = graded[name]
        left = item.answers[-1].name
        kept = sum(part.points for part in item.parts if left not in part.uses)
        if kept:  # several answers, judged apart: leave the last one open
            cells[before[name]].source += f"\n{left} = ..."
            fraction[item.id] = kept / item.points
            break
    twin = copy.deepcopy(cells[done[0]])
    twin.id = "a-copy"
    out.cells.insert(out.cells.index(cells[done[0]]) + 1, twin)
    if done != checks:
        cells[before[checks[len(done)]]].source += f"\n{SILENT}"
    return out, {name: round(fraction[item.id], 9) for name, item in graded.items()}


# ----------------------------------------------------------------------------------------------------------- nbgrader


def _nbgrader(course: Path) -> Any:
    """nbgrader's own interface to a course."""
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.CourseDirectory.root = str(course)
    config.NotebookClient.extra_arguments = ["--log-level=ERROR"]
    config.CourseDirectory.db_url = f"sqlite:///{course / 'gradebook.db'}"
    return NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)


def _must(what: str, answer: Mapping[str, Any]) -> None:
    if not answer["success"]:
        raise Failed(f"{what}:\n{answer.get('error') or ''}\n{answer.get('log') or ''}".rstrip())


def _release(course: Path, path: Path) -> NotebookNode:
    """Stage one chapter in a clean folder and let nbgrader release it."""
    for step in ("source", "release"):
        shutil.rmtree(course / step / path.stem, ignore_errors=True)
    if not (course / "nbgrader_config.py").exists():
        course.mkdir(parents=True, exist_ok=True)
        (course / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    stage(course / "source" / path.stem, [path.stem[:4]])
    _must(f"{path.stem} was not released", _nbgrader(course).generate_assignment(path.stem, force=True, create=True))
    files = sorted(item.name for item in (course / "release" / path.stem).rglob("*"))
    if files != [f"{path.stem}.ipynb"]:
        raise Failed(f"{path.stem}: released were {', '.join(files)}, where one notebook should be.")
    return nbformat.read(course / "release" / path.stem / f"{path.stem}.ipynb", as_version=4)


def _compare(path: Path, source: NotebookNode, released: NotebookNode) -> None:
    """Hold the release against the learners' notebook."""
    hidden = {cell.metadata["name"] for cell in source.cells if cell.metadata.get("role") == "hidden"}
    wanted = {cell.id: cell.source for cell in student(source).cells}
    found = {cell.id: cell.source for cell in released.cells}
    if list(found) != [cell.id for cell in staged(source).cells]:
        raise Failed(f"{path.stem}: the release has other cells than the source.")
    for name, text in found.items():
        if name in hidden:
            if any(not line.startswith("#") for line in text.strip().splitlines()):
                raise Failed(f"{path.stem}, cell {name}: a hidden test is in the release.")
        elif text.strip() != wanted[name].strip():
            raise Failed(f"{path.stem}, cell {name}: the release differs from the exercise notebook:\n{text}")


def _graded(course: Path, assignment: str, who: str) -> dict[str, tuple[float, float]]:
    """Points and most points of each graded cell."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        notebook = book.find_submission(assignment, who).notebooks[0]
        return {grade.name: (float(grade.auto_score or 0), float(grade.max_score)) for grade in notebook.grades}


def _trial(path: Path, source: NotebookNode) -> list[str]:
    """Three students hand in, in a course that is thrown away; a line about each."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="nbgrader-") as folder:
        course = Path(folder)
        released = _release(course, path)
        most = {name: points for name, (_, points) in _points(released).items()}
        half, fractions = partly(released, source)
        students = {
            "solved": (solved(released, source), dict.fromkeys(most, 1.0)),
            "untouched": (released, dict.fromkeys(most, 0.0)),
            "partly": (half, fractions),
        }
        for who, (notebook, wanted) in students.items():
            target = course / "submitted" / who / path.stem / f"{path.stem}.ipynb"
            target.parent.mkdir(parents=True)
            nbformat.write(notebook, target)
            _must(f"{path.stem}: {who} was not graded", _nbgrader(course).autograde(path.stem, who, create=True))
            got = _graded(course, path.stem, who)
            for name, points in most.items():
                earned, could = got[name]
                if could != points or abs(earned - wanted[name] * points) > 2e-3:
                    raise Failed(
                        f"{path.stem}, student {who}, cell {name}: {earned:g} of {could:g} points, where"
                        f" {wanted[name] * points:g} of {points:g} were right."
                    )
            lines.append(f"{who} {sum(earned for earned, _ in got.values()):g} of {sum(most.values()):g} points")
    return lines


def _points(notebook: NotebookNode) -> dict[str, tuple[float, float]]:
    return {
        cell.metadata.nbgrader.grade_id: (0.0, float(cell.metadata.nbgrader.points))
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(description="Stage chapters for nbgrader and prove that grading works.")
    parser.add_argument("course", metavar="DIR", type=Path, help="the nbgrader course to write into")
    parser.add_argument("chapters", metavar="CHAPTER", nargs="+", help="such as 05, or all")
    parser.add_argument("--release-only", action="store_true", help="without the round trip")
    options = parser.parse_args(arguments)
    try:
        import nbgrader  # noqa: F401
    except ImportError:
        print("[assignment] nbgrader is missing: pip install -r requirements-teach.txt", file=sys.stderr)
        return 2
    wanted = " ".join(options.chapters).split()
    known = {path.stem[2:4]: path for path in sources()}
    chosen = list(known) if wanted == ["all"] else [name.removeprefix("ch") for name in wanted]
    unknown = [name for name in chosen if name not in known]
    if unknown:
        print(f"[assignment] No chapter is called {', '.join(unknown)}: there are {', '.join(known)}.", file=sys.stderr)
        return 2
    os.environ["SCALING_LIB_NO_PROGRESS"] = "1"
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])  # for alembic
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    course = options.course.resolve()
    try:
        for name in chosen:
            path = known[name]
            source = parse(path)
            released = _release(course, path)
            _compare(path, source, released)
            said = [] if options.release_only else _trial(path, source)
            print(f"[assignment] {path.stem}: {'; '.join(['released', *said])}", flush=True)
    except (Failed, SourceError) as error:
        print(f"[assignment] {error}", file=sys.stderr)
        return 1
    print(f"[assignment] the course is in {options.course}: give out release/, put what comes back into submitted/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
