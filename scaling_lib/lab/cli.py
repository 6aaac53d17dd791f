"""The command ``python -m scaling_lib lab``: run an experiment, see its table and the law that was fitted."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .experiments import Experiment

__all__ = ["add_commands"]

#: Named here too, so that ``--help`` need not load torch; a test compares them with the experiments'.
NAMES = (
    "isoflop",
    "isoflop-high-rate",
    "scaling",
    "addition",
    "parity",
    "noise",
    "repetition",
    "schedule",
    "sample",
    "learning-rate",
    "protocols",
    "architectures",
    "text",
)
SIZES = ("classroom", "full", "shipped")
#: Columns of runs that a terminal has room for.
SHOWN = (
    "series",
    "arm",
    "protocol",
    "architecture",
    "text",
    "parametrization",
    "width",
    "setting_model_width",
    "digits",
    "step",
    "tokens",
    "factor",
    "temperature",
    "k",
    "N_non_embedding",
    "N",
    "D",
    "C_non_embedding",
    "C",
    "setting_noise",
    "setting_epochs",
    "loss",
    "excess",
    "excess_se",
    "exact_match",
    "digit_accuracy",
    "log_prob",
    "solved",
    "mean_loss",
    "pass_at_k",
    "majority",
    "verified",
    "worth",
    "cpu_seconds",
)
#: Rows printed of a long table, half from each end.
ROWS = 40


def add_commands(commands: Any) -> None:
    """Add ``lab`` to the parser's commands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "lab",
        help="train small models and fit the law",
        description="Train small models, fit the law, print both.",
        epilog="example: python -m scaling_lib lab isoflop --preset classroom --n-jobs 2 --out runs.csv",
    )
    parser.add_argument("experiment", choices=NAMES, help="which experiment")
    parser.add_argument(
        "--preset", choices=SIZES, default="classroom", help="how large (default: %(default)s, seconds to a minute)"
    )
    parser.add_argument("--n-jobs", type=int, default=1, metavar="N", help="worker processes (default: %(default)s)")
    parser.add_argument(
        "--out", metavar="FILE.csv", help="keep finished runs here; a stopped experiment goes on from it"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="first seed (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out the experiment that was asked for."""
    from .experiments import Options
    from .experiments.presets import measure

    if args.out is not None and not args.out.endswith(".csv"):
        raise ValueError(f"--out is {args.out!r}: expected a file ending in .csv.")
    if args.n_jobs == 0:
        raise ValueError("--n-jobs is 0: expected a number of workers, or -1 for one a core.")
    begun, cpu = time.perf_counter(), _cpu()
    watched = sys.stderr.isatty() and not os.environ.get("SCALING_LIB_NO_PROGRESS")
    try:
        found = measure(
            args.experiment, args.preset, seed=args.seed, options=Options(args.out, args.n_jobs, progress=watched)
        )
    except (RuntimeError, OSError) as error:
        # What the lab says about killed workers, full disks and locked files is written for a person: one line, no traceback.
        raise ValueError(" ".join(str(error).split())) from error
    wall, spent = time.perf_counter() - begun, _cpu() - cpu
    print(report(found, wall, spent))
    if args.json:
        answer = json.loads(found.to_json())
        print(
            json.dumps(
                {
                    "scaling_lib": "lab",
                    "preset": args.preset,
                    **answer,
                    "cpu_seconds_here": spent,
                    "cpu_seconds": _trained(found, spent),
                    "wall_seconds": wall,
                },
                allow_nan=False,
            )
        )
    return 0


def _cpu() -> float:
    """Processor time of this process and of the children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _trained(found: Experiment, here: float) -> float:
    """Processor time of the training: what the results say where they do, since workers outlive the call; else this process's."""
    if "cpu_seconds" in found.table:
        return float(found.table["cpu_seconds"].sum())
    return found.numbers.get("cpu_seconds", here)


def report(found: Experiment, wall: float, cpu: float) -> str:
    """Table, numbers and times as text."""
    table = found.table[[column for column in SHOWN if column in found.table]]
    if "width" in table:
        table = table.drop(columns="setting_model_width", errors="ignore")
    same = [column for column in ("setting_noise", "setting_epochs") if column in table and table[column].nunique() == 1]
    table = table.drop(columns=same)
    rows = table if len(table) <= ROWS else table.iloc[[*range(ROWS // 2), *range(len(table) - ROWS // 2, len(table))]]
    lines = [found.question, "", rows.to_string(index=False, float_format=lambda x: f"{x:.5g}")]
    if len(rows) < len(table):
        lines.append(f"({len(table)} rows, of which {len(rows)} are shown; --out keeps all)")
    lines.append("")
    numbers = found.numbers
    for key, value in numbers.items():
        if key.endswith(("_se", "_sd")) and key[:-3] in numbers:
            continue
        spread = "".join(
            f" {sign} {numbers[key + end]:.2g}{word}"
            for end, sign, word in (("_se", "±", ""), ("_sd", "±", " between seeds"))
            if key + end in numbers
        )
        lines.append(f"  {key:<28} {value:.5g}{spread}")
    lines += ["", *(f"  fitted: {law}" for law in found.laws), ""] if found.laws else [""]
    lines.append(f"wall {wall:.1f} s; processor {_trained(found, cpu):.1f} s in training, {cpu:.1f} s in this process")
    return "\n".join(lines)
