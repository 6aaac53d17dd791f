"""`Explorer`: controls, a function from settings to a view, and the two forms in which a page shows them."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from ._controls import Choice, Control, Guess, Setting, Slider, Toggle
from ._format import show
from ._grid import Grid, Grids, Seamed, compact, control_is_layer, grid_of
from ._svg import answered, draw, filled, visible
from ._view import Handle, OwnGuess, View

__all__ = ["CSS", "JS", "Explorer"]

JS = Path(__file__).with_name("explorer.js")
CSS = Path(__file__).with_name("explorer.css")


@dataclass(frozen=True)
class Section:
    """A part of an explorer that depends on some of its controls alone, so that its grid stays small.

    Attributes
    ----------
    keys : tuple of str
        Keys of the controls whose values `compute` gets.
    compute : callable
        ``compute(settings) -> View``: the panels, readouts, answers and the sentence of this part.
    nodes : dict of str to int
        Other numbers of nodes than the sliders' own, by key.
    beyond : int, optional
        Another number of nodes beyond a seam than its own.
    """

    keys: tuple[str, ...]
    compute: Callable[[Mapping[str, Setting]], View]
    nodes: Mapping[str, int] = field(default_factory=dict)
    beyond: int | None = None

    def view(self, settings: Mapping[str, Setting]) -> View:
        """What `compute` gives, if it is a view.

        Raises
        ------
        ValueError
            If it is something else.
        """
        found: object = self.compute(settings)
        if not isinstance(found, View):
            raise ValueError(f"compute returned {type(found).__name__}: expected a View.")
        return found


class Explorer:
    """A picture that answers when it is moved.

    With a kernel, `compute` is called for every setting; on a static page the same script looks up what `compute`
    gave at build time. `settings` and `view` work without any display.

    Parameters
    ----------
    compute : callable or sequence of Section
        ``compute(settings) -> View``; `settings` holds the value of every control that is not a layer. Pure. Where parts
        of the view depend on few of many controls, one `Section` for each of them.
    controls : sequence of Slider, Choice or Toggle
    title, description : str
        What it shows, and what to do with it.
    guess : Guess, optional
        A question to commit to before anything is shown.
    static : bool
        Whether a grid is computed for the static page. Without it the page shows the first view and `note`.
    note : str
        Said below the explorer on the static page alone.
    call : str
        What a reader may copy: code in which ``{key}`` is the value of a control.

    Raises
    ------
    ValueError
        If two controls have one key, or a view names a layer or a control that there is not.

    Examples
    --------
    >>> from scaling_lib.explorers import Axis, Explorer, Line, Panel, Slider, View
    >>> def compute(settings):
    ...     line = Line([0, 1], [0, settings["slope"]])
    ...     return View(Panel(Axis("x", 0, 1), Axis("y", 0, 2), [line]), text="A line.")
    >>> Explorer(compute, [Slider("slope", "Slope", 0, 2, step=0.5, value=1)], title="A line")
    <Explorer 'A line': A line.>
    """

    def __init__(
        self,
        compute: Callable[[Mapping[str, Setting]], View] | Sequence[Section],
        controls: Sequence[Control] = (),
        *,
        title: str,
        description: str = "",
        guess: Guess | None = None,
        static: bool = True,
        note: str = "",
        call: str = "",
    ) -> None:
        self.controls = tuple(controls)
        for control in self.controls:
            if not isinstance(control, (Slider, Choice, Toggle)):
                raise ValueError(f"controls holds {control!r}: expected Slider, Choice or Toggle.")
        keys = [control.key for control in self.controls]
        if len(set(keys)) < len(keys):
            raise ValueError(f"Controls have the keys {keys}: each may stand once.")
        if not isinstance(title, str) or not title.strip():
            raise ValueError(f"title is {title!r}: expected text; it names the explorer for those who do not see it.")
        self.title, self.description, self.guess, self.static, self.note = title, description, guess, static, note
        whole = tuple(control.key for control in self.controls if not control_is_layer(control))
        self.sections = (Section(whole, compute),) if callable(compute) else tuple(compute)
        for section in self.sections:
            if not set(section.keys) <= set(whole):
                raise ValueError(f"A section depends on {section.keys}: expected some of {whole}.")
        self.call = call
        self._settings: dict[str, Setting] = {c.key: c.read(c.value) for c in self.controls}
        self._widget: Any = None
        self._view = self._compute(self._settings)
        self._check_layers(self._view)

    def _compute(self, settings: Mapping[str, Setting]) -> View:
        views = [section.view({key: settings[key] for key in section.keys}) for section in self.sections]
        if len(views) == 1:
            return views[0]
        return View(
            tuple(panel for view in views for panel in view.panels),
            " ".join(view.text for view in views),
            tuple(readout for view in views for readout in view.readouts),
            tuple(part for view in views for part in view.answers),
        )

    def _check_layers(self, view: View) -> None:
        layers = {c.key: c for c in self.controls if not isinstance(c, Slider) and c.layer}
        parts: list[Any] = [part for panel in view.panels for part in (panel, *panel.series, *panel.marks)]
        for part in parts:
            if isinstance(part, OwnGuess) and self.guess is None:
                raise ValueError("A view draws the reader's guess, but this explorer asks for none: give guess.")
            if isinstance(part, Handle):
                self._check_handle(part)
        for part in (*parts, *view.readouts):
            key, equals, value = part.when.partition("=")
            layer = layers.get(key)
            if part.when in ("", "never"):
                continue
            if (
                layer is None
                or (isinstance(layer, Choice) and value not in layer.options)
                or bool(equals) != isinstance(layer, Choice)
            ):
                raise ValueError(
                    f"when is {part.when!r}: expected a layer, '{{toggle}}' or '{{choice}}={{option}}', of "
                    f"{', '.join(layers) or 'this explorer, which has none'}."
                )

    def _check_handle(self, handle: Handle) -> None:
        known = {control.key: control for control in self.controls}
        if not isinstance(known.get(handle.control), Slider):
            sliders = ", ".join(key for key, control in known.items() if isinstance(control, Slider))
            raise ValueError(f"control is {handle.control!r}: expected a slider of this explorer, {sliders or 'which has none'}.")
        for key, value in handle.sets.items():
            if key not in known:
                raise ValueError(f"sets names {key!r}: expected controls of this explorer, {', '.join(known)}.")
            known[key].read(value)

    @property
    def settings(self) -> dict[str, Setting]:
        """The present value of every control (a copy)."""
        return dict(self._settings)

    @property
    def view(self) -> View:
        """What is shown now."""
        return self._view

    def set(self, **settings: object) -> Explorer:
        """Move controls from Python; a displayed explorer follows.

        Raises
        ------
        ValueError
            If there is no such control or it cannot take the value.
        """
        known = {control.key: control for control in self.controls}
        for key in settings:
            if key not in known:
                raise ValueError(f"{key} is no control of this explorer: it has {', '.join(known) or 'none'}.")
        moved = {**self._settings, **{key: known[key].read(value) for key, value in settings.items()}}
        self._view = self._compute(moved)
        self._settings = moved
        if self._widget is not None:
            self._widget.follow(moved, live_data(self._view))
        return self

    def __repr__(self) -> str:
        return f"<Explorer {self.title!r}: {self._view.sentence}>"

    def _spec(self) -> dict[str, Any]:
        spec: dict[str, Any] = {
            "title": self.title,
            "description": self.description,
            "controls": [control.data() for control in self.controls],
        }
        return {
            **spec,
            **({"guess": self.guess.data()} if self.guess else {}),
            **({"call": self.call} if self.call else {}),
        }

    # -- the live form

    @property
    def widget(self) -> Any:
        """The anywidget that shows this explorer while a kernel runs (made when first asked for)."""
        if self._widget is None:
            from ._widget import widget_class

            self._widget = widget_class()(_spec=self._spec(), _settings=self.settings, _view=live_data(self._view))
            self._widget.observe(self._answer, "_request")
        return self._widget

    def _answer(self, change: Mapping[str, Any]) -> None:
        request = change["new"]
        error = ""
        try:
            known = {control.key: control for control in self.controls}
            moved = {**self._settings, **{key: known[key].read(value) for key, value in request["settings"].items()}}
            view = self._compute(moved)
            self._settings, self._view = moved, view
        except Exception as problem:  # whatever compute raises is shown to the reader, who cannot see the kernel's log
            logging.getLogger(__name__).info("compute failed", exc_info=True)
            error = f"This setting could not be computed: {problem}"
        self._widget.answer(request["number"], self.settings, live_data(self._view), error)

    # -- the static form

    @cached_property
    def grid(self) -> Grid | Seamed | Grids | None:
        """Every view of the static page, or None where there is only the first."""
        if not (self.static and self.controls):
            return None
        grids = [grid_of(self._axes(section), section.view) for section in self.sections]
        return grids[0] if len(grids) == 1 else Grids(grids)

    def _axes(self, section: Section) -> list[Control]:
        """The controls of a section, with its own numbers of nodes."""
        out: list[Control] = []
        for control in self.controls:
            if control.key not in section.keys:
                continue
            if isinstance(control, Slider) and control.key in section.nodes:
                control = replace(control, nodes=section.nodes[control.key])
            if isinstance(control, Slider) and control.seam is not None and section.beyond is not None:
                control = replace(control, seam=replace(control.seam, nodes=section.beyond))
            out.append(control)
        return out

    def to_html(self) -> str:
        """The static form: the first view as picture and text, and the data with which the script makes it move."""
        spec = self._spec()
        if self.grid is None:
            settings: dict[str, Setting] = self.settings
            view = live_data(self._view)
            payload: dict[str, Any] = {"spec": {**spec, "controls": []}, "settings": settings, "view": view}
        else:
            settings = {c.key: c.nearest(self._settings[c.key]) for c in self.controls}  # type: ignore[arg-type]
            view = self.grid.lookup(settings)
            payload = {"spec": spec, "settings": settings, "grid": self.grid.data()}
        if self.note:
            payload["spec"] = {**payload["spec"], "note": self.note}
        return (
            '<div class="sl-explorer-host" data-sl-explorer>'
            f'<script type="application/json">{compact(payload)}</script>'
            f'<div class="sl-explorer sl-static">{self._first_view(view, settings)}</div></div>'
        )

    def _first_view(self, view: Mapping[str, Any], settings: Mapping[str, Setting]) -> str:
        fill = filled(view)
        parts = [f'<p class="sl-title">{escape(self.title)}</p>']
        if self.description:
            parts.append(f'<p class="sl-about">{escape(self.description)}</p>')
        if self.guess:
            parts.append(f'<p class="sl-text">{escape(self.guess.question)}</p>')
        if self.grid is not None:
            stand = "; ".join(f"{c.label}: {c.shown(settings[c.key])}" for c in self.controls)  # type: ignore[arg-type]
            parts.append(f'<p class="sl-about">{escape(stand)}.</p>')
        panels = [panel for panel in view["panels"] if visible(panel, settings)]
        answers = view.get("answers", ())
        parts += [answered(item, view, settings) for item in answers if item.get("above")]
        drawn = draw(view, settings, self.title)
        for panel, picture in zip(panels, drawn, strict=True):
            heading = f"<p>{escape(panel['title'])}</p>" if panel.get("title") else ""
            parts.append(f'<figure class="sl-panel">{heading}{picture}{_legend(panel, settings)}</figure>')
        rows = [
            f"<div><dt>{escape(item['label'])}</dt><dd>{escape(show(item['value'], item['format']))}"
            + (f" <small>{escape(item['unit'])}</small>" if item.get("unit") else "")
            + "</dd></div>"
            for item in view.get("readouts", ())
            if visible(item, settings)
        ]
        if rows:
            columns = len(rows) if len(rows) <= 4 else math.ceil(len(rows) / math.ceil(len(rows) / 4))
            parts.append(f'<dl class="sl-readouts" style="--sl-columns:{columns}">{"".join(rows)}</dl>')
        parts.append(f'<p class="sl-text">{escape(fill(view["text"]))}</p>')
        parts += [answered(item, view, settings) for item in answers if not item.get("above")]
        if self.call:
            parts.append(f'<pre class="sl-call"><code>{escape(self._called(settings))}</code></pre>')
        if self.note:
            parts.append(f'<p class="sl-about">{escape(self.note)}</p>')
        if self.guess:
            answer = show(self.guess.truth, self.guess.format, self.guess.unit)
            parts.append(
                f'<p class="sl-text">{escape(self.guess.quantity)}: {escape(answer)}. {escape(self.guess.explain)}</p>'
            )
        return "".join(parts)

    def _called(self, settings: Mapping[str, Setting]) -> str:
        values = {c.key: show(settings[c.key], "code:6") if isinstance(c, Slider) else str(settings[c.key]) for c in self.controls}
        return self.call.format_map(values)

    def _repr_html_(self) -> str:
        return self.to_html()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Text and the static form always; the live widget too where widgets can be made."""
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self.to_html()}
        if os.environ.get("SCALING_LIB_STATIC") != "1":
            made = self.widget._repr_mimebundle_()
            data = made[0] if isinstance(made, tuple) else (made or {})
            bundle = {**{key: value for key, value in data.items() if key not in bundle}, **bundle}
        return bundle


def _legend(panel: Mapping[str, Any], settings: Mapping[str, Setting]) -> str:
    names = {"line": "line", "points": "points", "band": "band", "bars": "bars"}
    items = []
    for part in panel["series"]:
        if part.get("name") and visible(part, settings):
            look = part.get("style", "") if part["kind"] == "line" else part.get("glyph", "")
            kind = f"{look} {names[part['kind']]}".strip()
            items.append(f"<li>{escape(part['name'])} ({escape(kind)})</li>")
    return f'<ul class="sl-legend">{"".join(items)}</ul>' if len(items) > 1 else ""


def live_data(view: View) -> dict[str, Any]:
    """A view as data with as many digits as a screen can show."""

    def cut(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: cut(item) for key, item in value.items()}
        if isinstance(value, list):
            return [cut(item) for item in value]
        return float(f"{value:.7g}") if isinstance(value, float) else value

    out: dict[str, Any] = cut(view.data())
    return out
