import os
import signal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.training import BatchMeasurement, run_in_child, try_batch_budgets
from tfmodels.training.search.batch_budget import expected_memory, fastest, largest

ROOMY = 10**12
ALL_TOKENS = 5000


def measurement(budget, fixed=1000, per_token=1, on_gpu=False):
    steps = -(-ALL_TOKENS // budget)
    return BatchMeasurement(
        ALL_TOKENS / steps, steps == 1, 1e4 - abs(budget - 2048), fixed + per_token * budget, on_gpu
    )


def budgets(trials):
    return [(trial.batch_tokens, bool(trial.measurement)) for trial in trials]


def test_budgets_double_until_one_batch_holds_all_data():
    trials = list(try_batch_budgets(measurement, available=lambda: ROOMY))
    assert budgets(trials) == [(512, True), (1024, True), (2048, True), (4096, True), (8192, True)]
    assert [trial.measurement for trial in trials] == [measurement(trial.batch_tokens) for trial in trials]
    assert largest(trials).batch_tokens == 8192
    assert fastest(trials).batch_tokens == 2048


def test_the_first_that_does_not_fit_is_the_last():
    def measure(budget):
        if budget > 1500:
            raise MemoryError("out of memory")
        return measurement(budget)

    trials = list(try_batch_budgets(measure, available=lambda: ROOMY))
    assert budgets(trials) == [(512, True), (1024, True), (2048, False)]
    assert trials[-1].reason == "out of memory"
    assert largest(trials).batch_tokens == fastest(trials).batch_tokens == 1024


def test_a_budget_is_not_measured_where_the_memory_would_not_do():
    measured = []

    def measure(budget):
        measured.append(budget)
        return measurement(budget)

    trials = list(try_batch_budgets(measure, available=lambda: 1.05 * (1000 + 4096)))  # 90 % is too little
    assert measured == [512, 1024, 2048]
    assert budgets(trials) == [(512, True), (1024, True), (2048, True), (4096, False)]
    assert "not tried" in trials[-1].reason


@pytest.mark.parametrize(("available", "on_gpu"), [(None, False), (1, True)])
def test_nothing_is_guarded_where_the_memory_is_unknown(available, on_gpu):
    trials = list(try_batch_budgets(partial(measurement, on_gpu=on_gpu), available=lambda: available))
    assert len(trials) == 5


def test_none_fits():
    def measure(budget):
        raise MemoryError

    trials = list(try_batch_budgets(measure, available=lambda: ROOMY))
    assert budgets(trials) == [(512, False)]
    assert trials[0].reason
    assert largest(trials) is fastest(trials) is None


def measure_or_die(budget):
    if budget > 600:
        os.kill(os.getpid(), signal.SIGKILL)
    return measurement(budget)


def test_a_killed_child_ends_the_search_with_its_reason():
    trials = list(try_batch_budgets(partial(run_in_child, measure_or_die)))
    assert budgets(trials) == [(512, True), (1024, False)]
    assert "SIGKILL" in trials[1].reason


@given(st.integers(0, 10**6), st.integers(0, 10**4), st.integers(1, 10**4))
def test_memory_that_grows_as_a_line_is_foretold(fixed, per_token, budget):
    measured = [(size, fixed + per_token * size) for size in (budget, 2 * budget)]
    assert expected_memory(measured, 4 * budget) == pytest.approx(fixed + per_token * 4 * budget)
    assert expected_memory(measured[:1], 2 * budget) >= measured[1][1]


def test_memory_is_never_foretold_to_fall():
    assert expected_memory([(512, 900), (1024, 800)], 2048) == 800
