"""One docutils node for all of the site's own markup: an HTML element with attributes and ordinary children."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


class html_element(nodes.General, nodes.TextElement):  # type: ignore[misc]  # noqa: N801 - docutils' spelling
    """``<tag attributes>children</tag>``; builders other than HTML show the children alone.

    A ``TextElement``, because Sphinx allows links in nothing else.
    """


def element(tag: str, *children: nodes.Node, classes: str = "", id: str = "", **attributes: Any) -> html_element:
    """An :class:`html_element`; ``data_x`` becomes ``data-x``, ``True`` a bare attribute, None and False none.

    Examples
    --------
    >>> element("details", nodes.Text("x"), classes="sl-choice", data_right="yes", open=True)["tag"]
    'details'
    """
    kept = {
        name.rstrip("_").replace("_", "-"): "" if value is True else str(value)
        for name, value in attributes.items()
        if value is not None and value is not False
    }
    return html_element("", "", *children, tag=tag, classes=classes.split(), ids=[id] if id else [], attributes_=kept)


def _visit(translator: Any, node: html_element) -> None:
    translator.body.append(translator.starttag(node, node["tag"], "", **node["attributes_"]))


def _depart(translator: Any, node: html_element) -> None:
    if node["tag"] not in {"input", "br", "hr"}:
        translator.body.append(f"</{node['tag']}>")


def _pass(translator: Any, node: html_element) -> None:
    """Other builders show the children alone."""


def setup(app: Sphinx) -> None:
    plain = (_pass, _pass)
    app.add_node(html_element, html=(_visit, _depart), latex=plain, text=plain, man=plain, texinfo=plain)
