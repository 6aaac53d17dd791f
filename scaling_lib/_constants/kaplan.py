"""Kaplan et al. 2020. N is without embeddings, C in PF-days; losses are on WebText2, nats per token."""

from __future__ import annotations

from typing import Final

from ..compute import PF_DAY
from ..laws import CriticalBatch, KaplanC, KaplanD, KaplanN, KaplanND, KaplanNS, PowerRule
from .registry import add

__all__ = [
    "GPT3_FLOP",
    "KAPLAN_2020_A",
    "KAPLAN_2020_ALPHA_C_MIN",
    "KAPLAN_2020_BREAKDOWN",
    "KAPLAN_2020_B_CRIT",
    "KAPLAN_2020_B_CRIT_TEXT",
    "KAPLAN_2020_B_OPT",
    "KAPLAN_2020_C",
    "KAPLAN_2020_C_FIXED_BATCH",
    "KAPLAN_2020_D",
    "KAPLAN_2020_D_NO_OVERFIT",
    "KAPLAN_2020_D_ONE_EPOCH",
    "KAPLAN_2020_D_OPT",
    "KAPLAN_2020_N",
    "KAPLAN_2020_ND",
    "KAPLAN_2020_NS",
    "KAPLAN_2020_N_OPT",
    "KAPLAN_2020_PF_DAY",
    "KAPLAN_2020_RANGE",
    "KAPLAN_2020_S_OPT",
]

_KAPLAN = "Kaplan et al. 2020, arXiv 2001.08361"

KAPLAN_2020_PF_DAY: Final = add("KAPLAN_2020_PF_DAY", PF_DAY, "FLOP", _KAPLAN, "section 1.3", "verified")

GPT3_FLOP: Final = add(
    "GPT3_FLOP", 3.14e23, "FLOP", "Brown et al. 2020, arXiv 2005.14165", "Table D.1", "verified",
    "3634 PF-days; 6ND with 175e9 parameters and 300e9 tokens gives 3.15e23.")

KAPLAN_2020_N: Final = add(
    "KAPLAN_2020_N",
    KaplanN(N_c=8.8e13, alpha_N=0.076),
    "nats per token",
    _KAPLAN,
    "equation 1.1",
    "verified",
    "Without a floor, as all laws of this paper.",
)
KAPLAN_2020_D: Final = add(
    "KAPLAN_2020_D", KaplanD(D_c=5.4e13, alpha_D=0.095), "nats per token", _KAPLAN, "equation 1.2", "verified"
)
KAPLAN_2020_C: Final = add("KAPLAN_2020_C", KaplanC(C_c=3.1e8, alpha_C=0.050), "nats per token, C in PF-days", _KAPLAN,
                           "equation 1.3", "verified")
KAPLAN_2020_C_FIXED_BATCH: Final = add(
    "KAPLAN_2020_C_FIXED_BATCH", KaplanC(C_c=1.6e7, alpha_C=0.057), "nats per token, C in PF-days", _KAPLAN, "Table 5",
    "verified", "Compute at one fixed batch; the authors advise against predicting with it.")
KAPLAN_2020_B_CRIT: Final = add(
    "KAPLAN_2020_B_CRIT", CriticalBatch(B_star=2.1e8, alpha_B=0.21), "tokens", _KAPLAN, "Table 5", "verified",
    "The text has 2e8: see KAPLAN_2020_B_CRIT_TEXT.")
KAPLAN_2020_B_CRIT_TEXT: Final = add(
    "KAPLAN_2020_B_CRIT_TEXT",
    CriticalBatch(B_star=2e8, alpha_B=0.21),
    "tokens",
    _KAPLAN,
    "equations 1.4 and 5.3",
    "verified",
)
KAPLAN_2020_ND: Final = add(
    "KAPLAN_2020_ND", KaplanND(N_c=6.4e13, D_c=1.8e13, alpha_N=0.076, alpha_D=0.103), "nats per token", _KAPLAN,
    "equation 1.5, Table 2", "verified", "The joint fit: alpha_D differs from the 0.095 of L(D).")
KAPLAN_2020_NS: Final = add(
    "KAPLAN_2020_NS", KaplanNS(N_c=6.5e13, S_c=2.1e3, alpha_N=0.077, alpha_S=0.76), "nats per token", _KAPLAN,
    "equations 1.6 and 5.6, Table 3", "verified")
KAPLAN_2020_ALPHA_C_MIN: Final = add(
    "KAPLAN_2020_ALPHA_C_MIN", 0.054, "exponent of C", _KAPLAN, "equation 6.4", "verified",
    "As printed; the printed inputs give 0.0525.")
KAPLAN_2020_D_NO_OVERFIT: Final = add(
    "KAPLAN_2020_D_NO_OVERFIT", PowerRule(k=5e3, p=0.74), "tokens at N parameters", _KAPLAN, "equation 4.4", "verified",
    "Loss within the 0.02 that seeds differ by.")
KAPLAN_2020_A: Final = add("KAPLAN_2020_A", 0.73, "exponent of C", _KAPLAN, "equation 1.7", "verified",
                           "Growth of the best non-embedding size with compute.")
KAPLAN_2020_N_OPT: Final = add(
    "KAPLAN_2020_N_OPT", PowerRule(k=1.3e9, p=KAPLAN_2020_A), "parameters at C PF-days", _KAPLAN, "Table 6", "verified"
)
KAPLAN_2020_B_OPT: Final = add(
    "KAPLAN_2020_B_OPT", PowerRule(k=2.0e6, p=0.24), "tokens at C PF-days", _KAPLAN, "Table 6", "verified", "Batch."
)
KAPLAN_2020_S_OPT: Final = add(
    "KAPLAN_2020_S_OPT", PowerRule(k=5.4e3, p=0.03), "steps at C PF-days", _KAPLAN, "Table 6", "verified"
)
KAPLAN_2020_D_OPT: Final = add(
    "KAPLAN_2020_D_OPT", PowerRule(k=2e10, p=0.27), "tokens at C PF-days", _KAPLAN, "Table 6", "verified"
)
KAPLAN_2020_D_ONE_EPOCH: Final = add(
    "KAPLAN_2020_D_ONE_EPOCH", PowerRule(k=4e10, p=0.26), "tokens at C PF-days", _KAPLAN, "equation 6.7", "verified",
    "At the critical batch.")
KAPLAN_2020_BREAKDOWN: Final = add(
    "KAPLAN_2020_BREAKDOWN",
    {"C_pf_days": 1e4, "N": 1e12, "D": 1e12, "L": 1.7},
    "PF-days, parameters, tokens, nats",
    _KAPLAN,
    "equation 6.8",
    "verified",
    "Where the laws must fail at the latest; uncertain by an order of magnitude.",
)
KAPLAN_2020_RANGE: Final = add(
    "KAPLAN_2020_RANGE",
    (768.0, 1.5e9),
    "non-embedding parameters",
    _KAPLAN,
    "section 3",
    "verified",
    "Sizes that were trained.",
)
