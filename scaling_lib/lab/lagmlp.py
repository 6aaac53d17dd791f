"""The lag MLP: next symbol from the last few through residual MLP blocks, trained without autograd.

Use it for clean miniature scaling laws: no attention, so no plateau while attention is being found. `LagMLP` describes a
model and counts it; `LagTrainer` keeps its parameters in one flat buffer and writes the gradients out by hand. A small
model needs that: autograd, one optimiser call a tensor and a new buffer a gradient cost more than its arithmetic.

With e the embedding, z the embeddings of the last `lags` symbols side by side, and norm a LayerNorm with gain only::

    h = M z;   h <- h + W2 relu(W1 norm(h))  in each block;   logits = U norm(h)
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .._validate import choice, integer
from .base import PARAMETRIZATIONS, Counts

__all__ = ["LagMLP", "LagTrainer"]

#: Width at which the two parametrisations coincide.
BASE_WIDTH = 16
EPS = 1e-5


@dataclass(frozen=True)
class LagMLP:
    """Description of a lag MLP.

    Parameters
    ----------
    width : int
        Width d of the residual stream.
    depth : int
        Residual blocks; each is d -> 4d -> d.
    lags : int
        Symbols of context.
    parametrization : {"standard", "mup"}
        How learning rates and initial scales follow the width: one rate for all tensors, or the width-scaled rule in
        which matrices learn at a rate proportional to 1 / width.

    Raises
    ------
    ValueError
        If a size is not a whole number in its range, or the parametrization is unknown.

    Examples
    --------
    >>> LagMLP(width=4).counts(vocab=32).non_embedding
    332
    """

    width: int
    depth: int = 2
    lags: int = 4
    parametrization: str = "standard"

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", integer("width", self.width, low=1, high=65536))
        object.__setattr__(self, "depth", integer("depth", self.depth, unit="blocks", low=1, high=1024))
        object.__setattr__(self, "lags", integer("lags", self.lags, unit="symbols", low=1, high=64))
        choice("parametrization", self.parametrization, PARAMETRIZATIONS)

    @property
    def context(self) -> int:
        """Symbols that must stand before the first one predicted."""
        return self.lags

    def shapes(self, vocab: int) -> dict[str, tuple[int, ...]]:
        """The tensors by name, in the order of the flat buffer; matrices lie with their short side first.

        A gradient that is d x (a few d) comes out of the matrix library up to three times faster than its transpose.
        """
        d = self.width
        blocks: dict[str, tuple[int, ...]] = {}
        for i in range(self.depth):
            blocks |= {f"gain{i}": (d,), f"up{i}": (d, 4 * d), f"down{i}": (d, 4 * d)}
        return {"embed": (vocab, d), "mix": (d, self.lags * d), **blocks, "gain": (d,), "head": (d, vocab)}

    def counts(self, vocab: int) -> Counts:
        """Parameters under each counting convention."""
        sizes = {name: math.prod(shape) for name, shape in self.shapes(vocab).items()}
        total = sum(sizes.values())
        return Counts(
            non_embedding=total - sizes["embed"] - sizes["head"], with_head=total - sizes["embed"], total=total
        )

    def trainer(self, vocab: int, *, seed: int, device: str = "cpu") -> LagTrainer:
        """A freshly initialised model, ready to be trained."""
        return LagTrainer(self, vocab, seed=seed, device=device)


class LagTrainer:
    """Parameters, gradients and Adam's moments of one lag MLP, each a single flat float32 buffer.

    Parameters
    ----------
    model : LagMLP
    vocab : int
        Symbols of the source.
    seed : int
        Seed of the initial parameters; drawn on the CPU, so that every device starts alike.
    device : str
        Where the buffers live.
    """

    def __init__(self, model: LagMLP, vocab: int, *, seed: int, device: str = "cpu") -> None:
        self.model, self.vocab = model, vocab
        shapes = model.shapes(vocab)
        count = sum(math.prod(shape) for shape in shapes.values())
        self.flat = torch.zeros(count)
        self._views = _split(self.flat, shapes)
        self._initialise(torch.Generator().manual_seed(seed))
        self.flat = self.flat.to(device)
        self._views = _split(self.flat, shapes)
        self.grad, self.first, self.second = (torch.zeros_like(self.flat) for _ in range(3))
        self._grads = _split(self.grad, shapes)
        self._rate = self._rates(shapes) if model.parametrization == "mup" else None
        self._eye = torch.eye(vocab, device=device)
        self.steps = 0

    def _initialise(self, generator: torch.Generator) -> None:
        d, depth = self.model.width, self.model.depth
        for name, tensor in self._views.items():
            if name.startswith("gain"):
                tensor.fill_(1.0)
                continue
            scale = 1.0 if name == "embed" else 1 / math.sqrt(d)
            if name.startswith("down"):
                scale /= math.sqrt(8 * depth)
            elif name == "mix":
                scale /= math.sqrt(self.model.lags)
            elif name == "head":
                scale = 0.1 * math.sqrt(BASE_WIDTH) / d if self.model.parametrization == "mup" else 0.1 / math.sqrt(d)
            tensor.normal_(std=scale, generator=generator)

    def _rates(self, shapes: dict[str, tuple[int, ...]]) -> Tensor:
        """Each parameter's learning rate relative to the given one: 1 / width for whatever multiplies a wide vector."""
        rate = torch.ones_like(self.flat)
        for name, tensor in _split(rate, shapes).items():
            if name != "embed" and not name.startswith("gain"):
                tensor.fill_(BASE_WIDTH / self.model.width)
        return rate

    def _forward(self, windows: Tensor) -> tuple[Tensor, Tensor, list[tuple[Tensor, ...]], Tensor, Tensor]:
        p, d, lags = self._views, self.model.width, self.model.lags
        index = windows[:, :-1].unfold(1, lags, 1).reshape(-1)
        z = p["embed"].index_select(0, index).view(-1, lags * d)
        h = torch.mm(z, p["mix"].t())
        tape: list[tuple[Tensor, ...]] = []
        for i in range(self.model.depth):
            u, mean, rstd = torch.native_layer_norm(h, (d,), p[f"gain{i}"], None, EPS)
            r = torch.mm(u, p[f"up{i}"]).relu_()
            tape.append((h, u, mean, rstd, r))
            h = torch.addmm(h, r, p[f"down{i}"].t())
        f, mean, rstd = torch.native_layer_norm(h, (d,), p["gain"], None, EPS)
        tape.append((h, f, mean, rstd))
        return index, z, tape, f, torch.mm(f, p["head"])

    @torch.no_grad()
    def backward(self, windows: Tensor) -> None:
        """Write the gradient of the mean loss over the predicted symbols of `windows` into `grad`.

        Parameters
        ----------
        windows : Tensor of int64, shape (batch, context + predicted)
        """
        p, g, d = self._views, self._grads, self.model.width
        target = windows[:, self.model.context :].reshape(-1)
        index, z, tape, f, logits = self._forward(windows)
        q = logits.softmax(1)
        q.sub_(self._eye.index_select(0, target)).mul_(1.0 / len(target))
        torch.mm(f.t(), q, out=g["head"])
        h, f, mean, rstd = tape.pop()
        dh, dgain = _norm_backward(torch.mm(q, p["head"].t()), h, d, mean, rstd, p["gain"])
        g["gain"].copy_(dgain)
        for i in reversed(range(self.model.depth)):
            h, u, mean, rstd, r = tape[i]
            torch.mm(dh.t(), r, out=g[f"down{i}"])
            # r is relu's output, so its sign is relu's derivative: a product, where threshold_backward branches.
            da = torch.mm(dh, p[f"down{i}"]).mul_(r.sign_())
            torch.mm(u.t(), da, out=g[f"up{i}"])
            dx, dgain = _norm_backward(torch.mm(da, p[f"up{i}"].t()), h, d, mean, rstd, p[f"gain{i}"])
            g[f"gain{i}"].copy_(dgain)
            dh.add_(dx)
        torch.mm(dh.t(), z, out=g["mix"])
        g["embed"].zero_().index_add_(0, index, torch.mm(dh, p["mix"]).view(-1, d))

    @torch.no_grad()
    def step(self, windows: Tensor, lr: float, *, betas: tuple[float, float], decay: float, clip: float) -> None:
        """One AdamW step on `windows` at learning rate `lr`, the gradient clipped to norm `clip`."""
        self.backward(windows)
        self.steps += 1
        (b1, b2), t = betas, self.steps
        norm = float(self.grad.norm())
        if norm > clip:
            self.grad.mul_(clip / norm)
        self.first.lerp_(self.grad, 1 - b1)
        self.second.mul_(b2).addcmul_(self.grad, self.grad, value=1 - b2)
        spread = self.second.sqrt().mul_(1 / math.sqrt(1 - b2**t)).add_(1e-8)
        if decay:
            self.flat.mul_(1 - lr * decay)
        move = self.first if self._rate is None else self.first * self._rate
        self.flat.addcdiv_(move, spread, value=-lr / (1 - b1**t))

    @torch.no_grad()
    def losses(self, windows: Tensor) -> Tensor:
        """Mean loss (nats per symbol) of each window, shape (batch,)."""
        target = windows[:, self.model.context :]
        *_, logits = self._forward(windows)
        loss = torch.nn.functional.cross_entropy(logits, target.reshape(-1), reduction="none")
        return loss.view(target.shape).mean(1)

    def clone(self) -> LagTrainer:
        """A copy that learns on by itself: parameters and moments are its own."""
        other = copy.copy(self)
        other.flat, other.first, other.second, other.grad = (
            self.flat.clone(),
            self.first.clone(),
            self.second.clone(),
            torch.zeros_like(self.grad),
        )
        shapes = self.model.shapes(self.vocab)
        other._views, other._grads = _split(other.flat, shapes), _split(other.grad, shapes)
        return other


def _split(flat: Tensor, shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    parts = torch.split(flat, [math.prod(shape) for shape in shapes.values()])
    return {name: part.view(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def _norm_backward(dy: Tensor, x: Tensor, d: int, mean: Tensor, rstd: Tensor, gain: Tensor) -> tuple[Tensor, Tensor]:
    dx, dgain, _ = torch.ops.aten.native_layer_norm_backward(dy, x, (d,), mean, rstd, gain, None, [True, True, False])
    return dx, dgain
