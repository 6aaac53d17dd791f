"""Mends what the theme brings: scripts that call other hosts, icon fonts, names that assistive technology needs.

The explorers' scripts are published from here too, as classic scripts, since browsers refuse modules on ``file://``.
"""

from __future__ import annotations

import re
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from course_pages import repository

LOGGER = logging.getLogger(__name__)
EXPLORER_MARK = "data-sl-explorer"
#: Scripts that no page of this site uses. sphinx-thebe also declares its address twice, an error in browsers; what
#: sphinx-togglebutton folds is folded here without a script.
UNUSED_SCRIPTS = ("sphinx-thebe", "THEBE_JS_URL", "thebe_selector", "togglebutton", "toggleHint", "toggleOpenOnPrint")
UNUSED_STYLES = ("sphinx-thebe", "togglebutton")
UNUSED_FILES = ("vendor/fontawesome", "sphinx-thebe.*", "togglebutton.*", "*webpack-macros.html", "locales", "**/*.map")

_EXPORT_DEFAULT = re.compile(r"^[ \t]*export\s+default\b\s*(?:\{[^}]*\}|\w+)[ \t]*;?[ \t]*$", re.MULTILINE)
_EXPORT = re.compile(r"^([ \t]*)export\s+(?=(?:async\s+)?function\b|const\b|let\b|var\b|class\b)", re.MULTILINE)
_LEFT = re.compile(r"^[ \t]*(?:export\b|import\b(?!\s*\())", re.MULTILINE)


def classic_script(module: str, name: str = "explorer.js") -> str:
    """An ES module without imports as a classic script that runs at once and leaks no names.

    Parameters
    ----------
    module
        Source that ends with ``export default { render }``; other exports may stand before declarations.
    name
        File name for the error message.

    Raises
    ------
    ValueError
        If an ``import`` or another form of ``export`` remains, which a classic script cannot have.

    Examples
    --------
    >>> print(classic_script("function render() {}\\nexport default { render };\\n"))
    (() => {
    "use strict";
    function render() {}
    })();
    <BLANKLINE>
    """
    body = _EXPORT.sub(r"\1", _EXPORT_DEFAULT.sub("", module))
    if (left := _LEFT.search(body)) is not None:
        line = body[: left.end()].count("\n") + 1
        raise ValueError(f"{name} line {line}: a classic script has no import and exports only declarations or default")
    return f'(() => {{\n"use strict";\n{body.strip()}\n}})();\n'


def explorer_files(root: Path) -> tuple[list[Path], list[Path]]:
    """Scripts and styles of the explorers, in order of their paths."""
    folder = root / "scaling_lib" / "explorers"
    return sorted(folder.rglob("explorer*.js")), sorted(folder.rglob("explorer*.css"))


def configure(app: Sphinx, config: Any) -> None:
    """Options that need more than a constant (handler of ``config-inited``)."""
    options: dict[str, Any] = config.html_theme_options
    options.update(
        search_bar_text="Search the course",
        show_toc_level=2,
        show_navbar_depth=1,
        navigation_with_keys=False,
        use_fullscreen_button=False,
        footer_content_items="copyright.html, extra-footer.html",
        pygments_light_style="a11y-high-contrast-light",
        pygments_dark_style="a11y-high-contrast-dark",
        logo={"text": config.html_title, "alt_text": ""},
    )
    config.html_context.setdefault("default_mode", "auto")  # unset, the theme logs an error on every page
    if not repository(app)[0]:
        options["use_repository_button"] = options["use_issues_button"] = False


def png_size(path: Path) -> tuple[int, int] | None:
    """Width and height of a PNG file in pixels; None if it is none."""
    with path.open("rb") as file:
        head = file.read(24)
    if len(head) < 24 or not head.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def lazy_images(body: str, sources: dict[str, Path]) -> str:
    """Load figures when they come near, and keep their place until then so that nothing jumps.

    Parameters
    ----------
    body
        HTML of the page.
    sources
        Published file name -> file in the source or among the executed notebooks' outputs.
    """

    def mend(match: re.Match[str]) -> str:
        tag = match.group(0)
        name = re.search(r'src="[^"]*_images/([^"/]+)"', tag)
        if name is None or "loading=" in tag:
            return tag
        added = ' loading="lazy" decoding="async"'
        source = sources.get(unquote(name.group(1)))
        size = png_size(source) if source is not None and source.is_file() else None
        if size is not None and "width" not in tag and "height" not in tag:
            added += f' width="{size[0]}" height="{size[1]}"'
        return f"{tag[:4]}{added}{tag[4:]}"

    return re.sub(r"<img\b[^>]*>", mend, body)


def named_folds(generate: Callable[..., Any]) -> Callable[..., Any]:
    """Name what folds the pages below another in the sidebar: an icon alone says nothing to who cannot see it."""

    def named(*args: Any, **options: Any) -> Any:
        tree = generate(*args, **options)
        for summary in tree.select("li > details > summary"):
            above = summary.find_parent("li").find("a")
            summary["aria-label"] = f"Pages of {above.get_text(strip=True)}"
        return tree

    return named


def page_context(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Drop unused scripts, add the explorers' where a page has one (handler of ``html-page-context``)."""
    kept, seen = [], set()
    for script in context.get("script_files", []):
        attributes = getattr(script, "attributes", {})
        text = f"{getattr(script, 'filename', script) or ''}{attributes.get('body', '')}"
        if text not in seen and not any(word in text for word in UNUSED_SCRIPTS):
            kept.append(script)
        seen.add(text)
    # In place: what is added to a page from here on goes into these very lists.
    context.get("script_files", [])[:] = kept
    context.get("css_files", [])[:] = [
        style
        for style in context.get("css_files", [])
        if not any(word in str(getattr(style, "filename", style)) for word in UNUSED_STYLES)
    ]
    if "citation-list" in (context.get("body") or ""):  # docutils' role is deprecated, and no item of a list
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
    if context.get("body"):
        images = {name: Path(app.srcdir) / source for source, name in app.builder.images.items()}
        context["body"] = lazy_images(context["body"], images)
    if "generate_toctree_html" in context:
        context["generate_toctree_html"] = named_folds(context["generate_toctree_html"])
    if page == app.config.root_doc:
        context["docstitle"] = ""  # the book's title alone, not twice
    if EXPLORER_MARK in (context.get("body") or ""):
        scripts, styles = explorer_files(Path(app.srcdir))
        for path in styles:
            app.add_css_file(f"explorers/{path.parent.name}-{path.name}")
        for path in scripts:
            app.add_js_file(f"explorers/{path.parent.name}-{path.name}", loading_method="defer")


def drop_thebe(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Remove the settings that sphinx-thebe writes into every page (handler of ``doctree-resolved``)."""
    for raw in list(doctree.findall(nodes.raw)):
        if "text/x-thebe-config" in raw.astext():
            raw.parent.remove(raw)


def publish(app: Sphinx, exception: Exception | None) -> None:
    """Write the explorers' files and remove what no page loads (handler of ``build-finished``)."""
    if exception is not None or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for unused in UNUSED_FILES:
        for path in static.glob(unused):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    folder = static / "explorers"
    shutil.rmtree(folder, ignore_errors=True)
    scripts, styles = explorer_files(Path(app.srcdir))
    if scripts or styles:
        folder.mkdir(parents=True)
    for path in scripts:
        text = classic_script(path.read_text(encoding="utf-8"), path.name)
        (folder / f"{path.parent.name}-{path.name}").write_text(text, encoding="utf-8")
    for path in styles:
        shutil.copy2(path, folder / f"{path.parent.name}-{path.name}")


def rewrite_if_navigation_changed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Every page shows the contents: when a title or the order changes, all are written (``env-updated``)."""
    present = repr([(name, env.titles[name].astext()) for name in sorted(env.titles)]) + repr(
        {name: list(env.toctree_includes[name]) for name in sorted(env.toctree_includes)}
    )
    if getattr(env, "course_navigation", None) == present:
        return []
    env.course_navigation = present  # type: ignore[attr-defined]
    return sorted(env.all_docs)


def setup(app: Sphinx) -> None:
    app.connect("config-inited", configure, priority=400)
    app.connect("html-page-context", page_context, priority=900)
    app.connect("doctree-resolved", drop_thebe, priority=900)
    app.connect("build-finished", publish)
    app.connect("env-updated", rewrite_if_navigation_changed)
