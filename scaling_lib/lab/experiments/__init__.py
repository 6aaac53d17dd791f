"""Experiments: each one function that returns a table, its numbers and one picture."""

from .addition import addition
from .architectures import architectures
from .base import Experiment, Options
from .corpora import noise, repetition
from .isoflop import PRESETS, held_back, isoflop, joint_fit
from .parity import parity
from .protocols import protocols
from .rates import learning_rate
from .sampling import sample
from .scaling import scaling
from .schedules import schedule
from .text import text

__all__ = [
    "PRESETS",
    "Experiment",
    "Options",
    "addition",
    "architectures",
    "held_back",
    "isoflop",
    "joint_fit",
    "learning_rate",
    "noise",
    "parity",
    "protocols",
    "repetition",
    "sample",
    "scaling",
    "schedule",
    "text",
]
