"""A plan for reading: as text and as HTML, from the same sections."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ..allocate.minimax import big, percent

if TYPE_CHECKING:
    from .answer import Plan

__all__ = ["as_html", "as_text"]


def _range(ends: tuple[float, float]) -> str:
    low, high = (_rounded(v) for v in ends)
    return low if low == high else f"{low} to {high}"


def _percents(ends: tuple[float, float]) -> str:
    low, high = (f"{100 * v:.1f}" for v in ends)
    return f"{low} %" if low == high else f"{low} to {high} %"


def _rounded(value: float) -> str:
    """Three digits, which is more than anyone knows: 275,609 is 276,000."""
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 100 else f"{value:,.3g}"


def _money(ends: tuple[float, float], currency: str) -> str:
    low, high = (_rounded(v) for v in ends)
    return f"{low} {currency}" if low == high else f"{low} to {high} {currency}"


def headline(plan: Plan) -> tuple[str, str]:
    """The advice and why."""
    p = plan.pick
    advice = f"Train {big(p.N)} parameters on {big(p.D)} tokens ({p.tokens_per_param:,.3g} per parameter)."
    basis = {"hedge": "the hedge between the laws", "yours":
             "the optimum of your own law"}.get(p.basis, f"the row {p.basis} of the table")
    why = (f"This is {basis}: it wastes at most {percent(p.worst)} of the compute whichever of the laws below is true. "
           f"Anything from {big(p.N_near[0])} to {big(p.N_near[1])} costs at most five points more.")
    return advice, why


def sections(plan: Plan) -> list[tuple[str, list[str]]]:
    """Titles and sentences, the table apart."""
    out: list[tuple[str, list[str]]] = []
    out.append(("How sure", [f"{part.source}: {part.text}." for part in plan.uncertainty]))
    if plan.loss is not None:
        loss = plan.loss
        lines = [
            f"{loss.value:.4f} nats per token; the curve lies within {loss.confidence[0]:.4f} and "
            f"{loss.confidence[1]:.4f}, "
            f"the run within {loss.prediction[0]:.4f} and {loss.prediction[1]:.4f} (95 %)."
        ]
        lines += [
            f"A finished run of {100 * part:.0f} % of the tokens: {value:.4f}, at most {upper:.4f}."
            for part, value, upper in loss.milestones
        ]
        lines.append(
            "A run under way with its learning rate still high stands above these; compare the same point of an "
            "earlier run."
        )
        out.append(("Loss, on your corpus", lines))
    if plan.data is not None:
        d = plan.data
        out.append(("Data", [
            f"{d.epochs:.2g} passes over {big(d.unique)} unique tokens, worth {big(d.worth)} fresh ones; "
            f"the shortage takes up to {percent(d.shortage)} more compute than unlimited data would."
        ]))
    if plan.lifetime is not None:
        out.append(("Over its lifetime", _lifetime(plan)))
    if plan.cluster is not None:
        out.append(("Time and money", _cluster(plan)))
    m = plan.more
    out.append(("A tenth more budget", [
        f"The best size grows by {_percents(m.N)}, its tokens by {_percents(m.D)}; the loss above the floor "
        f"falls by {_percents(m.excess)}."
    ]))
    if plan.warnings:
        out.append(("Warnings", list(plan.warnings)))
    out.append(("Assumed", [*_stated(plan), *plan.notes]))
    return out


def _lifetime(plan: Plan) -> list[str]:
    t = plan.lifetime
    assert t is not None
    kinds = " and ".join(
        f"{big(tokens)}" + ("" if kind == "all" else f" {kind}") + " tokens" +
        (f" (at {t.price_ratio[kind]:.3g}x the price of a training FLOP)" if t.price_ratio[kind] != 1 else "")
        for kind, tokens in t.tokens.items())
    lines = [
        f"Serving {kinds} costs as much as training on {big(t.equivalent_tokens)}: {100 * t.pick_share:.0f} % "
        "of the pick's lifetime."
    ]
    if t.serving_cost is not None and t.cost_per_million is not None:
        lines.append(f"With the pick that is {_money(t.serving_cost, plan.budget.currency)}, "
                     f"{_money(t.cost_per_million, plan.budget.currency)} a million tokens.")
    for row in t.rows:
        if row.saving < 0.005:
            lines.append(f"{row.law}: nothing as good is cheaper.")
        else:
            back = f"; pays back after {big(row.pays_back_after)} tokens" if row.pays_back_after > 0 else ""
            lines.append(f"{row.law}: {big(row.N)} on {big(row.D)} is as good and saves {percent(row.saving)} "
                         f"(training {'+' if row.extra_training >= 0 else ''}{100 * row.extra_training:.0f} %{back}).")
    return lines


def _cluster(plan: Plan) -> list[str]:
    c, b = plan.cluster, plan.budget
    assert c is not None and b.accelerator is not None
    lines = [
        f"{_range(c.hours)} {b.accelerator.name}-hours" +
        (f", {_range(c.days)} days on {b.count:,.0f}" if c.days is not None else "") + "."
    ]
    if c.cost is not None:
        dated = f", price of {b.price_date}" if b.price_date else ""
        lines.append(f"{_money(c.cost, b.currency)} at {b.price_per_hour:g} an hour{dated}.")
    if c.energy_kwh is not None:
        lines.append(f"{_range(c.energy_kwh)} kWh for the accelerators at full board power.")
    if c.memory is not None:
        m = c.memory
        lines.append(
            f"Training state {m.bytes_each / 1e9:,.3g} GB on each if all share it, {100 * m.share:.0f} % of its "
            "memory: "
            + ("fits, before activations." if m.fits else "does not fit."))
    if c.needed is not None:
        lines.append(f"The deadline needs {c.needed:,.0f} accelerators.")
    return lines


def _stated(plan: Plan) -> list[str]:
    b = plan.budget
    out = [
        f"Budget {b.text!r}: {b.C:.3g} FLOP" +
        (f" ({b.C_low:.3g} to {b.C_high:.3g} over the range of utilisation)" if b.C_low < b.C_high else "") + "."
    ]
    if b.utilisation is not None:
        good = "" if b.goodput is None else f", goodput {100 * b.goodput:g} %"
        out.append(f"Utilisation {_percents(b.utilisation)}{good}.")
    rest = {
        name: value
        for name, value in plan.inputs.items() if name not in ("budget", "law", "utilisation", "goodput")
    }
    if rest:
        out.append("Also stated: " + "; ".join(f"{name} {_said(value)}" for name, value in rest.items()) + ".")
    return out


def _said(value: object) -> str:
    """An input as a person would write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return big(value) if value >= 1e5 else f"{value:,.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_said(item) for item in value)
    return str(value)


def as_text(plan: Plan) -> str:
    """The whole plan for a terminal."""
    advice, why = headline(plan)
    parts = [
        f"Plan for {plan.budget.C:.3g} FLOP\n\n{advice}\n{why}",
        f"Compute wasted by each choice, if each law is true\n{plan.table}"
    ]
    parts += ["\n".join([title, *(f"  - {line}" for line in lines)]) for title, lines in sections(plan)]
    return "\n\n".join(parts)


def as_html(plan: Plan) -> str:
    """The whole plan for a notebook."""
    advice, why = headline(plan)
    body = "".join(
        f"<section><h4>{escape(title)}</h4><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul></section>"
        for title, lines in sections(plan))
    return (
        f"<article class='sl-plan'><h3>Plan for {plan.budget.C:.3g} "
        f"FLOP</h3><p><strong>{escape(advice)}</strong></p><p>{escape(why)}</p>"
        f"{plan.table._repr_html_()}{body}</article>")
