"""How large each experiment is: for a lesson, for a careful look, and as it was measured for the tables that come with the course."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..._validate import choice, integer
from . import (
    addition,
    architectures,
    held_back,
    isoflop,
    joint_fit,
    learning_rate,
    noise,
    parity,
    protocols,
    repetition,
    sample,
    scaling,
    schedule,
    text,
)
from .base import Experiment, Options

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["EXPERIMENTS", "SIZES", "measure"]

#: Names of the presets: under some 20 CPU seconds, one or two CPU minutes, and the one whose results are shipped.
SIZES = ("classroom", "full", "shipped")

_ADDITION = {"widths": (12,), "digits": (3,), "steps": 1500}


def _isoflop(*, preset: str, seed: int, options: Options, held: bool = False, rate: float = 1.0) -> Experiment:
    """The sweep, its joint fit and, where asked for, the held-back run."""
    swept = isoflop(preset, rate=rate, seed=seed, options=options)
    numbers = dict(swept.numbers)
    joint = joint_fit(swept.table, entropy=numbers["entropy"], seed=seed)
    numbers |= {f"joint_{key}": value for key, value in joint.numbers.items()}
    table, laws = swept.table, swept.laws + joint.laws
    if held:
        beyond = held_back(swept.table, seed=seed, options=options)
        numbers |= {f"held_back_{key}": value for key, value in beyond.numbers.items()}
        laws += beyond.laws
        table = pd.concat([swept.table.assign(held_back=False), beyond.table.assign(held_back=True)], ignore_index=True)
    return Experiment(swept.name, swept.question, table, numbers, swept.draw, laws)


def _addition(**settings: Any) -> Experiment:
    settings.pop("seed")
    return addition(**settings)


def _parity(**settings: Any) -> Experiment:
    settings.pop("seed")
    return parity(**settings)


def _schedule(**settings: Any) -> Experiment:
    settings.pop("seed")
    return schedule(**settings)


#: Each experiment, with its settings at each size; ``repeats`` is the number of seeds.
EXPERIMENTS: Mapping[str, tuple[Callable[..., Experiment], Mapping[str, Mapping[str, Any]]]] = {
    "isoflop": (
        _isoflop,
        {
            "classroom": {"preset": "classroom"},
            "full": {"preset": "full"},
            "shipped": {"preset": "extended", "held": True, "repeats": 2},
        },
    ),
    "isoflop-high-rate": (
        _isoflop,
        {
            size: {"preset": preset, "rate": 2.5}
            for size, preset in zip(SIZES, ("classroom", "full", "full"), strict=True)
        },
    ),
    "scaling": (
        scaling,
        {
            "classroom": {
                "widths": (4, 6, 8, 12, 16),
                "tokens": (2**15, 2**16, 2**17, 2**18, 2**19),
                "large_width": 32,
                "large_tokens": 2**19,
            },
            "full": {},
            "shipped": {"repeats": 2},
        },
    ),
    "addition": (
        _addition,
        {"classroom": _ADDITION, "full": {}, "shipped": {"widths": (6, 8, 12, 16), "digits": (2, 4, 6)}},
    ),
    "parity": (
        _parity,
        {
            "classroom": {},
            "full": {"widths": (32, 128), "steps": 8000},
            "shipped": {"widths": (32, 64, 128), "steps": 8000, "seeds": 2},
        },
    ),
    "noise": (noise, {"classroom": {"width": 16, "clean": 2**15}, "full": {}, "shipped": {"repeats": 2}}),
    "repetition": (repetition, {"classroom": {"width": 16, "unique": 2**14}, "full": {}, "shipped": {"repeats": 3}}),
    "schedule": (
        _schedule,
        {"classroom": {"width": 16, "seeds": 1}, "full": {}, "shipped": {"doublings": 5, "seeds": 3}},
    ),
    "sample": (
        sample,
        {
            "classroom": {"digits": 3, "steps": 800, "problems": 100, "samples": 64},
            "full": {},
            "shipped": {"temperatures": (0.3, 0.6, 1.0, 1.4), "problems": 400, "snapshots": (0.3, 0.35, 0.4, 1.0)},
        },
    ),
    "learning-rate": (
        learning_rate,
        {"classroom": {"widths": (6, 24), "tokens": (2**15, 2**17)}, "full": {}, "shipped": {}},
    ),
    "protocols": (
        protocols,
        {"classroom": {"preset": "classroom"}, "full": {"preset": "full"}, "shipped": {"preset": "full"}},
    ),
    "architectures": (
        architectures,
        {"classroom": {"tokens": (2**14, 2**15, 2**16, 2**17)}, "full": {}, "shipped": {}},
    ),
    "text": (
        text,
        {
            "classroom": {"widths": (8, 16, 32), "tokens": (2**14, 2**15, 2**16)},
            "full": {},
            "shipped": {"widths": (16, 32, 64, 96), "tokens": (2**16, 2**17, 2**18, 2**19)},
        },
    ),
}


def measure(name: str, size: str = "classroom", *, seed: int = 0, options: Options | None = None) -> Experiment:
    """Carry out an experiment at one of its sizes.

    Parameters
    ----------
    name : str
        One of `EXPERIMENTS`.
    size : {"classroom", "full", "shipped"}
    seed : int
        First seed.
    options : Options, optional

    Returns
    -------
    Experiment
        Where a size repeats the experiment, the rows of all seeds with a column ``repeat``, each number's mean over the seeds, and
        its standard deviation over them as ``name_sd``.
    """
    choice("name", name, tuple(EXPERIMENTS))
    choice("size", size, SIZES)
    seed = integer("seed", seed)
    function, sizes = EXPERIMENTS[name]
    settings = dict(sizes[size])
    repeats = settings.pop("repeats", 1)
    options = options or Options()
    if repeats == 1:
        return function(**settings, seed=seed, options=options)
    parts = [function(**settings, seed=seed + i, options=options) for i in range(repeats)]
    table = pd.concat([part.table.assign(repeat=i) for i, part in enumerate(parts)], ignore_index=True)
    numbers: dict[str, float] = {}
    for key in parts[0].numbers:
        values = np.array([part.numbers.get(key, math.nan) for part in parts])
        numbers[key] = float(values.mean())
        if values.std() > 0:
            numbers[f"{key}_sd"] = float(values.std(ddof=1))

    def draw(ax: Axes) -> Axes:
        return parts[0].draw(ax)

    laws = tuple(f"{law}, repeat {i}" for i, part in enumerate(parts) for law in part.laws)
    return Experiment(parts[0].name, parts[0].question, table, numbers, draw, laws)
