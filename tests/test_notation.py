"""Every name on the page of symbols exists, and leads to the page that describes it."""

from __future__ import annotations

import dataclasses
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[1] / "book" / "notation.md").read_text(encoding="utf-8")
NAMES = re.findall(r"\{py:obj\}`([^`<]+) <(scaling_lib\.[^`>]+)>`", PAGE)
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "symbol |" not in line and "unit | what" not in line]


def look_up(path: str) -> object:
    """The object of a dotted path that begins with a module of the package."""
    parts = path.split(".")
    found: object = import_module(".".join(parts[:2]))
    for part in parts[2:]:
        found = getattr(found, part)
    return found


@pytest.mark.parametrize(("shown", "target"), NAMES)
def test_a_name_exists_and_its_link_is_its_own(shown: str, target: str) -> None:
    name, _, argument = shown.rstrip(")").partition("(")
    module = ".".join(target.split(".")[:2])
    thing = look_up(target)
    if argument:  # an argument of a function
        assert argument.endswith("=") and argument[:-1] in inspect.signature(thing).parameters  # type: ignore[arg-type]
        assert f"{module}.{name}" == target
        return
    owner, _, attribute = name.partition(".")
    assert target in (f"{module}.{owner}", f"{module}.{name}"), "the link leads to something else"
    if attribute:
        kind = look_up(f"{module}.{owner}")
        fields = {field.name for field in dataclasses.fields(kind)} if dataclasses.is_dataclass(kind) else set()
        assert attribute in fields or hasattr(kind, attribute)


def test_every_symbol_has_a_name_and_the_page_its_share() -> None:
    assert len(NAMES) > 45
    symbols = ROWS[: next(i for i, row in enumerate(ROWS) if row.startswith("| FLOP |"))]
    assert [row for row in symbols if "{py:obj}" not in row] == []
    assert all(row.count("|") == 5 for row in symbols), "a row has four cells"
