"""A small GPT: pre-norm, causal attention, rotary or learned positions, tied or untied head.

Use it as the contrast to the lag MLP, and on text. Until attention has found which symbols matter its loss sits on a
plateau, which bends L(D) of small runs.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .._validate import choice, integer
from .base import PARAMETRIZATIONS, Counts
from .lagmlp import BASE_WIDTH

__all__ = ["GPT", "GPTTrainer", "Network"]

POSITIONS = ("rotary", "learned")


@dataclass(frozen=True)
class GPT:
    """Description of a GPT.

    Parameters
    ----------
    width : int
        Width d of the residual stream.
    depth : int
        Blocks: attention, then an MLP d -> 4d -> d.
    heads : int, optional
        Attention heads; by default width / 16, at least 1.
    positions : {"rotary", "learned"}
    tied : bool
        Use the embedding table as the output layer.
    context : int
        Symbols before the first one that is scored, so that every prediction has something to go by.
    length : int
        Longest window, context included; learned positions need it.
    parametrization : {"standard", "mup"}
        As in `LagMLP`.

    Raises
    ------
    ValueError
        If the width is not a multiple of the heads, or a rotary head has odd width.

    Examples
    --------
    >>> GPT(width=32, tied=False).counts(vocab=32).non_embedding
    24736
    """

    width: int
    depth: int = 2
    heads: int | None = None
    positions: str = "rotary"
    tied: bool = False
    context: int = 4
    length: int = 512
    parametrization: str = "standard"

    def __post_init__(self) -> None:
        def put(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        put("width", integer("width", self.width, low=2, high=65536))
        put("depth", integer("depth", self.depth, unit="blocks", low=1, high=1024))
        put("heads", max(1, self.width // 16) if self.heads is None else integer("heads", self.heads, low=1))
        put("context", integer("context", self.context, unit="symbols", low=1))
        put("length", integer("length", self.length, unit="symbols", low=2))
        choice("positions", self.positions, POSITIONS)
        choice("parametrization", self.parametrization, PARAMETRIZATIONS)
        assert self.heads is not None
        if self.width % self.heads:
            near = [h for h in range(1, self.width + 1) if self.width % h == 0]
            raise ValueError(
                f"width is {self.width} and heads is {self.heads}: the width must be a multiple of the heads. "
                f"Heads that fit: {', '.join(map(str, near))}."
            )
        if self.positions == "rotary" and (self.width // self.heads) % 2:
            raise ValueError(
                f"width / heads is {self.width // self.heads}: rotary positions turn pairs, so it must be even. "
                "Change heads, or take positions='learned'."
            )

    @property
    def longest(self) -> int | None:
        """Longest window that the model can read; None where positions are turned, not looked up."""
        return self.length if self.positions == "learned" else None

    def counts(self, vocab: int) -> Counts:
        """Parameters under each counting convention; learned positions count as embedding, a tied table as head.

        The gains of the norms count everywhere; `compute.Transformer` has them in the total only.
        """
        d = self.width
        blocks = self.depth * (12 * d * d + 2 * d) + d
        places = self.length * d if self.positions == "learned" else 0
        head = vocab * d
        return Counts(
            non_embedding=blocks, with_head=blocks + head, total=blocks + places + (1 if self.tied else 2) * head
        )

    def trainer(self, vocab: int, *, seed: int, device: str = "cpu") -> GPTTrainer:
        """A freshly initialised model, ready to be trained."""
        return GPTTrainer(self, vocab, seed=seed, device=device)


class Block(nn.Module):
    """Attention, then an MLP, each on the normalised stream and added to it."""

    def __init__(self, width: int, heads: int, rotary: bool) -> None:
        super().__init__()
        self.heads, self.rotary = heads, rotary
        self.norm1, self.norm2 = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor] | None) -> Tensor:
        """Map the stream, shape (batch, length, width), to itself."""
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if turn is not None:
            q, k = _turn(q, *turn), _turn(k, *turn)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(a.transpose(1, 2).reshape(batch, length, width))
        return x + cast(Tensor, self.down(F.relu(self.up(self.norm2(x)))))


class Network(nn.Module):
    """The network that a `GPT` describes."""

    def __init__(self, model: GPT, vocab: int, *, seed: int) -> None:
        super().__init__()
        assert model.heads is not None
        self.model = model
        d = model.width
        rotary = model.positions == "rotary"
        self.embed = nn.Embedding(vocab, d)
        self.place = None if rotary else nn.Embedding(model.length, d)
        self.blocks = nn.ModuleList(Block(d, model.heads, rotary) for _ in range(model.depth))
        self.norm = nn.LayerNorm(d, bias=False)
        self.head = nn.Linear(d, vocab, bias=False)
        half = d // model.heads // 2
        self.register_buffer("speed", 10_000.0 ** (-torch.arange(half) / max(1, half)), persistent=False)
        self._initialise(torch.Generator().manual_seed(seed))
        if model.tied:
            self.head.weight = self.embed.weight

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        d = self.model.width
        for name, tensor in self.named_parameters():
            if tensor.dim() < 2:
                continue
            scale = 1 / math.sqrt(tensor.shape[1])
            if name.endswith(("out.weight", "down.weight")):
                scale /= math.sqrt(2 * self.model.depth)
            elif name.startswith(("embed", "place")):
                scale = 1 / math.sqrt(d) if self.model.tied else 1.0
            elif name.startswith("head"):
                scale = 0.1 * math.sqrt(BASE_WIDTH) / d if self.model.parametrization == "mup" else 0.1 / math.sqrt(d)
            tensor.normal_(std=scale, generator=generator)

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits of the next symbol, shape (batch, length, vocab), from tokens of shape (batch, length)."""
        length = tokens.shape[1]
        x = self.embed(tokens)
        turn = None
        if self.place is not None:
            x = x + self.place.weight[:length]
        else:
            angle = torch.arange(length, device=x.device)[:, None] * cast(Tensor, self.speed)
            turn = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        for block in self.blocks:
            x = block(x, turn)
        return cast(Tensor, self.head(self.norm(x)))


def _turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


class GPTTrainer:
    """A GPT in training: autograd and fused AdamW; on CUDA in bfloat16 and compiled.

    Neither is done on the CPU, where compiling made a small model slower. What they gain on a GPU has not been measured.
    """

    def __init__(self, model: GPT, vocab: int, *, seed: int, device: str = "cpu") -> None:
        self.model = model
        self.network = Network(model, vocab, seed=seed).to(device)
        self._mixed = (
            torch.autocast("cuda", torch.bfloat16) if device == "cuda" else torch.autocast("cpu", enabled=False)
        )
        self._run = torch.compile(self.network) if device == "cuda" else self.network
        fast: list[nn.Parameter] = []
        slow: list[nn.Parameter] = []
        for name, tensor in self.network.named_parameters():
            scaled = model.parametrization == "mup" and tensor.dim() == 2 and not name.startswith(("embed", "place"))
            (slow if scaled else fast).append(tensor)
        self._scales = [1.0, BASE_WIDTH / model.width]
        groups = [{"params": fast}, {"params": slow}] if slow else [{"params": fast}]
        self.optimizer = torch.optim.AdamW(groups, lr=1e-3, fused=True)

    def score(self, windows: Tensor) -> Tensor:
        """Loss of every scored symbol, shape (batch, predicted)."""
        first = self.model.context
        with self._mixed:
            logits = self._run(windows[:, :-1])[:, first - 1 :]
        return F.cross_entropy(logits.float().transpose(1, 2), windows[:, first:], reduction="none")

    def step(self, windows: Tensor, lr: float, *, betas: tuple[float, float], decay: float, clip: float) -> None:
        """One AdamW step on `windows` at learning rate `lr`, the gradient clipped to norm `clip`."""
        self.score(windows).mean().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), clip)
        for group, scale in zip(self.optimizer.param_groups, self._scales, strict=False):
            group |= {"lr": lr * scale, "betas": betas, "weight_decay": decay}
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    @torch.no_grad()
    def losses(self, windows: Tensor) -> Tensor:
        """Mean loss (nats per symbol) of each window, shape (batch,)."""
        return self.score(windows).mean(1)

    def clone(self) -> GPTTrainer:
        """A copy that learns on by itself: parameters and moments are its own."""
        other = copy.copy(self)
        # Together, so that the copied optimiser holds the copied parameters.
        other.network, other.optimizer = copy.deepcopy((self.network, self.optimizer))
        other._run = torch.compile(other.network) if self._run is not self.network else other.network
        return other
