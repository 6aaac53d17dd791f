"""One training run, described completely: frozen, validated, hashed.

The same description gives the same result bit for bit on one machine, wherever and in whatever order it runs; its hash is
how a sweep knows what is finished.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .._validate import choice, integer, scalar
from .base import Model
from .jobs import describe, digest
from .schedule import SCHEDULES, warmup_steps
from .sources import Source

__all__ = ["Run"]

#: Peak learning rate at width 1; the rate falls as the root of the width.
LR_SCALE = 0.08
#: Width at which the width-scaled parametrisation takes its rate.
LR_BASE_WIDTH = 16


@dataclass(frozen=True)
class Run:
    """Description of one training run.

    Parameters
    ----------
    source : Source
        What is learnt, such as `MarkovSource()`.
    model : Model
        What learns it, such as ``LagMLP(width=16)``.
    tokens : int
        Training tokens D, rounded down to whole batches.
    window : int
        Predicted tokens in a window.
    batch : int, optional
        Windows in a step; by default 8 below 2**18 tokens, 16 below 2**20, 32 from there on.
    peak_lr : float, optional
        Peak learning rate; by default 0.08 / sqrt(width), or the rate of width 16 under ``parametrization="mup"``.
    schedule : {"cosine", "wsd", "constant"}
    horizon : int, optional
        Tokens after which the schedule has come down; by default those of the run.
    warmup : int, optional
        Steps of warm-up; by default a tenth of the run, 10 to 100.
    final, cooldown : float
        Final fraction of the peak rate; share of the horizon over which ``wsd`` comes down.
    epochs : int
        Times the same tokens are seen; D counts them every time.
    noise : float
        Share of training tokens replaced by random ones; evaluation is on clean text.
    betas, decay, clip
        AdamW's moments and weight decay; the norm to which a gradient is clipped.
    read_at : tuple of float
        Fractions of the run at which the held-out loss is read as well.
    seed : int
        Seed of initial parameters and of the training text.
    device : str
        "cpu", "cuda" or "mps".

    Raises
    ------
    ValueError
        If a setting is out of range, the run is shorter than one batch, or one epoch needs more than the source has.
    """

    source: Source
    model: Model
    tokens: int
    window: int = 32
    batch: int | None = None
    peak_lr: float | None = None
    schedule: str = "cosine"
    horizon: int | None = None
    warmup: int | None = None
    final: float = 0.05
    cooldown: float = 0.2
    epochs: int = 1
    noise: float = 0.0
    betas: tuple[float, float] = (0.9, 0.98)
    decay: float = 0.0
    clip: float = 1.0
    read_at: tuple[float, ...] = ()
    seed: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        def put(name: str, value: Any) -> None:
            object.__setattr__(self, name, value)

        for name, value, offers, such in (
            ("source", self.source, "windows", "MarkovSource()"),
            ("model", self.model, "trainer", "LagMLP(16)"),
        ):
            if not hasattr(value, offers) or isinstance(value, type):
                raise ValueError(f"{name} is {value!r}: expected a {name} such as {such}.")
        put("tokens", integer("tokens", self.tokens, low=1))
        put("window", integer("window", self.window, unit="tokens", low=1))
        put("epochs", integer("epochs", self.epochs, low=1))
        put("seed", integer("seed", self.seed, low=0))
        if self.batch is None:
            put("batch", 8 if self.tokens < 2**18 else 16 if self.tokens < 2**20 else 32)
        else:
            put("batch", integer("batch", self.batch, unit="windows", low=1))
        if self.tokens < self.batch_tokens:
            raise ValueError(
                f"tokens is {self.tokens}: one batch is {self.batch} windows of {self.window}, {self.batch_tokens} tokens. "
                "Train longer or take a smaller batch."
            )
        if self.peak_lr is None:
            scaled = getattr(self.model, "parametrization", "standard") == "mup"
            put("peak_lr", LR_SCALE / math.sqrt(LR_BASE_WIDTH if scaled else self.model.width))
        put("peak_lr", scalar("peak_lr", self.peak_lr, low=0.0, open_low=True, high=100.0))
        choice("schedule", self.schedule, SCHEDULES)
        put("horizon", self.tokens if self.horizon is None else integer("horizon", self.horizon, unit="tokens", low=1))
        put("warmup", warmup_steps(self.steps) if self.warmup is None else integer("warmup", self.warmup, unit="steps"))
        for name in ("final", "cooldown", "noise"):
            put(name, scalar(name, getattr(self, name), unit="a fraction", low=0.0, high=1.0))
        betas = tuple(scalar("betas", b, low=0.0, high=1.0, open_high=True) for b in _several("betas", self.betas))
        if len(betas) != 2:
            raise ValueError(f"betas has {len(betas)} entries: expected two, such as (0.9, 0.98).")
        put("betas", betas)
        put("decay", scalar("decay", self.decay, low=0.0, high=1e3))
        put("clip", scalar("clip", self.clip, low=0.0, open_low=True))
        reads = sorted(
            {scalar("read_at", f, unit="a fraction", low=0.0, open_low=True, high=1.0) for f in _several("read_at", self.read_at)}
        )
        put("read_at", tuple(reads))
        choice("device", self.device, ("cpu", "cuda", "mps"))
        length, longest = self.model.context + self.window, getattr(self.model, "longest", None)
        if longest is not None and length > longest:
            raise ValueError(
                f"window is {self.window}: with {self.model.context} tokens of context that is {length}, and the model has places for "
                f"{longest}. Take a shorter window, or a model with length={length}."
            )
        self.source.check(self.unique_windows, length)

    @property
    def batch_tokens(self) -> int:
        """Tokens predicted in one step."""
        assert self.batch is not None
        return self.batch * self.window

    @property
    def steps(self) -> int:
        """Optimiser steps."""
        return self.tokens // self.batch_tokens

    @property
    def D(self) -> int:
        """Tokens really trained on: whole batches."""
        return self.steps * self.batch_tokens

    @property
    def unique_windows(self) -> int:
        """Different windows that the run needs."""
        assert self.batch is not None
        return -(-self.steps // self.epochs) * self.batch

    def describe(self) -> dict[str, Any]:
        """Every setting, JSON-ready; sources and models carry the name of their class."""
        settings: dict[str, Any] = describe(self)
        del settings["kind"]
        return settings

    @property
    def hash(self) -> str:
        """Sixteen hexadecimal digits that stand for this description."""
        return digest(self.describe())


def _several(name: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise ValueError(f"{name} is {value!r}: expected several numbers, such as (0.5, 1.0).")
    return tuple(value)
