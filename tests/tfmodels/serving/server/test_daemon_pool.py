import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.serving.server.daemon_pool import DaemonPool


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 4), st.lists(st.integers(0, 9), max_size=30))
def test_every_job_is_done(threads, numbers):
    pool = DaemonPool(threads, "test")
    results = [pool.submit(lambda number: 10 // number, number) for number in numbers]
    pool.shutdown()
    for number, result in zip(numbers, results, strict=True):
        if number:
            assert result.result(60) == 10 // number
        else:
            assert isinstance(result.exception(60), ZeroDivisionError)


def test_a_free_thread_takes_what_comes_while_others_hang():
    pool, release = DaemonPool(3, "test"), threading.Event()
    hanging = [pool.submit(release.wait) for _ in range(2)]
    assert pool.submit(int, "7").result(60) == 7
    assert pool.submit(int, "8").result(60) == 8
    assert not any(job.done() for job in hanging)
    release.set()
    assert all(job.result(60) for job in hanging)
    pool.shutdown()
