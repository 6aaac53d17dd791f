"""How to split a budget: the optimum, the basin around it, and what a wrong choice wastes.

Use `compute_optimal` first. `regret` says what a choice made under one law costs if another is true.
"""

from .optimal import (
    Basin, Optimum, Split, basin, compute_optimal, off_optimum, overhead, overtrain, regret, rule_of_thumb, tokens_per_param,
)

__all__ = [
    "Basin", "Optimum", "Split", "basin", "compute_optimal", "off_optimum", "overhead", "overtrain", "regret", "rule_of_thumb",
    "tokens_per_param",
]
