"""Many runs: finished ones are durable at once, a stopped sweep goes on where it was, and the order never matters.

Each finished run is one line of a csv file, flushed to disk before the next is awaited. Killed at any moment and started
again, the sweep repairs a line cut off in the middle, skips what is there by hash and trains the rest. When all are done the
file is rewritten in the order of the runs, so that its results are those of an uninterrupted sweep (times aside).

`joblib` carries the work: worker processes here, a cluster under ``joblib.parallel_config(backend="dask")``.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from .._validate import integer
from .run import Run

if TYPE_CHECKING:
    import pandas

__all__ = ["sweep"]

#: Columns of a result that differ from one execution to the next.
TIMING = ("seconds", "cpu_seconds", "tokens_per_second", "peak_share")
RESULT = ("N_non_embedding", "N_with_head", "N_total", "D", "C_non_embedding", "C_total", "loss", "excess", "excess_se", "curve")
COLUMNS = ("hash", "run", *RESULT, *TIMING, "versions", "error")


def sweep(runs: Sequence[Run], out: str | os.PathLike[str] | None = None, *, n_jobs: int = 1, retry_failed: bool = False,
          progress: bool = True) -> pandas.DataFrame:
    """Train every run and return one row for each, in the order given.

    Parameters
    ----------
    runs : sequence of Run
        What to train; two equal runs are trained once.
    out : path, optional
        File of results, ending in ``.csv`` or ``.parquet`` (which needs pyarrow; while runs are unfinished they are in
        a csv journal beside it). Runs that are already in it are not trained again. Without it nothing is written.
    n_jobs : int
        Worker processes; ignored where a joblib configuration is active.
    retry_failed : bool
        Train runs again that failed before.
    progress : bool
        Show a bar with the time left, weighted by the runs' FLOP.

    Returns
    -------
    pandas.DataFrame
        The columns of `scaling_lib.lab.Row`, the run's settings as ``setting_*`` columns, and `error`, empty for a run that
        succeeded; a failed run has NaN for its results.

    Raises
    ------
    ValueError
        If `runs` is empty or holds something else, the file is not one of ours, or `out` has another ending.
    BlockingIOError
        If another sweep is writing the same file.
    RuntimeError
        If a worker process was killed; what was finished is stored, and the same call goes on from there.
    """
    runs = _checked(runs)
    integer("n_jobs", abs(n_jobs), low=1)
    if out is None:
        return _table(runs, _train_all(runs, {}, None, n_jobs, progress))
    path = Path(out)
    if path.suffix not in (".csv", ".parquet"):
        raise ValueError(f"out is {str(path)!r}: expected a file ending in .csv or .parquet.")
    if path.suffix == ".parquet":
        _needs_pyarrow()
    journal = path if path.suffix == ".csv" else path.with_suffix(".journal.csv")
    journal.parent.mkdir(parents=True, exist_ok=True)
    with _locked(journal), _journal(journal) as (file, done):
        if retry_failed:
            done = {key: row for key, row in done.items() if not row["error"]}
        rows = _train_all(runs, done, file, n_jobs, progress)
    _rewrite(journal, runs, rows)
    table = _table(runs, rows)
    if path.suffix == ".parquet":
        temporary = path.with_suffix(".partial")
        table.to_parquet(temporary)
        os.replace(temporary, path)
    return table


def _checked(runs: Sequence[Run]) -> list[Run]:
    listed = list(runs)
    wrong = [item for item in listed if not isinstance(item, Run)]
    if wrong or not listed:
        raise ValueError(f"runs holds {wrong[0]!r}: expected Run objects." if wrong else "runs is empty: give at least one Run.")
    return list({run.hash: run for run in listed}.values())


def _needs_pyarrow() -> None:
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        raise ValueError("out ends in .parquet, which needs pyarrow, and it is not installed: pip install pyarrow, or write .csv.")


def _one(run: Run) -> dict[str, Any]:
    """Train one run in whatever process this is; a failure becomes a row."""
    from .training import train

    row: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    row["hash"], row["run"] = run.hash, json.dumps(run.describe(), sort_keys=True)
    try:
        result = train(run).to_dict()
    except MemoryError:
        row["error"] = "MemoryError: the run does not fit into memory; take a smaller model or batch"
    except Exception as error:  # noqa: BLE001 - whatever went wrong is recorded, and the sweep goes on
        row["error"] = f"{type(error).__name__}: {error}".replace("\n", " ")
    else:
        result["curve"] = json.dumps(result["curve"])
        row |= {key: _text(value) for key, value in result.items()}
    return row


def _text(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _cost(run: Run) -> float:
    return float(run.model.counts(run.source.vocab).total * run.D + 2e9)


def _train_all(runs: list[Run], done: dict[str, dict[str, str]], file: IO[str] | None, n_jobs: int, progress: bool) -> dict[str, dict[str, str]]:
    import joblib
    from joblib.externals.loky.process_executor import TerminatedWorkerError
    from tqdm.auto import tqdm

    rows = {run.hash: done[run.hash] for run in runs if run.hash in done}
    # The longest first, so that no worker waits at the end for one long run that began late.
    todo = sorted((run for run in runs if run.hash not in rows), key=_cost, reverse=True)
    if not todo:
        return rows
    cost = {run.hash: _cost(run) for run in todo}
    bar = tqdm(total=round(sum(cost.values()) / 1e9), unit="G", disable=not progress, desc=f"{len(todo)} runs", leave=False)
    work = joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)
    try:
        with bar:
            for row in work(joblib.delayed(_one)(run) for run in todo):
                rows[row["hash"]] = row
                if file is not None:
                    _append(file, row)
                bar.update(round(cost[row["hash"]] / 1e9))
    except TerminatedWorkerError as error:
        raise RuntimeError(f"A worker process was killed (out of memory?). {len(rows)} of {len(runs)} runs are finished"
                           + (" and stored" if file is not None else "") + "; call again with fewer n_jobs to go on.") from error
    return rows


# The journal -----------------------------------------------------------------------------------------------------------

def _append(file: IO[str], row: dict[str, Any]) -> None:
    line = io.StringIO(newline="")
    csv.DictWriter(line, COLUMNS, lineterminator="\n").writerow(row)
    try:
        file.write(line.getvalue())
        file.flush()
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OSError(error.errno, "The disk is full: what was finished before is stored. Make room and call again.", file.name) from error
        raise


@contextmanager
def _locked(journal: Path) -> Iterator[None]:
    """Hold the only right to write this file; the system gives it back if the process dies."""
    import fcntl

    with open(journal.with_suffix(journal.suffix + ".lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BlockingIOError(error.errno, "Another sweep is writing this file: wait for it or choose another.", str(journal)) from None
        yield


@contextmanager
def _journal(journal: Path) -> Iterator[tuple[IO[str], dict[str, dict[str, str]]]]:
    """Open the journal for appending, repaired, with what it holds by hash."""
    done = _read(journal)
    with open(journal, "a", newline="", encoding="utf-8") as file:
        if file.tell() == 0:
            file.write(",".join(COLUMNS) + "\n")
        yield file, done


def _read(journal: Path) -> dict[str, dict[str, str]]:
    """Rows of the journal by hash; a last line that was cut off is removed from the file."""
    if not journal.exists() or journal.stat().st_size == 0:
        return {}
    data = journal.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        with open(journal, "rb+") as file:
            file.truncate(len(whole))
    try:
        reader = csv.DictReader(io.StringIO(whole.decode("utf-8"), newline=""))
        if whole and tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{journal} is not a file of results of this version: its first line is {reader.fieldnames}. Choose another name for out.")
        return {row["hash"]: row for row in reader}
    except UnicodeDecodeError as error:
        raise ValueError(f"{journal} is not text: choose another name for out.") from error


def _rewrite(journal: Path, runs: list[Run], rows: dict[str, dict[str, str]]) -> None:
    """Put the finished rows into the order of the runs; rows of other runs stay, behind them."""
    rest = {key: row for key, row in _read(journal).items() if key not in rows}
    ordered = [rows[run.hash] for run in runs] + [rest[key] for key in sorted(rest)]
    temporary = journal.with_suffix(".partial")
    with open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(ordered)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, journal)


def _table(runs: list[Run], rows: dict[str, dict[str, str]]) -> pandas.DataFrame:
    import pandas as pd

    records = []
    for run in runs:
        row = rows[run.hash]
        settings = {f"setting_{key}": value for key, value in _flat(run.describe()).items()}
        numbers = {key: _number(row[key]) for key in (*RESULT, *TIMING) if key != "curve"}
        curve = json.loads(row["curve"]) if row["curve"] else []
        records.append({"hash": row["hash"], **numbers, "curve": curve, "versions": row["versions"], "error": row["error"], **settings})
    return pd.DataFrame.from_records(records)


def _flat(settings: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            out |= {f"{key}_{inner}": item for inner, item in value.items()}
        else:
            out[key] = value
    return out


def _number(text: str) -> float:
    return float(text) if text else math.nan
