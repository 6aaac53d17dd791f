"""Every published constant, once: as a law or a number, with its source and how far it was verified.

A name in capitals *is* the law or the number; `about` tells where it comes from. Losses of different papers are
on different corpora and tokenizers and do not compare.

Examples
--------
>>> HOFFMANN_2022.E
1.69
>>> about("HOFFMANN_2022").status
'verified'
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from .laws import ChinchillaLaw

Status = Literal["verified", "recomputed", "reported"]
T = TypeVar("T")

_SOURCES: dict[str, Source] = {}


@dataclass(frozen=True)
class Source:
    """Where a constant comes from.

    Attributes
    ----------
    name : str
        Its name in this module.
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


def _add(name: str, value: T, unit: str, paper: str, where: str, status: Status, note: str = "") -> T:
    _SOURCES[name] = Source(name, value, unit, paper, where, status, note)
    return value


def about(name: str) -> Source:
    """The source of a constant.

    Raises
    ------
    ValueError
        If there is no constant of that name; the nearest is named.
    """
    from ._validate import choice

    return _SOURCES[choice("name", name, tuple(_SOURCES))]


def names() -> tuple[str, ...]:
    """The names of all constants, in the order of the papers."""
    return tuple(_SOURCES)


_HOFFMANN = "Hoffmann et al. 2022, arXiv 2203.15556"
_BESIROGLU = "Besiroglu et al. 2024, arXiv 2404.10102"

HOFFMANN_2022: Final = _add(
    "HOFFMANN_2022", ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28),
    "nats per token", _HOFFMANN, "equation 10", "verified",
    "Exponents as printed, to two digits; the rounding alone moves the optimum by half.")

HOFFMANN_2022_UNROUNDED: Final = _add(
    "HOFFMANN_2022_UNROUNDED",
    ChinchillaLaw(E=math.exp(0.5267228), A=math.exp(6.0073404), B=math.exp(6.0179186), alpha=0.33917084, beta=0.2849083),
    "nats per token", _HOFFMANN, "source of the arXiv version, as read by the replication", "verified")

BESIROGLU_2024: Final = _add(
    "BESIROGLU_2024", ChinchillaLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658),
    "nats per token", _BESIROGLU, "Table 1", "verified",
    "A refit of 240 points read from Figure 4 of Hoffmann et al.")
