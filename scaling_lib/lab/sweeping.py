"""Many runs: finished ones are durable at once, a stopped sweep goes on where it was, and the order never matters.

Each finished run is one line of a csv file, flushed to disk before the next is awaited. Killed at any moment and started
again, the sweep repairs a line cut off in the middle, skips what is there by hash and trains the rest. When all are done the
file is rewritten in the order of the runs, so that its results are those of an uninterrupted sweep (times aside).

`joblib` carries the work: worker processes here, a cluster under ``joblib.parallel_config(backend="dask")``.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .jobs import carry, failure, workers
from .journal import Journal, replacing
from .run import Run

if TYPE_CHECKING:
    import pandas

__all__ = ["sweep"]

#: Columns of a result that differ from one execution to the next.
TIMING = ("seconds", "cpu_seconds", "tokens_per_second", "peak_share")
RESULT = (
    "N_non_embedding",
    "N_with_head",
    "N_total",
    "D",
    "C_non_embedding",
    "C_total",
    "loss",
    "excess",
    "excess_se",
    "curve",
)
COLUMNS = ("hash", "run", *RESULT, *TIMING, "versions", "error")


def sweep(
    runs: Sequence[Run],
    out: str | os.PathLike[str] | None = None,
    *,
    n_jobs: int = 1,
    retry_failed: bool = False,
    progress: bool = True,
) -> pandas.DataFrame:
    """Train every run and return one row for each, in the order given.

    Parameters
    ----------
    runs : sequence of Run
        What to train; two equal runs are trained once.
    out : path, optional
        File of results, ending in ``.csv`` or ``.parquet`` (which needs pyarrow; while runs are unfinished they are in
        a csv journal beside it). Runs that are already in it are not trained again. Without it nothing is written.
    n_jobs : int
        Worker processes, or -1 for one a core; ignored where a joblib configuration is active.
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
    workers(n_jobs)
    if out is None:
        return _table(runs, _train_all(runs, None, n_jobs, progress, retry_failed))
    path = Path(out)
    if path.suffix not in (".csv", ".parquet"):
        raise ValueError(f"out is {str(path)!r}: expected a file ending in .csv or .parquet.")
    if path.suffix == ".parquet":
        _needs_pyarrow()
    journal = path if path.suffix == ".csv" else path.with_suffix(".journal.csv")
    with Journal.open(journal, COLUMNS) as book:
        rows = _train_all(runs, book, n_jobs, progress, retry_failed)
        book.arrange([run.hash for run in runs])
    table = _table(runs, rows)
    if path.suffix == ".parquet":
        with replacing(path) as temporary:
            table.to_parquet(temporary)
    return table


def _checked(runs: Sequence[Run]) -> list[Run]:
    if isinstance(runs, Run) or not hasattr(runs, "__iter__"):
        raise ValueError(f"runs is {runs!r}: expected Run objects in a list.")
    listed = list(runs)
    wrong = [item for item in listed if not isinstance(item, Run)]
    if wrong or not listed:
        raise ValueError(
            f"runs holds {wrong[0]!r}: expected Run objects." if wrong else "runs is empty: give at least one Run."
        )
    return list({run.hash: run for run in listed}.values())


def _needs_pyarrow() -> None:
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        raise ValueError(
            "out ends in .parquet, which needs pyarrow, and it is not installed: pip install pyarrow, or write .csv."
        )


def _one(run: Run) -> dict[str, Any]:
    """Train one run in whatever process this is; a failure becomes a row."""
    from .training import train

    row: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    row["hash"], row["run"] = run.hash, json.dumps(run.describe(), sort_keys=True)
    try:
        result = train(run).to_dict()
    except Exception as error:  # noqa: BLE001 - whatever went wrong is recorded, and the sweep goes on
        row["error"] = failure(error)
    else:
        result["curve"] = json.dumps(result["curve"])
        row |= {key: _text(value) for key, value in result.items()}
    return row


def _text(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _cost(run: Run) -> float:
    return float(run.model.counts(run.source.vocab).total * run.D + 2e9)


def _train_all(
    runs: list[Run], journal: Journal | None, n_jobs: int, progress: bool, retry_failed: bool
) -> dict[str, dict[str, Any]]:
    rows = {} if journal is None else journal.done
    todo = {run.hash: run for run in runs if run.hash not in rows or retry_failed and rows[run.hash]["error"]}
    keep = (lambda row: rows.update({row["hash"]: row})) if journal is None else journal.append
    carry(
        _one,
        todo,
        {key: _cost(run) for key, run in todo.items()},
        keep,
        n_jobs=n_jobs,
        progress=progress,
        stored=journal is not None,
    )
    return rows


def _table(runs: list[Run], rows: dict[str, dict[str, str]]) -> pandas.DataFrame:
    import pandas as pd

    records = []
    for run in runs:
        row = rows[run.hash]
        settings = {f"setting_{key}": value for key, value in _flat(run.describe()).items()}
        numbers = {key: _number(row[key]) for key in (*RESULT, *TIMING) if key != "curve"}
        curve = json.loads(row["curve"]) if row["curve"] else []
        records.append(
            {
                "hash": row["hash"],
                **numbers,
                "curve": curve,
                "versions": row["versions"],
                "error": row["error"],
                **settings,
            }
        )
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
