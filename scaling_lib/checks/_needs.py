"""Cells that use an answer wait for it."""

from __future__ import annotations

from types import TracebackType

from ._help import Card

__all__ = ["needs"]


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

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        open_answer = isinstance(error, (TypeError, ValueError, AttributeError)) and "ellipsis" in str(error).lower()
        if not (isinstance(error, NotImplementedError) or open_answer):
            return False
        print(
            Card(f"This cell uses your answer to {', '.join(self.ids)}", ("Solve it first, then run this cell again.",))
        )
        return True
