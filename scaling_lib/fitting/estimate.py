"""One way to fit any law: :func:`fit`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from ..laws import Law
from .huber import DELTA, check_delta
from .result import FitResult, engine_for
from .task import prepare

__all__ = ["fit"]

L = TypeVar("L", bound=Law)


def fit(law: type[L], *, data: Any = None, delta: float = DELTA, fixed: Mapping[str, float] | None = None,
        bounds: Mapping[str, tuple[float | None, float | None]] | None = None, weights: object = None,
        **columns: object) -> FitResult[L]:
    r"""Find the constants of a law that describe a table of runs best.

    Minimises the sum of Huber losses of log(measured) - log(predicted) over all points, from starts that the data
    suggest, with Newton's method on the exact objective.

    Parameters
    ----------
    law : type
        A class of laws, such as `ChinchillaLaw` or `PowerLaw`.
    data : DataFrame or mapping, optional
        A table; its columns are recognised by their usual names (see :mod:`scaling_lib.fitting.tables`).
    delta : float
        Width of the quadratic zone, in log loss. Large values, such as 1e3, give least squares.
    fixed : mapping, optional
        Constants that are known, such as ``{"E": 1.69}``.
    bounds : mapping, optional
        Constants that are limited, such as ``{"alpha": (0.1, 0.5)}``; None leaves a side open.
    weights : array_like (n,), optional
        Non-negative weight of each run; all equal if omitted.
    **columns : array_like (n,)
        The variables of the law and its target by name, such as ``N=..., D=..., L=...``; they overrule `data`.

    Returns
    -------
    FitResult
        The law, its objective, and how the search ended: look at `status` before using it.

    Raises
    ------
    ValueError
        If a column is missing, unknown, not positive and finite, in another unit (sizes in billions, say) or of another
        length, if there are fewer distinct
        points than free constants, or if `fixed` or `bounds` do not fit the law.

    References
    ----------
    .. [1] Hoffmann et al. 2022, arXiv 2203.15556, section 3.3 and appendix D.2.
    .. [2] Besiroglu et al. 2024, arXiv 2404.10102.

    Examples
    --------
    >>> from scaling_lib.laws import PowerLaw
    >>> x = [1e6, 1e7, 1e8, 1e9]
    >>> result = fit(PowerLaw, x=x, L=PowerLaw(E=1.7, A=400.0, alpha=0.34)(x))
    >>> round(result.law.alpha, 6), result.status.value
    (0.34, 'CONVERGED')
    """
    width = check_delta(delta)
    passed = tuple(columns)
    if data is not None:
        from .tables import resolve

        columns = {**resolve(data, law, given=tuple(columns)), **columns}
    task = prepare(law, columns, delta=width, fixed=fixed, bounds=bounds, weights=weights)
    if passed:
        from .tables import believe_passed

        believe_passed({name: column for name, column in task.inputs.items() if name in passed}, law)
    engine = engine_for(task)
    solution = engine.solve()
    constants = {name: float(value) for name, value in zip(task.names, solution.theta, strict=True)}
    if not (np.isfinite(solution.value) and np.isfinite(solution.theta).all()):
        raise ValueError(f"No constants of {law.__name__} describe these {task.size} points with finite predictions. "
                         "Check units and signs, or give bounds.")
    try:
        found = law(**constants)
    except ValueError as error:
        raise ValueError(f"The best constants for these points make no {law.__name__}: {error} Give bounds that keep them apart.") from error
    return FitResult(law=found, objective=solution.value, status=solution.status, message=solution.message,
                     task=task)
