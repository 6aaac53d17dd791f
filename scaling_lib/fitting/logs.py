"""From the csv that a training tracker exports to a fit.

Three layouts are read. *Long*: one row per checkpoint, with columns for the run, for tokens (or the step) and for the loss.
*Wide*, as trackers export a chart: one column for the step and one per run, named ``run - metric``, with
``run - metric__MIN`` and ``__MAX`` beside it, which are ignored. *One run*: every step once beside one loss (TensorBoard's
``Value`` is taken for it); the run is called as its file. Checkpoints of one run share its luck: their errors are
not independent, so intervals come from resampling whole runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._validate import fraction, positive, scalar
from ..laws import ChinchillaLaw, Law
from .bootstrap import Bootstrap
from .estimate import fit
from .huber import DELTA
from .result import FitResult
from .tables import columns_of, read_table, resolve

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["LogFit", "fit_log", "read_log"]

_RUN = ("run", "run_name", "run_id", "name", "experiment", "model")
_STEP = ("step", "steps", "_step", "global_step", "trainer/global_step", "iteration", "iter")


def _column(names: list[str], wanted: tuple[str, ...], what: str) -> str | None:
    found = [name for name in names if name.strip().lower().replace(" ", "_") in wanted]
    if len(found) > 1:
        raise ValueError(f"The log has {len(found)} columns that may be the {what}: {', '.join(found)}. Keep one of them.")
    return found[0] if found else None


def read_log(path: str | Path, *, params: Mapping[str, float] | float | None = None, tokens_per_step: float | Mapping[str, float] | None = None,
             skip: float = 0.1) -> DataFrame:
    """Read a training log into one row per checkpoint.

    Parameters
    ----------
    path : str or Path
        A csv file.
    params : float or mapping of str to float, optional
        Parameters of all runs or of each; needed unless the log has a column for them.
    tokens_per_step : float or mapping, optional
        Tokens of one step (batch size times sequence length), of all runs or of each; needed unless the log counts tokens.
    skip : float
        Fraction of each run's tokens at its beginning to leave out: warm-up follows no law.

    Returns
    -------
    DataFrame
        Columns ``run``, ``N``, ``D`` and ``L``; checkpoints without a loss are left out.

    Raises
    ------
    ValueError
        If the file, its columns or the runs are not as described; the message names what is missing.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "export.csv"
    ...     _ = path.write_text("Step,small - loss,large - loss\\n100,4.0,3.9\\n200,3.8,3.6\\n")
    ...     read_log(path, params={"small": 1e7, "large": 1e8}, tokens_per_step=5e5, skip=0).D.tolist()
    [50000000.0, 100000000.0, 50000000.0, 100000000.0]
    """
    import pandas as pd

    leave = float(fraction("skip", scalar("skip", skip)))
    table = read_table(path)
    names = [str(name) for name in table.columns]
    run, step = _column(names, _RUN, "run"), _column(names, _STEP, "step")
    if run is None:
        table = _with_run(table, names, step, Path(path).stem)
        run, step, names = "run", "step" if step else None, [str(name) for name in table.columns]
    if table[run].isna().any():
        raise ValueError(f"Column {run!r} names no run in row {int(np.argmax(table[run].isna()))}.")
    losses = columns_of([n for n in names if n != run], "L")
    if len(losses) != 1:
        listed = ", ".join(name for name, _ in losses) or ", ".join(names)
        raise ValueError(f"The log must have one column of losses, and has {len(losses)}: {listed}. Keep the one you mean, named loss.")
    table = table[table[losses[0][0]].notna()].reset_index(drop=True)
    labels = table[run].astype(str)
    tokens = columns_of(names, "D")
    if len(tokens) > 1:
        raise ValueError(f"The log has {len(tokens)} columns of tokens: {', '.join(name for name, _ in tokens)}. Keep one of them.")
    if tokens:
        D = table[tokens[0][0]].to_numpy(float) * tokens[0][1]
    elif step is None or tokens_per_step is None:
        raise ValueError("The log counts no tokens: give tokens_per_step= (batch size times sequence length)"
                         + ("." if step else ", and keep the column of the step."))
    else:
        D = table[step].to_numpy(float) * _each("tokens_per_step", tokens_per_step, labels)
    sizes = columns_of(names, "N")
    if params is not None:
        N = _each("params", params, labels)
    elif len(sizes) == 1:
        N = table[sizes[0][0]].to_numpy(float) * sizes[0][1]
    else:
        raise ValueError(f"The log has {len(sizes)} columns of parameters: give params={{run: parameters}} for the runs "
                         f"{', '.join(map(repr, sorted(set(labels))[:8]))}.")
    out = pd.DataFrame({"run": labels, "N": N, "D": D, "L": table[losses[0][0]].to_numpy(float)})
    last = out.groupby("run")["D"].transform("max")
    out = out[(out.D > 0) & (out.D >= leave * last)].reset_index(drop=True)
    if out.empty:
        raise ValueError(f"No checkpoint is left after skip = {leave:g}: lower it.")
    resolve(out, ChinchillaLaw)
    return out


def _each(argument: str, value: Any, labels: Any) -> NDArray[np.float64]:
    if not isinstance(value, Mapping):
        return np.full(len(labels), float(positive(argument, scalar(argument, value))))
    missing = sorted(set(labels) - {str(name) for name in value})
    if missing:
        raise ValueError(f"{argument} has no entry for the runs {', '.join(map(repr, missing[:8]))}.")
    table = {str(name): float(positive(f"{argument}[{name!r}]", scalar(f"{argument}[{name!r}]", entry))) for name, entry in value.items()}
    return np.array([table[label] for label in labels])


def _with_run(table: DataFrame, names: list[str], step: str | None, stem: str) -> DataFrame:
    """The long form of a chart with one column per run, or of the log of a single one."""
    import pandas as pd

    tensorboard = {name.strip().lower() for name in names} == {"wall time", "step", "value"}
    if tensorboard:
        table = table.rename(columns={name: name.strip().lower() for name in names}).rename(columns={"value": "loss"})
        names, step = [str(name) for name in table.columns], "step"
    # Rows of several runs repeat steps, or differ in parameters: those must say which is which.
    if step and len(columns_of(names, "L")) == 1 and not columns_of(names, "N") and table[step].is_unique:
        return table.rename(columns={step: "step"}).assign(run=stem)
    charts = {name: match for name in names if (match := re.fullmatch(r"(.+) - ([^-]+)", name)) and not re.search(r"__(MIN|MAX)$", name)}
    if step is None or not charts:
        raise ValueError(f"The log has no column for the run ({', '.join(_RUN)}), is no chart with columns 'run - metric' beside a "
                         f"step, and not the steps of one run beside one loss: its columns are {', '.join(names)}.")
    metrics = sorted({match.group(2).strip() for match in charts.values()} - {"_step"})
    if len(metrics) > 1:
        raise ValueError(f"The chart has {len(metrics)} metrics: {', '.join(metrics)}. Export one.")
    parts = [pd.DataFrame({"run": match.group(1).strip(), "step": table[step], "loss": table[name]})
             for name, match in charts.items() if match.group(2).strip() != "_step"]
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class LogFit:
    """A fit to checkpoints, which knows which of them belong together.

    Attributes
    ----------
    result : FitResult
        The fit; its own `bootstrap` would take checkpoints for independent runs.
    run : ndarray of str (n,)
        The run of each point.
    """

    result: FitResult[Any]
    run: NDArray[np.str_]

    @property
    def law(self) -> Law:
        """The fitted law."""
        law: Law = self.result.law
        return law

    @property
    def runs(self) -> tuple[str, ...]:
        """Names of the runs."""
        return tuple(sorted(set(self.run.tolist())))

    def bootstrap(self, n: int = 1000, *, seed: int = 0, method: str = "wild") -> Bootstrap[Any]:
        """Refit with whole runs redrawn; "wild" keeps every run and flips all its residuals together.

        Raises
        ------
        ValueError
            If there are fewer than three runs: nothing then tells how runs differ.
        """
        return self.result.bootstrap(n, seed=seed, method=method, clusters=self.run)

    def __repr__(self) -> str:
        return f"LogFit({self.result!r}, {len(self.runs)} runs)"


def fit_log(path: str | Path, law: type[Law] = ChinchillaLaw, *, params: Mapping[str, float] | float | None = None,
            tokens_per_step: float | Mapping[str, float] | None = None, skip: float = 0.1, delta: float = DELTA,
            fixed: Mapping[str, float] | None = None) -> LogFit:
    """Fit a law to the checkpoints of a training log, every run with equal weight.

    A checkpoint read midway has not annealed: its loss lies above that of a run that ends there, by a few hundredths of a
    nat with a cosine schedule. Final losses of separate runs are better data where you have them.

    Parameters
    ----------
    path : str or Path
        A csv file; see `read_log`.
    law : type
        A class of laws of N, D or both.
    params, tokens_per_step, skip
        See `read_log`.
    delta, fixed
        See `fit`.

    Returns
    -------
    LogFit

    Raises
    ------
    ValueError
        As `read_log` and `fit` do.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from scaling_lib import published
    >>> rows = [(f"r{i}", n, d, published.BESIROGLU_2024(n, d)) for i, n in enumerate((1e7, 1e8, 1e9)) for d in (1e9, 4e9, 9e9, 2e10)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "log.csv"
    ...     _ = path.write_text("run,params,tokens,loss\\n" + "\\n".join(",".join(map(str, row)) for row in rows))
    ...     round(fit_log(path, skip=0).law.alpha, 3)
    0.348
    """
    table = read_log(path, params=params, tokens_per_step=tokens_per_step, skip=skip)
    counts = table.groupby("run")["D"].transform("size").to_numpy(float)
    weights = len(table) / (table["run"].nunique() * counts)
    result = fit(law, data=table.drop(columns="run"), delta=delta, fixed=fixed, weights=weights)
    return LogFit(result, table["run"].to_numpy(str))
