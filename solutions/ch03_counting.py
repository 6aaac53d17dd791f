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
# # 3. {{Exercises}}: Counting
#
# Five exercises to [chapter 3](../book/ch03_counting.md): you count a model, read an offer, find two lost factors, move
# the context, and see what a way of counting does to an exponent.

# %% [markdown] name="how" role="exercises-only"
# **How to work.** Write your answer where a cell says so, run it (Shift and Enter), then run the `check` below it.
# `hint("ch03.params")` gives the idea, then the formula, then nearly the code. `progress()` shows what you have solved.
# `reset("ch03.params")` begins an exercise again. Stuck on an error? Run `help_me()` right after it.

# %% name="setup"
from dataclasses import replace

import numpy as np

from scaling_lib import check, compute, datasets, explorers, hint, progress, published
from scaling_lib.checks import given, help_me, needs, reset

# %% [markdown] name="params-task"
# ## Where the parameters are
#
# {{ch03.params}}
#
# Every query head has `d_model / n_heads` columns, and so has every key and value head; there are `n_kv_heads` of the
# latter. `gated` and `tied` are `True` or `False`: a gated feed-forward layer has three matrices, and a tied model uses
# its embedding as output head.

# %% name="params-answer" role="answer"
def params(n_layer, d_model, n_heads, n_kv_heads, d_ff, vocab, gated, tied):
    """Return (blocks, total): parameters of the layers, and of the model."""
    ### BEGIN SOLUTION
    d_kv = n_kv_heads * (d_model // n_heads)
    attention = 2 * d_model * (d_model + d_kv)
    feed_forward = (3 if gated else 2) * d_model * d_ff
    blocks = n_layer * (attention + feed_forward)
    return blocks, blocks + vocab * d_model * (1 if tied else 2)
    ### END SOLUTION
    raise NotImplementedError

# %% name="params-check" role="check"
check("ch03.params", params)

# %% name="params-hidden" role="hidden" points=2
### BEGIN HIDDEN TESTS
check("ch03.params", params, seed=20031, points=2)
### END HIDDEN TESTS

# %% [markdown] name="params-why" role="solutions-only"
# **In the library** the same count is `compute.Transformer(...).params(convention)`. It also knows biases,
# normalisations and positions, which are a few thousandths of a large model.

# %% name="params-same" role="solutions-only"
llama = published.SHAPES["Llama 3 8B"]
mine = params(32, 4096, 32, 8, 14336, 128256, gated=True, tied=False)
assert mine[0] == llama.params("non_embedding")
assert np.isclose(mine[1], llama.params("total"), rtol=1e-4)
mine

# %% [markdown] name="params-use-text"
# Once it is right, the next cell counts three known shapes.

# %% name="params-use"
with needs("ch03.params"):
    for name in ("LLaMA-1 7B", "Llama 3 8B", "Llama 3.1 405B"):
        s = published.SHAPES[name]
        blocks, total = params(s.n_layer, s.d_model, s.n_heads, s.kv_heads, s.ff,
                               s.vocab, s.gated, s.tied)
        print(f"{name:15} blocks {blocks / 1e9:6.2f} billion, all {total / 1e9:6.2f} billion")

# %% [markdown] name="offer-task"
# ## What the offer buys
#
# {{ch03.offer}}
#
# The utilisation is what such machines reach on such models; the boards draw their full power all the time, which is an
# upper bound. Think before each line whether the utilisation belongs into it.

# %% name="offer-numbers"
numbers = given("ch03.offer")
numbers

# %% name="offer-answer" role="answer"
flop = ...     # training compute, FLOP
pf_days = ...  # the same in PF-days
tokens = ...   # training tokens that it buys for numbers.N parameters
dollars = ...  # the bill
mwh = ...      # electricity of the boards, MWh
### BEGIN SOLUTION
flop = compute.training_flop(numbers.days, n_gpu=numbers.n_gpu, peak=numbers.peak, mfu=numbers.mfu)
pf_days = compute.flop_to_pf_days(flop)
tokens = compute.train_tokens(flop, N=numbers.N)
hours = 24 * numbers.days * numbers.n_gpu
dollars = hours * numbers.price
mwh = hours * numbers.watts / 1e6
### END SOLUTION

# %% name="offer-check" role="check"
check("ch03.offer", flop, pf_days, tokens, dollars, mwh)

# %% [markdown] name="offer-after"
# Nobody gets all of it. Restarts, failed machines and the time between two jobs come off the top; ask for the goodput
# before you sign.

# %% [markdown] name="lost-factor-task"
# ## The lost factor
#
# {{ch03.lost_factor}}
#
# Both errors are of a kind that was found in public. For the cause choose one of `"peak of one"` (the work of all
# machines over the peak of one), `"forward only"`, `"sparse peak"` or `"minutes"`.

# %% name="lost-factor-numbers"
numbers = given("ch03.lost_factor")
numbers

# %% name="lost-factor-answer" role="answer"
mfu = ...    # the true utilisation, percent
cause = ...  # "peak of one", "forward only", "sparse peak" or "minutes"
row = ...    # the letter of the wrong row
flop = ...   # that model's training compute once mended, FLOP
### BEGIN SOLUTION
mfu = 100 * compute.mfu_from_throughput(numbers.tokens_per_s, N=numbers.N, n_gpu=numbers.n_gpu,
                                        peak=numbers.peak)
cause = "peak of one"
sizes, tokens = np.array(numbers.sizes), np.array(numbers.tokens)
odd = np.argmax(tokens / sizes)
row = numbers.rows[odd]
flop = compute.train_flop(sizes[odd], tokens[odd] / 1000)
### END SOLUTION

# %% name="lost-factor-check" role="check"
check("ch03.lost_factor", mfu, cause, row, flop)

# %% [markdown] name="context-task"
# ## The longest context
#
# {{ch03.context}}
#
# The explorer is the chapter's, without its question. The claim is: *"At a context of 16k tokens, 6ND is still good to
# a tenth, for every model."* Answer `"holds"`, `"fails for every model"` or `"depends on the width"`.

# %% name="context-numbers"
numbers = given("ch03.context")
numbers

# %% name="context-explorer"
explorers.context(ask=False)

# %% name="context-answer" role="answer"
longest = ...  # the longest context on the slider with a share of at most a third, tokens
factor = ...   # true forward FLOP over 2N at numbers.long
verdict = ...  # "holds", "fails for every model" or "depends on the width"
### BEGIN SOLUTION
shape = published.SHAPES[numbers.model]
stops = [2**k for k in range(10, 21)]
longest = max(n for n in stops if replace(shape, n_ctx=n).attention_share <= numbers.limit)
factor = 1 + 2 * numbers.n_layer * numbers.long * numbers.d_attn / (2 * numbers.N)
verdict = "depends on the width"
### END SOLUTION

# %% name="context-check" role="check"
check("ch03.context", longest, factor, verdict)

# %% [markdown] name="context-why" role="solutions-only"
# **Why the width.** For the standard shape, attention over 2N is $n_{ctx} / (12\,d)$. Neither the depth nor the number
# of heads is in it. At 16k tokens that ratio is 1.3 for a width of 1,024, and a twelfth for one of 16,384.

# %% [markdown] name="exponents-task"
# ## One sweep, three exponents
#
# {{ch03.exponents}}
#
# The table holds the best size and tokens at four budgets, each counted in three ways. Its columns are
# `param_count_rule`, `flops`, `opt_params` and `opt_tokens`. For the meaning choose `"one rule is right"`,
# `"the sweep is too small"` or `"a ratio belongs to its counting rule"`.

# %% name="exponents-data"
numbers = given("ch03.exponents")
sweep = datasets.load("param_counting_rules")
sweep.head(4)

# %% name="exponents-answer" role="answer"
def slope(C, N):
    """Return the exponent p of N = k C**p by least squares on log-log paper."""
    ### BEGIN SOLUTION
    return np.polyfit(np.log(C), np.log(N), 1)[0]
    ### END SOLUTION
    raise NotImplementedError


exponents = ...  # of the best size, for each of numbers.rules
ratios = ...     # tokens per parameter at numbers.C, for each of numbers.rules
meaning = ...    # what to make of it
### BEGIN SOLUTION
exponents, ratios = [], []
for rule in numbers.rules:
    rows = sweep[sweep.param_count_rule == rule]
    exponents.append(slope(rows.flops, rows.opt_params))
    at_C = [np.polyval(np.polyfit(np.log(rows.flops), np.log(rows[name]), 1), np.log(numbers.C))
            for name in ("opt_tokens", "opt_params")]
    ratios.append(np.exp(at_C[0] - at_C[1]))
meaning = "a ratio belongs to its counting rule"
### END SOLUTION

# %% name="exponents-check" role="check"
check("ch03.exponents", slope, exponents, ratios, meaning)

# %% name="exponents-hidden" role="hidden" points=1
### BEGIN HIDDEN TESTS
check("ch03.exponents", slope, exponents, ratios, meaning, seed=20035, points=1)
### END HIDDEN TESTS

# %% [markdown] name="end"
# ## Where you stand

# %% name="progress"
progress("ch03")

# %% [markdown] name="next" role="exercises-only"
# Something still open? `hint("ch03.offer")` and the like help. The solutions are in `solutions/ch03_counting.ipynb`.
