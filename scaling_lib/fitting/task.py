"""What a fit is asked to do: the law, its checked data, what is held, what is bounded; and what an engine answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray, _refuse, finite, positive, scalar
from ..laws import Law

__all__ = ["Batch", "Engine", "Solution", "Status", "Task", "prepare"]


class Status(StrEnum):
    """How a fit ended."""

    #: A minimum inside the bounds.
    CONVERGED = "CONVERGED"
    #: A minimum on a bound, such as a floor of zero: the data would go further if they could.
    AT_BOUND = "AT_BOUND"
    #: The data do not fix every constant: some combination of them may be changed at no cost.
    DEGENERATE = "DEGENERATE"
    #: The limit of steps came first.
    NOT_CONVERGED = "NOT_CONVERGED"


@dataclass(frozen=True)
class Task:
    """A checked fitting problem.

    Attributes
    ----------
    law : type
        The class of law.
    inputs : dict of ndarray (n,)
        Its variables.
    target : ndarray (n,)
        What it predicts, positive.
    weights : ndarray (n,) or None
        Non-negative weight of each point.
    delta : float
        Huber width.
    fixed : dict
        Constants that are held.
    low, high : dict
        Bounds of the others.
    bounded : frozenset
        Names whose bounds the caller gave.
    """

    law: type[Law]
    inputs: dict[str, FloatArray]
    target: FloatArray
    weights: FloatArray | None
    delta: float
    fixed: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    bounded: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all constants, in the order of the law."""
        return self.law.parameter_names()

    @property
    def free(self) -> tuple[str, ...]:
        """Names of the constants to be found."""
        return tuple(name for name in self.names if name not in self.fixed)

    @property
    def size(self) -> int:
        """Number of points."""
        return len(self.target)

    def log_predict(self, theta: FloatArray) -> FloatArray:
        """Log of the law at its points for each row of theta (B, P); shape (B, n)."""
        table = {name: theta[:, i, None] for i, name in enumerate(self.names)}
        with np.errstate(all="ignore"):
            out = np.log(self.law._formula(table, **self.inputs))
        return np.asarray(np.broadcast_to(out, (len(theta), self.size)), dtype=np.float64)


@dataclass(frozen=True)
class Solution:
    """What an engine found: constants (P,), objective, status and a sentence about it."""

    theta: FloatArray
    value: float
    status: Status
    message: str


@dataclass(frozen=True)
class Batch:
    """Many refits: constants (B, P), objectives (B,) and whether each converged (B,)."""

    theta: FloatArray
    value: FloatArray
    converged: NDArray[np.bool_]


class Engine(Protocol):
    """An estimator for one family of laws on one task."""

    task: Task

    def solve(self) -> Solution:
        """Find the best constants."""
        ...

    def refit(self, *, weights: FloatArray | None = None, targets: FloatArray | None = None,
              warm: FloatArray | None = None) -> Batch:
        """Refit under other weights (B, n) or other log targets (B, n), from `warm` (P,) or from starts of its own."""
        ...

    def audit(self, starts: FloatArray | None = None) -> Batch:
        """Minimise once from every start (B, P)."""
        ...


def law_class(law: object) -> type[Law]:
    """Return `law` if it is a class of laws that can be fitted.

    Raises
    ------
    ValueError
        If it is a law, the base class, or something else.
    """
    if isinstance(law, type) and issubclass(law, Law) and hasattr(law, "inputs"):
        return law
    hint = f"Pass the class {type(law).__name__}, not a law." if isinstance(law, Law) else "Try ChinchillaLaw."
    raise _refuse("law", law, "a class of laws", hint)


def prepare(law: object, columns: Mapping[str, object], *, delta: float, fixed: object, bounds: object,
            weights: object) -> Task:
    """Check everything a fit was given.

    Raises
    ------
    ValueError
        With the argument, its value, what was expected and what to try.
    """
    law = law_class(law)
    names = law.parameter_names()
    if not names:
        raise ValueError(f"{law.__name__} has no constants: there is nothing to fit.")
    wanted = (*law.inputs, law.target)
    unknown = [name for name in columns if name not in wanted]
    missing = [name for name in wanted if name not in columns]
    if unknown or missing:
        said = "; ".join(part for part in (f"missing: {', '.join(missing)}" if missing else "",
                                           f"not a variable of it: {', '.join(unknown)}" if unknown else "") if part)
        raise ValueError(f"{law.__name__} is fitted to the columns {', '.join(wanted)} ({said}). "
                         f"Example: fit({law.__name__}, {', '.join(f'{w}=...' for w in wanted)}).")
    arrays: dict[str, FloatArray] = {}
    for name in wanted:
        from_zero = name in law.inputs_from_zero
        array = finite(name, columns[name], low=0.0) if from_zero else positive(name, columns[name])
        if array.ndim != 1:
            raise _refuse(name, columns[name], "one-dimensional column", f"It has shape {array.shape}.")
        arrays[name] = np.array(array)
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"Columns have different lengths: {lengths}. Every row needs all of them.")
    held = _named(law, "fixed", fixed)
    fixed_values = {name: _allowed(law, f"fixed[{name!r}]", name, value) for name, value in held.items()}
    low, high, bounded = _box(law, bounds, fixed_values)
    mass = None
    if weights is not None:
        mass = np.array(finite("weights", weights, low=0.0))
        if mass.shape != arrays[law.target].shape:
            raise _refuse("weights", weights, f"one weight for each of the {lengths[law.target]} points",
                          f"It has shape {mass.shape}.")
        if not (mass > 0).any():
            raise _refuse("weights", weights, "at least one weight above zero")
    task = Task(law, {name: arrays[name] for name in law.inputs}, arrays[law.target], mass, delta, fixed_values, low,
                high, bounded)
    if not task.free:
        raise ValueError(f"fixed holds every constant of {law.__name__}: nothing is left to fit. "
                         f"Build the law itself: {law.__name__}({', '.join(f'{n}={v:g}' for n, v in fixed_values.items())}).")
    _enough(task)
    return task


def _enough(task: Task) -> None:
    rows = np.stack([*task.inputs.values()], axis=1)
    if task.weights is not None:
        rows = rows[task.weights > 0]
    need = len(task.free)
    # Counting distinct rows sorts them: only short tables can be too short, but repeats hide in long ones.
    order = np.lexsort(rows.T)
    distinct = int(np.count_nonzero(np.any(np.diff(rows[order], axis=0) != 0, axis=1))) + 1 if len(rows) else 0
    if distinct < need:
        raise ValueError(
            f"{distinct} distinct points ({', '.join(task.inputs)}) are given for {need} free constants "
            f"({', '.join(task.free)}): at least {need} are needed. Add runs, or hold constants, such as "
            f"fixed={{{task.free[0]!r}: ...}}.")


def _named(law: type[Law], argument: str, value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    names = ", ".join(law.parameter_names())
    if not isinstance(value, Mapping):
        raise _refuse(argument, value, f"a mapping from constants of {law.__name__} ({names})")
    for name in value:
        if name not in law.parameter_names():
            raise ValueError(f"{argument} names {name!r}: {law.__name__} has the constants {names}.")
    return value


def _natural_low(law: type[Law], name: str) -> float:
    return 0.0 if name in law.nonnegative or name in law.positive else -np.inf


def _allowed(law: type[Law], argument: str, name: str, value: object) -> float:
    return scalar(argument, value, low=_natural_low(law, name), open_low=name in law.positive)


def _box(law: type[Law], bounds: object, fixed: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float], frozenset[str]]:
    low = {name: _natural_low(law, name) for name in law.parameter_names()}
    high = {name: np.inf for name in law.parameter_names()}
    given = _named(law, "bounds", bounds)
    for name, pair in given.items():
        if name in fixed:
            raise ValueError(f"{name} is both in fixed ({fixed[name]:g}) and in bounds ({pair!r}): keep one of them.")
        if isinstance(pair, (str, bytes)) or not hasattr(pair, "__len__") or len(pair) != 2:
            raise _refuse(f"bounds[{name!r}]", pair, "a pair (low, high); None leaves a side open")
        ends = [natural if end is None else _end(f"bounds[{name!r}]", end, natural, low[name])
                for end, natural in zip(pair, (low[name], np.inf), strict=True)]
        if not ends[0] < ends[1]:
            raise _refuse(f"bounds[{name!r}]", pair, "low below high", "To hold a constant, use fixed.")
        low[name], high[name] = ends
    return low, high, frozenset(given)


def _end(argument: str, end: object, natural: float, low: float) -> float:
    if isinstance(end, float) and end == natural:
        return end
    return scalar(argument, end, low=low)
