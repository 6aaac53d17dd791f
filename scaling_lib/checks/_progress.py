"""What was solved: one JSON file in the user's data folder, written only when a person works.

*When it is written.* Only in an interactive session of a person: a notebook front end that names itself to its kernel
(JupyterLab and Notebook 7, VS Code, Colab), or a terminal. Never under nbclient, nbconvert, nbval, nbgrader, pytest or
a continuous-integration job, and never with ``SCALING_LIB_NO_PROGRESS=1``. Setting ``SCALING_LIB_PROGRESS`` to a file
asks for it in any other front end.

*Never lost.* It is written to a temporary file and moved into place, with the last good one beside it as ``.bak``; two
kernels take turns; points only rise. A file that cannot be read is kept under another name, and the reader is told.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from . import _registry
from ._html import bar, escape, table
from ._model import Exercise
from ._report import Report

__all__ = ["Progress", "ProgressTable", "place", "progress", "record", "reset", "wanted"]

FILE_VARIABLE: Final = "SCALING_LIB_PROGRESS"
OFF_VARIABLE: Final = "SCALING_LIB_NO_PROGRESS"
_VERSION: Final = 1
_KEYS: Final = {"best": float, "points": float, "tries": int, "hints": int}


def place() -> Path:
    """The file that progress is kept in."""
    chosen = os.environ.get(FILE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "scaling-laws-hands-on" / "progress.json"


def wanted() -> bool:
    """Whether a person works here, so that progress is kept."""
    env = os.environ
    if env.get(OFF_VARIABLE, "") not in {"", "0"} or env.get("NBGRADER_EXECUTION"):
        return False
    if env.get(FILE_VARIABLE):
        return True
    if env.get("PYTEST_CURRENT_TEST") or env.get("CI"):
        return False
    if "google.colab" in sys.modules:
        return True
    shell = _shell()
    kind = type(shell).__name__
    if kind == "ZMQInteractiveShell":
        return bool(env.get("JPY_SESSION_NAME")) or "__vsc_ipynb_file__" in getattr(shell, "user_ns", {})
    return kind == "TerminalInteractiveShell" or (shell is None and hasattr(sys, "ps1"))


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None  # type: ignore[no-untyped-call, unused-ignore]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _clean(data: object) -> dict[str, dict[str, Any]]:
    """The entries of a file; a `ValueError` if it is not one of ours."""
    if (
        not isinstance(data, Mapping)
        or data.get("version") != _VERSION
        or not isinstance(data.get("exercises"), Mapping)
    ):
        raise ValueError("it is not a progress file of this course")
    out: dict[str, dict[str, Any]] = {}
    for id, entry in data["exercises"].items():
        if not isinstance(entry, Mapping):
            raise ValueError(f"its entry {id!r} is damaged")
        kept = {key: kind(entry.get(key, 0)) for key, kind in _KEYS.items()}
        if not 0 <= kept["best"] <= 1 or kept["tries"] < 0:
            raise ValueError(f"its entry {id!r} is damaged")
        out[str(id)] = {**kept, "solved": entry.get("solved"), "last": entry.get("last")}
    return out


def _read(path: Path) -> tuple[dict[str, dict[str, Any]], str]:
    """The entries, and what to tell the reader if something had to be repaired."""
    try:
        return _clean(json.loads(path.read_text(encoding="utf-8"))), ""
    except FileNotFoundError:
        backup = _backup(path)
        if not backup.exists():
            return {}, ""
        why = "was missing"
    except (ValueError, TypeError, UnicodeDecodeError) as error:
        aside = path.with_name(f"{path.stem}.unreadable-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")
        with contextlib.suppress(OSError):
            os.replace(path, aside)
        why = f"could not be read ({error}); it is kept as {aside.name}"
    try:
        return (
            _clean(json.loads(_backup(path).read_text(encoding="utf-8"))),
            f"The progress file {why}. The last backup was used instead.",
        )
    except (OSError, ValueError, TypeError):
        return {}, f"The progress file {why}, and there is no backup: progress starts anew."


def _backup(path: Path) -> Path:
    return path.with_name(path.name + ".bak")


def _write(path: Path, entries: Mapping[str, Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        shutil.copy2(path, _backup(path))
    text = json.dumps({"version": _VERSION, "written": _now(), "exercises": entries}, indent=1, sort_keys=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextlib.contextmanager
def _turn(path: Path) -> Iterator[None]:
    """Let one kernel at a time read and write."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_name(path.name + ".lock"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _merge(mine: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The better of two entries: points only rise."""
    better = mine if mine.get("best", 0) >= other.get("best", 0) else other
    solved = [entry["solved"] for entry in (mine, other) if entry.get("solved")]
    last = [entry["last"] for entry in (mine, other) if entry.get("last")]
    return {
        "best": better.get("best", 0.0),
        "points": better.get("points", 0.0),
        "tries": max(mine.get("tries", 0), other.get("tries", 0)),
        "hints": max(mine.get("hints", 0), other.get("hints", 0)),
        "solved": min(solved, default=None),
        "last": max(last, default=None),
    }


_EMPTY: Final[dict[str, Any]] = {"best": 0.0, "points": 0.0, "tries": 0, "hints": 0, "solved": None, "last": None}


def record(exercise: Exercise, report: Report) -> Report:
    """Keep the best result of an exercise; a failure to write is said on the card and harms nothing else."""
    if not wanted():
        return report
    try:
        path = place()
        with _turn(path):
            entries, told = _read(path)
            old = entries.get(exercise.id, _EMPTY)
            new = {
                "best": report.fraction,
                "points": report.earned,
                "tries": 0,
                "hints": 0,
                "solved": _now() if report.passed else None,
                "last": _now(),
            }
            entries[exercise.id] = {**_merge(old, new), "tries": old["tries"] + 1}
            _write(path, entries)
    except OSError as error:
        told = f"Progress could not be kept in {place()}: {error.strerror or error}. Everything else works."
    return replace(report, notes=(*report.notes, told)) if told else report


def note_hint(exercise: Exercise, steps: int) -> None:
    """Keep how many hints were read."""
    if not wanted():
        return
    with contextlib.suppress(OSError):
        path = place()
        with _turn(path):
            entries, _ = _read(path)
            old = entries.get(exercise.id, _EMPTY)
            entries[exercise.id] = {**old, "hints": max(old["hints"], steps)}
            _write(path, entries)


@dataclass(frozen=True)
class ProgressTable:
    """Progress, as a table with bars.

    Attributes
    ----------
    rows : tuple
        Exercise, its entry.
    note : str
        What to know about the file.
    """

    rows: tuple[tuple[Exercise, Mapping[str, Any]], ...]
    note: str = ""

    @property
    def points(self) -> float:
        """All that can be earned."""
        return sum(exercise.points for exercise, _ in self.rows)

    @property
    def earned(self) -> float:
        """All that was earned."""
        return round(sum(exercise.points * float(entry["best"]) for exercise, entry in self.rows), 3)

    def __repr__(self) -> str:
        width = max((len(exercise.id) for exercise, _ in self.rows), default=0)
        lines = []
        for exercise, entry in self.rows:
            filled = round(10 * entry["best"])
            lines.append(
                f"{exercise.id:{width}}  {'█' * filled}{'░' * (10 - filled)}  {_points(exercise, entry):>12} "
                f" {_word(entry)}"
            )
        lines.append(f"{'together':{width}}  {self.earned:g} of {self.points:g} points")
        return "\n".join([*lines, *([self.note] if self.note else [])])

    def _repr_html_(self) -> str:
        rows = []
        for exercise, entry in self.rows:
            state = "right" if entry["best"] >= 1 else "partly" if entry["best"] else "open"
            told = _points(exercise, entry)
            rows.append(
                [
                    f"<code>{exercise.id}</code>",
                    escape(exercise.title),
                    f"{bar(entry['best'], told, state)} {told}",
                    _word(entry),
                    str(entry["tries"]),
                    str(entry["hints"]),
                ]
            )
        caption = f"Your progress: {self.earned:g} of {self.points:g} points"
        note = f'<p style="margin:.2em 0">{escape(self.note)}</p>' if self.note else ""
        return table(caption, ["exercise", "title", "points", "state", "tries", "hints"], rows) + note


def _points(exercise: Exercise, entry: Mapping[str, Any]) -> str:
    return f"{round(exercise.points * entry['best'], 2):g} of {exercise.points:g}"


def _word(entry: Mapping[str, Any]) -> str:
    return (
        "✓ solved" if entry["best"] >= 1 else "◐ partly" if entry["best"] else "✗ tried" if entry["tries"] else "○ open"
    )


class Progress:
    """`progress()` shows it; `progress.export(file)` saves a copy; `progress.restore(file)` brings one back."""

    def __call__(self, chapter: str | None = None) -> ProgressTable:
        """Show what was solved, of one chapter (``"ch05"``) or of all.

        Raises
        ------
        ValueError
            If the chapter has no exercises.
        """
        items = _registry.exercises() if chapter is None else _registry.chapter(chapter)
        entries, told = _read(place())
        note = told or (
            "" if wanted() else "Progress is not being kept here: it is kept where a person works in a notebook."
        )
        return ProgressTable(tuple((item, entries.get(item.id, _EMPTY)) for item in items), note)

    def export(self, file: str | os.PathLike[str]) -> Path:
        """Save a copy of the progress to `file` and return its path.

        Raises
        ------
        ValueError
            If `file` exists and is not a progress file.
        """
        target = Path(file).expanduser()
        entries, _ = _read(place())
        if target.exists():
            self._open(target)
        _write(target, entries)
        return target

    def restore(self, file: str | os.PathLike[str]) -> ProgressTable:
        """Merge an exported file into the progress; of each exercise the better result stays.

        Raises
        ------
        ValueError
            If `file` does not exist or is not a progress file.
        """
        theirs = self._open(Path(file).expanduser())
        path = place()
        with _turn(path):
            entries, _ = _read(path)
            for id, entry in theirs.items():
                entries[id] = _merge(entries.get(id, _EMPTY), entry)
            _write(path, entries)
        return self()

    @staticmethod
    def _open(path: Path) -> dict[str, dict[str, Any]]:
        try:
            return _clean(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ValueError(f"file is {str(path)!r}: expected a file written by progress.export ({error}).") from error

    def __repr__(self) -> str:
        return repr(self())

    def _repr_html_(self) -> str:
        return self()._repr_html_()


progress: Final = Progress()


def reset(id: str) -> ProgressTable:
    """Forget the result of one exercise, so that it can be worked again (the file before it stays as ``.bak``).

    Parameters
    ----------
    id : str
        The exercise, such as ``"ch05.optimum"``.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    from ._help import forget_hints

    exercise = _registry.exercise(id)
    forget_hints(exercise.id)
    path = place()
    with _turn(path):
        entries, _ = _read(path)
        if entries.pop(exercise.id, None) is not None:
            _write(path, entries)
    return progress(exercise.chapter)
