"""When does small pay back? Two models of equal loss over their lives, and the served tokens at which they are even."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from .._validate import FloatArray
from ..allocate import Payback, payback
from ..allocate.serving import equivalent_tokens
from ._controls import Choice, Guess, Setting, Slider
from ._explorer import Explorer
from ._format import show
from ._isoflop import _LAWS
from ._view import Axis, Band, Dot, Line, Panel, Readout, Rule, View

__all__ = ["pay_back"]

#: Utilisation in training, and parameters of the larger model, which is compute-optimal.
TRAINING, LARGE = 0.4, 13e9
_SERVED = np.logspace(-3, 2, 21)  # tokens served, in units of the larger model's training tokens
_HALF = 0.5


@cache
def _pair(law: str, k: float) -> Payback:
    """The smaller model of k times the best size, at the price of training."""
    return payback(_LAWS[law][1], k)


def _lives(law: str, k: float, serving: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lifetime cost of the larger and of the smaller model, in units of the larger one's training."""
    return 1 + serving, k * np.asarray(_pair(law, k).k_D) + k * serving


@cache
def _large_tokens(law: str) -> float:
    return float(_LAWS[law][1].optimal_for_params(LARGE).D)


@cache
def _panels(k: float, ratio: float, law: str) -> tuple[Panel, Panel]:
    """The two pictures, which the traffic does not change."""
    serving = np.asarray(equivalent_tokens(_SERVED, ratio))
    large, small = _lives(law, k, serving)
    every = np.stack([mine / its for its, mine in (_lives(other, k, serving) for other in _LAWS)])
    served = float(_pair(law, k).served) / ratio
    across = Axis("Tokens served, over the larger model's training tokens (log scale)", 1e-3, 1e2, "log")
    return (
        Panel(
            across,
            Axis("Lifetime cost, larger model's training = 1 (log scale)", 0.5, 1e3, "log"),
            (
                Line(_SERVED, large, "the larger model", "dashed", "quiet"),
                Line(_SERVED, small, "the smaller model"),
            ),
            (
                Dot(
                    served, 1 + float(equivalent_tokens(served, ratio)), "even at {served}", "above-left", "diamond",
                    "second"
                ),
            ),
            title="Two lives of equal loss",
            height=300,
        ),
        Panel(
            across,
            Axis(
                "Smaller model's lifetime cost over the larger one's (log scale)",
                0.2,
                4,
                "log",
                ((0.25, "25 %"), (0.5, "50 %"), (1, "100 %"), (2, "200 %"), (4, "400 %")),
            ),
            (
                Band(_SERVED, every.min(axis=0), every.max(axis=0), "between three laws", "quiet"),
                Line(_SERVED, small / large, "this law"),
            ),
            (Rule(1, "equal", "y", "dashed"), Dot(served, 1, "pays back", "below-left", "diamond", "second")),
            title="The smaller one's cost, in percent",
            height=260,
        ),
    )


def _compute(settings: Mapping[str, Setting]) -> View:
    k, ratio, law = float(settings["k"]), TRAINING / float(settings["utilisation"]), str(settings["law"])
    own, others = _pair(law, k), [float(_pair(other, k).served) / ratio for other in _LAWS]
    tokens = float(own.served) / ratio * _large_tokens(law)
    return View(
        _panels(k, ratio, law),
        readouts=(
            Readout("served", "Pays back after", float(own.served) / ratio, "sig:3", "× training tokens"),
            Readout("tokens", "which are", tokens, "short:3", "tokens"),
            Readout(
                "days", "at this traffic", tokens / float(settings["requests"]) / float(settings["tokens"]), "sig:3",
                "days"
            ),
            Readout("overhead", "Costs more to train", float(own.overhead), "percent:0"),
            Readout("k_D", "Trains on", float(own.k_D), "sig:3", "× the tokens"),
            Readout("k", "Size", k, "fixed:1", when="never"),
            Readout("low", "Least of three laws", min(others), "sig:3", when="never"),
            Readout("high", "Most of three laws", max(others), "sig:3", when="never"),
        ),
        text="A model of {k} times the best size trains on {k_D} times the tokens for the same loss and costs"
             " {overhead} "
        "more to train. It has paid back after serving {served} times the larger model's training tokens, which takes "
        "{days} days at this traffic. The three laws say {low} to {high} times.",
    )


def pay_back(**settings: Any) -> Explorer:
    """Lifetime cost of a compute-optimal model and of a smaller one of equal loss, against the tokens served.

    The larger model has 13 billion parameters and is compute-optimal under the chosen law; training runs at 40 per
    cent of the peak. Only the days depend on either.

    Parameters
    ----------
    **settings
        Where controls stand first: k, requests, tokens, utilisation, law.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If there is no such control or it cannot take the value.

    References
    ----------
    .. [1] Sardana et al. 2024, arXiv 2401.00448 (lifetime cost).
    .. [2] de Vries 2023, "Go smol or go home" (the price of a smaller model).

    Examples
    --------
    >>> explorer = pay_back()
    >>> explorer.view.readouts[0].shown, explorer.set(law="hoffmann").view.readouts[0].shown
    ('1.56', '1.25')
    """
    half = {name: float(payback(law, _HALF).served) for name, (_, law) in _LAWS.items()}
    guess = Guess(
        "ch08.payback",
        "A model of half the compute-optimal size is trained until its loss is the same. That takes more than twice "
        "the tokens and more compute in all. But each token it serves costs half. Does the number of served tokens at "
        "which it has paid back, in units of the larger model's training tokens, depend on the scale? And how large is "
        "it, if a FLOP costs the same in serving as in training?",
        "Tokens served until even, over the larger model's training tokens",
        half["besiroglu"],
        0.01,
        1000,
        format="sig:3",
        options={
            "grows": "it grows with the budget",
            "falls": "it falls with the budget",
            "same": "it is the same at every budget",
        },
        right="same",
        explain=f"That is by the replication's law; by Hoffmann's constants it is {show(half['hoffmann'], 'sig:3')}."
                f" The "
        "training tokens of the larger model stand in the extra training and in the tokens served alike, and cancel.",
    )
    explorer = Explorer(
        _compute,
        (
            Slider("k", "Size, of the compute-optimal size", 0.2, 0.9, step=0.1, value=_HALF, format="fixed:1"),
            Slider(
                "utilisation",
                "Utilisation when decoding (training: 40\N{NO-BREAK SPACE}%)",
                0.004,
                TRAINING,
                step=0.1,
                value=TRAINING,
                log=True,
                format="percent:1",
                nodes=6,
            ),
            Slider(
                "requests", "Requests a day", 1e3, 1e9, step=0.05, value=1e6, log=True, format="short:3", nodes=2
            ),
            Slider("tokens", "Tokens a request", 100, 1e5, step=0.05, value=1e3, log=True, format="short:3", nodes=2),
            Choice(
                "law",
                "Fitted law",
                {key: _LAWS[key][0] for key in ("besiroglu", "hoffmann", "unrounded")},
                "besiroglu",
            ),
        ),
        title="When does small pay back?",
        description="Two models reach the same loss: a compute-optimal one of 13 billion parameters, and a smaller one "
        "that trains longer. Move the size of the smaller and the traffic, and watch where their lifetime costs cross.",
        guess=guess,
    )
    return explorer.set(**settings)
