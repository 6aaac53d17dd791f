"""Where the exercises are: one module a chapter, read when one of its exercises is first asked for."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module

from ._model import Exercise

__all__ = ["chapter", "chapters", "exercise", "exercises", "module_of"]

_read: dict[str, dict[str, Exercise]] = {}


def chapters() -> tuple[str, ...]:
    """The chapters that have exercises, such as ``("ch05",)``."""
    return tuple(sorted(_modules()))


def _modules() -> dict[str, str]:
    package = import_module(__package__ or "scaling_lib.checks")
    return {name[:4]: name for _, name, _ in pkgutil.iter_modules(package.__path__) if re.match(r"ch\d\d_", name)}


def module_of(chapter_name: str) -> str:
    """Name of a chapter's module, which is also the stem of its files, such as ``"ch05_chinchilla"``.

    Parameters
    ----------
    chapter_name : str
        The chapter, such as ``"ch05"``.

    Raises
    ------
    ValueError
        If the chapter has no exercises.
    """
    modules = _modules()
    if chapter_name not in modules:
        raise ValueError(
            f"There are no exercises of {chapter_name!r}: there are those of {', '.join(sorted(modules))}."
        )
    return modules[chapter_name]


def chapter(name: str) -> tuple[Exercise, ...]:
    """The exercises of a chapter, in its order.

    Parameters
    ----------
    name : str
        The chapter, such as ``"ch05"``.

    Raises
    ------
    ValueError
        If the chapter has no exercises, or their ids repeat.
    """
    if name not in _read:
        module = import_module(f"{__package__}.{module_of(name)}")
        found: tuple[Exercise, ...] = module.EXERCISES
        ids = [item.id for item in found]
        if len(set(ids)) < len(ids) or any(item.chapter != name for item in found):
            raise ValueError(f"Exercises of {name}: ids repeat or belong to another chapter: {ids}.")
        _read[name] = {item.id: item for item in found}
    return tuple(_read[name].values())


def exercises() -> tuple[Exercise, ...]:
    """Every exercise, in the order of the chapters."""
    return tuple(item for name in chapters() for item in chapter(name))


def exercise(id: object) -> Exercise:
    """The exercise of that id.

    Parameters
    ----------
    id : str
        The exercise, such as ``"ch05.optimum"``.

    Raises
    ------
    ValueError
        If there is none; the nearest is named.
    """
    if isinstance(id, str) and re.match(r"ch\d\d\.", id) and id[:4] in _modules():
        for item in chapter(id[:4]):
            if item.id == id:
                return item
    import difflib

    ids = [item.id for item in exercises()]
    names = {item.partition(".")[2]: item for item in reversed(ids)}  # what follows the chapter is what gets mistyped
    near = difflib.get_close_matches(str(id).rpartition(".")[2], names, n=1)
    remedy = f" Did you mean {names[near[0]]!r}?" if near else f" There are {', '.join(ids)}."
    raise ValueError(f"There is no exercise {str(id)[:60]!r}.{remedy}")
