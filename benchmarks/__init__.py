"""Speed and robustness of the estimators, side by side with their peers in one run: ``make bench``."""
