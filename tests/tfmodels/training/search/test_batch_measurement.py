import pytest
import tensorflow as tf
import toy_task

from tfmodels.training import Options, measure_batches
from tfmodels.training.devices.memory import peak_memory

OPTIONS = Options(replicas=2)


def test_rows_speed_and_memory_are_measured(two_replicas, tmp_path):
    batches = toy_task.token_batches(tmp_path / "train", 60, toy_task.next_token)
    measured = measure_batches(toy_task.Bigrams, batches, OPTIONS)
    assert measured.rows * batches.steps_per_epoch == pytest.approx(60)
    assert not measured.all_in_one
    assert measured.tokens_per_second > 0
    assert 10**8 < measured.peak_memory <= peak_memory()
    assert not measured.on_gpu


def test_a_tensor_that_cannot_be_allocated_is_a_lack_of_memory(two_replicas, tmp_path):
    class Huge(toy_task.Bigrams):
        def call(self, inputs, training=None):
            outputs = super().call(inputs, training)
            return outputs + tf.reduce_sum(tf.random.uniform([2**45])) if training else outputs

    batches = toy_task.token_batches(tmp_path / "train", 20, toy_task.next_token)
    with pytest.raises(MemoryError, match="could not be allocated"):
        measure_batches(Huge, batches, OPTIONS)
