import contextlib

import pytest
import tensorflow_datasets as tfds


@pytest.fixture
def mocked(tmp_path, monkeypatch):
    """A context in which a data set has five random rows in each split; its metadata name the splits."""

    @contextlib.contextmanager
    def of(name, *splits):
        builder = tfds.builder(name, data_dir=tmp_path)
        files = {"data_dir": builder.data_path, "dataset_name": builder.name, "filetype_suffix": "tfrecord"}
        infos = [
            tfds.core.SplitInfo(
                name=split,
                shard_lengths=[5],
                num_bytes=1,
                filename_template=tfds.core.ShardedFileTemplate(split=split, **files),
            )
            for split in splits
        ]
        builder.info.set_splits(tfds.core.SplitDict(infos))
        builder.data_path.mkdir(parents=True)
        builder.info.write_to_directory(builder.data_path)
        monkeypatch.setattr(
            "pipelines.sources.tfds.tfds_builders.builder",
            lambda name, data_dir=None: tfds.builder(name, data_dir=tmp_path),
        )
        with tfds.testing.mock_data(num_examples=5, data_dir=str(tmp_path)):
            yield

    return of
