import json
from dataclasses import replace
from pathlib import Path

import pytest
import tensorflow as tf

from pipelines import runs
from pipelines.seq2seq import DecodingOptions, data
from pipelines.sources.text import pair_files
from pipelines.translation import task as translation
from tfmodels import training

ROWS = {"train": 29_000, "validation": 1_014, "test": 1_000}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(data_folder, two_replicas, tmp_path_factory):
    """A small model of Multi30k, trained for 30 steps in batches of 4,096 tokens."""
    options = training.Options(steps=30, interval=10, learning_rate=2e-3, schedule="cosine", warmup_steps=10)
    config = translation.Config(
        data=str(data_folder / "multi30k" / "tok"),
        vocabulary_size=8_000,
        transformer=replace(
            translation.Config().transformer, num_layers=1, d_model=64, num_heads=2, feed_forward_dim=128
        ),
        decoding=DecodingOptions(beam_size=1),
        training=options,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("multi30k"))
        run = runs.create("translation", config)
        run = replace(run, path=run.path.resolve())
        translation.prepare(config, run)
        yield run


@pytest.mark.parametrize("split", ROWS)
def test_every_row_is_in_one_batch_of_an_epoch(run, split):
    batches = translation.datasets(run.config, run)[split]
    rows = tokens = 0
    for inputs, targets, weights in batches.one_epoch().as_numpy_iterator():
        assert max(inputs["source"].size, targets.size) <= run.config.training.batch_tokens
        rows += (weights.sum(axis=1) > 0).sum()
        tokens += (inputs["source"][weights.sum(axis=1) > 0] > 0).sum() + weights.sum()
    assert rows == ROWS[split]
    assert tokens == batches.tokens_per_epoch


def test_little_of_the_training_batches_is_padding(run):
    assert translation.datasets(run.config, run)["train"].waste < 0.12


def test_every_validation_text_comes_back_from_its_subwords(run):
    subwords = data.subwords(run)
    files = pair_files.find_splits(run.config.data, "en", "de")["validation"]
    texts = [text for pair in pair_files.read(*files) for text in pair[:2]]
    assert len(texts) == 2 * ROWS["validation"]
    assert subwords.size == 8_000
    back = subwords.text(subwords.ids(tf.constant(texts), 1_000)).numpy()
    assert [text.decode() for text in back] == texts


def test_thirty_steps_lower_the_loss(run):
    translation.fit(run.config, run)
    losses = [row["val_loss"] for row in json.loads(Path(run.path, "history.json").read_text())]
    assert losses[0] > losses[1] > losses[2]
    assert losses[2] < 7.5  # guessing among 8,000 subwords costs log(8000) = 9.0
