import tensorflow as tf

from tfmodels.training import generator_dataset


def test_every_epoch_starts_the_generator_again_and_keeps_the_order():
    numbers = generator_dataset(lambda: iter([[1, 2], [3]]), tf.TensorSpec([None], tf.int32), lambda batch: 2 * batch)
    for _ in range(2):
        assert [batch.tolist() for batch in numbers.as_numpy_iterator()] == [[2, 4], [6]]


def test_no_thread_tunes_it():
    """One that does may sleep on while its iterator is deleted, and everything waits."""
    endless = generator_dataset(lambda: iter(int, 1), tf.TensorSpec([], tf.int32), lambda number: number)
    assert endless.options().autotune.enabled is False
