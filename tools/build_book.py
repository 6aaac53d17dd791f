"""Build the site: third-party scripts, the notebooks that changed, the pages. ``make book`` calls this.

What is done is said while it is done, with the time it took; warnings are errors; a failure fails the command.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import assets  # noqa: E402
import course_cache  # noqa: E402

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
#: Lines that say nothing to a builder: Sphinx's own bookkeeping and ipykernel's advice about TCP.
_NOISE = re.compile(
    r"Kernel is running over TCP without encryption"
    r"|^(?:Source Folder|Config Path|Output Path|Running Jupyter-Book|Running Sphinx)"
    r"|Using cached notebook: ID=|Excluded from execution by pattern|will overwrite data, as a file already exists|^done$"
    r"|^(?:loading pickled environment|building \[|writing output\.\.\.$|loading translations|updating environment"
    r"|looking for now-outdated|pickling environment|checking consistency|preparing documents|copying "
    r"|generating indices|writing additional pages|dumping |myst |myst-nb |sphinx-multitoc-numbering|locale_dir"
    r"|checking bibtex cache|parsing bibtex|\[etoc\]|The HTML pages are in|making output directory|Using jupyter-cache"
    r"|\[autosummary\]|build succeeded|=+$|Finished generating|Your book's HTML|You can look at|Or paste this line"
    r"|_build/html|file://)"
)
_PROGRESS = re.compile(r"^(reading sources|writing output)\.\.\. *\[ *(\d+)%\] (.*)$")


def quiet(lines: Iterable[str]) -> Iterator[str]:
    """Drop noise, blank lines and colours; keep pages as they are read and written, warnings and errors.

    Examples
    --------
    >>> list(quiet(["Running Sphinx v7", "", "page.md:3: WARNING: lost label"]))
    ['page.md:3: WARNING: lost label']
    """
    for line in lines:
        text = _COLOUR.sub("", line).rstrip()
        if not text.strip() or _NOISE.search(text.lstrip()):
            continue
        if (step := _PROGRESS.match(text)) is not None:
            if step.group(3).strip():
                yield f"{step.group(1).split()[0]} {step.group(3).strip()}"
            continue
        yield text


class Clock:
    """Prints a stage and the seconds since the start."""

    def __init__(self) -> None:
        self.start = time.perf_counter()

    def say(self, text: str) -> None:
        print(f"[book {time.perf_counter() - self.start:6.1f} s] {text}", flush=True)


def build(root: Path, clock: Clock, *, fresh: bool = False) -> int:
    """Build the book at ``root`` into ``root/_build/html``; return the exit status."""
    clock.say("third-party scripts")
    try:
        installed = assets.ensure(root)
    except RuntimeError as error:
        clock.say(str(error))
        return 1
    clock.say("  installed by package-lock.json" if installed else "  up to date")

    folder = course_cache.cache_folder(root)
    known = folder.is_dir()
    clock.say(f"notebooks: state {folder.name} of scaling_lib and pins" + ("" if known else ", new: all are executed"))
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    for name in course_cache.prune(root):
        clock.say(f"  deleted the results of the older state {name}")

    clock.say("pages")
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command += ["build", str(root), "-W", "-n", "--keep-going"]
    if fresh:
        command.append("--all")
    # Pages show the scaling_lib of this folder, whatever else is installed.
    path = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=root, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        for line in quiet(process.stdout):
            clock.say(f"  {line}")
    if process.returncode:
        clock.say("failed: see the warnings and errors above; the site is not complete")
    return process.returncode


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Build the site into _build/html.")
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="the project's folder (default: this one)")
    parser.add_argument("--all", action="store_true", dest="fresh", help="read and write every page anew")
    options = parser.parse_args(arguments)
    root, clock = options.root.resolve(), Clock()
    if status := build(root, clock, fresh=options.fresh):
        return status
    clock.say(f"done: {root / '_build' / 'html' / 'index.html'}")
    print("Look at it with `make serve`, or publish the folder _build/html as it is.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
