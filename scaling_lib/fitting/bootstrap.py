"""How far the constants would move if the runs had come out otherwise: refits on resampled tables.

* ``"pairs"`` draws runs with replacement: the usual choice, and the one of the replication.
* ``"residual"`` keeps the runs and redraws their residuals: for a designed grid, if the noise is alike everywhere.
* ``"wild"`` keeps the runs and flips the sign of residuals; with `clusters` all points of a cluster flip together,
  which is right where the points are checkpoints of a few runs and so not independent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from .._validate import FloatArray, _refuse, choice, integer, scalar, shown
from ..laws import Law
from .task import Status

if TYPE_CHECKING:
    from .result import FitResult

__all__ = ["Bootstrap", "Interval", "bootstrap"]

L_co = TypeVar("L_co", bound=Law, covariant=True)
METHODS = ("pairs", "residual", "wild")


class Interval(NamedTuple):
    """An interval from `low` to `high`.

    Attributes
    ----------
    low : float
        Lower end, in the units of the quantity.
    high : float
        Upper end.
    """

    low: float
    high: float

    @property
    def width(self) -> float:
        """high - low."""
        return self.high - self.low

    def __contains__(self, value: object) -> bool:
        return isinstance(value, (int, float)) and self.low <= value <= self.high


@dataclass(frozen=True)
class Bootstrap(Generic[L_co]):
    """Constants of many refits.

    Attributes
    ----------
    law : Law
        The law fitted to all the points.
    samples : dict of ndarray (n,)
        Each constant in each refit; constants that were held repeat their value.
    objective : ndarray (n,)
        Objective of each refit on its own table.
    converged : ndarray of bool (n,)
        Whether each refit arrived; those that did not are kept.
    method : str
        How the tables were drawn.
    seed : int
        Seed of the draw.
    """

    law: L_co
    samples: dict[str, FloatArray]
    objective: FloatArray
    converged: NDArray[np.bool_]
    method: str
    seed: int

    def __len__(self) -> int:
        return len(self.objective)

    @cached_property
    def _laws(self) -> tuple[L_co, ...]:
        table = {name: column.tolist() for name, column in self.samples.items()}
        return tuple(type(self.law)(**dict(zip(table, row, strict=True))) for row in zip(*table.values(), strict=True))

    def laws(self) -> list[L_co]:
        """The refitted laws, in order."""
        return list(self._laws)

    def values(self, quantity: str | Callable[[L_co], Any]) -> FloatArray:
        """A quantity in every refit (n,).

        Parameters
        ----------
        quantity : str or callable
            The name of a constant or of a property of the law (such as ``"a"``), or a function of a law which returns
            a number.

        Raises
        ------
        ValueError
            If there is no such constant or property, or a refitted law gives no finite number.
        """
        if isinstance(quantity, str):
            if quantity in self.samples:
                return self.samples[quantity].copy()
            properties = tuple(n for n in dir(type(self.law)) if isinstance(getattr(type(self.law), n), property)
                               and n != "parameters")
            choice("quantity", quantity, (*self.samples, *properties))
            out = [getattr(law, quantity) for law in self._laws]
        elif callable(quantity):
            try:
                out = [quantity(law) for law in self._laws]
            except (TypeError, AttributeError) as error:
                raise _refuse("quantity", quantity, "a function of one law that returns a number", f"It says: {error}.") from error
        else:
            raise _refuse("quantity", quantity, "the name of a constant or a function of a law")
        try:
            array = np.asarray(out, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise _refuse("quantity", quantity, "a function of one law that returns a number", f"It gives {shown(out[0])}.") from error
        if array.shape != (len(self),) or not np.isfinite(array).all():
            raise ValueError("quantity must return one finite number for every refitted law: look at .laws() for the one "
                             "that does not.")
        return array

    def predict(self, **variables: object) -> FloatArray:
        """The law's prediction in every refit, all at once.

        Parameters
        ----------
        **variables : float or array_like
            The variables of the law; they broadcast to one shape S.

        Returns
        -------
        ndarray (n, *S)
        """
        bound = self.law._bind((), variables)
        dims = max((np.ndim(v) for v in bound.values()), default=0)
        table = {name: column.reshape(-1, *([1] * dims)) for name, column in self.samples.items()}
        with np.errstate(all="ignore"):
            return np.asarray(type(self.law)._formula(table, **bound))

    def interval(self, quantity: str | Callable[[L_co], Any], level: float = 0.95) -> Interval:
        """The central `level` of a quantity over the refits (percentile interval).

        Parameters
        ----------
        quantity : str or callable
            See `values`.
        level : float
            Fraction of the refits inside, above 0 and below 1.

        Examples
        --------
        >>> from scaling_lib import PowerLaw, fit
        >>> x = [1.0, 2, 4, 8, 16, 32, 64]
        >>> y = [3.01, 2.49, 2.26, 2.12, 2.07, 2.03, 2.01]
        >>> low, high = fit(PowerLaw, x=x, L=y, delta=1.0).bootstrap(200).interval("alpha")
        >>> low < 1.0 < high
        True
        """
        return percentile(self.values(quantity), level)

    def __repr__(self) -> str:
        odd = int((~self.converged).sum())
        return (f"Bootstrap({type(self.law).__name__}, n={len(self)}, method={self.method!r}, seed={self.seed}"
                + (f", {odd} did not converge)" if odd else ")"))

    def _repr_html_(self) -> str:
        rows = []
        for name, value in self.law.parameters.items():
            low, high = self.interval(name)
            rows.append(f"<tr><th scope='row'>{name}</th><td>{value:.5g}</td><td>{low:.5g} to {high:.5g}</td></tr>")
        return (f"<table class='sl-bootstrap'><caption>{len(self)} refits ({self.method})</caption><thead><tr>"
                "<th scope='col'>constant</th><th scope='col'>fit</th><th scope='col'>95 % interval</th></tr></thead>"
                f"<tbody>{''.join(rows)}</tbody></table>")


def percentile(values: FloatArray, level: float) -> Interval:
    """The central `level` of `values`."""
    inside = scalar("level", level, unit="a fraction, such as 0.95", low=0.0, high=1.0, open_low=True, open_high=True)
    low, high = np.quantile(values, [(1 - inside) / 2, (1 + inside) / 2])
    return Interval(float(low), float(high))


def bootstrap(result: FitResult[L_co], n: int = 4000, *, seed: int = 0, method: str = "pairs", clusters: object = None,
              warm: bool = True) -> Bootstrap[L_co]:
    """Refit a law on `n` resampled tables.

    Parameters
    ----------
    result : FitResult
        The fit to all the points.
    n : int
        Number of refits.
    seed : int
        Seed of the draw.
    method : {"pairs", "residual", "wild"}
        See the module's introduction.
    clusters : array_like (n_points,), optional
        Label of the run that each point belongs to. "pairs" then draws whole runs, "wild" flips whole runs.
    warm : bool
        Start every refit from the fit to all points; if false each finds its own starts.

    Raises
    ------
    ValueError
        If an argument is not as described, or the fit is degenerate: then its constants have no distribution.

    Examples
    --------
    >>> from scaling_lib import PowerLaw, fit
    >>> result = fit(PowerLaw, x=[1.0, 2, 4, 8, 16], L=[3.02, 2.49, 2.26, 2.12, 2.07])
    >>> len(bootstrap(result, 100).samples["alpha"])
    100
    """
    from .result import a_fit

    result = a_fit(result)
    if not isinstance(warm, bool):
        raise _refuse("warm", warm, "True or False")
    count = integer("n", n, low=1, high=10**7)
    rng = np.random.default_rng(integer("seed", seed))
    how = choice("method", method, METHODS)
    if result.status is Status.DEGENERATE:
        raise ValueError(f"The fit is DEGENERATE ({result.message}): its constants have no distribution. "
                         "Hold one of them with fixed, or add runs that differ.")
    size = result.n_points
    groups = np.arange(size) if clusters is None else _labels(clusters, size)
    parts = []
    block = max(1, min(count, 2_000_000 // size))
    for at in range(0, count, block):
        rows = min(block, count - at)
        start = result.theta if warm else None
        if how == "pairs":
            parts.append(result.engine.refit(weights=draw_pairs(rng, rows, groups), warm=start))
        else:
            parts.append(result.engine.refit(targets=draw_targets(rng, rows, groups, result, how), warm=start))
    theta = np.concatenate([part.theta for part in parts])
    samples = {name: np.ascontiguousarray(theta[:, i]) for i, name in enumerate(result.task.names)}
    return Bootstrap(result.law, samples, np.concatenate([part.value for part in parts]),
                     np.concatenate([part.converged for part in parts]), how, int(seed))


def _labels(clusters: object, size: int) -> NDArray[np.int_]:
    labels = np.asarray(clusters)
    if labels.shape != (size,):
        raise _refuse("clusters", clusters, f"one label for each of the {size} points", f"It has shape {labels.shape}.")
    _, groups = np.unique(labels.astype(str) if labels.dtype.kind == "O" else labels, return_inverse=True)
    if groups.max() < 2:
        raise _refuse("clusters", clusters, "at least three different labels", "Fewer runs say nothing about the spread between runs.")
    return np.asarray(groups)


def draw_pairs(rng: np.random.Generator, rows: int, groups: NDArray[np.int_]) -> FloatArray:
    """How often each point is drawn (rows, n), whole groups at a time."""
    kinds = int(groups.max()) + 1
    counts = rng.multinomial(kinds, np.full(kinds, 1 / kinds), size=rows).astype(np.float64)
    return counts if kinds == len(groups) else counts[:, groups]


def draw_targets(rng: np.random.Generator, rows: int, groups: NDArray[np.int_], result: FitResult[Any],
                 method: str) -> FloatArray:
    """Log targets (rows, n) with redrawn ("residual") or sign-flipped ("wild") residuals."""
    residuals = deleted_residuals(result)
    fitted = np.log(result.fitted)
    size, kinds = len(residuals), int(groups.max()) + 1
    if method == "residual":
        centred = residuals - np.median(residuals)
        error = centred[rng.integers(0, size, size=(rows, size))]
    else:
        sign = 2.0 * rng.integers(0, 2, size=(rows, kinds)) - 1.0
        error = residuals * sign[:, groups]
    if kinds == size:
        # A median-like fit depends on how dense residuals are at zero: the few that there are must be smoothed.
        error = error + bandwidth(residuals) * rng.standard_normal(error.shape)
    return np.asarray(fitted + error)


def bandwidth(residuals: FloatArray) -> float:
    """Width over which the density of residuals is smoothed (Silverman's rule on a robust scale)."""
    return float(0.9 * 1.4826 * np.median(np.abs(residuals)) * len(residuals) ** -0.2)


def deleted_residuals(result: FitResult[Any]) -> FloatArray:
    r"""What each residual would be had its point not been fitted, to first order (n,).

    A fit swallows part of the noise; a robust one goes through as many points as it has constants, which leaves too many
    residuals at zero. A point that is left out moves the law by the pull it had, :math:`r + h \psi(r) / w`, with h its
    leverage and w the share of residuals in the quadratic zone, smoothed over a neighbourhood of zero.

    References
    ----------
    .. [1] Feng, He and Hu 2011, "Wild bootstrap for quantile regression", section 2.
    """
    residuals, delta = result.residuals, result.delta
    theta, names, size = result.theta, result.task.names, len(result.residuals)
    columns = []
    for i, name in enumerate(names):
        if name in result.task.fixed or theta[i] <= result.task.low[name] or theta[i] >= result.task.high[name]:
            continue
        step = 1e-5 * (abs(theta[i]) or 1e-3)
        up, down = theta.copy(), theta.copy()
        up[i], down[i] = theta[i] + step, theta[i] - step
        pair = result.task.log_predict(np.array([up, down]))
        columns.append((pair[0] - pair[1]) / (2 * step))
    design = np.array(columns).T
    mass = np.ones(size) if result.task.weights is None else result.task.weights
    if not columns or not np.isfinite(design).all():
        return residuals
    design = design / np.maximum(np.linalg.norm(design, axis=0), 1e-300)
    q, _ = np.linalg.qr(design * np.sqrt(mass)[:, None])
    leverage = np.minimum((q * q).sum(axis=1), 1.0)
    return np.asarray(residuals + leverage * np.clip(residuals, -delta, delta) / quadratic_share(residuals, delta))


def quadratic_share(residuals: FloatArray, delta: float) -> float:
    """Share of residuals within `delta`, smoothed over a neighbourhood of zero where that is wider."""
    near = max(delta, bandwidth(residuals))
    within = max(float((np.abs(residuals) <= near).mean()), 1.0 / len(residuals))
    return within * delta / near
