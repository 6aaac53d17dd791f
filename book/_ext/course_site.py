"""The site's Sphinx extension: one setup for the modules beside it.

==================  ==============================================================================
course_cache        the folder of executed notebooks, keyed by everything their outputs depend on
course_execute      runs the notebooks that are missing there, side by side
course_directives   quiz, guess, reveal, claim, keypoints, further
course_claims       the table of checked claims, and the links between its rows and the claim boxes
course_status       what was executed, with which versions, and how much there is
course_pages        front matter under the title, exercise pages, alt text
course_theme        what the theme brings too much or too little; the explorers' scripts
course_html         the node the others build from
==================  ==============================================================================
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.errors import ConfigError

import course_cache
import course_claims
import course_directives
import course_execute
import course_html
import course_pages
import course_status
import course_theme

UNFINISHED = "unfinished"


def configure(app: Sphinx, config: Any) -> None:
    """Key the cache, and stop early when the site's scripts are not installed (handler of ``config-inited``)."""
    root = Path(app.srcdir)
    if not (root / "_assets" / "mathjax").is_dir():
        raise ConfigError("_assets/ is missing: run `python tools/assets.py` first (`make book` does)")
    config.nb_execution_cache_path = str(course_cache.cache_folder(root))
    config.course_extension_key = course_cache.extension_key(root)
    # Kernels inherit these: a build records no learner's progress, makes no live widgets and wants no debugger's advice.
    os.environ["SCALING_LIB_NO_PROGRESS"] = "1"
    os.environ["SCALING_LIB_STATIC"] = "1"
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    # Several kernels run side by side, one a core: threads of their own would wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def distrust_unfinished(app: Sphinx, config: Any) -> None:
    """Read every page anew after a build that failed or was stopped (handler of ``config-inited``).

    Sphinx remembers the pages it has read, warnings or not, and would call the next build a success.
    """
    mark = Path(app.doctreedir) / UNFINISHED
    if mark.exists():
        (Path(app.doctreedir) / ENV_PICKLE_FILENAME).unlink(missing_ok=True)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def trust_finished(app: Sphinx, exception: Exception | None) -> None:
    """Lift the distrust after a build without a warning (handler of ``build-finished``)."""
    if exception is None and app._warncount == 0:
        (Path(app.doctreedir) / UNFINISHED).unlink(missing_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("course_extension_key", "", "env")
    app.connect("config-inited", configure, priority=300)
    app.connect("config-inited", distrust_unfinished, priority=310)
    app.connect("build-finished", trust_finished, priority=900)
    app.connect("env-before-read-docs", course_execute.execute_missing)
    for module in (course_html, course_directives, course_claims, course_status, course_pages, course_theme):
        module.setup(app)
    app.add_css_file("icons.css", priority=890)
    app.add_css_file("course.css", priority=900)
    app.add_css_file("reference.css", priority=910)
    app.add_js_file("course.js", loading_method="defer")
    app.add_js_file("reference.js", loading_method="defer")
    return {"parallel_read_safe": False, "parallel_write_safe": True}
