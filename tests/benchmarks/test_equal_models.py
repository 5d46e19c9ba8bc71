import equal_models
import pytest


@pytest.mark.slow
@pytest.mark.parametrize("name", ["accuracy, by row", "AUROC, by row", "accuracy, by block of ten rows"])
def test_equal_models_are_seldom_called_better(name):
    assert equal_models.share_called_better(equal_models._DRAWS[name], 3, 1_000) <= 6


def test_blocks_that_are_taken_for_rows_are_called_different_often():
    share = equal_models.share_called_better(equal_models._DRAWS["the same rows, resampled one by one"], 2, 25)
    assert share > 6
