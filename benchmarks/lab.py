"""The lab's figures: what sweeps cost and how well they measure. ``python -m benchmarks.lab [--quick]``.

Times are processor seconds of one thread, except the gain by two workers, which is wall time and means something only on a machine
that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from scaling_lib.lab import LagMLP, MarkovSource, Run, sweep, train
from scaling_lib.lab.experiments import PRESETS, Options, held_back, isoflop, joint_fit
from scaling_lib.lab.experiments.isoflop import grid

from .lab_plain import sweep_plain, train_plain


@dataclass(frozen=True)
class Figure:
    """One measured figure beside its limit."""

    what: str
    value: float
    limit: float
    at_most: bool
    note: str = ""

    @property
    def good(self) -> bool:
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    def __str__(self) -> str:
        sign = "<=" if self.at_most else ">="
        return f"{'ok  ' if self.good else 'MISS'} {self.what:<58} {self.value:10.4g}  ({sign} {self.limit:g}){'  ' + self.note if self.note else ''}"


def sweeps(folder: Path) -> list[Figure]:
    """Cost and precision of the two sweeps, the floor, and the held-back run."""
    options = Options(str(folder / "runs.csv"))
    source = MarkovSource()
    classroom, full = isoflop("classroom", options=options), isoflop("full", options=options)
    floor = joint_fit(full.table, entropy=source.entropy).numbers
    beyond = held_back(full.table, options=options).numbers
    return [
        Figure(
            "classroom sweep, 15 runs, CPU seconds",
            classroom.numbers["cpu_seconds"],
            12,
            True,
            f"a = {classroom.numbers['a']:.3f}",
        ),
        Figure("classroom sweep, valleys inside", classroom.numbers["inside"], 3, False),
        Figure(
            "full sweep, 30 runs, CPU seconds", full.numbers["cpu_seconds"], 80, True, f"a = {full.numbers['a']:.3f}"
        ),
        Figure("full sweep, valleys inside", full.numbers["inside"], 5, False),
        Figure("full sweep, decades of compute", float(np.log10(2.56e11 / 1e9)), 2.4, False),
        Figure("full sweep, standard error of a", full.numbers["a_se"], 0.03, True),
        Figure(
            "held back at 8x, error of the excess (3 largest budgets)",
            abs(beyond["excess_error"]),
            0.08,
            True,
            f"through all budgets {abs(beyond['excess_error_all']):.3f}; total loss {abs(beyond['loss_error']):.4f}",
        ),
        Figure(
            "E free, truth inside the 95 % interval (from 4e9 FLOP)",
            floor["truth_inside"],
            1,
            False,
            f"E = {floor['E']:.3f} [{floor['E_low']:.3f}, {floor['E_high']:.3f}], truth {floor['E_true']:.4f}; all runs [{floor['E_low_all']:.3f}, {floor['E_high_all']:.3f}]",
        ),
        Figure(
            "E free, width of the interval, nats (from 4e9 FLOP)",
            floor["E_high"] - floor["E_low"],
            0.2,
            True,
            f"all runs {floor['E_high_all'] - floor['E_low_all']:.3f}",
        ),
    ]


def speed() -> list[Figure]:
    """Share of the matrix-multiply peak: the best of three short runs, since others may use the machine."""
    out = []
    for width, batch, limit in ((32, 32, 0.40), (128, 32, 0.80)):
        run = Run(MarkovSource(), LagMLP(width), tokens=2**18, batch=batch)
        rows = [train(run) for _ in range(3)]
        share = max(row.peak_share for row in rows)
        out.append(
            Figure(
                f"share of the float32 matmul peak at {rows[0].N_non_embedding:,} parameters",
                share,
                limit,
                False,
                f"{rows[0].D / min(r.cpu_seconds for r in rows):,.0f} tokens/s",
            )
        )
    return out


def against_plain(runs: list[Run]) -> list[Figure]:
    """The same runs by the plain loop, in turn with ours."""
    plain, theirs = sweep_plain(runs)
    ours = [train(run) for run in runs]
    gap = max(abs(a - row.loss) for a, row in zip(plain, ours, strict=True))
    mean = float(np.mean([a - row.loss for a, row in zip(plain, ours, strict=True)]))
    return [
        Figure(
            "plain loop over ours, CPU seconds, classroom sweep",
            theirs / sum(row.cpu_seconds for row in ours),
            2,
            False,
            f"{theirs:.1f} s",
        ),
        Figure(
            "plain loop, largest difference in loss, nats",
            gap,
            0.02,
            True,
            f"mean {mean:+.4f}; rounding grows along training",
        ),
    ]


def two_workers(folder: Path) -> list[Figure]:
    """The full sweep by one process and by two, wall time; the workers start cold."""
    runs = grid(PRESETS["full"])
    times, tables = [], []
    for jobs in (1, 2):
        begun = time.perf_counter()
        tables.append(sweep(runs, folder / f"jobs{jobs}.csv", n_jobs=jobs, progress=False))
        times.append(time.perf_counter() - begun)
    same = bool((tables[0]["loss"] == tables[1]["loss"]).all() and (tables[0]["excess"] == tables[1]["excess"]).all())
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    return [
        Figure(
            "two workers against one, full sweep, wall time",
            times[0] / times[1],
            1.7,
            False,
            f"{times[0]:.1f} s and {times[1]:.1f} s; {load}",
        ),
        Figure("two workers against one, equal bit for bit", float(same), 1, False),
    ]


def did_not_pay() -> list[str]:
    """What was tried and left out, measured again."""
    import torch

    run = Run(MarkovSource(), LagMLP(16), tokens=2**17)
    ours = train(run).cpu_seconds
    _, plain = train_plain(run)
    lines = [f"width 16, 2**17 tokens: ours {ours:.2f} s, plain {plain:.2f} s"]
    try:
        # Compiled once for the shape, then timed: the compilation itself costs tens of seconds.
        short = Run(MarkovSource(), LagMLP(16), tokens=2**10)
        begun = time.perf_counter()
        kept: list[Any] = []

        def wrap(module: Any) -> Any:
            kept.append(torch.compile(module))
            return kept[-1]

        train_plain(short, wrap)
        compiling = time.perf_counter() - begun
        _, compiled = train_plain(run, lambda module: torch.compile(module))
        lines.append(
            f"plain with torch.compile: first 4 steps {compiling:.1f} s of wall, then {compiled:.2f} s CPU (cached compilation included)"
        )
    except Exception as error:  # noqa: BLE001 - no compiler on this machine, say
        lines.append(f"plain with torch.compile: {type(error).__name__}: {' '.join(str(error).split())[:160]}")
    lines.append(together(run, ours))
    return lines


def together(run: Run, ours: float, models: int = 5) -> str:
    """Several models of one width stepped together by batched products (vmap over per-model gradients)."""
    import torch
    from torch.func import functional_call, grad, stack_module_state, vmap

    from scaling_lib.lab.machine import one_thread
    from scaling_lib.lab.sources import training_windows

    from .lab_plain import Plain

    assert isinstance(run.model, LagMLP) and run.batch is not None
    lags = run.model.lags
    modules = [Plain(run.model, run.source.vocab) for _ in range(models)]
    params, buffers = stack_module_state(modules)
    params = {name: tensor.detach().clone() for name, tensor in params.items()}
    windows = torch.from_numpy(
        training_windows(run.source, run.unique_windows, lags + run.window, seed=0).copy()
    ).long()

    def loss(p: Any, b: Any, batch: Any) -> Any:
        return torch.nn.functional.cross_entropy(
            functional_call(modules[0], (p, b), (batch,)).flatten(0, 1), batch[:, lags:].flatten()
        )

    step = vmap(grad(loss), in_dims=(0, 0, None))
    optimizer = torch.optim.AdamW(list(params.values()), lr=0.02, fused=True)
    with one_thread():
        begun = time.process_time()
        for batch in windows[: run.steps * run.batch // 4].split(run.batch):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = step(params, buffers, batch)
            for name, tensor in params.items():
                tensor.grad = found[name]
            optimizer.step()
        spent = 4 * (time.process_time() - begun) / models
    return f"{models} models of width {run.model.width} stepped together by vmap: {spent:.2f} s CPU a model, ours one at a time {ours:.2f} s"


def figures(quick: bool = False) -> list[Figure]:
    """Measure and print all figures, or those that take seconds."""
    classroom = grid(PRESETS["classroom"])
    train(classroom[-1])  # draws the text and warms the caches, which a plain loop needs as well
    out: list[Figure] = []
    with TemporaryDirectory() as name:
        parts: list[Callable[[], list[Figure]]] = [speed, lambda: against_plain(classroom)]
        if not quick:
            parts += [lambda: sweeps(Path(name)), lambda: two_workers(Path(name))]
        for part in parts:
            found = part()
            print(*(f"  {figure}" for figure in found), sep="\n", flush=True)
            out += found
    return out


def main() -> int:
    """Print the figures; 1 if one was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only what takes seconds")
    parser.add_argument("--tried", action="store_true", help="also what did not pay")
    args = parser.parse_args()
    found = figures(args.quick)
    if args.tried:
        print("tried and left out", *did_not_pay(), sep="\n  ")
    return 0 if all(figure.good for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
