import itertools

import numpy as np
import pytest
import tensorflow as tf
import toy_task
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.training import Series, SeriesRows, WindowBatches, Windows
from tfmodels.training.data.share import Share, parts

STEPS = 4


def of_replicas(batches, share, first_step=0):
    """The elements of a machine, in lists by replica."""
    found = list(batches.shared(first_step, share).take(STEPS * share.count).as_numpy_iterator())
    return [found[place :: share.count] for place in range(share.count)]


def joined(elements):
    return tf.nest.map_structure(lambda *arrays: np.concatenate(arrays), *elements)


def assert_are_the_whole(batches, machines, each, first_step=0):
    whole = list(batches.dataset(first_step).take(STEPS).as_numpy_iterator())
    shares = [Share(machine * each, each, machines * each) for machine in range(machines)]
    by_replica = [one for share in shares for one in of_replicas(batches, share, first_step)]
    for expected, *got in zip(whole, *by_replica, strict=True):
        tf.nest.map_structure(np.testing.assert_array_equal, joined(got), expected)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("share")


@given(st.integers(1, 30), st.integers(1, 3), st.integers(1, 2), st.integers(0, 5), st.integers(0, 10_000))
def test_the_shares_of_token_batches_are_the_batches(tmp_path_factory, rows, machines, each, first_step, seed):
    folder = tmp_path_factory.mktemp("rows")
    batches = toy_task.token_batches(folder / "rows", rows, toy_task.seq2seq, machines * each, seed=seed)
    assert_are_the_whole(batches, machines, each, first_step)


@pytest.mark.parametrize(("machines", "each"), [(2, 1), (3, 1), (2, 2)])
def test_the_shares_of_windows_are_the_batches(folder, machines, each):
    values = np.arange(40, dtype=np.float32).reshape(-1, 1)
    values[7] = np.nan
    none = np.zeros([40, 0], np.float32)
    one = Series("one", 3600 * np.arange(40), values, none, none, none[0], (30, 35, 40))
    windows = Windows(SeriesRows.write(folder / f"windows{machines}{each}", [one]), "train", 8, 3)
    assert len(windows) % 7
    batches = WindowBatches(windows, 7, machines * each, seed=3, assemble=lambda inputs: inputs, shuffle=True)
    assert_are_the_whole(batches, machines, each)


@pytest.mark.parametrize(("machines", "each"), [(2, 1), (2, 2)])
def test_batches_of_other_kinds_are_cut_alike(folder, machines, each):
    name = folder / f"cut{machines}{each}"
    batches = toy_task.token_batches(name, 20, toy_task.seq2seq, machines * each)
    for machine in range(machines):
        share = Share(machine * each, each, machines * each)
        read, cut = batches.shared(0, share), parts(batches.dataset(), share)
        pairs = zip(read.as_numpy_iterator(), cut.as_numpy_iterator(), strict=False)
        for expected, got in itertools.islice(pairs, STEPS * each):
            tf.nest.map_structure(np.testing.assert_array_equal, got, expected)
