# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 1. {{Exercises}}: Why scaling
#
# Four exercises to [chapter 1](../book/ch01_why_scaling.md): you turn machines into a model, measure how fast compute has grown,
# tell an overconfident forecaster from an unlucky one, and find machines for a model that exists.

# %% [markdown] name="how" role="exercises-only"
# **How to work.** Write your answer where a cell says so, run it (Shift and Enter), then run the `check` below it.
# `hint("ch01.budget")` gives the idea, then the formula, then nearly the code. `progress()` shows what you have solved.
# `reset("ch01.budget")` begins an exercise again. Stuck on an error? Run `help_me()` right after it.

# %% name="setup"
import numpy as np

from scaling_lib import check, compute, datasets, explorers, fitting, hint, progress, published
from scaling_lib.checks import given, help_me, needs, reset

# %% [markdown] name="budget-task"
# ## What your machines can train
#
# {{ch01.budget}}

# %% name="budget-answer" role="answer"
def budget(n_gpu, days, peak, mfu, ratio):
    """Return (C, N, D), for numbers or arrays."""
    ### BEGIN SOLUTION
    C = n_gpu * days * 86400 * peak * mfu
    N = (C / (6 * ratio)) ** 0.5
    return C, N, ratio * N
    ### END SOLUTION
    raise NotImplementedError

# %% name="budget-check" role="check"
check("ch01.budget", budget)

# %% name="budget-hidden" role="hidden" points=2
### BEGIN HIDDEN TESTS
check("ch01.budget", budget, seed=20011, points=2)
### END HIDDEN TESTS

# %% [markdown] name="budget-use-text"
# Once it is right, the next cell goes from one accelerator for a day to a large cluster for a quarter.

# %% name="budget-use"
with needs("ch01.budget"):
    peak = published.H100.flop_per_s
    for n_gpu, days in ((1, 1), (8, 10), (512, 30), (16384, 90)):
        C, N, D = budget(n_gpu, days, peak, mfu=0.4, ratio=20)
        print(f"{n_gpu:6} H100s, {days:3} days: {C:8.2g} FLOP, {N:8.2g} parameters, {D:8.2g} tokens")

# %% [markdown] name="growth-task"
# ## Measure the growth yourself
#
# {{ch01.growth}}
#
# The table has one row for each model. `publication_date` is a date, `training_flops` a number of FLOP, and `domain` a text that may
# name several domains.

# %% name="growth-data"
numbers = given("ch01.growth")
models = datasets.load("notable_models")
numbers

# %% name="growth-answer" role="answer"
count = ...   # models in your selection
factor = ...  # growth in a year
months = ...  # doubling time, months
### BEGIN SOLUTION
rows = models[models.domain.str.contains(numbers.domain, na=False)]
rows = rows[rows.publication_date >= f"{numbers.since:.0f}-01-01"]
trend = fitting.growth(rows.publication_date, rows.training_flops)
count, factor = len(rows), trend.factor
months = 12 * np.log(2) / np.log(factor)
### END SOLUTION

# %% name="growth-check" role="check"
check("ch01.growth", count, factor, months)

# %% [markdown] name="growth-why" role="solutions-only"
# **Whose growth?** Each domain and each first year gives a number of its own, all of them with intervals that look safe. A growth rate
# without its selection is half a statement.

# %% [markdown] name="forecasters-task"
# ## Luck or overconfidence?
#
# {{ch01.forecasters}}

# %% name="forecasters-numbers"
numbers = given("ch01.forecasters")
numbers

# %% name="forecasters-answer" role="answer"
chance = ...  # that so few intervals or fewer hold, percent
of_A = ...    # "too narrow", "could be luck" or "too wide"
of_B = ...
of_C = ...
### BEGIN SOLUTION
from scipy.stats import binom

n, held = numbers.n, {who: numbers[f"held_{who}"] for who in "ABC"}
chance = 100 * binom.cdf(min(held.values()), n, 0.8)
verdicts = {
    who: "too narrow" if binom.cdf(k, n, 0.8) < 0.05
    else "too wide" if binom.sf(k - 1, n, 0.8) < 0.05
    else "could be luck"
    for who, k in held.items()
}
of_A, of_B, of_C = verdicts["A"], verdicts["B"], verdicts["C"]
### END SOLUTION

# %% name="forecasters-check" role="check"
check("ch01.forecasters", chance, of_A, of_B, of_C)

# %% [markdown] name="forecasters-why" role="solutions-only"
# **Why a perfect record counts against someone.** Whoever is never outside an 80 % interval could have said more: a narrower
# interval would have been as true and more use.

# %% [markdown] name="machines-task"
# ## Machines for a model
#
# {{ch01.machines}}

# %% name="machines-numbers"
numbers = given("ch01.machines")
numbers

# %% name="machines-explorer"
explorers.budget_buys()

# %% name="machines-answer" role="answer"
days = ...  # on your machines
best = ...  # the best size for that compute, parameters
rent = ...  # at the lower price, millions of dollars
side = ...  # "larger than the best" or "smaller than the best"
### BEGIN SOLUTION
C = compute.train_flop(numbers.N, numbers.D)
days = compute.training_days(C, n_gpu=numbers.n_gpu, peak=published.H100, mfu=0.4)
best = published.BESIROGLU_2024.optimal(C).N
price = published.MARKET_PRICES_2025["H100"][0]
rent = compute.training_cost(C, peak=published.H100, mfu=0.4, price_per_hour=price) / 1e6
side = "larger than the best" if numbers.N > best else "smaller than the best"
### END SOLUTION

# %% name="machines-check" role="check"
check("ch01.machines", days, best, rent, side)

# %% [markdown] name="end"
# ## Where you stand

# %% name="progress"
progress("ch01")

# %% [markdown] name="next" role="exercises-only"
# Something still open? `hint("ch01.machines")` and the like help. The solutions are in `solutions/ch01_why_scaling.ipynb`.
