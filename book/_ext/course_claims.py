"""The table of checked claims: the ``{claims}`` lists of its page, and the links between its rows and the chapters' boxes.

``book/claims.toml`` is the table. ``{claims} W`` shows the rows whose id begins with that letter; a ``{claim}`` box with
``:claim: W3`` and the row W3 lead to each other, whichever page was read first. A row without a box of its own may lead to the
section that treats it, or to the box of another row: ``see = "ch05-basin"``, ``see = "W2"``.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from course_directives import claim_boxes
from course_html import element, html_element

LOGGER = logging.getLogger(__name__)
VERDICTS = ("correct", "loose", "wrong", "unsupported")
SOURCES = {"tutorial": "a tutorial", "textbook": "a textbook", "blog": "a blog post", "tables": "a reference table"}
TOPICS = ("laws", "counting", "allocation", "data", "serving", "emergence", "test time", "frontier")
_FIELDS = {"source": SOURCES, "topic": TOPICS, "verdict": VERDICTS}


def read(path: Path) -> dict[str, dict[str, str]]:
    """The table, checked: every row has its five fields, perhaps `see`, and no other.

    Raises
    ------
    ValueError
        If the file is not such a table; the row and the field are named.
    """
    rows: dict[str, dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    for name, row in rows.items():
        if not re.fullmatch(r"[A-Z][1-9][0-9]?", name):
            raise ValueError(f"{path.name}: the row {name!r} is not a letter and a number, such as W5")
        if set(row) - {"see"} != {"claim", "why", *_FIELDS} or not all(isinstance(v, str) and v.strip() for v in row.values()):
            raise ValueError(f"{path.name}: {name} must have claim, why, source, topic and verdict, as text; it has {sorted(row)}")
        for field, allowed in _FIELDS.items():
            if row[field] not in allowed:
                raise ValueError(f"{path.name}: {field} of {name} is {row[field]!r}, expected one of {', '.join(allowed)}")
    return rows


def rows_shown(env: BuildEnvironment) -> dict[str, str]:
    """Row in lower case -> the page that shows it."""
    if not hasattr(env, "course_claim_rows"):
        env.course_claim_rows = {}  # type: ignore[attr-defined]
    return env.course_claim_rows  # type: ignore[attr-defined, no-any-return]


def rows_seen(env: BuildEnvironment) -> dict[str, str]:
    """Row in lower case -> what it leads to without a box of its own."""
    if not hasattr(env, "course_claim_see"):
        env.course_claim_see = {}  # type: ignore[attr-defined]
    return env.course_claim_see  # type: ignore[attr-defined, no-any-return]


class Claims(SphinxDirective):
    """``{claims} W``: the rows of ``claims.toml``, beside the page, whose id begins with W."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        relative, absolute = self.env.relfn2path("claims.toml")
        self.env.note_dependency(relative)
        try:
            rows = read(Path(absolute))
        except (OSError, ValueError) as error:
            raise self.error(f"{{claims}}: {error}") from error
        letter = str(self.arguments[0])
        chosen = {name: row for name, row in rows.items() if name.startswith(letter)}
        if not chosen:
            raise self.error(f"{{claims}}: no row begins with {letter!r}")
        return [element("ul", *(self.row(name, row) for name, row in chosen.items()), classes="sl-claims")]

    def row(self, name: str, row: dict[str, str]) -> html_element:
        rows_shown(self.env)[name.lower()] = self.env.docname
        rows_seen(self.env).pop(name.lower(), None)
        if "see" in row:
            rows_seen(self.env)[name.lower()] = row["see"]
        holder = nodes.Element()
        holder.document = self.state.document
        self.state.nested_parse(StringList(row["why"].splitlines(), source="claims.toml"), self.content_offset, holder)
        kicker = element(
            "p",
            element("span", nodes.Text(name), classes="sl-claim-id"),
            element("span", nodes.Text(row["verdict"]), classes="sl-claim-verdict"),
            nodes.Text(f"{row['topic']} · {SOURCES[row['source']]}"),
            classes="sl-kicker",
        )
        return element(
            "li",
            kicker,
            element("p", nodes.strong("", row["claim"])),
            *holder.children,
            element("p", classes="sl-claim-links", data_row=name.lower(), data_see=row.get("see", "")),
            id=name.lower(),
            **{f"data_{field}": row[field] for field in _FIELDS},
        )


def place(env: BuildEnvironment, see: str) -> tuple[str, str, str] | None:
    """Page, anchor and name of what a row leads to: a label with a title, or another row's box."""
    for page, rows in claim_boxes(env).items():
        if see.lower() in rows:
            return page, f"claim-{see.lower()}", f"the box on row {see}"
    standard: Any = env.get_domain("std")
    if see in standard.labels:  # page, anchor, title
        return tuple(standard.labels[see])  # type: ignore[return-value]
    return (*standard.anonlabels[see], "") if see in standard.anonlabels else None


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the links in place (handler of ``doctree-resolved``): by now every page is read."""
    env, builder = app.builder.env, app.builder

    def link(text: str, page: str, anchor: str) -> nodes.reference:
        target = ("" if page == docname else builder.get_relative_uri(docname, page)) + f"#{anchor}"
        return nodes.reference("", text, refuri=target, internal=True)

    for node in list(doctree.findall(html_element)):
        if "sl-claim-links" in node["classes"]:  # a row: the boxes that take it apart
            row, see = (node["attributes_"].pop(f"data-{key}") for key in ("row", "see"))
            pages = [page for page in sorted(claim_boxes(env)) if row in claim_boxes(env)[page]]
            node.children.clear()
            found = place(env, see) if see and not pages else None
            if found is not None:
                page, anchor, name = found
                title = env.titles[page].astext()
                node += [nodes.Text("See "), link(name or title, page, anchor), nodes.Text(f" in {title}" if name else "")]
            elif not pages:
                node.parent.remove(node)
                continue
            for i, page in enumerate(pages):
                node += [nodes.Text(", " if i else "Taken apart in "), link(env.titles[page].astext(), page, f"claim-{row}")]
        elif "sl-claim" in node["classes"] and node["ids"]:  # a box: its row
            row = node["ids"][0].removeprefix("claim-")
            shown = rows_shown(env).get(row)
            fold = next((n for n in node.findall(html_element) if "sl-fold" in n["classes"]), None)
            if shown is not None and fold is not None:
                text = nodes.Text(f"Row {row.upper()} of the ")
                fold += element("p", text, link("checked claims", shown, row), classes="sl-claim-links")


def changed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages that must be written again since a link between rows and boxes came or went (handler of ``env-updated``)."""
    labels = {see: place(env, see) for see in sorted(rows_seen(env).values())}
    boxes = {page: sorted(rows) for page, rows in claim_boxes(env).items()}
    links = {"boxes": boxes, "rows": dict(rows_shown(env)), "see": labels}
    if getattr(env, "course_claim_links", None) == links:
        return []
    env.course_claim_links = links  # type: ignore[attr-defined]
    return [page for page in {*claim_boxes(env), *rows_shown(env).values()} if page in env.found_docs]


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Handler of ``env-purge-doc``."""
    for row in [row for row, page in rows_shown(env).items() if page == docname]:
        del rows_shown(env)[row]
        rows_seen(env).pop(row, None)


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of a box whose row does not exist, and of a row that leads nowhere (handler of ``env-check-consistency``)."""
    known = rows_shown(env)
    for page, boxes in claim_boxes(env).items():
        for row in boxes if known else ():
            if row not in known:
                LOGGER.warning("{claim}: claims.toml has no row %s", row.upper(), location=page)
    for row, see in rows_seen(env).items():
        if place(env, see) is None:
            LOGGER.warning("claims.toml: %s sees %s, which is no label and no row with a box", row.upper(), see, location=known[row])


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("claims", Claims)
    app.connect("env-purge-doc", forget)
    app.connect("env-updated", changed)
    app.connect("env-check-consistency", check)
    app.connect("doctree-resolved", resolve)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
