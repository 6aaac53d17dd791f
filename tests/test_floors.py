"""The house of AGENTS.md: a module imports from its own floor or from below, and the ground floor stays light."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "scaling_lib"
#: These pictures belong to a sweep and are drawn where it is read, so they may look one floor up.
MAY_DRAW = ("lab.experiments", "lab.cli")
HEAVY = ("torch", "matplotlib", "scipy", "pandas", "ipywidgets", "anywidget", "traitlets", "IPython", "tqdm")
MOST_LINES = 450


def _floors() -> dict[str, int]:
    rows = re.findall(r"^\| (\d) \| (.+) \|$", (ROOT / "AGENTS.md").read_text(encoding="utf-8"), re.MULTILINE)
    return {name.rstrip("/"): int(floor) for floor, cell in rows for name in re.findall(r"`([\w/]+)`", cell)}


FLOORS = _floors()
MODULES = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in sorted(PACKAGE.rglob("*.py"))}


def _room(module: str) -> str:
    first = module.split(".")[0]
    return "published" if first == "_constants" else first


def _imports(module: str, path: Path) -> list[tuple[int, str]]:
    """Every import of the package's own modules, lazy ones and those for type checking too: (line, module)."""
    parts = ["scaling_lib", *module.split(".")]
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, name.name) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            here = parts[: len(parts) - node.level] if node.level else []
            base = [*here, *(node.module.split(".") if node.module else [])]
            names = [name.name for name in node.names] if len(base) == 1 else [""]
            found += [(node.lineno, ".".join([*base, name]).rstrip(".")) for name in names]
    own = [(line, name.removeprefix("scaling_lib").lstrip(".")) for line, name in found
           if name.split(".")[0] == "scaling_lib"]
    return [(line, name) for line, name in own if name and name != "__version__"]


def test_every_module_has_a_floor() -> None:
    assert len(FLOORS) >= 15
    rooms = {_room(name) for name in MODULES} - {"__init__"}
    assert rooms == set(FLOORS), "AGENTS.md's table and the package disagree"


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"__init__"}))
def test_a_module_imports_nothing_from_above(module: str) -> None:
    mine = FLOORS[_room(module)]
    for line, name in _imports(module, MODULES[module]):
        room = _room(name)
        if room == "plots" and module.startswith(MAY_DRAW):
            continue
        assert room in FLOORS, f"{module}, line {line}: import {name} from the module that holds it"
        assert FLOORS[room] <= mine, f"{module} (floor {mine}), line {line}: {name} is on floor {FLOORS[room]}"


def test_rooms_import_each_other_one_way_only() -> None:
    """No two rooms import each other, on whichever floor."""
    edges = {(_room(module), _room(name)) for module, path in MODULES.items() if module != "__init__"
             for _, name in _imports(module, path)}
    assert not {tuple(sorted(edge)) for edge in edges if edge[0] != edge[1] and edge[::-1] in edges}


def test_the_check_sees_what_it_should(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def f():\n    from ..plots import loglog\n    from .. import planner\n    import scaling_lib.lab\n",
                   encoding="utf-8")
    assert [name for _, name in _imports("laws.bad", bad)] == ["plots", "planner", "lab"]


def test_import_is_light_and_quick() -> None:
    code = (
        "import time; start = time.perf_counter(); import scaling_lib; took = time.perf_counter() - start\n"
        f"import sys; heavy = [name for name in {HEAVY!r} if name in sys.modules]; print(took, *heavy)"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
            .stdout.split() for _ in range(3)]
    assert all(len(run) == 1 for run in runs), f"import scaling_lib loads {runs[0][1:]}"
    assert min(float(run[0]) for run in runs) < 0.3


@pytest.mark.parametrize("room", ["laws", "compute", "units", "sampling", "capability", "published", "allocate",
                                  "prose"])
def test_the_mathematics_alone_is_light(room: str) -> None:
    code = f"import sys, scaling_lib.{room}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


@pytest.mark.parametrize("module", sorted(name for name in MODULES if FLOORS.get(_room(name), 0) <= 3))
def test_a_module_of_the_mathematics_can_be_held_in_mind(module: str) -> None:
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= MOST_LINES
