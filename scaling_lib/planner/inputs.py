"""What a person passed to the planner, checked, named, and ready to be echoed and replayed.

Here, unlike in the laws, units are guessed at: a plan for 300 training tokens is a slip, and the error says which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import published
from .._validate import _refuse, choice, scalar, shown
from ..allocate._surface import Surface, surface_of
from ..laws import ChinchillaLaw, Law
from ..laws.data_constrained import DataConstrainedLaw
from ..laws.overtraining import OvertrainingLaw
from .known import verified

if TYPE_CHECKING:
    from ..fitting import FitResult

__all__ = ["DEFAULT_LAWS", "OWN", "Laws", "amount", "read_laws"]

#: The verified laws of the default table: one set of runs, read and rounded in three ways.
DEFAULT_LAWS = ("HOFFMANN_2022", "HOFFMANN_2022_UNROUNDED", "BESIROGLU_2024")
#: The name of the law that the caller brought.
OWN = "yours"
HEDGE = "hedge"


def amount(name: str, value: object, *, unit: str, least: float, example: str) -> float:
    """A positive number in a plausible unit: at least `least`."""
    number = scalar(name, value, unit=unit, low=0.0, open_low=True)
    if number < least:
        raise _refuse(name, value, f"at least {least:g} ({unit})", f"Is the unit right? {example}")
    return number


@dataclass(frozen=True)
class Laws:
    """The laws a plan weighs.

    Attributes
    ----------
    table : dict of str to ChinchillaLaw
        Every law by name, one's own first.
    own : bool
        Whether one of them is the caller's.
    result : FitResult or None
        The caller's fit with its runs, if there are runs.
    repetition : tuple of float or None
        R_D* and R_N* of the caller's own data-constrained law.
    echo : dict
        What reproduces them, for JSON.
    """

    table: dict[str, ChinchillaLaw]
    own: bool
    result: FitResult[Any] | None
    repetition: tuple[float, float] | None
    echo: dict[str, Any]

    def surfaces(self, U: float | None) -> dict[str, Surface]:
        """Their surfaces; with U unique tokens, repeated tokens are worth what Muennighoff et al. measured."""
        if U is None:
            return {name: surface_of(law) for name, law in self.table.items()}
        return {name: surface_of(self.repeated(name), U=U) for name in self.table}

    def repeated(self, name: str) -> DataConstrainedLaw:
        """A law of the table with the worth of repeated data."""
        if name == OWN and self.repetition is not None:
            R_D, R_N = self.repetition
        else:
            found = verified(DataConstrainedLaw)[0][1]
            R_D, R_N = found.R_D_star, found.R_N_star
        return DataConstrainedLaw(**self.table[name].parameters, R_D_star=R_D, R_N_star=R_N)


def _chinchilla(name: str, law: object) -> tuple[ChinchillaLaw, tuple[float, float] | None]:
    if isinstance(law, ChinchillaLaw):
        out, repetition = law, None
    elif isinstance(law, DataConstrainedLaw):
        out, repetition = law.fresh, (law.R_D_star, law.R_N_star)
    elif isinstance(law, OvertrainingLaw):
        out, repetition = law.to_chinchilla(), None
    else:
        raise _refuse(
            name, law,
            "a ChinchillaLaw, DataConstrainedLaw or OvertrainingLaw, a fit of one, or the path of a saved fit",
            "A plan needs a law of both parameters and tokens.")
    out._needs_both_terms()
    return out, repetition


def _described(name: str, data: Mapping[str, Any]) -> object:
    """A law or fit from its JSON description."""
    if data.get("scaling_lib") == "fit":
        from ..fitting.result import from_dict

        return from_dict(data)
    known = {kind.__name__: kind for kind in (ChinchillaLaw, DataConstrainedLaw, OvertrainingLaw)}
    kind: type[Law] = known[choice(f"{name}['law']", data.get("law"), tuple(known))]
    return kind.from_dict(data)


def read_laws(law: object, laws: object) -> Laws:
    """The caller's own law, if any, and the published ones beside it."""
    own: dict[str, ChinchillaLaw] = {}
    result, repetition, echo_own = None, None, None
    if law is not None:
        value: Any = law
        if isinstance(value, str) and value in published.names():
            raise _refuse("law", law, "your own law or fit",
                          f"Published laws go in laws=, and the choice in prefer={value!r}.")
        if isinstance(value, (str, Path)):
            from ..fitting import load

            value = load(value)
        elif isinstance(value, Mapping):
            value = _described("law", value)
        if hasattr(value, "task") and hasattr(value, "law"):
            result = value
            if not result.ok:
                raise ValueError(
                    f"law is a fit that ended {result.status.value} ({result.message}): it does not bear a plan. "
                    "Add runs that differ in size and tokens, or hold a constant with fixed=.")
            echo_own = result.to_dict()
            value = result.law
        own[OWN], repetition = _chinchilla("law", value)
        if echo_own is None:
            echo_own = value.to_dict()
        if result is not None and not {"N", "D"} <= set(result.task.inputs):
            result = None
    named = _named(laws)
    table = {**own, **{name: _chinchilla(f"laws[{name!r}]", value)[0] for name, value in named.items()}}
    if not table:
        raise ValueError("laws is empty and no law is given: there is nothing to plan with.")
    taken = {OWN, HEDGE} & set(named)
    if taken:
        raise ValueError(f"laws names {', '.join(sorted(taken))}: these names are taken. Choose others.")
    echo_laws = None if laws is None else [name if _is_published(name, value) else {"name": name, **value.to_dict()}
                                           for name, value in named.items()]
    return Laws(table=table,
                own=bool(own),
                result=result,
                repetition=repetition,
                echo={"law": echo_own, "laws": echo_laws})


def _is_published(name: str, law: Law) -> bool:
    return name in published.names() and published.about(name).value == law


def _named(laws: object) -> dict[str, Any]:
    if laws is None:
        return {name: published.about(name).value for name in DEFAULT_LAWS}
    if isinstance(laws, str):
        laws = [laws]
    if isinstance(laws, Mapping):
        items: Iterable[tuple[Any, Any]] = laws.items()
    elif isinstance(laws, Iterable) and not isinstance(laws, (bytes, np.ndarray)):
        items = [(entry, None) if isinstance(entry, str) else
                 (entry.get("name"), entry) if isinstance(entry, Mapping) else (None, entry) for entry in laws]
    else:
        raise _refuse("laws", laws, "names of published laws, or a dictionary of name to law")
    out: dict[str, Any] = {}
    for name, value in items:
        if not isinstance(name, str):
            raise _refuse("laws", laws, "names of published laws, or a dictionary of name to law",
                          f"{shown(value)} has no name.")
        if value is None:
            fitting = tuple(
                n for n in published.names()
                if isinstance(published.about(n).value, (ChinchillaLaw, OvertrainingLaw, DataConstrainedLaw)))
            value = published.about(choice("laws", name, fitting)).value
        elif isinstance(value, Mapping):
            value = _described(f"laws[{name!r}]", {key: v for key, v in value.items() if key != "name"})
        out[name] = value
    return out
