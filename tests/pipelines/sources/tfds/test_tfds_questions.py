import numpy as np
import pytest
import tensorflow_datasets as tfds

from pipelines.sources.faults import Faults
from pipelines.sources.questions.question import Answer
from pipelines.sources.questions.question_form import Form
from pipelines.sources.tfds import tfds_builders, tfds_questions


@pytest.mark.parametrize("name", ["squad", "squad/v2.0"])
def test_squad_is_read(mocked, name):
    """With random texts, whose answers are not in their contexts."""
    with mocked(name, "train", "validation"):
        splits = tfds_questions.read(name, Form(), Faults("error"))
        impossible = [row.get("is_impossible", False) for row in tfds.load(name, split="train").as_numpy_iterator()]
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 5, "validation": 5}
    row = splits["validation"][4]
    assert row.place == f"{name}, row 5 of validation, id {row.question.id!r}"
    assert row.question.title and row.question.context
    assert all(not row.question.answers for row, of in zip(splits["train"], impossible, strict=True) if of)
    assert any(row.question.answers for row in splits["train"]) or all(impossible)


def test_answers_are_those_of_each_row_without_padding(mocked, monkeypatch):
    batch = {
        "question": np.array([b"What?", b"Who?"], object),
        "context": np.array(["Ein Fluß.".encode(), b"A hill."], object),
        "answers": {
            "text": np.array([["Fluß".encode(), b""], [b"A", b"hill"]], object),
            "answer_start": np.array([[4, 0], [0, 2]]),
        },
        "id": np.array([b"1", b"2"], object),
        "is_impossible": np.array([False, False]),
    }
    monkeypatch.setattr(tfds_builders, "batches", lambda builder, part: iter([dict(batch)]))
    with mocked("squad", "train"):
        first, second = (row.question for row in tfds_questions.read("squad", Form(), Faults("error"))["train"])
    assert (first.answers, first.context, first.title) == ((Answer("Fluß", 4),), "Ein Fluß.", "")
    assert second.answers == (Answer("A", 0), Answer("hill", 2))


def test_other_data_sets_and_features_are_refused(mocked):
    with pytest.raises(ValueError, match=r"the features of SQuAD: .*'imdb_reviews', with text, label"):
        tfds_questions.read("imdb_reviews", Form(), Faults("error"))
    with pytest.raises(ValueError, match=r"Received: kind_column='titel' \(did you mean title\?\)"):
        tfds_questions.read("squad", Form(kind="titel"), Faults("error"))
