"""How to split a budget: the optimum, the basin around it, and what a wrong choice wastes.

Use `compute_optimal` first. `regret` says what a choice made under one law costs if another is true, `regret_table` and
`hedge` do so for many laws at once. `inference_aware`, `cost_aware` and `payback` count serving as well.
"""

from .minimax import Hedge, RegretTable, hedge, regret_table
from .optimal import (
    Basin, Optimum, Split, basin, compute_optimal, off_optimum, overhead, overtrain, regret, rule_of_thumb, tokens_per_param,
)
from .serving import Lifetime, Payback, Rate, cost_aware, equivalent_tokens, inference_aware, payback, small_model_overhead

__all__ = [
    "Basin", "Hedge", "Lifetime", "Optimum", "Payback", "Rate", "RegretTable", "Split", "basin", "compute_optimal", "cost_aware",
    "equivalent_tokens", "hedge", "inference_aware", "off_optimum", "overhead", "overtrain", "payback", "regret", "regret_table",
    "rule_of_thumb", "small_model_overhead", "tokens_per_param",
]
