import numpy as np
import pytest
import tensorflow as tf

from tfmodels import layers, metrics


def built(seasons, context, horizon, width=3):
    attention = layers.SeasonalAttention(seasons)
    attention.build((None, horizon, width), (None, context))
    return attention


@pytest.mark.parametrize(("context", "horizon", "seasons"), [(14, 3, [4]), (14, 6, [4]), (20, 9, [3, 6]), (9, 2, [9])])
def test_what_is_looked_at_is_whole_seasons_before_the_step(context, horizon, seasons):
    attention = built(seasons, context, horizon)
    time = np.arange(1, context + 1, dtype="float32")  # 0 = before the history
    found = attention.earlier(time[np.newaxis]).numpy()[0]
    for step, places in enumerate(found):
        back = context + 1 + step - places[places > 0]
        assert all(any(distance % season == 0 for season in seasons) for distance in back)
    first = context + 1 - found[0][found[0] > 0]
    assert set(first) == {season * n for season in seasons for n in range(1, context // season + 1)}
    assert [lag for lag in attention.lags if lag <= context] == first.tolist()
    last = np.array(attention.last_lags)
    assert (context + horizon - last[found[-1] > 0]).tolist() == found[-1][found[-1] > 0].tolist()


def test_all_weight_on_the_last_season_is_the_seasonal_naive_forecast():
    attention = built([4], context=14, horizon=6)
    kernel, bias = attention.get_weights()
    attention.set_weights([np.zeros_like(kernel), np.where(np.arange(len(bias)) == 0, 100.0, 0.0)])
    values = np.random.default_rng(0).normal(size=[2, 14]).astype("float32")
    found = attention(tf.zeros([2, 6, 3]), values)
    expected = metrics.seasonal_naive(values[..., np.newaxis], 6, 4)[..., 0]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_weight_of_a_missing_season_goes_to_the_others():
    attention = built([2], context=6, horizon=1)
    attention.set_weights([np.zeros_like(weight) for weight in attention.get_weights()])
    values = tf.constant([[3.0, 0.0, 5.0, 0.0, 7.0, 0.0]])
    observed = np.array([[True, True, False, True, True, True]])
    found, scores = attention(tf.zeros([1, 1, 3]), values, observed, return_scores=True)
    assert found.numpy().item() == pytest.approx(5.0)  # of 7 and 3
    np.testing.assert_allclose(scores[0, 0], [0.5, 0.0, 0.5])
    found, scores = attention(tf.zeros([1, 1, 3]), values, np.zeros_like(observed), return_scores=True)
    assert not np.any(found)
    assert not np.any(scores)


def test_wrong_seasons_are_refused():
    with pytest.raises(ValueError, match=r"lengths of seasons, at least 1. Received: seasons=\[\]"):
        layers.SeasonalAttention([])
    with pytest.raises(ValueError, match=r"at most 6 steps, the history. Received: \(7,\)"):
        built([7], context=6, horizon=1)
    decoder = layers.StepDecoder(4, 1, seasons=[2])
    with pytest.raises(ValueError, match=r"Expected `values`, the history, with seasons"):
        decoder(tf.zeros([1, 3]))
