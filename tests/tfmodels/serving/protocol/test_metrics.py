import pytest

from tfmodels.serving.protocol.metrics import Metrics, read_histogram


def test_histograms_are_read_back():
    metrics = Metrics()
    for model, values in (("a", (10.0, 30.0)), ('b "}', (2.5,))):
        for value in values:
            metrics.observe("request_latency", value, model_name=model, API="Predict")
    metrics.observe("request_latency_of_others", 7.0)
    metrics.increment("request_count", model_name="a")
    assert read_histogram(metrics.text(), "request_latency") == pytest.approx((42.5, 3))
    assert read_histogram(metrics.text(), "request_latency_of_others") == (7, 1)
    assert read_histogram(metrics.text(), "batching_session:queuing_latency") == (0, 0)
