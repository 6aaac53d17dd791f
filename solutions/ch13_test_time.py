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
# # 13. {{Exercises}}: Test time
#
# Seven exercises to [chapter 13](../book/ch13_test_time.md): you write the estimator of pass@k, foretell a hundred
# samples from ten, judge a vote, place a verifier, take a bill apart, and find what the next solved problem costs.

# %% [markdown] name="how" role="exercises-only"
# **How to work.** Write your answer where a cell says so, run it (Shift and Enter), then run the `check` below it.
#
# * `check(...)` shows a card: what is right, what looks wrong, and where to look. Points are partial, and you can try
#   as often as you like.
# * `hint("ch13.pass_at_k")` gives the idea; run it again for the formula, and again for nearly the code.
# * `progress()` shows what you have solved; it is kept when you close the notebook. `reset("ch13.pass_at_k")` begins
#   an exercise again.
# * Stuck on an error? Run `help_me()` right after it.
#
# Each exercise can be worked alone. Numbers may be rounded to three digits. Shares are numbers between 0 and 1 unless
# percent are asked for.

# %% name="setup"
import math

import numpy as np

from scaling_lib import datasets, explorers, fit, sampling
from scaling_lib.lab import results
from scaling_lib.sampling import BetaCoverage
from scaling_lib import check, hint, progress
from scaling_lib.checks import given, help_me, needs, reset

# %% [markdown] name="pass-at-k-task"
# ## Count right answers
#
# {{ch13.pass_at_k}}
#
# For each problem the chance that $k$ samples hold a right one is wanted, without putting $c/n$ in the place of the
# rate; then the average. `n` and `k` are whole numbers, $k \le n$, and `c` is an array of whole numbers, one for each
# problem. `n` may be in the thousands.

# %% name="pass-at-k-answer" role="answer"
def pass_at_k(n, c, k):
    """Return pass@k, averaged over problems with c right among n samples each."""
    ### BEGIN SOLUTION
    missed = [np.prod(1.0 - right / (n - np.arange(k))) if k <= n - right else 0.0 for right in c]
    return 1.0 - np.mean(missed)
    ### END SOLUTION
    raise NotImplementedError

# %% name="pass-at-k-check" role="check"
check("ch13.pass_at_k", pass_at_k)

# %% name="pass-at-k-hidden" role="hidden" points=2
### BEGIN HIDDEN TESTS
check("ch13.pass_at_k", pass_at_k, seed=13011, points=2)
### END HIDDEN TESTS

# %% [markdown] name="pass-at-k-why" role="solutions-only"
# **Why.** Pick the $k$ samples one after the other, without putting back. The first is wrong with probability
# $(n-c)/n = 1 - c/n$, the next with $1 - c/(n-1)$, and so on: the product over $k$ factors is
# $\binom{n-c}{k}/\binom{n}{k}$, and no factorial was formed. With more picks than wrong answers one must be right. The
# library's own, which also takes arrays:

# %% name="pass-at-k-same" role="solutions-only"
assert np.isclose(pass_at_k(200, [5], 10), sampling.pass_at_k(200, 5, 10))

# %% [markdown] name="pass-at-k-use-text"
# Once it is right, the next cell sets it beside the plug-in, on average over many experiments.

# %% name="pass-at-k-use"
with needs("ch13.pass_at_k"):
    right = np.random.default_rng(0).binomial(20, 0.05, size=4000)
    print(f"truth {1 - 0.95**10:.3f}",
          f"  unbiased {pass_at_k(20, right, 10):.3f}",
          f"  plug-in {np.mean(1 - (1 - right / 20)**10):.3f}")

# %% [markdown] name="tail-task"
# ## Ten samples foretell a hundred
#
# {{ch13.tail}}
#
# The lab's adding model was sampled 128 times on each of 400 problems. `right` holds, for each problem, how many of
# the 128 were right. Pretend that you could afford ten samples only: fit a spread of difficulties to the coverage at
# $k = 1$ to $10$, and ask it about `numbers.k`. Then look at what was measured there.

# %% name="tail-numbers"
numbers = given("ch13.tail")
numbers

# %% name="tail-data"
counts = results.load("sample_counts").set_index(["step", "temperature"])
right = np.array(counts.loc[(numbers.step, numbers.temperature)].right)
len(right), right[:12]

# %% name="tail-answer" role="answer"
measured = ...   # coverage at numbers.k, unbiased
one_rate = ...   # samples with which one shared rate would reach that coverage
predicted = ...  # coverage at numbers.k by a BetaCoverage fitted on k = 1 to 10
alpha = ...      # the exponent of that fit near rate zero
# What twice as many samples do to the share not solved, far out:
# "halves it", "takes off a fixed factor" or "squares it"
doubling = ...
### BEGIN SOLUTION
seen = sampling.coverage_curve(128, right)
measured = seen[numbers.k - 1]
one_rate = sampling.samples_for_coverage(seen[0], measured)
law = fit(BetaCoverage, k=np.arange(1.0, 11), coverage=seen[:10]).law
predicted, alpha = law(numbers.k), law.alpha
doubling = "takes off a fixed factor"
### END SOLUTION

# %% name="tail-check" role="check"
check("ch13.tail", measured, one_rate, predicted, alpha, doubling)

# %% [markdown] name="tail-why" role="solutions-only"
# **Why.** The share not solved falls as $k^{-\alpha}$, so twice the samples multiply it by $2^{-\alpha}$, a fixed
# factor and not a half. The extrapolation works here because one model at one temperature made all samples, and
# because ten samples of 400 problems already tell the nearly hopeless from the easy.

# %% [markdown] name="tail-after"
# With published tables take care: pass@1, pass@10 and pass@100 are often measured at three temperatures, and then no
# one spread of difficulties lies behind them.

# %% [markdown] name="vote-task"
# ## More votes always help
#
# {{ch13.vote}}
#
# For four problems the probability of each answer is known; the right answer stands first. On the first two there are
# just two answers. Judge the claim: "More samples always help a majority vote."

# %% name="vote-numbers"
numbers = given("ch13.vote")
numbers

# %% name="vote-answer" role="answer"
single = ...  # share solved with one sample, on average over the four problems
limit = ...   # share solved by a vote of very many samples
five = ...    # chance that a vote of five solves the second problem
helped = ...  # four times True or False: do very many votes beat one sample?
# The claim: "holds", "fails" or "holds on average, always"
verdict = ...
### BEGIN SOLUTION
shares = np.array(numbers.shares)
single = shares[:, 0].mean()
limit = sampling.plurality_limit(shares)
five = sampling.majority_vote(shares[1, 0], 5)
helped = [bool(row[0] == row.max()) for row in shares]
verdict = "fails"
### END SOLUTION

# %% name="vote-check" role="check"
check("ch13.vote", single, limit, five, helped, verdict)

# %% [markdown] name="vote-why" role="solutions-only"
# **Why.** On each problem very many votes settle on the most likely answer. Where that is the right one, a vote turns
# a chance into a certainty; where it is not, it turns a chance into nothing. The third problem is won with less than a
# third of the votes, since the wrong ones are scattered. A test made of problems like the second would only lose.

# %% [markdown] name="verifier-task"
# ## Place the verifier
#
# {{ch13.verifier}}
#
# Choose the verifier that `numbers` names and set the number of samples. Then move "Wrong answers accepted" until the
# share solved is as high as it gets. For the last answer switch to "The highest score", set the line to
# `numbers.slip`, and move the number of samples. The stops of the sliders are fine enough.

# %% name="verifier-numbers"
numbers = given("ch13.verifier")
numbers

# %% name="verifier-explorer"
place = explorers.place_the_verifier()
place.set(quality=numbers.verifier, n=numbers.few)
place

# %% [markdown] name="verifier-read"
# Without a mouse, `place.set(slip=0.03, n=100).view.sentence` says what is solved there, in words.

# %% name="verifier-answer" role="answer"
slip_few = ...   # wrong answers accepted by the best line, numbers.few samples
slip_many = ...  # the same with numbers.many samples
peak = ...       # samples at which the highest score solves most, with numbers.slip
# With more samples the line should be "stricter", "laxer" or "the same"
rule = ...
### BEGIN SOLUTION
def most(key, stops, **setting):
    """Return the stop with the highest share solved."""
    def solved(stop):
        view = place.set(quality=numbers.verifier, **setting, **stop).view
        return {readout.key: readout.value for readout in view.readouts}[key]
    return max(stops, key=solved)


lines = [{"slip": float(slip)} for slip in np.logspace(-4, 0, 33)]
slip_few = most("solved", lines, n=numbers.few)["slip"]
slip_many = most("solved", lines, n=numbers.many)["slip"]
sizes = [{"n": n} for n in (1, 3, 10, 30, 100, 300, 1000)]
peak = most("fooled", sizes, slip=numbers.slip)["n"]
rule = "stricter"
### END SOLUTION

# %% name="verifier-check" role="check"
check("ch13.verifier", slip_few, slip_many, peak, rule)

# %% [markdown] name="verifier-after"
# The product of the number of samples and the share of wrong ones accepted is nearly the same for both of your lines.
# That is the rule to remember: so many chances for a wrong answer to pass, and no more.

# %% [markdown] name="bill-task"
# ## The sampling bill
#
# {{ch13.bill}}
#
# From a proposal, with the numbers of the next cell: "One sample solves a share $p$ of our problems. So $n$ samples
# solve $1-(1-p)^n$ of them. The checker passes a share $f$ of the wrong answers, so $1-f$ of what it accepts is right.
# All $n$ samples are drawn for every problem, which makes a solved problem cost $n$ times the price of a sample,
# divided by that coverage." You know more than the proposal: earlier counts show that the rates are spread as a Beta
# with `numbers.alpha` and mean $p$.

# %% name="bill-numbers"
numbers = given("ch13.bill")
numbers

# %% name="bill-answer" role="answer"
coverage = ...  # with n samples, by the spread of difficulties
purity = ...    # on a problem of rate numbers.rare: share of right ones among the accepted
dollars = ...   # price of a problem with a right sample, by your coverage
# Which step follows from the number before it? The text's coverage from p; its purity
# from f; its price from its own coverage.
follows = ...   # a list: three times True or False
### BEGIN SOLUTION
spread = BetaCoverage(alpha=numbers.alpha, beta=numbers.alpha * (1 - numbers.p) / numbers.p)
coverage = spread(numbers.n)
purity = numbers.rare / (numbers.rare + (1 - numbers.rare) * numbers.f)
dollars = numbers.n * numbers.price / coverage
follows = [False, False, True]
### END SOLUTION

# %% name="bill-check" role="check"
check("ch13.bill", coverage, purity, dollars, follows)

# %% [markdown] name="bill-why" role="solutions-only"
# **Why.** The first step takes the mean for the whole. The second confuses "a wrong answer is refused" with "an
# accepted answer is right": on a hard problem there are so many wrong answers that a few percent of them outnumber the
# right ones. `sampling.verified_success` tends to exactly this purity as samples grow. The third step is only a
# division, and it is done right; it divides by a wrong number.

# %% [markdown] name="effort-task"
# ## The price of the next one
#
# {{ch13.effort}}
#
# The table has one row for each run of a coding assistant. Count as solved what was solved with the retry. Call the
# gain clear if it is more than two standard errors of the larger rate.

# %% name="effort-numbers"
numbers = given("ch13.effort")
runs = datasets.load("coding_effort_and_cost").set_index("model_label")
runs.loc[[numbers.less, numbers.more],
         ["test_cases", "solved_first_try", "solved_with_retry", "total_cost_usd"]]

# %% name="effort-answer" role="answer"
further = ...  # dollars for each exercise solved beyond those of less effort
average = ...  # dollars for each solved exercise, with more effort
gain = ...     # gain in percentage points
error = ...    # binomial standard error of the larger rate, in percentage points
clear = ...    # "clear" or "within the noise"
### BEGIN SOLUTION
less, more = runs.loc[numbers.less], runs.loc[numbers.more]
dearer = more.total_cost_usd - less.total_cost_usd
further = dearer / (more.solved_with_retry - less.solved_with_retry)
average = more.total_cost_usd / more.solved_with_retry
low, high = (run.solved_with_retry / run.test_cases for run in (less, more))
gain = 100 * (high - low)
error = 100 * np.sqrt(high * (1 - high) / more.test_cases)
clear = "clear" if gain > 2 * error else "within the noise"
### END SOLUTION

# %% name="effort-check" role="check"
check("ch13.effort", further, average, gain, error, clear)

# %% [markdown] name="price-task"
# ## What a solved problem costs
#
# {{ch13.price}}
#
# Samples are drawn one after the other. A perfect checker says when one is right, and then you stop; after $k$ you
# give up. The rates of the problems are spread as a Beta. Count what is spent on all problems, solved or not, for each
# solved one. For the comparison give each model the least whole $k$ that reaches the coverage asked for
# (`BetaCoverage(...).samples_for(...)`, rounded up), and its own price.

# %% name="price-numbers"
numbers = given("ch13.price")
numbers

# %% name="price-answer" role="answer"
def cost(alpha, beta, k, price):
    """Return the price of a solved problem, with at most k samples each."""
    ### BEGIN SOLUTION
    law = BetaCoverage(alpha=alpha, beta=beta)
    unsolved = [1.0, *(1 - law(i) for i in range(1, k))]  # after 0, 1, ..., k - 1 samples
    return price * sum(unsolved) / law(k)
    ### END SOLUTION
    raise NotImplementedError


tail_costs = ...    # cost of a solved problem at numbers.high: [small, large]
cheaper_low = ...   # "small" or "large", at the coverage numbers.low
cheaper_high = ...  # the same at numbers.high
### BEGIN SOLUTION
def at(target):
    """Return the cost of a solved problem for each model, at a coverage."""
    out = []
    for spread, price in zip((numbers.small, numbers.large), numbers.price):
        k = math.ceil(BetaCoverage(*spread).samples_for(target))
        out.append(cost(*spread, k, price))
    return out


names = ("small", "large")
tail_costs = at(numbers.high)
cheaper_low = names[int(np.argmin(at(numbers.low)))]
cheaper_high = names[int(np.argmin(tail_costs))]
### END SOLUTION

# %% name="price-check" role="check"
check("ch13.price", cost, tail_costs, cheaper_low, cheaper_high)

# %% name="price-hidden" role="hidden" points=2
### BEGIN HIDDEN TESTS
check("ch13.price", cost, tail_costs, cheaper_low, cheaper_high, seed=13071, points=2)
### END HIDDEN TESTS

# %% [markdown] name="price-why" role="solutions-only"
# **Why.** Sample number $i+1$ is drawn only where the first $i$ all failed, so on average a problem takes
# $\sum_{i=0}^{k-1} (1 - \text{pass@}i)$ samples. If all problems had the same rate, this divided by pass@$k$ would be
# $1/p$ for every $k$: the price would not depend on how far you go. With a spread it does, since the problems that are
# left are the hard ones. That is why the larger model, dearer by the sample, wins in the tail.

# %% [markdown] name="price-use-text"
# Once it is right, the next cell shows both models, and what a solved problem costs, as more samples are allowed. Look
# across the columns for equal coverage.

# %% name="price-use"
with needs("ch13.price"):
    cents = {"small": numbers.price[0], "large": numbers.price[1]}
    for k in (1, 3, 10, 30, 100, 300):
        for model in cents:
            reached = BetaCoverage(*numbers[model])(k)
            each = cost(*numbers[model], k, cents[model])
            print(f"{model}, k = {k:3}: {reached:.2f} at {each:6.2f} cents", end="     ")
        print()

# %% [markdown] name="end"
# ## Where you stand

# %% name="progress"
progress("ch13")

# %% [markdown] name="next" role="exercises-only"
# Something still open? `hint("ch13.price")` and the like help. The solutions are in `solutions/ch13_test_time.ipynb`;
# they are worth reading even where your own answer was right.
