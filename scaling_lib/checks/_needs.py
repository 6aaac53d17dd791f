"""Cells that use an answer wait for it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Final

from ._help import Card
from ._sandbox import Deadline, alarm

__all__ = ["needs"]


#: After so long a cell that uses an answer is stopped. It takes a second at most when the answer is right.
PATIENCE: Final = 60.0


class needs:
    """Run the cells that use an answer, or say which exercise they wait for.

    Parameters
    ----------
    *ids : str
        The exercises whose answers are used.

    Examples
    --------
    >>> with needs("ch05.optimum"):
    ...     raise NotImplementedError
    This cell uses your answer to ch05.optimum
      Solve it first, then run this cell again.
    """

    def __init__(self, *ids: str) -> None:
        self.ids = ids
        self._alarm: AbstractContextManager[None] = nullcontext()

    def __enter__(self) -> None:
        self._alarm = alarm(PATIENCE)
        try:
            self._alarm.__enter__()
        except RuntimeError:  # a Python that can start no thread: there the cell runs without a limit
            self._alarm = nullcontext()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._alarm.__exit__(None, None, None)
        text = str(error).lower()
        no_answer = isinstance(error, (TypeError, ValueError, AttributeError)) and ("ellipsis" in text or "nonetype" in text)
        if isinstance(error, Deadline):
            do = f"It was still running after {PATIENCE:g} s and was stopped: run the check, it says what is wrong."
        elif isinstance(error, NotImplementedError) or no_answer:
            do = "Solve it first, then run this cell again."
        else:
            return False
        print(Card(f"This cell uses your answer to {', '.join(self.ids)}", (do,)))
        return True
