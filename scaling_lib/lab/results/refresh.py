"""Measure the shipped tables again: ``python -m scaling_lib.lab.results.refresh NAME ... [--n-jobs N] [--journals FOLDER]``.

Finished runs are kept in the folder of journals, so that a stopped measurement goes on. The csv files and ``cards.json`` of this folder
are written anew; how long it takes stands in each card.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import platform
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import LISTS

if TYPE_CHECKING:
    import pandas

__all__ = ["MEANINGS", "NOTES", "main", "trimmed"]

HERE = Path(__file__).parent

#: What each column means. Columns that a table does not need are left out of it.
MEANINGS = {
    "repeat": "0, 1, ...: the whole experiment with another seed",
    "held_back": "1 for the run at eight times the largest budget",
    "series": "what is varied: tokens D or parameters N",
    "arm": "schedule of the run",
    "protocol": "decisions taken so far, see `protocols`",
    "architecture": "which model",
    "text": "fresh text, or the same again",
    "parametrization": "standard or mup",
    "width": "width of the model",
    "factor": "peak rate over the rule's",
    "peak_lr": "peak learning rate",
    "seed": "seed of parameters and text",
    "setting_model_width": "width of the model",
    "setting_batch": "windows in a step",
    "setting_noise": "share of training tokens replaced by random ones",
    "setting_epochs": "times the text is seen",
    "setting_seed": "seed of parameters and text",
    "setting_peak_lr": "peak learning rate",
    "N_non_embedding": "parameters, neither embedding nor output layer",
    "N_with_head": "parameters, output layer counted",
    "N_total": "all parameters",
    "N": "parameters, non-embedding (all of them for parity; as counted by the protocol)",
    "D": "training tokens, repeats included",
    "tokens": "training tokens",
    "C": "training compute 6ND, FLOP",
    "C_non_embedding": "training compute 6ND, FLOP, non-embedding N",
    "loss": "held-out loss, nats per token",
    "nats_per_byte": "held-out loss, nats per byte",
    "excess": "loss above the source's own on the same text, nats per token",
    "excess_se": "standard error of the excess (of the loss where no entropy is known)",
    "cpu_seconds": "processor time of the training, s",
    "worth": "fresh tokens that give the same excess",
    "digits": "digits of each summand",
    "problems": "problems seen in training",
    "exact_match": "share of problems whose most likely answer is right in full",
    "digit_accuracy": "share of right answer digits",
    "log_prob": "mean log-probability of the right answer, nats",
    "prob": "mean probability of the right answer",
    "step": "optimiser steps",
    "mean_loss": "loss averaged over skills by frequency, nats",
    "solved": "skills above 95 % accuracy",
    "temperature": "sampling temperature",
    "k": "samples allowed",
    "pass_at_k": "share of problems with a right answer among k samples",
    "majority": "share of problems solved by the most frequent of k answers",
    "majority_limit": "the same with unlimited samples, from the measured shares",
    "verified": "share solved by the first answer accepted by a verifier with 1 % false positives",
    "samples": "samples drawn for each problem",
    "right": "right ones among them, one number a problem",
    "others": "votes of the other answers, most frequent first, eight at most a problem",
}
#: What to know before using a table.
NOTES = {
    "isoflop": "On six budgets the 95 % interval of a free E misses the entropy: the excess falls ever more steeply with compute, which a sum of two power laws "
    "does not follow. On the five budgets of the full preset it holds it. Fit both and see.",
    "protocols": "A miniature: the order and size of the steps differ from real runs, where counting and warm-up lead.",
    "isoflop-high-rate": "The full preset at 2.5 times the rule's peak rate: lower losses and another exponent than at the rule.",
    "learning-rate": "The best rates lie well above the rule's at every corner, most so for small models and short runs; the exponent of the optimal size under "
    "higher rates stands among the numbers, and it is lower.",
    "text": "The source code of the Python version named, so the text differs between versions.",
}


def trimmed(table: pandas.DataFrame) -> pandas.DataFrame:
    """The columns that have a meaning here, without those in which nothing differs that another column says too."""
    keep = [column for column in table if column in MEANINGS or str(column).startswith("loss_")]
    out = table[keep].dropna(axis=1, how="all")
    if "width" in out:
        out = out.drop(columns=["setting_model_width"], errors="ignore")
    if "seed" in out:
        out = out.drop(columns=["setting_seed"], errors="ignore")
    for column in ("setting_noise", "setting_epochs", "setting_peak_lr", "setting_batch"):
        if column in out and out[column].nunique() == 1:
            out = out.drop(columns=[column])
    for column in out.columns[out.dtypes == bool]:
        out[column] = out[column].astype(int)
    for column in set(LISTS) & set(out):
        out[column] = out[column].map(lambda cell: json.dumps(cell, separators=(",", ":")))
    return out


def measured(name: str, journals: Path, n_jobs: int) -> dict[str, Any]:
    """Carry out one measurement, write its table and return its card."""
    from ..experiments import Options
    from ..experiments.presets import EXPERIMENTS, measure
    from ..experiments.sampling import counts
    from ..machine import versions

    experiment = "sample" if name == "sample_counts" else name
    options = Options(str(journals / f"{experiment}.csv"), n_jobs, progress=True)
    found = measure(experiment, "shipped", options=options)
    table, numbers = found.table, found.numbers
    if name == "sample_counts":
        table, numbers = counts(**EXPERIMENTS["sample"][1]["shipped"], options=options), {
            "cpu_seconds": numbers["cpu_seconds"]
        }
    table = trimmed(table)
    path = HERE / f"{name}.csv"
    table.to_csv(path, index=False, float_format="%.8g", lineterminator="\n")
    spent = float(table["cpu_seconds"].sum()) if "cpu_seconds" in table else numbers["cpu_seconds"]
    columns = {str(column): MEANINGS.get(str(column), f"loss of skill {str(column)[5:]}, nats") for column in table}
    return {
        "name": name,
        "question": found.question,
        "rows": len(table),
        "command": f"python -m scaling_lib.lab.results.refresh {name} --n-jobs {n_jobs}",
        "versions": versions(),
        "machine": _machine(),
        "date": date.today().isoformat(),
        "cpu_seconds": round(spent, 1),
        "numbers": {key: float(f"{value:.8g}") if math.isfinite(value) else None for key, value in numbers.items()},
        "columns": columns,
        "note": NOTES.get(name, ""),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def _machine() -> str:
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    import os

    return f"{model}, {os.cpu_count()} cores, {platform.system()}; one thread a run"


def main() -> None:
    """Measure the tables that were named."""
    from ..experiments.presets import EXPERIMENTS

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="+", choices=[*EXPERIMENTS, "sample_counts"])
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--journals", type=Path, default=Path("_build/lab"))
    args = parser.parse_args()
    place = HERE / "cards.json"
    for name in args.names:
        card = measured(name, args.journals, args.n_jobs)
        cards = json.loads(place.read_text("utf-8")) if place.exists() else {}
        cards[name] = card
        place.write_text(json.dumps(dict(sorted(cards.items())), indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(f"{name}: {card['rows']} rows, {card['cpu_seconds']} s")


if __name__ == "__main__":
    main()
