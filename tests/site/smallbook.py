"""A copy of the project with two pages of its own, built by the project's own tool."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copy_project(target: Path) -> Path:
    """Copy what a build reads, with the tests' own pages in place of the chapters; not a git repository."""
    for name in ("_config.yml", "package.json", "package-lock.json", "requirements.txt", "constraints.txt"):
        shutil.copy2(ROOT / name, target)
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / "scaling_lib", target / "scaling_lib", ignore=ignore)
    for folder in ("_ext", "_static", "_templates"):
        shutil.copytree(ROOT / "book" / folder, target / "book" / folder, ignore=ignore)
    for page in (ROOT / "tests" / "site" / "pages").glob("*.md"):
        shutil.copy2(page, target / "book")
    (target / "book" / "references.bib").write_text("", encoding="utf-8")
    (target / "_toc.yml").write_text("format: jb-book\nroot: book/index\nchapters:\n  - file: book/sampler\n", encoding="utf-8")
    if (ROOT / "_assets").is_dir():
        shutil.copytree(ROOT / "_assets", target / "_assets")
    return target


def build(root: Path) -> subprocess.CompletedProcess[str]:
    """Build a copy as ``make book`` does."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_"))}
    command = [sys.executable, str(ROOT / "tools" / "build_book.py"), str(root)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=300)
