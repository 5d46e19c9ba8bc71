import contextlib
import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import pipelines
from pipelines import runs
from pipelines.cli import main
from pipelines.runs import report
from pipelines.sources.synthetic import synthetic_reports
from pipelines.summarization import task as summarization
from tfmodels.metrics import summary_scores

SIZES = {
    "transformer": [
        *["--transformer.num_layers", "1", "--transformer.d_model", "16", "--transformer.num_heads", "2"],
        *["--transformer.feed_forward_dim", "32", "--transformer.query_chunk", "64", "--training.recompute", "true"],
    ],
    "lstm": ["--model", "lstm", "--lstm.num_layers", "1", "--lstm.d_model", "16", "--lstm.attention", "additive"],
}
TRAINING = ["--training.steps", "6", "--training.interval", "3", "--training.warmup_steps", "2"]
FIT = [
    *["fit", "summarization", "--run", "news", "--data", "news", "--vocabulary_size", "400"],
    *["--max_source_length", "128", "--max_target_length", "24", "--decoding.beam_size", "2"],
    *["--training.batch_tokens", "1024", "--training.label_smoothing", "0.1", *TRAINING],
]


@pytest.fixture(scope="module", autouse=True, params=["transformer", pytest.param("lstm", marks=pytest.mark.slow)])
def workplace(request, tmp_path_factory):
    """The working directory of all tests here: a folder of reports with two references, and a trained run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])
        pairs = list(synthetic_reports.read("validation", seed=3))
        rows = [{"title": pair.kind, "article": pair.source, "summary": [pair.target, "x"]} for pair in pairs]
        (folder := Path("news")).mkdir()
        for split, some in {"train": rows[:120], "val": rows[120:150], "test": rows[150:180]}.items():
            (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, some)))
        with contextlib.redirect_stdout(io.StringIO()):
            assert main.main([*FIT, *SIZES[request.param]]) == 0
        yield Path.cwd()


def test_a_run_is_scored_beside_its_baselines(workplace):
    found = report.read(runs.load("news").path / "report.json")
    assert found.primary["metric"] == "rougeL"
    assert {*summary_scores.ROUGE, "length_ratio", "copied_words", "novel_2grams"} <= found.metrics.keys()
    names = ["first sentence", "first 12 words", "summary of the most similar training document"]
    assert sorted(found.baselines) == sorted(names)
    titles = [table["title"] for table in found.tables]
    assert any(title.startswith("ceiling") for title in titles)
    (rouge,) = (table for table in found.tables if table["title"] == "ROUGE")
    assert [row[0] for row in rouge["rows"]] == ["the first reference", "the best of all references"]
    np.testing.assert_allclose(rouge["rows"][0][1::2], [found.metrics[name] for name in summary_scores.ROUGE])


def test_the_scores_by_row_are_those_of_the_report(workplace, capsys):
    assert main.main(["evaluate", "news", "--split", "test", "--output", "answers.jsonl"]) == 0
    rows = [json.loads(line) for line in (workplace / "answers.jsonl").read_text().splitlines()]
    found = report.read(runs.load("news").path / "report.test.json")
    assert len(rows) == 30
    for name in summary_scores.ROUGE:
        assert np.mean([row[name] for row in rows]) == pytest.approx(found.metrics[name], abs=1e-3)
    summaries = pipelines.load("news").predict([row["source"] for row in rows])
    assert [summary["text"] for summary in summaries] == [row["answer"] for row in rows]


def test_what_was_copied_is_explained(workplace):
    run = runs.load("news")
    found = summarization.explain(run.config, run, "The council of Melton meets on Friday.")
    copied = np.array(found.numbers["copied"])
    assert copied.shape == (len(found.numbers["tokens"]["target"]), len(found.numbers["tokens"]["source"]))
    assert copied.min() >= 0 and copied.sum(axis=1).max() <= 1 + 1e-5 and "copied" in found.figures


@pytest.mark.slow
def test_an_export_serves_the_copy_weights(workplace, capsys):
    assert main.main(["export", "news"]) == 0
    (answer,) = pipelines.load("saved_models/news").predict(["The council of Melton meets on Friday."], "attention")
    assert np.array(answer["copied"]).shape == (24, 128)
    assert np.array(answer["copied"]).sum() > 0


def test_copies_are_not_trained_to_agree():
    with pytest.raises(ValueError, match=r"r_drop to be 0 with copy"):
        summarization.Config(word_dropout=0.1, training=summarization.Options(r_drop=1.0))
