"""How to split a budget: the optimum, the basin around it, and what a wrong choice wastes.

Use `compute_optimal` first. `regret` says what a choice made under one law costs if another is true; `regret_table` and
`hedge` do so for many laws, `spread` for the refits of one. `inference_aware`, `cost_aware` and `payback` count
serving, `data_constrained` counts unique data, `overtrain` takes a ratio of tokens to parameters as given,
`design_sweep` says which small runs to make first.
"""

from .minimax import Hedge, RegretTable, hedge, regret_table
from .optimal import (
    Basin, Optimum, Split, basin, compute_optimal, off_optimum, overhead, regret, rule_of_thumb,
    tokens_per_param,
)
from .serving import (
    Lifetime, Payback, Rate, cost_aware, equivalent_tokens, inference_aware, payback, small_model_overhead,
)
from .intervals import Spread, spread
from .ratio import Overtrained, overtrain
from .sweep import Sweep, SweepDesign, SweepTrial, design_sweep
from .unique import Repeated, data_constrained

__all__ = [
    "Basin",
    "Hedge",
    "Lifetime",
    "Optimum",
    "Overtrained",
    "Payback",
    "Rate",
    "RegretTable",
    "Repeated",
    "Split",
    "Spread",
    "Sweep",
    "SweepDesign",
    "SweepTrial",
    "basin",
    "compute_optimal",
    "cost_aware",
    "data_constrained",
    "design_sweep",
    "equivalent_tokens",
    "hedge",
    "inference_aware",
    "off_optimum",
    "overhead",
    "overtrain",
    "payback",
    "regret",
    "regret_table",
    "rule_of_thumb",
    "small_model_overhead",
    "spread",
    "tokens_per_param",
]
