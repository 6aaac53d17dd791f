"""Executes the notebooks that are not in the cache, several at a time, before Sphinx reads the first page.

Sphinx reads pages one after the other and would execute them one after the other. Notebooks do not depend on each
other, so those that are missing run in kernels side by side here; afterwards Sphinx finds all of them in the cache. What
fails is left to Sphinx, which executes it again and reports the failing cell with its traceback.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)

#: ipykernel warns, once per notebook, that a local kernel speaks plain TCP; only errors are of use here.
KERNEL_ARGUMENTS = ["--log-level=ERROR"]


def _read(env: BuildEnvironment, docname: str) -> tuple[Path, Any] | None:
    """The notebook of a page as myst-nb will see it, or None if the page is none or is not to be executed."""
    path = Path(env.doc2path(docname))
    config: Any = env.mystnb_config  # type: ignore[attr-defined]
    if any(PurePosixPath(path.as_posix()).match(pattern) for pattern in config.execution_excludepatterns):
        return None
    text = path.read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), env.myst_config, config, text)  # type: ignore[attr-defined]
    return None if reader is None else (path, reader.read(text))


def execute_missing(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Fill the cache for ``docnames`` (handler of ``env-before-read-docs``)."""
    config: Any = env.mystnb_config  # type: ignore[attr-defined]
    if config.execution_mode != "cache":
        return
    cache = get_cache(config.execution_cache_path)
    missing: dict[str, tuple[Path, Any]] = {}
    for docname in sorted(docnames):
        if (found := _read(env, docname)) is None:
            continue
        try:
            cache.match_cache_notebook(found[1])
        except KeyError:
            missing[docname] = found
    if not missing:
        return

    workers = max(1, min(len(missing), os.cpu_count() or 1))
    LOGGER.info("executing %d notebooks, %d at a time", len(missing), workers)
    started = time.perf_counter()

    def run(path: Path, notebook: Any) -> ExecutionResult:
        return single_nb_execution(
            notebook,
            cwd=str(path.parent),
            timeout=config.execution_timeout,
            allow_errors=False,
            extra_arguments=KERNEL_ARGUMENTS,
        )

    with ThreadPoolExecutor(workers) as pool:
        jobs = {pool.submit(run, *found): docname for docname, found in missing.items()}
        for number, job in enumerate(as_completed(jobs), 1):
            docname, result = jobs[job], job.result()
            if result.err is not None:
                LOGGER.info("  %d/%d %s failed, details follow", number, len(jobs), docname)
                continue
            bundle = CacheBundleIn(result.nb, str(missing[docname][0]), data={"execution_seconds": result.time})
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            LOGGER.info("  %d/%d %s %.1f s", number, len(jobs), docname, result.time)
    LOGGER.info("executed in %.1f s", time.perf_counter() - started)
