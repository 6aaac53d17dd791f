"""Small pieces of HTML for cards: they take JupyterLab's colours where there are any and the page's where not.

Colour never carries meaning alone: each state has a word and a sign. Only inline styles are used, which survive the
sanitiser of a notebook that is opened untrusted.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Final

__all__ = ["COLOURS", "bar", "card", "escape", "prose", "table"]

#: Marks on white and on black alike (contrast at least 3 to 1 with both).
COLOURS: Final = {"right": "#1d8f52", "partly": "#b26a00", "wrong": "#d0483e", "open": "#767f8c", "info": "#2f7fc1"}
_LINE: Final = "1px solid rgba(127,127,127,.35)"


def escape(text: str) -> str:
    """`text` as HTML."""
    return html.escape(text, quote=True)


def prose(text: str) -> str:
    """`text` as HTML, with `code` between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def card(state: str, label: str, title: str, body: str) -> str:
    """A card with a coloured edge, a title and a body."""
    colour = COLOURS[state]
    return (
        f'<section role="group" aria-label="{escape(label)}" style="border:{_LINE};border-left:4px solid'
        f" {colour};border-radius:4px;padding:.65em 1em .75em;margin:.25em"
        ' 0;max-width:50em;color:var(--jp-content-font-color1,inherit);background:transparent;line-height:1.5;text-align:left"><div'
        f' style="margin:0 0 .35em">{title}</div>{body}</section>'
    )


def bar(fraction: float, label: str, state: str) -> str:
    """A bar that is `fraction` full, with its meaning in words for those who do not see it."""
    percent = f"{100 * min(max(fraction, 0.0), 1.0):.0f}%"
    return (
        f'<span role="img" aria-label="{escape(label)}"'
        ' style="display:inline-block;vertical-align:middle;width:9em;height:.6em;border:1px solid'
        ' rgba(127,127,127,.6);border-radius:.3em;overflow:hidden"><span'
        f' style="display:block;height:100%;width:{percent};background:{COLOURS[state]}"></span></span>'
    )


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A small table; the cells are HTML already."""
    cell = f"padding:.25em .9em .25em 0;text-align:left;border-bottom:{_LINE};vertical-align:top;background:transparent"
    top = "".join(f'<th scope="col" style="{cell};font-weight:600">{name}</th>' for name in head)
    body = "".join(
        "<tr style='background:transparent'>" + "".join(f'<td style="{cell}">{value}</td>' for value in row) + "</tr>"
        for row in rows
    )
    return (
        f'<table style="border-collapse:collapse;margin:.25em'
        f' 0;color:var(--jp-content-font-color1,inherit);font-size:inherit">'
        '<caption style="caption-side:top;text-align:left;font-weight:600;padding:0 0'
        f' .3em;color:inherit">{caption}</caption>'
        f"<thead><tr style='background:transparent'>{top}</tr></thead><tbody>{body}</tbody></table>"
    )
