"""A file of results that survives whatever happens to the process that writes it.

One line a finished task, flushed to disk before the next is awaited; one writer at a time; a last line that was cut off is
removed when the file is opened again. `sweep` keeps runs in one, `perform` any other task.
"""

from __future__ import annotations

import csv
import errno
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import IO, Any

__all__ = ["Journal", "replacing"]


class Journal:
    """The open file: what it held, and how to add to it. Made by `Journal.open`.

    Attributes
    ----------
    done : dict of str to dict
        Rows by hash, as text.
    """

    def __init__(self, path: Path, columns: Sequence[str], file: FileIO, done: dict[str, dict[str, str]]) -> None:
        self.path, self.columns, self._file, self.done = path, tuple(columns), file, done

    @classmethod
    @contextmanager
    def open(cls, path: Path, columns: Sequence[str]) -> Iterator[Journal]:
        """Open `path` for adding rows, repaired, as its only writer.

        Parameters
        ----------
        path : Path
        columns : sequence of str
            Columns of the file; the first is the hash.

        Raises
        ------
        ValueError
            If the file holds something else.
        BlockingIOError
            If another process, or another sweep of this one, is writing it.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path):
            done = _read(path, tuple(columns))
            # Unbuffered: what could not be written must not be tried again when the file is closed.
            with open(path, "ab", buffering=0) as file:
                journal = cls(path, columns, file, done)
                if file.tell() == 0:
                    journal._write(",".join(journal.columns) + "\n")
                yield journal

    def append(self, row: dict[str, Any]) -> None:
        """Add a row; it is on disk when this returns."""
        line = io.StringIO(newline="")
        csv.DictWriter(line, self.columns, lineterminator="\n").writerow(row)
        self._write(line.getvalue())
        self.done[row[self.columns[0]]] = row

    def _write(self, text: str) -> None:
        data, before = memoryview(text.encode()), self._file.tell()
        try:
            while data:
                data = data[self._file.write(data) or 0 :]
            _sync(self._file)
        except OSError as error:
            with suppress(OSError):  # half a line would be repaired when the file is next opened; better none
                self._file.truncate(before)
            raise _clearer(error, self.path) from error

    def arrange(self, order: Sequence[str]) -> None:
        """Put the rows of `order` first, in that order, and all others behind them by hash."""
        first = [key for key in order if key in self.done]
        rest = sorted(set(self.done) - set(first))
        with replacing(self.path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.done[key] for key in [*first, *rest])
            _sync(file)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write that takes the place of `path` when it is whole; what stood there stays until then."""
    temporary = path.with_name(path.name + ".partial")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _clearer(error, path) from error


def _sync(file: IO[Any]) -> None:
    file.flush()
    try:
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems have no fsync
            raise


def _clearer(error: OSError, path: Path) -> OSError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OSError(
            error.errno, "The disk is full: what was finished before is stored. Make room and call again.", str(path)
        )
    return error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the only right to write this file; the system gives it back if the process dies."""
    import fcntl

    with open(path.with_suffix(path.suffix + ".lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BlockingIOError(
                error.errno, "Another sweep is writing this file: wait for it or choose another.", str(path)
            ) from None
        yield


def _read(path: Path, columns: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Rows by hash; a last line that was cut off is removed from the file."""
    if not path.exists() or path.stat().st_size == 0:
        return {}
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    try:
        text = whole.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not text: choose another name for out.") from error
    header = ",".join(columns)
    if whole and text.partition("\n")[0] != header or not whole and not header.encode().startswith(data):
        raise ValueError(
            f"{path} is not a file of results of this version: its first line is {data[:80]!r}. Choose another name for out."
        )
    if len(whole) < len(data):
        with open(path, "rb+") as file:
            file.truncate(len(whole))
    if "\0" in text:
        raise ValueError(f"{path} holds zero bytes: it is damaged. Choose another name for out.")
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))  # the records of one task may be long
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    short = [row for row in rows if None in row or None in row.values()]
    if short:
        raise ValueError(
            f"{path} is damaged: {len(short)} of its lines do not have {len(columns)} fields. Delete them, or choose another name for out."
        )
    return {row[columns[0]]: row for row in rows}
