"""Multitask sparse parity: single skills switch on one after another, and their mean is a power law.

Each task is the parity of a few of the input bits; task k is met with frequency proportional to k**-(alpha + 1). A one-hidden-
layer network is told which task it faces (Michaud et al. 2023, arXiv 2303.13506).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .._validate import integer, scalar
from .machine import enough_memory, one_thread

if TYPE_CHECKING:
    import pandas

__all__ = ["ParityTask", "train_parity"]

#: Test inputs a task; a task counts as solved above this accuracy.
TESTS, SOLVED = 400, 0.95


@dataclass(frozen=True)
class ParityTask:
    """Which skills there are, and how often each is met.

    Parameters
    ----------
    tasks : int
        Number of skills.
    bits : int
        Input bits.
    subset : int
        Bits whose parity a task asks for.
    alpha : float
        Frequencies fall as k**-(alpha + 1).
    seed : int
        Seed of the subsets.

    Raises
    ------
    ValueError
        If a number is out of its range, or a subset asks for more bits than there are.
    """

    tasks: int = 32
    bits: int = 24
    subset: int = 3
    alpha: float = 0.4
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low, high in (("tasks", 1, 4096), ("bits", 2, 512), ("subset", 1, 16)):
            object.__setattr__(self, name, integer(name, getattr(self, name), low=low, high=high))
        object.__setattr__(self, "alpha", scalar("alpha", self.alpha, low=0.0, high=10.0))
        object.__setattr__(self, "seed", integer("seed", self.seed))
        if self.subset > self.bits:
            raise ValueError(f"subset is {self.subset}: expected at most bits = {self.bits}.")

    @property
    def frequencies(self) -> Tensor:
        """Share of each task among the examples, shape (tasks,)."""
        share = torch.arange(1, self.tasks + 1).double() ** -(self.alpha + 1)
        return share / share.sum()

    @property
    def subsets(self) -> Tensor:
        """Bits of each task, shape (tasks, subset)."""
        generator = torch.Generator().manual_seed(self.seed)
        return torch.stack([torch.randperm(self.bits, generator=generator)[: self.subset] for _ in range(self.tasks)])


class _Network(nn.Module):
    def __init__(self, task: ParityTask, width: int, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.told, self.seen, self.out = (
                nn.Embedding(task.tasks, width),
                nn.Linear(task.bits, width),
                nn.Linear(width, 1),
            )
        nn.init.normal_(
            self.told.weight, std=(task.tasks + task.bits) ** -0.5, generator=torch.Generator().manual_seed(seed)
        )

    def forward(self, task: Tensor, bits: Tensor) -> Tensor:
        """Logit of an odd parity, shape (batch,)."""
        out: Tensor = self.out(F.relu(self.told(task) + self.seen(bits)))[:, 0]
        return out


def train_parity(
    task: ParityTask | None = None,
    *,
    width: int = 128,
    steps: int = 4000,
    batch: int = 1000,
    lr: float = 5e-3,
    seed: int = 0,
) -> pandas.DataFrame:
    """Train one network and read every skill along the way.

    Parameters
    ----------
    task : ParityTask, optional
    width : int
        Hidden units.
    steps, batch : int
        Optimiser steps, examples in each.
    lr : float
        Adam's learning rate.
    seed : int
        Seed of the initial parameters and of the examples.

    Returns
    -------
    pandas.DataFrame
        One row a snapshot: N, step, mean_loss (nats, weighted by frequency), solved (tasks above 95 %), then loss_0, loss_1, ...

    Raises
    ------
    ValueError
        If a size, the number of steps or the learning rate is out of its range.
    """
    import pandas as pd

    task = ParityTask() if task is None else task
    width, steps, batch = integer("width", width, low=1), integer("steps", steps, low=1), integer("batch", batch, low=1)
    lr = scalar("lr", lr, low=0.0, open_low=True, high=10.0)
    subsets, share = task.subsets, task.frequencies

    def draw(which: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        bits = torch.randint(2, (len(which), task.bits), generator=generator)
        return bits.float(), (bits.gather(1, subsets[which]).sum(1) % 2).float()

    test_task = torch.arange(task.tasks).repeat_interleave(TESTS)
    test_bits, test_parity = draw(test_task, torch.Generator().manual_seed(7))
    rows: list[dict[str, float]] = []
    with one_thread(), enough_memory():
        network = _Network(task, width, seed)
        size = sum(p.numel() for p in network.parameters())
        optimizer = torch.optim.Adam(network.parameters(), lr=lr, fused=True)
        generator = torch.Generator().manual_seed(seed + 1)
        look = 1
        for step in range(1, steps + 1):
            which = torch.multinomial(share, batch, replacement=True, generator=generator)
            bits, parity = draw(which, generator)
            F.binary_cross_entropy_with_logits(network(which, bits), parity).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            optimizer.zero_grad()
            if step < look and step < steps:
                continue
            look = max(step + 1, int(step * 1.2))
            with torch.no_grad():
                logit = network(test_task, test_bits)
                loss = (
                    F.binary_cross_entropy_with_logits(logit, test_parity, reduction="none")
                    .view(task.tasks, TESTS)
                    .mean(1)
                )
                right = ((logit > 0) == (test_parity > 0.5)).double().view(task.tasks, TESTS).mean(1)
            rows.append(
                {
                    "N": size,
                    "step": step,
                    "mean_loss": float((share * loss).sum()),
                    "solved": int((right > SOLVED).sum()),
                    **{f"loss_{k}": float(value) for k, value in enumerate(loss)},
                }
            )
    return pd.DataFrame(rows)
