from itertools import islice

import numpy as np
import pytest
import tensorflow as tf

from pipelines import seq2seq
from pipelines.classification.config import Config as ClassifierConfig
from pipelines.runs import Run
from pipelines.seq2seq import data, one_source
from pipelines.text import regularization
from tfmodels.checked_options import OptionError
from tfmodels.token_ids import END
from tfmodels.training import Options

WORDS = ["north", "south", "northern", "southern", "east", "eastern", "west", "western"]


def pairs(split):
    for number in range(60):
        words = [WORDS[number // base % 8] for base in (1, 3, 8)]
        yield " ".join(words), " ".join(reversed(words))


@pytest.fixture
def run(tmp_path, one_replica):
    """Prepared for translation, with random segmentations."""
    training = Options(seed=1, batch_tokens=400, replicas=1)
    config = seq2seq.Config(vocabulary_size=330, resample_subwords=True, training=training)
    run = Run(tmp_path / "run", "translation", config)
    data.prepare(config, run, one_source("numbers", pairs))
    with one_replica():
        yield run


def texts(run, batches, first, count):
    """The segmentations of the sources of some steps, and the sources themselves, sorted."""
    subwords = data.subwords(run)
    taken = [inputs["source"] for inputs, *_ in islice(batches.dataset(first).as_numpy_iterator(), count)]
    rows = [row[row > 0].tolist() for source in taken for row in source]
    assert all(row[-1] == END for row in rows)
    decoded = [subwords.text(tf.constant([row])).numpy()[0] for row in rows]
    return sorted(rows), sorted(decoded)


def test_training_texts_are_segmented_anew_in_each_epoch_and_others_never(run):
    made = seq2seq.datasets(run.config, run)
    train, steps = made["train"], made["train"].steps_per_epoch
    (first, read), (second, again) = (texts(run, train, epoch * steps, steps) for epoch in (0, 1))
    assert read == again
    assert first != second
    assert texts(run, seq2seq.datasets(run.config, run)["train"], steps, steps) == (second, again)
    validation = made["validation"]
    kept = [texts(run, validation, epoch * validation.steps_per_epoch, validation.steps_per_epoch) for epoch in (0, 1)]
    assert kept[0] == kept[1]
    assert sum(map(len, kept[0][0])) < sum(map(len, first))


def test_another_seed_draws_others(run):
    def drawn(seed):
        config = seq2seq.Config(resample_subwords=True, training=Options(seed=seed))
        made = regularization.resampling(config, run, {"source": 64})
        return made.draw(
            "source", np.array([[*data.subwords(run).ids(tf.constant(["northern"]), 9)[0]]]), np.array([0]), 0
        )

    assert any(drawn(seed).tolist() != drawn(0).tolist() for seed in range(1, 9))
    np.testing.assert_array_equal(drawn(1), drawn(1))


def test_a_classifier_without_the_option_reads_rows_as_they_are(tmp_path):
    config = ClassifierConfig(tokens="subwords")
    assert regularization.resampling(config, Run(tmp_path, "classification", config), {"text": 9}) is None


def test_kept_tokens_that_are_no_subwords_are_refused(tmp_path):
    config = ClassifierConfig(resample_subwords=True, keep_tokens=True, start_from="general")
    with pytest.raises(OptionError, match=r"resample_subwords to be false: .*no subwords"):
        regularization.resampling(config, Run(tmp_path, "classification", config), {"text": 9})
