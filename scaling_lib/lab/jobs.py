"""Carry tasks to worker processes and keep what they give: what `sweep` does for runs, `perform` does for anything else.

A task is a frozen dataclass; a module-level function makes records of it. Use `perform` for what is not one `Run`, such as
scoring a model along its training, and `sweep` for what is.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from .._validate import integer
from .journal import Journal

if TYPE_CHECKING:
    import pandas

__all__ = ["Work", "carry", "describe", "digest", "perform", "workers"]

COLUMNS = ("hash", "task", "records", "cpu_seconds", "error")
#: What makes the records of one task.
Work: TypeAlias = Callable[[Any], list[dict[str, Any]]]


def describe(task: Any) -> Any:
    """A frozen dataclass as JSON-ready settings; nested ones carry the name of their class."""
    if dataclasses.is_dataclass(task) and not isinstance(task, type):
        return {
            "kind": type(task).__name__,
            **{f.name: describe(getattr(task, f.name)) for f in dataclasses.fields(task)},
        }
    return [describe(item) for item in task] if isinstance(task, (list, tuple)) else task


def digest(settings: Any) -> str:
    """Sixteen hexadecimal digits that stand for JSON-ready settings, the same in every process."""
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"), default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def workers(n_jobs: object) -> int:
    """A number of workers: from 1 up, or -1 for one a core, -2 for one less."""
    number = integer("n_jobs", n_jobs, unit="workers", low=-4096, high=4096)
    if number == 0:
        raise ValueError("n_jobs is 0: expected a number of workers, or -1 for one a core.")
    return number


def failure(error: BaseException) -> str:
    """How a failed task is recorded, in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def carry(
    function: Callable[[Any], dict[str, Any]],
    tasks: Mapping[str, Any],
    cost: Mapping[str, float],
    keep: Callable[[dict[str, Any]], None],
    *,
    n_jobs: int,
    progress: bool,
    stored: bool,
) -> None:
    """Apply `function` to every task, the dearest first, and hand each row to `keep` as soon as it is there.

    Parameters
    ----------
    function : callable
        At the top level of a module; from a task to a row.
    tasks : mapping of str to object
        By hash; the row's "hash" names its task.
    cost : mapping of str to float
        FLOP of each, for the bar.
    keep : callable
    n_jobs : int
        Worker processes, or -1 for one a core; ignored where a joblib configuration is active.
    progress, stored : bool
        Show a bar; say in an error that finished rows are stored.

    Raises
    ------
    RuntimeError
        If a worker process was killed.
    """
    import joblib
    from joblib.externals.loky.process_executor import TerminatedWorkerError
    from tqdm.auto import tqdm

    if not tasks:
        return
    # The longest first, so that no worker waits at the end for one long run that began late.
    todo = sorted(tasks, key=lambda key: cost[key], reverse=True)
    bar = tqdm(
        total=round(sum(cost[key] for key in todo) / 1e9),
        unit="G",
        disable=not progress,
        desc=f"{len(todo)} runs",
        leave=False,
    )
    work = joblib.Parallel(
        n_jobs=min(n_jobs, len(todo)) if n_jobs > 0 else n_jobs, return_as="generator_unordered", batch_size=1
    )
    finished = 0
    with bar:
        rows = work(joblib.delayed(function)(tasks[key]) for key in todo)
        try:
            for row in rows:
                keep(row)
                finished += 1
                bar.update(round(cost[row["hash"]] / 1e9))
        except TerminatedWorkerError as error:
            raise RuntimeError(
                f"A worker process was killed (out of memory?). {finished} of {len(todo)} tasks are finished"
                + (" and stored" if stored else "")
                + "; call again with fewer n_jobs to go on."
            ) from error
        finally:
            # What is still under way is stopped with us, not left to run on.
            rows.close()


def _guarded(task: tuple[Work, str, Any]) -> dict[str, Any]:
    function, key, item = task
    row: dict[str, Any] = {
        "hash": key,
        "task": json.dumps(describe(item), sort_keys=True, default=list),
        "records": "[]",
        "cpu_seconds": "",
        "error": "",
    }
    begun = time.process_time()
    try:
        row["records"] = json.dumps(function(item))
    except Exception as error:  # noqa: BLE001 - whatever went wrong is recorded, and the others go on
        row["error"] = failure(error)
    row["cpu_seconds"] = f"{time.process_time() - begun:.3f}"
    return row


def perform(
    function: Work, items: Sequence[Any], out: str | None = None, *, n_jobs: int = 1, progress: bool = False
) -> pandas.DataFrame:
    """Make the records of every item, durably, and return them as one table in the order of the items.

    Parameters
    ----------
    function : callable
        At the top level of a module; from an item to a list of JSON-ready records.
    items : sequence of frozen dataclasses
    out : path, optional
        A csv file that keeps finished items; a stopped call goes on from it.
    n_jobs : int
    progress : bool

    Returns
    -------
    pandas.DataFrame
        One row a record; ``attrs["cpu_seconds"]`` is the processor time of all items.

    Raises
    ------
    ValueError
        If there are no items, or `out` does not end in ``.csv``.
    RuntimeError
        If an item failed (the others are stored), or a worker was killed.
    """
    import pandas as pd

    if not items:
        raise ValueError("items is empty: give at least one task.")
    workers(n_jobs)
    if out is not None and Path(out).suffix != ".csv":
        raise ValueError(f"out is {str(out)!r}: expected a file ending in .csv.")
    name = f"{function.__module__}.{function.__qualname__}"
    tasks = {digest([name, describe(item)]): item for item in items}
    cost = {key: _cost(item) for key, item in tasks.items()}

    def rest(done: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[Work, str, Any]]:
        return {key: (function, key, item) for key, item in tasks.items() if key not in done or done[key]["error"]}

    if out is None:
        rows: dict[str, dict[str, Any]] = {}
        carry(
            _guarded,
            rest(rows),
            cost,
            lambda row: rows.update({row["hash"]: row}),
            n_jobs=n_jobs,
            progress=progress,
            stored=False,
        )
    else:
        with Journal.open(Path(out), COLUMNS) as journal:
            carry(_guarded, rest(journal.done), cost, journal.append, n_jobs=n_jobs, progress=progress, stored=True)
            journal.arrange(list(tasks))
            rows = journal.done
    failed = [rows[key]["error"] for key in tasks if rows[key]["error"]]
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(tasks)} tasks failed, the first with: {failed[0]}")
    table = pd.DataFrame([record for key in tasks for record in json.loads(rows[key]["records"])])
    table.attrs["cpu_seconds"] = sum(float(rows[key]["cpu_seconds"]) for key in tasks)
    return table


def _cost(item: Any) -> float:
    from .run import Run

    run = item if isinstance(item, Run) else getattr(item, "run", None)
    return float(run.model.counts(run.source.vocab).total * run.D + 2e9) if isinstance(run, Run) else 1e10
