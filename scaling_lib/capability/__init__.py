"""From loss to what models can do: exact match against smooth scores, two-step predictions, observational laws.

Use `exact_match` and `first_visible` to see how a metric makes a jump, `TwoStep` to predict a task from parameters and
tokens, `principal_components` and `fit_sigmoid_link` to predict one benchmark from others across model families.
"""

from .observational import Components, FamilyLine, SigmoidLink, family_line, fit_sigmoid_link, principal_components
from .scores import TwoStep, above_chance, exact_match, expected_errors, first_visible, per_token_accuracy

__all__ = ["Components", "FamilyLine", "SigmoidLink", "TwoStep", "above_chance", "exact_match", "expected_errors",
           "family_line", "first_visible", "fit_sigmoid_link", "per_token_accuracy", "principal_components"]
