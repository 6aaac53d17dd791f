"""What is not a fit, a law, a file or a function of a law is refused by name."""

import numpy as np
import pandas as pd
import pytest

from scaling_lib import ChinchillaLaw, PowerLaw, fit, fitting
from scaling_lib.laws import Law

X = np.geomspace(1e6, 1e9, 8)
TABLE = {"x": X, "L": 1.7 + 400 * X**-0.34}


@pytest.fixture(scope="module")
def result():
    return fit(PowerLaw, **TABLE)


@pytest.mark.parametrize("call", [fitting.bootstrap, fitting.predict, fitting.audit, lambda x: fitting.profile(x, "alpha")])
@pytest.mark.parametrize("bad", [None, 7, "fit.json", ChinchillaLaw])
def test_what_is_not_a_fit(call, bad):
    with pytest.raises(ValueError, match="result is"):
        call(bad)


@pytest.mark.parametrize("call", [fitting.load, fitting.read_table, fitting.read_log, fitting.fit_log])
@pytest.mark.parametrize("bad", [None, 7, "", ["runs.csv"]])
def test_what_is_not_a_file(call, bad):
    with pytest.raises(ValueError, match="path is"):
        call(bad)


@pytest.mark.parametrize("call", [fit, fitting.backtest])
def test_the_base_class_is_no_law(call):
    with pytest.raises(ValueError, match="class of laws"):
        call(Law, **TABLE)


@pytest.mark.parametrize("quantity", [lambda: 1, lambda law: law.nothing, lambda law: "text", lambda law: None])
def test_what_is_not_a_function_of_a_law(result, quantity):
    with pytest.raises(ValueError, match="quantity"):
        result.bootstrap(20).interval(quantity)


def test_flags_and_orders(result):
    with pytest.raises(ValueError, match="warm is"):
        result.bootstrap(20, warm=pd.NA)
    with pytest.raises(ValueError, match="by is"):
        fitting.backtest(PowerLaw, by=pd.NA, **TABLE)
