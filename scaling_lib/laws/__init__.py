"""The formulas: one law a class, one family a file, no paper's numbers (those are in `scaling_lib.published`)."""

from .base import Allocation, Law
from .chinchilla import ChinchillaLaw
from .power import PowerLaw

__all__ = ["Allocation", "ChinchillaLaw", "Law", "PowerLaw"]
