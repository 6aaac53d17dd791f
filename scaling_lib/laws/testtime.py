"""Laws of test-time compute: coverage in the number of samples, and true reward under optimisation of a learned one.

Use `BetaCoverage` where problems differ in difficulty, `PowerCoverage` as its two-number summary, `KumaraswamyCoverage`
and `ScaledBetaCoverage` for other spreads. `BestOfNReward` and `RLReward` take d, the square root of the divergence in
nats. Estimators and votes are in :mod:`scaling_lib.sampling`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, computed, finite, scalar, shown
from .base import Law

__all__ = ["BestOfNReward", "BetaCoverage", "KumaraswamyCoverage", "PowerCoverage", "RLReward", "ScaledBetaCoverage"]


def _log_rising(x: Any, a: Any) -> Any:
    """log Gamma(x + a) - log Gamma(x) for positive x and a, without the cancellation of large arguments."""
    shift = 16
    out = -sum(np.log1p(a / (x + i)) for i in range(shift))
    y = x + shift
    return out + (y - 0.5) * np.log1p(a / y) + a * np.log(y + a) - a + (_correction(y + a) - _correction(y))


def _correction(x: Any) -> Any:
    """log Gamma(x) beyond (x - 1/2) log x - x + log(2 pi) / 2, for x of at least 16."""
    square = np.square(x)
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / x


class _Coverage(Law):
    """A law of coverage in the number of samples k of at least one."""

    inputs: ClassVar[tuple[str, ...]] = ("k",)
    target: ClassVar[str] = "coverage"

    @classmethod
    def _variable(cls, name: str, value: object) -> FloatArray:
        return finite(name, value, unit="samples", low=1.0)

    @staticmethod
    def _log_failure(theta: Mapping[str, Any], k: FloatArray) -> Any:
        raise NotImplementedError

    @classmethod
    def _formula(cls, theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = -np.expm1(cls._log_failure(theta, variables["k"]))
        return out

    def neglog(self, k: object) -> Numeric:
        """-log of the coverage, whose straight line against log k is the power law of coverage."""
        samples = self._variable("k", k)

        def value() -> Any:
            failure = self._log_failure(self.parameters, samples)
            return np.where(failure > -0.7, -np.log(-np.expm1(failure)), -np.log1p(-np.exp(failure)))

        return computed("-log coverage", value)

    def neglog_slope(self, k1: object, k2: object) -> Numeric:
        """Slope of log(-log coverage) against log k between two numbers of samples.

        Raises
        ------
        ValueError
            If k1 equals k2, or the coverage is 1 to the last digit, where the slope is lost.
        """
        first, second = broadcast(("k1", self._variable("k1", k1)), ("k2", self._variable("k2", k2)))
        if (first == second).any():
            raise ValueError(f"k2 is {k2!r}: expected another number than k1.")
        low, high = np.asarray(self.neglog(first)), np.asarray(self.neglog(second))
        return computed("slope", lambda: (np.log(high) - np.log(low)) / (np.log(second) - np.log(first)))

    def samples_for(self, target: object) -> Numeric:
        """Samples with which a coverage is reached, by bisection in log k up to 1e300.

        Raises
        ------
        ValueError
            If the target is not between 0 and 1, or is not reached with 1e300 samples.
        """
        goal = finite("target", target, unit="a probability", low=0, high=1, open_high=True)
        low, high = np.zeros(np.shape(goal)), np.full(np.shape(goal), 690.0)
        with np.errstate(all="ignore"):
            enough = self._formula(self.parameters, k=np.exp(high)) >= goal
            if not enough.all():
                raise ValueError(f"target is {shown(target)}: this law does not reach it with any number of samples.")
            for _ in range(80):
                middle = 0.5 * (low + high)
                short = self._formula(self.parameters, k=np.exp(middle)) < goal
                low, high = np.where(short, middle, low), np.where(short, high, middle)
        return computed("number of samples", lambda: np.exp(high))


@dataclass(frozen=True)
class BetaCoverage(_Coverage):
    r"""Coverage when success rates are spread as Beta(alpha, beta): :math:`1 - B(\alpha, \beta + k) / B(\alpha,
    \beta)`.

    For large k the failure falls as :math:`\Gamma(\alpha+\beta)/\Gamma(\beta)\, k^{-\alpha}`: a power law, though each
    problem is exponential in k. It needs problems with rates arbitrarily near zero.

    Parameters
    ----------
    alpha, beta : float
        Shape of the distribution over problems; the mean is alpha / (alpha + beta).

    References
    ----------
    .. [1] Schaeffer et al. 2025, arXiv 2502.17578.

    Examples
    --------
    >>> round(BetaCoverage(alpha=0.3, beta=2.0)(100), 5)
    0.70837
    """

    alpha: float
    beta: float

    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"alpha": (0.01, 10.0), "beta": (0.1, 1e3)}
    positive: ClassVar[tuple[str, ...]] = ("alpha", "beta")

    @staticmethod
    def _log_failure(theta: Mapping[str, Any], k: FloatArray) -> Any:
        return _log_rising(theta["beta"], theta["alpha"]) - _log_rising(theta["beta"] + k, theta["alpha"])


@dataclass(frozen=True)
class PowerCoverage(Law):
    r"""Exponentiated power law of coverage: :math:`c(k) = \exp(a k^{b})`, with a and b below zero.

    Seen between 1 and 10,000 samples; only a mean over problems follows it.

    Parameters
    ----------
    a : float
        log of pass@1, at most zero.
    b : float
        Exponent, at most zero where more samples help.

    Raises
    ------
    ValueError
        If `a` is above 0.

    References
    ----------
    .. [1] Brown et al. 2024, arXiv 2407.21787.

    Examples
    --------
    >>> round(PowerCoverage(a=-1.8, b=-0.4)(100), 4)
    0.7518
    """

    a: float
    b: float

    inputs: ClassVar[tuple[str, ...]] = ("k",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"a": (-10.0, -0.01), "b": (-2.0, -0.01)}
    target: ClassVar[str] = "coverage"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.a > 0:
            raise ValueError(f"PowerCoverage.a is {self.a!r}: expected at most 0, the log of pass@1.")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = np.exp(theta["a"] * np.exp(theta["b"] * np.log(variables["k"])))
        return out


#: Step in log-odds of the trapezoidal rule, which is exact to rounding for integrands that decay at both ends.
_STEP = 0.125
#: Sums above this have lost nothing to underflow; the others are taken in logarithms.
_SOUND = 1e-250


def _odds(most: float) -> tuple[FloatArray, FloatArray]:
    """log q and log(1 - q) at the nodes for up to `most` samples."""
    odds = np.arange(-45.0 - np.log(most), 45.0, _STEP)
    return -np.logaddexp(0.0, -odds), -np.logaddexp(0.0, odds)


@lru_cache(maxsize=8)
def _kernel(data: bytes, top: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """For each k of `data`: log of k top (1 - top q)^(k-1) dq at the nodes (n, m), its most (n,), and its exponential."""
    samples = np.frombuffer(data)
    log_q, log_rest = _odds(samples.max())
    missed = np.log1p(-top * np.exp(log_q)) if top < 1 else log_rest
    log = (samples[:, None] - 1) * missed + (log_q + log_rest + np.log(top * _STEP)) + np.log(samples)[:, None]
    most = log.max(axis=1)
    return log, most, np.exp(log - most[:, None])


def _mean_failure(k: FloatArray, shapes: FloatArray, tops: FloatArray, cumulative: Callable[..., FloatArray]) -> FloatArray:
    """Log of E[(1 - p)^k] (B, n), for p = top q: (1 - top)^k + integral of k top (1 - top q)^(k-1) F(q) dq, by parts.

    `shapes` (B, 2) are alpha and beta, `tops` (B,) the largest rates; `cumulative` gives log F at log q, log(1 - q).
    """
    log_q, log_rest = _odds(k.max())
    kinds, kind = np.unique(shapes, axis=0, return_inverse=True)
    log_f = cumulative(log_q, log_rest, kinds[:, :1], kinds[:, 1:])
    highest = log_f.max(axis=1)
    weight = np.exp(log_f - highest[:, None])
    out = np.empty((len(shapes), len(k)))
    for start in range(0, len(k), 256):  # in blocks, to keep the table of nodes and samples small
        some = k[start:start + 256]
        for top in np.unique(tops):
            # The largest k goes along, for every block to have the same nodes.
            log, most, kernel = (part[:-1] for part in _kernel(np.append(some, k.max()).tobytes(), float(top)))
            rows = np.flatnonzero(tops == top)
            sums = weight[kind.ravel()[rows]] @ kernel.T
            total = np.log(sums) + most + highest[kind.ravel()[rows], None]
            for row, column in np.argwhere(~(sums > _SOUND)):
                terms = log[column] + log_f[kind.ravel()[rows[row]]]
                total[row, column] = terms.max() + np.log(np.exp(terms - terms.max()).sum())
            out[rows, start:start + 256] = np.logaddexp(total, some * np.log1p(-top)) if top < 1 else total
    return np.minimum(out, 0.0)


def _log_failures(k: Any, alpha: Any, beta: Any, top: Any, cumulative: Callable[..., FloatArray]) -> Any:
    """`_mean_failure` for constants and k that broadcast."""
    shape = np.broadcast_shapes(np.shape(k), np.shape(alpha), np.shape(beta), np.shape(top))
    if not np.prod(shape):
        return np.zeros(shape)
    constants = [np.asarray(one, dtype=np.float64) for one in (alpha, beta, top)]
    if all(one.size == 1 for one in constants):
        a, b, c = (one.reshape(1) for one in constants)
        out = _mean_failure(np.ravel(k), np.stack([a, b], axis=1), c, cumulative)
        return np.broadcast_to(out.reshape(np.shape(k)), shape)
    if np.ndim(k) == 1 and len(shape) == 2 and all(one.ndim == 0 or one.shape[-1] == 1 for one in constants):
        a, b, c = (np.full(shape[0], one.item()) if one.size == 1 else one.reshape(-1) for one in constants)
        return _mean_failure(np.asarray(k, dtype=np.float64), np.stack([a, b], axis=1), c, cumulative)
    samples, a, b, c = (one.ravel() for one in np.broadcast_arrays(k, *constants))
    sets, which = np.unique(np.stack([a, b, c], axis=1), axis=0, return_inverse=True)
    flat = np.empty(samples.size)
    for number, row in enumerate(sets):
        here = which.ravel() == number
        flat[here] = _mean_failure(samples[here], row[None, :2], row[2:], cumulative)[0]
    return flat.reshape(shape)


def _log_kumaraswamy(log_q: FloatArray, log_rest: FloatArray, alpha: FloatArray, beta: FloatArray) -> FloatArray:
    """Log of 1 - (1 - q^alpha)^beta, without cancellation at either end."""
    power = alpha * log_q
    # Where q rounds to 1 its distance from 1 is that of the odds.
    near_one = np.where(log_rest < -1.0, alpha * np.exp(log_rest), 1.0)
    with np.errstate(divide="ignore"):
        rest = np.where(power < -0.7, np.log1p(-np.exp(power)), np.log(-np.expm1(power)))
        rest = np.where(power < -1e-12, rest, np.log(near_one))
        out: FloatArray = np.where(power < -30.0, np.log(beta) + power, np.log(-np.expm1(beta * rest)))
    return out


def _log_beta(log_q: FloatArray, log_rest: FloatArray, alpha: FloatArray, beta: FloatArray) -> FloatArray:
    """Log of the regularised incomplete Beta function; its first term where it is too small for a double."""
    from scipy.special import betainc, betaln

    value = betainc(alpha, beta, np.exp(log_q))
    with np.errstate(divide="ignore"):
        out: FloatArray = np.where(value > _SOUND, np.log(value), alpha * log_q - np.log(alpha) - betaln(alpha, beta))
    return out


@dataclass(frozen=True)
class KumaraswamyCoverage(_Coverage):
    r"""Coverage when success rates follow :math:`F(p) = 1 - (1 - p^{\alpha})^{\beta}` (Kumaraswamy).

    Like a Beta, with a distribution function in closed form and the same tail :math:`k^{-\alpha}`.

    Parameters
    ----------
    alpha, beta : float
        Shape, 0.01 to 100 each.

    Raises
    ------
    ValueError
        If a shape is outside 0.01 to 100.

    References
    ----------
    .. [1] Schaeffer et al. 2025, arXiv 2502.17578.

    Examples
    --------
    >>> round(KumaraswamyCoverage(alpha=1.0, beta=2.0)(10) - BetaCoverage(alpha=1.0, beta=2.0)(10), 10)
    0.0
    """

    alpha: float
    beta: float

    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"alpha": (0.05, 5.0), "beta": (0.2, 50.0)}
    positive: ClassVar[tuple[str, ...]] = ("alpha", "beta")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("alpha", "beta"):
            scalar(name, getattr(self, name), low=0.01, high=100)

    @staticmethod
    def _log_failure(theta: Mapping[str, Any], k: FloatArray) -> Any:
        return _log_failures(k, theta["alpha"], theta["beta"], 1.0, _log_kumaraswamy)


@dataclass(frozen=True)
class ScaledBetaCoverage(_Coverage):
    r"""Coverage when success rates are `top` times a Beta: :math:`1 - E[(1 - p)^k]` with :math:`p = top \cdot
    Beta(\alpha, \beta)`.

    No problem is easier than `top`; the tail is the Beta's, :math:`(top\, k)^{-\alpha}`.

    Parameters
    ----------
    alpha, beta : float
        Shape, 0.01 to 100 each.
    top : float
        Largest success rate, above 0 and at most 1.

    Raises
    ------
    ValueError
        If a shape is outside 0.01 to 100, or `top` is not in (0, 1].

    References
    ----------
    .. [1] Schaeffer et al. 2025, arXiv 2502.17578.

    Examples
    --------
    >>> law = ScaledBetaCoverage(alpha=0.3, beta=2.0, top=0.1)
    >>> round(law(1) / BetaCoverage(alpha=0.3, beta=2.0)(1), 6)
    0.1
    """

    alpha: float
    beta: float
    top: float

    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {
        "alpha": (0.05, 5.0), "beta": (0.2, 50.0), "top": (0.05, 1.0)}
    positive: ClassVar[tuple[str, ...]] = ("alpha", "beta", "top")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("alpha", "beta"):
            scalar(name, getattr(self, name), low=0.01, high=100)
        scalar("top", self.top, low=0, high=1, open_low=True)

    @staticmethod
    def _log_failure(theta: Mapping[str, Any], k: FloatArray) -> Any:
        return _log_failures(k, theta["alpha"], theta["beta"], theta["top"], _log_beta)


@dataclass(frozen=True)
class BestOfNReward(Law):
    r"""True reward of the best of n by a learned reward: :math:`R(d) = d (\alpha - \beta d)`, :math:`d = \sqrt{KL}`.

    Parameters
    ----------
    alpha : float
        Gain at first, reward per unit of d.
    beta : float
        Over-optimisation.

    References
    ----------
    .. [1] Gao et al. 2022, arXiv 2210.10760; learned rewards of 3e6 to 3e9 parameters, judged by one of 6e9.

    Examples
    --------
    >>> law = BestOfNReward(alpha=1.0, beta=0.25)
    >>> law.peak, law(2.0)
    (2.0, 1.0)
    """

    alpha: float
    beta: float

    inputs: ClassVar[tuple[str, ...]] = ("d",)
    inputs_from_zero: ClassVar[tuple[str, ...]] = ("d",)
    target: ClassVar[str] = "R"

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        d = variables["d"]
        out: FloatArray = d * (theta["alpha"] - theta["beta"] * d)
        return out

    @property
    def peak(self) -> float:
        """Distance d at which the true reward is greatest, alpha / (2 beta)."""
        if not (self.alpha > 0 and self.beta > 0):
            raise ValueError(f"{self} has no peak: alpha and beta must be above 0.")
        return float(computed("peak", lambda: np.float64(self.alpha) / self.beta / 2))


@dataclass(frozen=True)
class RLReward(Law):
    r"""True reward of a policy trained on a learned reward: :math:`R(d) = d (\alpha - \beta \log d)`, :math:`d =
    \sqrt{KL}`.

    Parameters
    ----------
    alpha : float
        Gain at d = 1, reward per unit of d.
    beta : float
        Over-optimisation.

    References
    ----------
    .. [1] Gao et al. 2022, arXiv 2210.10760; learned rewards of 3e6 to 3e9 parameters, judged by one of 6e9.

    Examples
    --------
    >>> round(RLReward(alpha=0.5, beta=0.15)(5.0), 4)
    1.2929
    """

    alpha: float
    beta: float

    inputs: ClassVar[tuple[str, ...]] = ("d",)
    inputs_from_zero: ClassVar[tuple[str, ...]] = ("d",)
    target: ClassVar[str] = "R"

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        d = variables["d"]
        log_d = np.log(np.where(d > 0, d, 1.0))
        out: FloatArray = d * (theta["alpha"] - theta["beta"] * log_d)
        return out

    @property
    def peak(self) -> float:
        """Distance d at which the true reward is greatest, exp(alpha / beta - 1)."""
        if not self.beta > 0:
            raise ValueError(f"{self} has no peak: beta must be above 0.")
        return float(computed("peak", lambda: np.exp(np.float64(self.alpha) / self.beta - 1)))
