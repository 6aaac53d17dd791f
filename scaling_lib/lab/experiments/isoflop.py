"""IsoFLOP sweeps in miniature: how size and tokens should grow with compute, and what a held-back larger run says.

`isoflop` sweeps; `joint_fit` fits the whole surface with the floor free or known; `held_back` trains one run at eight times
the largest budget and compares it with what the sweep's frontier predicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..._validate import choice, integer, positive, scalar
from ...compute import FLOP_PER_PARAM_TOKEN
from ...fitting import Interval, IsoFlopResult, fit
from ...fitting import isoflop as find_valleys
from ...laws import ChinchillaLaw, PowerLaw
from ..lagmlp import LagMLP
from ..markov import MarkovSource
from ..run import Run
from .base import Experiment, Options, finished

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

__all__ = ["PRESETS", "grid", "held_back", "isoflop", "joint_fit", "valleys"]

#: Budgets (FLOP, 6ND with non-embedding N) and the widths trained at each; every optimum lies inside.
PRESETS: Mapping[str, Mapping[float, tuple[int, ...]]] = {
    "classroom": {5e8: (4, 6, 8, 12, 16), 2e9: (6, 8, 12, 16, 24), 8e9: (8, 12, 16, 24, 36)},
    "full": {
        1e9: (4, 6, 8, 11, 15, 20),
        4e9: (6, 9, 12, 16, 22, 30),
        1.6e10: (8, 12, 16, 22, 30, 42),
        6.4e10: (12, 16, 22, 30, 42, 60),
        2.56e11: (16, 22, 30, 42, 60, 84),
    },
    "extended": {
        1e9: (4, 6, 8, 11, 15, 20),
        4e9: (6, 9, 12, 16, 22, 30),
        1.6e10: (8, 12, 16, 22, 30, 42),
        6.4e10: (12, 16, 22, 30, 42, 60),
        2.56e11: (16, 22, 30, 42, 60, 84),
        1.024e12: (22, 30, 42, 60, 84, 116),
    },
}
#: The held-back run's budget over the largest of the sweep.
BEYOND = 8.0


def grid(
    budgets: Mapping[float, tuple[int, ...]], *, source: MarkovSource | None = None, seed: int = 0, **settings: Any
) -> list[Run]:
    """The runs of an IsoFLOP sweep of lag MLPs: at each budget, each width gets the tokens that the budget leaves.

    Parameters
    ----------
    budgets : mapping of float to tuple of int
        Budget in FLOP to widths.
    source : MarkovSource, optional
    seed : int
    **settings
        Further settings of `Run`.
    """
    source = MarkovSource() if source is None else source
    return [
        _at(float(positive("budget", C, unit="FLOP")), width, source, seed, settings)
        for C, widths in budgets.items()
        for width in widths
    ]


def _at(C: float, width: int, source: MarkovSource, seed: int, settings: Mapping[str, Any]) -> Run:
    model = LagMLP(width)
    return Run(
        source,
        model,
        tokens=int(C / FLOP_PER_PARAM_TOKEN / model.counts(source.vocab).non_embedding),
        seed=seed,
        **settings,
    )


def valleys(table: pandas.DataFrame) -> IsoFlopResult:
    """The valleys of a sweep, by 6ND with non-embedding parameters."""
    # A run trains whole batches, so its 6ND is a little below its budget; neighbours differ by a factor of four.
    return find_valleys(N=table["N_non_embedding"], D=table["D"], L=table["loss"], tolerance=0.5)


def isoflop(
    preset: str = "classroom",
    *,
    source: MarkovSource | None = None,
    rate: float = 1.0,
    seed: int = 0,
    options: Options | None = None,
) -> Experiment:
    """Sweep, find the valleys, and fit how the optimum moves with compute.

    Parameters
    ----------
    preset : {"classroom", "full", "extended"}
        15 runs over 3 budgets, 30 over 5, or 36 over 6.
    source : MarkovSource, optional
    rate : float
        Peak learning rate over the rule's 0.08 / sqrt(width). The rule is cautious: `learning_rate` finds the best rates at two to five times
        it, and the exponent moves with it.
    seed : int
    options : Options, optional

    Returns
    -------
    Experiment
        Numbers: a and b with standard errors (200 refits with resampled residuals), valleys inside, the floor of the source.

    Raises
    ------
    ValueError
        If the preset is unknown.
    """
    choice("preset", preset, tuple(PRESETS))
    source = MarkovSource() if source is None else source
    rate = scalar("rate", rate, low=0.0, open_low=True, high=100.0)
    runs = [
        replace(run, peak_lr=(run.peak_lr or 0.0) * rate) for run in grid(PRESETS[preset], source=source, seed=seed)
    ]
    table = finished(runs, options or Options())
    result = valleys(table)
    refits = result.bootstrap(200, seed=0)
    spread = refits.interval("a", 0.6827)
    numbers = {
        "a": result.a,
        "a_se": spread.width / 2,
        "b": result.b,
        "b_se": spread.width / 2,
        "valleys": float(len(result.valleys)),
        "inside": float(len(result.optima)),
        "entropy": source.entropy,
        "cpu_seconds": float(table["cpu_seconds"].sum()),
    }

    def draw(ax: Axes) -> Axes:
        from ...plots import isoflop_curves

        return isoflop_curves(result, ax=ax)

    laws = (
        f"N* = {result.k_N:.4g} C^{result.a:.4f} (exponent ± {spread.width / 2:.2g})",
        f"D* = {result.k_D:.4g} C^{result.b:.4f} (exponent ± {spread.width / 2:.2g})",
    )
    return Experiment("isoflop", "How should size and tokens grow with compute?", table, numbers, draw, laws)


def joint_fit(
    table: pandas.DataFrame, *, entropy: float, leave_out: int = 1, refits: int = 1000, seed: int = 0
) -> Experiment:
    """Fit L = E + A/N^alpha + B/D^beta to the runs of a sweep, once with E free and once with E known.

    The law holds where models are neither tiny nor hardly trained. On the runs of the smallest budget it does not yet: with them the
    residuals of the joint fit nearly double and the floor comes out too low. So the smallest budget is left out, and the fit
    of all runs stands beside it (``*_all``): the choice is yours to see.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of `sweep`.
    entropy : float
        The true floor, nats.
    leave_out : int
        Smallest budgets outside the scaling region.
    refits : int
        Bootstrap refits.
    seed : int

    Returns
    -------
    Experiment
        Numbers: E with its 95 % interval, whether the truth lies inside, and the exponents both ways; the same of all runs; the
        residuals' root mean square in log loss either way.

    Raises
    ------
    ValueError
        If `entropy` is negative or `leave_out` leaves fewer than two budgets.
    """
    entropy = scalar("entropy", entropy, unit="nats", low=0.0)
    budgets = [valley.C for valley in valleys(table).valleys]
    leave_out = integer("leave_out", leave_out, unit="budgets", high=len(budgets) - 2)
    nearest = np.abs(np.log(table["C_non_embedding"].to_numpy()[:, None] / np.array(budgets))).argmin(axis=1)
    inside = table[nearest >= leave_out]
    numbers = {
        "E_true": entropy,
        "left_out": float((nearest < leave_out).sum()),
        **_floor(inside, entropy, refits, seed),
    }
    numbers |= {f"{name}_all": value for name, value in _floor(table, entropy, refits, seed).items()}
    free = fit(ChinchillaLaw, N=inside["N_non_embedding"], D=inside["D"], L=inside["loss"])

    def draw(ax: Axes) -> Axes:
        from ...plots import residuals

        return residuals(free, ax=ax)

    law = free.law
    laws = (f"L = {law.E:.4f} + {law.A:.4g} / N^{law.alpha:.4f} + {law.B:.4g} / D^{law.beta:.4f}, E fitted free",)
    return Experiment("joint_fit", "Is the fitted floor the entropy of the source?", inside, numbers, draw, laws)


def _floor(table: pandas.DataFrame, entropy: float, refits: int, seed: int) -> dict[str, float]:
    """The joint fit with E free, its interval, and with E known."""
    columns = {"N": table["N_non_embedding"], "D": table["D"], "L": table["loss"]}
    free, known = fit(ChinchillaLaw, **columns), fit(ChinchillaLaw, fixed={"E": entropy}, **columns)
    interval: Interval = free.bootstrap(refits, seed=seed).interval("E", 0.95)
    numbers = {
        "E": free.law.E,
        "E_low": interval.low,
        "E_high": interval.high,
        "truth_inside": float(interval.low <= entropy <= interval.high),
        "rms": float(np.sqrt(np.mean(np.square(free.residuals)))),
    }
    for name, result in (("free", free), ("known", known)):
        numbers |= {
            f"alpha_{name}": result.law.alpha,
            f"beta_{name}": result.law.beta,
            f"a_{name}": result.law.a,
            f"objective_{name}": result.objective,
        }
    return numbers


def held_back(
    table: pandas.DataFrame,
    *,
    source: MarkovSource | None = None,
    budgets: int = 3,
    seed: int = 0,
    options: Options | None = None,
) -> Experiment:
    """Train one run at eight times the largest budget and compare it with the frontier of the sweep.

    The total loss is predicted well by anything, since the floor dominates it; the excess over the floor is the honest test. The excess of
    the smallest budgets falls more slowly than that of the larger ones, so a line through all valleys predicts too much; it
    goes through the largest `budgets`, and the other prediction stands beside it (``*_all``).

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of an `isoflop` sweep.
    source : MarkovSource, optional
        The source that was swept.
    budgets : int
        Largest budgets through which the frontier is drawn, at least two.
    seed : int
    options : Options, optional

    Returns
    -------
    Experiment
        Numbers: loss and excess of the run, what was predicted, and the errors as fractions; ``local_exponent_*``, how steeply the excess
        falls from each budget to the next.

    Raises
    ------
    ValueError
        If `budgets` is below 2.
    """
    source = MarkovSource() if source is None else source
    result = valleys(table)
    budgets = integer("budgets", budgets, low=2)
    C = BEYOND * max(valley.C for valley in result.valleys)
    width = round(float(np.sqrt(result.optimal(C).N / 20)))
    row = finished([_at(C, width, source, seed, {})], options or Options()).iloc[0]
    reached = float(row["C_non_embedding"])
    computes = np.array([valley.C for valley in result.optima])
    excess = np.array([float(valley.L or 0.0) for valley in result.optima]) - source.entropy
    numbers = {
        "C": reached,
        "N": float(row["N_non_embedding"]),
        "D": float(row["D"]),
        "loss": float(row["loss"]),
        "excess": float(row["excess"]),
        "excess_se": float(row["excess_se"]),
        "budgets": float(min(budgets, len(computes))),
    }
    laws = {
        "": fit(PowerLaw, x=computes[-budgets:], L=excess[-budgets:], fixed={"E": 0.0}).law,
        "_all": fit(PowerLaw, x=computes, L=excess, fixed={"E": 0.0}).law,
    }
    for name, law in laws.items():
        numbers |= {
            f"excess_predicted{name}": float(law(reached)),
            f"loss_predicted{name}": source.entropy + float(law(reached)),
            f"exponent{name}": law.alpha,
        }
        numbers |= {
            f"excess_error{name}": float(law(reached)) / numbers["excess"] - 1,
            f"loss_error{name}": numbers[f"loss_predicted{name}"] / numbers["loss"] - 1,
        }
    falls = -np.diff(np.log([*excess, numbers["excess"]])) / np.diff(np.log([*computes, reached]))
    numbers |= {f"local_exponent_{i}": float(value) for i, value in enumerate(falls)}

    def draw(ax: Axes) -> Axes:
        from ...plots import loglog

        loglog(
            computes,
            excess,
            fit=laws[""],
            upto=reached,
            xlabel="Compute C (FLOP)",
            ylabel="Excess over the entropy (nats)",
            label="frontier",
            ax=ax,
        )
        ax.plot([reached], [numbers["excess"]], marker="D", linestyle="none", color="0.35", label="held back")
        return ax

    import pandas as pd

    law = laws[""]
    written = (f"L = {source.entropy:.4f} + {law.A:.4g} / C^{law.alpha:.4f} along the frontier",)
    question = "Does the small sweep predict the larger run?"
    return Experiment("held_back", question, pd.DataFrame([row]), numbers, draw, written)
