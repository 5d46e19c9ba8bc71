"""A run knows the files that it was prepared from; a forecaster's, whose evaluation reads only what the run holds."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines import runs
from pipelines.cli import main
from pipelines.forecasting import task
from pipelines.runs import data_fingerprints
from pipelines.runs.starting import asset_digests
from pipelines.sources import fingerprints

HOURS = [f"2024-01-{1 + hour // 24:02d} {hour % 24:02d}:00,{hour % 7}" for hour in range(400)]
FIT = ["fit", "forecasting", "--run", "load", "--data", "load.csv", "--time", "hour", "--target", "load"]


def write_table(rows=HOURS):
    Path("load.csv").write_text("\n".join(["hour,load", *rows, ""]))


@pytest.fixture(autouse=True)
def workplace(two_replicas, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
    monkeypatch.setattr(task, "fit", trained)
    write_table()


def trained(config, run):
    run.checkpoints.mkdir(exist_ok=True)
    (run.checkpoints / "step").touch()


@pytest.fixture
def run():
    assert main.main([*FIT, "--context", "24"]) == 0
    return runs.load("load")


def fit(*more):
    return main.main([*FIT, "--context", "24", *more])


def test_unchanged_files_are_as_they_were(run, capsys):
    assert data_fingerprints.notes(run) == []
    assert fit() == 0
    assert "warning" not in capsys.readouterr().err


def test_a_changed_file_is_refused_until_it_is_accepted(run, capsys):
    write_table(HOURS[:350])
    for command in (["evaluate", "load"], [*FIT, "--context", "24"]):
        assert main.main(command) == 2
        message = capsys.readouterr().err
        assert "load.csv: 401 lines" in message and "351 lines" in message
        assert "--data_changed ok" in message
    assert fit("--data_changed", "ok") == 0
    assert "changed since the run was prepared" in capsys.readouterr().err
    assert fit("--overwrite") == 0
    assert data_fingerprints.notes(runs.load("load")) == []


def test_nothing_is_accepted_before_the_training_has_begun(run, capsys):
    (run.checkpoints / "step").unlink()
    write_table(HOURS[:350])
    assert fit("--data_changed", "ok") == 2
    assert "--overwrite" in capsys.readouterr().err


def test_a_missing_file_is_said_and_stops_only_what_needs_it(run, capsys):
    Path("load.csv").unlink()
    assert fit() == 0
    assert "missing since the run was prepared" in capsys.readouterr().err
    with pytest.raises(FileNotFoundError, match="a report needs their texts"):
        data_fingerprints.require(run)


def test_a_new_file_in_the_folder_is_a_change(capsys):
    Path("tables").mkdir()
    Path("load.csv").rename("tables/north.csv")
    folder = [*FIT, "--context", "24", "--data", "tables"]
    assert main.main(folder) == 0
    write_table()
    Path("load.csv").rename("tables/south.csv")
    assert main.main(folder) == 2
    assert "south.csv: new" in capsys.readouterr().err


def test_files_beside_a_missing_one_are_compared(capsys):
    Path("tables").mkdir()
    for name, part in (("train", HOURS[:300]), ("test", HOURS[300:])):
        write_table(part)
        Path("load.csv").rename(f"tables/{name}.csv")
    assert main.main([*FIT, "--context", "24", "--data", "tables"]) == 0
    Path("tables/train.csv").unlink()
    (said,) = data_fingerprints.notes(runs.load("load"))
    assert "missing" in said and "train.csv" in said
    Path("tables/test.csv").write_text("hour,load\n")
    with pytest.raises(ValueError, match=r"test\.csv: 101 lines"):
        data_fingerprints.check_unchanged(runs.load("load"), allowed=False, remedy="")


def test_a_run_of_before_says_so_and_goes_on(run, capsys):
    for file in (data_fingerprints.FILE, asset_digests.FILE):
        (run.assets / file).unlink()
    write_table(HOURS[:350])
    assert fit() == 0
    assert "not known" in capsys.readouterr().err
    assert not (run.assets / data_fingerprints.FILE).exists()


def test_a_mistake_in_the_file_leaves_no_run(capsys):
    write_table([*HOURS, "never,1"])
    assert fit() == 2
    capsys.readouterr()
    write_table()
    assert fit() == 0


@pytest.mark.parametrize("path", ["/proc/kmsg", "/", "others", "others/a.csv"])
def test_only_files_that_the_options_name_are_read(run, monkeypatch, path):
    Path("others").mkdir()
    Path("others/a.csv").write_text("hour,load\n")
    (kept,) = data_fingerprints.fingerprints_of(run)
    other = replace(kept, path=str(Path(path).resolve()), size=1)
    fingerprints.write([kept, other], run.assets / data_fingerprints.FILE)
    monkeypatch.setattr(fingerprints, "_files_in", lambda folder: pytest.fail(f"listed {folder}"))
    monkeypatch.setattr(fingerprints, "_digest", lambda file: pytest.fail(f"read {file}"))
    (said,) = data_fingerprints.notes(run)
    assert "not compared" in said and other.path in said
    data_fingerprints.check_unchanged(run, allowed=False, remedy="")
