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
# # 11. {{Exercises}}: Emergence
#
# Six exercises to [chapter 11](../book/ch11_emergence.md): you compute what a test can show of a model, search for
# emergence in the lab's models and ask who made it, read a report with two zeros in it, move an emergence about, judge
# three thresholds, and try to see a jump coming.

# %% [markdown] name="how" role="exercises-only"
# **How to work.** Write your answer where a cell says so, run it (Shift and Enter), then run the `check` below it.
#
# * `check(...)` shows a card: what is right, what looks wrong, and where to look. Points are partial, and you can try
#   as often as you like.
# * `hint("ch11.shows")` gives the idea; run it again for the formula, and again for nearly the code.
# * `progress()` shows what you have solved; it is kept when you close the notebook. `reset("ch11.shows")` begins an
#   exercise again.
# * Stuck on an error? Run `help_me()` right after it.
#
# Each exercise can be worked alone. Numbers may be rounded; `31744`, `31_744` and `"3.17e4"` are all the same.

# %% name="setup"
import numpy as np

from scaling_lib import capability, datasets, explorers
from scaling_lib import check, hint, progress
from scaling_lib.checks import given, help_me, needs, reset
from scaling_lib.lab import results

# %% [markdown] name="shows-task"
# ## What a test shows
#
# {{ch11.shows}}
#
# The chapter asked when a test *expects* its first right answer. Luck is part of a test, so here the question is sharper:
# how likely is it to see one at all? Take tokens and items as independent and equally hard.

# %% name="shows-answer" role="answer"
def shows(p, K, n):
    """Return (exact, seen): exact match, and the chance that a test of n items has at least one right answer."""
    ### BEGIN SOLUTION
    exact = p**K
    return exact, 1 - (1 - exact) ** n
    ### END SOLUTION
    raise NotImplementedError


def first_shown(K, n, sure):
    """Return the probability of a right token at which that chance is `sure`."""
    ### BEGIN SOLUTION
    exact = 1 - (1 - sure) ** (1 / n)
    return exact ** (1 / K)
    ### END SOLUTION
    raise NotImplementedError

# %% name="shows-check" role="check"
check("ch11.shows", shows, first_shown)

# %% name="shows-hidden" role="hidden" points=2
### BEGIN HIDDEN TESTS
check("ch11.shows", shows, first_shown, seed=20231, points=2)
### END HIDDEN TESTS

# %% [markdown] name="shows-use-text"
# Once it is right, the next cell shows how narrow the window is in which a test goes from "never" to "almost surely":

# %% name="shows-use"
with needs("ch11.shows"):
    for K in (4, 20, 100):
        window = [first_shown(K, 200, sure) for sure in (0.05, 0.95)]
        print(f"{K:3} tokens, 200 items: shown with 5 % at p = {window[0]:.3f}, with 95 % at p = {window[1]:.3f}")

# %% [markdown] name="shows-why" role="solutions-only"
# **Why.** All $K$ tokens have to be right: $p^K$. A test shows nothing with probability $(1 - p^K)^n$, and the rest is
# the chance to see something. Where $p^K$ is very small, `1 - (1 - exact)**n` loses digits; `-np.expm1(n * np.log1p(-exact))`
# is the same formula and keeps them. The library's `capability.first_visible` is another question, where *one* right answer is
# expected; at that $p$ a test shows at least one with a probability of about $1 - 1/e$:

# %% name="shows-same" role="solutions-only"
p = capability.first_visible(items=200, length=20)
assert abs(shows(p, 20, 200)[1] - (1 - np.exp(-1))) < 0.01

# %% [markdown] name="search-task"
# ## Emergence in your own small models
#
# {{ch11.search}}
#
# The lab's addition models are small enough to train on a laptop. Their checkpoints come with the course; each was asked 2,000
# problems. Suppose that your test has fewer items: it reports zero until the exact match is at least one item.

# %% name="search-numbers"
numbers = given("ch11.search")
numbers

# %% name="search-data"
lab = results.load("addition")
run = lab[(lab.width == numbers.width) & (lab.digits == numbers.digits)].sort_values("problems")
run[["problems", "exact_match", "digit_accuracy", "log_prob"]].iloc[::3]

# %% [markdown] name="search-read"
# `log_prob` is the mean log-probability of the whole right answer, in nats. By the *whole rise* of a score we mean the way from
# its first checkpoint to its last. Give percents with one digit after the point.

# %% name="search-answer" role="answer"
appears = ...  # problems seen at the first checkpoint whose exact match is at least one item of the test
before = ...   # percent of the whole rise in log_prob that is done at the checkpoint before that
steps = ...    # largest step between neighbours in percent of the whole rise: [exact match, log_prob]
flat = ...     # who made the flat part: "the score" or "the model"
leap = ...     # who made the leap: "only the score" or "the model too"
### BEGIN SOLUTION
exact, log_prob = run.exact_match.to_numpy(), run.log_prob.to_numpy()
first = int(np.flatnonzero(exact >= 1 / numbers.n_items)[0])
appears = run.problems.iloc[first]
before = 100 * (log_prob[first - 1] - log_prob[0]) / (log_prob[-1] - log_prob[0])
steps = [100 * np.diff(score).max() / (score[-1] - score[0]) for score in (exact, log_prob)]
flat, leap = "the score", "the model too"
### END SOLUTION

# %% name="search-check" role="check"
check("ch11.search", appears, before, steps, flat, leap)

# %% [markdown] name="search-after"
# To train one of your own, run this in a cell of your own; it takes a quarter of a minute, and gives a table of the same form:
#
# ```python
# from scaling_lib.lab import addition_run, emergence
# own = emergence([addition_run(12, digits=2, steps=1500, seed=1)])
# ```
#
# Does your run show the same two things, a flat part that the score made and a leap that it did not?

# %% [markdown] name="zero-task"
# ## What a zero says
#
# {{ch11.zero}}
#
# The report reads: "We tested three sizes on the same items. The small and the middle model score zero: *the small model cannot do the
# task. It gets fewer than half of its tokens right. The large model is better at it than the small one. Between the middle and the large
# model something new was learned.*"

# %% name="zero-numbers"
numbers = given("ch11.zero")
numbers

# %% [markdown] name="zero-terms"
# A zero *excludes* a success rate if a model with that rate would score zero in fewer than one test of twenty.

# %% name="zero-answer" role="answer"
limit = ...   # the largest success rate that still shows zero in one test of twenty, percent
token = ...   # the probability of a right token that goes with it, percent
enough = ...  # how many items a zero needs to exclude a success rate of numbers.wanted percent
follows = ...  # do the four sentences in italics follow? a list: four times True or False
### BEGIN SOLUTION
limit = 100 * (1 - 0.05 ** (1 / numbers.n_items))
token = 100 * (limit / 100) ** (1 / numbers.length)
enough = np.log(0.05) / np.log(1 - numbers.wanted / 100)
follows = [False, False, True, False]
### END SOLUTION

# %% name="zero-check" role="check"
check("ch11.zero", limit, token, enough, follows)

# %% [markdown] name="zero-why" role="solutions-only"
# **Why.** $(1-q)^n = 0.05$ gives $q$; its $K$-th root is what a token may reach while the test shows nothing. The third sentence does
# follow: the success rates that are compatible with zero and with the large model's score do not overlap.

# %% name="zero-same" role="solutions-only"
small, _, large = numbers.right
assert capability.score_interval(small, numbers.n_items)[1] < capability.score_interval(large, numbers.n_items)[0]

# %% [markdown] name="knobs-task"
# ## Make it emerge
#
# {{ch11.knobs}}
#
# The explorer of the chapter, with the same 24 checkpoints. Guess first; then move the length of an answer and the size of the test.

# %% name="knobs-numbers"
numbers = given("ch11.knobs")
numbers

# %% name="knobs-explorer"
explorer = explorers.make_it_emerge()
explorer

# %% name="knobs-answer" role="answer"
length = ...   # the shortest answer, in digits, for which the skill shows only after numbers.late problems (test: numbers.n_items)
first = ...    # with answers of numbers.fixed digits: problems at the first right answer for 20, 200 and 2,000 items
changed = ...  # what you changed about the model: "its size", "its training" or "nothing"
### BEGIN SOLUTION
def seen(digits, items):
    return explorer.set(length=digits, items=items).view.readouts[0].value


length = next(digits for digits in range(1, 31) if seen(digits, numbers.n_items) > numbers.late)
first = [seen(numbers.fixed, items) for items in (20, 200, 2000)]
changed = "nothing"
### END SOLUTION

# %% name="knobs-check" role="check"
check("ch11.knobs", length, first, changed)

# %% [markdown] name="knobs-after"
# Keep what you have just done in mind when you next see an emergence plot. Ask for the length of the answers and for the number of items.

# %% [markdown] name="threshold-task"
# ## Is there a threshold?
#
# {{ch11.threshold}}
#
# The ladder's 25 runs again. The score is `prob_correct`, the probability of the right choice among those offered; the loss is that
# on C4. `capability.fit_threshold(L, s)` and `capability.fit_approach(L, s)` each return a curve that can be called with a loss.

# %% name="threshold-numbers"
numbers = given("ch11.threshold")
numbers

# %% name="threshold-data"
ladder = datasets.load("model_ladder_evals")
runs = ladder.pivot_table(index=["params", "training_tokens"], columns=["metric", "task"], values="value").reset_index()
N, L = runs["params"].to_numpy(), runs[("loss_nats", "c4_en")].to_numpy()
runs["prob_correct"][list(numbers.tasks)].describe().loc[["min", "max"]]

# %% name="threshold-answer" role="answer"
L0 = ...      # the three thresholds, fitted to the runs below two billion parameters
ratio = ...   # root mean square error on the 3B runs: that of the threshold over that of the curve, for each task
first = ...   # for the first task: "curve", "threshold" or "cannot tell"
second = ...  # for the second
third = ...   # for the third
so = ...      # on this ladder a threshold describes "every task", "no task" or "it depends on the task"
### BEGIN SOLUTION
small = N < 2e9
L0, ratio = [], []
for task in numbers.tasks:
    s = runs[("prob_correct", task)].to_numpy()
    fits = [fit(L[small], s[small]) for fit in (capability.fit_threshold, capability.fit_approach)]
    errors = [np.sqrt(np.mean((curve(L[~small]) - s[~small]) ** 2)) for curve in fits]
    L0.append(fits[0].L0)
    ratio.append(errors[0] / errors[1])
first, second, third = ("curve" if r > 2 else "threshold" if r < 0.5 else "cannot tell" for r in ratio)
so = "it depends on the task"
### END SOLUTION

# %% name="threshold-check" role="check"
check("ch11.threshold", L0, ratio, first, second, third, so)

# %% [markdown] name="threshold-after"
# Five held-back runs are few, and two shapes are not all shapes. But a claim about a shape that has not been tested against another one is
# not a finding yet.

# %% [markdown] name="forecast-task"
# ## Seen coming?
#
# {{ch11.forecast}}
#
# It is halfway through a run. Exact match is below a tenth; the log-probability has been going up all the while. When will half of the answers
# be right? For the interval, draw the known checkpoints with replacement (skip a draw that holds only one), forecast again, and take the
# 10th and 90th percentile. If the interval misses, why?
#
# * **a**: because the known checkpoints are too noisy for a line;
# * **b**: because the log-probability does not stay on its line: when the trick is learned, the *smooth* score turns up;
# * **c**: because exact match has nothing to do with the log-probability.

# %% name="forecast-numbers"
numbers = given("ch11.forecast")
lab = results.load("addition")
run = lab[(lab.width == numbers.width) & (lab.digits == numbers.digits)].sort_values("problems")
numbers

# %% name="forecast-answer" role="answer"
def forecast(problems, log_prob, level):
    """Return the problems at which a line of log_prob in log(problems), by least squares, reaches `level` nats."""
    ### BEGIN SOLUTION
    slope, intercept = np.polyfit(np.log(problems), log_prob, 1)
    return np.exp((level - intercept) / slope)
    ### END SOLUTION
    raise NotImplementedError


when = ...      # your forecast for this run from its first numbers.known checkpoints
low = ...       # lower end of the 80 % interval
high = ...      # upper end
happened = ...  # problems at the first checkpoint with an exact match of at least a half
verdict = ...   # the interval lies "too early", "too late" or "it holds"
why = ...       # "a", "b" or "c"
### BEGIN SOLUTION
known = run.iloc[: numbers.known]
x, y, m = known.problems.to_numpy(), known.log_prob.to_numpy(), numbers.known
when = forecast(x, y, np.log(0.5))
rng = np.random.default_rng(0)
draws = [forecast(x[k], y[k], np.log(0.5)) for k in rng.integers(0, m, (1000, m)) if len(set(k)) > 1]
low, high = np.quantile(draws, [0.1, 0.9])
happened = run.problems[run.exact_match >= 0.5].min()
verdict, why = "too late", "b"
### END SOLUTION

# %% name="forecast-check" role="check"
check("ch11.forecast", forecast, when, low, high, happened, verdict, why)

# %% name="forecast-hidden" role="hidden" points=2
### BEGIN HIDDEN TESTS
check("ch11.forecast", forecast, when, low, high, happened, verdict, why, seed=20232, points=2)
### END HIDDEN TESTS

# %% [markdown] name="forecast-why" role="solutions-only"
# **Why.** Before the trick is learned the log-probability creeps along a line; then it leaps. A line through the creeping part knows nothing of the
# leap, so its forecast is late, and the bootstrap, which resamples the past, cannot know either. A second reason is smaller: half of the answers are
# right well before the mean log-probability reaches $\ln(1/2)$, because problems differ and the most likely digit is taken. Compare the ladder in the
# chapter, where runs that differ in size were forecast to a few percent: nothing leaps there.

# %% [markdown] name="end"
# ## Where you stand

# %% name="progress"
progress("ch11")

# %% [markdown] name="next" role="exercises-only"
# Something still open? `hint("ch11.threshold")` and the like help. The solutions are in `solutions/ch11_emergence.ipynb`; they are worth reading
# even where your own answer was right.
