"""Coverage: how often at least one of k samples is right, counted and between counts."""

from __future__ import annotations

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, columns, computed, finite, integer, shown

__all__ = ["coverage_between", "coverage_curve", "pass_at_k", "samples_for_coverage"]

_MOST_SAMPLES = 10**9
_DIRECT = 256


def _counts(name: str, value: object, low: int = 0) -> FloatArray:
    array = finite(name, value, unit="a count", low=low, high=_MOST_SAMPLES)
    if (array != np.floor(array)).any():
        raise ValueError(f"{name} is {shown(value)}: expected whole numbers.")
    return array


def _stirling(x: FloatArray) -> FloatArray:
    """What log x! exceeds x log x - x + log(2 pi x) / 2 by, with 0 log 0 = log 0 = 0 at x = 0."""
    safe = np.maximum(x, 1.0)
    series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * safe**2)) / safe**2) / safe**2) / safe
    small = np.arange(17, dtype=np.float64)
    exact = np.cumsum(np.log(np.maximum(small, 1.0)))
    rest = np.maximum(small, 1.0)
    table = exact - (small * np.log(rest) - small + 0.5 * np.log(2 * np.pi * rest))
    out: FloatArray = np.where(x <= 16, table[np.minimum(x, 16).astype(np.int64)], series)
    return out


def _log_none_right(n: FloatArray, c: FloatArray, k: FloatArray) -> FloatArray:
    """Log of C(n - c, k) / C(n, k); -inf where k exceeds n - c."""
    few, many = np.minimum(c, k), np.maximum(c, k)
    rest = n - c - k
    out = np.zeros(np.shape(n))
    for i in range(int(min(_DIRECT, few.max(initial=0)))):
        out = out + np.where((i < few) & (rest >= 0), np.log1p(-many / np.maximum(n - i, many + 1)), 0.0)
    if (few > _DIRECT).any():
        a, b, d = n - c, n - k, np.maximum(rest, 0.0)
        whole = (a * np.log1p(-c / n) + b * np.log1p(-k / n)
                 - np.where(d > 0, d * np.log1p(-np.minimum(c + k, n - 1) / n), 0.0)
                 + 0.5 * np.log(np.maximum(a, 1) / n * (np.maximum(b, 1) / np.maximum(d, 1)))
                 + _stirling(a) + _stirling(b) - _stirling(d) - _stirling(n))
        out = np.where(few > _DIRECT, whole, out)
    return np.where(rest < 0, -np.inf, out)


def pass_at_k(n: object, c: object, k: object) -> Numeric:
    r"""Probability that k samples hold a right one, estimated from c right among n: :math:`1 - \binom{n-c}{k} /
    \binom{n}{k}`.

    Unbiased for every k up to n, unlike :math:`1 - (1 - c/n)^k`. Stable: no factorial is formed.

    Parameters
    ----------
    n : int or array_like
        Samples drawn for a problem, up to 1e9.
    c : int or array_like
        Right ones among them.
    k : int or array_like
        Samples allowed, at most n.

    Returns
    -------
    float or ndarray
        A probability; average it over problems.

    Raises
    ------
    ValueError
        If a count is not whole, c or k exceeds n, or k is 0.

    References
    ----------
    .. [1] Chen et al. 2021, arXiv 2107.03374, equation 1.

    Examples
    --------
    >>> round(pass_at_k(n=200, c=5, k=10), 6)
    0.228284
    """
    drawn, right, allowed = broadcast(("n", _counts("n", n, 1)), ("c", _counts("c", c)), ("k", _counts("k", k, 1)))
    for name, value, array in (("c", c, right), ("k", k, allowed)):
        if (array > drawn).any():
            raise ValueError(f"{name} is {shown(value)}: expected at most n = {shown(n)}.")
    return computed("coverage", lambda: 0.0 - np.expm1(_log_none_right(drawn, right, allowed)))


def coverage_curve(n: object, c: object, *, k_max: object = None) -> FloatArray:
    """Mean pass@k over problems for every k from 1 to `k_max`.

    The chance of no right answer is carried from k to k + 1 by one product, once for each distinct count, and cut off
    where it falls below 1e-20.

    Parameters
    ----------
    n : int
        Samples drawn for each problem, up to 1e7.
    c : array_like, shape (problems,)
        Right samples of each problem.
    k_max : int, optional
        Largest k; n if not given.

    Returns
    -------
    ndarray, shape (k_max,)
        Entry k - 1 is the mean of pass@k.

    Raises
    ------
    ValueError
        If a count is not whole, a c or k_max exceeds n, or no problem is given.

    References
    ----------
    .. [1] Chen et al. 2021, arXiv 2107.03374, equation 1.

    Examples
    --------
    >>> coverage_curve(10, [0, 1, 5]).round(3)[:3]
    array([0.2  , 0.326, 0.406])
    """
    drawn = integer("n", n, low=1, high=10**7)
    last = drawn if k_max is None else integer("k_max", k_max, low=1, high=drawn)
    right = _counts("c", c)
    if right.ndim != 1 or right.size == 0:
        raise ValueError(f"c has shape {right.shape}: expected one count for each problem, at least one.")
    if (right > drawn).any():
        raise ValueError(f"c is {shown(c)}: expected at most n = {drawn}.")
    values, times = np.unique(right, return_counts=True)
    left = drawn - np.arange(last, dtype=np.float64)
    inverse = 1 / left
    total = np.zeros(last)
    scratch = np.empty(last)
    for value, weight in zip(values.tolist(), times.tolist(), strict=True):
        if value == 0:
            total += weight
            continue
        # log of the product is below c log(1 - k / n): beyond this k it is less than 1e-20
        stop = min(last, drawn - int(value) + 1, int(np.ceil(-drawn * np.expm1(-46.1 / value))) + 1)
        part = scratch[:stop]
        np.multiply(inverse[:stop], -value, out=part)
        part += 1.0
        np.multiply.accumulate(part, out=part)
        if weight > 1:
            part *= weight
        total[:stop] += part
    out: FloatArray = np.clip(1 - total / right.size, 0.0, 1.0)
    return out


def coverage_between(k: object, coverage: object, at: object) -> Numeric:
    r"""Coverage between measured numbers of samples: :math:`\log(-\log c)` straight in :math:`\log k` from point to point.

    Each piece is the `PowerCoverage` through its two points. Nothing is carried beyond the first and the last.

    Parameters
    ----------
    k : array_like (n,)
        Numbers of samples, rising, at least two.
    coverage : array_like (n,)
        Share of problems solved with so many, strictly between 0 and 1.
    at : float or array_like
        Numbers of samples asked for, from the first k to the last.

    Returns
    -------
    float or ndarray
        Shaped like `at`.

    Raises
    ------
    ValueError
        If k does not rise, a coverage is not strictly between 0 and 1, or `at` lies outside the measured range.

    Examples
    --------
    >>> round(coverage_between([1, 10, 100], [0.2, 0.5, 0.8], 30), 3)
    0.668
    """
    x = columns({"k": k, "coverage": coverage}, least=2)["k"]  # type: ignore[dict-item]
    if (np.diff(x) <= 0).any():
        raise ValueError(f"k is {shown(k)}: expected rising numbers of samples. Sort the table by k.")
    share = finite("coverage", coverage, low=0, high=1, open_low=True, open_high=True)
    asked = finite("at", at, low=float(x[0]), high=float(x[-1]))
    return computed("coverage", lambda: np.exp(-np.exp(np.interp(np.log(asked), np.log(x), np.log(-np.log(share))))))


def samples_for_coverage(p: object, target: object) -> Numeric:
    r"""Samples after which one success rate p reaches a coverage: :math:`\log(1 - target) / \log(1 - p)`.

    One rate for all problems is nearly always wrong, and then far too optimistic: see `BetaCoverage`.

    Parameters
    ----------
    p : float or array_like
        Success rate of one sample, strictly between 0 and 1.
    target : float or array_like
        Coverage asked for, at least 0 and below 1.

    Returns
    -------
    float or ndarray
        Samples, not rounded.

    Raises
    ------
    ValueError
        If a probability is out of range.

    Examples
    --------
    >>> round(samples_for_coverage(0.288, 0.95), 2)
    8.82
    """
    rate, goal = broadcast(("p", finite("p", p, low=0, high=1, open_low=True, open_high=True)),
                           ("target", finite("target", target, low=0, high=1, open_high=True)))
    return computed("number of samples", lambda: np.log1p(-goal) / np.log1p(-rate))
