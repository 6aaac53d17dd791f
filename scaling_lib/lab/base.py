"""What the lab's models have in common: how they are counted and what a trainer can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["PARAMETRIZATIONS", "Counts", "Model", "Trainer"]

PARAMETRIZATIONS = ("standard", "mup")


@dataclass(frozen=True)
class Counts:
    """Parameters of a model under each counting convention.

    Attributes
    ----------
    non_embedding : int
        Kaplan's count: neither the embedding nor the output layer.
    with_head : int
        The output layer counted, the embedding table not.
    total : int
        Everything, a tied table once (Hoffmann's count).
    """

    non_embedding: int
    with_head: int
    total: int


class Trainer(Protocol):
    """A model in training."""

    def step(self, windows: Tensor, lr: float, *, betas: tuple[float, float], decay: float, clip: float) -> None:
        """One optimiser step on windows of shape (batch, context + predicted)."""

    def losses(self, windows: Tensor) -> Tensor:
        """Mean loss, nats per predicted symbol, of each window."""

    def clone(self) -> Trainer:
        """A copy that learns on by itself: parameters and moments are its own."""


class Model(Protocol):
    """A description of a model: frozen, hashable, with nothing of torch in it."""

    @property
    def width(self) -> int:
        """Width of the residual stream."""

    @property
    def context(self) -> int:
        """Symbols that must stand before the first one predicted."""

    def counts(self, vocab: int) -> Counts:
        """Parameters under each convention."""

    def trainer(self, vocab: int, *, seed: int, device: str = "cpu") -> Trainer:
        """A freshly initialised model, ready to be trained."""
