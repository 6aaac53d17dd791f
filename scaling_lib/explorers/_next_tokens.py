"""The next four times the tokens: over-trained runs with their ends hidden, a law fitted to the rest, then the truth."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from .._validate import FloatArray
from ..laws import OvertrainingLaw
from ._controls import Choice, Guess, Setting, Toggle
from ._explorer import Explorer
from ._format import show
from ._view import Axis, Line, Panel, Points, Readout, Rule, View

__all__ = ["next_tokens"]

_CORPORA = {"redpajama": "RedPajama", "c4": "C4"}
_SIZES = {"11M": 1.1e7, "79M": 7.9e7, "154M": 1.54e8, "412M": 4.12e8}
_UPTO = {"40": 40.0, "80": 80.0, "160": 160.0}  # tokens per parameter of the last run that is shown
_LEAST, _HIDDEN = 20.0, 4.0
_START = {"corpus": "redpajama", "size": "154M", "upto": "160"}


class _Runs(NamedTuple):
    """Runs of one corpus below a billion parameters: size, tokens per parameter, loss on C4."""

    N: FloatArray
    M: FloatArray
    L: FloatArray

    def of(self, size: str) -> tuple[FloatArray, FloatArray]:
        rows = np.abs(np.log(self.N / _SIZES[size])) < 0.1
        order = np.argsort(self.M[rows])
        return self.M[rows][order], self.L[rows][order]


@cache
def _runs(corpus: str) -> _Runs:
    from .. import datasets

    table: Any = datasets.load("overtraining_loss_runs")
    kept = table[(table.train_data == corpus) & (table.params < 1e9) & (table.chinchilla_multiple >= 1)]
    N, D, L = (kept[name].to_numpy(np.float64) for name in ("params", "training_tokens", "loss_nats_c4_val"))
    return _Runs(N, D / N, L)


@cache
def _law(corpus: str, upto: float) -> OvertrainingLaw:
    """The over-training law of the runs of all four sizes that are not hidden."""
    from ..compute import train_flop
    from ..fitting import fit

    runs = _runs(corpus)
    seen = runs.M < 1.1 * upto
    N, M, L = runs.N[seen], runs.M[seen], runs.L[seen]
    return fit(OvertrainingLaw, C=train_flop(N, N * M), M=M, L=L).law


def _compute(settings: Mapping[str, Setting]) -> View:
    corpus, size, upto = str(settings["corpus"]), str(settings["size"]), _UPTO[str(settings["upto"])]
    M, L = _runs(corpus).of(size)
    seen, hidden = M < 1.1 * upto, (M > 1.1 * upto) & (M < 1.1 * _HIDDEN * upto)
    across = np.geomspace(_LEAST, 800, 33)
    curve = np.asarray(_law(corpus, upto).of_model(_SIZES[size], across))
    last, end = float(L[seen][-1]), float(L[hidden][-1])
    expected = float(_law(corpus, upto).of_model(_SIZES[size], M[hidden][-1]))
    low = np.floor(10 * min(float(L.min()), expected) - 0.5) / 10
    return View(
        (
            Panel(
                Axis("Training tokens per parameter (log scale)", 16, 800, "log",
                     ((20, "20"), (40, "40"), (80, "80"), (160, "160"), (320, "320"), (640, "640"))),
                Axis("Loss on held-out C4 (nats per token)", low, low + (1.0 if size == "11M" else 0.8)),
                (
                    Line(np.array([upto, 800.0]), np.array([last, last]), "if it stopped learning", "dotted", "third"),
                    Line(across, curve, "law of the shown runs of all sizes", "dashed", "second", "law"),
                    Points(M[seen], L[seen], "shown runs", "circle", "main"),
                    Points(M[hidden], L[hidden], "hidden runs", "diamond", "truth", "truth"),
                ),
                (Rule(upto, "shown up to here", style="solid"),),
                height=340,
            ),
        ),
        readouts=(
            Readout("last", "Last shown loss", last, "fixed:3", "nats per token"),
            Readout("first", "Fell since 20 tokens per parameter", float(L[0] - last), "fixed:3", "nats"),
            Readout("law", "The law says of the last hidden run", expected, "fixed:3", "nats per token", "law"),
            Readout("end", "Measured there", end, "fixed:3", "nats per token", "truth"),
            Readout("fell", "Fell further", last - end, "fixed:3", "nats", "truth"),
            Readout("upto", "Shown up to", upto, "fixed:0", when="never"),
        ),
        text="Up to {upto} tokens per parameter the loss has come down to {last} nats, {first} less than at 20. "
        "Draw the next four times the tokens in your mind, then show the law and the hidden runs.",
    )


def next_tokens(**settings: Any) -> Explorer:
    """Small models trained far beyond twenty tokens per parameter, with their last four-fold of tokens hidden.

    Parameters
    ----------
    **settings
        Where controls stand first: corpus, size, upto, law, truth.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If there is no such control or it cannot take the value.

    References
    ----------
    .. [1] Gadre et al. 2024, arXiv 2403.08540 (the runs, and the form of the law).

    Examples
    --------
    >>> readouts = {readout.key: readout.shown for readout in next_tokens().view.readouts}
    >>> readouts["last"], readouts["law"], readouts["end"]
    ('3.239', '3.102', '3.105')
    """
    first = {readout.key: readout.value for readout in _compute(_START).readouts}
    shown = [f"{loss:.3f}" for loss in _runs(_START["corpus"]).of(_START["size"])[1][:4]]
    guess = Guess(
        "ch08.next",
        "A model of 154 million parameters was trained on RedPajama, for 20, 40, 80 and 160 tokens per parameter. "
        f"Its losses were {', '.join(shown[:3])} and {shown[3]} nats per token. Now it gets four times as many tokens "
        "again, 640 per parameter. Has it had enough? And what is its loss?",
        "Loss at 640 tokens per parameter",
        first["end"],
        2,
        4,
        unit="nats per token",
        format="fixed:3",
        options={"full": "It has had enough: almost no gain", "learns": "It goes on learning"},
        right="learns" if first["fell"] > 0.05 else "full",
        explain=f"It fell by another {show(first['fell'], 'fixed:3')} nats. The law of the shown runs expected "
        f"{show(first['law'], 'fixed:3')}. Show both, then try the other sizes and the other corpus: not every hidden "
        "run lies as near.",
    )
    return Explorer(
        _compute,
        (
            Choice("size", "Parameters", {key: key for key in _SIZES}, _START["size"]),
            Choice("upto", "Tokens per parameter shown", {key: key for key in _UPTO}, _START["upto"]),
            Choice("corpus", "Trained on", _CORPORA, _START["corpus"]),
            Toggle("law", "Show the law", layer=True),
            Toggle("truth", "Show the hidden runs", layer=True),
        ),
        title="The next four times the tokens",
        description="Each model was trained several times, on more and more tokens. The longest runs are hidden. Will it "
        "go on learning?",
        guess=guess,
    ).set(**settings)
