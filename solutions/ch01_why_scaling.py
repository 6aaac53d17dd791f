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
# Five exercises to [chapter 1](../book/ch01_why_scaling.md): you turn machines into a model, measure how fast compute has grown,
# tell an overconfident forecaster from an unlucky one, find machines for a model that exists, and make a forecast whose
# outcome is known.

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

# %% [markdown] name="backcast-task"
# ## Would you have seen it coming?
#
# {{ch01.backcast}}
#
# `trend = fitting.growth(...)` keeps the line that it fitted: `trend.line.band(trend.at(when))` is a band at dates or years `when`, with
# ends `low` and `high`. `help(trend.line.band)` says which kinds of band there are. Before you count, note how many you expect inside.
# Then judge the count at a limit of 5 %, as you judged the forecasters:
#
# * **as promised**: a count that 80 % and chance allow;
# * **too wide**: more lie inside than chance allows;
# * **too narrow**: fewer than chance allows, and the misses lie on both sides as a coin would have it;
# * **moved**: fewer than chance allows, and so nearly all of the misses lie on one side that a coin would not.

# %% name="backcast-data"
numbers = given("ch01.backcast")
models = datasets.load("notable_models")
numbers

# %% name="backcast-answer" role="answer"
low = ...     # of the 80 % band for one further model at numbers.middle, FLOP
high = ...
inside = ...  # later models inside the band for their own date
above = ...   # later models above it
# What it tells: "as promised", "too wide", "too narrow" or "moved"
tells = ...
### BEGIN SOLUTION
from scipy.stats import binom

rows = models[models.domain.str.contains(numbers.domain, na=False)]
year = rows.publication_date.dt.year
old, later = rows[(year >= 2010) & (year < numbers.before)], rows[(year >= numbers.before) & (year < numbers.until)]
trend = fitting.growth(old.publication_date, old.training_flops)
band = trend.line.band(trend.at(numbers.middle), kind="prediction", level=0.8)
low, high = band.low, band.high
each = trend.line.band(trend.at(later.publication_date), kind="prediction", level=0.8)
inside = int(((later.training_flops >= each.low) & (later.training_flops <= each.high)).sum())
above = int((later.training_flops > each.high).sum())
misses = len(later) - inside
if binom.cdf(inside, len(later), 0.8) < 0.05:
    tells = "moved" if binom.cdf(min(above, misses - above), misses, 0.5) < 0.05 else "too narrow"
else:
    tells = "too wide" if binom.sf(inside - 1, len(later), 0.8) < 0.05 else "as promised"
### END SOLUTION

# %% name="backcast-check" role="check"
check("ch01.backcast", low, high, inside, above, tells)

# %% [markdown] name="backcast-why" role="solutions-only"
# **What the band does not know.** An 80 % band holds four in five of the next models *if* they scatter about the same line as the last
# ones. Take the language models. Until 2018 their compute grew slowly and scattered widely. Then people decided to spend more, and no
# scatter of the past contains a decision: of those of 2019 to 2021 far fewer lie inside than promised, and none lies below. A band fitted
# in 2022 is too wide instead, because to one line a break looks like scatter.
#
# A limit of 5 % takes the models for independent coins. They are not quite: all of them share the error of one line. The next cell
# draws that error too, and the verdict stays.

# %% name="backcast-chance" role="solutions-only"
rng, line = np.random.default_rng(0), trend.line
worlds = np.exp(rng.normal(0, line.scatter, (2000, len(old))))  # the same line, another draw of old and later models
new = np.exp(rng.normal(0, line.scatter, (2000, len(later))))
counts = []
for past, future in zip(worlds, new, strict=True):
    guess = fitting.growth(old.publication_date, past)
    told = guess.line.band(guess.at(later.publication_date), level=0.8)
    counts.append(np.sum((future >= told.low) & (future <= told.high)))
counts = np.array(counts)
print(f"{inside} of {len(later)} inside. By chance so few or fewer: {100 * np.mean(counts <= inside):.1f} %, so many or more:"
      f" {100 * np.mean(counts >= inside):.1f} %")

# %% name="backcast-both" role="solutions-only"
after = fitting.growth(later.publication_date, later.training_flops)
for kind, of in (("confidence", "the trend"), ("prediction", "one model")):
    ends = trend.line.band(trend.at(later.publication_date), kind=kind, level=0.8)
    hits = later.training_flops.between(ends.low, ends.high).sum()
    print(f"80 % band for {of}, a factor of {np.median(ends.high / ends.low):,.0f} wide: {hits} of {len(later)} inside")
print(f"growth {trend.factor:.1f} times a year before, {after.factor:.1f} after ({after.low:.1f} to {after.high:.1f})")

# %% [markdown] name="backcast-after"
# Once it is right, count once more, now with the 80 % band for the *trend*. It is the one that pictures usually shade. How many of the
# models that came would it have held?

# %% [markdown] name="end"
# ## Where you stand

# %% name="progress"
progress("ch01")

# %% [markdown] name="next" role="exercises-only"
# Something still open? `hint("ch01.backcast")` and the like help. The solutions are in `solutions/ch01_why_scaling.ipynb`.
