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
# # 4. {{Exercises}}: Kaplan
#
# Five exercises to [chapter 4](../book/ch04_kaplan.md): you follow the rule of 2020, read a run on its way, price haste,
# compare two losses, and find the point at which the laws contradict each other.

# %% [markdown] name="how" role="exercises-only"
# **How to work.** Write your answer where a cell says so, run it (Shift and Enter), then run the `check` below it.
# `hint("ch04.rule")` gives the idea, then the formula, then nearly the code. `progress()` shows what you have solved.
# `reset("ch04.rule")` begins an exercise again. Stuck on an error? Run `help_me()` right after it.

# %% name="setup"
import numpy as np

from scaling_lib import check, compute, datasets, explorers, fit, hint, laws, progress, published, units
from scaling_lib.checks import given, help_me, needs, reset

# %% [markdown] name="rule-task"
# ## The rule of 2020
#
# {{ch04.rule}}
#
# Mind the units. The paper's compute is that of training far below the critical batch; take C as it is.

# %% name="rule-answer" role="answer"
def kaplan_split(C):
    """Return (N, D) for C FLOP, or an array of them."""
    ### BEGIN SOLUTION
    days = C / compute.PF_DAY
    return 1.3e9 * days**0.73, 2e10 * days**0.27
    ### END SOLUTION
    raise NotImplementedError

# %% name="rule-check" role="check"
check("ch04.rule", kaplan_split)

# %% name="rule-hidden" role="hidden" points=2
### BEGIN HIDDEN TESTS
check("ch04.rule", kaplan_split, seed=20041, points=2)
### END HIDDEN TESTS

# %% [markdown] name="rule-use-text"
# Once it is right, the next cell sets the rule beside a law of 2024, at budgets from a workstation to a frontier run.

# %% name="rule-use"
with needs("ch04.rule"):
    for C in (1e19, 1e21, 1e23, 1e25):
        N, D = kaplan_split(C)
        best = published.BESIROGLU_2024.optimal(C)
        print(f"{C:.0e} FLOP: {N:8.2g} parameters on {D:7.2g} tokens"
              f"   against {best.N:8.2g} on {best.D:7.2g}")

# %% [markdown] name="halfway-task"
# ## On its way, or finished
#
# {{ch04.halfway}}
#
# The table has one row for each logged step. A run is a `model` with a `chinchilla_multiple`; `tokens` and
# `loss_nats_c4` are its curve. For `saved`, put a line from point to point through the last losses of the five runs of
# this model against the logarithm of their tokens: only a last row is a finished run. For `why` choose `"the learning rate is still high"`, `"the longer run saw
# other text"` or `"noise"`.

# %% name="halfway-data"
numbers = given("ch04.halfway")
curves = datasets.load("model_ladder_loss_curves")
numbers

# %% name="halfway-answer" role="answer"
on_its_way = ...  # loss of the longer run, at the tokens of the shorter one
gap = ...         # how much worse that is than the finished shorter run, nats
saved = ...       # how many percent fewer tokens a finished run of that loss takes
why = ...         # where the gap comes from, one of the three above
### BEGIN SOLUTION
own = curves[curves.model == numbers.model]
short = own[own.chinchilla_multiple == numbers.short]
long = own[own.chinchilla_multiple == numbers.long]
end = short.tokens.iloc[-1]
on_its_way = np.interp(end, long.tokens, long.loss_nats_c4)
gap = on_its_way - short.loss_nats_c4.iloc[-1]
ends = own.groupby("chinchilla_multiple").agg(tokens=("tokens", "last"), loss=("loss_nats_c4", "last"))
needed = np.exp(np.interp(-on_its_way, -ends.loss, np.log(ends.tokens)))
saved = 100 * (1 - needed / end)
why = "the learning rate is still high"
### END SOLUTION

# %% name="halfway-check" role="check"
check("ch04.halfway", on_its_way, gap, saved, why)

# %% [markdown] name="batch-task"
# ## The price of haste
#
# {{ch04.batch}}

# %% name="batch-numbers"
numbers = given("ch04.batch")
numbers

# %% name="batch-explorer"
explorers.critical_batch()

# %% name="batch-answer" role="answer"
critical = ...  # critical batch, sequences
batch = ...     # the batch at which steps are numbers.patience times the least
extra = ...     # compute beyond the least at that batch, percent
### BEGIN SOLUTION
runs = datasets.load("critical_batch_steps").query(f"model == '{numbers.model}'")
law = fit(laws.BatchTradeoff, B=runs.batch_size_sequences, S=runs.steps_to_target, delta=1.0).law
critical = law.B_crit
batch = critical / (numbers.patience - 1)
extra = 100 * (law.examples(batch) / law.E_min - 1)
### END SOLUTION

# %% name="batch-check" role="check"
check("ch04.batch", critical, batch, extra)

# %% [markdown] name="compare-task"
# ## Which loss is lower?
#
# {{ch04.compare}}
#
# Answer each time with `"A"`, `"B"` or `"cannot tell"`.

# %% name="compare-numbers"
numbers = given("ch04.compare")
numbers

# %% name="compare-answer" role="answer"
per_byte = ...   # bits per byte: [of A, of B]
same_text = ...  # the better model on one text
own_text = ...   # the better model, each evaluated on a text of its own
### BEGIN SOLUTION
per_byte = [
    units.bits_per_byte(numbers.loss_A, tokens_per_byte=1 / numbers.bytes_A),
    units.bits_per_byte(numbers.loss_B, tokens_per_byte=1 / numbers.bytes_B),
]
same_text = "A" if per_byte[0] < per_byte[1] else "B"
own_text = "cannot tell"
### END SOLUTION

# %% name="compare-check" role="check"
check("ch04.compare", per_byte, same_text, own_text)

# %% [markdown] name="meet-task"
# ## Where the laws meet
#
# {{ch04.meet}}
#
# The chapter draws this crossing. Here you compute it, and find out how firmly it stands.

# %% name="meet-numbers"
numbers = given("ch04.meet")
numbers

# %% name="meet-answer" role="answer"
def meeting(C_c, alpha_C, D_c, alpha_D, k, p):
    """Return the compute in PF-days at which the two losses are equal."""
    ### BEGIN SOLUTION
    log_C = alpha_C * np.log(C_c) - alpha_D * (np.log(D_c) - np.log(k))
    return np.exp(log_C / (alpha_C - alpha_D * p))
    ### END SOLUTION
    raise NotImplementedError


C_meet = ...  # the meeting with your numbers, PF-days
L_meet = ...  # the loss there, nats per token
moves = ...   # the meeting with alpha_C + 0.001, over C_meet
### BEGIN SOLUTION
n = numbers
C_meet = meeting(n.C_c, n.alpha_C, n.D_c, n.alpha_D, n.k, n.p)
L_meet = (n.C_c / C_meet) ** n.alpha_C
moves = meeting(n.C_c, n.alpha_C + 0.001, n.D_c, n.alpha_D, n.k, n.p) / C_meet
### END SOLUTION

# %% name="meet-check" role="check"
check("ch04.meet", meeting, C_meet, L_meet, moves)

# %% name="meet-hidden" role="hidden" points=2
### BEGIN HIDDEN TESTS
check("ch04.meet", meeting, C_meet, L_meet, moves, seed=20045, points=2)
### END HIDDEN TESTS

# %% [markdown] name="meet-why" role="solutions-only"
# **Why so far.** Two lines that differ little in slope cross wherever a small change puts the crossing. The paper gives
# its own to a factor of ten either way, which is honest.

# %% [markdown] name="end"
# ## Where you stand

# %% name="progress"
progress("ch04")

# %% [markdown] name="next" role="exercises-only"
# Something still open? `hint("ch04.meet")` and the like help. The solutions are in `solutions/ch04_kaplan.ipynb`.
