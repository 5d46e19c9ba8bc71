import pytest

from pipelines.sources.faults import Faults
from pipelines.sources.text.labelled_files import Form
from pipelines.sources.tfds import tfds_labelled

NAME = "imdb_reviews"


@pytest.fixture
def reviews(mocked):
    """The data set with random texts."""
    with mocked(NAME, "train", "test", "unsupervised"):
        yield


def test_labels_are_the_names_of_classes(reviews):
    splits = tfds_labelled.read(NAME, Form(), Faults("error"))
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 5, "test": 5}
    assert {label for row in splits["train"] for label in row.labels} <= {"neg", "pos"}
    assert splits["test"][4].place == "imdb_reviews, row 5 of test"


def test_other_features_are_refused_by_name(reviews):
    with pytest.raises(ValueError, match=r"text, label\. Received: text='txt' \(did you mean text\?\)"):
        tfds_labelled.read(NAME, Form(text="txt"), Faults("error"))
