import numpy as np
import pytest

from tfmodels import explain
from tfmodels.token_ids import END

IDS = np.array([[9, 5, 6, 7, 8, END, 0], [5, 1, END, 0, 0, 0, 0], [END, 0, 0, 0, 0, 0, 0]], "int32")


def probabilities(ids):
    """Each 9 brings the second of two classes from 0.1 to 0.9."""
    second = np.where((ids == 9).any(axis=tuple(range(1, ids.ndim))), 0.9, 0.1)
    return np.stack([1 - second, second], axis=1)


def test_true_explanations_make_answers_fall():
    knows, misled = (IDS == 9) * 1.0, (IDS == 9) * -1.0
    found = explain.faithfulness(probabilities, IDS, {"knows": knows, "misled": misled}, shares=(0.2, 0.8, 1.0))
    np.testing.assert_allclose(found.drops["knows"], [0.4, 0.4, 0.4])  # in one of two rows with tokens
    np.testing.assert_allclose(found.drops["misled"], [0, 0, 0.4], atol=1e-9)
    assert 0 <= found.drops["random"][0] < 0.4
    assert found.drops["random"][2] == pytest.approx(0.4)
    assert found.spread[2] == 0
    again = explain.faithfulness(probabilities, IDS, {"knows": knows}, shares=(0.2, 0.8, 1.0))
    np.testing.assert_array_equal(again.drops["random"], found.drops["random"])


def test_rows_close_up_and_keep_their_end():
    seen = []

    def watch(ids):
        seen.append(ids.tolist())
        return np.ones([len(ids), 1])

    importance = np.array([[0, 3, 0, 2, 0, 9, 9], [1, 0, 9, 9, 9, 9, 9], [9] * 7])
    explain.faithfulness(watch, IDS, {"one": importance}, shares=(0.3,), seeds=(0,))
    assert seen[:2] == [IDS[:2].tolist(), [[9, 6, 8, END, 0, 0, 0], [1, END, 0, 0, 0, 0, 0]]]


def test_documents():
    ids = np.array([[[5, 6, 7], [8, 9, 0]]])
    seen = []

    def watch(ids):
        seen.append(ids.tolist())
        return np.ones([len(ids), 1])

    explain.faithfulness(watch, ids, {"one": np.array([[[0, 4, 0], [3, 2, 9]]])}, shares=(0.6,), seeds=(0,))
    assert seen[1] == [[[5, 7, 0], [0, 0, 0]]]


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"Received: attention of shape \(2,\)"):
        explain.faithfulness(probabilities, IDS, {"attention": np.zeros(2)})
    with pytest.raises(ValueError, match=r"shares above 0, up to 1. Received: shares=\(0,\)"):
        explain.faithfulness(probabilities, IDS, {}, shares=(0,))
    with pytest.raises(ValueError, match=r"at least one seed. Received: seeds=\(\)"):
        explain.faithfulness(probabilities, IDS, {}, seeds=())
    with pytest.raises(ValueError, match="at least one row with a token"):
        explain.faithfulness(probabilities, IDS[2:], {})
