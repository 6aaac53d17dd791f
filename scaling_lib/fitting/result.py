"""What a fit returns: the law, how well it describes the points, how the search ended, and what may be asked of it."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from .._validate import FloatArray, _refuse, file_path
from ..laws import Law
from .huber import log_residuals
from .task import Engine, Status, Task, prepare

if TYPE_CHECKING:
    from .bootstrap import Bootstrap
    from .predict import Band
    from .profile import Profile

__all__ = ["FitResult", "engine_for", "load"]

L_co = TypeVar("L_co", bound=Law, covariant=True)


def engine_for(task: Task) -> Engine:
    """The engine that serves the law of a task."""
    if task.law.terms:
        from .engine import PowerTermsEngine

        return PowerTermsEngine(task)
    from .general import GeneralEngine

    return GeneralEngine(task)


@dataclass(frozen=True)
class FitResult(Generic[L_co]):
    """A fitted law.

    Attributes
    ----------
    law : Law
        The law with the constants found.
    objective : float
        Sum of Huber losses of the log residuals. It compares with another fit of the same points and `delta` only.
    status : Status
        CONVERGED, AT_BOUND, DEGENERATE or NOT_CONVERGED.
    message : str
        The same in words.
    task : Task
        What was asked: the checked data, and what was held or bounded.
    """

    law: L_co
    objective: float
    status: Status
    message: str
    task: Task = field(repr=False, compare=False)

    @property
    def n_points(self) -> int:
        """Number of points."""
        return self.task.size

    @property
    def fixed(self) -> dict[str, float]:
        """The constants that were held."""
        return dict(self.task.fixed)

    @property
    def free(self) -> tuple[str, ...]:
        """Names of the constants that were found."""
        return self.task.free

    @property
    def delta(self) -> float:
        """Huber width of the objective, in log loss."""
        return self.task.delta

    @property
    def ok(self) -> bool:
        """Whether the constants may be used: the search arrived and the data fix every constant."""
        return self.status in (Status.CONVERGED, Status.AT_BOUND)

    @cached_property
    def theta(self) -> FloatArray:
        """The constants in the order of the law (P,)."""
        return np.array(list(self.law.parameters.values()))

    @cached_property
    def fitted(self) -> FloatArray:
        """What the law predicts at the points (n,)."""
        return np.asarray(np.exp(self.task.log_predict(self.theta[None])[0]))

    @cached_property
    def residuals(self) -> FloatArray:
        """log(measured) - log(predicted) at the points (n,): 0.01 means the run was 1 % worse than the law."""
        return log_residuals(self.task.target, self.fitted)

    @cached_property
    def engine(self) -> Engine:
        """The estimator, for refits."""
        return engine_for(self.task)

    def bootstrap(self, n: int = 4000, *, seed: int = 0, method: str = "pairs", clusters: object = None,
                  warm: bool = True) -> Bootstrap[L_co]:
        """Refit on `n` resampled tables; see :func:`scaling_lib.fitting.bootstrap`."""
        from .bootstrap import bootstrap

        return bootstrap(self, n, seed=seed, method=method, clusters=clusters, warm=warm)

    def profile(self, name: str, level: float = 0.95, *, points: int = 0) -> Profile:
        """The likelihood interval of a constant; see :func:`scaling_lib.fitting.profile`."""
        from .profile import profile

        return profile(self, name, level, points=points)

    def predict(self, *, kind: str = "confidence", level: float = 0.95, refits: Bootstrap[Any] | None = None, n: int = 2000,
                seed: int = 0, **variables: object) -> Band:
        """Predict with an interval; see :func:`scaling_lib.fitting.predict`."""
        from .predict import predict

        return predict(self, kind=kind, level=level, refits=refits, n=n, seed=seed, **variables)

    # Keeping

    def to_dict(self, *, data: bool = True) -> dict[str, Any]:
        """A JSON-ready description; with `data` the points too, so that it can be bootstrapped after loading."""
        task = self.task
        out: dict[str, Any] = {
            "scaling_lib": "fit", **self.law.to_dict(), "objective": self.objective, "status": self.status.value,
            "message": self.message, "delta": task.delta, "n_points": task.size, "fixed": task.fixed,
            "bounds": {name: [_open(task.low[name]), _open(task.high[name])] for name in sorted(task.bounded)},
        }
        if data:
            out["points"] = {name: column.tolist() for name, column in (*task.inputs.items(), (task.law.target, task.target))}
            if task.weights is not None:
                out["weights"] = task.weights.tolist()
        return out

    def save(self, path: str | Path) -> Path:
        """Write the fit to a JSON file, points included; :func:`load` reads it back."""
        where = file_path("path", path)
        where.write_text(json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n", encoding="utf-8")
        return where

    # Showing

    def __repr__(self) -> str:
        return (f"FitResult({self.law}, objective={self.objective:.7g}, status={self.status.value}, "
                f"n_points={self.n_points})")

    def _repr_html_(self) -> str:
        cells = []
        for name, value in self.law.parameters.items():
            note = "held" if name in self.task.fixed else ""
            cells.append(f"<tr><th scope='row'>{html.escape(name)}</th><td>{value:.5g}</td><td>{note}</td></tr>")
        worst = float(np.abs(self.residuals).max())
        return (f"<table class='sl-fit'><caption>{html.escape(type(self.law).__name__)}, {self.n_points} points: "
                f"{self.status.value} ({html.escape(self.message)})</caption><thead><tr><th scope='col'>constant</th>"
                f"<th scope='col'>value</th><th scope='col'></th></tr></thead><tbody>{''.join(cells)}</tbody></table>"
                f"<p>Objective {self.objective:.7g} (summed Huber, delta {self.delta:g}); "
                f"largest residual {100 * worst:.2g} %.</p>")


def a_fit(result: object) -> FitResult[Any]:
    """Return `result` if it is a fit.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if isinstance(result, FitResult):
        return result
    raise _refuse("result", result, "what fit(...) returns")


def _open(end: float) -> float | None:
    return float(end) if np.isfinite(end) else None


def load(path: str | Path) -> FitResult[Law]:
    """Read a fit that :meth:`FitResult.save` wrote.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    FitResult
        With its points, so that it can be bootstrapped; nothing is fitted again.

    Raises
    ------
    ValueError
        If the file is missing, is not JSON, or does not describe a fit with its points.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from scaling_lib import PowerLaw, fit
    >>> result = fit(PowerLaw, x=[1, 2, 4, 8], L=[3.0, 2.5, 2.25, 2.125])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(result.save(pathlib.Path(folder) / "fit.json")).law == result.law
    True
    """
    where = file_path("path", path)
    try:
        data = json.loads(where.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ValueError(f"path is {str(path)!r}: it cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise ValueError(f"path is {str(path)!r}: it is not a JSON file ({error}).") from error
    if not isinstance(data, Mapping) or data.get("scaling_lib") != "fit" or not isinstance(data.get("points"), Mapping):
        raise ValueError(f"path is {str(path)!r}: expected a fit with its points, as FitResult.save writes it.")
    return from_dict(data)


def from_dict(data: Mapping[str, Any]) -> FitResult[Law]:
    """Rebuild a fit from `FitResult.to_dict`."""
    law_class = law_named(data.get("law"))
    law = law_class.from_dict({"law": data.get("law"), "parameters": data.get("parameters")})
    try:
        status = Status(data["status"])
        task = prepare(law_class, data["points"], delta=float(data["delta"]), fixed=data.get("fixed"),
                       bounds={name: tuple(pair) for name, pair in (data.get("bounds") or {}).items()},
                       weights=data.get("weights"))
        return FitResult(law=law, objective=float(data["objective"]), status=status, message=str(data.get("message", "")),
                         task=task)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"The description of the fit is incomplete or damaged at {error}.") from error


def law_named(name: object) -> type[Law]:
    """The class of laws of that name.

    Raises
    ------
    ValueError
        If there is none.
    """
    from .. import laws
    from .._validate import choice

    known = {key: value for key in laws.__all__
             if isinstance(value := getattr(laws, key), type) and issubclass(value, Law) and value is not Law}
    return known[choice("law", name, tuple(sorted(known)))]
