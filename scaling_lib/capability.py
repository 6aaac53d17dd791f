"""From loss to what models can do: exact match against smooth scores, two-step predictions, observational laws.

Use `exact_match` and `first_visible` to see how a metric makes a jump, `TwoStep` to predict a task from parameters and
tokens, `principal_components` and `fit_sigmoid_link` to predict one benchmark from others across model families.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._validate import FloatArray, Numeric, broadcast, computed, finite, fraction, integer, positive, shown
from .laws.base import Law

__all__ = ["Components", "FamilyLine", "SigmoidLink", "TwoStep", "above_chance", "exact_match", "expected_errors",
           "family_line", "first_visible", "fit_sigmoid_link", "per_token_accuracy", "principal_components"]


def _length(length: object) -> FloatArray:
    return finite("length", length, unit="tokens of the answer", low=1)


def per_token_accuracy(ce_per_token: object) -> Numeric:
    r"""Probability of the right token at a cross-entropy: :math:`p = e^{-L}`.

    Parameters
    ----------
    ce_per_token : float or array_like
        Cross-entropy of the answer's tokens, nats per token.

    Returns
    -------
    float or ndarray
        A probability.

    Raises
    ------
    ValueError
        If the cross-entropy is negative or not finite.

    Examples
    --------
    >>> round(per_token_accuracy(0.1), 4)
    0.9048
    """
    loss = finite("ce_per_token", ce_per_token, unit="nats per token", low=0)
    return computed("probability", lambda: np.exp(-loss))


def exact_match(ce_per_token: object, length: object) -> Numeric:
    r"""Probability that all tokens of an answer are right: :math:`p^{K} = e^{-L K}`.

    Smooth in L, but sharp in log L, and the sharper the longer the answer: a jump that the metric makes. Tokens are
    taken as equally hard and independent given the ones before.

    Parameters
    ----------
    ce_per_token : float or array_like
        Cross-entropy of the answer's tokens, nats per token.
    length : float or array_like
        Tokens of the answer, K.

    Returns
    -------
    float or ndarray
        A probability.

    Raises
    ------
    ValueError
        If the cross-entropy is negative or the length below 1.

    References
    ----------
    .. [1] Schaeffer et al. 2023, arXiv 2304.15004.

    Examples
    --------
    >>> [round(exact_match(0.1, length=k), 3) for k in (1, 10, 100)]
    [0.905, 0.368, 0.0]
    """
    loss, tokens = broadcast(("ce_per_token", finite("ce_per_token", ce_per_token, unit="nats per token", low=0)),
                             ("length", _length(length)))
    return computed("probability", lambda: np.exp(-loss * tokens))


def expected_errors(ce_per_token: object, length: object) -> Numeric:
    r"""Wrong tokens in an answer, the smooth score beside `exact_match`: :math:`K (1 - p)`, the edit distance without
    shifts.

    Parameters
    ----------
    ce_per_token : float or array_like
        Cross-entropy of the answer's tokens, nats per token.
    length : float or array_like
        Tokens of the answer, K.

    Returns
    -------
    float or ndarray
        Tokens, 0 to K.

    Raises
    ------
    ValueError
        If the cross-entropy is negative or the length below 1.

    References
    ----------
    .. [1] Schaeffer et al. 2023, arXiv 2304.15004.

    Examples
    --------
    >>> round(expected_errors(0.1, length=10), 3)
    0.952
    """
    loss, tokens = broadcast(("ce_per_token", finite("ce_per_token", ce_per_token, unit="nats per token", low=0)),
                             ("length", _length(length)))
    return computed("number of errors", lambda: -np.expm1(-loss) * tokens)


def first_visible(items: object, length: object) -> Numeric:
    r"""Per-token accuracy at which a test expects its first exact match: :math:`p = n^{-1/K}`.

    Parameters
    ----------
    items : float or array_like
        Items of the test, n.
    length : float or array_like
        Tokens of the answer, K.

    Returns
    -------
    float or ndarray
        A probability: below it the test shows zero, however steadily the model improves.

    Raises
    ------
    ValueError
        If an argument is below 1.

    References
    ----------
    .. [1] Schaeffer et al. 2023, arXiv 2304.15004 (resolution of small tests).

    Examples
    --------
    >>> [round(first_visible(200, length=k), 2) for k in (4, 30)]
    [0.27, 0.84]
    """
    size, tokens = broadcast(("items", finite("items", items, low=1)), ("length", _length(length)))
    return computed("probability", lambda: np.exp(-np.log(size) / tokens))


def above_chance(score: object, chance: object) -> Numeric:
    """Score rescaled so that chance is 0 and perfection 1: (score - chance) / (1 - chance); negative below chance.

    Parameters
    ----------
    score : float or array_like
        A fraction, 0 to 1.
    chance : float or array_like
        Score of guessing, at least 0 and below 1.

    Returns
    -------
    float or ndarray
        At most 1.

    Raises
    ------
    ValueError
        If an argument is not a fraction, or chance is 1.

    Examples
    --------
    >>> round(above_chance(0.4, chance=0.25), 6)
    0.2
    """
    value, base = broadcast(("score", fraction("score", score)),
                            ("chance", finite("chance", chance, low=0, high=1, open_high=True)))
    return computed("score", lambda: (value - base) / (1 - base))


@dataclass(frozen=True)
class TwoStep:
    """A task score from parameters and tokens in two steps: a law of loss, then a link from loss to score.

    Parameters
    ----------
    loss : Law
        Law that predicts the loss on the task's answers, such as a `ChinchillaLaw`.
    link : Law
        Law of the score in that loss, with the one variable ``L``, such as `SigmoidAccuracy` or `LossToError`.

    Raises
    ------
    ValueError
        If one is not a law, or the link does not take a loss.

    References
    ----------
    .. [1] Bhagia et al. 2024, arXiv 2412.04403; Gadre et al. 2024, arXiv 2403.08540.

    Examples
    --------
    >>> from scaling_lib.laws import ChinchillaLaw, SigmoidAccuracy
    >>> loss = ChinchillaLaw(E=0.4, A=40, B=60, alpha=0.25, beta=0.25)
    >>> chain = TwoStep(loss, SigmoidAccuracy(a=0.75, k=8, L0=0.8, b=0.25))
    >>> round(chain(N=7e9, D=4e12), 3)
    0.889
    """

    loss: Law
    link: Law

    def __post_init__(self) -> None:
        for name in ("loss", "link"):
            if not isinstance(getattr(self, name), Law):
                raise ValueError(f"{name} is {shown(getattr(self, name))}: expected a law of scaling_lib.laws.")
        if self.link.inputs != ("L",):
            raise ValueError(f"link is {shown(self.link)}: expected a law of the loss L alone, such as "
                             f"SigmoidAccuracy.")
        if self.loss.target != "L":
            raise ValueError(f"loss is {shown(self.loss)}: expected a law that predicts a loss L.")

    def __call__(self, *args: object, **kwargs: object) -> Numeric:
        """The score at the variables of the loss law."""
        return self.link(self.loss(*args, **kwargs))


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
    if not high > low:
        raise ValueError(f"top is {shown(top)}: expected one number above floor = {shown(floor)}.")
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
