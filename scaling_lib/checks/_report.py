"""What a check answers: a card for a person, the points as a bare number for a grader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ._html import COLOURS, bar, card, escape, prose

__all__ = ["Report", "Row", "State"]

State = Literal["right", "partly", "wrong", "open"]
_WORDS = {"right": "right", "partly": "partly right", "wrong": "not right yet", "open": "not answered yet"}
_SIGNS = {"right": "✓", "partly": "◐", "wrong": "✗", "open": "○"}


@dataclass(frozen=True)
class Row:
    """One part of a check.

    Attributes
    ----------
    label : str
        What was judged.
    state : {"right", "partly", "wrong", "open"}
        How it ended; "open" is not answered yet.
    points, earned : float
        What it is worth, and what was earned.
    message : str
        What looks wrong and where to look.
    diagnosis : str
        Name of the mistake, or empty.
    """

    label: str
    state: State
    points: float
    earned: float = 0.0
    message: str = ""
    diagnosis: str = ""


@dataclass(frozen=True)
class Report:
    """The answer of `check`: ``text/html`` is a card, ``text/plain`` and `repr` the earned points, as graders read them.

    Attributes
    ----------
    id, title : str
        The exercise.
    rows : tuple of Row
        One for each part.
    scale : float
        Factor on the points, for a test that is weighted otherwise.
    notes : tuple of str
        Remarks that cost nothing.
    printed : str
        What the learner's code printed, cut.
    problem : str
        Set instead of rows when nothing could be judged, such as an unknown exercise.
    """

    id: str
    title: str
    rows: tuple[Row, ...] = ()
    scale: float = 1.0
    notes: tuple[str, ...] = ()
    printed: str = ""
    problem: str = ""

    @property
    def points(self) -> float:
        """What there was to earn."""
        return round(self.scale * sum(row.points for row in self.rows), 6)

    @property
    def earned(self) -> float:
        """What was earned."""
        return round(self.scale * sum(row.earned for row in self.rows), 3)

    @property
    def fraction(self) -> float:
        """What was earned, 0 to 1."""
        total = sum(row.points for row in self.rows)
        return sum(row.earned for row in self.rows) / total if total else 0.0

    @property
    def passed(self) -> bool:
        """Whether everything is right."""
        return bool(self.rows) and all(row.state == "right" for row in self.rows)

    @property
    def answered(self) -> bool:
        """Whether anything was answered at all."""
        return any(row.state != "open" for row in self.rows)

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """Names of the mistakes that were recognised, in order and once each."""
        return tuple(dict.fromkeys(row.diagnosis for row in self.rows if row.diagnosis))

    @property
    def state(self) -> State:
        """How it ended as a whole."""
        if self.problem or (self.rows and not self.answered):
            return "open"
        return "right" if self.passed else "partly" if self.earned else "wrong"

    def _score(self) -> str:
        return f"{_plain(self.earned)} of {_plain(self.points)} points"

    def _told(self) -> list[tuple[Row, str]]:
        """Each row with its message, said once even where several parts fail for one reason."""
        seen: dict[str, str] = {}
        out = []
        for row in self.rows:
            message = row.message
            if message and message in seen and len(message) > 40:
                message = f"The same as in “{seen[message]}”."
            elif message:
                seen[message] = row.label
            out.append((row, message))
        return out

    def _next(self) -> str:
        if self.problem:
            return ""
        if not self.answered:
            return (
                f'Write your answer in the cell above, run it, then run this one again. hint("{self.id}") gives a first'
                " idea."
            )
        if self.passed:
            return ""
        return f'Change the cell above, run it, then run this one again. hint("{self.id}") helps in three steps.'

    def __str__(self) -> str:
        if self.problem:
            return f"{_SIGNS['open']} {self.title}: {self.problem}"
        lines = [f"{_SIGNS[self.state]} {self.title}: {_WORDS[self.state]}, {self._score()}"]
        if self.answered:
            for row, message in self._told():
                lines.append(
                    f"  {_SIGNS[row.state]} {row.label}: {_WORDS[row.state]} ({_plain(row.earned)} of"
                    f" {_plain(row.points)})"
                )
                lines += [f"      {message}"] if message else []
        lines += [f"  Note: {note}" for note in self.notes]
        lines += [f"  Your code printed: {self.printed}"] if self.printed else []
        lines += [f"  {self._next()}"] if self._next() else []
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"{float(self.earned)}"

    def _repr_html_(self) -> str:
        state = self.state
        sign = f'<span aria-hidden="true" style="color:{COLOURS[state]};font-weight:700">{_SIGNS[state]}</span>'
        if self.problem:
            return card(
                state,
                self.title,
                f"{sign} <strong>{escape(self.title)}</strong>",
                f'<p style="margin:0">{prose(self.problem)}</p>',
            )
        title = (
            f"{sign} <strong>{escape(self.title)}</strong> — {_WORDS[state]}"
            f'<span style="white-space:nowrap;margin-left:1em">{bar(self.fraction, self._score(), state)}'
            f" {self._score()}</span>"
        )
        body = self._rows_html() if self.answered else ""
        for note in self.notes:
            body += f'<p style="margin:.4em 0 0"><em>Note.</em> {prose(note)}</p>'
        if self.printed:
            body += (
                '<details style="margin:.4em 0 0"><summary>What your code printed</summary><pre style="margin:.3em 0'
                " 0;white-space:pre-wrap;"
                f'background:transparent;color:inherit;max-height:12em;overflow:auto">{escape(self.printed)}</pre></details>'
            )
        if self._next():
            body += f'<p style="margin:.4em 0 0">{_code_calls(self._next())}</p>'
        return card(state, f"{self.title}: {_WORDS[state]}, {self._score()}", title, body)

    def _rows_html(self) -> str:
        items = []
        for row, message in self._told():
            sign = (
                '<span aria-hidden="true"'
                f' style="color:{COLOURS[row.state]};font-weight:700;display:inline-block;width:1.3em;margin-left:-1.3em">'
                f"{_SIGNS[row.state]}</span>"
            )
            told = f'<div style="margin:.1em 0 .2em">{prose(message)}</div>' if message else ""
            items.append(
                f'<li style="list-style:none;margin:.15em 0;padding-left:1.3em">{sign}{escape(row.label)}:'
                f' {_WORDS[row.state]} <span style="white-space:nowrap">({_plain(row.earned)} of'
                f" {_plain(row.points)})</span>{told}</li>"
            )
        return f'<ul style="margin:.2em 0;padding:0">{"".join(items)}</ul>'

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def _plain(points: float) -> str:
    return f"{round(points, 2):g}"


def _code_calls(text: str) -> str:
    import re

    return re.sub(r"(hint\(&quot;[\w.]+&quot;\))", r"<code>\1</code>", escape(text))
