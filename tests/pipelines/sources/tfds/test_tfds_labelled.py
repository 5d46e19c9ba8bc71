import pytest
import tensorflow_datasets as tfds

from pipelines.sources.faults import Faults
from pipelines.sources.text.labelled_files import Form
from pipelines.sources.tfds import tfds_labelled

NAME = "imdb_reviews"


@pytest.fixture
def mocked(tmp_path, monkeypatch):
    """The data set with random texts, and metadata that name its splits."""
    builder = tfds.builder(NAME, data_dir=tmp_path)
    files = {"data_dir": builder.data_path, "dataset_name": builder.name, "filetype_suffix": "tfrecord"}
    splits = [
        tfds.core.SplitInfo(
            name=split,
            shard_lengths=[5],
            num_bytes=1,
            filename_template=tfds.core.ShardedFileTemplate(split=split, **files),
        )
        for split in ("train", "test", "unsupervised")
    ]
    builder.info.set_splits(tfds.core.SplitDict(splits))
    builder.data_path.mkdir(parents=True)
    builder.info.write_to_directory(builder.data_path)
    monkeypatch.setattr(
        "pipelines.sources.tfds.tfds_builders.builder", lambda name: tfds.builder(name, data_dir=tmp_path)
    )
    with tfds.testing.mock_data(num_examples=5, data_dir=str(tmp_path)):
        yield


def test_labels_are_the_names_of_classes(mocked):
    splits = tfds_labelled.read(NAME, Form(), Faults("error"))
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 5, "test": 5}
    assert {label for row in splits["train"] for label in row.labels} <= {"neg", "pos"}
    assert splits["test"][4].place == "imdb_reviews, row 5 of test"


def test_other_features_are_refused_by_name(mocked):
    with pytest.raises(ValueError, match=r"text, label\. Received: text='txt' \(did you mean text\?\)"):
        tfds_labelled.read(NAME, Form(text="txt"), Faults("error"))
