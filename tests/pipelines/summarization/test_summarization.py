import json
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import command
from small_reports import FIT, HOSTILE, SIZES, write_reports

import pipelines
from pipelines import runs
from pipelines.runs import report
from pipelines.summarization import task as summarization
from tfmodels.metrics import summary_scores


@pytest.fixture(scope="module", autouse=True, params=["transformer", pytest.param("lstm", marks=pytest.mark.slow)])
def workplace(request, tmp_path_factory):
    """The working directory of all tests here: a folder of reports with two references, and a trained run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])
        write_reports(Path("news"))
        status, printed = command(*FIT, *SIZES[request.param], "--run", "news")
        assert status == 0, printed
        yield Path.cwd()


def test_a_run_is_scored_beside_its_baselines(workplace):
    found = report.read(runs.load("news").path / "report.json")
    assert found.primary["metric"] == "rougeL"
    assert {*summary_scores.ROUGE, "length_ratio", "copied_words", "novel_2grams"} <= found.metrics.keys()
    rows = [json.loads(line) for line in Path("news/train.jsonl").read_text().splitlines()]
    words = f"first {np.mean([len(row['summary'][0].replace('-', ' ').split()) for row in rows]):.0f} words"
    assert set(found.baselines) == {"first sentence", words, "summary of the most similar training document"}
    titles = [table["title"] for table in found.tables]
    assert any(title.startswith("ceiling") for title in titles)
    (rouge,) = (table for table in found.tables if table["title"] == "ROUGE")
    assert [row[0] for row in rouge["rows"]] == ["the first reference", "the best of all references"]
    np.testing.assert_allclose(rouge["rows"][0][1::2], [found.metrics[name] for name in summary_scores.ROUGE])


def test_the_scores_by_row_are_those_of_the_report(workplace):
    assert command("evaluate", "news", "--split", "test", "--output", "answers.jsonl")[0] == 0
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


def test_hostile_documents_are_learnt_scored_and_answered(workplace):
    notes = report.read(runs.load("news").path / "report.json").notes
    said = f"{len(HOSTILE)} of 30 validation pairs have a source that the training data has, too"
    assert any(note.startswith(said) for note in notes), notes
    texts = [*HOSTILE.values(), "", "\x00", " \u00a0\t"]
    answers = pipelines.load("news").predict(texts)
    assert [answer["text"] for answer in answers[-1:]] == [""] and answers[-3]["text"] == ""
    assert all(answer["length"] <= 24 and np.isfinite(answer["score"]) for answer in answers)
    alone = [pipelines.load("news").predict([text])[0]["text"] for text in texts[:2]]
    assert alone == [answer["text"] for answer in answers[:2]]


def test_copies_are_not_trained_to_agree():
    with pytest.raises(ValueError, match=r"r_drop to be 0 with copy"):
        summarization.Config(word_dropout=0.1, training=summarization.Options(r_drop=1.0))
