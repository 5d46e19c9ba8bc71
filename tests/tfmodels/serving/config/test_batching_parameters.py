import pytest

from tfmodels.serving import BatchingParameters


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"allowed_batch_sizes": (1, 4)}, "ascend to max_batch_size=8"),
        ({"allowed_batch_sizes": (4, 1, 8)}, "ascend"),
        ({"max_enqueued_batches": 0}, "at least 1"),
        ({"batch_timeout_micros": -1}, "not to be negative"),
    ],
)
def test_invalid_parameters_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        BatchingParameters(max_batch_size=8, **values)
