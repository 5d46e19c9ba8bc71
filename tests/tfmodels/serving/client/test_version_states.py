import pytest

from tfmodels.serving.client.address import read_address
from tfmodels.serving.client.version_states import why_not_found


@pytest.mark.parametrize(
    ("path", "states", "message"),
    [
        ("tr", {}, "has no model 'tr'"),
        ("tr", {1: "START"}, "'tr' is still loading"),
        ("tr", {1: "END", 2: "LOADING"}, "'tr' is still loading"),
        ("tr/versions/2", {1: "AVAILABLE", 2: "LOADING"}, "'tr' is still loading"),
        ("tr/versions/1", {1: "END", 2: "LOADING"}, "there: 2 (LOADING), 1 (END)"),
        ("tr/versions/7", {2: "LOADING"}, "there: 2 (LOADING)"),
        ("tr", {3: "END"}, "there: 3 (END); what a failed one lacks is in the log of the server"),
    ],
)
def test_why_a_model_is_not_found(path, states, message):
    assert message in why_not_found(read_address(f"grpc://host:8500/v1/models/{path}"), states)
