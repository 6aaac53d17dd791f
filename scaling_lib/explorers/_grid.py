"""The static page's memory: every view, or a coarse grid of them, as small JSON that both languages can read.

A view is a tree whose leaves are numbers and texts. Views of equal structure share one *template*: leaves that never
change stand in it, leaves that do are ``null`` there and stand in *columns*, one entry a node. A column of coordinates
is stored as whole multiples of a quantum (far below a pixel) of its axis, differenced where that is shorter:
``[order, log, offset, quantum, q0, q1, ...]``. What is no coordinate stands as it is: ``[3, log, number, ...]``. A
column of texts is ``[texts, indices]``.

Between nodes of a slider with `nodes`, numbers are interpolated: a cubic through the four nearest nodes (fewer
where there are fewer), logarithms where the column is logarithmic. `Grid.lookup` does exactly what the page does.
`Seamed` holds the grids on the sides of a seam, `Grids` one a section of an explorer. What is the largest or smallest of
numbers that are shown is taken of them after the interpolation (`settled`): the largest of curves has a kink where they
cross, and no cubic follows it.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from .._validate import FloatArray
from ._controls import Control, Setting, Slider
from ._format import rounded
from ._view import View, axis_of

__all__ = ["Grid", "Grids", "Seamed", "compact", "grid_of", "settled"]

_STEPS = 1e4  # quanta in the range of a column: a panel of 400 pixels is told to a twenty-fifth of one
_COORDINATES = ("x", "y", "low", "high", "edges", "heights", "at")
_AS_THEY_ARE = 3  # in place of an order of differences: the numbers themselves, for readouts


def compact(value: object) -> str:
    """JSON without spaces that may stand inside an HTML script element."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c")


def _roles(tree: Any, panel: Any = None, role: str = "as it is") -> list[str]:
    """The role of every leaf in order: a coordinate on a "linear" or a "log" axis, or a number "as it is"."""
    if isinstance(tree, list):
        return [leaf for item in tree for leaf in _roles(item, panel, role)]
    if not isinstance(tree, dict):
        return [role]
    panel = tree if "series" in tree else panel
    out = []
    for key, item in tree.items():
        drawn = panel is not None and "tone" in tree and key in _COORDINATES
        out += _roles(item, panel, panel[axis_of(tree, key)]["scale"] if drawn else "as it is")
    return out


def _taken_apart(tree: Any, leaves: list[Any]) -> Hashable:
    """The structure of a tree; its leaves are appended in order."""
    if isinstance(tree, dict):
        return tuple((key, _taken_apart(item, leaves)) for key, item in tree.items())
    if isinstance(tree, list):
        if tree and all(type(item) in (float, int) for item in tree):
            leaves += tree
            return len(tree)
        return tuple(_taken_apart(item, leaves) for item in tree)
    leaves.append(tree)
    return "text" if isinstance(tree, str) else "number"


def _fill(tree: Any, values: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _fill(item, values) for key, item in tree.items()}
    if isinstance(tree, list):
        return [_fill(item, values) for item in tree]
    return next(values) if tree is None else tree


def _spreads(values: FloatArray) -> bool:
    """Whether numbers are better interpolated in decades."""
    return bool(values.min() > 0 and values.max() / 20 > values.min())


def _pack(values: FloatArray, log: bool) -> list[float]:
    used = np.log10(values) if log else values
    offset, step = float(used.min()), float(f"{float(np.ptp(used)) / _STEPS:.3g}")
    whole = np.round((used - offset) / step).astype(np.int64)
    best, best_text = 0, ""
    for order in (0, 1, 2):
        text = compact(_difference(whole, order))
        if not best_text or len(text) < len(best_text):
            best, best_text = order, text
    return [best, int(log), float(f"{offset:.10g}"), step, *_difference(whole, best)]


def _short(value: float) -> float:
    cut = float(f"{value:.12g}")
    return int(cut) if cut == int(cut) and abs(cut) < 1e15 else cut


def _difference(whole: Any, order: int) -> list[int]:
    for _ in range(order):
        whole = np.diff(whole, prepend=0)
    return [int(item) for item in whole]


def _unpack(column: Sequence[Any]) -> tuple[bool, Any]:
    """A column as (is it numbers on a log scale?, its entries before the power of ten)."""
    if isinstance(column[0], list):
        return False, [column[0][index] for index in column[1]]
    order, log = column[:2]
    if order == _AS_THEY_ARE:
        numbers = np.array(column[2:], dtype=np.float64)
        return bool(log), np.log10(numbers) if log else numbers
    offset, step, *whole = column[2:]
    total = np.array(whole, dtype=np.int64)
    for _ in range(order):
        total = np.cumsum(total)
    return bool(log), offset + step * total


def _alike(first: Any, second: Any) -> bool:
    """Whether two trees are the same but for rounding."""
    a, b = list[Any](), list[Any]()
    return _taken_apart(first, a) == _taken_apart(second, b) and all(
        x == y or (not isinstance(x, str) and math.isclose(x, y, rel_tol=1e-9)) for x, y in zip(a, b, strict=True)
    )


class Grid:
    """Views at the nodes of the product of the controls.

    Parameters
    ----------
    controls : sequence of Control
        Layers are left out: they change what is shown of a view, not the view.
    compute : callable
        ``compute(settings) -> View``.
    """

    def __init__(self, controls: Sequence[Control], compute: Callable[[Mapping[str, Setting]], View]) -> None:
        # The longest axis runs fastest: its columns are the smoothest, and differences the shortest.
        self.axes = sorted(
            (control for control in controls if not control_is_layer(control)), key=lambda c: len(c.grid)
        )
        self.interpolated = any(isinstance(axis, Slider) and axis.nodes is not None for axis in self.axes)
        grids: list[tuple[Setting, ...]] = [axis.grid for axis in self.axes]
        nodes = itertools.product(*grids)
        keys = [axis.key for axis in self.axes]
        self.where: list[list[int]] = []
        seen: dict[Hashable, int] = {}
        first: list[Any] = []  # of each group, a tree
        members: list[list[list[Any]]] = []  # and the leaves of all
        for node in nodes:
            tree, leaves = self._tree(compute(dict(zip(keys, node, strict=True)))), list[Any]()
            group = seen.setdefault(_taken_apart(tree, leaves), len(seen))
            if group == len(members):
                first.append(tree)
                members.append([])
            self.where.append([group, len(members[group])])
            members[group].append(leaves)
        self.groups: list[dict[str, Any]] = [
            self._group(tree, rows, self.interpolated) for tree, rows in zip(first, members, strict=True)
        ]
        self._columns = [[_unpack(column) for column in group["columns"]] for group in self.groups]

    def _tree(self, view: View) -> Any:
        tree = view.data()
        if not self.interpolated:  # then every node is displayed as it is: store what is displayed
            for readout in tree.get("readouts", ()):
                readout["value"] = rounded(readout["value"], readout["format"])
        return tree

    @staticmethod
    def _group(tree: Any, rows: list[list[Any]], interpolated: bool) -> dict[str, Any]:
        columns: list[Any] = []
        template: list[Any] = []
        for role, *values in zip(_roles(tree), *rows, strict=True):
            if values.count(values[0]) == len(values):
                template.append(values[0] if isinstance(values[0], str) else _short(float(f"{values[0]:.9g}")))
                continue
            template.append(None)
            if isinstance(values[0], str):
                texts = sorted(set(values))
                columns.append([texts, [texts.index(value) for value in values]])
                continue
            numbers = np.asarray(values, dtype=np.float64)
            if role == "as it is":
                columns.append([_AS_THEY_ARE, int(interpolated and _spreads(numbers)), *map(_short, values)])
            else:
                columns.append(_pack(numbers, role == "log"))
        return {"template": _fill(_blank(tree), iter(template)), "columns": columns}

    def data(self) -> dict[str, Any]:
        """The grid as JSON-ready data."""
        axes = [
            [axis.key, *([axis.nodes] if isinstance(axis, Slider) and axis.nodes is not None else [])]
            for axis in self.axes
        ]
        where: Any = self.where if len(self.groups) > 1 else len(self.where)
        return {"axes": axes, "shape": [len(axis.grid) for axis in self.axes], "where": where, "groups": self.groups}

    def lookup(self, settings: Mapping[str, Setting]) -> dict[str, Any]:
        """The view that the static page shows for these settings, as data."""
        return settled(self.between(settings))

    def between(self, settings: Mapping[str, Setting]) -> dict[str, Any]:
        """The view between the nodes, every number interpolated by itself."""
        stencils = [self._stencil(axis, settings[axis.key]) for axis in self.axes]
        shape = [len(axis.grid) for axis in self.axes]
        points: list[tuple[list[int], float]] = []
        for picks in itertools.product(*stencils):
            node = 0
            for (index, _), size in zip(picks, shape, strict=True):
                node = node * size + index
            points.append((self.where[node], math.prod(weight for _, weight in picks)))
        nearest = max(points, key=lambda point: point[1])[0]
        if any(place[0] != nearest[0] for place, _ in points):
            points = [(nearest, 1.0)]
        values: list[Any] = []
        for log, entries in self._columns[nearest[0]]:
            if isinstance(entries, list):
                values.append(entries[nearest[1]])
            else:
                value = sum(weight * float(entries[place[1]]) for place, weight in points)
                values.append(10.0**value if log else value)
        out: dict[str, Any] = _fill(self.groups[nearest[0]]["template"], iter(values))
        return out

    @staticmethod
    def _stencil(axis: Control, value: Setting) -> list[tuple[int, float]]:
        if not isinstance(axis, Slider) or axis.nodes is None:
            return [(axis.grid.index(value), 1.0)]
        low, high, count = axis.position(axis.low), axis.position(axis.high), axis.nodes
        at = (axis.position(float(value)) - low) / (high - low) * (count - 1)
        width = min(4, count) if count >= 4 else 2
        first = min(max(math.floor(at) - (width // 2 - 1), 0), count - width)
        out = []
        for i in range(width):
            weight = 1.0
            for j in range(width):
                if j != i:
                    weight *= (at - first - j) / (i - j)
            if abs(weight) > 1e-12:
                out.append((first + i, weight))
        return out


class Seamed:
    """Grids below the seam of a slider, beyond it, where the slider's place is its distance from the seam, and past its reach.

    Parameters
    ----------
    controls, compute
        As for `Grid`; one slider has a `Seam`, and its `other` is among the controls.
    """

    interpolated = True

    def __init__(self, controls: Sequence[Control], compute: Callable[[Mapping[str, Setting]], View]) -> None:
        self.axis = next(c for c in controls if isinstance(c, Slider) and c.seam is not None)
        assert self.axis.seam is not None
        seam = self.seam = self.axis.seam
        other = next(c for c in controls if c.key == seam.other)
        assert isinstance(other, Slider)
        key, least = self.axis.key, other.high  # for the highest of the other the seam lies highest, or lowest
        if seam.slope < 0:
            least = other.low
        distance = Slider(
            key, self.axis.label, 1.0, 10.0**seam.reach, step=seam.reach, value=1.0, log=True, nodes=seam.nodes
        )
        self.below = Grid([c for c in controls if c is not other], lambda s: compute({**s, seam.other: least}))
        self.above = Grid(
            [distance if c is self.axis else c for c in controls],
            lambda s: compute({**s, key: seam.at(math.log10(float(s[key])), float(s[seam.other]))}),
        )
        self.past: Grid | None = None
        if seam.past(self.axis.high, other.high if seam.slope < 0 else other.low):
            rest = [c for c in controls if c is not self.axis]

            def at(distance: float, settings: Mapping[str, Setting]) -> View:
                return compute({**settings, key: seam.at(distance, float(settings[seam.other]))})

            grids: list[tuple[Setting, ...]] = [c.grid for c in rest]
            nodes = [dict(zip([c.key for c in rest], node, strict=True)) for node in itertools.product(*grids)]
            if not all(_alike(at(seam.reach, node).data(), at(seam.reach + 1, node).data()) for node in nodes):  # else the last show it
                self.past = Grid(rest, lambda s: at(seam.reach + 1, s))

    def data(self) -> dict[str, Any]:
        """The grids and the line between them as JSON-ready data."""
        seam = self.seam
        line = [self.axis.key, seam.other, seam.slope, seam.offset, seam.reach]
        past = {} if self.past is None else {"past": self.past.data()}
        return {"seam": line, "below": self.below.data(), "above": self.above.data(), **past}

    def lookup(self, settings: Mapping[str, Setting]) -> dict[str, Any]:
        """The view that the static page shows for these settings, as data."""
        return settled(self.between(settings))

    def between(self, settings: Mapping[str, Setting]) -> dict[str, Any]:
        """The view between the nodes, every number interpolated by itself."""
        value, other = float(settings[self.axis.key]), float(settings[self.seam.other])
        far = self.seam.beyond(value, other)
        if far <= 0:
            return self.below.between(settings)
        if self.past is not None and self.seam.past(value, other):
            return self.past.between(settings)
        return self.above.between({**settings, self.axis.key: 10.0 ** min(far, self.seam.reach)})


def grid_of(controls: Sequence[Control], compute: Callable[[Mapping[str, Setting]], View]) -> Grid | Seamed:
    """The grid of these controls, in parts where a seam crosses it."""
    keys = {control.key for control in controls}
    crossed = any(isinstance(c, Slider) and c.seam is not None and c.seam.other in keys for c in controls)
    return (Seamed if crossed else Grid)(controls, compute)


class Grids:
    """The grids of an explorer's sections, looked up together.

    Parameters
    ----------
    grids : sequence of Grid
        In the order of the sections.
    """

    def __init__(self, grids: Sequence[Grid | Seamed]) -> None:
        self.grids = tuple(grids)
        self.interpolated = any(grid.interpolated for grid in self.grids)

    def data(self) -> list[dict[str, Any]]:
        """The grids as JSON-ready data."""
        return [grid.data() for grid in self.grids]

    def lookup(self, settings: Mapping[str, Setting]) -> dict[str, Any]:
        """The view that the static page shows for these settings, as data."""
        return settled(joined([grid.between(settings) for grid in self.grids]))


def joined(views: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The views of several sections as one."""
    out: dict[str, Any] = {}
    for name in ("panels", "readouts", "answers"):
        out[name] = [part for view in views for part in view.get(name, ())]
    return {**out, "text": " ".join(view["text"] for view in views)}


def settled(view: dict[str, Any]) -> dict[str, Any]:
    """A view whose `most` and `least` are those of the numbers that it shows (it is changed in place)."""
    cells: dict[str, float] = {}
    for table in view.get("answers", ()):
        for row in table.get("rows", ()):
            numbers = row[2]
            if "most" in table:
                numbers[int(table["most"])] = max(numbers[: int(table["most"])])
            cells.update({f"{table.get('name')}.{row[0]}.{i}": number for i, number in enumerate(numbers)})
    for readout in view.get("readouts", ()):
        for name, pick in (("most", max), ("least", min)):
            if name in readout:
                readout["value"] = pick(cells[cell] for cell in readout[name].split())
    return view


def _blank(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _blank(item) for key, item in tree.items()}
    if isinstance(tree, list):
        return [_blank(item) for item in tree]
    return None


def control_is_layer(control: Control) -> bool:
    """Whether a control only shows and hides parts of a view."""
    return not isinstance(control, Slider) and control.layer
