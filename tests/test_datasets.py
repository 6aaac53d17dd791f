"""The tables: complete, unchanged, documented, and still saying what their cards say they say."""

from __future__ import annotations

import csv
import importlib.util
import re
import subprocess
import sys
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_lib import datasets
from scaling_lib.datasets import catalogue

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "scaling_lib" / "datasets"
NAMES = datasets.names()
DTYPES = {"float": "float64", "int": "int64", "bool": "bool", "text": "str", "date": "datetime64[ns]"}


@pytest.fixture(scope="module")
def cards() -> ModuleType:
    spec = importlib.util.spec_from_file_location("data_cards", ROOT / "tools" / "data_cards.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def slope(x: pd.Series, y: pd.Series) -> float:
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


# -- every table ------------------------------------------------------------------------------------------------------

def test_the_catalogue_and_the_folder_hold_the_same_tables() -> None:
    assert len(NAMES) == 25
    assert sorted(NAMES) == sorted(path.stem for path in FOLDER.glob("*.csv"))


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_what_its_card_says(name: str) -> None:
    card, frame = datasets.about(name), datasets.load(name)
    assert sha256((FOLDER / card.file).read_bytes()).hexdigest() == card.sha256
    assert len(frame) == card.rows
    assert list(frame.columns) == list(card.columns) == list(card.kinds)
    for column, kind in card.kinds.items():
        if kind == "text":
            assert pd.api.types.is_string_dtype(frame[column]), column
        else:
            assert frame[column].dtype == np.dtype(DTYPES[kind]), column
    assert not np.isinf(frame.select_dtypes("float")).any().any()


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_complete(name: str) -> None:
    card = datasets.about(name)
    raw = catalogue._raw()["tables"][name]
    stated = [column for kind in catalogue._KINDS for column in raw.get(kind, ())]
    assert len(stated) == len(set(stated)) and set(stated) <= set(card.columns)
    assert set(card.licence.split(" AND ")) <= {"MIT", "Apache-2.0", "CC-BY-4.0"}
    assert card.attribution and card.paper and card.title and card.chapters and card.cite
    assert card.notes or card.caveats
    for source in card.sources:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", source.repository) and source.path
        assert re.fullmatch(r"[0-9a-f]{8,40}|", source.commit)
    assert any(source.commit for source in card.sources)
    for number in card.arxiv:
        assert re.fullmatch(r"\d{4}\.\d{5}", number) and number in card.paper
    for unit, meaning in card.columns.values():
        assert meaning.endswith(".") and unit == unit.strip()
    for sentence in (*card.notes, *card.caveats, *card.reproduces, card.attribution):
        assert sentence[-1] in ".", sentence


def test_what_a_reader_knows_from_the_name_of_a_column_holds() -> None:
    for name in NAMES:
        frame, card = datasets.load(name), datasets.about(name)
        for column, kind in card.kinds.items():
            values = frame[column].dropna()
            if column.startswith("loss_nats") or column in ("params", "tokens", "training_flops", "flops"):
                assert kind == "float" and (values > 0).all(), (name, column)
            if card.columns[column][0] == "fraction":
                assert values.between(0, 1).all(), (name, column)
            if card.columns[column][0] == "flag":
                assert kind == "bool"
        if {"params", "training_tokens", "training_flops"} <= set(frame) and name != "base_llm_benchmarks":
            known = frame.dropna(subset=["params", "training_tokens", "training_flops"])
            np.testing.assert_allclose(known.training_flops, 6 * known.params * known.training_tokens, rtol=1e-5)


def test_a_table_is_the_callers_own() -> None:
    first = datasets.load("chinchilla_fig4_points")
    first.loc[:, "loss_nats"] = 0.0
    del first["params"]
    second = datasets.load("chinchilla_fig4_points")
    assert second.loss_nats.min() > 2 and "params" in second


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_the_one_in_the_file(name: str) -> None:
    frame, kinds = datasets.load(name), datasets.about(name).kinds
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for column in (column for column, kind in kinds.items() if kind == "float"):
        expected = [float(row[column]) if row[column] else np.nan for row in rows]
        np.testing.assert_array_equal(frame[column], expected)


def test_text_that_looks_like_a_missing_value_stays_text() -> None:
    table = datasets.load("models")
    assert (table.verified_fields == "none").sum() == 1
    assert table.notes.isna().sum() == 31


# -- errors -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("call", [datasets.load, datasets.about])
def test_an_unknown_name_is_answered_with_the_nearest(call: object) -> None:
    with pytest.raises(ValueError, match=r"Did you mean 'chinchilla_fig4_points'\?"):
        call("chinchila_fig4_point")


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.text(), max_size=2)))
def test_nothing_but_a_name_is_accepted(bad: object) -> None:
    if isinstance(bad, str) and bad in NAMES:
        return
    with pytest.raises(ValueError, match="name is .*expected one of"):
        datasets.load(bad)


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_damaged_installation_is_named(damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = datasets.about("param_counting_rules")
    raw = (FOLDER / card.file).read_bytes()
    if damage == "changed":
        (tmp_path / card.file).write_bytes(raw.replace(b"\n", b"\r\n"))
    monkeypatch.setattr(catalogue, "files", lambda package: tmp_path)
    datasets._table.cache_clear()
    try:
        with pytest.raises(RuntimeError, match=r"param_counting_rules\.csv .*Reinstall scaling_lib"):
            datasets.load(card.name)
    finally:
        datasets._table.cache_clear()


def test_pandas_is_imported_by_load_and_not_before() -> None:
    code = ("import sys; from scaling_lib import datasets; repr(datasets.about('models')); "
            "assert 'pandas' not in sys.modules; datasets.load('models'); assert 'pandas' in sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True)


# -- cards ------------------------------------------------------------------------------------------------------------

class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", NAMES)
def test_a_card_shows_itself(name: str) -> None:
    card = datasets.about(name)
    html, text = card._repr_html_(), repr(card)
    parsed = Tags()
    parsed.feed(html)
    assert not parsed.open
    assert not re.search(r"color(?!:inherit)|background", " ".join(re.findall(r'style="([^"]*)"', html)))
    for wanted in (card.title, card.attribution, card.paper, *card.columns, *card.caveats):
        assert wanted in parsed.text
    assert card.licence in text and all(column in text for column in card.columns)
    assert max(map(len, text.splitlines())) <= 120


def test_markup_in_a_card_is_escaped() -> None:
    from dataclasses import replace

    card = replace(datasets.about("models"), title="<script>alert(1)</script>", caveats=("a < b & c.",))
    assert "<script>" not in card._repr_html_() and "a &lt; b &amp; c." in card._repr_html_()


def test_cards_are_frozen_hashable_and_equal_to_themselves() -> None:
    card = datasets.about("models")
    assert card == datasets.about("models") and len({card, datasets.about("models")}) == 1
    with pytest.raises(AttributeError):
        card.rows = 1
    with pytest.raises(TypeError):
        card.columns["x"] = ("", "")


def test_cards_are_generated_from_the_catalogues(cards: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    assert cards.main(["--check"]) == 0, "run python tools/data_cards.py"
    targets = {name: tmp_path / name for name in ("SOURCES.md", "data.md")}
    monkeypatch.setattr(cards, "TARGET", targets["SOURCES.md"])
    monkeypatch.setattr(cards, "PAGE", targets["data.md"])
    assert cards.main(["--check"]) == 1
    assert cards.main([]) == 0
    assert cards.main(["--check"]) == 0
    for name, target in targets.items():
        fresh = target.read_text(encoding="utf-8")
        target.write_text(fresh.replace("245", "246"), encoding="utf-8")
        capsys.readouterr()
        assert cards.main(["--check"]) == 1
        assert f"{name}: not up to date" in capsys.readouterr().err
        target.write_text(fresh, encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_whole(cards: ModuleType, name: str) -> None:
    data = datasets.about(name)
    for text, head in ((cards.card(data), f"## {name}\n"), (cards.page_card(data), f"({cards.anchor(name)})=\n### ")):
        assert text.startswith(head) and data.licence in text and data.attribution.split(";")[0] in text
        rows = [line for line in text.splitlines() if line.startswith("| `")]
        assert len(rows) == len(data.columns)
        assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert f"{{cite:p}}`{','.join(data.cite)}`" in text and f"../scaling_lib/datasets/{data.file}>" in text
    assert all(cards.plain(caveat) in text for caveat in data.caveats)


def test_the_page_has_every_table_and_the_labs_too(cards: ModuleType) -> None:
    from scaling_lib.lab import results

    text = cards.page()
    for label in [*map(cards.anchor, NAMES), *(cards.anchor(name, "lab") for name in results.names())]:
        assert text.count(f"({label})=") == 1 and f"(#{label})" in text


# -- facts that the cards state, found again --------------------------------------------------------------------------

def test_the_replication_drops_the_five_highest_losses() -> None:
    points = datasets.load("chinchilla_fig4_points")
    assert points.dropped_by_epoch.sum() == 5
    assert set(points.nlargest(5, "loss_nats").index) == set(points.index[points.dropped_by_epoch])


@pytest.mark.parametrize("weighted, expected", [(False, (0.834, 0.701, 0.604, 0.571, 0.497)),
                                                (True, (0.835, 0.706, 0.602, 0.571, 0.497))])
def test_five_corrections_take_kaplan_to_chinchilla(weighted: bool, expected: tuple[float, ...]) -> None:
    optima = datasets.load("kaplan_vs_chinchilla_optima").dropna(subset="opt_params")
    steps = [("base", "long", "cosine_long", "non_embedding_no_head"), ("base", "long", "cosine_long", "non_embedding_with_head"),
             ("base", "short", "cosine_long", "non_embedding_with_head"),
             ("base", "short", "cosine_matched", "non_embedding_with_head"),
             ("tuned", "short", "constant", "non_embedding_with_head")]
    found = []
    for hyperparameters, warmup, lr_schedule, rule in steps:
        arm = optima[(optima.hyperparameters == hyperparameters) & (optima.warmup == warmup)
                     & (optima.lr_schedule == lr_schedule) & (optima.param_count_rule == rule)]
        split = "validation" if (arm.loss_split == "validation").any() else "train"
        arm = arm[arm.loss_split == split]
        weights = 1 / arm.log_opt_params_std if weighted else None
        found.append(np.polyfit(np.log(arm.flops), np.log(arm.opt_params), 1, w=weights)[0])
    np.testing.assert_allclose(found, expected, atol=6e-4)


def test_three_ways_of_counting_give_three_exponents() -> None:
    rules = datasets.load("param_counting_rules").groupby("param_count_rule")
    found = {rule: round(slope(rows.flops, rows.opt_params), 2) for rule, rows in rules}
    assert found == {"projections_and_lm_head": 0.52, "all_parameters": 0.37, "transformer_projections_only": 0.68}


def test_one_component_carries_most_of_the_benchmark_variance() -> None:
    scores = datasets.load("base_llm_benchmarks").iloc[:, 5:].dropna().to_numpy()
    assert scores.shape == (124, 8)
    variance = np.linalg.svd(scores - scores.mean(0), compute_uv=False) ** 2
    share = np.cumsum(variance) / variance.sum()
    assert share[0] == pytest.approx(0.843, abs=5e-4) and share[2] == pytest.approx(0.974, abs=5e-4)


def test_compute_grows_fourfold_a_year() -> None:
    recent = datasets.load("notable_models").query("publication_date >= '2010'")
    for rows, count, growth in ((recent, 453, 4.3), (recent[recent.frontier], 71, 4.6)):
        years = (rows.publication_date - pd.Timestamp("2010-01-01")).dt.days / 365.25
        assert len(rows) == count
        assert 10 ** np.polyfit(years, np.log10(rows.training_flops), 1)[0] == pytest.approx(growth, abs=0.05)


def test_lambada_along_pythia() -> None:
    evals = datasets.load("pythia_checkpoint_evals").query("task == 'lambada_openai' and shots == 0 and train_data == 'pile'")
    last = evals[evals.step == evals.step.max()].pivot_table(index="params", columns="metric", values="value")
    assert len(last) == 8
    np.testing.assert_allclose(last.accuracy.iloc[[0, -1]], [0.185, 0.705], atol=5e-4)
    np.testing.assert_allclose(last.perplexity.iloc[[0, -1]], [142.4, 3.92], rtol=2e-3)


def test_each_step_of_effort_costs_more_and_gains_less() -> None:
    coding = datasets.load("coding_effort_and_cost")
    gpt5 = coding[coding.model.str.lower() == "gpt-5"].set_index("reasoning_effort").loc[["low", "medium", "high"]]
    np.testing.assert_allclose(gpt5.pass_rate_2, [0.813, 0.867, 0.880])
    np.testing.assert_allclose(gpt5.total_cost_usd, [10.37, 17.69, 29.08], atol=0.006)
    np.testing.assert_allclose(gpt5.completion_tokens / 1e6, [0.78, 1.47, 2.62], atol=0.006)
    retry = (coding.solved_with_retry - coding.solved_first_try) / (coding.test_cases - coding.solved_first_try)
    np.testing.assert_allclose([retry.median(), retry.min(), retry.max()], [0.39, 0.03, 0.75], atol=0.006)
    priced = coding.dropna(subset="total_cost_usd")
    assert len(priced) == 51
    assert priced.total_cost_usd.corr(priced.pass_rate_2, method="spearman") == pytest.approx(0.60, abs=0.006)


def test_four_epochs_cost_little() -> None:
    runs = datasets.load("data_constrained_runs").set_index("run")
    big = runs[(runs.params > 2.7e9) & (runs.params < 2.9e9) & (runs.training_tokens == 55e9)]
    loss = big.sort_values("epochs").val_loss_nats
    assert loss.iloc[0] == pytest.approx(2.574, abs=5e-4) and loss.iloc[-1] == pytest.approx(3.423, abs=5e-4)
    four = big[big.epochs.between(3.5, 4.5)].val_loss_nats.min()
    assert four == pytest.approx(2.589, abs=5e-4)
    assert runs.val_loss_nats.max() > 11


def test_the_emergent_task_does_not_move_pythia() -> None:
    task = datasets.load("base_llm_emergent_tasks").query("task == 'ipa_transliterate'")
    pythia = task[task.family == "Pythia"].groupby("metric").value.max()
    assert pythia["exact_match"] == 0.0 and 0.5 < pythia["bleu"] < 0.6
    both = task.pivot_table(index="model", columns="metric", values="value").dropna()
    assert len(both) == 65 and both.bleu.max() > 65 and both.exact_match.max() == pytest.approx(0.41, abs=5e-3)


def test_a_routed_law_by_least_squares() -> None:
    runs = datasets.load("moe_routing_final_losses").query("router == 'S-Base' and experts_per_token == 1 and routing_frequency == 0.5")
    dense = datasets.load("moe_routing_final_losses").query("router == 'Dense' and ffw_flop_increase == 1")
    assert slope(dense.active_params, dense.loss_nats_validation) == pytest.approx(-0.0788, abs=1e-4)
    n, e = np.log10(runs.active_params), np.log10(runs.experts)
    design = np.column_stack([n, e, n * e, np.ones(len(runs))])
    found = np.linalg.lstsq(design, np.log10(runs.loss_nats_validation), rcond=None)[0]
    np.testing.assert_allclose(found[:3], [-0.081, -0.092, 0.008], atol=2e-3)


def test_the_critical_batch_grows_with_size() -> None:
    from scipy.optimize import least_squares

    found = {}
    for params, rows in datasets.load("critical_batch_steps").groupby("params_nominal"):
        batch, steps = rows.batch_size_sequences.to_numpy(float), rows.steps_to_target.to_numpy(float)
        start = np.log([steps.min(), steps.max() * batch.min()])
        a, b = least_squares(lambda u: np.log(np.exp(u[0]) + np.exp(u[1]) / batch) - np.log(steps), start).x  # noqa: B023
        found[params] = np.exp(b - a)
    critical = pd.Series(found)
    np.testing.assert_allclose(critical.iloc[[0, -1]], [2191, 11131], rtol=1e-3)
    assert slope(critical.index.to_series(), critical) == pytest.approx(0.62, abs=5e-3)


def test_tokens_per_parameter_of_published_models() -> None:
    models = datasets.load("models").set_index("name")
    known = models.dropna(subset=["tokens_trained", "params_active"])
    assert (len(models), len(known)) == (64, 55)
    ratio = known.tokens_trained / known.params_active
    np.testing.assert_allclose(known.tokens_per_active_param, ratio, rtol=5e-4)
    np.testing.assert_allclose(known.flop_6ND_active, 6 * known.params_active * known.tokens_trained, rtol=5e-4)
    assert ratio["Chinchilla"] == 20 and ratio.idxmax() == "Qwen3 0.6B" and ratio.idxmin() == "Megatron-Turing NLG"
    assert known.date.dt.day.eq(1).all()


def test_sampling_counts_are_whole_and_mixtures_add_up() -> None:
    sampling = datasets.load("sampling_accuracy_and_tokens")
    np.testing.assert_allclose(sampling.accuracy * sampling.problems, sampling.problems_solved, atol=1e-6)
    mixtures = datasets.load("data_mixture_runs")
    total = mixtures.filter(like="weight_").sum(axis=1)
    assert total.between(0.9955, 1.0035).all() and mixtures.filter(like="weight_").shape[1] == 17


def test_one_shared_success_rate_is_refuted() -> None:
    codex = datasets.load("humaneval_pass_at_k").query("family == 'codex' and params_nominal == 12e9").set_index("k").pass_at_k
    assert 1 - (1 - codex[1]) ** 10 == pytest.approx(0.967, abs=5e-4) and codex[10] == pytest.approx(0.468, abs=5e-4)


def test_every_citation_key_stands_in_the_bibliography() -> None:
    known = set(re.findall(r"^@\w+\{([^,\s]+)", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"), re.MULTILINE))
    assert {key for name in NAMES for key in datasets.about(name).cite} <= known
