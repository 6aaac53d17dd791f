"""The pages of ``scaling_lib``, made from its docstrings while the book is built.

``.. room:: scaling_lib.laws``
    Everything that a module makes public, in sections by the file it stands in. The option ``order`` says which files
    come first; what it does not name follows, so that nothing new is left out.
``.. overview:: laws compute``
    Every public name of every room with its first sentence, those rooms first.
``.. constants::``
    Every published constant with value, unit, source and status.
``.. measured:: benchmarks/results.csv``
    A table that ``make bench`` stored; the body says what is known while the file does not exist.

The directives write reStructuredText for autodoc, so they stand in ``.rst`` pages.
"""

from __future__ import annotations

import csv
import dataclasses
import enum
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.python import PyObject
from sphinx.environment import BuildEnvironment
from sphinx.ext.napoleon import Config
from sphinx.ext.napoleon.docstring import NumpyDocstring
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode, nested_parse_with_titles

import course_cache
from course_html import element, html_element
from course_package import (
    PACKAGE, UNDERLINE, aliases, exists, file_of, homes, introduction, members, modules_of, public_base, public_names,
    rooms, summary,
)

_ARXIV = re.compile(r"arXiv (\d{4}\.\d{4,5})")
_FOOTNOTE = re.compile(r"^(\s*)\.\. \[\w+\] +")
_FOOTNOTE_MARK = re.compile(r" ?\[\w+\]_")
_SHARED = re.compile(r"^(\w+(?:, \w+)+) : (.*)$")
_ATTRIBUTE = re.compile(r"(?<![`:\w])`(\.\w+)`(?!`)")
NAPOLEON = Config(napoleon_use_ivar=True, napoleon_use_rtype=False, napoleon_preprocess_types=True)
_NO_SPELLING = re.compile(r"(?<==)<(?:function|factory|bound method)[^,()]*>")
_LONG = 6  # lines of a constant's value that stand open


# ---------------------------------------------------------------------------------------------- docstrings


def mend(lines: list[str]) -> list[str]:
    """What numpydoc allows and a page of many docstrings cannot have, written so that it can.

    Numbered footnotes would clash: they become list items, with links to arXiv. An attribute of whatever is passed
    (`` `.optimal` ``) is code, since it would be an ambiguous link. Attributes that share a line are taken apart.
    """
    found: list[str] = []
    section = ""
    for at, line in enumerate(lines):
        if at + 1 < len(lines) and UNDERLINE.match(lines[at + 1]):
            section = line.strip()
        elif section == "References" and not UNDERLINE.match(line):
            marked = _FOOTNOTE.sub(r"\1* ", line)
            if marked == line and line.startswith("   "):
                marked = line[1:]  # continues an item, whose text now begins two columns in
            line = _ARXIV.sub(r"`arXiv \1 <https://arxiv.org/abs/\1>`__", marked)
        elif section == "Attributes" and (shared := _SHARED.match(line)):
            end = at + 1
            while end < len(lines) and lines[end].startswith(" "):
                end += 1
            for name in shared.group(1).split(", ")[:-1]:
                found += [f"{name} : {shared.group(2)}", *lines[at + 1 : end]]
            line = f"{shared.group(1).split(', ')[-1]} : {shared.group(2)}"
        else:
            line = _ATTRIBUTE.sub(r"``\1``", _FOOTNOTE_MARK.sub("", line))
        found.append(line)
    return found


def read_docstring(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """From numpydoc to reStructuredText (handler of ``autodoc-process-docstring``).

    Napoleon as an extension takes what stands before a colon in a property's docstring for its type; in a method's it
    does not.
    """
    what = "method" if what in {"property", "attribute", "data"} else what
    lines[:] = NumpyDocstring(mend(lines), NAPOLEON, app, what, name, thing, options).lines()


def short_defaults(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, signature: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    """A default that is a function has no spelling (handler of ``autodoc-process-signature``)."""
    return _NO_SPELLING.sub("...", signature or "") or None, returned


def only_public_bases(app: Sphinx, name: str, thing: type, options: Any, bases: list[Any]) -> None:
    """Show what a class inherits from when that has an entry (handler of ``autodoc-process-bases``)."""
    bases[:] = [base for base in bases if id(base) in homes()]


def resolve(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, contnode: nodes.Element
) -> nodes.Node | None:
    """Other spellings of a public name lead to its entry; words that are no names of the package are words;
    a name of the package that does not exist is left to Sphinx, which warns."""
    if node.get("refdomain") != "py":
        return None
    target = str(node["reftarget"])
    if node["reftype"] == "mod":  # a file of a room leads to its section
        labels = env.get_domain("std").data["labels"]
        for name in (target, f"{node.get('py:module')}.{target}"):
            if (place := labels.get(name.lower())) is not None:
                return make_refnode(app.builder, node["refdoc"], place[0], place[1], contnode)
    scope = [str(part) for part in (node.get("py:module"), node.get("py:class")) if part]
    for prefix in ("", *(".".join(scope[:count]) + "." for count in range(len(scope), 0, -1))):
        if (home := aliases().get(prefix + target)) is not None:
            found = env.get_domain("py").resolve_xref(env, node["refdoc"], app.builder, "obj", home, node, contnode)
            if isinstance(found, nodes.Node):
                return found
    if node["reftype"] not in {"obj", "class", "exc"} or target.startswith(PACKAGE) and not exists(target):
        return None
    if node["reftype"] == "obj":
        return nodes.literal("", contnode.astext())
    return nodes.inline("", contnode.astext(), classes=["sl-type"])


# ---------------------------------------------------------------------------------------------- directives


class FromPackage(SphinxDirective):
    """What the directives share: text parsed with titles, and a page that is read anew when the package changes."""

    def depend(self, *modules: ModuleType) -> None:
        self.env.note_dependency(__file__)
        for module in modules:
            for path in (getattr(module, "__path__", None) or []) or [module.__file__]:
                files = sorted(Path(path).glob("*.py")) if Path(path).is_dir() else [Path(path)]
                for file in files:
                    self.env.note_dependency(str(file))

    def parse(self, lines: list[str], origin: str) -> list[nodes.Node]:
        holder = nodes.Element()
        holder.document = self.state.document
        nested_parse_with_titles(self.state, StringList(lines, source=origin), holder, self.content_offset)
        return list(holder.children)


def entry(full: str, module: ModuleType, name: str) -> Iterator[str]:
    """reStructuredText of one public name."""
    thing = getattr(module, name)
    if inspect.isclass(thing):
        yield f".. autoclass:: {full}.{name}"
        if issubclass(thing, enum.Enum):
            yield from ("   :members:", "   :undoc-members:", "   :member-order: bysource")
        elif listed := members(thing):
            yield f"   :members: {', '.join(listed)}"
        if public_base(thing):
            yield "   :show-inheritance:"
    elif inspect.isroutine(thing):
        yield f".. autofunction:: {full}.{name}"
    elif str(type(thing).__module__).startswith(PACKAGE):  # an object that is used as a function is
        yield f".. autofunction:: {full}.{name}"
        for method in members(type(thing)):
            if method != "__call__":
                yield from ("", f".. autofunction:: {full}::{name}.{method}")
    else:
        yield from (f".. py:data:: {name}", f"   :module: {full}")
        value = repr(thing)
        if isinstance(thing, (int, float, str, tuple)) and len(value) <= 100:
            yield f"   :value: {value}"
        yield ""
        home = file_of(module, name)
        for line in ModuleAnalyzer.for_module(home).find_attr_docs().get(("", name), []):
            yield f"   {line}"
    yield ""


class Room(FromPackage):
    """``.. room:: module``: everything public, by file; then the public modules below it, a section each.

    With ``title`` the entries stand in one section of that name, with ``brief`` without the module's own text.
    """

    required_arguments = 1
    option_spec = {"order": directives.unchanged, "title": directives.unchanged, "brief": directives.flag}

    def run(self) -> list[nodes.Node]:
        full = str(self.arguments[0])
        lines = self.write(full, self.options.get("title", ""), "brief" in self.options)
        for inner in modules_of(full.removeprefix(f"{PACKAGE}."))[1:]:
            lines += self.write(inner, introduction(importlib.import_module(inner))[0], False)
        return self.parse(lines, f"{full} (docstrings)")

    def write(self, full: str, heading: str, brief: bool) -> list[str]:
        """reStructuredText of one module; with a heading it is one section, else one for each file."""
        module = importlib.import_module(full)
        self.depend(module)
        _, beside, text = introduction(module)
        groups: dict[str, list[str]] = {}
        elsewhere: dict[str, str] = {}
        for name in public_names(module):
            home = homes().get(id(getattr(module, name)), f"{full}.{name}")
            if home == f"{full}.{name}":
                groups.setdefault(file_of(module, name), []).append(name)
            else:
                elsewhere[name] = home
        lines = [heading, "-" * len(heading), ""] if heading else []
        lines += [f".. py:module:: {full}", ""]
        if not brief:
            lines += [*([beside] if heading else []), "", *text, ""]
        first = [f"{full}.{part}" for part in self.options.get("order", "").split()] if not heading else []
        if unknown := [part for part in first if part not in groups]:
            raise self.error(f"{{room}} {full}: no public name stands in {', '.join(unknown)}")
        order = [*first, *(part for part in groups if part not in first)]
        headed = {part: introduction(importlib.import_module(part)) for part in order}
        many = len(groups) > 1 and not heading
        if many:
            lines += [".. rst-class:: sl-contents", ""]
            for part in order:
                lines += [headed[part][0], "   " + ", ".join(f":py:obj:`~{full}.{name}`" for name in groups[part]), ""]
        if elsewhere:
            links = ", ".join(f":py:obj:`{name} <{home}>`" for name, home in elsewhere.items())
            lines += [f"Also here: {links}.", ""]
        for part in order:
            if many:
                title, beside, about = headed[part]
                lines += [f".. _{part}:", "", title, "-" * max(len(title), 3), "", beside, ""]
                lines += [*(about if part != full else []), ""]
            for name in groups[part]:
                lines += entry(full, module, name)
        return lines


class Overview(FromPackage):
    """``.. overview:: laws compute``: every public name with its first sentence; other rooms follow those named."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        first = self.arguments[0].split() if self.arguments else []
        if unknown := sorted({*first} - {*rooms()}):
            raise self.error(f"{{overview}}: {PACKAGE} has no room {', '.join(unknown)}")
        lines: list[str] = []
        for room in (*first, *(room for room in rooms() if room not in first)):
            for full in modules_of(room):
                module = importlib.import_module(full)
                self.depend(module)
                heading = full.removeprefix(f"{PACKAGE}.")
                lines += [f".. py:currentmodule:: {full}", ""]
                lines += [heading, "-" * len(heading), "", f":py:mod:`{full}`: {summary(module)}.", ""]
                lines += [".. rst-class:: sl-overview", ""]
                for name in public_names(module):
                    home = homes().get(id(getattr(module, name)), f"{full}.{name}")
                    lines += [f":py:obj:`{name} <{home}>`", f"   {self.says(full, module, name)}", ""]
        return self.parse(lines, "overview (docstrings)")

    @staticmethod
    def says(full: str, module: ModuleType, name: str) -> str:
        thing = getattr(module, name)
        if inspect.isclass(thing) or inspect.isroutine(thing) or str(type(thing).__module__).startswith(PACKAGE):
            return summary(thing)
        written = ModuleAnalyzer.for_module(file_of(module, name)).find_attr_docs().get(("", name), [])
        return " ".join(written).split(". ")[0].rstrip(". ") or "Constant"


def plain(value: Any) -> str:
    """A value as one would type it, numbers with up to seven digits."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return repr(value)
    if isinstance(value, (int, float)):
        return f"{value:.7g}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return f"{type(value).__name__}({', '.join(f'{key}={plain(each)}' for key, each in fields.items())})"
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return f"{type(value).__name__}({', '.join(f'{key}={plain(each)}' for key, each in value._asdict().items())})"
    if isinstance(value, tuple):
        return f"({', '.join(plain(each) for each in value)}{',' if len(value) == 1 else ''})"
    return repr(value)


def value_lines(value: Any) -> list[str]:
    """A constant's value, an entry a line."""
    if isinstance(value, Mapping):
        found = []
        for key, each in value.items():
            if isinstance(each, tuple) and not hasattr(each, "_asdict") and each and isinstance(each[0], tuple):
                found += [f"{plain(key)}:", *(f"  {plain(part)}" for part in each)]
            else:
                found.append(f"{plain(key)}: {plain(each)}")
        return found
    if isinstance(value, tuple) and not hasattr(value, "_asdict") and any(isinstance(each, tuple) for each in value):
        return [plain(each) for each in value]
    return [plain(value)]


def table(caption: str, heads: list[str], rows: list[list[list[nodes.Node]]], classes: str) -> html_element:
    """A table whose first column names the row."""
    head = element("thead", element("tr", *(element("th", nodes.Text(text), scope="col") for text in heads)))
    body = element("tbody")
    for row in rows:
        first = element("th", *row[0], scope="row")
        cells = (element("td", *cell, data_head=text) for text, cell in zip(heads[1:], row[1:], strict=True))
        body += element("tr", first, *cells)
    titled = [element("caption", element("span", nodes.Text(caption)))] if caption else []
    shown = element("table", *titled, head, body, classes=classes)
    shown["support_smartquotes"] = False  # values are to be copied
    return shown


def with_links(text: str) -> list[nodes.Node]:
    """Text, with arXiv numbers as links."""
    found: list[nodes.Node] = []
    at = 0
    for match in _ARXIV.finditer(text):
        found += [nodes.Text(text[at : match.start()])]
        found += [nodes.reference("", match.group(0), refuri=f"https://arxiv.org/abs/{match.group(1)}")]
        at = match.end()
    return [*found, nodes.Text(text[at:])]


class Constants(FromPackage):
    """``.. constants::``: what `published` holds, in the groups of its files."""

    FIRST = "The laws of Hoffmann et al. and of their replication"

    def run(self) -> list[nodes.Node]:
        published = importlib.import_module(f"{PACKAGE}.published")
        store = importlib.import_module(f"{PACKAGE}._constants")
        self.depend(published, store)
        groups: dict[str, list[str]] = {}
        for info in pkgutil.iter_modules(store.__path__, f"{store.__name__}."):
            part = importlib.import_module(info.name)
            if here := [name for name in published.names() if name in getattr(part, "__all__", ())]:
                groups[info.name] = here
        placed = {name for names in groups.values() for name in names}
        groups = {"": [name for name in published.names() if name not in placed], **groups}
        found: list[nodes.Node] = []
        for part, names in groups.items():
            title, beside, _ = introduction(importlib.import_module(part)) if part else (self.FIRST, "", [])
            title, _, _ = title.partition(";")
            section = nodes.section(ids=[f"constants-{part.rpartition('.')[2] or 'laws'}"], names=[])
            section += nodes.title("", title)
            if beside:
                section += nodes.paragraph("", "", *self.inline(beside))
            rows = [self.row(published.about(name)) for name in names]
            section += table("", ["Constant", "Value", "Unit", "Source", "Status"], rows, "sl-constants")
            found.append(section)
        return found

    def inline(self, text: str) -> list[nodes.Node]:
        parsed, messages = self.state.inline_text(text, self.lineno)
        return [*parsed, *messages]

    def row(self, source: Any) -> list[list[nodes.Node]]:
        full = f"{PACKAGE}.published.{source.name}"
        target = nodes.literal("", source.name, ids=[full])
        self.state.document.note_explicit_target(target)
        self.env.get_domain("py").note_object(full, "data", full, location=target)  # type: ignore[attr-defined]
        index = addnodes.index(entries=[("single", f"{source.name} (in module {PACKAGE}.published)", full, "", None)])
        lines = value_lines(source.value)
        value: nodes.Element = element("pre", nodes.Text("\n".join(lines)))
        if len(lines) > _LONG:
            value = element("details", element("summary", nodes.Text(f"{len(lines)} rows")), value)
        note = [element("p", nodes.Text(source.note), classes="sl-note")] if source.note else []
        where = [*with_links(source.paper), nodes.Text(f", {source.where}")]
        status = element("span", nodes.Text(source.status), classes=f"sl-status-{source.status}")
        return [[index, target, *note], [value], [nodes.Text(source.unit)], where, [status]]


def seconds(text: str) -> str:
    """A stored number of seconds for a reader; text that is none stays."""
    try:
        value = float(text)
    except ValueError:
        return text
    return f"{1e3 * value:.3g} ms" if value < 1 else f"{value:.3g} s"


def pivot(rows: list[dict[str, str]], down: str, across: str, cell: str) -> tuple[list[str], list[list[str]]]:
    """A long table as a wide one: a row for each ``down``, a column for each ``across``."""
    columns = list(dict.fromkeys(row[across] for row in rows))
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row[down], {})[row[across]] = row[cell]
    return [down, *columns], [[name, *(cells.get(column, "") for column in columns)] for name, cells in found.items()]


class Measured(FromPackage):
    """``.. measured:: path``: a stored table of the benchmarks; the body stands in while there is none.

    ``pivot`` names the columns that go down, across and into the cells; ``times`` columns of seconds; ``heads`` new
    heads.
    """

    required_arguments = 1
    has_content = True
    option_spec = dict.fromkeys(("caption", "pivot", "times", "heads"), directives.unchanged_required)

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / str(self.arguments[0])
        self.env.note_dependency(str(path))
        if not path.is_file():
            return self.parse(list(self.content), str(self.arguments[0]))
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
        if not rows or any(None in row or None in row.values() for row in rows):
            raise self.error(f"{{measured}} {path.name}: the rows and the head do not have the same columns")
        wanted = {*self.options.get("pivot", "").split(), *self.options.get("times", "").split()}
        if missing := wanted - {*rows[0]}:
            known = ", ".join(rows[0])
            raise self.error(f"{{measured}} {path.name} has no column {', '.join(sorted(missing))}; it has {known}")
        for row in rows:
            row |= {name: seconds(row[name]) for name in self.options.get("times", "").split()}
        if "pivot" in self.options:
            heads, body = pivot(rows, *self.options["pivot"].split())
        else:
            heads, body = list(rows[0]), [list(row.values()) for row in rows]
        if "heads" in self.options:
            named = [text.strip() for text in self.options["heads"].split("|")]
            heads = named + heads[len(named) :]
        caption = self.options.get("caption", path.stem)
        shown = table(caption, heads, [[[nodes.Text(cell)] for cell in row] for row in body], "sl-measured")
        return [element("div", shown, classes="sl-wide", tabindex="0", role="region", aria_label=caption)]


def every_room_has_a_page(app: Sphinx, env: BuildEnvironment) -> None:
    """A public module that no page shows is a defect of the book (handler of ``env-updated``).

    To look needs the whole package with PyTorch, three seconds, so it is done when the package or the pages changed.
    """
    shown = env.get_domain("py").data["modules"]
    state = (course_cache.execution_key(Path(app.srcdir)), sorted(shown))
    if not shown or env.__dict__.get("course_api_checked") == state:  # a book without pages of the package, or as before
        return
    env.__dict__["course_api_checked"] = state
    for room in rooms():
        for full in modules_of(room):
            if full not in shown:
                from sphinx.util import logging

                logging.getLogger(__name__).warning("%s is public and no page in book/api shows it", full)


def setup(app: Sphinx) -> dict[str, Any]:
    app.setup_extension("sphinx.ext.autodoc")
    for field in PyObject.doc_field_types:
        if field.label == "Variables":
            field.label = "Attributes"  # as the docstrings have it
    for name, directive in {"room": Room, "overview": Overview, "constants": Constants, "measured": Measured}.items():
        app.add_directive(name, directive)
    app.connect("autodoc-process-docstring", read_docstring)
    app.connect("autodoc-process-signature", short_defaults)
    app.connect("autodoc-process-bases", only_public_bases)
    app.connect("missing-reference", resolve)
    app.connect("env-updated", every_room_has_a_page)
    app.add_css_file("api.css", priority=910)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
