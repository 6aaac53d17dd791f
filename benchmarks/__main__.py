"""``python -m benchmarks``: speed beside the peers, robustness and coverage, one core.

Times are of the processor (`time.process_time`); each is the least of several, since other work on the machine only ever adds.
The quick form (``--quick``) takes a minute, the full one half an hour on a machine with nothing else to do; ``--only`` runs some
parts; ``--store`` writes what was run into the tables that the docs show (results.csv, coverage.csv).
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[_name] = "1"

import argparse  # noqa: E402
import csv  # noqa: E402
import platform  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from benchmarks import coverage, peers, tables  # noqa: E402
from benchmarks.surfaces import surfaces  # noqa: E402
from scaling_lib import ChinchillaLaw, datasets, fit, sampling  # noqa: E402
from scaling_lib.fitting import audit  # noqa: E402

OBJECTIVE = 1.01827402e-3
STORED = Path(__file__).with_name("results.csv")
Row = dict[str, Any]
PARTS = ("speed", "laws", "robustness", "coverage", "lab")


def seconds(call: Callable[[], Any], repeats: int) -> float:
    """Least processor time of a call."""
    call()
    spent = []
    for _ in range(repeats):
        begin = time.process_time()
        call()
        spent.append(time.process_time() - begin)
    return min(spent)


def line(job: str, spent: float, limit: float | None, note: str = "") -> Row:
    """Print and return one result."""
    mark = "" if limit is None else ("within" if spent <= limit else "ABOVE") + f" {_time(limit)}"
    print(f"  {job:<58} {_time(spent):>10}  {mark:<16} {note}", flush=True)
    return {"job": job, "seconds": float(f"{spent:.4g}"), "limit_seconds": "" if limit is None else limit, "note": note}


def _time(value: float) -> str:
    return f"{1e3 * value:.3g} ms" if value < 1 else f"{value:.3g} s"


def speed(quick: bool) -> list[Row]:
    """The 240 points."""
    runs = datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")
    columns = {"N": runs.params.to_numpy(), "D": runs.training_tokens.to_numpy(), "L": runs.loss_nats.to_numpy()}
    result = fit(ChinchillaLaw, **columns)
    print("The 240 points of Figure 4")
    ours = seconds(lambda: fit(ChinchillaLaw, **columns), 50)
    assert result.objective <= OBJECTIVE, result
    rows = [line("one fit", ours, 0.002, f"objective {result.objective:.8g}"),
            line("4,000 bootstrap refits, warm", seconds(lambda: result.bootstrap(4000), 3), 0.5),
            line("4,000 bootstrap refits, cold, own starts each", seconds(lambda: result.bootstrap(4000, warm=False), 3), 2.0)]
    checked = audit(result)
    assert checked.confirmed, checked
    rows.append(line("all 4,500 classical starts, as an audit", seconds(lambda: audit(result), 1), 3.0,
                     f"{100 * checked.arrived:.0f} % of the starts arrive"))
    print("Peers in the same run")
    share = 90 if quick else 15
    value, spent, arrived = peers.scipy_multistart(columns, share)
    rows.append(line("SciPy L-BFGS-B from 4,500 starts, as the replication", spent * share, None,
                     f"every {share}th start, times {share}; objective {value:.8g}; {100 * arrived:.0f} % arrive; {spent * share / ours:,.0f} times one fit"))
    for name, (value, spent, note) in peers.packages(columns).items():
        text = note or (f"72 starts; objective {value:.8g}, {100 * (value / result.objective - 1):.2g} % above ours; "
                        f"{spent / ours:,.0f} times one fit")
        rows.append(line(f"PyPI package {name}", spent, None, text))
    return rows


def other_laws() -> list[Row]:
    """Every other law on a table of its own, and the table of pass@k."""
    print("Other laws, each on a simulated table")
    right = np.random.default_rng(0).binomial(10_000, np.random.default_rng(1).beta(0.3, 2.0, 164))
    rows = [line("pass@k, mean over 164 problems with 10,000 samples, all k", seconds(lambda: sampling.coverage_curve(10_000, right), 7), 0.010)]
    for name, (law, _) in tables.typical().items():
        truth, columns = tables.table(name)
        kind: Any = type(truth)
        limit = 0.010 if len(law.parameter_names()) < 6 else 0.050
        rows.append(line(f"{name}, {len(law.parameter_names())} constants", seconds(lambda k=kind, c=columns: fit(k, **c), 7), limit))  # type: ignore[misc]
    return rows


def robustness(count: int) -> list[Row]:
    """Simulated surfaces against an audit from all 4,500 starts."""
    print(f"{count} simulated surfaces, each against 4,500 starts")
    worse: list[str] = []
    spent: list[float] = []
    statuses: dict[str, int] = {}
    for number, one in enumerate(surfaces(count)):
        begin = time.process_time()
        result = fit(ChinchillaLaw, **one.columns)
        spent.append(time.process_time() - begin)
        statuses[result.status.value] = statuses.get(result.status.value, 0) + 1
        if result.objective > 1e-22 and audit(result).gain > 1e-6:
            worse.append(f"{one.number} ({one.kind})")
        if sys.stderr.isatty():
            print(f"\r  {number + 1} of {count}", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    note = f"{len(worse)} worse than the audit by more than 1e-6" + (": " + ", ".join(worse) if worse else "")
    return [line(f"fit, median of {count} surfaces", float(np.median(spent)), None, note),
            line(f"fit, slowest of {count} surfaces", float(np.max(spent)), None, ", ".join(f"{v} {k}" for k, v in sorted(statuses.items())))]


def covered(cases: int) -> list[dict[str, object]]:
    """Coverage of 95 % intervals."""
    print(f"Coverage of 95 % intervals, {cases} simulated cases")
    rows = coverage.measure(cases)
    for row in rows:
        print(f"  {row['interval']:<22} {row['quantity']:<22} {row['coverage_percent']:>6} %   (width {row['median_relative_width']} of the value)")
    return rows


def main() -> int:
    """Run everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed, robustness and coverage of the estimators, on one core.")
    parser.add_argument("--quick", action="store_true", help="fewer starts, surfaces and cases: about a minute")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=f"parts to run: {', '.join(PARTS)}")
    parser.add_argument("--surfaces", type=int, help="number of simulated surfaces (500)")
    parser.add_argument("--cases", type=int, help="number of cases for coverage (2,000)")
    parser.add_argument("--store", action="store_true", help="write what was run into results.csv and coverage.csv beside the benchmarks")
    chosen = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}; processor time, one thread\n")
    rows: list[Row] = []
    if "speed" in chosen.only:
        rows += speed(chosen.quick)
    if "laws" in chosen.only:
        rows += other_laws()
    if "robustness" in chosen.only:
        rows += robustness(chosen.surfaces or (20 if chosen.quick else 500))
    table = covered(chosen.cases or (40 if chosen.quick else 2000)) if "coverage" in chosen.only else []
    if chosen.store:
        for path, found, keys in ((STORED, rows, ("job",)), (coverage.STORED, table, ("interval", "quantity"))):
            if found:
                coverage.store(found if chosen.only == PARTS else merged(path, found, keys), path)
    above = [row["job"] for row in rows if row["limit_seconds"] != "" and row["seconds"] > row["limit_seconds"]]
    if "lab" in chosen.only:
        from benchmarks import lab  # loads torch, which the estimators do without

        print("\nThe lab")
        above += [figure.what for figure in lab.figures(chosen.quick) if not figure.good]
    print(f"\n{len(above)} jobs above their limit" + (": " + "; ".join(above) if above else "."))
    return 0


def merged(path: Path, found: list[Row], keys: tuple[str, ...]) -> list[Row]:
    """What was found, in the place of the stored rows of the same name; the other stored rows stay."""
    stored: list[Row] = []
    if path.exists():
        with path.open(newline="") as lines:
            stored = list(csv.DictReader(lines))
    new = {tuple(row[key] for key in keys): row for row in found}
    return [new.pop(tuple(row[key] for key in keys), row) for row in stored] + list(new.values())


if __name__ == "__main__":
    raise SystemExit(main())
