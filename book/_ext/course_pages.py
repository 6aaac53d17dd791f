"""What every page gets: its front matter under the title, the exercise page's downloads, a check for alt text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from docutils import nodes
from myst_nb.ext.glue.roles import PasteMarkdownRole
from myst_parser.parsers.sphinx_ import MystParser
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.locale import admonitionlabels
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole, new_document

from course_html import element, html_element

LOGGER = logging.getLogger(__name__)
PLACEHOLDER = "OWNER"
_IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=\s*(\"[^\"]|'[^'])", re.IGNORECASE)


def repository(app: Sphinx) -> tuple[str, str]:
    """Address and branch of the repository as ``_config.yml`` has them; the address is empty while a placeholder."""
    options: dict[str, Any] = app.config.html_theme_options
    url = str(options.get("repository_url") or "").rstrip("/")
    return ("" if f"/{PLACEHOLDER}/" in f"{url}/" else url), str(options.get("repository_branch") or "main")


# ---------------------------------------------------------------------------------------------- front matter


def _inline(doctree: nodes.document, text: str) -> list[nodes.Node]:
    """Parse one line of MyST as it would be in the page."""
    holder = new_document(doctree["source"], doctree.settings)
    MystParser().parse(text, holder)
    first = next(iter(holder.findall(nodes.paragraph)), None)
    return [] if first is None else [child.deepcopy() for child in first.children]


def _items(value: Any, key: str, docname: str) -> list[str]:
    """A front-matter value as a list of lines."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = json.loads(value)  # the parser hands lists on as JSON
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(line, str) and line.strip() for line in value):
        LOGGER.warning("front matter %s: expected a list of sentences, got %r", key, value, location=docname)
        return []
    return value


def _minutes(value: Any, key: str, docname: str) -> int | None:
    if value is None:
        return None
    if str(value).isdigit() and 0 < int(value) <= 600:
        return int(value)
    LOGGER.warning("front matter %s: expected whole minutes, 1 to 600, got %r", key, value, location=docname)
    return None


def front_matter(app: Sphinx, doctree: nodes.document) -> html_element | None:
    """The block under the title: minutes, objectives, prerequisites; None if the page states none of them."""
    docname = app.env.docname
    meta = app.env.metadata.get(docname, {})
    reading = _minutes(meta.get("minutes_reading"), "minutes_reading", docname)
    exercises = _minutes(meta.get("minutes_exercises"), "minutes_exercises", docname)
    times = [f"{count} minutes of {what}" for count, what in ((reading, "reading"), (exercises, "exercises")) if count]
    block = element("div", classes="sl-front")
    if times:
        block += element("p", nodes.Text(" · ".join(times)), classes="sl-minutes")
    for key, title in (("objectives", "After this chapter you can"), ("prerequisites", "You need")):
        if key in meta and (lines := _items(meta[key], key, docname)):
            entries = [nodes.list_item("", nodes.paragraph("", "", *_inline(doctree, line))) for line in lines]
            block += element("p", nodes.Text(title), classes="sl-front-title")
            block += nodes.bullet_list("", *entries)
    return block if block.children else None


# ---------------------------------------------------------------------------------------------- exercise pages


def launch_links(url: str, branch: str, path: str) -> list[tuple[str, str]]:
    """(name, address) of the services that open ``path`` of a GitHub repository; none for other hosts."""
    match = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+)", url)
    if match is None:
        return []
    slug, path = f"{match.group(1)}/{match.group(2)}", quote(path)
    return [
        ("Colab", f"https://colab.research.google.com/github/{slug}/blob/{branch}/{path}"),
        ("Binder", f"https://mybinder.org/v2/gh/{slug}/{branch}?urlpath=lab/tree/{path}"),
    ]


def _page(docname: str, text: str) -> nodes.Node:
    inner = nodes.inline("", text)
    reference = addnodes.pending_xref(
        "", inner, refdomain="std", reftype="doc", reftarget=f"/{docname}", refexplicit=True, refwarn=True
    )
    reference["refdoc"] = ""
    return reference


def exercise_banner(app: Sphinx) -> html_element | None:
    """How to work this exercise page: download, launch, chapter, solutions. None elsewhere."""
    docname = app.env.docname
    folder, _, slug = docname.rpartition("/")
    if folder not in {"exercises", "solutions"}:
        return None
    links: list[nodes.Node] = []
    notebook = f"{slug}.ipynb"
    links.append(nodes.reference("", "Download the notebook", refuri=f"../_sources/{folder}/{notebook}"))
    if folder == "exercises":
        url, branch = repository(app)
        links += [
            nodes.reference("", f"Open in {name}", refuri=address)
            for name, address in launch_links(url, branch, f"{folder}/{notebook}")
        ]
    others = [(f"book/{slug}", "The chapter"), (f"exercises/{slug}", "The exercises"), (f"solutions/{slug}", "Solutions")]
    for other, text in others:
        if other != docname and other in app.env.found_docs:
            reference = _page(other, text)
            reference["refdoc"] = docname
            links.append(reference)
    block = element("div", classes="sl-front sl-work")
    if folder == "exercises":
        block += nodes.paragraph(
            "",
            "",
            nodes.Text("This page shows the tasks. To work them, run "),
            nodes.literal("", "make lab"),
            nodes.Text(" and open "),
            nodes.literal("", f"exercises/{notebook}"),
            nodes.Text(", or take the notebook with you."),
        )
    block += element("ul", *(element("li", link) for link in links), classes="sl-links")
    return block


def under_title(app: Sphinx, doctree: nodes.document) -> None:
    """Put the front matter and the exercise banner below the page's title (handler of ``doctree-read``)."""
    title = next(iter(doctree.findall(nodes.title)), None)
    if title is None or not isinstance(title.parent, nodes.section):
        return
    blocks = [block for block in (front_matter(app, doctree), exercise_banner(app)) if block is not None]
    title.parent[1:1] = blocks


# ---------------------------------------------------------------------------------------------- alt text


def missing_alt(doctree: nodes.document) -> list[str]:
    """Images without alternative text, as short descriptions."""
    found = [
        str(image.get("uri", "image"))
        for image in doctree.findall(nodes.image)
        if not str(image.get("alt", "")).strip() or image.get("alt") == image.get("uri")
    ]
    for raw in doctree.findall(nodes.raw):
        if "html" in raw.get("format", ""):
            found += [tag[:60] for tag in _IMG.findall(raw.astext()) if not _ALT.search(tag)]
    return found


def check_alt(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn of each image without alt text (handler of ``doctree-resolved``)."""
    for image in missing_alt(doctree):
        LOGGER.warning(
            "image without alt text: %s. Give the cell metadata: mystnb: {image: {alt: what the figure shows}}, "
            "or mystnb: {figure: ...} with image: {alt: ...}",
            image,
            location=docname,
        )


# ---------------------------------------------------------------------------------------------- folded admonitions


def fold_dropdowns(app: Sphinx, doctree: nodes.document) -> None:
    """An admonition of class ``dropdown`` becomes ``<details>``: keyboard and print need no script (``doctree-read``)."""
    for admonition in list(doctree.findall(nodes.Admonition)):
        if not isinstance(admonition, nodes.Element) or "dropdown" not in admonition["classes"]:
            continue
        children = list(admonition.children)
        if children and isinstance(children[0], nodes.title):
            heading = children.pop(0).children
        else:
            heading = [nodes.Text(admonitionlabels[admonition.tagname])]
        classes = " ".join(name for name in admonition["classes"] if name != "dropdown")
        folded = element("details", element("summary", *heading), *children, classes=f"sl-folded {classes}")
        folded["ids"], folded["names"] = admonition["ids"], admonition["names"]
        admonition.replace_self(folded)


# ---------------------------------------------------------------------------------------------- numbers in sentences

_SPACE = re.compile(r"(?<=\d) (?=%)")


def keep_percent(app: Sphinx, doctree: nodes.document) -> None:
    """A number and its percent sign stay on one line, glued numbers too (``doctree-read``)."""
    for text in list(doctree.findall(nodes.Text)):
        if isinstance(text.parent, (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)):
            continue
        words = _SPACE.sub("\u00a0", text)
        at = text.parent.index(text)
        before = text.parent[at - 1] if at else None
        if words.startswith(" %") and isinstance(before, nodes.inline) and before.astext()[-1:].isdigit():
            words = "\u00a0" + words[1:]
        if words != text:
            text.parent[at] = nodes.Text(words)




class MystGlue(PasteMarkdownRole):  # type: ignore[misc]
    """``{glue:md}`` whose text is MyST unless said otherwise, so that mathematics in a glued sentence is typeset."""

    def run(self) -> Any:
        if ":" not in self.text:
            self.text += ":myst"
        return super().run()


class Minutes(SphinxRole):
    """``{minutes}`reading ch02_power_laws ch05_chinchilla```: the sum of those pages' front matter, in words.

    The first word is ``reading``, ``exercises`` or ``all``.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        what, *names = self.text.split()
        kinds = {"reading": ("reading",), "exercises": ("exercises",), "all": ("reading", "exercises")}
        total, missing = 0, [] if what in kinds and names else [self.text]
        for name in names:
            path = Path(self.env.srcdir) / "book" / f"{name}.md"
            self.env.note_dependency(str(path))
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            for kind in kinds.get(what, ()):
                found = re.search(rf"^minutes_{kind}: (\d+)$", text, re.MULTILINE)
                total += int(found.group(1)) if found else 0
                missing += [] if found else [f"{kind} of {name}"]
        if missing:
            message = self.inliner.reporter.error(f"{{minutes}}: no {', '.join(missing)}", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        halves = round(total / 30)
        hours = f"{halves // 2}{'½' if halves % 2 else ''} hours" if halves > 2 else "1 hour"
        return [nodes.Text(f"{total} minutes" if total < 100 else f"about {hours}")], []


def setup(app: Sphinx) -> None:
    app.add_role("minutes", Minutes())
    app.add_role_to_domain("glue", "md", MystGlue(), override=True)
    app.connect("doctree-read", fold_dropdowns, priority=600)
    app.connect("doctree-read", under_title, priority=700)
    app.connect("doctree-read", keep_percent, priority=800)
    app.connect("doctree-resolved", check_alt)
