"""From a budget to a decision: `plan`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._validate import _refuse, choice, scalar
from ..allocate import RegretTable, Spread, basin, regret_table
from ..allocate._surface import Surface
from ..allocate.minimax import overheads, percent, table_of
from ..compute import FLOP_PER_PARAM_TOKEN, Transformer
from ..laws.overtraining import OvertrainingLaw
from .answer import Plan
from .budget import Budget, parse_budget
from .caution import Situation, warnings
from .consequences import cluster_of, data_of, lifetime_of, loss_of, tenth_more
from .evidence import REFITS, Domain, backtest, domain_of, resampled
from .inputs import HEDGE, OWN, Laws, amount, read_laws
from .known import verified
from .money import fill_in
from .result import Part, Pick

__all__ = ["plan"]


def plan(budget: object,
         *,
         law: object = None,
         laws: object = None,
         prefer: str | None = None,
         candidates: object = None,
         tokens_per_param: object = None,
         inference_tokens: object = None,
         serving_utilisation: object = None,
         unique_tokens: object = None,
         accelerator: object = None,
         utilisation: object = None,
         goodput: object = None,
         price_per_hour: object = None,
         price_date: str | None = None,
         count: object = None,
         deadline_days: object = None,
         batch_tokens: object = None,
         context: object = None,
         shape: object = None,
         quantise: bool = False,
         fine_tune: bool = False,
         mixture: bool = False) -> Plan:
    """What to train on a budget, how sure that is, and what being wrong would waste.

    Parameters
    ----------
    budget : str or float
        ``"1e23 FLOP"``, ``"512 H100 for 30 days at 35-45% MFU"``, ``"$2M on H100 at $2.50/h at 40% MFU"``, or a number
        of FLOP. Of ``"$2M"`` alone, what it buys is assumed from a dated list price, and the first warning says so.
    law : FitResult, Law, str or dict, optional
        Your own: a fit with its runs (best), the path of a saved one, a law alone, or the description of either.
    laws : str, list or dict, optional
        Published laws to weigh, by name, or any laws by name. The verified Chinchilla laws if omitted.
    prefer : str, optional
        The row of the table to advise: a law's name, a candidate's, or ``"hedge"``. Your own law's if given, else the
        hedge.
    candidates : dict of str to float, optional
        Sizes you consider, parameters by name, to be judged in the table. For a mixture of experts ``{"active": ...,
        "total": ...}``.
    tokens_per_param : float, optional
        A ratio you consider, judged in the table.
    inference_tokens : float or dict, optional
        Tokens served over the model's life, or by kind: ``{"prompt": 1e13, "output": 1e12}``.
    serving_utilisation : float or dict, optional
        Utilisation when serving, one fraction or by kind; it needs the utilisation in training beside it.
    unique_tokens : float, optional
        Tokens that exist to train on.
    accelerator, utilisation, goodput, price_per_hour, price_date : optional
        As in :func:`parse_budget`, where the sentence does not say them.
    count : float, optional
        Number of accelerators, for days and memory.
    deadline_days : float, optional
        Days the run may take.
    batch_tokens, context : float, optional
        Tokens of a batch and of a sequence.
    shape : Transformer, optional
        The architecture, for attention's share.
    quantise, fine_tune, mixture : bool
        Whether the model will be quantised after training, will be fine-tuned, is a mixture of experts.

    Returns
    -------
    Plan
        Prints, shows itself in a notebook, and goes to JSON and back.

    Raises
    ------
    ValueError
        If an argument is not understood, implausible in its unit, or lacks another it needs.

    References
    ----------
    .. [1] Hoffmann et al. 2022, arXiv 2203.15556. Besiroglu et al. 2024, arXiv 2404.10102. Sardana et al. 2024,
           arXiv 2401.00448. Muennighoff et al. 2023, arXiv 2305.16264.

    Examples
    --------
    >>> from scaling_lib import plan
    >>> answer = plan("1e23 FLOP")
    >>> answer.pick.basis, f"{answer.pick.N:.3g}", f"{100 * answer.pick.worst:.0f} %"
    ('hedge', '2.1e+10', '4 %')
    """
    inputs: dict[str, Any] = {
        "budget": budget, "prefer": prefer, "candidates": candidates, "tokens_per_param": tokens_per_param,
        "inference_tokens": inference_tokens, "serving_utilisation": serving_utilisation, "unique_tokens":
        unique_tokens, "accelerator": accelerator, "utilisation": utilisation, "goodput": goodput, "price_per_hour":
        price_per_hour, "price_date": price_date, "count": count, "deadline_days": deadline_days, "batch_tokens":
        batch_tokens, "context": context, "shape": shape, "quantise": quantise, "fine_tune": fine_tune, "mixture":
        mixture
    }
    for name in ("quantise", "fine_tune", "mixture"):
        if not isinstance(inputs[name], bool):
            raise _refuse(name, inputs[name], "True or False")
    filled = fill_in(budget, accelerator, utilisation, price_per_hour, price_date)
    money = parse_budget(budget,
                         accelerator=filled.accelerator,
                         utilisation=filled.utilisation,
                         goodput=goodput,
                         price_per_hour=filled.price_per_hour,
                         price_date=filled.price_date,
                         count=count)
    known = read_laws(law, laws)
    U = None if unique_tokens is None else amount(
        "unique_tokens", unique_tokens, unit="tokens", least=1e6, example="25e9 is 25 billion tokens.")
    architecture = _shape(shape)
    extra, single = _candidates(candidates, tokens_per_param, money.C)
    served = _served(inference_tokens, serving_utilisation, money)
    batch = None if batch_tokens is None else amount(
        "batch_tokens", batch_tokens, unit="tokens in a batch", least=1e3, example="4e6 is 4M tokens.")
    length = None if context is None else scalar(
        "context", context, unit="tokens in a sequence", low=1.0, high=1e9)
    deadline = None if deadline_days is None else scalar(
        "deadline_days", deadline_days, unit="days", low=0.0, open_low=True)

    # Where every law's optimum reads fresh data, the plain laws hold: the other form would charge large models for it.
    scarce = U is not None and any(float(law.optimal(money.C).D) > U for law in known.table.values())
    surfaces = known.surfaces(U if scarce else None)
    H = money.C / FLOP_PER_PARAM_TOKEN
    table = table_of(surfaces, H, 0.0, extra)
    pick = _pick(table, surfaces, prefer, known)
    domain, badge = domain_of(known.result), backtest(known.result)
    parts = (_sampling(known, pick, scarce), _choice_of_law(table, known,
                                                    pick), _transfer(known,
                                                                     pick), _extrapolation(known, domain, badge, pick))
    data = None if U is None else data_of(known, pick, U)
    lifetime = None if served is None else lifetime_of(surfaces, pick, served, money)
    cluster = cluster_of(money, pick, deadline)
    basis = OWN if known.own else next(iter(surfaces))
    loss = float(surfaces[basis].loss(np.asarray(pick.N), np.asarray(pick.D)))
    ratios = {name: table.D[i] / table.N[i] for i, name in enumerate(table.picks) if name in table.laws}
    cautions = warnings(
        Situation(budget=money,
                  laws=known,
                  pick=pick,
                  ratios=ratios,
                  domain=domain,
                  data=data,
                  lifetime=lifetime,
                  cluster=cluster,
                  loss=loss,
                  batch_tokens=batch,
                  context=length,
                  shape=architecture,
                  quantise=quantise,
                  fine_tune=fine_tune,
                  mixture=mixture,
                  single_sizes=single,
                  deadline_days=deadline))
    return Plan(inputs=_echo({**inputs, **known.echo}),
                budget=money,
                pick=pick,
                table=table,
                uncertainty=parts,
                backtest=badge,
                domain=domain,
                around=basin(known.table[basis], money.C) if not scarce else None,
                more=tenth_more(known),
                data=data,
                lifetime=lifetime,
                cluster=cluster,
                loss=loss_of(known, pick, U if scarce else None),
                warnings=(*([filled.caution] if filled.caution else []), *cautions),
                notes=_notes(money, known, served is not None))


def _shape(shape: object) -> Transformer | None:
    if isinstance(shape, Mapping):
        try:
            return Transformer(**shape)
        except TypeError as error:
            raise _refuse("shape", shape, "the fields of a Transformer", f"{error}.") from error
    if shape is not None and not isinstance(shape, Transformer):
        raise _refuse("shape", shape, "a scaling_lib.compute.Transformer")
    return shape


def _candidates(candidates: object, ratio: object, C: float) -> tuple[dict[str, float], tuple[str, ...]]:
    """Sizes by name, and the names of those given as one number."""
    out: dict[str, float] = {}
    single: list[str] = []
    if candidates is not None and not isinstance(candidates, Mapping):
        raise _refuse("candidates", candidates, "a dictionary of name to parameters",
                      "Write {'ours': 13e9}, for instance.")
    for name, value in (candidates or {}).items():
        if not isinstance(name, str):
            raise _refuse("candidates", candidates, "names as keys")
        if isinstance(value, Mapping):
            if not {"active"} <= set(value) <= {"active", "total"}:
                raise _refuse(f"candidates[{name!r}]", value, "{'active': parameters, 'total': parameters}")
            value = value["active"]
        else:
            single.append(name)
        out[name] = amount(f"candidates[{name!r}]", value, unit="parameters", least=1e4, example="13e9 is 13 billion.")
    if ratio is not None:
        r = scalar("tokens_per_param", ratio, unit="tokens per parameter", low=0.0, open_low=True)
        out[f"{r:g} tokens per parameter"] = float(np.sqrt(C / (FLOP_PER_PARAM_TOKEN * r)))
    return out, tuple(single)


def _served(tokens: object, used: object, money: Budget) -> dict[str, tuple[float, float | None]] | None:
    """Tokens and price ratio by kind of serving; None where no utilisation is stated."""
    if tokens is None:
        if used is not None:
            raise ValueError("serving_utilisation is given without inference_tokens: how many tokens will be served?")
        return None
    by_kind = dict(tokens) if isinstance(tokens, Mapping) else {"all": tokens}
    if not by_kind:
        raise _refuse("inference_tokens", tokens, "tokens, or tokens by kind")
    rates = dict(used) if isinstance(used, Mapping) else dict.fromkeys(by_kind, used)
    if set(rates) != set(by_kind):
        raise ValueError(
            f"serving_utilisation has the kinds {', '.join(map(str, rates))}, inference_tokens "
            f"{', '.join(map(str, by_kind))}: "
            "name the same ones.")
    out: dict[str, tuple[float, float | None]] = {}
    for kind, value in by_kind.items():
        label = f"inference_tokens[{kind!r}]" if kind != "all" else "inference_tokens"
        number = amount(label,
                        value,
                        unit="tokens over the model's life",
                        least=1e6,
                        example="2e12 is two trillion tokens.")
        ratio: float | None = None
        if rates[kind] is not None:
            rate = scalar("serving_utilisation", rates[kind], unit="a fraction", low=0.0, high=1.0, open_low=True)
            if money.utilisation is None:
                raise ValueError(
                    "serving_utilisation is given, but not the utilisation in training it is to be compared with: "
                    "pass utilisation=, such as (0.35, 0.45).")
            ratio = sum(money.utilisation) / 2 / rate
        out[str(kind)] = number, ratio
    return out


def _pick(table: RegretTable, surfaces: dict[str, Surface], prefer: str | None, known: Laws) -> Pick:
    default = OWN if known.own else HEDGE if HEDGE in table.picks else table.picks[0]
    basis = default if prefer is None else choice("prefer", prefer, table.picks)
    i = table.picks.index(basis)
    limit = table.worst[i] + 0.05
    steps = np.linspace(-2, 2, 81)
    worst = overheads(surfaces, table.N[i] * np.exp(steps), table.C / FLOP_PER_PARAM_TOKEN, 0.0).max(axis=0)
    fine = np.linspace(-2, 2, 4001)
    near = table.N[i] * np.exp(fine[np.interp(fine, steps, worst) <= limit])
    return Pick(basis=basis,
                N=table.N[i],
                D=table.D[i],
                C=table.C,
                worst=table.worst[i],
                N_near=(float(near.min()), float(near.max())))


def _sampling(known: Laws, pick: Pick, scarce: bool) -> Part:
    if known.own and known.result is None:
        return Part("sampling", "unknown: the law came without its runs")
    try:
        found: Spread = resampled(known.result, pick.C, pick.N)
    except ValueError as error:
        return Part("sampling", f"cannot be said: {error}")
    whose = "your runs" if known.result is not None else "the runs behind the published laws"
    ratio = found.tokens_per_param
    text = (f"{REFITS} refits of {whose} resampled: the best ratio lies between {ratio.low:.3g} and {ratio.high:.3g} "
            "tokens per parameter (95 %)")
    ends = (ratio.low, ratio.high)
    if scarce:  # the refits know nothing of repeated data, so they cannot judge this pick
        return Part("sampling", f"{text}, were data unlimited", tokens_per_param=ends)
    return Part("sampling", f"{text}; the pick wastes at most {percent(found.overhead.high)} in 95 % of them",
                tokens_per_param=ends, waste=found.overhead.high)


def _choice_of_law(table: RegretTable, known: Laws, pick: Pick) -> Part:
    ratios = [table.D[i] / table.N[i] for i, name in enumerate(table.picks) if name in table.laws]
    if len(ratios) == 1:
        return Part("choice of law", "only one law was weighed")
    published_only = "" if known.own else "; they share one set of runs, so this is the least it can be"
    return Part(
        "choice of law",
        f"{min(ratios):.3g} to {max(ratios):.3g} tokens per parameter over {len(ratios)} laws; the pick wastes at most "
        f"{percent(pick.worst)}{published_only}",
        tokens_per_param=(min(ratios), max(ratios)),
        waste=pick.worst)


def _transfer(known: Laws, pick: Pick) -> Part:
    if known.own:
        return Part("transfer to your corpus",
                    "none, as long as corpus, tokenizer, architecture and recipe stay those of your runs")
    corpora = {name: law.to_chinchilla() for name, law in verified(OvertrainingLaw)}
    text = "the published laws are of another corpus, tokenizer and recipe; only your own small runs can say"
    if len(corpora) < 2:
        return Part("transfer to your corpus", text)
    table = regret_table(corpora, pick.C)
    rows = range(len(corpora))
    ratios = [table.D[i] / table.N[i] for i in rows]
    worst = max(table.worst[i] for i in rows)
    return Part(
        "transfer to your corpus",
        f"{text}. For scale: one recipe on {len(corpora)} corpora gave {min(ratios):.2g} to {max(ratios):.2g} "
        f"tokens per parameter (Gadre et al. 2024), and one corpus' optimum wastes up to {percent(worst)} on another",
        waste=worst)


def _extrapolation(known: Laws, domain: Domain, badge: Any, pick: Pick) -> Part:
    if known.own and known.result is None:
        return Part("extrapolation", "unknown: the law came without its runs")
    decades = domain.decades_beyond(pick.C)
    where = (f"{decades:.1f} decades of compute beyond the largest run"
             if decades > 0 else "within the compute of the runs")
    return Part("extrapolation", f"{where} ({domain.C[1]:.1e} FLOP)" + (f"; {badge}" if badge is not None else
                "; too few runs for a backtest"), waste=None if badge is None else badge.pick_waste, decades=decades)


def _notes(money: Budget, known: Laws, serves: bool) -> tuple[str, ...]:
    out = ["Waste is compute over the least that reaches the same loss, less one."]
    if known.result is None:
        out.append(
            "No loss is predicted: losses do not carry over from other people's corpora and tokenizers. Pass a fit to "
            "your own runs."
        )
    if money.accelerator is not None and money.goodput is None:
        out.append("No time lost to failures, restarts or evaluation is counted: pass goodput=.")
    if serves and known.result is None:
        out.append("FLOP are not all of serving: memory, batching and latency set its utilisation.")
    if money.accelerator is not None:
        out.append(f"Peak of {money.accelerator.name}: {money.accelerator.flop_per_s:.3g} dense FLOP/s"
                   + (f", as of {money.accelerator.as_of}" if money.accelerator.as_of else "") + ".")
    out.append(f"{money.C:.3g} FLOP counts 6 for each parameter and token; attention over the context is left out.")
    return tuple(out)


def _echo(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs as JSON holds them; what was not given is left out."""
    from dataclasses import asdict, is_dataclass

    def plain(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return plain(asdict(value))
        if isinstance(value, Mapping):
            return {str(key): plain(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        if isinstance(value, (np.generic, np.ndarray)):
            return value.tolist()
        return value

    return {name: plain(value) for name, value in inputs.items() if value is not None and value is not False}
