"""The tools that build the site: scripts by lock, the key of executed notebooks, what a builder sees, the mark."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import assets  # noqa: E402
import build_book  # noqa: E402
import course_cache  # noqa: E402
import mark  # noqa: E402

# ------------------------------------------------------------------------------------------------ third-party scripts


def test_lock_pins_content_and_names_no_host() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    lock = json.loads(text)
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert "http" not in text and "resolved" not in text
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    for name, version in wanted.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), "pin exactly"
        assert packages[f"node_modules/{name}"]["version"] == version


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a lock, and beside it an unpacked package as npm would leave it."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy2(ROOT / name, tmp_path)
    package = tmp_path / "package"
    for part in assets.MATHJAX_PARTS:
        target = package / "es5" / part
        if target.suffix:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("script", encoding="utf-8")
        else:
            target.mkdir(parents=True)
            (target / "file").write_text("part", encoding="utf-8")
    (package / "LICENSE").write_text("licence", encoding="utf-8")
    (package / "es5" / "unused.js").write_text("unused", encoding="utf-8")
    return tmp_path


def installed(project: Path) -> None:
    assets.copy_parts(project / "package", project / "_assets")
    (project / "_assets" / assets.STAMP).write_text(assets.lock_hash(project), encoding="utf-8")


def test_assets_are_the_needed_parts_alone(project: Path) -> None:
    assert not assets.is_current(project)
    installed(project)
    assert assets.is_current(project)
    assert (project / "_assets" / "mathjax" / "LICENSE").is_file()
    assert not list(project.glob("_assets/**/unused.js"))


def test_assets_are_stale_when_lock_or_parts_change(project: Path) -> None:
    installed(project)
    shutil.rmtree(project / "_assets" / "mathjax" / "output")
    assert not assets.is_current(project)
    installed(project)
    with (project / "package-lock.json").open("a", encoding="utf-8") as lock:
        lock.write(" ")
    assert not assets.is_current(project)


def test_missing_part_is_named(project: Path) -> None:
    (project / "package" / "es5" / "tex-chtml.js").unlink()
    with pytest.raises(RuntimeError, match="mathjax has no tex-chtml.js"):
        assets.copy_parts(project / "package", project / "_assets")


def test_failing_npm_is_reported_in_its_own_words(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "npm_command", lambda: [sys.executable, "-c", "import sys; sys.exit('no network here')"])
    with pytest.raises(RuntimeError, match="no network here"):
        assets.ensure(project)
    assert not assets.is_current(project)


def test_npm_of_this_environment_starts() -> None:
    done = subprocess.run([*assets.npm_command(), "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and re.match(r"\d+\.", done.stdout)


# ------------------------------------------------------------------------------------------------ the cache's key


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in {
        "scaling_lib/laws/power.py": "A = 1\n",
        "scaling_lib/datasets/runs.csv": "N,L\n1,2\n",
        "requirements.txt": "numpy==2\n",
        "constraints.txt": "scipy==1\n",
        "book/page.md": "text\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["scaling_lib/laws/power.py", "scaling_lib/datasets/runs.csv", "requirements.txt", "constraints.txt"])
def test_key_follows_code_data_and_pins(tree: Path, name: str) -> None:
    before = course_cache.execution_key(tree)
    with (tree / name).open("a", encoding="utf-8") as file:
        file.write("1\n")
    assert course_cache.execution_key(tree) != before


def test_key_follows_names_and_new_files(tree: Path) -> None:
    keys = {course_cache.execution_key(tree)}
    (tree / "scaling_lib" / "laws" / "power.py").rename(tree / "scaling_lib" / "laws" / "other.py")
    keys.add(course_cache.execution_key(tree))
    (tree / "scaling_lib" / "new.py").touch()
    keys.add(course_cache.execution_key(tree))
    assert len(keys) == 3


def test_key_ignores_prose_bytecode_and_place(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = course_cache.execution_key(tree)
    (tree / "book" / "page.md").write_text("other text\n", encoding="utf-8")
    (tree / "scaling_lib" / "__pycache__").mkdir()
    (tree / "scaling_lib" / "__pycache__" / "power.pyc").write_bytes(b"x")
    assert course_cache.execution_key(tree) == before
    copy = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(tree, copy)
    assert course_cache.execution_key(copy) == before


def test_pruning_keeps_the_present_and_the_latest(tree: Path) -> None:
    import os

    present = course_cache.cache_folder(tree)
    present.mkdir(parents=True)
    os.utime(present, (0, 0))
    for age in range(1, 6):
        folder = course_cache.caches(tree) / f"old{age}"
        folder.mkdir()
        os.utime(folder, (1000 - age, 1000 - age))
    assert course_cache.prune(tree, keep=3) == ["old3", "old4", "old5"]
    assert present.is_dir() and course_cache.prune(tree, keep=3) == []


# ------------------------------------------------------------------------------------------------ what a builder sees


def test_output_keeps_pages_warnings_and_errors() -> None:
    lines = [
        "\x1b[01mRunning Sphinx v7.4.7\x1b[39;49;00m",
        "[IPKernelApp] WARNING | Kernel is running over TCP without encryption. All communication",
        "reading sources... [ 50%] book/index",
        "writing output... [100%] book/ch05",
        "",
        "/x/book/ch05.md:3: WARNING: image without alt text",
        "executing 3 notebooks, 2 at a time",
    ]
    assert list(build_book.quiet(lines)) == [
        "reading book/index",
        "writing book/ch05",
        "/x/book/ch05.md:3: WARNING: image without alt text",
        "executing 3 notebooks, 2 at a time",
    ]


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1).filter(str.strip))
def test_no_warning_is_ever_hidden(message: str) -> None:
    line = f"/x/book/page.md:7: WARNING: {message}"
    if "Kernel is running over TCP" not in message:
        assert list(build_book.quiet([line])) == [line.rstrip()]


# ------------------------------------------------------------------------------------------------ explorers' scripts


@pytest.mark.parametrize(
    "tail", ["export default { render };", "export default { render }", "export default{render:own.render};\n", "export default own\n"]
)
def test_module_becomes_classic_script(tail: str) -> None:
    from course_theme import classic_script

    script = classic_script(f"export const a = 1;\nexport function own() {{ return 'export default'; }}\n{tail}")
    assert script.startswith("(() => {") and script.endswith("})();\n")
    assert "const a = 1;" in script and "'export default'" in script
    assert not re.search(r"^\s*export\b", script, re.MULTILINE)


@pytest.mark.parametrize("line", ["import x from './x.js';", 'import "./x.js";', "export * from './x.js';", "export { a as b };"])
def test_module_that_cannot_be_classic_is_refused(line: str) -> None:
    from course_theme import classic_script

    with pytest.raises(ValueError, match="explorer.js line 2"):
        classic_script(f"const a = 1;\n{line}\nexport default {{ render }};\n")


# ------------------------------------------------------------------------------------------------ figures


def test_figures_load_late_and_keep_their_place(tmp_path: Path) -> None:
    from course_theme import lazy_images
    from PIL import Image

    Image.new("RGB", (30, 20)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    sources = {name: tmp_path / name for name in ("a.png", "b.png", "gone.png")}
    body = '<img alt="x" src="../_images/a.png" /><img src="_images/b.png"><img src="_images/gone.png"><img src="mark.svg">'
    first, second, third, other = lazy_images(body, sources).replace("><", ">\n<").split("\n")
    assert first == '<img loading="lazy" decoding="async" width="30" height="20" alt="x" src="../_images/a.png" />'
    assert second == '<img loading="lazy" decoding="async" src="_images/b.png">' and 'loading="lazy"' in third
    assert other == '<img src="mark.svg">'
    assert lazy_images(lazy_images(body, sources), sources) == lazy_images(body, sources)


# ------------------------------------------------------------------------------------------------ exercise pages


def test_launch_links_only_where_a_service_can_open_them() -> None:
    from course_pages import launch_links

    links = dict(launch_links("https://github.com/someone/course", "main", "exercises/ch05_chinchilla.ipynb"))
    assert links["Colab"].endswith("/github/someone/course/blob/main/exercises/ch05_chinchilla.ipynb")
    assert links["Binder"].endswith("/gh/someone/course/main?urlpath=lab/tree/exercises/ch05_chinchilla.ipynb")
    assert launch_links("", "main", "x.ipynb") == launch_links("https://example.org/a/b", "main", "x.ipynb") == []


# ------------------------------------------------------------------------------------------------ the mark


def test_mark_is_as_drawn_and_well_formed() -> None:
    assert mark.main(["--check"]) == 0
    for name, text in mark.drawings().items():
        root = ET.fromstring(text)
        assert root.attrib["viewBox"] == "0 0 64 64", name
        numbers = [float(number) for d in root.iter() for number in re.findall(r"-?\d+\.\d", d.attrib.get("d", ""))]
        assert numbers and min(numbers) >= 0 and max(numbers) <= 64
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_changed_mark_is_noticed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(mark, "drawings", lambda: {"mark.svg": "<svg/>"})
    assert mark.main(["--check"]) == 1
    assert "python tools/mark.py" in capsys.readouterr().err


@given(st.floats(18, 26), st.floats(0.05, 0.6))
def test_valley_has_its_minimum_inside_and_equal_ends(exponent: float, share: float) -> None:
    budget = 10**exponent
    curve = mark.valley(budget, share, 21)
    lowest = mark.minimum(budget)
    ends = np.exp(curve[[0, -1], 1] - lowest[1]) - 1
    assert np.allclose(ends, share, rtol=0.02)
    assert curve[:, 1].min() >= lowest[1] - 1e-12
    assert curve[0, 0] < lowest[0] < curve[-1, 0]


# ------------------------------------------------------------------------------------------------ examples


@pytest.mark.parametrize("name", ["build_book", "course_html", "course_theme"])
def test_examples_in_docstrings(name: str) -> None:
    import doctest
    import importlib

    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0 and result.failed == 0
