from itertools import islice

import numpy as np
import pytest

from tfmodels.preprocessing import SubwordLattice
from tfmodels.token_ids import END
from tfmodels.training import SubwordResampling, TokenBatches, TokenRows

# "▁", letters, and pieces of several; 0 to 3 are reserved.
PIECES = [None] * 4 + ["▁", *"abc", "ab", "bc", "abc", "▁a", "▁ab", "▁abc"]
LATTICE = SubwordLattice(PIECES, [-1.0] * len(PIECES), alpha=0.1)
LIMIT, BUDGET = 14, 60


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Texts of one to five words in their shortest segmentation, and a class of each, which is no text."""
    random = np.random.default_rng(0)
    texts = [[*random.choice([11, 12, 13], count), END] for count in random.integers(1, 6, 60)]
    labels = random.integers(1, 14, 60)
    batch = {
        "text": (np.concatenate(texts), np.array([len(text) for text in texts])),
        "labels": (labels, np.ones(60, np.int64)),
    }
    return TokenRows.write(tmp_path_factory.mktemp("data") / "rows", [batch])


def resampling(seed=1, limit=LIMIT):
    return SubwordResampling(LATTICE, {"text": limit}, seed)


def batches(rows, seed=1, **changes):
    def element(text, labels):
        return text, labels, np.ones(len(text), np.float32)

    return TokenBatches(rows, BUDGET, 1, 1, element, resampling=resampling(seed), **changes)


def text_of(ids):
    return "".join(PIECES[one] or "" for one in ids)


def taken(dataset, count):
    return [tuple(array.tolist() for array in batch[:2]) for batch in islice(dataset.as_numpy_iterator(), count)]


def test_rows_keep_their_text_and_their_end_and_other_columns_stay(rows):
    chosen = np.arange(60)
    before = rows.padded("text", chosen, 6)
    after = resampling(limit=100).draw("text", before, chosen, epoch=3)
    assert [text_of(ids) for ids in after] == [text_of(ids) for ids in before]
    assert ((after == END).sum(axis=1) == 1).all()
    assert (after != 0).sum() > (before != 0).sum()
    labels = rows.padded("labels", chosen, 1)
    assert resampling().draw("labels", labels, chosen, epoch=3) is labels


def test_draws_follow_from_seed_epoch_and_row_alone(rows):
    chosen = np.arange(60)
    ids = rows.padded("text", chosen, 6)

    def draw(some=chosen, epoch=0, seed=1):
        return [row[row > 0].tolist() for row in resampling(seed).draw("text", ids[some], some, epoch)]

    alone = [draw(chosen[place : place + 1])[0] for place in range(60)]
    assert alone == draw()
    assert draw() != draw(epoch=1)
    assert draw() != draw(seed=2)
    assert draw(chosen[::-1]) == draw()[::-1]


def test_long_texts_are_cut_and_keep_their_end(rows):
    chosen = np.arange(60)
    cut = resampling(limit=5).draw("text", rows.padded("text", chosen, 6), chosen, epoch=0)
    whole = resampling(limit=100).draw("text", rows.padded("text", chosen, 6), chosen, epoch=0)
    for short, long in zip(cut, whole, strict=True):
        short, long = short[short > 0].tolist(), long[long > 0].tolist()
        assert short == (long if len(long) <= 5 else [*long[:4], END])


def test_an_epoch_can_be_resumed_anywhere_and_the_next_one_has_other_draws(rows):
    made = batches(rows)
    steps = made.steps_per_epoch
    everything = taken(made.dataset(), 2 * steps)
    for first in (1, steps - 1, steps, steps + 2):
        assert taken(batches(rows).dataset(first), 2) == everything[first : first + 2]
    epochs = [sorted(row for text, _ in part for row in text) for part in (everything[:steps], everything[steps:])]
    assert epochs[0] != epochs[1]
    texts = [sorted(text_of(row) for row in epoch) for epoch in epochs]
    assert texts[0] == texts[1] or max(map(len, texts[0])) >= LIMIT  # but for what is cut


def test_batches_are_planned_with_the_drawn_lengths(rows):
    made, plain = batches(rows), TokenBatches(rows, BUDGET, 1, 1, lambda text, labels: (text, labels, labels))
    sizes = [np.array(text).size for text, _ in taken(made.dataset(), made.steps_per_epoch)]
    assert made.steps_per_epoch > plain.steps_per_epoch
    assert np.mean(sizes) <= BUDGET
    drawn = sum(np.count_nonzero(text) for text, _ in taken(made.dataset(), made.steps_per_epoch))
    assert made.tokens_per_epoch - 60 == pytest.approx(drawn, rel=0.1)  # without the labels


def test_what_is_only_measured_has_the_best_segmentations(rows):
    made = batches(rows)
    best = sorted(rows.padded("text", np.arange(60), 6).tolist())
    assert sorted([*row, 0, 0, 0, 0][:6] for text, _ in taken(made.one_epoch(), 99) for row in text) == best
    sampled = [row for text, _ in taken(made.sample(3), 3) for row in text]
    assert all([*row, 0, 0, 0, 0][:6] in best for row in sampled)
