"""Observational laws: principal components of benchmarks, lines of a family, and a sigmoid link to a score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, finite, fraction, integer, positive, shown

__all__ = ["Components", "FamilyLine", "SigmoidLink", "family_line", "fit_sigmoid_link", "principal_components"]


@dataclass(frozen=True)
class Components:
    """Principal components of a table of scores.

    Attributes
    ----------
    mean : ndarray, shape (benchmarks,)
        Mean score of each benchmark, which was subtracted.
    loadings : ndarray, shape (benchmarks, components)
        Unit vectors, signed so that their entries add up to a positive number.
    explained : ndarray, shape (components,)
        Share of the variance, 0 to 1.
    scores : ndarray, shape (models, components)
        Position of each model.
    """

    mean: FloatArray
    loadings: FloatArray
    explained: FloatArray
    scores: FloatArray

    def project(self, table: object) -> FloatArray:
        """Position of other models that were scored on the same benchmarks, shape (models, components).

        Raises
        ------
        ValueError
            If the table has other columns.
        """
        values = finite("table", table, unit="scores")
        if values.ndim != 2 or values.shape[1] != len(self.mean):
            raise ValueError(
                f"table has shape {values.shape}: expected (models, {len(self.mean)}), the benchmarks of the fit."
            )
        out = computed("position", lambda: (values - self.mean) @ self.loadings)
        return np.asarray(out)


def principal_components(table: object, n_components: object = None) -> Components:
    """Principal components of models' benchmark scores: centred, not rescaled.

    Parameters
    ----------
    table : array_like, shape (models, benchmarks)
        Scores on one scale (fractions), without gaps: drop models that miss a score.
    n_components : int, optional
        Components to keep; all if not given.

    Returns
    -------
    Components

    Raises
    ------
    ValueError
        If the table is not two-dimensional, has fewer than two models, or all models score alike.

    References
    ----------
    .. [1] Ruan et al. 2024, arXiv 2405.10938, section 3.

    Examples
    --------
    >>> principal_components([[0.2, 0.3], [0.4, 0.5], [0.6, 0.8]]).explained.round(3)
    array([0.997, 0.003])
    """
    values = finite("table", table, unit="scores")
    if values.ndim != 2 or values.shape[0] < 2 or values.shape[1] < 1:
        raise ValueError(f"table has shape {values.shape}: expected (models, benchmarks) with two models or more.")
    most = min(values.shape)
    keep = most if n_components is None else integer("n_components", n_components, low=1, high=most)
    largest = float(np.abs(values).max())
    if largest > 1e100:
        raise ValueError(f"table holds {largest:g}: expected scores, fractions from 0 to 1.")
    mean = values.mean(axis=0)
    left, size, right = np.linalg.svd(values - mean, full_matrices=False)
    if not size[0] > 1e-12 * max(largest, 1e-300):
        raise ValueError("table has the same row for every model: there is no variance to divide.")
    sign = np.where(right.sum(axis=1) < 0, -1.0, 1.0)
    share = (size / size[0]) ** 2
    return Components(mean=mean, loadings=(right * sign[:, None]).T[:, :keep], explained=(share / share.sum())[:keep],
                      scores=(left * (size * sign))[:, :keep])


@dataclass(frozen=True)
class FamilyLine:
    """A capability as a straight line in log compute within one family.

    Attributes
    ----------
    slope : float
        Gain for each factor of ten in compute.
    intercept : float
        Value at one FLOP.
    """

    slope: float
    intercept: float

    def __call__(self, C: object) -> Numeric:
        """Capability at C FLOP."""
        budget = positive("C", C, unit="FLOP")
        return computed("capability", lambda: self.intercept + self.slope * np.log10(budget))

    def equivalent_flop(self, capability: object) -> Numeric:
        """FLOP with which this family would reach a capability.

        Raises
        ------
        ValueError
            If the line is flat or the answer overflows.
        """
        level = finite("capability", capability)
        if self.slope == 0:
            raise ValueError("slope is 0: no compute changes the capability of this family.")
        return computed("compute", lambda: np.exp(np.log(10.0) * (level - self.intercept) / self.slope))


def family_line(C: object, capability: object) -> FamilyLine:
    r"""Least-squares line of a capability in :math:`\log_{10} C` over the models of one family.

    Parameters
    ----------
    C : array_like, shape (models,)
        Training compute, FLOP.
    capability : array_like, shape (models,)
        Such as the first principal component.

    Returns
    -------
    FamilyLine

    Raises
    ------
    ValueError
        If fewer than two distinct budgets are given.

    References
    ----------
    .. [1] Ruan et al. 2024, arXiv 2405.10938.

    Examples
    --------
    >>> round(family_line([1e21, 1e22, 1e23], [-0.2, 0.0, 0.2]).slope, 6)
    0.2
    """
    budget, level = broadcast(("C", positive("C", C, unit="FLOP")), ("capability", finite("capability", capability)))
    x = np.log10(budget)
    if x.ndim != 1 or x.size < 2 or not np.ptp(x) > 1e-9:
        raise ValueError(f"C has shape {x.shape}: expected a list with at least two different budgets.")
    centred = x - x.mean()
    slope = float(computed("slope", lambda: (centred @ level) / (centred @ centred)))
    return FamilyLine(slope=slope, intercept=float(computed("intercept", lambda: level.mean() - slope * x.mean())))


@dataclass(frozen=True)
class SigmoidLink:
    r"""Downstream score from capabilities: :math:`s = floor + (top - floor)\, \sigma(w \cdot x + b)`.

    Attributes
    ----------
    weights : ndarray, shape (capabilities,)
        w.
    bias : float
        b.
    floor, top : float
        Score at chance and at most.
    mean_squared_error : float
        Of the points it was fitted to.
    """

    weights: FloatArray
    bias: float
    floor: float
    top: float
    mean_squared_error: float

    def __call__(self, capabilities: object) -> Numeric:
        """Score at capabilities of shape (models, capabilities), or (models,) where there is one.

        Raises
        ------
        ValueError
            If the number of capabilities differs from the fit's.
        """
        x = _capabilities(capabilities)
        if x.shape[1] != len(self.weights):
            raise ValueError(f"capabilities has {x.shape[1]} columns: expected {len(self.weights)}, as in the fit.")
        return computed("score", lambda: self.floor + (self.top - self.floor) * _sigmoid(x @ self.weights + self.bias))


def _sigmoid(z: FloatArray) -> FloatArray:
    out: FloatArray = np.exp(-np.logaddexp(0.0, -z))
    return out


def _capabilities(value: object) -> FloatArray:
    x = finite("capabilities", value, low=-1e100, high=1e100)
    if x.ndim == 1:
        x = x[:, None]
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(f"capabilities has shape {x.shape}: expected (models, capabilities).")
    return x


def fit_sigmoid_link(capabilities: object, score: object, *, floor: object = 0.0, top: object = 1.0) -> SigmoidLink:
    """Fit the sigmoid link between capabilities and a downstream score by least squares.

    Fit it on the weaker models only and look at the stronger ones: that is the test.

    Parameters
    ----------
    capabilities : array_like, shape (models, capabilities) or (models,)
        Such as the first principal components.
    score : array_like, shape (models,)
        Downstream score, a fraction.
    floor, top : float
        Score at chance and at most, held fixed.

    Returns
    -------
    SigmoidLink

    Raises
    ------
    ValueError
        If there are fewer models than constants, a score is no fraction, or the capabilities do not vary independently.

    References
    ----------
    .. [1] Ruan et al. 2024, arXiv 2405.10938.

    Examples
    --------
    >>> link = fit_sigmoid_link([-1.0, 0.0, 1.0, 2.0], [0.27, 0.5, 0.73, 0.88])
    >>> round(float(link.weights[0]), 2), round(link.bias, 2)
    (1.0, 0.0)
    """
    from scipy.optimize import least_squares

    x, y = _capabilities(capabilities), fraction("score", score)
    low = float(fraction("floor", floor)) if np.ndim(fraction("floor", floor)) == 0 else np.nan
    high = float(fraction("top", top)) if np.ndim(fraction("top", top)) == 0 else np.nan
    if not high - low >= 1e-6:
        raise ValueError(f"top is {shown(top)}: expected one number clearly above floor = {shown(floor)}.")
    if y.shape != (len(x),):
        raise ValueError(f"score has shape {y.shape}: expected ({len(x)},), one for each model.")
    if len(x) < x.shape[1] + 1:
        raise ValueError(
            f"{len(x)} models are given: at least {x.shape[1] + 1} are needed for {x.shape[1]} capabilities."
        )
    centre, spread = x.mean(axis=0), x.std(axis=0)
    if not (spread > 1e-12 * np.maximum(np.abs(centre), 1e-80)).all():
        raise ValueError("capabilities has a column that does not vary: leave it out.")
    scaled = np.column_stack([(x - centre) / spread, np.ones(len(x))])
    if np.linalg.matrix_rank(scaled) < scaled.shape[1]:
        raise ValueError("capabilities has columns that depend on each other: leave one out.")
    odds = np.clip((y - low) / (high - low), 0.01, 0.99)
    start = np.linalg.lstsq(scaled, np.log(odds / (1 - odds)), rcond=None)[0]

    def residuals(w: FloatArray) -> FloatArray:
        return low + (high - low) * _sigmoid(scaled @ w) - y

    # Steeper than this a sigmoid is a step: without a bound, separated scores would send the weights to infinity.
    found = least_squares(residuals, np.clip(start, -29, 29), bounds=(-30, 30), xtol=1e-12, ftol=1e-12, gtol=1e-12)
    weights = found.x[:-1] / spread
    return SigmoidLink(weights=weights, bias=float(found.x[-1] - weights @ centre), floor=low, top=high,
                       mean_squared_error=float(np.mean(found.fun**2)))
