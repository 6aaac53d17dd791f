"""A hundred and fifty scaling sweeps over a law that is known, and what each of them would have concluded.

``python -m scaling_lib.explorers._sweeps`` computes every setting of the explorer and writes ``sweeps.csv`` beside
this file (about half a minute on one core). `outcome` reads it, and computes what is not in it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from pathlib import Path

import numpy as np

from .. import published
from .._validate import FloatArray, choice, finite, integer, scalar
from ..allocate import rule_of_thumb
from ..compute import train_tokens
from ..laws import ChinchillaLaw

__all__ = ["ESTIMATORS", "TARGET", "TRUTH", "Outcome", "Sweep", "conclusions", "outcome", "summary"]

#: The law that the sweeps measure.
TRUTH = published.BESIROGLU_2024
#: Gopher's budget in FLOP: where the answer is wanted.
TARGET = 5.76e23
BUDGETS = 5
REPEATS = 150
ESTIMATORS = ("isoflop", "parametric")
TOPS = tuple(10.0**k for k in range(18, 23))
RUNS = (25, 50, 100, 200)
WIDTHS = (4.0, 16.0, 64.0)
NOISES = (0.09375, 0.1875, 0.375, 0.75, 1.5)
#: Edges of the histogram, tokens per parameter; the outermost bars hold what lies beyond.
EDGES = np.logspace(0, 3, 49)
TABLE = Path(__file__).with_name("sweeps.csv")


@dataclass(frozen=True)
class Sweep:
    """A design: which runs are made, and how noisy they are.

    Attributes
    ----------
    top : float
        The largest budget, FLOP; the others go down two decades from it.
    runs : int
        Runs in all, the same number at each of five budgets.
    width : float
        Largest over smallest size at each budget, centred on 20 tokens per parameter.
    noise : float
        Standard deviation of the logarithm of a loss, in per cent.
    law : ChinchillaLaw
        The law that is measured.

    Raises
    ------
    ValueError
        If a number is out of range, or there are not at least three sizes at each budget.
    """

    top: float
    runs: int
    width: float
    noise: float
    law: ChinchillaLaw = TRUTH

    def __post_init__(self) -> None:
        scalar("top", self.top, unit="FLOP", low=1e12, high=1e30)
        if integer("runs", self.runs, low=3 * BUDGETS, high=10_000) % BUDGETS:
            raise ValueError(f"runs is {self.runs}: expected a multiple of {BUDGETS}, the number of budgets.")
        scalar("width", self.width, low=1.0, open_low=True, high=1e6)
        scalar("noise", self.noise, unit="per cent", low=0.0, high=50.0)

    @cached_property
    def C(self) -> FloatArray:
        """Budget of every run, FLOP (runs,)."""
        return np.repeat(np.geomspace(self.top / 100, self.top, BUDGETS), self.runs // BUDGETS)

    @cached_property
    def N(self) -> FloatArray:
        """Parameters of every run (runs,)."""
        spread = np.geomspace(self.width**-0.5, self.width**0.5, self.runs // BUDGETS)
        middle: FloatArray = np.asarray(rule_of_thumb(self.C).N, dtype=np.float64)
        return np.asarray(middle * np.tile(spread, BUDGETS))

    def losses(self, repeats: int = REPEATS, seed: int = 0) -> FloatArray:
        """Noisy losses of the same runs made again and again, nats per token (repeats, runs).

        The same draws are used for every noise, budget and width: settings differ by what they are, not by luck.
        """
        draws = np.random.default_rng(integer("seed", seed)).standard_normal(
            (integer("repeats", repeats, low=1), self.runs)
        )
        clean = self.law(self.N, train_tokens(self.C, self.N))
        return np.asarray(clean * np.exp(self.noise / 100 * draws), dtype=np.float64)


def conclusions(sweep: Sweep, estimator: str, repeats: int = REPEATS, seed: int = 0) -> FloatArray:
    """Tokens per parameter at `TARGET` that each repeat of a sweep concludes, NaN where it finds no optimum (repeats,).

    Parameters
    ----------
    sweep : Sweep
    estimator : {"isoflop", "parametric"}
        Parabolas at each budget and a line through their minima; or the Chinchilla law fitted to all runs.
    repeats, seed : int

    Examples
    --------
    >>> found = conclusions(Sweep(top=1e19, runs=50, width=16, noise=0.1), "parametric")
    >>> low, high = np.nanquantile(found, [0.025, 0.975])
    >>> bool(low < 18.4 < high)
    True
    """
    method = choice("estimator", estimator, ESTIMATORS)
    losses = sweep.losses(repeats, seed)
    return _isoflop(sweep, losses) if method == "isoflop" else _parametric(sweep, losses)


def _isoflop(sweep: Sweep, losses: FloatArray) -> FloatArray:
    from ..fitting import isoflop
    from ..fitting.frontier import line

    out = np.full(len(losses), np.nan)
    C, N = sweep.C, sweep.N
    for i, row in enumerate(losses):
        good = [(v.C, v.N) for v in isoflop(C=C, N=N, L=row).valleys if v.N is not None]
        if len(good) >= 2:
            slope, intercept = line(*np.log(np.array(good, dtype=np.float64)).T)
            log_N = float(intercept + slope * np.log(TARGET))
            out[i] = np.exp(np.log(TARGET / 6) - 2 * log_N)
    return out


def _parametric(sweep: Sweep, losses: FloatArray) -> FloatArray:
    from ..fitting import fit

    C, N = sweep.C, sweep.N
    engine = fit(ChinchillaLaw, N=N, D=train_tokens(C, N), L=np.exp(np.log(losses).mean(axis=0))).engine
    theta = engine.refit(targets=np.log(losses)).theta
    out = np.full(len(losses), np.nan)
    for i, row in enumerate(theta):
        try:
            out[i] = ChinchillaLaw(*map(float, row)).optimal(TARGET).tokens_per_param
        except ValueError:  # a coefficient or exponent went to zero: this sweep sees no optimum
            continue
    return out


@dataclass(frozen=True)
class Outcome:
    """What 150 sweeps of one design conclude.

    Attributes
    ----------
    low, median, high : float
        Quantiles 0.025, 0.5 and 0.975 of the tokens per parameter, over the sweeps that give an answer.
    missing : int
        Sweeps that give none.
    counts : ndarray of float
        Histogram over `EDGES`.
    """

    low: float
    median: float
    high: float
    missing: int
    counts: FloatArray

    @property
    def factor(self) -> float:
        """How many times the lower end the upper end of the 95 % range is."""
        return self.high / self.low


def summary(found: FloatArray) -> Outcome:
    """Summarise `conclusions`.

    Raises
    ------
    ValueError
        If fewer than twenty sweeps give an answer: quantiles of so few would say nothing.
    """
    known = finite("the answers", np.asarray(found)[~np.isnan(found)])
    if len(known) < 20:
        raise ValueError(
            f"Only {len(known)} of {len(found)} sweeps of this design find an optimum: "
            "widen the grid or lower the noise."
        )
    low, median, high = np.quantile(known, [0.025, 0.5, 0.975])
    counts, _ = np.histogram(np.clip(known, EDGES[0], EDGES[-1]), EDGES)
    return Outcome(float(low), float(median), float(high), int(len(found) - len(known)), counts.astype(np.float64))


def _name(top: float, runs: int, width: float, noise: float, estimator: str) -> tuple[str, ...]:
    return f"{top:.6g}", f"{runs:d}", f"{width:.6g}", f"{noise:.6g}", estimator


@cache
def stored() -> dict[tuple[str, ...], Outcome]:
    """Every outcome in the table, by its setting."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {
            tuple(row[k] for k in ("top", "runs", "width", "noise", "estimator")): Outcome(
                float(row["low"]),
                float(row["median"]),
                float(row["high"]),
                int(row["missing"]),
                np.array(row["counts"].split(), dtype=np.float64),
            )
            for row in rows
        }


@cache
def outcome(top: float, runs: int, width: float, noise: float, estimator: str) -> Outcome:
    """The outcome of a setting: read where it is stored, computed where it is not."""
    found = stored().get(_name(top, runs, width, noise, estimator))
    return found or summary(conclusions(Sweep(top, runs, width, noise), estimator))


def settings() -> Iterator[tuple[float, int, float, float, str]]:
    """Every setting that is stored."""
    return product(TOPS, RUNS, WIDTHS, NOISES, ESTIMATORS)


def write(path: Path = TABLE) -> None:
    """Compute all settings and write the table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# {REPEATS} simulated sweeps a row; made by python -m scaling_lib.explorers._sweeps\n")
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["top", "runs", "width", "noise", "estimator", "low", "median", "high", "missing", "counts"])
        for setting in settings():
            *design, estimator = setting
            made = summary(conclusions(Sweep(*design), estimator))  # type: ignore[arg-type]
            table.writerow(
                [
                    *_name(*setting),
                    *(f"{v:.5g}" for v in (made.low, made.median, made.high)),
                    made.missing,
                    " ".join(f"{count:.0f}" for count in made.counts),
                ]
            )


if __name__ == "__main__":
    write()
