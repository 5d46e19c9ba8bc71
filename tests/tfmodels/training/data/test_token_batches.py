import tempfile
from collections import Counter
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.training import TokenBatches, TokenRows
from tfmodels.training.data.batch_plan import ROWS_MULTIPLE, padded_length

BUDGET = 50
length = st.integers(1, 70)
lengths = st.lists(st.tuples(length, length), min_size=1, max_size=40)
hypothesis_settings = settings(deadline=None, max_examples=15)


def element(source, target):
    return {"source": source, "target": target}, (target != 0).astype(np.float32)


def write(folder, lengths):
    """Row `i` holds the id `i + 1` throughout."""
    ids = np.arange(1, len(lengths) + 1)
    columns = {}
    for column, of_rows in zip(("source", "target"), np.array(lengths).T, strict=True):
        columns[column] = (np.repeat(ids, of_rows).astype("int32"), of_rows)
    return TokenRows.write(folder / "rows", [columns])


@contextmanager
def token_batches(lengths, replicas=1, seed=0):
    with tempfile.TemporaryDirectory() as folder:
        yield TokenBatches(write(Path(folder), lengths), BUDGET, replicas, seed, element)


def one_epoch(batches):
    return list(batches.one_epoch().as_numpy_iterator())


def first(batches, count, start=0):
    return list(islice(batches.dataset(start).as_numpy_iterator(), count))


def real_rows(batch):
    inputs, weights = batch
    real = weights.sum(axis=1) > 0
    return {side: ids[real] for side, ids in inputs.items()}


def numbers(batch):
    return (real_rows(batch)["source"][:, 0] - 1).tolist()


def shape(batch):
    return batch[0]["source"].shape, batch[0]["target"].shape


def assert_same(one, other):
    for (inputs, weights), (other_inputs, other_weights) in zip(one, other, strict=True):
        np.testing.assert_array_equal(weights, other_weights)
        for side in inputs:
            np.testing.assert_array_equal(inputs[side], other_inputs[side])


@hypothesis_settings
@given(lengths=lengths, seed=st.integers(0, 5))
def test_each_row_comes_once_an_epoch_and_whole(lengths, seed):
    with token_batches(lengths, seed=seed) as batches:
        epoch = one_epoch(batches)
    assert len(epoch) == batches.steps_per_epoch
    assert sorted(number for batch in epoch for number in numbers(batch)) == list(range(len(lengths)))
    for batch in epoch:
        for side, ids in enumerate(real_rows(batch).values()):
            for number, row in zip(numbers(batch), ids, strict=True):
                assert row.tolist() == [number + 1] * lengths[number][side] + [0] * (len(row) - lengths[number][side])


@hypothesis_settings
@given(lengths=lengths)
def test_batches_keep_to_the_budget(lengths):
    with token_batches(lengths) as batches:
        epoch = one_epoch(batches)
    for batch in epoch:
        (rows, source), (_, target) = shape(batch)
        assert rows == 1 or rows * max(source, target) <= BUDGET
        assert rows < ROWS_MULTIPLE or rows % ROWS_MULTIPLE == 0
        for side, padded in enumerate((source, target)):
            longest = max(lengths[number][side] for number in numbers(batch))
            assert padded == padded_length(np.array([longest]))[0]


@hypothesis_settings
@given(lengths=lengths, replicas=st.integers(2, 5))
def test_replicas_only_add_filler(lengths, replicas):
    with token_batches(lengths) as one, token_batches(lengths, replicas) as many:
        expected, epoch = one_epoch(one), one_epoch(many)
    for batch, other in zip(epoch, expected, strict=True):
        (inputs, weights), rows = batch, len(other[1])
        assert len(weights) == -(-rows // replicas) * replicas
        assert_same([({side: ids[:rows] for side, ids in inputs.items()}, weights[:rows])], [other])
        assert not weights[rows:].any()
        for ids in inputs.values():  # no row is all padding
            assert (np.count_nonzero(ids[rows:], axis=1) == 1).all()


@hypothesis_settings
@given(lengths=lengths, replicas=st.integers(1, 4))
def test_waste_counts_padding_and_filler(lengths, replicas):
    with token_batches(lengths, replicas) as batches:
        epoch = one_epoch(batches)
    places = sum(ids.size for inputs, _ in epoch for ids in inputs.values())
    assert batches.tokens_per_epoch == np.sum(lengths)
    assert batches.waste == pytest.approx(1 - np.sum(lengths) / places)


@hypothesis_settings
@given(lengths=lengths, start=st.integers(0, 30))
def test_what_follows_a_step_is_the_same_wherever_one_starts(lengths, start):
    with token_batches(lengths) as batches:
        assert_same(first(batches, 5, start), first(batches, start + 5)[start:])


@hypothesis_settings
@given(lengths=lengths)
def test_every_epoch_has_the_same_shapes(lengths):
    with token_batches(lengths) as batches:
        steps = batches.steps_per_epoch
        both = first(batches, 2 * steps)
    assert_same(both[:steps], one_epoch(batches))
    assert Counter(map(shape, both[:steps])) == Counter(map(shape, both[steps:]))


def test_epochs_and_seeds_differ():
    lengths = np.random.default_rng(0).integers(1, 9, [100, 2])
    with token_batches(lengths) as batches, token_batches(lengths, seed=1) as others:
        steps = batches.steps_per_epoch
        epochs = [first(batches, steps), first(batches, steps, start=steps), first(others, steps)]
    orders = {tuple(number for batch in epoch for number in numbers(batch)) for epoch in epochs}
    groups = [{frozenset(numbers(batch)) for batch in epoch} for epoch in epochs]
    assert len(orders) == 3
    assert groups[0] != groups[1]
    assert [shape(batch) for batch in epochs[0]] != [shape(batch) for batch in epochs[1]]


def test_rows_of_similar_length_share_a_batch():
    lengths = np.repeat(np.arange(1, 9), 20)[:, np.newaxis].repeat(2, axis=1)
    with token_batches(lengths) as batches:
        sorted_waste = batches.waste
    random = np.random.default_rng(0).permutation(lengths)
    places = sum(2 * part.size * part.max() for part in np.split(random[:, 0], 20))
    assert sorted_waste < 0.5 * (1 - lengths.sum() / places)


def test_padded_lengths_are_few_and_near():
    lengths = np.arange(1, 5000)
    padded = padded_length(lengths)
    assert (padded >= lengths).all()
    assert (np.diff(padded) >= 0).all()
    assert (padded - lengths < np.maximum(lengths / 8, 2)).all()
    assert len(set(padded[:128])) == 16 + 8 + 8
    assert (padded_length(padded) == padded).all()


@hypothesis_settings
@given(lengths=lengths, replicas=st.integers(1, 3))
def test_the_largest_batches_have_the_most_places_and_the_most_pairs_of_places(lengths, replicas):
    with token_batches(lengths, replicas) as batches:
        epoch = [shape(batch) for batch in one_epoch(batches)]
        chosen = [shape(batch) for batch in batches.largest().as_numpy_iterator()]

    def places(shapes):
        (rows, source), (_, target) = shapes
        return rows * (source + target)

    def pairs(shapes):
        (rows, source), (_, target) = shapes
        return rows * max(source, target) ** 2

    assert [places(chosen[0]), pairs(chosen[1])] == [max(map(places, epoch)), max(map(pairs, epoch))]
    assert set(chosen) <= set(epoch)


@hypothesis_settings
@given(lengths=lengths)
def test_tokens_of_the_first_batches_are_counted(lengths):
    with token_batches(lengths) as batches:
        assert batches.rows_per_epoch == len(lengths)
        assert batches.tokens(batches.steps_per_epoch) == batches.tokens_per_epoch
        first_rows = numbers(first(batches, 1)[0])
        assert batches.tokens(1) == sum(sum(lengths[number]) for number in first_rows)


@hypothesis_settings
@given(lengths=lengths)
def test_all_is_in_one_batch_where_no_budget_makes_larger_ones(lengths):
    def most_rows(folder, budget):
        batches = TokenBatches(write(Path(folder), lengths), budget, 1, 0, element)
        return max(len(numbers(batch)) for batch in one_epoch(batches)), batches.all_in_one

    with tempfile.TemporaryDirectory() as folder:
        rows, all_in_one = most_rows(folder, BUDGET)
        most, surely = most_rows(folder, 10**6)
    assert surely
    assert all_in_one == (rows == most)


def test_numbers_beside_the_rows_come_with_them(tmp_path):
    beside = np.arange(1, 8, dtype=np.float32)[:, np.newaxis] / 2

    def assemble(source, target, beside):
        return source, beside, (target != 0).astype(np.float32)

    batches = TokenBatches(write(tmp_path, [(n, n) for n in range(1, 8)]), BUDGET, 2, 0, assemble, beside=beside)
    for source, found, _ in one_epoch(batches):
        there = source[:, 0] > 0
        np.testing.assert_array_equal(found[there & (found[:, 0] > 0), 0], source[there & (found[:, 0] > 0), 0] / 2)
    assert sum((found > 0).sum() for _, found, _ in one_epoch(batches)) == 7
    with pytest.raises(ValueError, match=r"numbers beside each of 7 rows\. Received: 6"):
        TokenBatches(write(tmp_path / "other", [(1, 1)] * 7), BUDGET, 1, 0, assemble, beside=beside[:6])
