"""Test-time compute: coverage, votes, verifiers, best-of-n, and sampling against training.

Use `pass_at_k` to turn counts of right answers into coverage, `coverage_curve` for every k at once,
`coverage_between` where only a few k were measured. Coverage is what
a perfect verifier would reach: `majority_vote`, `plurality_limit`, `verified_success` and `fooled_success` say what can
be selected, `best_of_n_kl` how far a learned reward is followed. The laws of coverage and of over-optimisation are in
:mod:`scaling_lib.laws.testtime` and can be had from here too.
"""

from ..laws.testtime import (
    BestOfNReward,
    BetaCoverage,
    KumaraswamyCoverage,
    PowerCoverage,
    RLReward,
    ScaledBetaCoverage,
)
from .coverage import coverage_between, coverage_curve, pass_at_k, samples_for_coverage
from .selection import best_of_n_kl, flop_matched_multiplier, fooled_success, majority_vote, plurality_limit, verified_success

__all__ = ["BestOfNReward", "BetaCoverage", "KumaraswamyCoverage", "PowerCoverage", "RLReward", "ScaledBetaCoverage",
           "best_of_n_kl", "coverage_between", "coverage_curve", "flop_matched_multiplier", "fooled_success", "majority_vote",
           "pass_at_k", "plurality_limit", "samples_for_coverage", "verified_success"]
