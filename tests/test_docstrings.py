"""Docstrings: every public name says what it is, what it takes, what it refuses; every example in the package runs."""

from __future__ import annotations

import ast
import doctest
import enum
import importlib
import inspect
import os
import pkgutil
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import scaling_lib
from scaling_lib import _validate

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from course_package import PACKAGE, members, modules_of, public_names, rooms  # noqa: E402

_HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
_ENTRY = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: : .*)?$")
#: Functions that refuse bad input; `computed` refuses what overflows and `broadcast` what does not fit together.
VALIDATORS = {name for name in dir(_validate) if inspect.isfunction(getattr(_validate, name))} - {"unwrap"}


def sections(text: str) -> dict[str, str]:
    """Title -> body of the numpydoc sections; what comes before the first stands under ""."""
    parts = _HEADING.split(inspect.cleandoc(text))
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def entries(body: str) -> set[str]:
    """Names that a section of parameters describes, each with at least a type or a line of text."""
    found: set[str] = set()
    for line in body.splitlines():
        if (match := _ENTRY.match(line)) is not None:
            found |= {name.strip("* ") for name in match.group(1).split(",")}
    return found


def taken(thing: Any) -> set[str]:
    """Names of the arguments that a caller may give."""
    if inspect.isclass(thing) and thing.__init__ is object.__init__ and not hasattr(thing, "_fields"):
        return set()
    names = inspect.signature(thing).parameters
    return {name for name in names if not name.startswith("_") and name not in {"self", "cls"}}


def refuses(source: Any) -> bool:
    """Whether its own code raises ValueError or calls a validator."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(source)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None and "ValueError" in ast.dump(node.exc):
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in VALIDATORS:
            if inspect.unwrap(source).__globals__.get(node.func.id) is getattr(_validate, node.func.id):
                return True
    return False


def things() -> Iterator[Any]:
    seen: set[int] = set()
    for room in rooms():
        for full in modules_of(room):
            module = importlib.import_module(full)
            for name in public_names(module):
                thing = getattr(module, name)
                if (inspect.isclass(thing) or inspect.isroutine(thing)) and id(thing) not in seen:
                    seen.add(id(thing))
                    yield pytest.param(thing, id=f"{full.removeprefix(PACKAGE + '.')}.{name}")


THINGS = list(things())
CLASSES = [each for each in THINGS if inspect.isclass(each.values[0])]


def package_modules() -> list[str]:
    found = [scaling_lib.__name__]
    for info in pkgutil.walk_packages(scaling_lib.__path__, f"{PACKAGE}."):
        if not info.name.endswith("__main__"):
            found.append(info.name)
    return found


@pytest.mark.parametrize("thing", THINGS)
def test_the_first_line_is_a_sentence(thing: Any) -> None:
    first = (thing.__doc__ or "").strip().split("\n\n")[0]
    assert len(first.split()) >= 2, "no summary"
    assert not first.startswith(f"{thing.__name__}("), "the signature that dataclass writes is no summary"
    assert first.rstrip().endswith((".", ":", "?")), first


@pytest.mark.parametrize("thing", THINGS)
def test_every_argument_is_described_and_no_other(thing: Any) -> None:
    if inspect.isclass(thing) and issubclass(thing, (enum.Enum, BaseException)):
        return
    described = sections(thing.__doc__ or "")
    named = entries(described.get("Parameters", ""))
    if inspect.isclass(thing):
        for kind in thing.__mro__:  # what a class inherits is described where it comes from
            inherited = sections(kind.__doc__ or "") if kind.__module__.startswith(PACKAGE) else {}
            named |= entries(inherited.get("Parameters", "")) | entries(inherited.get("Attributes", ""))
    wanted = taken(thing)
    assert wanted - named == set(), "arguments without a description"
    if not inspect.isclass(thing):
        assert named - wanted == set(), "descriptions of what the function does not take"


@pytest.mark.parametrize("thing", THINGS)
def test_what_is_refused_is_said(thing: Any) -> None:
    source: Any = thing
    if inspect.isclass(thing):
        source = vars(thing).get("__post_init__") or vars(thing).get("__init__")
        if source is None or not hasattr(source, "__code__") or "<string>" in source.__code__.co_filename:
            return
    if refuses(source):
        assert "Raises" in sections(thing.__doc__ or ""), "validates, but does not say so"


@pytest.mark.parametrize("thing", CLASSES)
def test_methods_say_what_they_do(thing: type) -> None:
    assert [name for name in members(thing) if len((inspect.getdoc(getattr(thing, name)) or "").split()) < 2] == []


@pytest.mark.parametrize("name", package_modules())
def test_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCALING_LIB_PROGRESS", str(tmp_path / "progress.json"))
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0, f"{outcome.failed} of {outcome.attempted} examples of {name} failed: see the output"
    assert os.listdir(tmp_path) in ([], ["progress.json"]), "an example left files behind"


@pytest.mark.parametrize("page", sorted((ROOT / "book" / "api").glob("*.rst")), ids=lambda page: page.stem)
def test_examples_of_the_pages_run(page: Path) -> None:
    assert doctest.testfile(str(page), module_relative=False).failed == 0


@pytest.mark.parametrize("name", [name for name in package_modules() if ".checks.ch" not in name])
def test_every_module_opens_with_what_it_is_for(name: str) -> None:
    module: ModuleType = importlib.import_module(name)
    assert len((module.__doc__ or "").split()) >= 4


def test_the_checks_can_fail() -> None:
    """What this file looks for is found in a docstring that is wrong."""

    def wrong(N: float, D: float) -> float:
        """Compute.

        Parameters
        ----------
        N, L : float
            Sizes.
        """
        raise ValueError(N * D)

    described = entries(sections(wrong.__doc__ or "")["Parameters"])
    assert taken(wrong) - described == {"D"} and described - taken(wrong) == {"L"}
    assert refuses(wrong) and "Raises" not in sections(wrong.__doc__ or "")
    assert taken(scaling_lib.ChinchillaLaw) == {"E", "A", "B", "alpha", "beta"}
