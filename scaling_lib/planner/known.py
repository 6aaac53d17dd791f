"""Published constants that the planner uses, found by what they are; those that are only reported are never taken."""

from __future__ import annotations

from functools import cache
from typing import Any

from .. import published

__all__ = ["verified"]


@cache
def verified(kind: type[Any], reported: bool = False) -> tuple[tuple[str, Any], ...]:
    """Names and values of all constants of that type, in the order of the papers.

    Those that are only reported are left out, unless the caller asks by name anyway (an accelerator in a sentence).
    """
    sources = (published.about(name) for name in published.names())
    return tuple(
        (s.name, s.value) for s in sources if isinstance(s.value, kind) and (reported or s.status != "reported"))
