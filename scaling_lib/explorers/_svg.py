"""The first view as inline SVG, for the page before its script runs, without a script, and on paper.

`explorer.js` draws the same schema by the same rules for whatever width the page has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from ._controls import Setting
from ._format import show
from ._view import fill_text, holds

__all__ = ["answered", "draw", "filled", "visible"]

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 640, 56, 18, 30, 46
_COLOURS = {"main": "#1f5f99", "second": "#b3450b", "third": "#2f6f4f", "quiet": "#767676", "truth": "#8a2b6f"}
_DASH = {"solid": "", "dashed": "6 4", "dotted": "1.5 3.5"}


def visible(part: Mapping[str, Any], settings: Mapping[str, Setting]) -> bool:
    """Whether a part's layer is on."""
    when = part.get("when", "")
    if not when:
        return True
    key, equals, value = when.partition("=")
    return settings.get(key) == value if equals else settings.get(key) is True


def filled(view: Mapping[str, Any]) -> Callable[[str], str]:
    """A function that puts the displayed readouts into a text."""
    shown = {item["key"]: show(item["value"], item["format"]) for item in view.get("readouts", ())}
    return lambda text: fill_text(text, shown)


def answered(part: Mapping[str, Any], view: Mapping[str, Any], settings: Mapping[str, Setting]) -> str:
    """A table or a list of sentences as HTML."""
    if part["kind"] == "table":
        head = "".join(f'<th scope="col">{escape(words)}</th>' for words in part["head"])
        rows = []
        for key, name, numbers in part["rows"]:
            chosen = ' class="sl-chosen"' if part.get("mark") and settings.get(part["mark"]) == key else ""
            cells = "".join(
                f"<td>{escape(show(number, form))}</td>" for number, form in zip(numbers, part["formats"], strict=True)
            )
            rows.append(f'<tr{chosen}><th scope="row">{escape(name)}</th>{cells}</tr>')
        return (
            f'<div class="sl-answer" tabindex="0" role="group" aria-label="{escape(part["caption"])}"><table><caption>'
            f"{escape(part['caption'])}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        )
    values = {item["key"]: item["value"] for item in view.get("readouts", ())}
    fill = filled(view)
    said = [f"<li>{escape(fill(text))}</li>" for text, when in part["items"] if holds(when, values)]
    hidden = "" if said else " hidden"
    return f'<div class="sl-answer"{hidden}><p class="sl-answer-title">{escape(part["title"])}</p><ul>{"".join(said)}</ul></div>'


def _scale(axis: Mapping[str, Any], start: float, end: float) -> Callable[[float], float]:
    log = axis["scale"] == "log"
    low, high = ((math.log10(axis[k]) if log else axis[k]) for k in ("low", "high"))
    return lambda value: start + (end - start) * ((math.log10(value) if log else value) - low) / (high - low)


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{min(max(x, -9999), 9999):.1f} {min(max(y, -9999), 9999):.1f}" for x, y in points)


def glyph(kind: str, x: float, y: float, r: float = 3.5) -> str:
    """The outline of a glyph as an SVG path."""
    if kind in ("circle", "ring"):
        return f"M{x - r:.1f} {y:.1f}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0"
    if kind == "square":
        return f"M{x - r:.1f} {y - r:.1f}h{2 * r}v{2 * r}h{-2 * r}z"
    if kind == "diamond":
        return f"M{x - 1.3 * r:.1f} {y:.1f}l{1.3 * r} {-1.3 * r}l{1.3 * r} {1.3 * r}l{-1.3 * r} {1.3 * r}z"
    if kind == "triangle":
        return f"M{x - 1.2 * r:.1f} {y + r:.1f}h{2.4 * r}l{-1.2 * r} {-2.2 * r}z"
    return f"M{x - r:.1f} {y - r:.1f}l{2 * r} {2 * r}m0 {-2 * r}l{-2 * r} {2 * r}"


def _paint(kind: str, tone: str) -> str:
    """Fill for solid glyphs, a stroke for open ones, with a colour that the style sheet may replace."""
    colour, name = _COLOURS[tone], f"sl-{tone}"
    if kind in ("ring", "cross"):
        return f'class="{name} sl-open" fill="none" stroke="{colour}" stroke-width="1.4"'
    return f'class="{name} sl-solid" fill="{colour}"'


def _words(text: str, x: float, y: float, anchor: str = "middle", role: str = "", size: int = 13) -> str:
    kind = f' class="{role}"' if role else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f'<text{kind} {place} fill="currentColor">{escape(text)}</text>'


def draw(view: Mapping[str, Any], settings: Mapping[str, Setting], title: str) -> list[str]:
    """Every visible panel of a view (as data) as an SVG element."""
    fill = filled(view)
    out = []
    for panel in view["panels"]:
        if visible(panel, settings):
            name = panel.get("title") or title
            out.append(_panel(panel, settings, name, fill(view["text"]), fill))
    return out


def _panel(
    panel: Mapping[str, Any], settings: Mapping[str, Setting], title: str, text: str, fill: Callable[[str], str]
) -> str:
    height = panel["height"]
    inner_w, inner_h = WIDTH - LEFT - RIGHT, height - TOP - BOTTOM
    x, y = _scale(panel["x"], 0, inner_w), _scale(panel["y"], inner_h, 0)
    ink = 'stroke="currentColor" stroke-opacity=".16"'
    parts = [
        f"<title>{escape(title)}</title><desc>{escape(text)}</desc>",
        _words(panel["y"]["label"], 0, 14, "start", "sl-axis"),
    ]
    for at, words in panel["y"]["ticks"]:
        parts.append(
            f'<path d="M{LEFT} {TOP + y(at):.1f}h{inner_w}" {ink}/>' + _words(words, LEFT - 8, TOP + y(at) + 4.5, "end")
        )
    for at, words in panel["x"]["ticks"]:
        parts.append(
            f'<path d="M{LEFT + x(at):.1f} {TOP}v{inner_h}" {ink}/>' + _words(words, LEFT + x(at), height - BOTTOM + 19)
        )
    parts.append(_words(panel["x"]["label"], LEFT + inner_w, height - 6, "end", "sl-axis"))
    order = sorted((*panel["series"], *panel["marks"]), key=lambda part: part["kind"] != "span")  # spans lie behind
    shapes = [_shape(part, x, y, inner_w, inner_h) for part in order if visible(part, settings)]
    parts.append(
        f'<svg x="{LEFT}" y="{TOP}" width="{inner_w}" height="{inner_h}" overflow="hidden">{"".join(shapes)}</svg>'
    )
    taken: list[tuple[float, float, float]] = []
    labels = [_label(mark, x, y, inner_w, inner_h, fill, taken) for mark in panel["marks"] if visible(mark, settings)]
    parts.append(f'<g transform="translate({LEFT} {TOP})">{"".join(labels)}</g>')
    return (
        f'<svg class="sl-plot" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" '
        f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" style="max-width:100%;height:auto">'
        f"{''.join(parts)}</svg>"
    )


def _shape(
    part: Mapping[str, Any], x: Callable[[float], float], y: Callable[[float], float], width: float, height: float
) -> str:
    kind, tone = part["kind"], part["tone"]
    stroke = f'class="sl-{tone} sl-stroke" fill="none" stroke="{_COLOURS[tone]}"'
    area = f'class="sl-{tone} sl-area" fill="{_COLOURS[tone]}" fill-opacity=".18"'
    if kind == "line":
        points = [(x(a), y(b)) for a, b in zip(part["x"], part["y"], strict=True)]
        weight = 1.25 if tone == "quiet" else 2.5
        return f'<path d="{_path(points)}" {stroke} stroke-width="{weight}" stroke-dasharray="{_DASH[part["style"]]}"/>'
    if kind == "points":
        outlines = (glyph(part["glyph"], x(a), y(b)) for a, b in zip(part["x"], part["y"], strict=True))
        return f'<path d="{"".join(outlines)}" {_paint(part["glyph"], tone)}/>'
    if kind == "band":
        up = [(x(a), y(b)) for a, b in zip(part["x"], part["high"], strict=True)]
        down = [(x(a), y(b)) for a, b in zip(part["x"], part["low"], strict=True)]
        return f'<path d="{_path(up + down[::-1])}z" {area}/>'
    if kind == "bars":
        edges = [x(edge) for edge in part["edges"]]
        base = y(0)
        boxes = "".join(
            f"M{a + 0.5:.1f} {base:.1f}V{y(h):.1f}H{b - 0.5:.1f}V{base:.1f}z"
            for a, b, h in zip(edges, edges[1:], part["heights"], strict=False)
            if h > 0
        )
        return f'<path d="{boxes}" class="sl-{tone} sl-bars" fill="{_COLOURS[tone]}" fill-opacity=".55"/>'
    if kind == "rule":
        d = f"M{x(part['at']):.1f} 0V{height}" if part["axis"] == "x" else f"M0 {y(part['at']):.1f}H{width}"
        return f'<path d="{d}" {stroke} stroke-width="1.5" stroke-dasharray="{_DASH[part["style"]]}"/>'
    if kind == "span":
        a, b = (part["low"], part["high"]) if part["axis"] == "x" else (part["high"], part["low"])
        d = (
            f"M{x(a):.1f} 0H{x(b):.1f}V{height}H{x(a):.1f}z"
            if part["axis"] == "x"
            else f"M0 {y(a):.1f}V{y(b):.1f}H{width}V{y(a):.1f}z"
        )
        return f'<path d="{d}" {area}/>'
    if kind == "guess" or not part.get("drawn", True):
        return ""  # whose guess, a printed page does not know
    left, top = x(part["x"]), y(part["y"])
    dot = f'<path d="{glyph(part["glyph"], left, top, 5.5)}" {_paint(part["glyph"], tone)}/>'
    return dot + (f'<path d="{_arrows(left, top, part["axis"])}" {stroke} stroke-width="1.5"/>' if kind == "handle" else "")


def _arrows(x: float, y: float, axis: str) -> str:
    """Which way a handle moves."""
    if axis == "x":
        return f"M{x - 10:.1f} {y - 4:.1f}l-4 4 4 4M{x + 10:.1f} {y - 4:.1f}l4 4 -4 4"
    return f"M{x - 4:.1f} {y - 10:.1f}l4 -4 4 4M{x - 4:.1f} {y + 10:.1f}l4 4 4 -4"


def _label(
    mark: Mapping[str, Any],
    x: Callable[[float], float],
    y: Callable[[float], float],
    width: float,
    height: float,
    fill: Callable[[str], str],
    taken: list[tuple[float, float, float]],
) -> str:
    text = fill(mark.get("label", ""))
    if not text or mark["kind"] in ("guess", "handle"):  # a handle's label is read out; the picture shows its arrows
        return ""
    room = 7.2 * len(text)
    if mark["kind"] == "dot":
        place = mark["place"]
        at, up = x(mark["x"]), y(mark["y"])
        if not (-1 <= at <= width + 1 and -1 <= up <= height + 1):
            return ""
        anchor = "end" if "left" in place else "start" if "right" in place else "middle"
        at += -9 if anchor == "end" else 9 if anchor == "start" else 0
        up += -12 if "above" in place else 22 if "below" in place else 4.5
    elif mark["axis"] == "x":
        here = mark["at"] if mark["kind"] == "rule" else mark["high"]
        at, up = x(here), 14.0
        if not -1 <= at <= width + 1:
            return ""
        anchor = "end" if at + room + 6 > width else "start"
        at += 6 if anchor == "start" else -6
    else:
        at, up, anchor = width - 6, y(mark["at"] if mark["kind"] == "rule" else mark["high"]) - 6, "end"
    before = {"start": 0.0, "middle": room / 2, "end": room}[anchor]
    at = max(min(at, width + RIGHT + before - room), before)
    left = at - before
    if mark.get("axis") == "x":  # labels at the top edge make room for each other
        while any(line == up and start < left + room + 6 and end > left - 6 for start, end, line in taken):
            up += 17
        taken.append((left, left + room, up))
    return _words(text, at, up, anchor, f"sl-{mark['tone']} sl-label")
