"""The planner: a budget in words, a decision, and what being wrong would waste.

Use `plan`. Its headline is a table of regret: each law's pick, your candidates and a hedge, against each law being
true, in
per cent of compute. It states no loss unless the law is a fit to your own runs, assumes a price only where a budget in
dollars names none, and echoes what it read.
"""

from .answer import Plan
from .budget import Budget, parse_budget
from .decide import plan

__all__ = ["Budget", "Plan", "parse_budget", "plan"]
