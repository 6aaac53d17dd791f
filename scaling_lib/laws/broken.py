"""Shapes of learning curves beyond the straight line: saturation at both ends, and smoothly broken power laws.

Use `M1` to `M4` for one bend at each end (M2 is the power law with a floor), `BrokenPowerLaw` for a change of slope in
the middle, `broken_power_law` for any number of them. More bends fit more curves: judge them by extrapolation, never by
fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, Numeric, computed, positive, scalar, shown
from .base import Law

__all__ = ["M1", "M2", "M3", "M4", "Break", "BrokenPowerLaw", "broken_power_law"]


@dataclass(frozen=True)
class Break:
    """One change of slope of a broken power law.

    Attributes
    ----------
    c : float
        By how much the exponent grows beyond the break.
    d : float
        Where on the x axis it is.
    f : float
        Its width in log x: small is sharp.

    Raises
    ------
    ValueError
        If `c` is not finite, or `d` or `f` is not positive.
    """

    c: float
    d: float
    f: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "c", scalar("Break.c", self.c))
        object.__setattr__(self, "d", scalar("Break.d", self.d, low=0, open_low=True))
        object.__setattr__(self, "f", scalar("Break.f", self.f, low=0, open_low=True))


def _log_bend(log_x: Any, c: Any, d: Any, f: Any) -> Any:
    """Log of (1 + (x / d)**(1 / f))**(-c f)."""
    return -c * f * np.logaddexp(0.0, (log_x - np.log(d)) / f)


def broken_power_law(x: object, *, a: object, b: object, c0: object, breaks: object) -> Numeric:
    r"""Power law with any number of smooth breaks: :math:`y = a + b x^{-c_0} \prod_i (1 + (x/d_i)^{1/f_i})^{-c_i f_i}`.

    Parameters
    ----------
    x : float or array_like
        The resource, positive.
    a, b, c0 : float
        Limit, coefficient and first exponent.
    breaks : sequence of Break or of mappings with the keys c, d and f
        May be empty.

    Returns
    -------
    float or ndarray
        y, in the units of a and b.

    Raises
    ------
    ValueError
        If x is not positive, a break lacks c, d or f, or d or f is not positive.

    References
    ----------
    .. [1] Caballero et al. 2022, arXiv 2210.14891, equation 1.

    Examples
    --------
    >>> round(broken_power_law(1e3, a=1.2, b=3.0, c0=0.1, breaks=[Break(c=0.2, d=1e4, f=0.3)]), 4)
    2.7035
    """
    log_x = np.log(positive("x", x))
    low, scale, first = scalar("a", a), scalar("b", b), scalar("c0", c0)
    bends = _breaks(breaks)

    def curve() -> FloatArray:
        exponent = -first * log_x
        for bend in bends:
            exponent = exponent + _log_bend(log_x, bend.c, bend.d, bend.f)
        return np.asarray(low + scale * np.exp(exponent))

    return computed("broken power law", curve)


def _breaks(breaks: object) -> tuple[Break, ...]:
    if isinstance(breaks, (str, bytes, Mapping, np.ndarray)) or not isinstance(breaks, Iterable):
        raise ValueError(f"breaks is {shown(breaks)}: expected a list of Break(c, d, f), which may be empty.")
    found = []
    for item in breaks:
        if isinstance(item, Mapping) and set(item) == {"c", "d", "f"}:
            item = Break(**item)
        if not isinstance(item, Break):
            raise ValueError(f"breaks holds {shown(item)}: expected Break(c, d, f) or a mapping with just these keys.")
        found.append(item)
        if len(found) > 100:
            raise ValueError("breaks holds more than 100 breaks: no curve has that many.")
    return tuple(found)


@dataclass(frozen=True)
class BrokenPowerLaw(Law):
    r"""Power law with one smooth break, the one that is fitted: :math:`y = a + b x^{-c_0} (1 + (x/d)^{1/f})^{-c f}`.

    The exponent goes from c0 far below d to c0 + c far above it.

    Parameters
    ----------
    a, b, c0 : float
        Limit, coefficient and first exponent.
    c, d, f : float
        Growth of the exponent at the break, its place, and its width in log x.

    References
    ----------
    .. [1] Caballero et al. 2022, arXiv 2210.14891, equation 1.

    Examples
    --------
    >>> round(BrokenPowerLaw(a=1.2, b=3.0, c0=0.1, c=0.2, d=1e4, f=0.3)(1e3), 4)
    2.7035
    """

    a: float
    b: float
    c0: float
    c: float
    d: float
    f: float

    inputs: ClassVar[tuple[str, ...]] = ("x",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {
        "c0": (-0.5, 1.0),
        "c": (-1.0, 1.0),
        "d": "x",
        "f": (0.05, 2.0),
    }
    target: ClassVar[str] = "y"
    positive: ClassVar[tuple[str, ...]] = ("d", "f")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        log_x = np.log(variables["x"])
        bend = _log_bend(log_x, theta["c"], theta["d"], theta["f"])
        out: FloatArray = theta["a"] + theta["b"] * np.exp(-theta["c0"] * log_x + bend)
        return out


@dataclass(frozen=True)
class M1(Law):
    r"""Pure power law: :math:`\varepsilon(x) = \beta x^{c}`, with c below zero where more is better.

    Parameters
    ----------
    beta : float
        Error at x = 1.
    c : float
        Exponent.

    References
    ----------
    .. [1] Alabdulmohsin et al. 2022, arXiv 2209.06640, model M1.

    Examples
    --------
    >>> round(M1(beta=5.0, c=-0.3)(1e4), 4)
    0.3155
    """

    beta: float
    c: float

    inputs: ClassVar[tuple[str, ...]] = ("x",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"c": (-1.5, 0.5)}
    target: ClassVar[str] = "error"
    nonnegative: ClassVar[tuple[str, ...]] = ("beta",)

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = theta["beta"] * np.exp(theta["c"] * np.log(variables["x"]))
        return out


@dataclass(frozen=True)
class M2(Law):
    r"""Power law with a floor: :math:`\varepsilon(x) = \beta x^{c} + \varepsilon_\infty`.

    Parameters
    ----------
    beta, c : float
        Excess over the floor at x = 1, and its exponent.
    eps_inf : float
        Floor.

    References
    ----------
    .. [1] Alabdulmohsin et al. 2022, arXiv 2209.06640, model M2.

    Examples
    --------
    >>> round(M2(beta=5.0, c=-0.3, eps_inf=0.1)(1e4), 4)
    0.4155
    """

    beta: float
    c: float
    eps_inf: float

    inputs: ClassVar[tuple[str, ...]] = ("x",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"c": (-1.5, 0.5)}
    target: ClassVar[str] = "error"
    nonnegative: ClassVar[tuple[str, ...]] = ("beta", "eps_inf")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        out: FloatArray = theta["beta"] * np.exp(theta["c"] * np.log(variables["x"])) + theta["eps_inf"]
        return out


@dataclass(frozen=True)
class M3(Law):
    r"""Power law in a shifted variable: :math:`\varepsilon(x) = \beta (1/x + \gamma)^{-c} + \varepsilon_\infty`.

    With gamma = 0 it is M2; a gamma above zero lets the curve level off early.

    Parameters
    ----------
    beta, c : float
        Coefficient and exponent, c below zero where more is better.
    gamma : float
        Shift: the curve levels off near x = 1 / gamma.
    eps_inf : float
        Floor of the unshifted law.

    References
    ----------
    .. [1] Alabdulmohsin et al. 2022, arXiv 2209.06640, model M3.

    Examples
    --------
    >>> round(M3(beta=5.0, c=-0.3, gamma=1e-5, eps_inf=0.1)(1e4), 4)
    0.4246
    """

    beta: float
    c: float
    gamma: float
    eps_inf: float

    inputs: ClassVar[tuple[str, ...]] = ("x",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {"c": (-1.5, 0.5), "gamma": (1e-12, 1.0)}
    target: ClassVar[str] = "error"
    nonnegative: ClassVar[tuple[str, ...]] = ("beta", "gamma", "eps_inf")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        shifted = np.log(1 / variables["x"] + theta["gamma"])
        out: FloatArray = theta["beta"] * np.exp(-theta["c"] * shifted) + theta["eps_inf"]
        return out


@dataclass(frozen=True)
class M4(Law):
    r"""Curve that leaves chance and reaches a floor: :math:`(\varepsilon - \varepsilon_\infty) / (\varepsilon_0 -
    \varepsilon)^{\alpha} = \beta x^{c}`.

    The equation has one root between the two limits. It is found by Newton's method in the log-odds of the way between
    them, where the function is monotone and of one curvature, so that the method arrives from anywhere.

    Parameters
    ----------
    alpha : float
        How slowly chance is left; 0 gives M2.
    beta, c : float
        Coefficient and exponent of the resource, c below zero where more is better.
    eps0, eps_inf : float
        Error at chance and floor, eps0 above eps_inf.

    Raises
    ------
    ValueError
        If `eps0` is not above `eps_inf`, or a constant is out of its range.

    References
    ----------
    .. [1] Alabdulmohsin et al. 2022, arXiv 2209.06640, model M4.

    Examples
    --------
    >>> round(M4(alpha=0.5, beta=5.0, c=-0.3, eps0=0.9, eps_inf=0.1)(1e4), 4)
    0.3368
    """

    alpha: float
    beta: float
    c: float
    eps0: float
    eps_inf: float

    inputs: ClassVar[tuple[str, ...]] = ("x",)
    ranges: ClassVar[Mapping[str, tuple[float, float] | str]] = {
        "alpha": (0.0, 2.0),
        "beta": (1e-2, 1e3),
        "c": (-1.5, -0.01),
        "eps0": (0.2, 1.0),
        "eps_inf": (0.0, 0.5),
    }
    target: ClassVar[str] = "error"
    nonnegative: ClassVar[tuple[str, ...]] = ("alpha", "eps0", "eps_inf")
    positive: ClassVar[tuple[str, ...]] = ("beta",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.eps0 > self.eps_inf:
            raise ValueError(f"M4.eps0 is {self.eps0!r}: expected more than eps_inf = {self.eps_inf!r}.")

    @staticmethod
    def _formula(theta: Mapping[str, Any], **variables: FloatArray) -> FloatArray:
        span = theta["eps0"] - theta["eps_inf"]
        alpha = np.asarray(theta["alpha"], dtype=np.float64)
        goal = np.log(theta["beta"]) + theta["c"] * np.log(variables["x"]) + (alpha - 1) * np.log(span)
        share = np.where(alpha == 0, np.exp(goal), _share(np.where(alpha == 0, 1.0, alpha), goal))
        out: FloatArray = theta["eps_inf"] + span * share
        return out


def _share(alpha: FloatArray, goal: FloatArray) -> FloatArray:
    """The u in (0, 1) with log u - alpha log(1 - u) = goal."""
    odds = np.where(goal > 0, goal / alpha, goal)
    for _ in range(100):
        tail = np.exp(-np.abs(odds))
        soft = np.log1p(tail)
        down = np.where(odds > 0, tail, 1.0) / (1 + tail)
        error = np.minimum(odds, 0) - soft + alpha * (np.maximum(odds, 0) + soft) - goal
        slope = down + alpha * (1 - down)
        newton = error / slope
        # Halley's correction: the error is cubed with each step, so that a step of 1e-6 was the last one needed.
        step = newton / (1 - 0.5 * newton * (alpha - 1) * down * (1 - down) / slope)
        odds = odds - step
        if not (np.abs(step) > 1e-6 * (1 + np.abs(odds))).any():
            break
    out: FloatArray = np.exp(np.minimum(odds, 0) - np.log1p(np.exp(-np.abs(odds))))
    return out
