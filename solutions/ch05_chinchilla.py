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
# # 5. {{Exercises}}: Chinchilla
#
# Ten exercises to [chapter 5](../book/ch05_chinchilla.md): you find the bottom of the valley, first with a formula,
# then in measured runs, then by hand. Then you judge what others claim about it, ask how well any of it is known, and
# design a sweep that would tell you more.

# %% [markdown] name="how" role="exercises-only"
# **How to work.** Write your answer where a cell says so, run it (Shift and Enter), then run the `check` below it.
#
# * `check(...)` shows a card: what is right, what looks wrong, and where to look. Points are partial, and you can try
#   as often as you like.
# * `hint("ch05.optimum")` gives the idea; run it again for the formula, and again for nearly the code.
# * `progress()` shows what you have solved; it is kept when you close the notebook. `reset("ch05.optimum")` begins an
#   exercise again.
# * Stuck on an error? Run `help_me()` right after it.
#
# The exercises build on each other a little, but each can be worked alone. Numbers may be rounded; `2e10`,
# `20_000_000_000` and `"2e10"` are all the same.

# %% name="setup"
import numpy as np

from scaling_lib import ChinchillaLaw, allocate, compute, datasets, explorers
from scaling_lib import check, fit, fitting, hint, progress, published
from scaling_lib.checks import given, help_me, needs, reset

# %% [markdown] name="optimum-task"
# ## The bottom of the valley
#
# {{ch05.optimum}}
#
# At a fixed budget a larger model gets fewer tokens, since a parameter and a token together cost six FLOP: $C = 6ND$.
# Somewhere between too large and too short lies the best split. For the Chinchilla law it has a closed form; the
# chapter states it, and half a page of calculus gives it.

# %% name="optimum-answer" role="answer"
def optimum(C, A, B, alpha, beta):
    """Return (N, D), the best parameters and tokens for C FLOP (or an array)."""
    ### BEGIN SOLUTION
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / compute.FLOP_PER_PARAM_TOKEN) ** (beta / (alpha + beta))
    return N, compute.train_tokens(C, N)
    ### END SOLUTION
    raise NotImplementedError

# %% name="optimum-check" role="check"
check("ch05.optimum", optimum)

# %% name="optimum-hidden" role="hidden" points=2
### BEGIN HIDDEN TESTS
check("ch05.optimum", optimum, seed=20221, points=2)
### END HIDDEN TESTS

# %% [markdown] name="optimum-why" role="solutions-only"
# **Why.** On the budget line $D = C/(6N)$. Setting the derivative of $A N^{-\alpha} + B (6N/C)^{\beta}$ with respect
# to $\log N$ to zero gives $\alpha A N^{-\alpha} = \beta B D^{-\beta}$: at the bottom, one percent more of $N$ lowers
# the model term by exactly what one percent less of $D$ adds to the data term. Solve for $N$. The library's
# `law.optimal` holds the same formula:

# %% name="optimum-same" role="solutions-only"
law = published.HOFFMANN_2022
best = law.optimal(C=5.76e23)
assert np.allclose(optimum(5.76e23, law.A, law.B, law.alpha, law.beta), (best.N, best.D))
best

# %% [markdown] name="optimum-use-text"
# Once it is right, the next cell asks it about Gopher's budget, with two sets of constants for the same runs.

# %% name="optimum-use"
with needs("ch05.optimum"):
    for name in ("HOFFMANN_2022", "BESIROGLU_2024"):
        law = getattr(published, name)
        N, D = optimum(5.76e23, law.A, law.B, law.alpha, law.beta)
        print(f"{name:15} N = {N / 1e9:5.1f} billion   D = {D / 1e12:4.2f} trillion"
              f"   D / N = {D / N:5.1f}")

# %% [markdown] name="rule-task"
# ## The rule, both ways
#
# {{ch05.rule}}
#
# "Twenty tokens per parameter" is quoted in one direction, from a model to its tokens. Teams ask in the other
# direction too: this is the text I have, which model suits it? And a fitted law can be asked the same questions.
# `law.optimal_for_params(N)` finds the budget whose best model has N parameters, and returns the whole split: its
# `.N`, `.D`, `.C` and `.L`.

# %% name="rule-numbers"
numbers = given("ch05.rule")
numbers

# %% name="rule-answer" role="answer"
tokens_for = ...      # by the rule of 20: tokens for each of numbers.sizes
params_for = ...      # by the rule of 20: parameters for each of numbers.tokens
by_hoffmann = ...     # tokens for each size, by published.HOFFMANN_2022
by_replication = ...  # the same by published.BESIROGLU_2024
apart = ...           # the largest of the four ratios of the two laws' tokens
### BEGIN SOLUTION
sizes, tokens = np.array(numbers.sizes), np.array(numbers.tokens)
tokens_for = allocate.rule_of_thumb(N=sizes).D
params_for = allocate.rule_of_thumb(D=tokens).N
by_hoffmann = published.HOFFMANN_2022.optimal_for_params(sizes).D
by_replication = published.BESIROGLU_2024.optimal_for_params(sizes).D
apart = (by_hoffmann / by_replication).max()
### END SOLUTION

# %% name="rule-check" role="check"
check("ch05.rule", tokens_for, params_for, by_hoffmann, by_replication, apart)

# %% [markdown] name="rule-after"
# Both laws describe the same experiments, yet they ask for different numbers of tokens, and the further from the
# experiments the more so. Part of it is rounding: two digits of an exponent are not enough to go from a model of a
# billion parameters to one of a hundred. The chapter takes that apart; keep it in mind until the last exercise.

# %% [markdown] name="valley-task"
# ## Twelve valleys
#
# {{ch05.valley}}
#
# No law is needed to find an optimum: train models of several sizes with one budget and look. These are such runs on
# RefinedWeb, at twelve budgets. The table holds several arms; this cell keeps the one that the chapter uses.

# %% name="valley-data"
table = datasets.load("kaplan_vs_chinchilla_isoflop")
runs = table.query("hyperparameters == 'base' and warmup == 'short'"
                   " and lr_schedule == 'cosine_matched'"
                   " and param_count_rule == 'non_embedding_with_head'"
                   " and loss_split == 'validation'")
runs[["flops", "params", "tokens", "loss_nats"]].head(8)

# %% name="valley-answer" role="answer"
def valley(N, L):
    """Return the size at the bottom of one IsoFLOP curve, by a parabola."""
    ### BEGIN SOLUTION
    a, b, c = np.polyfit(np.log(N), L, 2)
    return np.exp(-b / (2 * a))
    ### END SOLUTION
    raise NotImplementedError


exponent = ...  # the slope of log N* against log C over the twelve budgets
### BEGIN SOLUTION
budgets = np.array([C for C, _ in runs.groupby("flops")])
sizes = np.array([valley(group.params, group.loss_nats) for _, group in runs.groupby("flops")])
exponent, _ = np.polyfit(np.log(budgets), np.log(sizes), 1)
### END SOLUTION

# %% name="valley-check" role="check"
check("ch05.valley", valley, exponent)

# %% name="valley-hidden" role="hidden" points=1
### BEGIN HIDDEN TESTS
check("ch05.valley", valley, exponent, seed=20222, points=1)
### END HIDDEN TESTS

# %% [markdown] name="valley-why" role="solutions-only"
# **In the library** this is `fitting.isoflop`, which also refuses a minimum outside the sampled sizes and resamples
# the runs for an interval. With all runs in each parabola it gives the same exponent; with its usual window around
# the lowest run a slightly different one, which is a fair measure of how much the choice matters.

# %% name="valley-same" role="solutions-only"
everything = fitting.isoflop(C=runs.flops, N=runs.params, L=runs.loss_nats, window=None)
window = fitting.isoflop(C=runs.flops, N=runs.params, L=runs.loss_nats)
assert np.isclose(everything.a, exponent, rtol=1e-6)
print(f"all runs {everything.a:.3f}, window {window.a:.3f}")

# %% [markdown] name="valley-after"
# Runs measured, optima found, a line drawn: that is the second of Hoffmann's three approaches. The third fits the
# whole surface at once, and for that a computer needs to be told what a good fit *is*.

# %% [markdown] name="objective-task"
# ## What the fit minimises
#
# {{ch05.objective}}
#
# Let $r = \log L - \log \hat L$ be the log residual of a run. Huber's loss of it is $r^2/2$ where $|r| \le \delta$
# and $\delta\,(|r| - \delta/2)$ beyond. The objective is its sum over the runs.

# %% name="objective-answer" role="answer"
def objective(predicted, measured, delta):
    """Return the summed Huber loss of the log residuals of two arrays of losses."""
    ### BEGIN SOLUTION
    return fitting.huber_objective(np.log(measured) - np.log(predicted), delta)
    ### END SOLUTION
    raise NotImplementedError

# %% name="objective-check" role="check"
check("ch05.objective", objective)

# %% name="objective-hidden" role="hidden" points=1
### BEGIN HIDDEN TESTS
check("ch05.objective", objective, seed=20223, points=1)
### END HIDDEN TESTS

# %% [markdown] name="objective-why" role="solutions-only"
# **Without the library** it is two lines, in which the two zones are told apart by `np.where`:

# %% name="objective-same" role="solutions-only"
def objective_by_hand(predicted, measured, delta):
    r = np.abs(np.log(measured) - np.log(predicted))
    return np.where(r <= delta, r**2 / 2, delta * (r - delta / 2)).sum()


predicted, measured = np.array([2.0, 3.0]), np.array([2.001, 2.5])
by_hand_too = objective_by_hand(predicted, measured, 1e-3)
assert np.isclose(by_hand_too, objective(predicted, measured, 1e-3))

# %% [markdown] name="objective-use-text"
# Once it is right, the next cell scores three published sets of constants on the 240 runs. The first two differ only
# in how many digits were printed.

# %% name="objective-use"
points = datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")
with needs("ch05.objective"):
    for name in ("HOFFMANN_2022", "HOFFMANN_2022_UNROUNDED", "BESIROGLU_2024"):
        law = getattr(published, name)
        predicted = law(points.params, points.training_tokens)
        print(f"{name:24} {objective(predicted, points.loss_nats.to_numpy(), 1e-3):.4e}")

# %% [markdown] name="by-hand-task"
# ## Fit the law by hand
#
# {{ch05.by_hand}}
#
# The upper picture shows the 240 runs and your law; the lower two show what is left over, in percent, against size
# and against tokens. A computer does this in two milliseconds. Doing it once by hand shows which constants pull
# against each other, and why a fit that looks perfect can still be uncertain.

# %% name="by-hand-explorer"
hand = explorers.hand_fit()
hand

# %% [markdown] name="by-hand-read"
# `hand.law` is the law that the sliders make, and `hand.objective / hand.best_objective` its score. Write the five
# constants into the next cell, so that they are still there tomorrow.

# %% name="by-hand-answer" role="answer"
by_hand = ...  # dict(E=..., A=..., B=..., alpha=..., beta=...)
### BEGIN SOLUTION
result = fit(ChinchillaLaw, N=points.params, D=points.training_tokens, L=points.loss_nats)
by_hand = {name: float(f"{value:.4g}") for name, value in result.law.parameters.items()}
### END SOLUTION

# %% name="by-hand-check" role="check"
check("ch05.by_hand", by_hand)

# %% [markdown] name="options-task"
# ## Option A or option B
#
# {{ch05.options}}
#
# A text sets two models beside each other, for one budget, and says: "Option B is compute-optimal." It also sums up
# the rule of 20 as: "D ≈ 20N, so train longer on less data." A difference of losses says little to most people.
# Percent of compute says more: a run wastes what it spent beyond the least compute that would have reached its loss.
#
# Three times the same sum. The first is worked, for Gopher:

# %% name="options-worked"
law = published.HOFFMANN_2022
gopher_loss = law(280e9, 300e9)                   # what the law says that it reached
gopher_least = law.compute_for_loss(gopher_loss)  # the least compute that reaches that loss
gopher_spent = compute.train_flop(280e9, 300e9)
print(f"Gopher: {gopher_spent:.3g} FLOP spent, {gopher_least:.3g} needed,",
      f"{100 * (gopher_spent / gopher_least - 1):.0f} % wasted")

# %% [markdown] name="options-half"
# The second is half-worked, for GPT-3 and by the same law: two terms are missing. In place of the waste it asks for the
# share of what was spent that would have been enough. The chapter has that number where it asks this of GPT-3, "by the
# constants that DeepMind printed"; compare.

# %% name="options-half-worked" role="answer"
law = published.HOFFMANN_2022
loss = law(175e9, 300e9)
least = ...   # the least compute that reaches this loss
enough = ...  # percent of what was spent
### BEGIN SOLUTION
least = law.compute_for_loss(loss)
enough = 100 * least / compute.train_flop(175e9, 300e9)
### END SOLUTION
print("GPT-3: enough would have been", enough, "%")

# %% [markdown] name="options-third"
# The third, A and B under two laws, is yours: what each *wastes*, as for Gopher. The check judges this one alone.

# %% name="options-numbers"
numbers = given("ch05.options")
numbers

# %% name="options-answer" role="answer"
by_hoffmann = ...     # waste of A and B in percent, by published.HOFFMANN_2022
by_replication = ...  # the same by published.BESIROGLU_2024
# Is option B compute-optimal? "holds", "fails" or "depends on the law"
verdict = ...
# What does the rule of 20 tell a team with GPT-3's budget?
# "smaller model, more data", "larger model, less data" or "the same model, less data"
rule_says = ...
### BEGIN SOLUTION
by_hoffmann, by_replication = (
    [100 * allocate.overhead(law, N, D) for N, D in zip(numbers.N, numbers.D)]
    for law in (published.HOFFMANN_2022, published.BESIROGLU_2024)
)
verdict = "depends on the law"
rule_says = "smaller model, more data"
### END SOLUTION

# %% name="options-check" role="check"
check("ch05.options", by_hoffmann, by_replication, verdict, rule_says)

# %% [markdown] name="options-why" role="solutions-only"
# **Why.** Option A is too large and too short under every law. Option B is smaller and longer than any of them
# advises, but by the constants of Hoffmann et al. as printed it wastes little, and by the replication's about half of
# what it needs. By the rule of 20, which the same text recommends, neither is optimal. And the rule turns a model
# with under two tokens per parameter into a smaller one that reads more, not less.

# %% [markdown] name="invoice-task"
# ## The invoice
#
# {{ch05.invoice}}
#
# Found in public, and slightly shortened: "A 7B model on 2T tokens needs 84 quintillion FLOP. That is 104 A100-days,
# or about $7,500." (Your numbers stand below; with another course seed they differ from the quotation.)

# %% name="invoice-numbers"
numbers = given("ch05.invoice")
numbers

# %% name="invoice-answer" role="answer"
flop = ...     # training compute, FLOP
days = ...     # A100-days at full utilisation
dollars = ...  # their price
# Which step follows? FLOP from N and D; the invoice's days from its FLOP; its dollars from its days.
follows = ...  # a list: three times True or False
### BEGIN SOLUTION
flop = compute.train_flop(numbers.N, numbers.D)
days = compute.gpu_hours(flop, peak=numbers.peak, mfu=1.0) / 24
claimed_flop_takes = compute.gpu_hours(numbers.claimed_flop, peak=numbers.peak, mfu=1.0) / 24
dollars = compute.training_cost(flop, peak=numbers.peak, mfu=1.0, price_per_hour=numbers.price)
follows = [
    bool(np.isclose(numbers.claimed_flop, flop, rtol=0.05)),
    bool(np.isclose(numbers.claimed_days, claimed_flop_takes, rtol=0.05)),
    bool(np.isclose(numbers.claimed_dollars, 24 * numbers.claimed_days * numbers.price, rtol=0.05)),
]
### END SOLUTION

# %% name="invoice-check" role="check"
check("ch05.invoice", flop, days, dollars, follows)

# %% [markdown] name="invoice-after"
# Full utilisation does not exist. Large dense runs reach 30 to 50 percent of the peak, so that a real bill is two to
# three times this one. Units of a thousand are lost more easily than that: write FLOP with an exponent, never with
# words.

# %% [markdown] name="twofold-task"
# ## Twice too large
#
# {{ch05.twofold}}
#
# A model of $k$ times the best size is trained with a budget $C$ (and the tokens that are left: $D = C/6N$). Its loss
# could have been reached with a smaller budget $C'$, well split. It wastes $C/C' - 1$. The surprise is that neither
# $C$ nor $E$, $A$ or $B$ matters. Why not $C$?
#
# * **a**: because the floor $E$ is the same everywhere and cancels;
# * **b**: because at the optimum each of the two terms is a fixed share of the excess loss, at every budget;
# * **c**: because the law was fitted in logarithms.

# %% name="twofold-answer" role="answer"
def waste(k, alpha, beta):
    """Return the waste in percent at k times the best size; k may be an array."""
    ### BEGIN SOLUTION
    excess = (beta * k**-alpha + alpha * k**beta) / (alpha + beta)  # over that of the best size
    gamma = alpha * beta / (alpha + beta)  # along the optima the excess falls as C**-gamma
    return 100 * (excess ** (1 / gamma) - 1)
    ### END SOLUTION
    raise NotImplementedError


why = ...  # "a", "b" or "c"
### BEGIN SOLUTION
why = "b"
### END SOLUTION

# %% name="twofold-check" role="check"
check("ch05.twofold", waste, why)

# %% name="twofold-hidden" role="hidden" points=2
### BEGIN HIDDEN TESTS
check("ch05.twofold", waste, why, seed=20224, points=2)
### END HIDDEN TESTS

# %% [markdown] name="twofold-why" role="solutions-only"
# **Why.** At the optimum $\alpha A N^{-\alpha} = \beta B D^{-\beta}$, so the model term is $\beta/(\alpha+\beta)$ of
# the excess and the data term $\alpha/(\alpha+\beta)$, whatever the budget. Multiplying $N$ by $k$ at constant $C$
# multiplies them by $k^{-\alpha}$ and $k^{\beta}$. The excess along the optima falls as $C^{-\gamma}$; a relative
# excess of $r$ therefore costs a factor $r^{1/\gamma}$ of compute. The library finds the same numerically, at any
# budget:

# %% name="twofold-same" role="solutions-only"
law = published.BESIROGLU_2024
for C in (1e19, 1e22, 1e25):
    N = 2 * law.optimal(C).N
    measured = 100 * allocate.overhead(law, N, compute.train_tokens(C, N))
    assert np.isclose(measured, waste(2.0, law.alpha, law.beta))

# %% [markdown] name="twofold-use-text"
# Once it is right, the next cell shows the basin in the unit that a budget is made in.

# %% name="twofold-use"
with needs("ch05.twofold"):
    for name in ("HOFFMANN_2022", "BESIROGLU_2024"):
        law = getattr(published, name)
        row = "   ".join(f"k = {k:g}: {waste(k, law.alpha, law.beta):5.1f} %"
                         for k in (0.25, 0.5, 0.8, 1.25, 2.0, 4.0))
        print(f"{name:15} {row}")

# %% [markdown] name="interval-task"
# ## How well is twenty known?
#
# {{ch05.interval}}
#
# One fit of the 240 runs gives one number. Another draw of runs would have given another. Resampling the runs shows
# how far apart such numbers lie, though only for the noise of the runs: not for another corpus, another recipe, or a
# budget a hundred times beyond the largest run. `fit(...).bootstrap(1000).interval(f)` resamples the runs; `f` is
# a function of a law.

# %% name="interval-numbers"
numbers = given("ch05.interval")
points = datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")
numbers

# %% name="interval-answer" role="answer"
low = ...   # tokens per parameter, lower end of the 95 % interval
high = ...  # upper end
# What the interval says of 20: "contradicted", "confirmed" or "not contradicted"
rule = ...
### BEGIN SOLUTION
result = fit(ChinchillaLaw, N=points.params, D=points.training_tokens, L=points.loss_nats)
refits = result.bootstrap(1000, seed=0)
low, high = refits.interval(lambda law: law.optimal(numbers.C).tokens_per_param, 0.95)
rule = "not contradicted" if low < 20 < high else "contradicted"
### END SOLUTION

# %% name="interval-check" role="check"
check("ch05.interval", low, high, rule)

# %% [markdown] name="sweep-task"
# ## Spend your own sweep
#
# {{ch05.sweep}}
#
# The sweep has five rows, their budgets even in the logarithm from a hundredth of `top` up to `top`. Each row has a
# fifth of the `runs`, their sizes even in the logarithm too, around the size with 20 tokens per parameter; `width` is
# the largest over the smallest. The explorer makes such sweeps on the replication's law, and shows what they cost. The
# hidden surface has other constants. And as the chapter's runs did, it leaves its law where a model reads too little.
#
# Then the last question. Make every row a tenth as dear, and keep the number of runs and the width: what becomes of the
# range?

# %% name="sweep-numbers"
numbers = given("ch05.sweep")
numbers

# %% name="sweep-widget"
explorers.spend_your_sweep()

# %% name="sweep-answer" role="answer"
top = ...    # FLOP of a run in the top row
runs = ...   # in all five rows together
width = ...  # largest over smallest size in a row
# "much wider", "about as wide" or "much narrower"
a_tenth = ...
### BEGIN SOLUTION
runs = numbers.runs  # noise is shared by as many runs as there can be
width = 20.0         # the largest model of a row then sees 20 / width tokens for each parameter: one
rows = 10 ** -np.linspace(0, 2, 5)
top = numbers.budget / (runs / 5 * rows.sum())
a_tenth = "about as wide"
### END SOLUTION

# %% name="sweep-check" role="check"
check("ch05.sweep", top, runs, width, a_tenth)

# %% [markdown] name="sweep-then" role="exercises-only"
# Once it is right, say in a sentence each what more runs, a wider grid and larger runs did to the range, and why. Then
# compare with the solutions.

# %% [markdown] name="sweep-after" role="solutions-only"
# Three things could be bought. More runs share the noise. A wider grid shows how the sides of the valley bend, until it
# reaches sizes where the law is no longer true. And larger runs bought next to nothing: they lie closer to the target,
# and closer to the floor as well.

# %% [markdown] name="end"
# ## Where you stand

# %% name="progress"
progress("ch05")

# %% [markdown] name="next" role="exercises-only"
# Something still open? `hint("ch05.twofold")` and the like help. The solutions are in
# `solutions/ch05_chinchilla.ipynb`; they are worth reading even where your own answer was right.
