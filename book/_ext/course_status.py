"""The page that says how the site was built: what was executed and for how long, with which versions, and how much there is.

``{status} notebooks``, ``{status} versions`` and ``{status} counts`` are tables filled when every page is read; the page is
written again when what they say has changed.
"""

from __future__ import annotations

import os
import platform
from collections import Counter
from importlib import metadata
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from course_claims import rows_shown
from course_directives import claim_boxes, registry
from course_html import element, html_element

KINDS = ("notebooks", "versions", "counts")
#: What a reader who builds the site would compare.
PACKAGES = (
    "scaling_lib", "numpy", "scipy", "pandas", "matplotlib", "torch", "anywidget", "jupyter-book", "Sphinx", "myst-nb",
    "jupyter-cache", "sphinx-book-theme",
)  # fmt: skip


class Status(SphinxDirective):
    """``{status} kind``: the place of a table."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        kind = str(self.arguments[0])
        if kind not in KINDS:
            raise self.error(f"{{status}} {kind!r}: expected one of {', '.join(KINDS)}")
        pages: set[str] = self.env.__dict__.setdefault("course_status_pages", set())
        pages.add(self.env.docname)
        return [element("div", classes="sl-status-table", data_kind=kind)]


def count(app: Sphinx, doctree: nodes.document) -> None:
    """Note what stands on a page (handler of ``doctree-read``)."""
    raw = "".join(node.astext() for node in doctree.findall(nodes.raw))
    found = Counter(
        explorers=raw.count("data-sl-explorer"),
        figures=sum(1 for _ in doctree.findall(nodes.image)),
        terms=sum(1 for _ in doctree.findall(nodes.term)),
    )
    app.env.__dict__.setdefault("course_counts", {})[app.env.docname] = found


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Handler of ``env-purge-doc``."""
    env.__dict__.get("course_counts", {}).pop(docname, None)
    env.__dict__.get("course_status_pages", set()).discard(docname)


def executed(env: BuildEnvironment) -> list[tuple[str, str, float]]:
    """Page, title and seconds of every notebook that was executed."""
    out = []
    for page in sorted(env.found_docs):
        data = env.nb_metadata.get(page, {}).get("exec_data") or {}  # type: ignore[attr-defined]
        if data.get("runtime") is not None:
            out.append((page, env.titles[page].astext(), float(data["runtime"])))
    return out


def version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def versions() -> list[tuple[str, str]]:
    """Name and version of what decides how the pages come out."""
    return [("Python", platform.python_version()), *((name, version(name)) for name in PACKAGES)]


def counts(env: BuildEnvironment) -> list[tuple[str, str]]:
    """What there is, counted on the pages and in the package."""
    from scaling_lib import checks, datasets, published
    from scaling_lib.lab import results

    on_pages: Counter[str] = sum(env.__dict__.get("course_counts", {}).values(), Counter())
    chapters = [page for page in env.found_docs if page.startswith("book/ch")]
    kinds = Counter(kind for kind, _ in registry(env))
    exercises = checks.exercises()
    boxes = sum(len(rows) for rows in claim_boxes(env).values())
    rows = [
        ("pages", len(env.found_docs)),
        ("chapters", len(chapters)),
        ("explorers", on_pages["explorers"]),
        ("figures", on_pages["figures"]),
        ("quick questions", kinds["quiz"]),
        ("guesses to commit to", kinds["guess"]),
        ("exercises", len(exercises)),
        ("points in them", sum(exercise.points for exercise in exercises)),
        ("checked claims", len(rows_shown(env))),
        ("of them taken apart in a chapter", boxes),
        ("terms in the glossary", on_pages["terms"]),
        ("published constants, each with its source", len(published.names())),
        ("published tables", len(datasets.names())),
        ("tables of the lab's measurements", len(results.names())),
    ]
    return [(name, f"{number:,.0f}") for name, number in rows]


def table(head: tuple[str, ...], rows: list[tuple[nodes.Node | str, ...]]) -> html_element:
    """A table; the last column holds numbers."""

    def cell(tag: str, content: nodes.Node | str, last: bool) -> html_element:
        text = nodes.Text(content) if isinstance(content, str) else content
        return element(tag, text, classes="sl-num" if last else "", **({"scope": "col"} if tag == "th" else {}))

    def line(tag: str, items: tuple[nodes.Node | str, ...]) -> html_element:
        return element("tr", *(cell(tag, item, i == len(items) - 1) for i, item in enumerate(items)))

    return element("table", element("thead", line("th", head)), element("tbody", *(line("td", row) for row in rows)))


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Fill the tables (handler of ``doctree-resolved``)."""
    env = app.builder.env
    for node in list(doctree.findall(html_element)):
        if "sl-status-table" not in node["classes"]:
            continue
        kind = node["attributes_"].pop("data-kind", None)
        if kind == "versions":
            node += table(("package", "version"), list(versions()))
        elif kind == "counts":
            node += table(("what", "how many"), list(counts(env)))
        elif kind == "notebooks":
            done = executed(env)
            rows: list[tuple[nodes.Node | str, ...]] = [
                (nodes.reference("", title, refuri=app.builder.get_relative_uri(docname, page), internal=True), f"{seconds:.1f}")
                for page, title, seconds in done
            ]
            rows.append((f"all {len(done)}, one after the other", f"{sum(seconds for *_, seconds in done):.1f}"))
            cores = os.cpu_count() or 1
            node += table((f"notebook, executed on {platform.machine()} with {cores} cores", "seconds"), rows)


def changed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages with such tables, if these say something new (handler of ``env-updated``)."""
    said = (executed(env), versions(), counts(env))
    if env.__dict__.get("course_status") == said:
        return []
    env.__dict__["course_status"] = said
    return sorted(env.__dict__.get("course_status_pages", set()) & env.found_docs)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("status", Status)
    app.connect("doctree-read", count)
    app.connect("env-purge-doc", forget)
    app.connect("env-updated", changed)
    app.connect("doctree-resolved", resolve)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
