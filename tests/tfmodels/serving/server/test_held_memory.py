import grpc
import pytest

from tfmodels.serving import ServingError
from tfmodels.serving.server.memory import FREE_BYTES, Memory


def test_memory_is_given_back():
    memory = Memory(100)
    for _ in range(3):
        with memory.request() as held:
            held.add(FREE_BYTES)
            held.add(60)
            held.add(40)
    with pytest.raises(ServingError) as error, memory.request() as held:
        held.add(FREE_BYTES + 101)
    assert error.value.code is grpc.StatusCode.UNAVAILABLE


def test_large_requests_leave_room_for_small_ones():
    memory = Memory(100)
    with memory.request() as large, memory.request() as small:
        large.add(FREE_BYTES + 100)
        small.add(FREE_BYTES)
        with pytest.raises(ServingError):
            small.add(1)
