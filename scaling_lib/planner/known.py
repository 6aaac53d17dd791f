"""Published constants that the planner uses, found by what they are; those that are only reported are never taken."""

from __future__ import annotations

from functools import cache
from typing import Any

from .. import published

__all__ = ["verified"]


@cache
def verified(kind: type[Any]) -> tuple[tuple[str, Any], ...]:
    """Names and values of all constants of that type which were verified or recomputed, in the order of the papers."""
    sources = (published.about(name) for name in published.names())
    return tuple((s.name, s.value) for s in sources if isinstance(s.value, kind) and s.status != "reported")
