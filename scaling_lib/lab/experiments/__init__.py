"""Experiments: each one function that returns a table, its numbers and one picture."""

from .base import Experiment, Options
from .isoflop import PRESETS, held_back, isoflop, joint_fit
from .scaling import scaling

__all__ = ["PRESETS", "Experiment", "Options", "held_back", "isoflop", "joint_fit", "scaling"]
