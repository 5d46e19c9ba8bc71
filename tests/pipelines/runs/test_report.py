import io
import json
import math
import re
import subprocess
import sys
from importlib import metadata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from pipelines.runs import report as reports
from pipelines.runs.reports import examples, figures, terminal


def make_report(**changes):
    fields = {
        "task": "translation",
        "model": "Transformer",
        "split": "validation",
        "primary": {"metric": "bleu", "higher_is_better": True},
        "metrics": {"bleu": 38.25, "chrf": 62.0},
        "baselines": {"copy the source": {"bleu": 3.125}, "most frequent": {"bleu": 0.5}},
        "tables": [{"title": "by length", "columns": ["tokens", "bleu"], "rows": [["1-10", 41.5], ["11-20", 30.0]]}],
        "examples": [
            {"kind": "worst", "source": "[bold]a :dog:", "reference": "ein Hund", "output": "日本", "score": 0.0}
        ],
        "seed": 7,
        "parameters": 4_700_000,
        "train_seconds": 1830.5,
        "command": "tfmodels fit translation --seed 7",
        "notes": ["rows cut at 256 tokens: 3"],
    }
    return reports.Report(**fields | changes)


def shown(report, width=150):
    console = Console(file=io.StringIO(), width=width)
    terminal.show(report, console)
    return console.file.getvalue()


def test_reading_gives_what_was_written(tmp_path):
    report = make_report()
    path = reports.write(report, tmp_path)
    assert path == tmp_path / "report.json"
    assert reports.read(path) == report


def test_the_same_report_gives_the_same_bytes(tmp_path):
    first = reports.write(make_report(), tmp_path).read_bytes()
    assert reports.write(reports.read(tmp_path / "report.json"), tmp_path).read_bytes() == first


def test_the_file_holds_the_fields_of_the_contract(tmp_path):
    content = json.loads(reports.write(make_report(), tmp_path).read_text("utf-8"))
    names = (
        "format task model split rows primary metrics baselines beats_baseline best_baseline difference standard_error "
        "comparisons broken tables examples seed parameters train_seconds"
    )
    assert list(content) == [*names.split(), "command", "versions", "notes", "rows_digest"]
    assert content["beats_baseline"] is True


def test_numbers_become_strict_json(tmp_path):
    report = make_report(
        metrics={"bleu": np.float32(1.5), "chrf": math.nan, "auroc": np.float64("nan")},
        tables=[{"title": "all", "columns": ["a", "b"], "rows": np.array([[1.0, np.inf]])}],
        parameters=np.int64(5),
    )
    content = json.loads(reports.write(report, tmp_path).read_text("utf-8"), parse_constant=pytest.fail)
    assert content["metrics"] == {"bleu": 1.5, "chrf": None, "auroc": None}
    assert content["tables"][0]["rows"] == [[1.0, None]]
    assert content["parameters"] == 5


def test_each_use_of_the_test_split_is_logged(tmp_path):
    reports.write(make_report(), tmp_path)
    assert not (tmp_path / "test_uses.log").exists()
    for seed in (1, 2):
        path = reports.write(make_report(split="test", command=f"tfmodels evaluate --seed {seed}"), tmp_path)
    assert path == tmp_path / "report.test.json"
    lines = (tmp_path / "test_uses.log").read_text("utf-8").splitlines()
    assert [line.split(maxsplit=1)[1] for line in lines] == [f"tfmodels evaluate --seed {seed}" for seed in (1, 2)]
    assert all(line.split()[0].endswith("+00:00") for line in lines)


def test_the_error_for_a_missing_report_names_the_commands_that_write_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="tfmodels fit"):
        reports.read(tmp_path / "report.json")


@pytest.mark.parametrize("missing", ["metrics", "baselines"])
def test_the_primary_metric_must_be_measured(missing):
    wrong = {"metrics": {"chrf": 1.0}, "baselines": {"copy the source": {"chrf": 1.0}}}
    with pytest.raises(ValueError, match="primary metric 'bleu'"):
        make_report(**{missing: wrong[missing]})


numbers = st.floats(-100, 100)


@given(numbers, st.lists(numbers, min_size=1, max_size=4), st.booleans())
def test_the_best_baseline_must_be_beaten(score, baselines, higher_is_better):
    report = make_report(
        primary={"metric": "x", "higher_is_better": higher_is_better},
        metrics={"x": score},
        baselines={str(index): {"x": baseline} for index, baseline in enumerate(baselines)},
    )
    better = (
        all(score > baseline for baseline in baselines)
        if higher_is_better
        else all(score < baseline for baseline in baselines)
    )
    assert report.beats_baseline == better
    assert report.baselines[report.best_baseline]["x"] == (max(baselines) if higher_is_better else min(baselines))


@pytest.mark.parametrize("higher_is_better", [True, False])
@pytest.mark.parametrize("nothing", [math.nan, None])
def test_a_missing_score_is_the_worst(higher_is_better, nothing):
    primary = {"metric": "x", "higher_is_better": higher_is_better}
    baselines = {"broken": {"x": nothing}, "sound": {"x": 5.0}}
    assert make_report(primary=primary, metrics={"x": nothing}, baselines=baselines).beats_baseline is False
    assert make_report(primary=primary, metrics={"x": 5.0}, baselines=baselines).best_baseline == "sound"


def test_without_baselines_there_is_no_verdict(tmp_path):
    report = make_report(baselines={})
    assert report.beats_baseline is None
    assert "no baseline" in shown(report)
    assert reports.read(reports.write(report, tmp_path)).beats_baseline is None


def test_scores_of_model_and_baselines_are_shown():
    text = shown(make_report())
    header, row = (next(line for line in text.splitlines() if word in line) for word in ("copy the source", "38.25"))
    assert header.index("Transformer") < header.index("copy the source") < header.index("most frequent")
    assert row.index("bleu") < row.index("38.25") < row.index("3.125") < row.index("0.5")
    for fact in ["by length", "11-20", "[bold]a :dog:", "日本", "seed 7", "4,700,000", "0:30:3", "256 tokens: 3"]:
        assert fact in text


@pytest.mark.parametrize("width", [40, 80])
def test_a_wide_table_is_shown_in_parts_without_broken_words(width):
    names = ["repeat last", "seasonal naive", "linear, least absolute errors", "ridge regression", "季節調整済み"]
    scores = {"directional accuracy": 0.1234, "scaled_mae": 1234.5}
    primary = {"metric": "scaled_mae", "higher_is_better": False}
    changes = {"metrics": scores, "baselines": dict.fromkeys(names, scores), "primary": primary, "comparisons": {}}
    text = shown(make_report(**changes), width)
    assert max(map(cell_len, text.splitlines())) <= width
    for word in [*" ".join(names).split(), "directional", "scaled_mae", "1,234.5", "0.1234"]:
        assert word in text, word
    assert text.count("scaled_mae") > 1


def test_the_comparison_with_the_best_baseline_is_shown():
    assert "NOT" not in shown(make_report())
    assert "NOT better than the best baseline: bleu 3.125, copy the source 3.125" in shown(
        make_report(metrics={"bleu": 3.125})
    )


@given(st.lists(st.integers(0, 50), max_size=15), st.integers(0, 4))
def test_examples_are_distinct_rows_from_best_to_worst(scores, count):
    rows = [str(index) for index in range(len(scores))]
    picked = examples.pick_examples(rows, rows, rows, scores, count)
    assert len({example["source"] for example in picked}) == len(picked)
    assert all(example["score"] == scores[int(example["source"])] for example in picked)
    values = [example["score"] for example in picked]
    assert values == sorted(values, reverse=True)
    if len(scores) >= 3 * count > 0:
        assert [example["kind"] for example in picked] == ["best"] * count + ["median"] * count + ["worst"] * count
        assert values[0] == max(scores)
        assert values[-1] == min(scores)


def test_the_median_example_is_the_middle_row():
    rows = list("abcde")
    picked = examples.pick_examples(rows, rows, rows, [10.0, 50.0, 30.0, 20.0, 40.0])
    assert [(example["kind"], example["source"]) for example in picked] == [
        ("best", "b"),
        ("median", "c"),
        ("worst", "a"),
    ]


def test_rows_of_unequal_number_are_refused():
    with pytest.raises(ValueError, match="argument"):
        examples.pick_examples(["a"], ["a", "b"], ["a"], [1.0])


def test_versions_are_those_installed():
    assert reports.versions()["keras"] == metadata.version("keras")
    assert make_report().versions == reports.versions()


def test_import_loads_no_heavy_library():
    heavy = "{'numpy', 'matplotlib', 'tensorflow', 'keras'}"
    code = f"import sys, pipelines.runs.report as r; r.versions(); print(sys.modules.keys() & {heavy})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"


@pytest.mark.parametrize(
    ("split", "file"), [("validation", "report.changed.json"), ("test", "report.test.changed.json")]
)
def test_a_report_with_changed_options_has_a_file_of_its_own(tmp_path, split, file):
    assert reports.write(make_report(split=split), tmp_path, changed=True) == tmp_path / file


def compared(low, high):
    return {"copy the source": {"difference": (low + high) / 2, "standard_error": 1.0, "low": low, "high": high}}


@pytest.mark.parametrize(
    ("low", "high", "higher_is_better", "verdict"),
    [(1, 3, True, True), (-3, -1, True, False), (-1, 1, True, None), (1, 3, False, False), (-3, -1, False, True)],
)
def test_only_a_difference_beyond_its_error_is_a_verdict(low, high, higher_is_better, verdict, tmp_path):
    primary = {"metric": "bleu", "higher_is_better": higher_is_better}
    baselines = {"copy the source": {"bleu": 3.125}}
    scores = {"bleu": 3.125 + (low + high) / 2}
    report = make_report(primary=primary, metrics=scores, baselines=baselines, comparisons=compared(low, high))
    assert report.beats_baseline is verdict
    words = {True: "Better than", False: "NOT better than", None: "No difference shown from"}[verdict]
    assert words in shown(report) and "± 1" in shown(report)
    content = json.loads(reports.write(report, tmp_path).read_text("utf-8"))
    assert (content["beats_baseline"], content["difference"]) == (verdict, (low + high) / 2)
    assert reports.read(tmp_path / "report.json") == report


@pytest.mark.parametrize("changes", [{}, {"metrics": {"bleu": None}}, {"baselines": {"another": {"bleu": 36.25}}}])
def test_a_difference_that_is_not_that_of_the_scores_is_refused(tmp_path, changes):
    with pytest.raises(ValueError, match=r"Expected the difference of the scores, bleu=.*difference=2\.0"):
        reports.write(make_report(comparisons=compared(1, 3), **changes), tmp_path)
    assert not list(tmp_path.iterdir())


def test_too_few_rows_are_no_verdict():
    report = make_report(comparisons={"copy the source": None})
    assert report.beats_baseline is None and "too few rows to tell" in shown(report)


def test_a_broken_baseline_is_named_and_never_the_best():
    report = make_report(broken={"copy the source": "the most frequent"})
    assert report.best_baseline == "most frequent"
    assert "copy the source (broken)" in shown(report)
    assert "broken: copy the source, worse than the most frequent" in shown(report)


def test_a_report_of_an_earlier_version_keeps_its_verdict(tmp_path):
    path = reports.write(make_report(), tmp_path)
    content = json.loads(path.read_text("utf-8"))
    for name in ("best_baseline", "difference", "standard_error", "comparisons", "broken"):
        del content[name]
    path.write_text(json.dumps(content))
    assert reports.read(path).beats_baseline is True and "no error was computed" in shown(reports.read(path))


DAMAGED = ["", "[" * 100_000, "9" * 5_000, "5", "[]", "{}", '{"task": 5}', '{"task": "translation"}']
CHANGES = [{"primary": {}}, {"primary": 5}, {"primary": {"metric": []}}, {"metrics": None}, {"baselines": {"copy": 5}}]
CHANGES += [
    {"metrics": {"bleu": "much"}},
    {"baselines": {"copy": {"bleu": "much"}}},
    {"seed": "one"},
    {"comparisons": []},
    {"notes": "text"},
]


@pytest.mark.parametrize("damaged", [*DAMAGED, *CHANGES], ids=range(len(DAMAGED + CHANGES)))
def test_a_damaged_report_is_refused_by_its_file(tmp_path, damaged):
    path = reports.write(make_report(), tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | damaged) if isinstance(damaged, dict) else damaged)
    with pytest.raises(ValueError, match=r"Expected .* in .*report\.json.*tfmodels evaluate"):
        reports.read(path)


@pytest.mark.parametrize(
    ("split", "how", "name", "title"),
    [
        ("validation", {}, "errors.png", "Transformer on the validation split"),
        ("test", {}, "errors.test.png", "Transformer on the test split"),
        ("test", {"changed": True}, "errors.test.changed.png", "Transformer on the test split"),
        ("validation", {"of": "mine-1"}, "errors.mine-1.png", "Transformer on the validation split"),
        ("other", {}, "errors.other.png", "Transformer on other data"),
    ],
)
def test_figures_are_named_as_their_report_and_say_what_was_scored(tmp_path, split, how, name, title):
    report = make_report(
        split=split, data="multi30k", figures={"errors": lambda path, caption: path.write_text(caption)}
    )
    path = reports.write(report, tmp_path, **how)
    assert figures.draw(report, path) == [tmp_path / name]
    assert re.fullmatch(rf"{title}; multi30k; \d{{4}}-\d\d-\d\d", (tmp_path / name).read_text())
    assert reports.read(path) == report and title in shown(report) and "figures" not in path.read_text()
