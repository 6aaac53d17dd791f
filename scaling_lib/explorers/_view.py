"""What an explorer draws: the one place where the schema of a view stands.

``compute(settings)`` returns a `View`: one or more `Panel` (axes, series, marks), some `Readout` and one sentence.
All of it is checked when it is made, in Python, and then sent as JSON with the same field names (`View.data`) to
``explorer.js`` or to the drawing of the printed page. Nothing in it is code.

* **Series**: `Line`, `Points`, `Band` (between two lines), `Bars` (a histogram).
* **Marks**: `Dot` (a labelled point), `Rule` (a vertical or horizontal line), `Span` (a range along one axis), `Handle` (a
  point that is dragged, and moves a slider), `OwnGuess` (what the reader guessed, once there is a guess).
* **Answers**: `Table` (numbers in rows and columns), `Notes` (sentences, said when readouts are within bounds).
* **tone** says what a thing *is*, the style sheet says which colour that has: ``main``, ``second``, ``third``,
  ``quiet`` (context) and ``truth``. Colour never stands alone: give lines a `style`, points a `glyph`, marks a label.
* **when** shows a thing only while a layer is on: ``"truth"`` names a `Toggle`, ``"axis=loss"`` an option of a
  `Choice`, each made with ``layer=True``.
* **{key}** in `View.text` and in the labels of marks is replaced by the readout of that key as it is displayed;
  ``{key} digit(s)`` becomes "1 digit" or "6 digits".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np

from .._validate import FloatArray, choice, finite, integer, scalar
from ._format import check_format, show, superscript

__all__ = [
    "Axis",
    "Band",
    "Bars",
    "Dot",
    "Handle",
    "Line",
    "Notes",
    "OwnGuess",
    "Panel",
    "Points",
    "Readout",
    "Rule",
    "Span",
    "Table",
    "View",
    "axis_of",
    "conditions",
    "fill_text",
    "holds",
]

TONES = ("main", "second", "third", "quiet", "truth")
STYLES = ("solid", "dashed", "dotted")
GLYPHS = ("circle", "ring", "square", "diamond", "triangle", "cross")
_CELL = re.compile(r"[^.\s]+\.[^.\s]+\.\d+")
_COUNTED = re.compile(r"((\S+) [\w-]+)\(s\)")
PLACES = ("above", "below", "left", "right", "below-left", "below-right", "above-left", "above-right")


def _text(name: str, value: object, *, empty: bool = True) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} is {value!r}: expected text.")
    if not empty and not value.strip():
        raise ValueError(f"{name} is empty: a reader who cannot see the picture needs it.")
    return value


def _column(name: str, value: object) -> FloatArray:
    array = finite(name, value)
    if array.ndim != 1 or not len(array):
        raise ValueError(f"{name} has shape {array.shape}: expected one or more numbers in a row.")
    array.flags.writeable = False
    return array


def _same_length(owner: str, **columns: FloatArray) -> None:
    if len({len(column) for column in columns.values()}) > 1:
        lengths = {name: len(column) for name, column in columns.items()}
        raise ValueError(f"{owner} has columns of different lengths: {lengths}.")


class _Part:
    """A checked, frozen piece of a view that writes itself as JSON."""

    kind: ClassVar[str] = ""

    def _put(self, **checked: object) -> None:
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def data(self) -> dict[str, Any]:
        """The piece as JSON-ready data; texts that are empty are left out."""
        out: dict[str, Any] = {"kind": self.kind} if self.kind else {}
        for item in fields(self):  # type: ignore[arg-type]
            value = getattr(self, item.name)
            if not (isinstance(value, str) and value == ""):
                out[item.name] = _plain(value)
        return out


def _plain(value: Any) -> Any:
    if isinstance(value, _Part):
        return value.data()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def axis_of(part: Mapping[str, Any], name: str) -> str:
    """Which axis a coordinate of a series or mark (as data) lies along: its name says so, or the part's own axis."""
    return {"x": "x", "edges": "x", "y": "y", "heights": "y"}.get(name) or str(part.get("axis", "y"))


@dataclass(frozen=True)
class Axis(_Part):
    """One axis: what it measures, between which limits, on which scale.

    Parameters
    ----------
    label : str
        Quantity and unit, as a reader sees them.
    low, high : float
        Limits, in the unit of the axis; what lies outside is cut off.
    scale : {"linear", "log"}
    ticks : sequence of (float, str), optional
        Position and text; chosen automatically if left out.

    Raises
    ------
    ValueError
        If the limits are not ordered, or not positive on a logarithmic axis.

    Examples
    --------
    >>> [text for _, text in Axis("Parameters", 1e7, 1e11, "log").ticks]
    ['10⁷', '10⁸', '10⁹', '10¹⁰', '10¹¹']
    """

    label: str
    low: float
    high: float
    scale: str = "linear"
    ticks: tuple[tuple[float, str], ...] = ()

    def __post_init__(self) -> None:
        choice("scale", self.scale, ("linear", "log"))
        low, high = scalar("low", self.low), scalar("high", self.high)
        if not low < high or (self.scale == "log" and low <= 0):
            raise ValueError(
                f"The limits are {low:g} and {high:g}: expected rising limits, above zero on a logarithmic axis."
            )
        ticks = tuple((scalar("tick", at), _text("tick", text)) for at, text in self.ticks)
        automatic = _log_ticks(low, high) if self.scale == "log" else _linear_ticks(low, high)
        label = _text("label", self.label, empty=False).replace("(log scale)", "(log\N{NO-BREAK SPACE}scale)")
        self._put(label=label, low=low, high=high, ticks=ticks or automatic)


def _log_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first >= 2:
        return tuple((10.0**k, f"10{superscript(k)}") for k in range(first, last + 1))
    values = [m * 10.0**k for k in range(first - 1, last + 1) for m in (1, 2, 5)]
    return tuple((v, show(v, "short:1")) for v in values if low * (1 - 1e-9) <= v <= high * (1 + 1e-9))


def _linear_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * min((1, 2, 2.5, 5, 10), key=lambda m: abs(math.log(m * power / rough)))
    digits = max(0, -math.floor(math.log10(step) + 1e-9) + (1 if round(step / power, 6) == 2.5 else 0))
    count = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return tuple((round(k * step, 12) + 0.0, show(k * step + 0.0, f"fixed:{digits}")) for k in count)


@dataclass(frozen=True)
class Line(_Part):
    """A line through points in order.

    Attributes
    ----------
    x, y : ndarray (n,)
        The points, in order.
    name : str
        What the legend calls it; empty for no entry.
    style : str
        ``"solid"`` or another of the styles.
    tone : str
        ``"main"``, ``"second"``, ``"third"``, ``"quiet"`` or ``"truth"``.
    when : str
        Shown only while this layer or option is on; empty for always.

    Raises
    ------
    ValueError
        If the arrays differ in length, or a word is not one of those allowed.
    """

    kind: ClassVar[str] = "line"
    x: FloatArray
    y: FloatArray
    name: str = ""
    style: str = "solid"
    tone: str = "main"
    when: str = ""

    def __post_init__(self) -> None:
        self._put(x=_column("x", self.x), y=_column("y", self.y), name=_text("name", self.name))
        _same_length("A line", x=self.x, y=self.y)
        choice("style", self.style, STYLES)
        choice("tone", self.tone, TONES)


@dataclass(frozen=True)
class Points(_Part):
    """Points, all with one glyph.

    Attributes
    ----------
    x, y : ndarray (n,)
        Where they stand.
    name : str
        What the legend calls them; empty for no entry.
    glyph : str
        Their shape, such as ``"circle"``.
    tone : str
        ``"main"``, ``"second"``, ``"third"``, ``"quiet"`` or ``"truth"``.
    when : str
        Shown only while this layer or option is on; empty for always.

    Raises
    ------
    ValueError
        If the arrays differ in length, or a word is not one of those allowed.
    """

    kind: ClassVar[str] = "points"
    x: FloatArray
    y: FloatArray
    name: str = ""
    glyph: str = "circle"
    tone: str = "main"
    when: str = ""

    def __post_init__(self) -> None:
        self._put(x=_column("x", self.x), y=_column("y", self.y), name=_text("name", self.name))
        _same_length("A series of points", x=self.x, y=self.y)
        choice("glyph", self.glyph, GLYPHS)
        choice("tone", self.tone, TONES)


@dataclass(frozen=True)
class Band(_Part):
    """The area between two lines, such as an interval.

    Attributes
    ----------
    x : ndarray (n,)
        Where the limits stand, rising.
    low, high : ndarray (n,)
        The lower and the upper limit.
    name : str
        What the legend calls it; empty for no entry.
    tone : str
        ``"main"``, ``"second"``, ``"third"``, ``"quiet"`` or ``"truth"``.
    when : str
        Shown only while this layer or option is on; empty for always.

    Raises
    ------
    ValueError
        If the arrays differ in length, or a word is not one of those allowed.
    """

    kind: ClassVar[str] = "band"
    x: FloatArray
    low: FloatArray
    high: FloatArray
    name: str = ""
    tone: str = "main"
    when: str = ""

    def __post_init__(self) -> None:
        self._put(
            x=_column("x", self.x),
            low=_column("low", self.low),
            high=_column("high", self.high),
            name=_text("name", self.name),
        )
        _same_length("A band", x=self.x, low=self.low, high=self.high)
        choice("tone", self.tone, TONES)


@dataclass(frozen=True)
class Bars(_Part):
    """A histogram: one more edge than heights.

    Attributes
    ----------
    edges : ndarray (n + 1,)
        Limits of the bars, rising.
    heights : ndarray (n,)
        How high each bar is.
    name : str
        What the legend calls it; empty for no entry.
    tone : str
        ``"main"``, ``"second"``, ``"third"``, ``"quiet"`` or ``"truth"``.
    when : str
        Shown only while this layer or option is on; empty for always.

    Raises
    ------
    ValueError
        If there is not one more edge than heights, or the edges do not rise.
    """

    kind: ClassVar[str] = "bars"
    edges: FloatArray
    heights: FloatArray
    name: str = ""
    tone: str = "main"
    when: str = ""

    def __post_init__(self) -> None:
        self._put(
            edges=_column("edges", self.edges), heights=_column("heights", self.heights), name=_text("name", self.name)
        )
        if len(self.edges) != len(self.heights) + 1 or (np.diff(self.edges) <= 0).any():
            raise ValueError(f"{len(self.edges)} edges for {len(self.heights)} bars: expected one more edge, rising.")
        choice("tone", self.tone, TONES)


@dataclass(frozen=True)
class Dot(_Part):
    """A point with a name.

    Attributes
    ----------
    x, y : float
        Where it stands.
    label : str
        What is written beside it.
    place : str
        On which side the label stands, such as ``"above"``.
    glyph : str
        Its shape, such as ``"circle"``.
    tone : str
        ``"main"``, ``"second"``, ``"third"``, ``"quiet"`` or ``"truth"``.
    when : str
        Shown only while this layer or option is on; empty for always.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the label is empty, or a word is not one of those allowed.
    """

    kind: ClassVar[str] = "dot"
    x: float
    y: float
    label: str
    place: str = "above"
    glyph: str = "circle"
    tone: str = "main"
    when: str = ""

    def __post_init__(self) -> None:
        self._put(x=scalar("x", self.x), y=scalar("y", self.y), label=_text("label", self.label, empty=False))
        choice("place", self.place, PLACES)
        choice("glyph", self.glyph, GLYPHS)
        choice("tone", self.tone, TONES)


@dataclass(frozen=True)
class Rule(_Part):
    """A line across the panel: vertical at an x, horizontal at a y.

    Attributes
    ----------
    at : float
        Where it crosses its axis.
    label : str
        What is written beside it.
    axis : {"x", "y"}
        The axis it crosses.
    style : str
        ``"dashed"`` or another of the styles.
    tone : str
        ``"main"``, ``"second"``, ``"third"``, ``"quiet"`` or ``"truth"``.
    when : str
        Shown only while this layer or option is on; empty for always.

    Raises
    ------
    ValueError
        If the place is not finite, or a word is not one of those allowed.
    """

    kind: ClassVar[str] = "rule"
    at: float
    label: str = ""
    axis: str = "x"
    style: str = "dashed"
    tone: str = "quiet"
    when: str = ""

    def __post_init__(self) -> None:
        self._put(at=scalar("at", self.at), label=_text("label", self.label))
        choice("axis", self.axis, ("x", "y"))
        choice("style", self.style, STYLES)
        choice("tone", self.tone, TONES)


@dataclass(frozen=True)
class Span(_Part):
    """A range along one axis, such as a 95 % interval.

    Attributes
    ----------
    low, high : float
        Ends of the range.
    label : str
        What is written beside it.
    axis : {"x", "y"}
        The axis it lies along.
    tone : str
        ``"main"``, ``"second"``, ``"third"``, ``"quiet"`` or ``"truth"``.
    when : str
        Shown only while this layer or option is on; empty for always.

    Raises
    ------
    ValueError
        If `low` is not below `high`, or a word is not one of those allowed.
    """

    kind: ClassVar[str] = "span"
    low: float
    high: float
    label: str = ""
    axis: str = "x"
    tone: str = "main"
    when: str = ""

    def __post_init__(self) -> None:
        self._put(low=scalar("low", self.low), high=scalar("high", self.high), label=_text("label", self.label))
        if self.low > self.high:
            raise ValueError(f"low is {self.low:g} and high {self.high:g}: expected low to be the smaller.")
        choice("axis", self.axis, ("x", "y"))
        choice("tone", self.tone, TONES)


@dataclass(frozen=True)
class Handle(_Part):
    """A point that is dragged, by mouse, finger or arrow keys: a second way to move a slider.

    Along its axis the places between `low` and `high` are those of the slider between its ends.

    Attributes
    ----------
    x, y : float
        Where it stands.
    low, high : float
        Where it would stand with the slider at its lowest and at its highest, along `axis`.
    control : str
        Key of the slider.
    label : str
        What it is, for those who do not see it, such as ``"The last point"``.
    axis : {"x", "y"}
        The direction in which it moves.
    sets : mapping of str to float or str
        Other sliders and choices that grabbing it sets first, such as which of several points is moved: ``{"point": 7}``.
    drawn : bool
        Whether a glyph with arrows is drawn; without it the handle can be grabbed and something else shows where.
    glyph, tone, when : str
        As those of a `Dot`.

    Raises
    ------
    ValueError
        If a coordinate is not finite, the two ends coincide, or a text is empty or not one of those allowed.
    """

    kind: ClassVar[str] = "handle"
    x: float
    y: float
    low: float
    high: float
    control: str
    label: str
    axis: str = "y"
    sets: Mapping[str, float | str] = field(default_factory=dict)
    drawn: bool = True
    glyph: str = "circle"
    tone: str = "main"
    when: str = ""

    def __post_init__(self) -> None:
        for name in ("x", "y", "low", "high"):
            self._put(**{name: scalar(name, getattr(self, name))})
        if self.low == self.high:
            raise ValueError(f"low and high are both {self.low:g}: a handle needs room to move.")
        for name in ("control", "label"):
            _text(name, getattr(self, name), empty=False)
        choice("axis", self.axis, ("x", "y"))
        choice("glyph", self.glyph, GLYPHS)
        choice("tone", self.tone, TONES)
        sets = {key: value if isinstance(value, str) else scalar(key, value) for key, value in self.sets.items()}
        self._put(sets=sets, drawn=bool(self.drawn))


@dataclass(frozen=True)
class OwnGuess(_Part):
    """The reader's guess with its 80 % bar, drawn once there is one.

    Attributes
    ----------
    x : float
        Where it stands.
    label : str
        What is written beside it.
    place, tone, when : str
        As those of a `Dot`.

    Raises
    ------
    ValueError
        If `x` is not finite, the label is empty, or a word is not one of those allowed.
    """

    kind: ClassVar[str] = "guess"
    x: float
    label: str = "your guess"
    place: str = "left"
    tone: str = "third"
    when: str = ""

    def __post_init__(self) -> None:
        self._put(x=scalar("x", self.x), label=_text("label", self.label, empty=False))
        choice("place", self.place, PLACES)
        choice("tone", self.tone, TONES)


@dataclass(frozen=True)
class Readout(_Part):
    """A number that the reader should take along.

    Parameters
    ----------
    key : str
        Name for ``{key}`` in texts.
    label : str
        What it is.
    value : float
    format : str
        See ``scaling_lib.explorers._format``.
    unit : str
    when : str
        Layer, as everywhere; ``"never"`` keeps it for the texts alone.
    most, least : str
        Cells of tables, ``"table.row.0 table.row.1"``, whose largest or smallest number the value is: where the static
        page interpolates, it takes it of what it shows. One cell alone: the value is that of the table.

    Raises
    ------
    ValueError
        If the key is no name, the value is not finite, the format is unknown, or `most` and `least` name no cells.

    Examples
    --------
    >>> Readout("N", "Best size", 3.219e10, "short:3").shown
    '32.2B'
    """

    key: str
    label: str
    value: float
    format: str = "sig:3"
    unit: str = ""
    when: str = ""
    most: str = ""
    least: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.key, str) or not self.key.isidentifier():
            raise ValueError(f"key is {self.key!r}: expected a name such as 'N' or 'tokens_per_param'.")
        self._put(
            label=_text("label", self.label, empty=False),
            value=scalar(f"value of {self.key}", self.value),
            format=check_format("format", self.format),
            unit=_text("unit", self.unit),
        )
        for name in ("most", "least"):
            for cell in _text(name, getattr(self, name)).split():
                if not _CELL.fullmatch(cell):
                    raise ValueError(f"{name} names {cell!r}: expected cells such as 'waste.hedge.0'.")

    @property
    def shown(self) -> str:
        """The number as it is displayed, without its unit."""
        return show(self.value, self.format)


Series = Line | Points | Band | Bars
Mark = Dot | Rule | Span | Handle | OwnGuess


def _parts(name: str, value: Iterable[object], kinds: tuple[type, ...]) -> tuple[Any, ...]:
    items = tuple(value)
    for item in items:
        if not isinstance(item, kinds):
            raise ValueError(f"{name} holds {item!r}: expected {', '.join(kind.__name__ for kind in kinds)}.")
    return items


@dataclass(frozen=True)
class Panel(_Part):
    """One picture: two axes, what is drawn in them, how high it is (pixels).

    Attributes
    ----------
    x, y : Axis
        The axes.
    series : tuple
        Lines, points, bands and bars, the first at the back.
    marks : tuple
        Rules, spans, dots and handles.
    title : str
        What stands above; empty for nothing.
    height : int
        Pixels, 100 to 1000.
    when : str
        Shown only while this layer or option is on; empty for always.

    Raises
    ------
    ValueError
        If a part is of the wrong kind or the height is out of range.
    """

    x: Axis
    y: Axis
    series: tuple[Series, ...] = ()
    marks: tuple[Mark, ...] = ()
    title: str = ""
    height: int = 330
    when: str = ""

    def __post_init__(self) -> None:
        _parts("The axes of a panel", (self.x, self.y), (Axis,))
        self._put(
            series=_parts("series", self.series, (Line, Points, Band, Bars)),
            marks=_parts("marks", self.marks, (Dot, Rule, Span, Handle, OwnGuess)),
            title=_text("title", self.title),
            height=integer("height", self.height, unit="pixels", low=100, high=1000),
        )
        for part in (*self.series, *self.marks):
            self._check_log(part)

    def _check_log(self, part: Series | Mark) -> None:
        data = {"axis": part.axis} if isinstance(part, (Rule, Span, Handle)) else {}
        for name in ("x", "y", "edges", "low", "high", "at"):
            values = getattr(part, name, None)
            along = axis_of(data, name)
            if values is not None and {"x": self.x, "y": self.y}[along].scale == "log" and np.min(values) <= 0:
                raise ValueError(f"{name} of a {part.kind} goes to {np.min(values):g}: the {along} axis is logarithmic.")


@dataclass(frozen=True)
class Table(_Part):
    """Numbers in rows and columns.

    Attributes
    ----------
    caption : str
        What the numbers are.
    head : tuple of str
        What the first column is, then the columns of numbers.
    formats : tuple of str
        How the numbers of each column are written.
    rows : tuple of (str, str, ndarray)
        Key, name and numbers of each row.
    mark : str
        Key of a control: the row whose key is its value stands out. Empty for none.
    above : bool
        Whether it stands above the picture.
    name : str
        How readouts name it that take the largest or smallest of its cells. Empty if none do.
    most : str
        The column, counted from 0, that holds the largest of those before it. Empty for none.

    Raises
    ------
    ValueError
        If rows and columns do not fit together, a format is unknown, or `most` is no such column.
    """

    kind: ClassVar[str] = "table"
    caption: str
    head: tuple[str, ...]
    formats: tuple[str, ...]
    rows: tuple[tuple[str, str, FloatArray], ...]
    mark: str = ""
    above: bool = False
    name: str = ""
    most: str = ""

    def __post_init__(self) -> None:
        self._put(
            caption=_text("caption", self.caption, empty=False),
            head=tuple(_text("head", item, empty=False) for item in self.head),
            formats=tuple(check_format("formats", item) for item in self.formats),
            rows=tuple(
                (_text("key", key, empty=False), _text("name", name, empty=False), _column(f"row {name!r}", numbers))
                for key, name, numbers in self.rows
            ),
        )
        widths = {len(self.formats), len(self.head) - 1, *(len(numbers) for *_, numbers in self.rows)}
        if len(widths) > 1 or not self.rows:
            raise ValueError(f"The table {self.caption!r} has columns and rows of lengths {sorted(widths)}: expected one.")
        if self.most:
            column = int(self.most) if self.most.isdecimal() else 0
            if not 0 < column < len(self.formats) or any(row[column] != row[:column].max() for *_, row in self.rows):
                raise ValueError(f"most is {self.most!r}: expected the column that holds the largest of those before it.")


@dataclass(frozen=True)
class Notes(_Part):
    """A list of sentences, each of which may depend on a readout.

    Attributes
    ----------
    title : str
        What the sentences are about.
    items : tuple of (str, str)
        A sentence, in which ``{key}`` is replaced, and when it is said: always (empty), or under conditions on
        readouts such as ``"epochs>4"`` or ``"epochs>1&epochs<4"``.

    Raises
    ------
    ValueError
        If there is no sentence or a condition cannot be read.
    """

    kind: ClassVar[str] = "notes"
    title: str
    items: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        self._put(
            title=_text("title", self.title, empty=False),
            items=tuple((_text("item", text, empty=False), _text("when", when)) for text, when in self.items),
        )
        if not self.items:
            raise ValueError(f"The notes {self.title!r} are empty.")
        for _, when in self.items:
            conditions(when)


def conditions(when: str) -> list[tuple[str, str, float]]:
    """Key, ``">"`` or ``"<"``, and number of each part of a condition.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    out = []
    for part in filter(None, when.split("&")):
        found = re.fullmatch(r"([A-Za-z_]\w*)([<>])(-?[0-9.]+(?:e[+-]?\d+)?)", part)
        if found is None:
            raise ValueError(f"when is {when!r}: expected conditions such as 'epochs>4' or 'epochs>1&epochs<4'.")
        out.append((found[1], found[2], float(found[3])))
    return out


def holds(when: str, values: Mapping[str, float]) -> bool:
    """Whether a condition holds for the readouts."""
    return all((values[key] > number) == (sign == ">") for key, sign, number in conditions(when))


@dataclass(frozen=True)
class View(_Part):
    """All that is drawn for one setting of the controls.

    Parameters
    ----------
    panels : sequence of Panel
    readouts : sequence of Readout
    text : str
        One sentence with what the picture shows, for those who do not see it and for everyone; ``{key}`` is replaced.
    answers : sequence of Table or Notes
        Tables and lists of sentences, above and below the picture.

    Raises
    ------
    ValueError
        If there is nothing to show or no sentence, a key stands twice, or a text names a key that is not there.
    """

    panels: tuple[Panel, ...]
    text: str
    readouts: tuple[Readout, ...] = field(default=())
    answers: tuple[Table | Notes, ...] = field(default=())

    def __post_init__(self) -> None:
        panels: Sequence[Panel] = (self.panels,) if isinstance(self.panels, Panel) else self.panels
        self._put(
            panels=_parts("panels", panels, (Panel,)),
            readouts=_parts("readouts", self.readouts, (Readout,)),
            text=_text("text", self.text, empty=False),
            answers=_parts("answers", self.answers, (Table, Notes)),
        )
        if not (self.panels or self.answers or self.readouts):
            raise ValueError("A view needs at least one panel, answer or readout.")
        keys = [readout.key for readout in self.readouts]
        if len(set(keys)) < len(keys):
            raise ValueError(f"Readouts have the keys {keys}: each may stand once.")
        shown = {readout.key: "" for readout in self.readouts}
        labels = [mark.label for panel in self.panels for mark in panel.marks]
        notes = [item for answer in self.answers if isinstance(answer, Notes) for item in answer.items]
        for text in (self.text, *labels, *(text for text, _ in notes)):
            fill_text(text, shown)
        for _, when in notes:
            for key, _, _ in conditions(when):
                if key not in shown:
                    raise ValueError(f"when is {when!r}: {key} is no readout: the keys are {', '.join(shown) or 'none'}.")

    @property
    def sentence(self) -> str:
        """The text with its numbers."""
        return fill_text(self.text, {readout.key: readout.shown for readout in self.readouts})


def fill_text(text: str, shown: dict[str, str]) -> str:
    """Replace ``{key}`` by what is shown for it, and ``(s)`` by what the number before its word asks for.

    Raises
    ------
    ValueError
        If a key is unknown or a brace stands alone.

    Examples
    --------
    >>> fill_text("{n} run(s) of {k} step(s)", {"n": "1", "k": "21"})
    '1 run of 21 steps'
    """
    try:
        return _COUNTED.sub(lambda found: found[1] + ("" if found[2] == "1" else "s"), text.format_map(shown))
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        known = ", ".join(shown) or "none"
        raise ValueError(f"{text!r} names {error}, which is no readout: the keys are {known}.") from error
