"""A straight line on log-log paper by least squares, in closed form, with the textbook's two intervals.

Use it where one power law is assumed and the question is how well a line is known: every number follows from formulas
that can be checked by hand. The intervals presume that the points scatter about a line, independently and equally. They
do not know whether there is a line. For a floor, several variables or outliers use `fit`, then `predict`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._validate import FloatArray, choice, columns, finite, positive, scalar, unwrap
from ..laws import PowerLaw
from .predict import Band

__all__ = ["Growth", "StraightLine", "growth", "straight_line"]


@dataclass(frozen=True)
class StraightLine:
    r"""The line :math:`\log(y - E) = \log A - \alpha \log x` through points, E given.

    Attributes
    ----------
    x, y : ndarray (n,)
        The points.
    law : PowerLaw
        The line as a law, with its floor.
    scatter : float
        Standard deviation of a point about the line, in log(y - E), with n - 2 in the denominator.
    r_squared : float
        Share of the variance of log(y - E) that the line explains.
    """

    x: FloatArray
    y: FloatArray
    law: PowerLaw
    scatter: float
    r_squared: float

    @property
    def residuals(self) -> FloatArray:
        """log(y - E) less what the line says, of each point."""
        return np.asarray(np.log(self.y - self.law.E) - np.log(self.law.excess(self.x)))

    @property
    def slope_error(self) -> float:
        """Standard error of the exponent."""
        return self.scatter / float(np.sqrt(_centred(self.x) @ _centred(self.x)))

    def weights(self, x: object) -> FloatArray:
        """How much each point counts where: a row of the hat matrix for each x, so that log(law(x) - E) = weights @ log(y - E).

        Parameters
        ----------
        x : float or array_like (m,)
            Where.

        Returns
        -------
        ndarray (m, n) or (n,)
            Each row adds up to one.
        """
        u = _centred(self.x)
        at = np.log(positive("x", x)) - np.log(self.x).mean()
        return np.asarray(1 / len(u) + at[..., None] * u / (u @ u))

    def band(self, x: object, *, kind: str = "prediction", level: float = 0.95) -> Band:
        """What the line says at x, with Student's interval.

        Parameters
        ----------
        x : float or array_like
            Where.
        kind : {"confidence", "prediction"}
            About the line, or about one further point.
        level : float
            Such as 0.95.

        Returns
        -------
        Band

        Raises
        ------
        ValueError
            If an argument is not as described.
        """
        from scipy.special import stdtrit

        which = choice("kind", kind, ("confidence", "prediction"))
        inside = scalar("level", level, unit="a fraction, such as 0.95", low=0.0, high=1.0, open_low=True, open_high=True)
        at = positive("x", x)
        reach = (self.weights(at) ** 2).sum(axis=-1) + (which == "prediction")
        half = float(stdtrit(len(self.x) - 2, (1 + inside) / 2)) * self.scatter * np.sqrt(reach)
        excess, E = np.asarray(self.law.excess(at)), self.law.E
        low, high = (unwrap(np.asarray(E + excess * np.exp(side * half))) for side in (-1, 1))
        return Band(unwrap(E + excess), low, high, inside, which)


def _centred(x: FloatArray) -> FloatArray:
    return np.asarray(np.log(x) - np.log(x).mean())


def straight_line(x: object, y: object, *, floor: float = 0.0) -> StraightLine:
    """The least-squares line through log(y - floor) against log x.

    Parameters
    ----------
    x, y : array_like (n,)
        At least three points, of two x or more; positive, and y above the floor.
    floor : float
        Taken off y first. It is not fitted: see `fit` for that.

    Returns
    -------
    StraightLine

    Raises
    ------
    ValueError
        If there are too few points, all at one x, or one is not above the floor.

    Examples
    --------
    >>> line = straight_line([1, 10, 100, 1000], [8.0, 4.1, 1.9, 1.0])
    >>> round(line.law.alpha, 3), round(line.r_squared, 4)
    (0.304, 0.9989)
    >>> line.band(1e4).low < line.band(1e4, kind="confidence").low < line.law(1e4)
    True
    """
    table = columns({"x": x, "y": y}, least=3)  # type: ignore[dict-item]
    x_, y_ = table["x"], table["y"]
    E = scalar("floor", floor, low=0.0)
    positive("x", x_)
    if E >= y_.min():
        raise ValueError(f"floor is {E:g}: expected less than the smallest y, {y_.min():g}.")
    if np.ptp(x_) == 0:
        raise ValueError(f"All points stand at x = {x_[0]:g}: a line needs two different x.")
    u, v = _centred(x_), np.log(y_ - E)
    slope, middle = float(u @ v / (u @ u)), float(v.mean())
    left = v - middle - slope * u
    law = PowerLaw(E=E, A=float(np.exp(middle - slope * np.log(x_).mean())), alpha=-slope)
    total = float(((v - middle) ** 2).sum())
    r_squared = 1 - float(left @ left) / total if total > 0 else 1.0
    return StraightLine(x_, y_, law, float(np.sqrt(left @ left / (len(u) - 2))), r_squared)


@dataclass(frozen=True)
class Growth:
    """Steady growth through dated values: a straight line in log y against time.

    Attributes
    ----------
    factor : float
        Growth a year, such as 4.3.
    low, high : float
        Ends of its interval (Student's, about the line).
    level : float
        Of that interval.
    start : float
        The year in which time begins.
    line : StraightLine
        The line behind it, in exp(years since the start): its `band` and `scatter` hold.
    """

    factor: float
    low: float
    high: float
    level: float
    start: float
    line: StraightLine

    @property
    def doubling_months(self) -> float:
        """Months in which the value doubles; negative where it falls."""
        return 12 * float(np.log(2) / np.log(self.factor))

    def at(self, when: object) -> FloatArray:
        """Time as `line` takes it, for its `law` and `band`.

        Parameters
        ----------
        when : array_like
            Years or dates.
        """
        return np.exp(_years(when) - self.start)


def _years(when: object) -> FloatArray:
    """Dates as years with a fraction; years as they are."""
    dates = np.asarray(when)
    if np.issubdtype(dates.dtype, np.datetime64):
        dates = 1970 + (dates - np.datetime64("1970-01-01")) / np.timedelta64(1, "D") / 365.2425
    return finite("when", dates, low=1000.0, high=3000.0)


def growth(when: object, y: object, *, level: float = 0.95) -> Growth:
    """By what factor y grows in a year, by least squares in log y.

    Parameters
    ----------
    when : array_like (n,)
        Dates, or years such as 2020.4.
    y : array_like (n,)
        Positive.
    level : float
        Of the interval.

    Returns
    -------
    Growth

    Raises
    ------
    ValueError
        If there are fewer than three points, all at one time, or one is not positive.

    Notes
    -----
    The interval presumes independent points about one line. It knows nothing of which points were kept, or of where the
    line was begun.

    Examples
    --------
    >>> trend = growth([2019, 2020, 2021, 2022], [1e21, 4e21, 18e21, 60e21])
    >>> round(trend.factor, 2), round(trend.doubling_months, 1)
    (3.97, 6.0)
    """
    from scipy.special import stdtrit

    years = _years(when)
    inside = scalar("level", level, unit="a fraction, such as 0.95", low=0.0, high=1.0, open_low=True, open_high=True)
    if years.ndim != 1 or len(years) < 3:
        raise ValueError(f"when has shape {years.shape}: expected three or more times in a row.")
    start = float(np.mean(years))
    line = straight_line(np.exp(years - start), y)
    half = float(stdtrit(len(years) - 2, (1 + inside) / 2)) * line.slope_error
    middle = -line.law.alpha
    return Growth(float(np.exp(middle)), float(np.exp(middle - half)), float(np.exp(middle + half)), inside, start, line)
