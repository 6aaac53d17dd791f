"""Where executed notebooks are kept: one folder per state of everything a notebook's output can depend on.

jupyter-cache recognises a notebook by the code in its cells alone. A change in ``scaling_lib``, in its tables or in the
pins would leave old numbers on the pages, so the folder's name is a hash of all of them.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

#: Files beside ``scaling_lib`` that decide what a cell computes.
PINS = ("requirements.txt", "constraints.txt")
KEPT = 3  # keyed folders that survive pruning: switching between two branches stays warm


def _hash(root: Path, files: Iterable[Path], *extra: str) -> str:
    digest = hashlib.sha256()
    for text in extra:
        digest.update(text.encode() + b"\0")
    for path in sorted(files):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def execution_key(root: Path) -> str:
    """Hash of ``scaling_lib/**`` (code and data), the pins and the Python version; works without git."""
    package = root / "scaling_lib"
    files = [
        path
        for path in package.rglob("*")
        if path.is_file()
        and path.suffix != ".pyc"
        and not any(part == "__pycache__" or part.startswith(".") for part in path.relative_to(package).parts)
    ]
    files += [root / name for name in PINS if (root / name).is_file()]
    return _hash(root, files, f"python {sys.version_info.major}.{sys.version_info.minor}")


def extension_key(root: Path) -> str:
    """Hash of the site's own extension and templates: when these change, every page is written again."""
    files = [path for folder in ("_ext", "_templates") for path in (root / "book" / folder).rglob("*")]
    return _hash(root, (path for path in files if path.is_file() and path.suffix in {".py", ".html"}))


def caches(root: Path) -> Path:
    """The folder that holds the keyed folders."""
    return root / "_build" / ".jupyter_cache"


def cache_folder(root: Path) -> Path:
    """The folder of the present state."""
    return caches(root) / execution_key(root)


def prune(root: Path, keep: int = KEPT) -> list[str]:
    """Delete keyed folders but the present one and the most recently used others; return the names deleted."""
    present = cache_folder(root)
    others = [path for path in caches(root).glob("*") if path.is_dir() and path != present]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    gone = others[max(keep - 1, 0) :]
    for path in gone:
        shutil.rmtree(path)
    return sorted(path.name for path in gone)
