"""The training loop that a good engineer would write first: modules, autograd, AdamW, one thread; the lab's yardstick.

The same model, data, schedule and number of steps as `scaling_lib.lab` gives an equal `Run`; only the code differs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from scaling_lib.lab import LagMLP, Run
from scaling_lib.lab.machine import one_thread
from scaling_lib.lab.schedule import rate
from scaling_lib.lab.sources import held_out, training_windows
from scaling_lib.lab.training import HELD_OUT_WINDOWS


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, h: Tensor) -> Tensor:
        return h + self.down(F.relu(self.up(self.norm(h))))


class Plain(nn.Module):
    """The lag MLP as modules."""

    def __init__(self, model: LagMLP, vocab: int) -> None:
        super().__init__()
        self.lags = model.lags
        self.embed = nn.Embedding(vocab, model.width)
        self.mix = nn.Linear(model.lags * model.width, model.width, bias=False)
        self.blocks = nn.ModuleList(Block(model.width) for _ in range(model.depth))
        self.norm = nn.LayerNorm(model.width, bias=False)
        self.head = nn.Linear(model.width, vocab, bias=False)

    def forward(self, windows: Tensor) -> Tensor:
        z = self.embed(windows[:, :-1]).unfold(1, self.lags, 1)  # (batch, predicted, width, lags)
        h = self.mix(z.transpose(2, 3).flatten(2))
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))


def start_alike(plain: Plain, run: Run) -> None:
    """The same initial parameters as the lab draws for this run."""
    assert isinstance(run.model, LagMLP)
    views = run.model.trainer(run.source.vocab, seed=run.seed)._views
    with torch.no_grad():
        plain.embed.weight.copy_(views["embed"])
        plain.mix.weight.copy_(views["mix"])
        plain.head.weight.copy_(views["head"].T)
        for i, block in enumerate(plain.blocks):
            block.up.weight.copy_(views[f"up{i}"].T)
            block.down.weight.copy_(views[f"down{i}"])


def train_plain(run: Run, wrap: Any = None) -> tuple[float, float]:
    """Loss and processor seconds of one run; `wrap` may compile the module."""
    assert (
        isinstance(run.model, LagMLP)
        and run.batch is not None
        and run.horizon is not None
        and run.warmup is not None
        and run.peak_lr is not None
    )
    windows = torch.from_numpy(
        training_windows(run.source, run.unique_windows, run.model.context + run.window, seed=run.seed).copy()
    ).long()
    test = torch.from_numpy(
        held_out(run.source, HELD_OUT_WINDOWS, run.model.context + run.window, run.model.context)[0].copy()
    ).long()
    with one_thread():
        begun = time.process_time()
        module = Plain(run.model, run.source.vocab)
        start_alike(module, run)
        network = module if wrap is None else wrap(module)
        optimizer = torch.optim.AdamW(module.parameters(), lr=run.peak_lr, betas=run.betas, weight_decay=run.decay)
        horizon = run.horizon // run.batch_tokens
        scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer,
            lambda step: rate(
                step,
                schedule=run.schedule,
                horizon=horizon,
                warmup=run.warmup or 0,
                final=run.final,
                cooldown=run.cooldown,
            ),
        )
        for batch in windows[: run.steps * run.batch].split(run.batch):
            loss = F.cross_entropy(network(batch).flatten(0, 1), batch[:, run.model.lags :].flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(module.parameters(), run.clip)
            optimizer.step()
            scheduler.step()
        seconds = time.process_time() - begun
        with torch.no_grad():
            final = F.cross_entropy(module(test).flatten(0, 1), test[:, run.model.lags :].flatten())
    return float(final), seconds


def sweep_plain(runs: Sequence[Run]) -> tuple[list[float], float]:
    """Losses of all runs, and processor seconds in all."""
    results = [train_plain(run) for run in runs]
    return [loss for loss, _ in results], sum(seconds for _, seconds in results)
