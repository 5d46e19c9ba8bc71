import numpy as np
import pytest

from tfmodels import metrics
from tfmodels.metrics.bootstrap import FEWEST_BLOCKS


def with_counts(values):
    return np.stack([values, np.ones(len(values))], axis=1)


def test_the_error_of_a_mean_difference_is_that_of_the_paired_differences():
    random = np.random.default_rng(0)
    one = random.normal(1, 1, 200)
    other = one + random.normal(0.2, 0.1, 200)  # the rows of both sides go together
    found = metrics.paired_difference(with_counts(one), with_counts(other), np.arange(200))
    differences = one - other
    assert found.difference == pytest.approx(differences.mean())
    assert found.standard_error == pytest.approx(differences.std(ddof=1) / np.sqrt(200), rel=0.1)
    assert found.high < 0 and found.blocks == 200
    assert found == metrics.paired_difference(with_counts(one), with_counts(other), np.arange(200))


def test_rows_of_a_block_count_once():
    random = np.random.default_rng(1)
    blocks = np.repeat(np.arange(20), 50)
    one = with_counts(random.normal(size=20)[blocks])
    nothing = with_counts(np.zeros(1000))
    apart = metrics.paired_difference(one, nothing, np.arange(1000)).standard_error
    together = metrics.paired_difference(one, nothing, blocks).standard_error
    assert together == pytest.approx(apart * np.sqrt(50), rel=0.2)


def test_a_difference_of_nothing_is_shown_about_as_rarely_as_promised():
    random = np.random.default_rng(2)
    shown = 0
    for _ in range(200):
        found = metrics.paired_difference(
            with_counts(random.normal(size=12)), with_counts(random.normal(size=12)), np.arange(12)
        )
        shown += not found.low <= 0 <= found.high
    assert shown <= 24  # 5 % of 200, and what chance adds


@pytest.mark.parametrize("blocks", [1, FEWEST_BLOCKS - 1])
def test_too_few_blocks_say_nothing(blocks):
    one = with_counts(np.ones(60))
    assert metrics.paired_difference(one, one * 2, np.arange(60) % blocks) is None
    assert metrics.margin_of_error(one, np.arange(60) % blocks) is None


def test_other_scores_than_means_are_resampled():
    random = np.random.default_rng(3)
    counts = random.integers(0, 3, [80, 2, 3])  # true positives, false ones, missed ones of both sides

    def f1(sums):
        return 2 * sums[..., 0] / (2 * sums[..., 0] + sums[..., 1] + sums[..., 2])

    found = metrics.paired_difference(counts[:, 0], counts[:, 1], np.arange(80), f1)
    assert found.difference == pytest.approx(f1(counts[:, 0].sum(axis=0)) - f1(counts[:, 1].sum(axis=0)))
    assert 0 < found.standard_error < 0.2


def test_a_score_that_is_not_finite_has_no_error():
    one = with_counts(np.full(20, np.nan))
    assert metrics.paired_difference(one, with_counts(np.ones(20)), np.arange(20)) is None


def test_very_many_independent_rows_are_put_into_groups_of_equal_size():
    assert sorted(metrics.independent_blocks(30)) == list(range(30))
    sizes = np.bincount(metrics.independent_blocks(4500))
    assert len(sizes) == 1000 and set(sizes.tolist()) == {4, 5}
