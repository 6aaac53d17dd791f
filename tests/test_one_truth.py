"""One truth: a published number stands in `published`, a physical one in `compute`, and nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from scaling_lib import compute, published
from scaling_lib.laws import Law

PACKAGE = Path(__file__).resolve().parents[1] / "scaling_lib"
#: Rooms of the mathematics; explorers, checks and chapters state numbers that belong to an exercise.
ROOMS = ("laws", "compute", "allocate", "planner", "capability", "units.py", "sampling", "_validate.py")


def _numbers(path: Path) -> list[tuple[int, float]]:
    """Numbers in the code, not in docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [(node.lineno, float(node.value)) for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and type(node.value) in (int, float)]


def _files() -> list[Path]:
    return sorted(path for room in ROOMS
                  for path in ([PACKAGE / room] if room.endswith(".py") else (PACKAGE / room).rglob("*.py")))


def _constants() -> dict[float, str]:
    """Every published number of three digits or more: shorter ones occur by chance."""
    found: dict[float, str] = {}
    for name in published.names():
        value = published.about(name).value
        numbers = value.parameters.values() if isinstance(value, Law) else [value] if isinstance(value, float) else []
        found |= {float(v): name for v in numbers if len(f"{v:.12g}".strip("0.").replace(".", "").split("e")[0]) >= 3}
    return found


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_formula_holds_a_papers_number(path: Path) -> None:
    known = _constants()
    assert len(known) > 30
    for line, value in _numbers(path):
        assert value not in known or value == compute.PF_DAY, f"line {line}: {value} is {known[value]}"


@pytest.mark.parametrize("value", [3600.0, 86400.0, compute.PF_DAY])
def test_units_of_time_live_once(value: float) -> None:
    places = [path.name for path in _files() for _, number in _numbers(path) if number == value]
    assert places in ([], ["hardware.py"])


def test_six_flop_for_each_parameter_and_token_live_once() -> None:
    """No formula multiplies by 6 or divides by it: the count of FLOP has a name."""
    assert compute.FLOP_PER_PARAM_TOKEN == 3 * compute.FLOP_PER_PARAM_SERVED_TOKEN == 6
    for path in _files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
                for side in (node.left, node.right):
                    assert not (isinstance(side, ast.Constant) and side.value == 6), f"{path.name}, line {node.lineno}"
