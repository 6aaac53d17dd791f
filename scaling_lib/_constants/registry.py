"""How a published constant is written down: the value, and beside it where it comes from and how far it was checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeVar

__all__ = ["Estimate", "Source", "Status", "about", "add", "names"]

Status = Literal["verified", "recomputed", "reported"]
T = TypeVar("T")

_SOURCES: dict[str, Source] = {}


class Estimate(NamedTuple):
    """A published value with the interval that was printed beside it.

    Attributes
    ----------
    value : float
        The estimate.
    low, high : float
        Ends of its interval.
    percentiles : tuple of float
        Which percentiles of a bootstrap those ends are.
    """

    value: float
    low: float
    high: float
    percentiles: tuple[float, float]


@dataclass(frozen=True)
class Source:
    """Where a constant comes from.

    Attributes
    ----------
    name : str
        Its name in `scaling_lib.published`.
    value : object
        The law or number itself.
    unit : str
        Unit of the number, or of the law's prediction.
    paper : str
        Authors, year and arXiv number.
    where : str
        Equation, table or section.
    status : {"verified", "recomputed", "reported"}
        Read in the source; found again here from stored data or constants; or quoted and not checked.
    note : str
        The caveat that belongs beside it.
    """

    name: str
    value: Any
    unit: str
    paper: str
    where: str
    status: Status
    note: str = ""


def add(name: str, value: T, unit: str, paper: str, where: str, status: Status, note: str = "") -> T:
    """Write a constant down and return its value."""
    if name in _SOURCES:
        raise ValueError(f"{name} is written down twice: a constant lives once.")
    _SOURCES[name] = Source(name, value, unit, paper, where, status, note)
    return value


def about(name: str) -> Source:
    """The source of a constant.

    Parameters
    ----------
    name : str
        One of `names`.

    Raises
    ------
    ValueError
        If there is no constant of that name; the nearest is named.
    """
    from .._validate import choice

    return _SOURCES[choice("name", name, tuple(_SOURCES))]


def names() -> tuple[str, ...]:
    """The names of all constants, grouped by paper."""
    return tuple(_SOURCES)
