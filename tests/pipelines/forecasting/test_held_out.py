"""Series that are held out take no part in what is learnt, chosen or fitted."""

from dataclasses import replace

import numpy as np
import pytest

from pipelines.forecasting import series_data, task
from pipelines.runs import Run


@pytest.fixture(scope="module")
def run(two_replicas, tmp_path_factory):
    """A prepared run with two series of which one is held out; its covariate is a hundred times the other's."""
    folder = tmp_path_factory.mktemp("held_out")
    rows = ["region,hour,load,wind"]
    for name, times in (("north", 1), ("south", 100)):
        for hour in range(300):
            stamp = f"2024-01-{1 + hour // 24:02d} {hour % 24:02d}:00"
            rows.append(f"{name},{stamp},{hour % 7},{times * (hour % 5)}")
    (folder / "load.csv").write_text("\n".join([*rows, ""]))
    config = task.Config(
        data=str(folder / "load.csv"), time="hour", target="load", series="region", past="wind",
        hold_out="south", context=24, horizon=12,
    )  # fmt: skip
    run = Run(folder / "run", "forecasting", config)
    task.prepare(config, run)
    return run


def series_of(windows):
    return {windows.rows.names[number] for number in windows.locate(np.arange(len(windows)))[0]}


@pytest.mark.parametrize(
    ("split", "expected"), [("train", {"north"}), ("validation", {"north"}), ("test", {"north", "south"})]
)
def test_windows_of_a_split(run, split, expected):
    assert series_of(series_data.windows(run.config, run, split)) == expected
    assert series_of(series_data.held_out_windows(run.config, run, split)) == {"south"}
    assert series_of(series_data.all_windows(run.config, run, split)) == {"north", "south"}


def test_nothing_is_validated_on_them(run):
    batches = task.datasets(run.config, run)
    assert series_of(batches["validation"].windows) == {"north"}


def test_covariates_are_scaled_by_the_others(run):
    inputs = series_data.inputs(run)
    assert inputs.means["past"] == [pytest.approx(2, abs=0.02)]


def test_the_level_of_training_is_that_of_the_training_part_of_the_others(run):
    inputs, rows = series_data.inputs(run), series_data.rows(run)
    part = rows.part(rows.names.index("north"))
    values = part.values[: part.bounds[0], 0]
    np.testing.assert_allclose(inputs.level, [np.nanmean(values)])
    np.testing.assert_allclose(inputs.spread, [np.nanstd(values)])
    shape = series_data.shape(replace(run.config, center="training"), run)
    assert (shape.center, shape.level, shape.spread) == ("training", tuple(inputs.level), tuple(inputs.spread))
    assert not series_data.shape(run.config, run).level
