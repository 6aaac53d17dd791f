"""What a bank is made of. ``bank_chNN_slug.py`` has `RIGHT` and `WRONG`: from each exercise's id to a list of `Entry`.

A bank is found by its name; nothing else has to be told of it. Write the answers as learners write them, apart from
the checks' own mistakes, or the test compares the check with itself.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from scaling_lib.checks import Given

HERE = Path(__file__).parent


class Entry(NamedTuple):
    """One answer to one exercise.

    `what` says in a word or two what it is. `answers` takes the exercise's numbers and returns what `check` is given.
    `diagnosis` is the name of the mistake that a wrong answer is to be told, or "" where it is only to be rejected.
    """

    what: str
    answers: Callable[[Given], tuple[Any, ...]]
    diagnosis: str = ""


def swap(answers: tuple[Any, ...], **changes: Any) -> tuple[Any, ...]:
    """The answers with some replaced, by position ``a0``, ``a1`` and so on."""
    out = list(answers)
    for name, value in changes.items():
        out[int(name[1:])] = value
    return tuple(out)


def swapping(
    make: Callable[[Given], tuple[Any, ...]], **changes: Callable[[Given], Any]
) -> Callable[[Given], tuple[Any, ...]]:
    """`make` with some of its answers replaced: each change, too, takes the exercise's numbers."""
    return lambda n: swap(make(n), **{name: change(n) for name, change in changes.items()})


def banks(folder: Path = HERE) -> dict[str, ModuleType]:
    """Every bank there is, by the stem of its chapter's files, such as ``"ch05_chinchilla"``."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    found = {}
    for path in sorted(folder.glob("bank_ch[0-9][0-9]_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found[path.stem.removeprefix("bank_")] = module
    return found
