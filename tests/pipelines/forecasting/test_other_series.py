"""Other tables than a run was prepared from, with all that the run decided."""

from dataclasses import replace

import numpy as np
import pytest

from pipelines.forecasting import series_data, task
from pipelines.forecasting.other_data import other_series
from pipelines.runs import Run


def write_table(path, days, **regions):
    rows = ["region,hour,load"]
    for name, times in regions.items():
        for hour in range(24 * days):
            rows.append(f"{name},2024-{days % 12 + 1:02d}-{1 + hour // 24:02d} {hour % 24:02d}:00,{times * (hour % 7)}")
    path.write_text("\n".join([*rows, ""]))
    return path


@pytest.fixture(scope="module")
def run(two_replicas, tmp_path_factory):
    folder = tmp_path_factory.mktemp("other")
    data = write_table(folder / "load.csv", 12, north=1, south=100)
    config = task.Config(data=str(data), time="hour", target="load", series="region", context=24, horizon=12)
    run = Run(folder / "run", "forecasting", config)
    task.prepare(config, run)
    return run


def read(run, data, split="other"):
    return other_series.read(run.config, replace(run, other=str(data)), split)


def test_all_of_each_series_is_forecast_after_a_history(run, tmp_path):
    windows, notes = read(run, write_table(tmp_path / "new.csv", 5, north=1, west=3))
    assert windows.rows.names == ["north", "west"]
    series, origin = windows.locate(np.arange(len(windows)))
    assert series.tolist() == [0] * 6 + [1] * 6
    assert origin.tolist() == 2 * list(range(48, 120, 12))
    first = windows.read(np.array([6]))
    assert first["targets"][0, :, 0].tolist() == [3 * (hour % 7) for hour in range(48, 60)]
    np.testing.assert_allclose(first["scale"][0, 0, 0], np.std([3 * (hour % 7) for hour in range(48)]), rtol=1e-6)
    assert "1 of 2 series are not in the data of the run" in notes


def test_forecasts_of_what_was_trained_on_are_counted(run):
    _, notes = read(run, run.config.data)
    assert any("forecasts begin within the training data" in note for note in notes)
    windows, _ = read(run, run.config.data, "test")
    own = series_data.windows(run.config, run, "test")
    assert len(windows) == len(own)
    for name, array in windows.read(np.arange(len(windows))).items():
        np.testing.assert_array_equal(array, own.read(np.arange(len(own)))[name])


def test_nothing_is_fitted_to_other_data(run, tmp_path):
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    read(run, write_table(tmp_path / "new.csv", 5, north=1000))
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before


def test_what_cannot_be_scored_is_refused(run, tmp_path):
    with pytest.raises(ValueError, match="room for a history and 12 steps"):
        (tmp_path / "short.csv").write_text("region,hour,load\nnorth,2024-01-01 00:00,1\nnorth,2024-01-01 01:00,2\n")
        read(run, tmp_path / "short.csv")
    with pytest.raises(ValueError, match="load"):
        (tmp_path / "odd.csv").write_text("region,hour,price\nnorth,2024-01-01 00:00,1\n")
        read(run, tmp_path / "odd.csv")
