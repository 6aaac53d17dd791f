"""Every published constant, once: as a law or a number, with its source and how far it was verified.

A name in capitals *is* the law or the number; `about` tells where it comes from. Losses of different papers are
on different corpora and tokenizers and do not compare. What is only ``"reported"`` is never a default.

The laws of Hoffmann et al. and of their replication stand here, the rest in groups: `kaplan`, `chinchilla` (tables),
`extensions` (data, inference, experts, precision, batch), `capability` (emergence, test time), `architectures`
(shapes of known models, tokens that tables get wrong) and `hardware` (accelerators, prices and utilisation, each with
its month), all in ``scaling_lib/_constants``.

Examples
--------
>>> HOFFMANN_2022.E
1.69
>>> about("HOFFMANN_2022").status
'verified'
"""

from __future__ import annotations

import math
from typing import Final

from ._constants.architectures import *
from ._constants.capability import *
from ._constants.chinchilla import *
from ._constants.extensions import *
from ._constants.hardware import *
from ._constants.kaplan import *
from ._constants.registry import Estimate as Estimate
from ._constants.registry import Source as Source
from ._constants.registry import Status as Status
from ._constants.registry import about as about
from ._constants.registry import add as _add
from ._constants.registry import names as names
from .laws import ChinchillaLaw

_HOFFMANN = "Hoffmann et al. 2022, arXiv 2203.15556"
_BESIROGLU = "Besiroglu et al. 2024, arXiv 2404.10102"

HOFFMANN_2022: Final = _add(
    "HOFFMANN_2022", ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28),
    "nats per token", _HOFFMANN, "equation 10", "verified",
    "Exponents as printed, to two digits; the rounding alone moves the optimum by half.")

HOFFMANN_2022_UNROUNDED: Final = _add(
    "HOFFMANN_2022_UNROUNDED",
    ChinchillaLaw(E=math.exp(0.5267228), A=math.exp(6.0073404), B=math.exp(6.0179186), alpha=0.33917084,
                  beta=0.2849083),
    "nats per token", _HOFFMANN, "source of the arXiv version, as read by the replication", "verified")

BESIROGLU_2024: Final = _add(
    "BESIROGLU_2024", ChinchillaLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658),
    "nats per token", _BESIROGLU, "Table 1", "verified",
    "A refit of 240 points read from Figure 4 of Hoffmann et al.")

# How the best size and tokens grow with compute, N ~ C^a and D ~ C^b, by the three approaches of Hoffmann et al. (their
# Table 2). The ends are the 10th and 90th percentiles over 100 subsets of 80 % of the data: they are no 95 % intervals.
_OWN_BOOTSTRAP = (10.0, 90.0)

HOFFMANN_2022_A_ENVELOPE: Final = _add(
    "HOFFMANN_2022_A_ENVELOPE", Estimate(0.50, 0.488, 0.502, _OWN_BOOTSTRAP), "exponent of C", _HOFFMANN,
    "Table 2, approach 1", "reported", "Minimum over training curves. 10th to 90th percentile.")

HOFFMANN_2022_A_ISOFLOP: Final = _add(
    "HOFFMANN_2022_A_ISOFLOP", Estimate(0.49, 0.462, 0.534, _OWN_BOOTSTRAP), "exponent of C", _HOFFMANN,
    "Table 2, approach 2", "reported", "IsoFLOP profiles. 10th to 90th percentile.")

HOFFMANN_2022_A_PARAMETRIC: Final = _add(
    "HOFFMANN_2022_A_PARAMETRIC", Estimate(0.46, 0.454, 0.455, _OWN_BOOTSTRAP), "exponent of C", _HOFFMANN,
    "Table 2, approach 3", "verified",
    "Parametric fit. 10th to 90th percentile; the value stands outside its own interval, which is too narrow for the "
    "data.")

HOFFMANN_2022_B_ENVELOPE: Final = _add(
    "HOFFMANN_2022_B_ENVELOPE", Estimate(0.50, 0.501, 0.512, _OWN_BOOTSTRAP), "exponent of C", _HOFFMANN,
    "Table 2, approach 1", "reported", "Growth of the best number of tokens, as the next two.")

HOFFMANN_2022_B_ISOFLOP: Final = _add(
    "HOFFMANN_2022_B_ISOFLOP", Estimate(0.51, 0.483, 0.529, _OWN_BOOTSTRAP), "exponent of C", _HOFFMANN,
    "Table 2, approach 2", "reported")

HOFFMANN_2022_B_PARAMETRIC: Final = _add(
    "HOFFMANN_2022_B_PARAMETRIC", Estimate(0.54, 0.542, 0.543, _OWN_BOOTSTRAP), "exponent of C", _HOFFMANN,
    "Table 2, approach 3", "verified")

HOFFMANN_2022_A_MIDDLE: Final = _add(
    "HOFFMANN_2022_A_MIDDLE", 0.4545, "exponent of C", _BESIROGLU, "repository notebook", "verified",
    "The middle of approach 3's printed interval, which the replication sets beside G of the unrounded constants.")

HOFFMANN_2022_BUDGET: Final = _add(
    "HOFFMANN_2022_BUDGET", 5.76e23, "FLOP", _HOFFMANN, "Table 3 and appendix F", "verified",
    "The compute of Gopher by the authors' own count, and the budget given to Chinchilla; Gopher's paper counts "
    "6.3e23.")

GOPHER_MMLU: Final = _add("GOPHER_MMLU", 0.600, "fraction correct", _HOFFMANN, "Table 6", "reported", "Five-shot.")

CHINCHILLA_MMLU: Final = _add("CHINCHILLA_MMLU", 0.675, "fraction correct", _HOFFMANN, "abstract", "verified",
                              "Five-shot.")

BESIROGLU_2024_INTERVALS: Final = _add(
    "BESIROGLU_2024_INTERVALS",
    {name: Estimate(getattr(BESIROGLU_2024, name), low, high, (2.5, 97.5)) for name, low, high in (
        ("E", 1.769, 1.871), ("A", 285.0, 744.0), ("B", 1042.0, 5810.0), ("alpha", 0.317, 0.373),
        ("beta", 0.331, 0.415))},
    "of each constant", _BESIROGLU, "repository notebook", "verified", "95 % of 4,000 bootstrap refits.")

BESIROGLU_2024_A: Final = _add(
    "BESIROGLU_2024_A", 0.513, "exponent of C", _BESIROGLU, "section 3", "verified",
    "Standard error: BESIROGLU_2024_ERRORS.")

BESIROGLU_2024_ERRORS: Final = _add(
    "BESIROGLU_2024_ERRORS", {"E": 0.026, "A": 124.58, "B": 1293.2, "alpha": 0.0154, "beta": 0.0206, "a": 0.020},
    "of each constant", _BESIROGLU, "Table 1 and section 3", "verified",
    "Bootstrap standard errors. For A the repository's notebook has 124.52; the paper's 124.58 is reported.")
