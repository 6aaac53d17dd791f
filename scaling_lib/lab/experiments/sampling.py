"""Test-time compute: snapshots of one addition model, sampled many times; coverage, votes, a verifier that errs, temperature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..._validate import FloatArray, fraction, integer
from ...sampling import coverage_curve, pass_at_k, plurality_limit, verified_success
from ..run import Run
from .base import Experiment, Options, carried, several

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..base import Trainer

__all__ = ["Sampled", "counted", "counts", "expand", "sample"]


@dataclass(frozen=True)
class Sampled:
    """A run whose snapshots are sampled."""

    run: Run
    temperatures: tuple[float, ...]
    problems: int
    samples: int


def counted(task: Sampled) -> list[dict[str, Any]]:
    """Train once; at each snapshot and temperature, count for each problem how often each answer came.

    A record holds, for each problem, how many samples were right (``right``) and the votes of the other answers, most frequent
    first (``others``).
    """
    from ..addition import AdditionSource, sample_answers, score
    from ..gpt import GPTTrainer
    from ..training import train

    source, records = task.run.source, []
    assert isinstance(source, AdditionSource)

    def look(tokens: int, trainer: Trainer) -> None:
        assert isinstance(trainer, GPTTrainer)
        exact = score(trainer, source).exact_match
        for temperature in task.temperatures:
            answers, truth = sample_answers(
                trainer,
                source,
                problems=task.problems,
                samples=task.samples,
                temperature=temperature,
                seed=task.run.seed,
            )
            right = (answers == truth[:, None]).sum(1)
            others = [
                sorted((int(n) for n in np.unique(row[row != want], return_counts=True)[1]), reverse=True)[:8]
                for row, want in zip(answers, truth, strict=True)
            ]
            records.append(
                {
                    "tokens": tokens,
                    "step": tokens // task.run.batch_tokens,
                    "exact_match": exact,
                    "temperature": temperature,
                    "samples": task.samples,
                    "right": right.tolist(),
                    "others": others,
                }
            )

    train(task.run, watch=look)
    return records


def counts(
    width: int = 12,
    steps: int = 1200,
    *,
    snapshots: tuple[float, ...] = (0.3, 0.4, 1.0),
    temperatures: tuple[float, ...] = (0.5, 1.0),
    problems: int = 200,
    samples: int = 128,
    digits: int = 4,
    seed: int = 0,
    options: Options | None = None,
) -> pd.DataFrame:
    """What `sample` starts from: for each snapshot and temperature, how many samples of each problem were right.

    Parameters
    ----------
    width, steps, snapshots, temperatures, problems, samples, digits, seed, options
        As in `sample`.

    Returns
    -------
    pandas.DataFrame
        One row a snapshot and temperature: step, tokens, exact_match (greedy), temperature, samples, right (list, one a problem), others
        (lists: votes of the other answers, most frequent first).
    """
    from ..addition import addition_run

    integer("samples", samples, low=2)
    snapshots, temperatures = several("snapshots", snapshots), several("temperatures", temperatures)
    run = replace(addition_run(width, digits=digits, steps=steps, reads=1, seed=seed), read_at=tuple(snapshots))
    task = Sampled(run, tuple(temperatures), integer("problems", problems, low=1), samples)
    return carried(counted, [task], options or Options())


def sample(
    width: int = 12,
    steps: int = 1200,
    *,
    snapshots: tuple[float, ...] = (0.3, 0.4, 1.0),
    temperatures: tuple[float, ...] = (0.5, 1.0),
    problems: int = 200,
    samples: int = 128,
    false_positive: float = 0.01,
    digits: int = 4,
    seed: int = 0,
    options: Options | None = None,
) -> Experiment:
    """Sample snapshots of an addition model many times and compare what selects among the samples.

    Parameters
    ----------
    width, steps, digits : int
        The model, how long it learns, and what.
    snapshots : tuple of float
        Fractions of the training at which it is sampled.
    temperatures : tuple of float
    problems, samples : int
    false_positive : float
        Share of wrong answers that the verifier accepts.
    seed : int
    options : Options, optional

    Returns
    -------
    Experiment
        Table: one row a snapshot, temperature and k, with coverage (``pass_at_k``), the vote (``majority``) and the first answer that the
        verifier accepts (``verified``). Numbers, of the snapshot and temperature with the largest gain: ``pass_at_1``,
        ``pass_at_k``, ``majority`` at the most samples, the vote's limit (``majority_limit``), ``verified``, and ``one_rate_k``, the
        samples at which a single rate for all problems would have reached that coverage.

    Raises
    ------
    ValueError
        If `false_positive` is no fraction, or there are too few samples, problems, snapshots or temperatures.
    """
    slip = float(fraction("false_positive", false_positive))
    raw = counts(
        width,
        steps,
        snapshots=snapshots,
        temperatures=temperatures,
        problems=problems,
        samples=samples,
        digits=digits,
        seed=seed,
        options=options,
    )
    table = pd.concat([expand(row, slip) for _, row in raw.iterrows()], ignore_index=True)
    last = table[table["k"] == samples]
    first = table[table["k"] == 1].set_index(last.index)
    lead = last.loc[(last["pass_at_k"] - first["pass_at_k"]).idxmax()]
    chosen = raw[(raw["tokens"] == lead["tokens"]) & (raw["temperature"] == lead["temperature"])].iloc[0]
    once, reached = float(first.loc[lead.name, "pass_at_k"]), float(lead["pass_at_k"])
    one_rate = float(np.log1p(-min(reached, 1 - 1e-9)) / np.log1p(-once)) if 0 < once < 1 else float("nan")
    numbers = {
        "k": float(samples),
        "pass_at_1": once,
        "pass_at_k": reached,
        "majority": float(lead["majority"]),
        "majority_limit": float(lead["majority_limit"]),
        "verified": float(lead["verified"]),
        "greedy": float(chosen["exact_match"]),
        "temperature": float(lead["temperature"]),
        "step": float(lead["step"]),
        "one_rate_k": one_rate,
        "cpu_seconds": raw.attrs["cpu_seconds"],
    }

    def draw(ax: Axes) -> Axes:
        part = table[(table["tokens"] == lead["tokens"]) & (table["temperature"] == lead["temperature"])]
        for column, marker, label in (
            ("pass_at_k", "o", "any right (perfect verifier)"),
            ("verified", "s", f"verifier, {100 * slip:g} % false positives"),
            ("majority", "^", "majority"),
        ):
            ax.plot(part["k"], part[column], marker=marker, label=label)
        ax.set(xscale="log", xlabel="Samples k (log scale)", ylabel="Problems solved")
        ax.legend()
        return ax

    return Experiment("sample", "What do more samples buy, and who chooses among them?", table, numbers, draw)


def expand(row: pd.Series[Any], false_positive: float) -> pd.DataFrame:
    """Scores of one snapshot at one temperature for k = 1, 2, 4, ... samples."""
    right, samples = np.asarray(row["right"], np.int64), int(row["samples"])
    ks = np.unique([*(2 ** np.arange(0, int(np.log2(samples)) + 1)), samples])
    votes = _ballots(right, row["others"], samples)
    rate = right / samples
    limit = plurality_limit(votes / samples)
    return pd.DataFrame(
        {
            "tokens": row["tokens"],
            "step": row["step"],
            "exact_match": row["exact_match"],
            "temperature": row["temperature"],
            "k": ks,
            "pass_at_k": [float(np.mean(pass_at_k(samples, right, int(k)))) for k in ks],
            "majority": [_vote(votes, samples, int(k)) for k in ks],
            "majority_limit": limit,
            "verified": [float(np.mean(verified_success(rate, int(k), false_positive=false_positive))) for k in ks],
        }
    )


def _ballots(right: NDArray[np.int64], others: Sequence[Sequence[int]], samples: int) -> FloatArray:
    """Votes of each answer, shape (problems, answers), the right one first; what is not listed came once each."""
    wide = 1 + max(len(row) for row in others) if len(others) else 1
    table = np.zeros((len(right), wide))
    table[:, 0] = right
    for i, row in enumerate(others):
        table[i, 1 : 1 + len(row)] = row
    return table


def _vote(votes: FloatArray, samples: int, k: int) -> float:
    """Share of problems that a plurality of k samples solves, ties in equal shares, averaged over draws without replacement."""
    rng = np.random.default_rng(k)
    # What the list of other answers left out is spread over answers of their own, which win no vote of more than one.
    rest = samples - votes.sum(axis=1).astype(np.int64)
    total = 0.0
    draws = max(1, min(16, samples // k))
    for counts, left in zip(votes.astype(np.int64), rest, strict=True):
        drawn = rng.multivariate_hypergeometric([*counts, int(left)], k, size=draws)
        # A vote of one of the unlisted counts as one answer with a single vote.
        listed, single = drawn[:, :-1], np.minimum(drawn[:, -1:], 1)
        every = np.concatenate([listed, single], axis=1)
        top = every.max(axis=1, keepdims=True)
        winners = (every == top).sum(axis=1) + np.where(single[:, 0] == top[:, 0], np.maximum(drawn[:, -1] - 1, 0), 0)
        total += float(((listed[:, 0] == top[:, 0]) / winners).mean())
    return total / len(votes)
