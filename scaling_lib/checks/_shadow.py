"""Put `check` back when a learner's variable has taken its name."""

from __future__ import annotations

import re
import sys
from typing import Any

from ._help import Card

__all__ = ["install"]


def install(tools: dict[str, Any]) -> None:
    """Before each cell that calls one of `tools` on an exercise, see that the name still means it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None  # type: ignore[no-untyped-call, unused-ignore]
    if shell is None or getattr(shell, "_scaling_lib_watches", False):
        return
    call = re.compile(r"""^[ \t]*(?:\w+[ \t]*=[ \t]*)?(%s)\([ \t]*["']ch\d\d\.""" % "|".join(tools), re.M)

    def before(info: Any) -> None:
        cell = info.raw_cell or ""
        for name in dict.fromkeys(call.findall(cell)):
            ours, found = tools[name], shell.user_ns.get(name)
            if found is ours or re.search(rf"^[ \t]*(def|class|import|from)\b.*\b{name}\b", cell, re.M):
                continue
            shell.user_ns[name] = ours
            if found is not None:
                from IPython.display import display

                display(
                    Card(
                        f"`{name}` was put back",
                        (
                            (
                                f"A variable of yours was called `{name}`, so that the course's own {name}(...) could"
                                " not be called. It has its meaning again: give your variable another name."
                            ),
                        ),
                    )
                )  # type: ignore[no-untyped-call, unused-ignore]

    shell.events.register("pre_run_cell", before)
    shell._scaling_lib_watches = True
