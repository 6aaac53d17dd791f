"""From loss to what models can do: exact match against smooth scores, two-step predictions, observational laws.

Use `exact_match` and `first_visible` to see how a metric makes a jump, `fit_threshold` against `fit_approach` to ask
whether a score has a threshold in the loss, `mean_left` to see how switches add up to a curve; `TwoStep` to predict a
task from parameters and tokens, `principal_components` and `fit_sigmoid_link` to predict one benchmark from others
across model families.
"""

from .observational import Components, FamilyLine, SigmoidLink, family_line, fit_sigmoid_link, principal_components
from .scores import (
    TwoStep,
    above_chance,
    exact_match,
    expected_errors,
    first_visible,
    per_token_accuracy,
    score_error,
    score_interval,
)
from .skills import mean_left, skill_left, stays_below
from .threshold import Approach, Threshold, fit_approach, fit_threshold

__all__ = ["Approach", "Components", "FamilyLine", "SigmoidLink", "Threshold", "TwoStep", "above_chance", "exact_match",
           "expected_errors", "family_line", "first_visible", "fit_approach", "fit_sigmoid_link", "fit_threshold",
           "mean_left", "per_token_accuracy", "principal_components", "score_error",
           "score_interval", "skill_left", "stays_below"]
