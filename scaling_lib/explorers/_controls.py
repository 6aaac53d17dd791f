"""What a person moves: sliders, choices, toggles, and the guess that comes first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from .._validate import choice, integer, scalar
from ._format import check_format, show
from ._view import Panel

__all__ = ["Choice", "Control", "Guess", "Seam", "Setting", "Slider", "Toggle"]

Setting: TypeAlias = float | str | bool


def _key(value: object) -> None:
    if not isinstance(value, str) or not value.isidentifier():
        raise ValueError(f"key is {value!r}: expected a name such as 'C' or 'budget'.")


def _label(value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"label is {value!r}: every control needs a label.")


@dataclass(frozen=True)
class Seam:
    """A line across the product of two logarithmic sliders.

    Below it the view does not depend on `other`; above it is smooth in the distance from the line and in `other`, and the
    static page interpolates in these; past the reach it depends on `other` and no longer on the slider. With `other` at
    the end where the line lies highest, all of the slider lies below.

    Attributes
    ----------
    other : str
        Key of the other slider.
    slope, offset : float
        The line, in decades: the slider crosses it at ``offset + slope * log10(other)``.
    reach : float
        Decades beyond the line from which on the slider changes nothing.
    nodes : int
        Nodes over that reach.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    other: str
    slope: float
    offset: float
    reach: float
    nodes: int

    def __post_init__(self) -> None:
        _key(self.other)
        for name in ("slope", "offset"):
            scalar(name, getattr(self, name))
        scalar("reach", self.reach, low=0.0, open_low=True)
        integer("nodes", self.nodes, low=2, high=200)

    def beyond(self, value: float, other: float) -> float:
        """Decades by which a value lies beyond the line."""
        return math.log10(value) - self.offset - self.slope * math.log10(other)

    def past(self, value: float, other: float) -> bool:
        """Whether a value lies further beyond the line than the reach."""
        return self.beyond(value, other) > self.reach + 1e-9

    def at(self, distance: float, other: float) -> float:
        """The value that lies so many decades beyond the line, and beyond it for a distance of 0."""
        return float(10.0 ** (distance + self.offset + self.slope * math.log10(other)) * (1 + 1e-9))


@dataclass(frozen=True)
class Slider:
    """A number within limits.

    Parameters
    ----------
    key : str
        Name in the settings.
    label : str
        What it is, for a reader.
    low, high : float
        Limits, in the unit of the number.
    step : float
        Distance of the stops; in decades if `log`.
    value : float
        Where it stands first.
    log : bool
        Whether equal distances are equal ratios.
    unit : str
    format : str
        See ``scaling_lib.explorers._format``.
    extra : tuple of float
        Further stops that do not fall on a step, such as the budget of a known model.
    nodes : int, optional
        On the static page, compute at so many equal distances only and interpolate between them (for products of
        several sliders, where every stop would be too much). Left out: compute at every stop.
    digits : int
        Significant digits of the stops; few where a person copies them.
    seam : Seam, optional
        Where what is computed becomes another thing, so that nothing is interpolated across it.

    Raises
    ------
    ValueError
        If limits, step and value do not fit together.

    Examples
    --------
    >>> Slider("C", "Budget", 1e18, 1e20, step=1, value=1e19, log=True, extra=(3e18,)).stops
    (1e+18, 3e+18, 1e+19, 1e+20)
    """

    key: str
    label: str
    low: float
    high: float
    step: float
    value: float
    log: bool = False
    unit: str = ""
    format: str = "sig:3"
    extra: tuple[float, ...] = ()
    nodes: int | None = None
    digits: int = 12
    seam: Seam | None = None

    def __post_init__(self) -> None:
        _key(self.key)
        _label(self.label)
        check_format("format", self.format)
        integer("digits", self.digits, low=1, high=12)
        for name in ("low", "high"):
            scalar(name, getattr(self, name), low=0.0 if self.log else -math.inf, open_low=self.log)
        scalar("step", self.step, low=0.0, open_low=True)
        if not self.low < self.high:
            raise ValueError(f"low is {self.low:g} and high {self.high:g}: expected low to be the smaller.")
        for value in (self.value, *self.extra):
            self.read(value)
        steps = (self.position(self.high) - self.position(self.low)) / self.step
        if abs(steps - round(steps)) > 1e-6 or not 1 <= round(steps) <= 2000:
            raise ValueError(
                f"step is {self.step:g}: expected one that divides the range into 1 to 2000 steps, "
                f"this makes {steps:g}."
            )
        if self.nodes is not None:
            integer("nodes", self.nodes, low=2, high=200)
            if self.extra:
                raise ValueError(
                    "extra stops and nodes exclude each other: between nodes every stop is interpolated anyway."
                )
        if self.seam is not None and (self.nodes is None or not self.log):
            raise ValueError("seam is given for a slider that is not logarithmic or has no nodes: nothing to keep apart.")

    def position(self, value: float) -> float:
        """Where a number stands along the slider: itself, or its decade."""
        return math.log10(value) if self.log else float(value)

    def at(self, position: float) -> float:
        """The number at a position."""
        return float(f"{10.0**position if self.log else position:.12g}")

    @cached_property
    def stops(self) -> tuple[float, ...]:
        """Every number the slider stops at, rising."""
        low, high = self.position(self.low), self.position(self.high)
        places = np.linspace(low, high, round((high - low) / self.step) + 1)
        regular = (float(f"{self.at(p):.{self.digits}g}") for p in places)
        return tuple(sorted({*regular, *map(float, self.extra)}))

    @cached_property
    def grid(self) -> tuple[float, ...]:
        """The numbers that the static page is computed for."""
        if self.nodes is None:
            return self.stops
        return tuple(self.at(p) for p in np.linspace(self.position(self.low), self.position(self.high), self.nodes))

    def read(self, value: object) -> float:
        """Return `value` as a number within the limits."""
        return scalar(self.key, value, unit=self.unit, low=self.low, high=self.high)

    def nearest(self, value: float) -> float:
        """The stop next to a number."""
        return min(self.stops, key=lambda stop: abs(self.position(stop) - self.position(value)))

    def shown(self, value: float) -> str:
        """A number as the slider displays it."""
        return show(value, self.format, self.unit)

    def data(self) -> dict[str, Any]:
        """The slider as JSON-ready data."""
        return {
            "kind": "slider",
            "key": self.key,
            "label": self.label,
            "log": self.log,
            "unit": self.unit,
            "format": self.format,
            "stops": list(self.stops),
            "layer": False,
        }


@dataclass(frozen=True)
class Choice:
    """One of a few options: ``{value: label}``.

    Parameters
    ----------
    key, label : str
    options : dict of str to str
        What `compute` gets, and what a reader sees.
    value : str
        Chosen first.
    layer : bool
        Show or hide parts of the same view (``when="key=value"``) instead of computing another: `compute` does not
        get it.

    Raises
    ------
    ValueError
        If there are fewer than two options, or one is not text.
    """

    key: str
    label: str
    options: dict[str, str]
    value: str
    layer: bool = False

    def __post_init__(self) -> None:
        _key(self.key)
        _label(self.label)
        if not isinstance(self.options, dict) or len(self.options) < 2:
            raise ValueError(f"options is {self.options!r}: expected at least two, as {{value: label}}.")
        for value, label in self.options.items():
            if not isinstance(value, str) or not value or not isinstance(label, str) or not label.strip():
                raise ValueError(f"options holds {value!r}: {label!r}: expected text for both.")
        self.read(self.value)

    @property
    def grid(self) -> tuple[str, ...]:
        """The values that the static page is computed for."""
        return tuple(self.options)

    def read(self, value: object) -> str:
        """Return `value` if it is an option."""
        return choice(self.key, value, tuple(self.options))

    def nearest(self, value: str) -> str:
        """The value itself."""
        return value

    def shown(self, value: str) -> str:
        """The label of a value."""
        return self.options[value]

    def data(self) -> dict[str, Any]:
        """The choice as JSON-ready data."""
        return {
            "kind": "choice",
            "key": self.key,
            "label": self.label,
            "layer": self.layer,
            "options": [[value, label] for value, label in self.options.items()],
        }


@dataclass(frozen=True)
class Toggle:
    """On or off.

    Parameters
    ----------
    key, label : str
    value : bool
        How it stands first.
    layer : bool
        Show or hide parts of the same view (``when="key"``) instead of computing another: `compute` does not get it.
    """

    key: str
    label: str
    value: bool = False
    layer: bool = False

    def __post_init__(self) -> None:
        _key(self.key)
        _label(self.label)
        self.read(self.value)

    @property
    def grid(self) -> tuple[bool, ...]:
        """The values that the static page is computed for."""
        return (False, True)

    def read(self, value: object) -> bool:
        """Return `value` if it is True or False."""
        if not isinstance(value, (bool, np.bool_)):
            raise ValueError(f"{self.key} is {value!r}: expected True or False.")
        return bool(value)

    def nearest(self, value: bool) -> bool:
        """The value itself."""
        return value

    def shown(self, value: bool) -> str:
        """The value in a word."""
        return "on" if value else "off"

    def data(self) -> dict[str, Any]:
        """The toggle as JSON-ready data."""
        return {"kind": "toggle", "key": self.key, "label": self.label, "layer": self.layer}


Control: TypeAlias = Slider | Choice | Toggle


@dataclass(frozen=True)
class Guess:
    """A question that is asked before anything is shown: a value and an 80 % interval, kept on the reader's machine.

    Parameters
    ----------
    id : str
        Key under which the guess is kept (``localStorage["sl-guess"]``), such as ``"ch05.sweep"``.
    question : str
        What is asked.
    quantity : str
        Label of the value.
    truth : float
        The answer, computed.
    low, high : float
        What is accepted as a guess.
    unit, format : str
        How values are written.
    options : dict of str to str
        If given, one of these is picked first.
    right : str
        The option that is right.
    explain : str
        What is said after the reveal.
    picture : Panel, optional
        Shown with the question: the guess and its interval are dragged up and down in it, or typed as without it.
    at : float
        Where on the horizontal axis of the picture.

    Raises
    ------
    ValueError
        If the truth lies outside of what is accepted, `right` is no option, or the picture cannot take every guess.
    """

    id: str
    question: str
    quantity: str
    truth: float
    low: float
    high: float
    unit: str = ""
    format: str = "sig:3"
    options: dict[str, str] | None = None
    right: str = ""
    explain: str = ""
    picture: Panel | None = None
    at: float = 0.0

    def __post_init__(self) -> None:
        for name in ("id", "question", "quantity"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name).strip():
                raise ValueError(f"{name} is {getattr(self, name)!r}: expected text.")
        check_format("format", self.format)
        low, high = scalar("low", self.low), scalar("high", self.high)
        scalar("truth", self.truth, low=low, high=high)
        if self.options is not None:
            choice("right", self.right, tuple(self.options))
        if self.picture is not None:
            x, y = self.picture.x, self.picture.y
            if not x.low <= scalar("at", self.at) <= x.high:
                raise ValueError(f"at is {self.at:g}: expected a place on the axis, {x.low:g} to {x.high:g}.")
            if y.low < low or y.high > high:
                raise ValueError(
                    f"picture goes from {y.low:g} to {y.high:g}: whatever can be dragged must be accepted, and that is "
                    f"{low:g} to {high:g}."
                )

    def data(self) -> dict[str, Any]:
        """The guess as JSON-ready data."""
        out = {
            name: getattr(self, name)
            for name in ("id", "question", "quantity", "truth", "low", "high", "unit", "format", "right", "explain")
        }
        picture = {} if self.picture is None else {"picture": self.picture.data(), "at": self.at}
        return {
            **out,
            **picture,
            "options": [[value, label] for value, label in (self.options or {}).items()],
            "shown": show(self.truth, self.format, self.unit),
        }
