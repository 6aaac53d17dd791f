"""How often 95 % intervals hold the truth, where the truth is known.

A well-posed case: 60 to 240 runs over two to three decades of N and D, a law like those published, noise of 0.2 to 1 %, Gaussian
or with one outlier in twenty. Coverage near 95 % is what an interval promises.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np

from scaling_lib import ChinchillaLaw, fit
from scaling_lib.fitting import predict, profile, simulate

STORED = Path(__file__).with_name("coverage.csv")
FAR = {"N": 7e10, "D": 1.4e12}


def case(number: int) -> tuple[ChinchillaLaw, dict[str, np.ndarray]]:
    """A law and a table simulated from it."""
    rng = np.random.default_rng([95, number])
    n = int(rng.integers(60, 241))
    law = ChinchillaLaw(E=rng.uniform(1.5, 2.0), A=rng.uniform(300, 600), B=rng.uniform(600, 2500), alpha=rng.uniform(0.31, 0.37), beta=rng.uniform(0.31, 0.37))
    N, D = 10 ** rng.uniform(7.5, 10.2, n), 10 ** rng.uniform(9, 11.7, n)
    return law, simulate.surface(law, N, D, noise=float(rng.uniform(0.002, 0.01)), seed=number, outliers=0.05 * (number % 2), outlier_size=0.05)


def measure(cases: int = 600, refits: int = 600) -> list[dict[str, object]]:
    """Coverage of each kind of interval for each quantity: one row per pair."""
    inside: dict[tuple[str, str], list[bool]] = defaultdict(list)
    widths: dict[tuple[str, str], list[float]] = defaultdict(list)
    quantities = {"E": lambda law: law.E, "A": lambda law: law.A, "B": lambda law: law.B, "alpha": lambda law: law.alpha,
                  "beta": lambda law: law.beta, "a": lambda law: law.a, "loss of 70B on 1.4T": lambda law: law(**FAR)}
    for number in range(cases):
        truth, columns = case(number)
        result = fit(ChinchillaLaw, **columns)
        for method in ("pairs", "residual", "wild"):
            samples = result.bootstrap(refits, seed=number, method=method)
            for name, read in quantities.items():
                values = samples.predict(**FAR) if name.startswith("loss") else samples.values(name)
                low, high = np.quantile(values, [0.025, 0.975])
                inside[f"bootstrap, {method}", name].append(bool(low <= read(truth) <= high))
                widths[f"bootstrap, {method}", name].append(float((high - low) / abs(read(truth))))
            if method == "pairs":
                rng = np.random.default_rng([7, number])
                rows = rng.integers(0, len(columns["N"]), 20)
                fresh = simulate.surface(truth, columns["N"][rows], columns["D"][rows])
                # A further run scatters as the seen ones do around the truth.
                scatter = np.log(columns["L"]) - np.log(truth(columns["N"], columns["D"]))
                fresh["L"] = fresh["L"] * np.exp(rng.choice(scatter, 20))
                band = predict(result, kind="prediction", refits=samples, seed=number, N=fresh["N"], D=fresh["D"])
                inside["prediction", "a further run"].extend((band.low <= fresh["L"]) & (fresh["L"] <= band.high))
                widths["prediction", "a further run"].extend((band.high - band.low) / fresh["L"])
        if number % 4 < 2:
            for name in ("E", "alpha", "beta"):
                low, high = profile(result, name).interval
                inside["profile likelihood", name].append(low <= truth.parameters[name] <= high)
                widths["profile likelihood", name].append((high - low) / truth.parameters[name])
    return [{"interval": how, "quantity": name, "cases": len(hits), "coverage_percent": round(100 * float(np.mean(hits)), 1),
             "median_relative_width": float(f"{np.median(widths[how, name]):.3g}")} for (how, name), hits in inside.items()]


def store(rows: list[dict[str, object]], path: Path = STORED) -> None:
    """Write the table for the docs."""
    names = list(rows[0])
    path.write_text("\n".join([",".join(names), *(",".join(f'"{row[n]}"' if "," in str(row[n]) else str(row[n]) for n in names) for row in rows)]) + "\n")
