"""Train one run and return one row: what it cost and how well it predicts text it has not seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import torch

from ..compute import FLOP_PER_PARAM_TOKEN
from .base import Trainer
from .machine import device_or_error, enough_memory, matmul_peak, one_thread, versions
from .run import Run
from .schedule import rate
from .sources import Tokens, corrupted, held_out, training_windows

__all__ = ["HELD_OUT_WINDOWS", "Row", "Watch", "evaluate", "train", "train_branches"]

#: What may look at a model while it learns.
Watch: TypeAlias = Callable[[int, Trainer], None]
#: Tokens so far, held-out loss and excess.
Curve: TypeAlias = list[tuple[int, float, float]]

#: Held-out windows of every evaluation: with 32 tokens each, the excess loss has a standard error near 0.002 nats.
HELD_OUT_WINDOWS = 2048
#: Windows evaluated together.
CHUNK = 64


@dataclass(frozen=True)
class Row:
    """What one run gave.

    Attributes
    ----------
    hash : str
        Hash of the run's description.
    N_non_embedding, N_with_head, N_total : int
        Parameters under each counting convention.
    D : int
        Training tokens, repeats included.
    C_non_embedding, C_total : float
        Training compute 6ND in FLOP, without and with embedding and output layer.
    loss : float
        Held-out loss, nats per token.
    excess, excess_se : float
        Loss above what the source itself would score on the same text, and its standard error; NaN where the
        source's entropy is not known. `excess_se` is then the standard error of the loss.
    curve : tuple of (tokens, loss, excess)
        Held-out loss at the fractions of `read_at`.
    seconds, cpu_seconds : float
        Wall and processor time of the training alone.
    tokens_per_second, peak_share : float
        Speed; 6ND (non-embedding) over the machine's measured float32 matrix-multiply peak, by processor time on the CPU.
    versions : str
        What the numbers depend on.
    """

    hash: str
    N_non_embedding: int
    N_with_head: int
    N_total: int
    D: int
    C_non_embedding: float
    C_total: float
    loss: float
    excess: float
    excess_se: float
    curve: tuple[tuple[int, float, float], ...]
    seconds: float
    cpu_seconds: float
    tokens_per_second: float
    peak_share: float
    versions: str

    def to_dict(self) -> dict[str, Any]:
        """The row as plain values."""
        return asdict(self)


def train(run: Run, *, watch: Watch | None = None) -> Row:
    """Train `run` and evaluate it on held-out text.

    Parameters
    ----------
    run : Run
    watch : callable, optional
        Called with (tokens so far, trainer) at the fractions of `read_at`, to look at the model while it learns.

    Returns
    -------
    Row

    Raises
    ------
    ValueError
        If the device is not there.
    MemoryError
        If the run does not fit into the memory of the device.
    FloatingPointError
        If the loss is no longer a finite number: the learning rate was too high.
    """
    if not isinstance(run, Run):
        raise ValueError(f"run is {run!r}: expected a Run, such as Run(MarkovSource(), LagMLP(16), tokens=2**16).")
    peak = matmul_peak(run.device)
    with one_thread(), enough_memory():
        begun, cpu = time.perf_counter(), time.process_time()
        trainer = run.model.trainer(run.source.vocab, seed=run.seed, device=run.device)
        curve = _fit(run, trainer, watch)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        loss, excess, error = evaluate(run, trainer)
    return _row(run, loss, excess, error, curve, seconds, cpu, peak)


def _row(
    run: Run, loss: float, excess: float, error: float, curve: Curve, seconds: float, cpu: float, peak: float
) -> Row:
    counts = run.model.counts(run.source.vocab)
    flop = FLOP_PER_PARAM_TOKEN * run.D
    return Row(
        hash=run.hash,
        N_non_embedding=counts.non_embedding,
        N_with_head=counts.with_head,
        N_total=counts.total,
        D=run.D,
        C_non_embedding=flop * counts.non_embedding,
        C_total=flop * counts.total,
        loss=loss,
        excess=excess,
        excess_se=error,
        curve=tuple(curve),
        seconds=seconds,
        cpu_seconds=cpu,
        tokens_per_second=run.D / seconds,
        peak_share=flop * counts.non_embedding / (cpu if run.device == "cpu" else seconds) / peak,
        versions=versions(),
    )


def train_branches(runs: Sequence[Run]) -> list[Row]:
    """Train runs that differ only in their length on one trunk, from which each branches off when its rate comes down.

    The results are those of `train`, bit for bit; the trunk is paid once.

    Parameters
    ----------
    runs : sequence of Run
        With ``schedule="wsd"``, one epoch, no noise, and the same batch and warm-up, which must be given since their defaults follow
        the length.

    Returns
    -------
    list of Row
        In the order of `runs`. `seconds` and `cpu_seconds` are the marginal ones: the piece of trunk that no shorter run needed,
        and the run's own cooldown.

    Raises
    ------
    ValueError
        If the runs do not share a trunk.
    MemoryError
        If a run does not fit into the memory of the device.
    """
    from dataclasses import replace

    if not runs:
        raise ValueError("runs is empty: give at least one Run.")
    longest = max(runs, key=lambda run: run.steps)
    for run in runs:
        if run.schedule != "wsd" or run.epochs != 1 or run.noise or run.read_at or run.horizon != run.tokens:
            raise ValueError(
                f"runs holds one with schedule = {run.schedule!r}, epochs = {run.epochs}, noise = {run.noise:g}, read_at = "
                f"{run.read_at}: expected 'wsd', 1, 0 and (), each coming down at its own end. Train others by themselves."
            )
        if replace(run, tokens=longest.tokens, horizon=longest.horizon) != longest:
            raise ValueError(
                f"runs holds {run}, which differs from {longest} in more than its length. Give batch and warmup, whose "
                "defaults follow the length."
            )
    rows: dict[str, Row] = {}
    peak = matmul_peak(longest.device)
    with one_thread(), enough_memory():
        begun, cpu = time.perf_counter(), time.process_time()
        windows = _material(longest)
        trunk = longest.model.trainer(longest.source.vocab, seed=longest.seed, device=longest.device)
        at = 0
        for run in sorted(runs, key=lambda run: run.steps):
            fork = max(at, _first_fall(run))
            _advance(longest, trunk, windows, at, fork)
            at = fork
            branch = trunk.clone()
            _advance(run, branch, windows, at, run.steps)
            seconds, spent = time.perf_counter() - begun, time.process_time() - cpu
            rows[run.hash] = _row(run, *evaluate(run, branch), [], seconds, spent, peak)
            begun, cpu = time.perf_counter(), time.process_time()
    return [rows[run.hash] for run in runs]


def _first_fall(run: Run) -> int:
    """First step at which the rate is below the peak again."""
    assert run.warmup is not None
    return next((step for step in range(run.warmup, run.steps) if _rate(run, step) < 1.0), run.steps)


def _rate(run: Run, step: int) -> float:
    assert run.horizon is not None and run.warmup is not None
    horizon = max(1, run.horizon // run.batch_tokens)
    return rate(step, schedule=run.schedule, horizon=horizon, warmup=run.warmup, final=run.final, cooldown=run.cooldown)


def _advance(run: Run, trainer: Trainer, windows: torch.Tensor, start: int, stop: int) -> None:
    """Steps `start` to `stop` of a run whose windows lie in order."""
    assert run.batch is not None
    for step in range(start, stop):
        _advance_one(run, trainer, windows[step * run.batch : (step + 1) * run.batch], step)


def _advance_one(run: Run, trainer: Trainer, batch: torch.Tensor, step: int) -> None:
    assert run.peak_lr is not None
    trainer.step(batch.long(), run.peak_lr * _rate(run, step), betas=run.betas, decay=run.decay, clip=run.clip)


def _fit(run: Run, trainer: Trainer, watch: Watch | None) -> Curve:
    assert run.batch is not None
    windows = _material(run)
    per_epoch = len(windows) // run.batch
    reads = {max(1, round(fraction * run.steps)) for fraction in run.read_at}
    shuffle = np.random.default_rng([run.seed, 11])
    curve: Curve = []
    for step in range(run.steps):
        place = step % per_epoch
        if step and place == 0:
            windows = windows[torch.from_numpy(shuffle.permutation(len(windows))).to(windows.device)]
        _advance_one(run, trainer, windows[place * run.batch : (place + 1) * run.batch], step)
        if step + 1 in reads:
            loss, excess, _ = evaluate(run, trainer)
            curve.append(((step + 1) * run.batch_tokens, loss, excess))
            if watch is not None:
                watch((step + 1) * run.batch_tokens, trainer)
    return curve


def _material(run: Run) -> torch.Tensor:
    """The training windows on the device, as bytes: a batch becomes int64 only when it is used."""
    length = run.model.context + run.window
    windows = training_windows(run.source, run.unique_windows, length, seed=run.seed)
    if run.noise:
        windows = corrupted(windows, run.noise, run.source.vocab, seed=run.seed)
    return _on_device(windows, run.device)


def _on_device(windows: Tokens, device: str) -> torch.Tensor:
    # torch has no index arithmetic on uint16; int16 holds every vocabulary here.
    small = np.array(windows, np.uint8 if windows.dtype == np.uint8 else np.int16)
    return torch.from_numpy(small).to(device_or_error(device))


def evaluate(run: Run, trainer: Trainer) -> tuple[float, float, float]:
    """Held-out loss, its excess over the source's own, and the standard error of the excess (nats per token)."""
    context = run.model.context
    windows, own = held_out(run.source, HELD_OUT_WINDOWS, context + run.window, context)
    tokens = _on_device(windows, run.device)
    losses = torch.cat([trainer.losses(part.long()) for part in torch.split(tokens, CHUNK)]).double().cpu().numpy()
    if not np.isfinite(losses).all():
        raise FloatingPointError(
            f"The loss is not finite: peak_lr = {run.peak_lr:g} was too high for width {run.model.width}. Try a third of it."
        )
    above = losses if own is None else losses - own
    error = float(above.std(ddof=1) / np.sqrt(len(above)))
    return float(losses.mean()), float("nan") if own is None else float(above.mean()), error
