"""The estimators against yardsticks that are not theirs: SciPy audits of forty-six hard surfaces, and every law on a table of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.surfaces import KINDS, surface  # noqa: E402
from benchmarks.tables import table, typical  # noqa: E402

from scaling_lib import ChinchillaLaw, fit  # noqa: E402
from scaling_lib.fitting import Status, huber_objective  # noqa: E402

AUDITS = json.loads((Path(__file__).parent / "reference" / "audit.json").read_text())
#: Objectives below this are nothing but rounding.
EXACT = 1e-22


def test_there_are_audits_of_every_kind():
    assert set(range(40)) < {int(number) for number in AUDITS} and {entry["kind"] for entry in AUDITS.values()} == set(KINDS)


@pytest.mark.parametrize("number", sorted(AUDITS, key=int))
def test_never_worse_than_the_audit(number):
    stored, one = AUDITS[number], surface(int(number))
    columns = one.columns
    # The stored constants give the stored objective on this surface: yardstick and surface still belong together.
    theirs = ChinchillaLaw(**{name: stored[name] for name in ("E", "A", "B", "alpha", "beta")})
    score = huber_objective(np.log(columns["L"]) - np.log(theirs(columns["N"], columns["D"])))
    assert score == pytest.approx(stored["objective"], rel=1e-7, abs=EXACT)
    result = fit(ChinchillaLaw, **columns)
    assert result.objective <= stored["objective"] * (1 + 1e-6) + EXACT
    assert result.status in (Status.CONVERGED, Status.AT_BOUND, Status.DEGENERATE)


@pytest.mark.parametrize("name", sorted(typical()))
def test_every_law_is_fitted_on_its_own_table(name):
    law, columns = table(name, noise=0.0)
    exact = fit(type(law), **columns)
    assert exact.objective < EXACT and exact.ok
    for constant, value in law.parameters.items():
        assert exact.law.parameters[constant] == pytest.approx(value, rel=2e-3), constant
    _, noisy = table(name, noise=0.005, seed=1)
    found = fit(type(law), **noisy)
    truth = huber_objective(np.log(noisy[law.target]) - np.log(law(**{v: noisy[v] for v in law.inputs})))
    assert found.objective <= truth and found.objective > 0.7 * truth


@pytest.mark.parametrize("name", ["OvertrainingLaw", "KaplanND", "DataConstrainedLaw", "BrokenPowerLaw"])
def test_other_laws_have_the_whole_toolbox(name):
    law, columns = table(name)
    result = fit(type(law), **columns)
    refits = result.bootstrap(24)
    last = law.parameter_names()[-1]
    assert np.isfinite(refits.values(last)).all() and refits.converged.mean() > 0.8
    free = law.parameter_names()[0]
    held = fit(type(law), fixed={free: law.parameters[free]}, **columns)
    assert held.law.parameters[free] == law.parameters[free] and held.objective >= result.objective * (1 - 1e-9)
    centre = result.law.parameters[free]
    ends = sorted((centre * 1.05, centre * 1.2))
    bounded = fit(type(law), bounds={free: tuple(ends)}, **columns)
    assert ends[0] <= bounded.law.parameters[free] <= ends[1] and bounded.objective >= result.objective * (1 - 1e-9)
    cold = result.bootstrap(6, warm=False)
    assert np.all(cold.objective <= refits.objective[:6] * (1 + 1e-6))
    assert len(result.engine.audit().value) >= 100


STORED = Path(__file__).parents[1] / "benchmarks"


def test_stored_coverage_keeps_its_promise():
    """The table that the docs show: 95 % intervals hold the truth in 93 to 97 % of the cases, give or take sampling error."""
    import pandas as pd

    table = pd.read_csv(STORED / "coverage.csv")
    usual = table[table.interval == "bootstrap, pairs"]
    assert set(usual.quantity) >= {"E", "A", "B", "alpha", "beta", "a"} and (usual.cases >= 600).all()
    for _, rows in table.groupby("interval"):
        assert 93 <= rows.coverage_percent.mean() <= 97
        for row in rows.itertuples():
            assert row.coverage_percent == pytest.approx(95, abs=2 + 2 * 100 * (0.95 * 0.05 / row.cases) ** 0.5), row


def test_stored_robustness_and_speed():
    """The last full run of the benchmark: no surface was fitted worse than its audit, and the 240 points within their limits."""
    import pandas as pd

    table = pd.read_csv(STORED / "results.csv").set_index("job")
    assert table.loc["fit, median of 500 surfaces", "note"].startswith("0 worse")
    jobs = ["one fit", "4,000 bootstrap refits, warm", "4,000 bootstrap refits, cold, own starts each", "all 4,500 classical starts, as an audit"]
    assert (table.loc[jobs, "seconds"] <= table.loc[jobs, "limit_seconds"]).all()


def test_coverage_is_measured_as_stored():
    from benchmarks.coverage import measure

    rows = measure(cases=6, refits=60)
    assert {row["interval"] for row in rows} == {"bootstrap, pairs", "bootstrap, residual", "bootstrap, wild", "prediction", "profile likelihood"}
    assert all(0 <= row["coverage_percent"] <= 100 and row["median_relative_width"] > 0 for row in rows)


def test_a_part_that_is_measured_again_replaces_its_rows(tmp_path):
    from benchmarks.__main__ import merged
    from benchmarks.coverage import store

    path = tmp_path / "results.csv"
    store([{"job": "one fit", "seconds": 0.1, "note": "a, b"}, {"job": "another", "seconds": 0.2, "note": ""}], path)
    rows = merged(path, [{"job": "new", "seconds": 3.0, "note": ""}, {"job": "one fit", "seconds": 1.0, "note": "c"}], ("job",))
    assert [(row["job"], float(row["seconds"]), row["note"]) for row in rows] == [
        ("one fit", 1.0, "c"), ("another", 0.2, ""), ("new", 3.0, "")]
