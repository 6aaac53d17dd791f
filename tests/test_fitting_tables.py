"""Column names, units and files of tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scaling_lib import ChinchillaLaw, PowerLaw, datasets, fit, published
from scaling_lib.fitting import isoflop, simulate
from scaling_lib.fitting.tables import columns_of, read_table, resolve
from scaling_lib.laws import OvertrainingLaw

FRAME = pd.DataFrame({"N": [1e7, 1e8, 1e9, 1e10, 2e8, 3e9], "D": [1e9, 1e10, 1e11, 1e12, 1e9, 3e11],
                      "L": [4.0, 3.2, 2.7, 2.3, 3.6, 2.5]})


def test_the_240_points_need_no_renaming():
    runs = datasets.load("chinchilla_fig4_points").query("not dropped_by_epoch")
    by_table = fit(ChinchillaLaw, data=runs)
    assert by_table.objective <= 1.01827402e-3
    assert by_table.law == fit(ChinchillaLaw, N=runs.params, D=runs.training_tokens, L=runs.loss_nats).law
    assert fit(ChinchillaLaw, data=runs.drop(columns="training_tokens")).objective == pytest.approx(by_table.objective)


@pytest.mark.parametrize("names", [
    {"N": "params", "D": "tokens", "L": "loss"}, {"N": "Parameters", "D": "Training Tokens", "L": "val-loss"},
    {"N": "n_params", "D": "train_tokens", "L": "loss_nats_c4"}, {"N": "model size", "D": "tokens_seen", "L": "Final Loss"},
])
def test_aliases(names):
    assert fit(ChinchillaLaw, data=FRAME.rename(columns=names)).law == fit(ChinchillaLaw, data=FRAME).law


def test_units_in_names_are_taken_at_their_word():
    scaled = pd.DataFrame({"Params (M)": FRAME.N / 1e6, "tokens_b": FRAME.D / 1e9, "loss": FRAME.L})
    assert fit(ChinchillaLaw, data=scaled).law.alpha == pytest.approx(fit(ChinchillaLaw, data=FRAME).law.alpha, rel=1e-6)


def test_two_candidates_are_listed_and_may_be_overruled():
    table = FRAME.rename(columns={"N": "active_params"}).assign(total_params=FRAME.N * 8)
    with pytest.raises(ValueError, match="active_params, total_params"):
        fit(ChinchillaLaw, data=table)
    assert fit(ChinchillaLaw, data=table, N=table.active_params).law == fit(ChinchillaLaw, data=FRAME).law
    with pytest.raises(ValueError, match="loss_nats_openlm_val, loss_nats_c4_val"):
        fit(OvertrainingLaw, data=datasets.load("overtraining_loss_runs"))
    with pytest.raises(ValueError, match="two columns named"):
        resolve(pd.DataFrame([[1, 2, 3]], columns=["N", "N", "L"]), ChinchillaLaw)


def test_what_follows_from_6ND():
    runs = datasets.load("overtraining_loss_runs").query("train_data == 'redpajama'")
    columns = resolve(runs, OvertrainingLaw, given=("L",))
    assert np.allclose(columns["M"], runs.training_tokens / runs.params) and np.allclose(columns["C"], runs.training_flops)


@pytest.mark.parametrize("change, words", [
    ({"N": FRAME.N / 1e9}, "N.*counts"), ({"D": FRAME.D / 1e9}, "D.*counts"), ({"L": np.exp(FRAME.L)}, "perplexity"),
    ({"N": FRAME.N.where(FRAME.index > 0, 7.0)}, "row 0"), ({"N": FRAME.N * 1e3, "D": FRAME.D / 1e6}, "tokens per parameter"),
    ({"N": FRAME.N.where(FRAME.index > 0, 100.0) * 1e3}, "mixed"), ({"L": ["3.1"] * 6}, "not a number"), ({"L": FRAME.L.where(FRAME.index > 1)}, "finite"),
    ({"N": ["7B"] * 6}, "not a number"),
])
def test_units_in_the_wrong_scale_are_caught(change, words):
    with pytest.raises(ValueError, match=words):
        fit(ChinchillaLaw, data=FRAME.assign(**change))


@pytest.mark.parametrize("change, words", [({"N": 1e-9}, "N is given by name.*7B is 7e9"), ({"D": 1e-9}, "D is given by name.*300B"),
                                           ({"N": 1e-6, "D": 1e3}, "N is given")])
def test_sizes_passed_by_name_are_checked_as_a_tables_are(change, words):
    N, D = np.geomspace(1e7, 1e10, 12), np.tile([1e9, 1e10, 1e11], 4)
    columns = {"N": N, "D": D, "L": ChinchillaLaw(E=1.8, A=400.0, B=2000.0, alpha=0.34, beta=0.36)(N, D)}
    assert fit(ChinchillaLaw, **columns).law.alpha == pytest.approx(0.34, abs=1e-6)
    wrong = {name: column * change.get(name, 1.0) for name, column in columns.items()}
    with pytest.raises(ValueError, match=words):
        fit(ChinchillaLaw, **wrong)
    with pytest.raises(ValueError, match="N is given by name"):
        isoflop(N=N * 1e-9, C=6 * N * D, L=columns["L"])


def test_kaplans_compute_is_in_pf_days():
    from scaling_lib.laws import KaplanC

    assert np.allclose(resolve(FRAME, KaplanC)["C"] * 8.64e19, 6 * FRAME.N * FRAME.D)


def test_compute_that_contradicts_the_rest_is_caught():
    class Both(ChinchillaLaw):
        inputs = ("N", "D", "C")

    with pytest.raises(ValueError, match="6ND"):
        resolve(FRAME.assign(C=6 * FRAME.N * FRAME.D / 8.64e10), Both)


@pytest.mark.parametrize("data, words", [
    (FRAME.drop(columns="L"), "no column for L.*val_loss"), (pd.DataFrame(), "no column for N"), ([1, 2], "DataFrame"), (3.0, "DataFrame"),
    ("nowhere.csv", "cannot be read"),
])
def test_tables_that_will_not_do(data, words):
    with pytest.raises(ValueError, match=words):
        fit(ChinchillaLaw, data=data)


def test_a_variable_without_alias_is_named():
    with pytest.raises(ValueError, match="x=..."):
        fit(PowerLaw, data=FRAME)
    assert columns_of(["x", "L"], "x") == [("x", 1.0)]


TEXT = "params,tokens,loss\n1e8,1e9,3.5\n2e8,1e9,3.25\n"


@pytest.mark.parametrize("raw", [
    TEXT.encode(), b"\xef\xbb\xbf" + TEXT.encode(), TEXT.encode("utf-16"), TEXT.replace(",", ";").encode(), TEXT.replace(",", "\t").encode(),
    TEXT.replace(",", ";").replace("3.5", "3,5").replace("3.25", "3,25").encode(), TEXT.replace("loss", "loss é").encode("cp1252"),
    TEXT.replace("\n", "\r\n").encode(), (TEXT + "\n\n").encode(),
])
def test_files_in_any_dress(raw, tmp_path):
    (tmp_path / "runs.csv").write_bytes(raw)
    table = read_table(tmp_path / "runs.csv")
    assert table.iloc[:, 0].tolist() == [1e8, 2e8] and table.iloc[:, 2].tolist() == [3.5, 3.25]


@pytest.mark.parametrize("raw, words", [
    (b"", "nothing"), (b"params,loss\n", "no rows"), (b"a b c\n1 2 3\n", "comma"), (b"a,b\n1,2,3\n", "line 2.*3 fields"),
    (b"\x00\x01\x02\x00" * 9, "not text|nothing|no rows"), (b"a,b\n1,2\n3\n", "line 3"),
    (b"params, params,tokens,loss\n1e8,2e8,1e9,3\n", "two columns named 'params'"),
])
def test_files_that_are_no_tables(raw, words, tmp_path):
    (tmp_path / "runs.csv").write_bytes(raw)
    with pytest.raises(ValueError, match=words):
        read_table(tmp_path / "runs.csv")


def test_too_many_rows(tmp_path):
    (tmp_path / "runs.csv").write_text("a,b\n" + "1,2\n" * 50)
    with pytest.raises(ValueError, match="50 rows.*at most 49"):
        read_table(tmp_path / "runs.csv", max_rows=49)


def test_the_symbol_does_not_hide_another_candidate():
    table = {"N": [1e8, 2e8, 4e8], "params": [9e7, 2e8, 4e8], "D": [1e9, 2e9, 4e9], "L": [3.0, 2.9, 2.8]}
    with pytest.raises(ValueError, match="N, params"):
        fit(ChinchillaLaw, data=table)


def test_sweeps_and_comparisons_take_tables_as_they_are(tmp_path):
    from scaling_lib.fitting import backtest, compare, envelope, isoflop

    sweep = simulate.isoflop_sweep(published.BESIROGLU_2024, [1e18, 1e19, 1e20], noise=0.001)
    plain = {name: sweep[name] for name in "CNDL"}
    table = pd.DataFrame({"FLOPs": sweep["C"], "Params (M)": sweep["N"] / 1e6, "n_tokens": sweep["D"], "val_loss": sweep["L"]})
    for call in (isoflop, envelope):
        assert call(data=table).a == pytest.approx(call(**plain).a, rel=1e-9)
        assert call(data=table, L=sweep["L"] * 1.01).a == pytest.approx(call(**{**plain, "L": sweep["L"] * 1.01}).a, rel=1e-9)
    path = tmp_path / "sweep.csv"
    table.drop(columns="n_tokens").to_csv(path, index=False)
    assert isoflop(data=path).a == pytest.approx(isoflop(data=table).a, rel=1e-6)
    rows = {name: sweep[name] for name in "NDL"}
    found, direct = backtest(ChinchillaLaw, data=table, cuts=3), backtest(ChinchillaLaw, cuts=3, **rows)
    np.testing.assert_allclose(found.error, direct.error, rtol=1e-6, atol=1e-9)
    stated = backtest(ChinchillaLaw, data=table, by="C", cuts=3)
    assert stated.by == "C"
    assert compare([ChinchillaLaw], data=table).scores[0].outside == pytest.approx(compare([ChinchillaLaw], **rows).scores[0].outside, rel=1e-6)
    with pytest.raises(ValueError, match="may be N"):
        isoflop(data=table.assign(params=sweep["N"]))
    with pytest.raises(ValueError, match="no column for L"):
        isoflop(data=table.drop(columns="val_loss"))
    with pytest.raises(ValueError, match="data is"):
        envelope(data=3)
