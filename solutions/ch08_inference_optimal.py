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
# # 8. {{Exercises}}: Inference-optimal
#
# Seven exercises to [chapter 8](../book/ch08_inference_optimal.md): you price a model for its whole life, spend your
# own hours on training and serving, and judge a pair of models and a heap of dirty text. Then you look for the
# workload where the larger model wins, and for what may spoil the small one.

# %% [markdown] name="how" role="exercises-only"
# **How to work.** Write your answer where a cell says so, run it (Shift and Enter), then run the `check` below it.
#
# * `check(...)` shows a card: what is right, what looks wrong, and where to look. Points are partial, and you can try
#   as often as you like.
# * `hint("ch08.lifetime")` gives the idea; run it again for the formula, and again for nearly the code.
# * `progress()` shows what you have solved; it is kept when you close the notebook. `reset("ch08.lifetime")` begins an
#   exercise again.
# * Stuck on an error? Run `help_me()` right after it.
#
# Each exercise can be worked alone. Numbers may be rounded; `2e10`, `20_000_000_000` and `"2e10"` are all the same.

# %% name="setup"
import numpy as np

from scaling_lib import allocate, compute, datasets, explorers, fit, published
from scaling_lib.lab import results
from scaling_lib.laws import OvertrainingLaw
from scaling_lib import check, hint, progress
from scaling_lib.checks import given, help_me, needs, reset

# %% [markdown] name="lifetime-task"
# ## Two lives
#
# {{ch08.lifetime}}
#
# A trained token costs six FLOP for each parameter, a served one two. The smaller model has cost more to train,
# because it trained much longer; from then on it is cheaper at every token.

# %% name="lifetime-answer" role="answer"
def lifetime(N, D, served):
    """Return the FLOP of training N parameters on D tokens and serving so many (numbers or arrays)."""
    ### BEGIN SOLUTION
    return compute.train_flop(N, D) + compute.FLOP_PER_PARAM_SERVED_TOKEN * N * served
    ### END SOLUTION
    raise NotImplementedError


def break_even(N_large, D_large, N_small, D_small):
    """Return the served tokens at which both have cost the same (for numbers or arrays)."""
    ### BEGIN SOLUTION
    extra = lifetime(N_small, D_small, 0) - lifetime(N_large, D_large, 0)
    return extra / (compute.FLOP_PER_PARAM_SERVED_TOKEN * (N_large - N_small))
    ### END SOLUTION
    raise NotImplementedError

# %% name="lifetime-check" role="check"
check("ch08.lifetime", lifetime, break_even)

# %% name="lifetime-hidden" role="hidden" points=2
### BEGIN HIDDEN TESTS
check("ch08.lifetime", lifetime, break_even, seed=20231, points=2)
### END HIDDEN TESTS

# %% [markdown] name="lifetime-why" role="solutions-only"
# **Why.** $6 N_2 D_2 - 6 N_1 D_1$ has to come back in steps of $2 (N_1 - N_2)$. Under a law, with the smaller model
# trained to the *same loss*, the library gives the same number as a multiple of the larger one's training tokens:

# %% name="lifetime-same" role="solutions-only"
law = published.BESIROGLU_2024
big, half = law.optimal_for_params(13e9), allocate.payback(law, k_N=0.5)
assert np.isclose(break_even(big.N, big.D, big.N / 2, half.k_D * big.D), half.tokens(big.D))

# %% [markdown] name="lifetime-use-text"
# Once it is right, the next cell asks it about two real models. They do not have the same loss, nor the same text: a
# break-even says what is cheaper, never what is better.

# %% name="lifetime-use"
with needs("ch08.lifetime"):
    models = datasets.load("models").set_index("name")
    pair = [models.loc[name] for name in ("Llama 2 70B", "Llama 3 8B")]
    (N1, D1), (N2, D2) = ((model.params_active, model.tokens_trained) for model in pair)
    for served in (1e11, 1e12, 1e13):
        ratio = lifetime(N1, D1, served) / lifetime(N2, D2, served)
        print(f"{served:.0e} served: the life of {pair[0].name} costs {ratio:.1f} times that of {pair[1].name}")

# %% [markdown] name="hours-task"
# ## Your hours, your traffic
#
# {{ch08.hours}}
#
# A lowest loss for a *training* budget is what chapter 5 gives. Your hours have to do more: what you spend on
# training is gone when the first user comes. Take the same utilisation for both.

# %% name="hours-numbers"
numbers = given("ch08.hours")
numbers

# %% name="hours-answer" role="answer"
budget = ...      # FLOP that your hours give
served = ...      # tokens over the model's life
N = ...           # parameters of the best model, by published.BESIROGLU_2024
D = ...           # its training tokens
N_training = ...  # parameters of the best model if nothing were served
### BEGIN SOLUTION
budget = compute.training_flop(numbers.days, n_gpu=numbers.gpus, peak=numbers.peak, mfu=numbers.mfu)
served = numbers.requests * numbers.tokens * numbers.life
life = allocate.inference_aware(published.BESIROGLU_2024, served, budget=budget)
N, D = life.N, life.D
N_training = published.BESIROGLU_2024.optimal(budget).N
### END SOLUTION

# %% name="hours-check" role="check"
check("ch08.hours", budget, served, N, D, N_training)

# %% [markdown] name="hours-after"
# Now put in your own numbers: accelerators, days, requests. Then ask what happens if the demand is ten times what you
# expect, or a tenth. Few inputs of a plan are known as badly as that one.

# %% [markdown] name="shelf-task"
# ## A pair from the shelf
#
# {{ch08.shelf}}
#
# The text says of the two models below: "They use similar total training compute. A token costs as many times less to
# serve as the small one is smaller, and so does its whole life. And it is nearly as good." Take the replication's law
# for the last one.

# %% name="shelf-numbers"
numbers = given("ch08.shelf")
numbers

# %% name="shelf-answer" role="answer"
train_ratio = ...  # training compute, larger over smaller
life_ratio = ...   # training and serving numbers.served tokens, larger over smaller
worth = ...        # least compute for the larger one's loss, over that for the smaller one's
# Does each statement hold? Similar training compute; a served token; the whole life; nearly as good.
verdicts = ...     # a list: four times True or False
### BEGIN SOLUTION
law = published.BESIROGLU_2024
train_ratio = compute.train_flop(*numbers.large) / compute.train_flop(*numbers.small)
whole = [compute.train_flop(N, D) + 2 * N * numbers.served for N, D in (numbers.large, numbers.small)]
life_ratio = whole[0] / whole[1]
worth = law.compute_for_loss(law(*numbers.large)) / law.compute_for_loss(law(*numbers.small))
verdicts = [False, True, False, False]
### END SOLUTION

# %% name="shelf-check" role="check"
check("ch08.shelf", train_ratio, life_ratio, worth, verdicts)

# %% [markdown] name="shelf-why" role="solutions-only"
# **Why.** The ratio of two lives lies between the ratio of the trainings and the ratio of the sizes, and tends to the
# latter when much is served. Losses look close because everything is close in nats at this scale; in compute they are
# not.

# %% [markdown] name="noisy-task"
# ## Ten times as much, but dirty
#
# {{ch08.noisy}}
#
# These runs were made with the course's lab. A small model learns a source whose entropy is known; `excess` is its
# loss above that, on clean text. One run reads a little clean text. The others read ten times as much, in which a
# share of the tokens (`setting_noise`) was replaced by random ones. All was done twice (`repeat`).

# %% name="noisy-data"
runs = results.load("noise")
numbers = given("ch08.noisy")
runs[["D", "setting_noise", "excess", "excess_se", "repeat"]].head(8)

# %% name="noisy-answer" role="answer"
gain = ...     # a ratio: excess of the little clean text, divided by that of ten times as much clean text
even = ...     # share of corrupted tokens at which both are equally good, a fraction
better = ...   # for each of numbers.shares: True if ten times as much beats the little clean text
# "More bad data does not help, it hurts": "holds", "fails" or "depends on how bad"
verdict = ...
### BEGIN SOLUTION
little = runs[runs.D == runs.D.min()].excess.mean()
more = runs[runs.D > runs.D.min()].groupby("setting_noise").excess.mean()
gain = little / more[0.0]
even = np.interp(little, more, more.index)
better = [bool(more[share] < little) for share in numbers.shares]
verdict = "depends on how bad"
### END SOLUTION

# %% name="noisy-check" role="check"
check("ch08.noisy", gain, even, better, verdict)

# %% [markdown] name="noisy-after"
# The number belongs to this source, this model and this kind of noise, which carries no information and no pattern.
# Repeated advertisements have a pattern, and a model learns it. What carries over is the form of the answer: dirty
# text is worth so much clean text, until it is worth less than none.

# %% [markdown] name="traffic-task"
# ## Where the larger model wins
#
# {{ch08.traffic}}
#
# The larger model has 13 billion parameters and is compute-optimal. The smaller one has the same loss, so nobody
# would notice a difference but the accountant. Everybody says: take the smaller. When is that wrong?

# %% name="traffic-explorer"
numbers = given("ch08.traffic")
edge = explorers.pay_back(k=numbers.k, tokens=numbers.tokens)
edge

# %% name="traffic-numbers"
numbers

# %% name="traffic-answer" role="answer"
requests = ...          # a day, at the edge: replication's law, utilisation 40 %
requests_printed = ...  # the same by Hoffmann's constants as printed
requests_dear = ...     # replication's law again, utilisation 4 %
# The larger model wins with "much traffic", "little traffic" or "a large budget"
larger_wins = ...
### BEGIN SOLUTION
def at_the_edge(**settings):
    edge.set(k=numbers.k, tokens=numbers.tokens, requests=1e6, **settings)
    days = {readout.key: readout.value for readout in edge.view.readouts}["days"]
    return 1e6 * days / numbers.days


requests = at_the_edge(law="besiroglu", utilisation=0.4)
requests_printed = at_the_edge(law="hoffmann", utilisation=0.4)
requests_dear = at_the_edge(law="besiroglu", utilisation=0.04)
larger_wins = "little traffic"
### END SOLUTION

# %% name="traffic-check" role="check"
check("ch08.traffic", requests, requests_printed, requests_dear, larger_wins)

# %% [markdown] name="traffic-after"
# A pilot project, a model that will be replaced in a quarter, a benchmark entry: there the compute-optimal model is
# the right one. Write down one such workload from your own work, with its numbers. The last exercise adds another
# reason.

# %% [markdown] name="next-four-task"
# ## The next four times the tokens
#
# {{ch08.next_four}}
#
# Keep the runs of one corpus, of models below a billion parameters, with 20 tokens per parameter or more and at most
# `upto`. Everything else is the exam. Losses are those on C4, `loss_nats_c4_val`. The law is `OvertrainingLaw`, in
# compute C and tokens per parameter M; fit it with `fit` as it comes.

# %% name="next-four-data"
numbers = given("ch08.next_four")
runs = datasets.load("overtraining_loss_runs").assign(M=lambda table: table.training_tokens / table.params)
numbers

# %% name="next-four-answer" role="answer"
count = ...     # runs that you fitted
foretold = ...  # by your law: loss of the longest run of the model of 1.4 billion parameters
measured = ...  # its measured loss
fell = ...      # mean fall of the small models' losses from upto to four times upto, in nats
# Are the small models "full" or "still learning"?
verdict = ...
### BEGIN SOLUTION
own = runs[runs.train_data == numbers.corpus]
kept = own[(own.params < 1e9) & (own.M > 19) & (own.M < 1.1 * numbers.upto)]
count = len(kept)
law = fit(OvertrainingLaw, C=kept.training_flops, M=kept.M, L=kept.loss_nats_c4_val).law
held = own[own.params.between(1e9, 2e9)].sort_values("M").iloc[-1]
foretold, measured = law(held.training_flops, held.M), held.loss_nats_c4_val
small = own[own.params < 1e9].assign(M=own.M.round()).pivot(index="params", columns="M", values="loss_nats_c4_val")
fell = (small[numbers.upto] - small[4 * numbers.upto]).mean()
verdict = "still learning"
### END SOLUTION

# %% name="next-four-check" role="check"
check("ch08.next_four", count, foretold, measured, fell, verdict)

# %% [markdown] name="next-four-why" role="solutions-only"
# **Why the mean skips a model.** On C4 the largest of the small models has no run at 640 tokens per parameter, so the
# table has a gap there and pandas leaves it out. A gap that nobody mentions is how averages over different models are
# born; here it costs nothing, but look for it.

# %% [markdown] name="penalty-task"
# ## Set back by fine-tuning
#
# {{ch08.penalty}}
#
# It is reported that heavily over-trained models gain less from fine-tuning. Nobody has a formula for it. So suppose
# the simplest: after fine-tuning the small model stands `penalty` nats worse than its loss says. To be level with the
# larger one, it must first be that much better. Then ask how far that goes, for the numbers below. And why does so
# small a penalty matter so much?
#
# * **a**: because fine-tuning costs compute too;
# * **b**: because near its own floor, each further nat takes a small model ever more tokens;
# * **c**: because the small model has a higher $E$.

# %% name="penalty-numbers"
numbers = given("ch08.penalty")
numbers

# %% name="penalty-answer" role="answer"
def pays_back(law, N, k, penalty, price_ratio):
    """Return the served tokens until the model of k N parameters has paid back; all but law may be arrays."""
    ### BEGIN SOLUTION
    large = law.optimal_for_params(N)
    tokens = law.tokens_for_loss(large.L - penalty, k * N)
    extra = compute.train_flop(k * N, tokens) - compute.train_flop(N, large.D)
    return extra / (compute.FLOP_PER_PARAM_SERVED_TOKEN * (1 - k) * N * price_ratio)
    ### END SOLUTION
    raise NotImplementedError


multiplied = ...  # by how much numbers.penalty multiplies the break-even, by published.BESIROGLU_2024
limit = ...       # the penalty in nats that no number of tokens can make up
why = ...         # "a", "b" or "c"
### BEGIN SOLUTION
law = published.BESIROGLU_2024
with_, without = (pays_back(law, numbers.N, numbers.k, penalty, 1) for penalty in (numbers.penalty, 0.0))
multiplied = with_ / without
limit = law.optimal_for_params(numbers.N).L - (law.E + law.A / (numbers.k * numbers.N) ** law.alpha)
why = "b"
### END SOLUTION

# %% name="penalty-check" role="check"
check("ch08.penalty", pays_back, multiplied, limit, why)

# %% name="penalty-hidden" role="hidden" points=2
### BEGIN HIDDEN TESTS
check("ch08.penalty", pays_back, multiplied, limit, why, seed=20232, points=2)
### END HIDDEN TESTS

# %% [markdown] name="penalty-why" role="solutions-only"
# **Why.** The small model's loss tends to $E + A/(kN)^\alpha$, a few hundredths of a nat below the goal. A penalty
# that is a good part of that room must be bought with the last, slowest tokens. So the case for a small model is
# strong in nats that you can measure, and fragile against effects that you cannot: measure them before you plan on it.

# %% [markdown] name="penalty-use-text"
# Once it is right, the next cell shows how the break-even runs away.

# %% name="penalty-use"
with needs("ch08.penalty"):
    for penalty in (0.0, 0.005, 0.01, 0.015):
        served = pays_back(published.BESIROGLU_2024, 70e9, 0.7, penalty, 10)
        print(f"penalty {penalty:.3f} nats: even after {served / 1e12:5.2f} trillion tokens at ten times the price")

# %% [markdown] name="end"
# ## Where you stand

# %% name="progress"
progress("ch08")

# %% [markdown] name="next" role="exercises-only"
# Something still open? `hint("ch08.penalty")` and the like help. The solutions are in
# `solutions/ch08_inference_optimal.ipynb`; they are worth reading even where your own answer was right.
