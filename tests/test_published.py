"""The constants: each once, with its source; those that the data reproduce are reproduced."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pandas as pd
import pytest

from scaling_lib import compute, datasets, laws, published
from scaling_lib.laws import Law

NAMES = published.names()


@pytest.mark.parametrize("name", NAMES)
def test_every_constant_has_a_source(name: str) -> None:
    source = published.about(name)
    assert source.name == name and getattr(published, name) is source.value
    assert source.status in ("verified", "recomputed", "reported")
    assert source.unit and source.paper and source.where
    assert (
        source.paper[-4:].isdigit()
        or "arXiv" in source.paper
        or "Epoch" in source.paper
        or source.paper[0].isupper()
        or source.paper[0] in "dm"
    )


def test_every_capital_name_is_written_down() -> None:
    capitals = {name for name in vars(published) if name.isupper() and not name.startswith("_")}
    assert capitals == set(NAMES)


def test_a_law_lives_once() -> None:
    seen: dict[Law, str] = {}
    for name in NAMES:
        value = published.about(name).value
        if isinstance(value, Law):
            assert value not in seen, (name, seen.get(value))
            seen[value] = name


def test_about_suggests_the_nearest() -> None:
    with pytest.raises(ValueError, match="Did you mean 'HOFFMANN_2022'"):
        published.about("HOFMANN_2022")


def test_no_paper_is_a_default() -> None:
    """A published number reaches a law through the caller, never through a default value."""
    stored = {
        value
        for name in NAMES
        if isinstance(published.about(name).value, Law)
        for value in published.about(name).value.parameters.values()
    }
    for name in laws.__all__:
        item = getattr(laws, name)
        if callable(item):
            for parameter in inspect.signature(item).parameters.values():
                assert (
                    not isinstance(parameter.default, float)
                    or parameter.default in (0.0, 0.1, 1.0)
                    or parameter.default not in stored
                )


def test_tables_of_hoffmann_are_consistent() -> None:
    for row in (
        published.HOFFMANN_2022_TABLE_3 + published.HOFFMANN_2022_TABLE_A3[2] + published.HOFFMANN_2022_TABLE_A3[3]
    ):
        if not (row.N == 67e9 and row.C == 5.76e23):
            assert compute.train_flop(row.N, row.D) == pytest.approx(row.C, rel=0.05)
    stored = datasets.load("chinchilla_optimal_tokens")
    for approach, rows in ((1, published.HOFFMANN_2022_TABLE_3), (2, published.HOFFMANN_2022_TABLE_A3[2])):
        table = stored[stored.approach == approach].sort_values("params")
        assert [row.N for row in rows] == table.params.tolist()
        assert [row.D for row in rows] == pytest.approx(table.optimal_tokens.tolist(), rel=1e-9)
    assert sum(published.HOFFMANN_2022_TRAINING_MIX.values()) == pytest.approx(1)
    assert math.prod(len(values) for values in published.HOFFMANN_2022_GRID.values()) == 4500


def test_pearce_exponent() -> None:
    """Counting without embeddings in both N and C gives a local exponent near Kaplan's over Kaplan's sizes."""
    for law, slope in ((published.BESIROGLU_2024, 0.795), (published.HOFFMANN_2022_UNROUNDED, 0.759)):
        bare = np.geomspace(768, 1.5e9, 400)
        total = bare + published.PEARCE_2024_OMEGA * np.cbrt(bare)
        # the best C for each bare size: dL/dlog(bare) = 0 at fixed 6 bare D
        slope_total = (1 + published.PEARCE_2024_OMEGA / 3 * bare ** (-2 / 3)) * bare / total
        D = (law.beta * law.B / (law.alpha * law.A * total**-law.alpha * slope_total)) ** (1 / law.beta)
        assert np.polyfit(np.log(6 * bare * D), np.log(bare), 1)[0] == pytest.approx(slope, abs=0.005)
        local = np.gradient(np.log(bare), np.log(6 * bare * D))
        assert local[-1] < local[0]


def test_exponents_of_three_corpora_depend_on_data() -> None:
    assert max(published.DEEPSEEK_2024_A) - min(published.DEEPSEEK_2024_A) > 0.1


def test_porian_steps_from_the_stored_optima() -> None:
    optima = datasets.load("kaplan_vs_chinchilla_optima").query("train_data == 'refinedweb'")
    # the first row was measured on the smoothed training loss only
    steps = (
        ("base", "long", "cosine_long", "non_embedding_no_head", 0.834),
        ("base", "long", "cosine_long", "non_embedding_with_head", 0.701),
        ("base", "short", "cosine_long", "non_embedding_with_head", 0.604),
        ("base", "short", "cosine_matched", "non_embedding_with_head", 0.571),
        ("tuned", "short", "constant", "non_embedding_with_head", 0.497),
    )
    for tuning, warmup, schedule, rule, exponent in steps:
        rows = optima[(optima.hyperparameters == tuning) & (optima.warmup == warmup) & (optima.lr_schedule == schedule)
                      & (optima.param_count_rule == rule)].dropna(subset="opt_params")
        assert len(rows) >= 5, (tuning, warmup, schedule, rule)
        slope = np.polyfit(np.log(rows.flops), np.log(rows.opt_params), 1)[0]
        assert slope == pytest.approx(exponent, abs=0.002)


def test_compute_has_grown_fourfold_a_year() -> None:
    models = datasets.load("notable_models")
    when = pd.to_datetime(models.publication_date)
    recent = models[when >= "2010-01-01"]
    years = (pd.to_datetime(recent.publication_date) - pd.Timestamp("2010-01-01")).dt.days / 365.25
    growth = 10 ** np.polyfit(years, np.log10(recent.training_flops), 1)[0]
    assert len(recent) == 453 and growth == pytest.approx(4.3, abs=0.05)
    low, high = published.EPOCH_2024_GROWTH
    assert low <= growth <= high


def test_the_list_of_emergent_abilities() -> None:
    rows = published.WEI_2022
    assert len(rows) == 22 and sum(row.augmented for row in rows) == 13
    assert min(rows, key=lambda row: row.C).ability == "scratchpad, 8-digit addition"


def test_utilisations_are_shares() -> None:
    assert all(0 < share < 0.6 for share in published.REPORTED_MFU.values())
    assert set(published.LIST_PRICES_2025_02) <= set(NAMES) and set(published.MARKET_PRICES_2025) <= set(NAMES)


def test_exponents_of_size_and_tokens_add_up_to_one() -> None:
    for approach in ("ENVELOPE", "ISOFLOP", "PARAMETRIC"):
        size, tokens = (getattr(published, f"HOFFMANN_2022_{name}_{approach}") for name in "AB")
        assert size.value + tokens.value == pytest.approx(1, abs=0.011)
        assert size.high - size.low == pytest.approx(tokens.high - tokens.low, abs=0.027)
    assert published.KAPLAN_2020_A + published.KAPLAN_2020_D_OPT.p == pytest.approx(1)


def test_the_replication_is_less_certain_than_the_original() -> None:
    tests = published.BESIROGLU_2024_TESTS
    original = published.HOFFMANN_2022_A_PARAMETRIC
    # widths fall with the square root of the number of runs: 240 runs give the refit's
    runs = 240 * (tests["a_width_80"] / (original.high - original.low)) ** 2
    assert runs == pytest.approx(tests["runs_for_hoffmann_width"], rel=0.03)
    assert 2 * 1.2816 * published.BESIROGLU_2024_ERRORS["a"] == pytest.approx(tests["a_width_80"], abs=0.001)


def test_slope_of_the_ratio() -> None:
    law = published.BESIROGLU_2024
    C = np.geomspace(1e18, 1e26, 50)
    slope = np.polyfit(np.log10(C), np.asarray(law.optimal(C).tokens_per_param), 1)[0]
    assert slope == pytest.approx(published.SCHAEFFER_2025_RATIO_SLOPES["sizes as listed"], abs=0.3)


def test_utilisation_of_a_sparse_run() -> None:
    run = published.DEEPSEEK_V3_RUN
    flop = compute.train_flop(run["N_active"], run["D"])
    assert flop == pytest.approx(3.29e24, rel=0.002)
    assert compute.mfu(flop, gpu_hours=run["pre-training"], peak=published.H800) == pytest.approx(0.346, abs=1e-3)
    assert compute.mfu(flop, gpu_hours=run["all"], peak=published.H800.flop_per_s_fp8) == pytest.approx(0.216, abs=1e-3)


def test_nothing_quoted_from_memory_counts_as_checked() -> None:
    """What the sources were not read for stays reported."""
    doubtful = ("KUMAR", "BUSBRIDGE_2025_SUPERVISED", "BUSBRIDGE_2025_DISTILLATION", "TISSUE", "KRAJEWSKI", "HESTNESS",
                "HERNANDEZ", "DU_", "RUAN", "COBBE", "WANG", "GAO", "R1_", "O1_", "MARKET", "PORIAN",
                "HOFFMANN_2022_TABLE",
                "GOPHER_280B", "CHINCHILLA_70B", "CLARK_2022_SBASE", "CLARK_2022_RLR", "CLARK_2022_HASH",
                "SARDANA_2024_DEC", "SPRINGER", "OPT_175B", "SCHAEFFER_2025_SIZES")
    for name in NAMES:
        if name.startswith(doubtful) and not name.endswith("_REFIT"):
            assert published.about(name).status == "reported", name
