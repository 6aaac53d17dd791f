"""What every experiment returns: a table, the numbers it comes down to, and one picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..._validate import FloatArray, shown
from ..jobs import Work, perform
from ..run import Run
from ..sweeping import sweep

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

__all__ = ["Experiment", "Options", "carried", "finished", "line", "several", "slope"]

T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """How an experiment's runs are carried out.

    Attributes
    ----------
    out : str, optional
        File of results; a stopped experiment goes on from it.
    n_jobs : int
        Worker processes.
    progress : bool
        Show a bar with the time left.
    """

    out: str | None = None
    n_jobs: int = 1
    progress: bool = False


@dataclass(frozen=True)
class Experiment:
    """The answer of one experiment.

    Attributes
    ----------
    name : str
        Which experiment.
    question : str
        What it asks, in one sentence.
    table : pandas.DataFrame
        One row a run or snapshot.
    numbers : mapping of str to float
        What it comes down to; a standard error stands beside its number as ``name_se``.
    laws : tuple of str
        The fitted laws, written out; empty where the answer is no law.
    """

    name: str
    question: str
    table: pandas.DataFrame = field(repr=False)
    numbers: Mapping[str, float]
    _draw: Callable[[Axes], Axes] = field(repr=False, compare=False)
    laws: tuple[str, ...] = ()

    def draw(self, ax: Axes | None = None) -> Axes:
        """Draw the experiment's picture on `ax`, or on new axes."""
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(layout="constrained")
        return self._draw(ax)

    def to_json(self) -> str:
        """Rows, numbers and laws as one JSON object; what is not a number is null."""
        rows = json.loads(self.table.to_json(orient="records"))
        numbers = {key: value if np.isfinite(value) else None for key, value in self.numbers.items()}
        answer = {"experiment": self.name, "question": self.question, "numbers": numbers, "laws": self.laws, "rows": rows}
        return json.dumps(answer)


def finished(runs: Iterable[Run], options: Options) -> pandas.DataFrame:
    """Sweep `runs` and return the rows; a failed run is an error here, since the answer would be silently another.

    Raises
    ------
    RuntimeError
        If a run failed; the first error is shown, and what was finished is in `options.out`.
    """
    table = sweep(list(runs), options.out, n_jobs=options.n_jobs, progress=options.progress)
    failed = table[table["error"] != ""]
    if len(failed):
        raise RuntimeError(f"{len(failed)} of {len(table)} runs failed, the first with: {failed['error'].iloc[0]}")
    return table


def carried(function: Work, items: Sequence[Any], options: Options) -> pandas.DataFrame:
    """Carry out tasks that are not runs, as `options` say, and return their records."""
    return perform(function, items, options.out, n_jobs=options.n_jobs, progress=options.progress)


def several(name: str, values: Iterable[T], *, least: int = 1) -> tuple[T, ...]:
    """The values, refused before anything is trained if there are not enough different ones for the answer.

    Raises
    ------
    ValueError
        If `values` is no series, or has fewer than `least` different values.
    """
    listed = () if isinstance(values, str) or not hasattr(values, "__iter__") else tuple(values)
    if len({repr(value) for value in listed}) < least:
        raise ValueError(f"{name} is {shown(values)}: expected a series of at least {least} different values.")
    return listed


def line(name: str, base: str, x: FloatArray, y: FloatArray) -> str:
    """The power law through the points by least squares in the logs, written out."""
    rate, error = slope(x, y)
    scale = np.exp(np.mean(np.log(np.asarray(y, float))) - rate * np.mean(np.log(np.asarray(x, float))))
    return f"{name} = {scale:.4g} {base}^{rate:.4f} (exponent ± {error:.2g})"


def slope(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """Slope of log y against log x by least squares, and its standard error from the scatter about the line."""
    u, v = np.log(np.asarray(x, float)), np.log(np.asarray(y, float))
    u = u - u.mean()
    rate = float(u @ v / (u @ u))
    rest = v - v.mean() - rate * u
    freedom = len(u) - 2
    return rate, float(np.sqrt(rest @ rest / freedom / (u @ u))) if freedom > 0 else float("nan")
