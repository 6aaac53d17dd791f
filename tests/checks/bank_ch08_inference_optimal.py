"""What people answer to the exercises of chapter 8: right in different styles, and wrong in the ways they really are.

Written as learners write it, apart from the checks' own mistakes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from entries import Entry, swap

from scaling_lib import allocate, datasets, explorers, fit, published
from scaling_lib.checks import Given
from scaling_lib.lab import results
from scaling_lib.laws import OvertrainingLaw

H, R = published.HOFFMANN_2022, published.BESIROGLU_2024


# ------------------------------------------------------------------------------------------------- ch08.lifetime


def lifetime(N, D, served):
    return 6 * N * D + 2 * N * served


def lifetime_grouped(N, D, served):
    return 2 * np.asarray(N) * (3 * np.asarray(D) + served)


def break_even(N_large, D_large, N_small, D_small):
    return 3 * (N_small * D_small - N_large * D_large) / (N_large - N_small)


def break_even_steps(N1, D1, N2, D2):
    extra = 6 * (N2 * D2 - N1 * D1)
    saved = 2 * N1 - 2 * N2
    return np.array([extra / saved]) if np.ndim(extra) == 0 else extra / saved


def life_six(N, D, served):
    return 6 * N * (D + served)


def life_two(N, D, served):
    return 2 * N * (D + served)


def life_training(N, D, served):
    return 6 * N * D


def life_serving(N, D, served):
    return 2 * N * served


def life_no_N(N, D, served):
    return 6 * N * D + 2 * served


def life_once(N, D, served):
    return 6 * N * D + N * served


def life_backward(N, D, served):
    return 6 * N * D + 4 * N * served


def life_print(N, D, served):
    print(6 * N * D + 2 * N * served)


def life_exaflop(N, D, served):
    return (6 * N * D + 2 * N * served) / 1e18


def even_no_three(N1, D1, N2, D2):
    return (N2 * D2 - N1 * D1) / (N1 - N2)


def even_sign(N1, D1, N2, D2):
    return 3 * (N1 * D1 - N2 * D2) / (N1 - N2)


def even_large(N1, D1, N2, D2):
    return 6 * (N2 * D2 - N1 * D1) / (2 * N1)


def even_small(N1, D1, N2, D2):
    return 6 * (N2 * D2 - N1 * D1) / (2 * N2)


def even_multiple(N1, D1, N2, D2):
    return break_even(N1, D1, N2, D2) / D1


def even_whole(N1, D1, N2, D2):
    return 6 * N2 * D2 / (2 * (N1 - N2))


def even_tokens(N1, D1, N2, D2):
    return 3 * (D2 - D1)


def even_twice(N1, D1, N2, D2):
    return 2 * break_even(N1, D1, N2, D2)


# ---------------------------------------------------------------------------------------------------- ch08.hours


def budget(n: Given) -> float:
    return n.gpus * n.days * 86400 * n.peak * n.mfu


def served(n: Given) -> float:
    return n.requests * n.tokens * n.life


def hours_right(n: Given) -> tuple[Any, ...]:
    life = allocate.inference_aware(R, served(n), budget=budget(n))
    return budget(n), served(n), life.N, life.D, R.optimal(budget(n)).N


def hours_by_search(n: Given) -> tuple[Any, ...]:
    N = np.geomspace(1e8, 1e12, 200_001)
    D = (budget(n) - 2 * N * served(n)) / (6 * N)
    good = D > 0
    best = int(np.argmin(R(N[good], D[good])))
    return f"{budget(n):.3e}", int(served(n)), N[good][best], D[good][best], np.float64(R.optimal(budget(n)).N)


def hours_with(n: Given, **changes: Any) -> tuple[Any, ...]:
    return swap(hours_right(n), **changes)


def fixed_quality(n: Given) -> Any:
    return allocate.inference_aware(R, served(n), C=budget(n))


def like_trained(n: Given) -> Any:
    return allocate.inference_aware(R, 3 * served(n), budget=budget(n))


# ---------------------------------------------------------------------------------------------------- ch08.shelf


def shelf_right(n: Given) -> tuple[Any, ...]:
    (N1, D1), (N2, D2) = n.large, n.small
    worth = R.compute_for_loss(R(N1, D1)) / R.compute_for_loss(R(N2, D2))
    lives = lifetime(N1, D1, n.served) / lifetime(N2, D2, n.served)
    return N1 * D1 / (N2 * D2), lives, worth, [False, True, False, False]


def shelf_with(n: Given, **changes: Any) -> tuple[Any, ...]:
    return swap(shelf_right(n), **changes)


# ---------------------------------------------------------------------------------------------------- ch08.noisy


def noisy_right(n: Given) -> tuple[Any, ...]:
    runs = results.load("noise")
    clean, more = runs[runs.D < 1e6], runs[runs.D > 1e6]
    rising = more.groupby("setting_noise").excess.mean()
    level = clean.excess.mean()
    even = float(np.interp(level, rising, rising.index))
    return level / rising[0.0], even, [bool(rising[share] < level) for share in n.shares], "depends on how bad"


def noisy_by_repeat(n: Given) -> tuple[Any, ...]:
    runs = results.load("noise")
    evens = []
    for _, own in runs.groupby("repeat"):
        level = own[own.D < 1e6].excess.item()
        rows = own[own.D > 1e6].sort_values("setting_noise")
        i = int((rows.excess < level).sum())
        (x0, x1), (y0, y1) = rows.setting_noise.to_numpy()[i - 1 : i + 1], rows.excess.to_numpy()[i - 1 : i + 1]
        evens.append(x0 + (level - y0) * (x1 - x0) / (y1 - y0))
    gain, _, better, _ = noisy_right(n)
    return round(gain, 2), f"{np.mean(evens):.3f}", tuple("yes" if item else "no" for item in better), "It depends."


def noisy_with(n: Given, **changes: Any) -> tuple[Any, ...]:
    return swap(noisy_right(n), **changes)


def straight(n: Given) -> float:
    runs = results.load("noise")
    more = runs[runs.D > 1e6].groupby("setting_noise").excess.mean()
    slope, start = np.polyfit(more.index, more, 1)
    return float((runs[runs.D < 1e6].excess.mean() - start) / slope)


# -------------------------------------------------------------------------------------------------- ch08.traffic


def edge(n: Given, law: Any = R, price: float = 1.0) -> float:
    k_D = (1 - law.beta / law.alpha * (n.k**-law.alpha - 1)) ** (-1 / law.beta)
    tokens = 3 * (n.k * k_D - 1) / (1 - n.k) * law.optimal_for_params(13e9).D
    return tokens / price / n.tokens / n.days


def by_widget(n: Given, **settings: Any) -> float:
    """The stop of the slider at which the days come nearest."""
    widget = explorers.pay_back(k=n.k, tokens=n.tokens, **settings)
    stops = next(control.stops for control in widget.controls if control.key == "requests")

    def days(stop: float) -> float:
        return {r.key: r.value for r in widget.set(requests=stop).view.readouts}["days"]

    low, high = 0, len(stops) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if days(stops[middle]) > n.days else (low, middle)
    return stops[low]


def traffic_right(n: Given) -> tuple[Any, ...]:
    return edge(n), edge(n, H), edge(n, R, 10), "little traffic"


def traffic_with(n: Given, **changes: Any) -> tuple[Any, ...]:
    return swap(traffic_right(n), **changes)


# ------------------------------------------------------------------------------------------------ ch08.next_four


def next_right(n: Given, least: float = 0.9, most: float = 0.0, size: float = 1e9) -> tuple[Any, ...]:
    runs = datasets.load("overtraining_loss_runs")
    own = runs[runs.train_data == n.corpus]
    seen = own[(own.params < size) & (own.chinchilla_multiple > least)]
    seen = seen[seen.chinchilla_multiple * 20 < 1.1 * (most or n.upto)]
    law = fit(OvertrainingLaw, C=seen.training_flops, M=seen.training_tokens / seen.params, L=seen.loss_nats_c4_val).law
    large = own[(own.params > 1e9) & (own.params < 2e9)]
    held = large.loc[large.training_tokens.idxmax()]
    falls = []
    for _, each in own[own.params < 1e9].groupby("params"):
        loss = dict(zip(20 * each.chinchilla_multiple, each.loss_nats_c4_val))
        if 4 * n.upto in loss:
            falls.append(loss[n.upto] - loss[4 * n.upto])
    foretold = law(held.training_flops, held.training_tokens / held.params)
    return len(seen), foretold, held.loss_nats_c4_val, np.mean(falls), "still learning"


def next_rounded(n: Given) -> tuple[Any, ...]:
    count, foretold, measured, fell, _ = next_right(n)
    return str(count), f"{foretold:.3f}", round(float(measured), 3), float(f"{fell:.3g}"), "No"


def next_with(n: Given, **changes: Any) -> tuple[Any, ...]:
    return swap(next_right(n), **changes)


def largest_fall(n: Given, times: float = 4) -> list[float]:
    runs = datasets.load("overtraining_loss_runs")
    own = runs[(runs.train_data == n.corpus) & (runs.params < 1e9)]
    table = own.pivot(index="params", columns="chinchilla_multiple", values="loss_nats_c4_val")
    return list((table[n.upto / 20] - table[times * n.upto / 20]).dropna())


# -------------------------------------------------------------------------------------------------- ch08.penalty


def pays_back(law, N, k, penalty, price_ratio):
    big = law.optimal_for_params(N)
    D = law.tokens_for_loss(big.L - penalty, k * N)
    return 3 * (k * N * D - N * big.D) / ((1 - k) * N) / price_ratio


def pays_back_by_hand(law, N, k, penalty, price_ratio):
    D = (law.beta * law.B / (law.alpha * law.A * N**-law.alpha)) ** (1 / law.beta)
    goal = law.A / N**law.alpha + law.B / D**law.beta - penalty
    d = (law.B / (goal - law.A / (k * N) ** law.alpha)) ** (1 / law.beta)
    return (6 * k * N * d - 6 * N * D) / (2 * N - 2 * k * N) / price_ratio


def pays_no_penalty(law, N, k, penalty, price_ratio):
    return pays_back(law, N, k, 0, price_ratio)


def pays_added(law, N, k, penalty, price_ratio):
    return pays_back(law, N, k, -penalty, price_ratio)


def pays_price_up(law, N, k, penalty, price_ratio):
    return pays_back(law, N, k, penalty, 1) * price_ratio


def pays_no_price(law, N, k, penalty, price_ratio):
    return pays_back(law, N, k, penalty, 1)


def pays_multiple(law, N, k, penalty, price_ratio):
    return pays_back(law, N, k, penalty, price_ratio) / law.optimal_for_params(N).D


def pays_no_three(law, N, k, penalty, price_ratio):
    return pays_back(law, N, k, penalty, price_ratio) / 3


def pays_everything(law, N, k, penalty, price_ratio):
    big = law.optimal_for_params(N)
    D = law.tokens_for_loss(big.L - penalty, k * N)
    return 3 * (k * N * D - N * big.D) / N / price_ratio


def pays_nothing(law, N, k, penalty, price_ratio):
    served = pays_back(law, N, k, penalty, price_ratio)


def penalty_right(n: Given) -> tuple[Any, ...]:
    factor = pays_back(R, n.N, n.k, n.penalty, 1) / pays_back(R, n.N, n.k, 0, 1)
    return pays_back, factor, R.optimal_for_params(n.N).L - (R.E + R.A / (n.k * n.N) ** R.alpha), "b"


def penalty_with(n: Given, **changes: Any) -> tuple[Any, ...]:
    return swap(penalty_right(n), **changes)


def tokens_times(n: Given) -> float:
    goal = R.optimal_for_params(n.N).L
    return float(R.tokens_for_loss(goal - n.penalty, n.k * n.N) / R.tokens_for_loss(goal, n.k * n.N))


# ------------------------------------------------------------------------------------------------- the two banks

RIGHT: dict[str, list[Entry]] = {
    "ch08.lifetime": [
        Entry("formulas", lambda n: (lifetime, break_even)),
        Entry("grouped, in steps", lambda n: (lifetime_grouped, break_even_steps)),
    ],
    "ch08.hours": [Entry("library", hours_right), Entry("a search over sizes", hours_by_search)],
    "ch08.shelf": [
        Entry("formulas", shelf_right),
        Entry("rounded, in words", lambda n: (*(f"{x:.3g}" for x in shelf_right(n)[:3]), ("no", "yes", "no", "no"))),
    ],
    "ch08.noisy": [Entry("means first", noisy_right), Entry("each repeat, rounded", noisy_by_repeat)],
    "ch08.traffic": [
        Entry("formula", traffic_right),
        Entry(
            "stops of the slider",
            lambda n: (by_widget(n), by_widget(n, law="hoffmann"), by_widget(n, utilisation=0.04), "little"),
        ),
    ],
    "ch08.next_four": [Entry("multiples", next_right), Entry("rounded", next_rounded)],
    "ch08.penalty": [
        Entry("library", penalty_right),
        Entry("by hand", lambda n: (pays_back_by_hand, *(float(f"{x:.3g}") for x in penalty_right(n)[1:3]), "(B)")),
    ],
}

WRONG: dict[str, list[Entry]] = {
    "ch08.lifetime": [
        Entry("six for serving", lambda n: (life_six, break_even), "served like trained"),
        Entry("two for training", lambda n: (life_two, break_even), "trained like served"),
        Entry("only training", lambda n: (life_training, break_even), "serving forgotten"),
        Entry("only serving", lambda n: (life_serving, break_even), "training forgotten"),
        Entry("2 T without N", lambda n: (life_no_N, break_even), "served without N"),
        Entry("N T", lambda n: (life_once, break_even), "one FLOP a parameter"),
        Entry("4 N T", lambda n: (life_backward, break_even), "four FLOP served"),
        Entry("print", lambda n: (life_print, break_even), "none"),
        Entry("exaFLOP", lambda n: (life_exaflop, break_even), "power of ten"),
        Entry("no factor 3", lambda n: (lifetime, even_no_three), "factor 3 missing"),
        Entry("sign", lambda n: (lifetime, even_sign), "sign"),
        Entry("over the large one", lambda n: (lifetime, even_large), "small one served free"),
        Entry("over the small one", lambda n: (lifetime, even_small), "divided by the small one"),
        Entry("a multiple", lambda n: (lifetime, even_multiple), "in units of D"),
        Entry("all of the training", lambda n: (lifetime, even_whole), "whole training"),
        Entry("tokens compared", lambda n: (lifetime, even_tokens), "sizes ignored in training"),
        Entry("twice", lambda n: (lifetime, even_twice), "not even"),
    ],
    "ch08.hours": [
        Entry("hours, not seconds", lambda n: hours_with(n, a0=budget(n) / 3600), "hours"),
        Entry("days, not seconds", lambda n: hours_with(n, a0=budget(n) / 86400), "seconds forgotten"),
        Entry("no utilisation", lambda n: hours_with(n, a0=budget(n) / n.mfu), "full peak"),
        Entry("one machine", lambda n: hours_with(n, a0=budget(n) / n.gpus), "one accelerator"),
        Entry("data sheet with sparsity", lambda n: hours_with(n, a0=2 * budget(n)), "sparse peak"),
        Entry("a day of tokens", lambda n: hours_with(n, a1=n.requests * n.tokens), "one day"),
        Entry("requests", lambda n: hours_with(n, a1=n.requests * n.life), "requests"),
        Entry("the cluster's days", lambda n: hours_with(n, a1=n.requests * n.tokens * n.days), "days of the cluster"),
        Entry("a third", lambda n: hours_with(n, a1=served(n) / 3), "as training tokens"),
        Entry("chapter 5", lambda n: hours_with(n, a2=R.optimal(budget(n)).N, a3=R.optimal(budget(n)).D),
              "serving not counted"),
        Entry("same quality", lambda n: hours_with(n, a2=fixed_quality(n).N, a3=fixed_quality(n).D), "quality fixed"),
        Entry("served as trained", lambda n: hours_with(n, a2=like_trained(n).N, a3=like_trained(n).D),
              "served like trained"),
        Entry("printed constants", lambda n: hours_with(
            n, a2=allocate.inference_aware(H, served(n), budget=budget(n)).N), "another law"),
        Entry("20 tokens", lambda n: hours_with(n, a2=math.sqrt(budget(n) / 120)), "rule of 20"),
        Entry("all for training", lambda n: hours_with(n, a3=budget(n) / 6 / hours_right(n)[2]), "whole budget"),
        Entry("billions", lambda n: hours_with(n, a2=hours_right(n)[2] / 1e9), "power of ten"),
        Entry("same size twice", lambda n: hours_with(n, a4=hours_right(n)[2]), "with serving"),
        Entry("tokens without serving", lambda n: hours_with(n, a4=R.optimal(budget(n)).D), "tokens"),
    ],
    "ch08.shelf": [
        Entry("sizes", lambda n: shelf_with(n, a0=n.large[0] / n.small[0]), "sizes"),
        Entry("tokens", lambda n: shelf_with(n, a0=n.large[1] / n.small[1]), "tokens"),
        Entry("training upside down", lambda n: shelf_with(n, a0=1 / shelf_right(n)[0]), "upside down"),
        Entry("life is training", lambda n: shelf_with(n, a1=shelf_right(n)[0]), "training alone"),
        Entry("life is serving", lambda n: shelf_with(n, a1=n.large[0] / n.small[0]), "serving alone"),
        Entry("served as trained", lambda n: shelf_with(
            n, a1=life_six(*n.large, n.served) / life_six(*n.small, n.served)), "served like trained"),
        Entry("averaged ratios", lambda n: shelf_with(
            n, a1=(shelf_right(n)[0] + n.large[0] / n.small[0]) / 2), "mean of the ratios"),
        Entry("worth what it cost", lambda n: shelf_with(n, a2=shelf_right(n)[0]), "spent"),
        Entry("printed constants", lambda n: shelf_with(
            n, a2=H.compute_for_loss(H(*n.large)) / H.compute_for_loss(H(*n.small))), "another law"),
        Entry("ratio of losses", lambda n: shelf_with(n, a2=R(*n.small) / R(*n.large)), "losses"),
        Entry("nats", lambda n: shelf_with(n, a2=R(*n.small) - R(*n.large)), "nats"),
        Entry("similar compute", lambda n: shelf_with(n, a3=[True, True, False, False]), "verdict 1"),
        Entry("life by size", lambda n: shelf_with(n, a3=[False, True, True, False]), "verdict 3"),
        Entry("nearly as good", lambda n: shelf_with(n, a3=[False, True, False, True]), "verdict 4"),
    ],
    "ch08.noisy": [
        Entry("gain upside down", lambda n: noisy_with(n, a0=1 / noisy_right(n)[0]), "upside down"),
        Entry("of the loss", lambda n: noisy_with(n, a0=2.2755 / 1.988), "of the loss"),
        Entry("difference", lambda n: noisy_with(n, a0=0.5800 - 0.29256), "difference"),
        Entry("0.2", lambda n: noisy_with(n, a1=0.2), "nearest share"),
        Entry("0.3", lambda n: noisy_with(n, a1=0.3), "first that loses"),
        Entry("a straight line", lambda n: noisy_with(n, a1=straight(n)), "nearest share"),
        Entry("percent", lambda n: noisy_with(n, a1=100 * noisy_right(n)[1]), "percent"),
        Entry("share of good text", lambda n: noisy_with(n, a1=1 - noisy_right(n)[1]), "clean share"),
        Entry("none is better", lambda n: noisy_with(n, a2=[False, False, False]), "verdict 1"),
        Entry("all are better", lambda n: noisy_with(n, a2=[True, True, True]), "verdict 3"),
        Entry("bad data hurts", lambda n: noisy_with(n, a3="holds"), "chose holds"),
        Entry("more is better", lambda n: noisy_with(n, a3="fails"), "chose fails"),
    ],
    "ch08.traffic": [
        Entry("laws exchanged", lambda n: traffic_with(n, a0=edge(n, H), a1=edge(n)), "laws exchanged"),
        Entry("low utilisation", lambda n: traffic_with(n, a0=edge(n, R, 10)), "utilisation"),
        Entry("tokens a day", lambda n: traffic_with(n, a0=edge(n) * n.tokens), "tokens a day"),
        Entry("all days together", lambda n: traffic_with(n, a1=edge(n, H) * n.days), "over all days"),
        Entry("utilisation does nothing", lambda n: traffic_with(n, a2=edge(n)), "unchanged"),
        Entry("dearer means later", lambda n: traffic_with(n, a2=10 * edge(n)), "wrong way"),
        Entry("much traffic", lambda n: traffic_with(n, a3="much traffic"), "chose much traffic"),
        Entry("a large budget", lambda n: traffic_with(n, a3="a large budget"), "chose a large budget"),
        Entry("the multiple", lambda n: traffic_with(n, a0=1.56)),
    ],
    "ch08.next_four": [
        Entry("runs from 5 tokens on", lambda n: next_with(n, a0=next_right(n, 0.1)[0], a1=next_right(n, 0.1)[1]),
              "short runs too"),
        Entry("all runs of that size", lambda n: next_with(
            n, a0=next_right(n, most=1e6)[0], a1=next_right(n, most=1e6)[1]),
              "the hidden ones too"),
        Entry("the large ones too", lambda n: next_with(n, a0=next_right(n, size=1e12)[0]), "large runs too"),
        Entry("measured for foretold", lambda n: next_with(n, a1=next_right(n)[2]), "measured"),
        Entry("out by a nat", lambda n: next_with(n, a1=next_right(n)[1] - 1)),
        Entry("one doubling", lambda n: next_with(n, a3=np.mean(largest_fall(n, 2))), "doubled once"),
        Entry("the largest fall", lambda n: next_with(n, a3=max(largest_fall(n))), "the largest fall"),
        Entry("sign of the fall", lambda n: next_with(n, a3=-next_right(n)[3]), "sign"),
        Entry("full", lambda n: next_with(n, a4="full"), "chose full"),
        Entry("saturated", lambda n: next_with(n, a4="saturated"), "chose full"),
    ],
    "ch08.penalty": [
        Entry("no penalty", lambda n: penalty_with(n, a0=pays_no_penalty), "penalty ignored"),
        Entry("penalty added", lambda n: penalty_with(n, a0=pays_added), "penalty added"),
        Entry("price multiplied", lambda n: penalty_with(n, a0=pays_price_up), "price multiplied"),
        Entry("no price", lambda n: penalty_with(n, a0=pays_no_price), "price ignored"),
        Entry("a multiple", lambda n: penalty_with(n, a0=pays_multiple), "in units of D"),
        Entry("no factor 3", lambda n: penalty_with(n, a0=pays_no_three), "factor 3 missing"),
        Entry("saves N", lambda n: penalty_with(n, a0=pays_everything), "saves everything"),
        Entry("no return", lambda n: penalty_with(n, a0=pays_nothing), "none"),
        Entry("upside down", lambda n: penalty_with(n, a1=1 / penalty_right(n)[1]), "upside down"),
        Entry("how much more", lambda n: penalty_with(n, a1=penalty_right(n)[1] - 1), "how much more"),
        Entry("training tokens", lambda n: penalty_with(n, a1=tokens_times(n)), "training tokens"),
        Entry("tokens", lambda n: penalty_with(n, a1=pays_back(R, n.N, n.k, n.penalty, 1)), "tokens"),
        Entry("a loss", lambda n: penalty_with(n, a2=R.E + R.A / (n.k * n.N) ** R.alpha), "the small model's floor"),
        Entry("down to E", lambda n: penalty_with(n, a2=R.optimal_for_params(n.N).L - R.E), "down to E"),
        Entry("the given penalty", lambda n: penalty_with(n, a2=n.penalty), "the penalty"),
        Entry("cost of tuning", lambda n: penalty_with(n, a3="a"), "chose a"),
        Entry("another E", lambda n: penalty_with(n, a3="c"), "chose c"),
    ],
}
