"""Summarization sets of TensorFlow Datasets, as the task reads them."""

import pytest

from pipelines import runs
from pipelines.runs.starting import preparation
from pipelines.sources.text import parallel_text
from pipelines.sources.tfds import tfds_pairs
from pipelines.summarization import task as summarization
from tfmodels import training

SETS = {"cnn_dailymail": ("article", "highlights"), "aeslc": ("email_body", "subject_line")}
SPLITS = ("train", "validation", "test")


def read(**options):
    (found,) = parallel_text.readers(options["data"], summarization._form(summarization.Config(**options)))
    return list(found[1]("train"))


@pytest.mark.parametrize("name", SETS)
def test_documents_and_summaries_are_the_features_of_the_set(mocked, name):
    with mocked(name, *SPLITS):
        expected = list(tfds_pairs.read("train", name, *SETS[name]))
        assert len(expected) == 5 and expected[0].source != expected[0].target
        assert read(data=f"tfds:{name}") == expected
        document, summary = SETS[name]
        turned = read(data=f"tfds:{name}", source_column=summary, target_column=document)
        assert [pair[:2] for pair in turned] == [pair[1::-1] for pair in expected]
        with pytest.raises(ValueError, match=rf"{document}, {summary}.*Received: language='body'"):
            read(data=f"tfds:{name}", source_column="body", target_column=summary)


def test_a_run_is_prepared_of_all_splits(mocked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with mocked("aeslc", *SPLITS):
        run = runs.create("summarization", summarization.Config(data="tfds:aeslc", vocabulary_size=330), "mails")
        preparation.prepare(summarization, run)
    assert [len(training.TokenRows(run.assets / split)) for split in SPLITS] == [5, 5, 5]
