from types import SimpleNamespace

import keras
import pytest

from pipelines.runs.starting import proportions


@pytest.fixture(scope="module")
def network():
    made = keras.Sequential([keras.layers.Embedding(1000, 4, name="embedding"), keras.layers.Dense(50)])
    made.build((None, 3))
    return made


def batches(all_in_one=False, values=1000):
    return SimpleNamespace(all_in_one=all_in_one, rows_per_epoch=30, values=values)


def test_tables_of_tokens_do_not_count(network):
    assert proportions.parameters(network) == 4 * 50 + 50


def test_a_network_or_a_batch_larger_than_the_data_is_said(network):
    assert proportions.notes(network, batches()) == []
    assert proportions.notes(network, batches(values=3)) == []
    (said,) = proportions.notes(network, batches(values=2))
    assert "250 parameters beside tables of tokens, 125 for each of the 2 values" in said
    (said,) = proportions.notes(network, batches(all_in_one=True))
    assert "one batch holds all 30 rows" in said and "--training.batch_tokens" in said
