"""Addition written out in digits: one skill, whose "emergence" depends on how it is scored.

``1234+5678=06912``: the question is the context, the answer what is predicted. The same snapshots of a model in training
are scored by exact match, by digits, and by the log-probability of the answer (`score`); and one snapshot can be sampled
many times (`sample_answers`) for pass@k, votes and verifiers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from .._validate import FloatArray, integer, scalar
from .gpt import GPT, GPTTrainer
from .run import Run
from .sources import HELD_OUT_SEED, Tokens
from .training import train

if TYPE_CHECKING:
    import pandas

__all__ = ["AdditionSource", "addition_run", "emergence", "sample_answers", "score"]

PLUS, EQUALS = 10, 11
BLOCK = 4096


@dataclass(frozen=True)
class AdditionSource:
    """Problems a + b = c with a and b of `digits` digits, zeros in front; c has one digit more.

    Parameters
    ----------
    digits : int
        Digits of each summand, 2 to 6.

    Raises
    ------
    ValueError
        If `digits` is not a whole number from 2 to 6.

    Examples
    --------
    >>> source = AdditionSource(digits=2)
    >>> source.write(7, 95)
    array([ 0,  7, 10,  9,  5, 11,  1,  0,  2], dtype=uint8)
    """

    digits: int = 4

    def __post_init__(self) -> None:
        object.__setattr__(self, "digits", integer("digits", self.digits, low=2, high=6))

    @property
    def vocab(self) -> int:
        """Ten digits, plus and equals."""
        return 12

    @property
    def entropy(self) -> float:
        """The question determines the answer."""
        return 0.0

    @property
    def question(self) -> int:
        """Symbols of the question."""
        return 2 * self.digits + 2

    @property
    def answer(self) -> int:
        """Symbols of the answer."""
        return self.digits + 1

    def check(self, count: int, length: int) -> None:
        """A window is one problem, whole."""
        if length != self.question + self.answer:
            raise ValueError(
                f"A window of {length} symbols does not hold one problem of {self.digits} digits: take "
                f"context={self.question} in the model and window={self.answer} in the run, or use addition_run."
            )

    def write(self, a: object, b: object) -> Tokens:
        """Write problems out; arrays give one row each."""
        left, right = np.asarray(a, np.int64), np.asarray(b, np.int64)
        signs = [np.full((*left.shape, 1), sign, np.uint8) for sign in (PLUS, EQUALS)]
        parts = [
            _digits(left, self.digits),
            signs[0],
            _digits(right, self.digits),
            signs[1],
            _digits(left + right, self.digits + 1),
        ]
        return np.concatenate(parts, axis=-1)

    def problems(self, count: int, *, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Random summands; the first of a longer draw are those of a shorter one."""
        count = integer("count", count, low=1)
        blocks = [
            np.random.default_rng([seed, self.digits, i]).integers(10**self.digits, size=(BLOCK, 2))
            for i in range(-(-count // BLOCK))
        ]
        drawn = np.concatenate(blocks)[:count]
        return drawn[:, 0], drawn[:, 1]

    def windows(self, count: int, length: int, *, seed: int = 0) -> Tokens:
        """Problems written out, one a row."""
        self.check(count, length)
        return self.write(*self.problems(count, seed=seed))

    def surprise(self, windows: Tokens, first: int) -> FloatArray:
        """Zero: the answer is certain."""
        return np.zeros((len(windows), windows.shape[1] - first))


def _digits(numbers: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    places = 10 ** np.arange(count - 1, -1, -1)
    return (numbers[..., None] // places % 10).astype(np.uint8)


def addition_run(
    width: int, *, digits: int = 4, steps: int = 3000, depth: int = 2, reads: int = 24, seed: int = 0
) -> Run:
    """The description of a GPT that learns addition, 128 problems a step, read at `reads` points evenly in log time.

    Parameters
    ----------
    width, depth : int
        Size of the GPT.
    digits : int
    steps : int
        At least 100.
    reads : int
        Snapshots along training.
    seed : int

    Raises
    ------
    ValueError
        If `steps` is below 100, `reads` below 1, or the run cannot be described.
    """
    source = AdditionSource(digits)
    steps = integer("steps", steps, low=100)
    reads = integer("reads", reads, low=1)
    fractions = np.unique(np.round(np.geomspace(min(50, steps), steps, reads))) / steps
    model = GPT(
        width,
        depth=depth,
        positions="learned",
        tied=True,
        context=source.question,
        length=source.question + source.answer,
    )
    return Run(
        source,
        model,
        tokens=steps * 128 * source.answer,
        window=source.answer,
        batch=128,
        warmup=100,
        peak_lr=0.12 / width**0.5,
        read_at=tuple(float(f) for f in fractions),
        seed=seed,
    )


@dataclass(frozen=True)
class Score:
    """One snapshot, scored four ways on the same problems.

    Attributes
    ----------
    exact_match : float
        Share of problems whose most likely answer, digit by digit, is right in full.
    digit_accuracy : float
        Share of answer digits that are right.
    log_prob : float
        Mean log-probability of the right answer, nats for the whole answer.
    prob : float
        Mean probability of the right answer.
    """

    exact_match: float
    digit_accuracy: float
    log_prob: float
    prob: float


@torch.no_grad()
def score(trainer: GPTTrainer, source: AdditionSource, *, problems: int = 2000, seed: int = HELD_OUT_SEED) -> Score:
    """Score a model on problems it was not trained on (by chance it may have met a few).

    Parameters
    ----------
    trainer : GPTTrainer
        The model.
    source : AdditionSource
        What it was trained on.
    problems : int
        How many fresh problems.
    seed : int
        Of the problems.
    """
    windows = torch.from_numpy(source.write(*source.problems(problems, seed=seed))).long()
    logits = trainer.network(windows[:, :-1])[:, source.question - 1 :]
    target = windows[:, source.question :]
    right = logits.argmax(-1) == target
    log_prob = torch.log_softmax(logits.double(), -1).gather(-1, target[..., None])[..., 0].sum(1)
    return Score(
        float(right.all(1).double().mean()),
        float(right.double().mean()),
        float(log_prob.mean()),
        float(log_prob.exp().mean()),
    )


@torch.no_grad()
def sample_answers(
    trainer: GPTTrainer,
    source: AdditionSource,
    *,
    problems: int = 400,
    samples: int = 128,
    temperature: float = 1.0,
    seed: int = 0,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sample answers, digit by digit.

    Parameters
    ----------
    trainer : GPTTrainer
    source : AdditionSource
    problems, samples : int
        Problems, and answers to each.
    temperature : float
        0 takes the most likely digit.
    seed : int

    Returns
    -------
    answers : ndarray of int64, shape (problems, samples)
    truth : ndarray of int64, shape (problems,)

    Raises
    ------
    ValueError
        If `temperature` is negative or `samples` below 1.
    """
    temperature = scalar("temperature", temperature, low=0.0, high=100.0)
    samples = integer("samples", samples, low=1)
    a, b = source.problems(problems, seed=HELD_OUT_SEED + 1)
    generator = torch.Generator().manual_seed(seed)
    text = torch.from_numpy(source.write(a, b)).long()[:, : source.question].repeat_interleave(samples, 0)
    for _ in range(source.answer):
        logits = trainer.network(text)[:, -1, :10]
        if temperature == 0:
            digit = logits.argmax(-1, keepdim=True)
        else:
            digit = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)
        text = torch.cat([text, digit], 1)
    places = 10 ** torch.arange(source.answer - 1, -1, -1)
    answers = (text[:, source.question :] * places).sum(1).view(len(a), samples)
    return answers.numpy(), a + b


def emergence(runs: list[Run]) -> pandas.DataFrame:
    """Train addition models and score each at its snapshots.

    Parameters
    ----------
    runs : list of Run
        Of `addition_run`.

    Returns
    -------
    pandas.DataFrame
        One row a snapshot: width, N (non-embedding), digits, tokens (answer digits trained on), problems seen, exact_match,
        digit_accuracy, log_prob, prob.

    Raises
    ------
    ValueError
        If a run is not one of `addition_run`.
    """
    import pandas as pd

    rows: list[dict[str, float]] = []
    for run in runs:
        source = run.source
        if not isinstance(source, AdditionSource):
            raise ValueError(f"runs holds a run on {type(source).__name__}: expected runs of addition_run.")

        def look(tokens: int, trainer: object, run: Run = run, source: AdditionSource = source) -> None:
            assert isinstance(trainer, GPTTrainer)
            found = score(trainer, source)
            rows.append(
                {
                    "width": run.model.width,
                    "N": run.model.counts(source.vocab).non_embedding,
                    "digits": source.digits,
                    "seed": run.seed,
                    "tokens": tokens,
                    "problems": tokens // source.answer,
                    **vars(found),
                }
            )

        train(run, watch=look)
    return pd.DataFrame(rows)
