"""What ``scaling_lib`` makes public, where it is written, and under which one name the book documents it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from functools import cache
from types import ModuleType
from typing import Any

from sphinx.pycode import ModuleAnalyzer

PACKAGE = "scaling_lib"
#: Public modules below a room that its page shows with it, beside those that the room's ``__all__`` names.
INNER = {"fitting": ("simulate",), "lab": ("experiments",)}
#: Modules that are no room: the command line.
NO_ROOM = ("__main__",)

UNDERLINE = re.compile(r"([-=~^])\1{2,}\s*$")
_SENTENCE_END = re.compile(r"(?<=[a-z0-9`)\]])\.\s+(?=[A-Z`])")


@cache
def rooms() -> tuple[str, ...]:
    """The public modules, from the package's folder; a new one needs a page, or the build warns."""
    package = importlib.import_module(PACKAGE)
    found = (info.name for info in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in found if not name.startswith("_") and name not in NO_ROOM))


@cache
def modules_of(room: str) -> tuple[str, ...]:
    """Full names of a room and of what is shown with it."""
    module = importlib.import_module(f"{PACKAGE}.{room}")
    listed = (name for name in getattr(module, "__all__", ()) if inspect.ismodule(getattr(module, name)))
    return (module.__name__, *(f"{module.__name__}.{inner}" for inner in sorted({*listed, *INNER.get(room, ())})))


def public_names(module: ModuleType) -> list[str]:
    """``__all__`` without modules; of `published`, which has none, what is not a constant."""
    if hasattr(module, "__all__"):
        return sorted((name for name in module.__all__ if not inspect.ismodule(getattr(module, name))), key=str.lower)
    constants = set(module.names())
    homes = (f"{PACKAGE}._constants", module.__name__)
    own = [name for name, value in vars(module).items() if not name.startswith("_") and name not in constants]
    return sorted(name for name in own if str(getattr(getattr(module, name), "__module__", "")).startswith(homes))


@cache
def homes() -> dict[int, str]:
    """Identity of a public class or function -> the name under which it is documented.

    A name that a room has from the room it belongs to (`sampling` has the coverage laws of `laws`) is documented there.
    """
    found: dict[int, str] = {}
    for room in rooms():
        for full in modules_of(room):
            module = importlib.import_module(full)
            for name in public_names(module):
                thing = getattr(module, name)
                if not (inspect.isclass(thing) or inspect.isroutine(thing)):
                    continue
                owner = thing.__module__.split(".")[1]
                if owner == room or owner not in rooms():
                    found.setdefault(id(thing), f"{full}.{name}")
    return found


@cache
def aliases() -> dict[str, str]:
    """Other spellings of public names: by the file they stand in, and from the top of the package."""
    found: dict[str, str] = {}
    for room in rooms():
        for full in modules_of(room):
            module = importlib.import_module(full)
            for name in public_names(module):
                thing = getattr(module, name)
                home = homes().get(id(thing), f"{full}.{name}")
                found.setdefault(f"{full}.{name}", home)
                if hasattr(thing, "__qualname__"):
                    found.setdefault(f"{thing.__module__}.{thing.__qualname__}", home)
    top = importlib.import_module(PACKAGE)
    for name in top.__all__:
        thing = getattr(top, name)
        if not inspect.ismodule(thing):
            found.setdefault(f"{PACKAGE}.{name}", homes().get(id(thing), f"{PACKAGE}.{top._HOMES[name]}.{name}"))
    return {other: home for other, home in found.items() if other != home}


def exists(full: str) -> bool:
    """Whether something of the package has this full name, public or not."""
    try:
        pkgutil.resolve_name(full)
    except (ImportError, AttributeError):
        return False
    return True


def file_of(module: ModuleType, name: str) -> str:
    """Full name of the module in which a public name is written."""
    thing = getattr(module, name)
    if inspect.isclass(thing) or inspect.isroutine(thing):
        return str(thing.__module__)
    if not hasattr(module, "__path__"):
        return module.__name__
    lives = str(getattr(type(thing), "__module__", ""))
    if lives.startswith(f"{module.__name__}."):
        return lives
    for info in pkgutil.iter_modules(module.__path__, f"{module.__name__}."):
        if ("", name) in ModuleAnalyzer.for_module(info.name).find_attr_docs():
            return info.name
    return module.__name__


def members(thing: type) -> list[str]:
    """Public methods and properties of a class: its own, and those of bases that have no entry of their own."""
    found: dict[str, None] = {}
    for kind in thing.__mro__:
        if kind is not thing and (id(kind) in homes() or not kind.__module__.startswith(PACKAGE)):
            continue
        for name, value in vars(kind).items():
            callable_ = inspect.isroutine(value) or isinstance(value, (property, classmethod, staticmethod))
            documented = bool(inspect.getdoc(getattr(thing, name, None)))
            if name == "__call__" and value.__doc__ or callable_ and documented and not name.startswith("_"):
                found.setdefault(name)
    return list(found)


def public_base(thing: type) -> bool:
    return any(id(base) in homes() for base in thing.__mro__[1:])


def first_sentence(text: str) -> tuple[str, str]:
    """The first sentence of a paragraph without its full stop, and the others."""
    first, *rest = _SENTENCE_END.split(text.replace("\n", " ").strip(), maxsplit=1)
    return first.rstrip("."), "".join(rest)


def summary(thing: Any) -> str:
    """First sentence of a docstring, without its full stop."""
    return first_sentence((inspect.getdoc(thing) or "").split("\n\n")[0])[0]


def introduction(module: ModuleType) -> tuple[str, str, list[str]]:
    """Heading, the sentences beside it, and the rest of a module's docstring up to its first underlined heading.

    "Fewer bits: training at low precision ..." has the heading "Fewer bits".
    """
    kept: list[str] = []
    for line in (inspect.getdoc(module) or module.__name__).splitlines():
        if UNDERLINE.match(line):
            kept.pop()
            break
        kept.append(line)
    paragraph, _, rest = "\n".join(kept).partition("\n\n")
    sentence, others = first_sentence(paragraph)
    heading, colon, beside = sentence.partition(": ")
    beside = f"{beside[0].upper()}{beside[1:]}. {others}" if colon else others
    return heading, beside.strip(), rest.splitlines()
