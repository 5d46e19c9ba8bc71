import json
import os
import shutil

import numpy as np
import pytest

from pipelines import runs
from pipelines.cli import main
from pipelines.runs import fitting, registry
from pipelines.runs.starting import asset_digests, preparation


@pytest.fixture
def assets(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "words.json").write_text("[1]")
    (tmp_path / "train" / "tokens").write_bytes(b"12345678")
    asset_digests.record(tmp_path)
    return tmp_path


def test_what_is_as_it_was_prepared_passes(assets):
    asset_digests.check(assets)
    (assets / "added").touch()
    asset_digests.check(assets)
    (assets / asset_digests.FILE).unlink()  # as of an earlier version
    (assets / "words.json").unlink()
    asset_digests.check(assets)


@pytest.mark.parametrize("file", ["words.json", "train/tokens"])
@pytest.mark.parametrize("damage", ["changed", "cut off", "missing"])
def test_a_damaged_file_is_refused_by_name(assets, file, damage):
    content = (assets / file).read_bytes()
    (assets / file).unlink()
    if damage != "missing":
        (assets / file).write_bytes(content[:-1] + (b"x" if damage == "changed" else b""))
    with pytest.raises(ValueError, match=rf"Expected .*{file}.* Received: .*--overwrite"):
        asset_digests.check(assets)


@pytest.mark.parametrize(
    "names", [{"../../secret": []}, {"..//etc/passwd": []}, {"/etc/passwd": []}, ["words.json"], {"words.json": "text"}]
)
def test_digests_of_files_elsewhere_or_of_another_form_are_refused(assets, names):
    (assets / asset_digests.FILE).write_text(json.dumps(names))
    with pytest.raises(ValueError, match=r"Expected .*Received"):
        asset_digests.check(assets)


def test_every_command_refuses_a_run_whose_assets_are_damaged(shout, capsys):
    assert main.main(["fit", shout]) == 0
    (runs.ROOT / "shout" / "assets" / "prepared").write_text("changed")
    own = ["--task", shout]
    for command in (["evaluate", "shout"], ["export", "shout"], ["predict", "shout", "a"]):
        assert main.main([*command, *own]) == 2
        assert "shout/assets/prepared" in capsys.readouterr().err
    assert main.main(["fit", shout]) == 2
    assert "shout/assets/prepared" in capsys.readouterr().err
    assert main.main(["fit", shout, "--overwrite"]) == 0


def test_a_large_file_is_judged_by_its_size(assets, monkeypatch):
    monkeypatch.setattr(asset_digests, "_MOST_READ", 4)
    os.unlink(assets / asset_digests.FILE)
    asset_digests.record(assets)
    (assets / "train" / "tokens").write_bytes(b"8765432")
    with pytest.raises(ValueError, match="tokens"):
        asset_digests.check(assets)


@pytest.fixture
def calibrated(tmp_path):
    run = runs.Run(tmp_path, "", None)
    run.assets.mkdir()
    asset_digests.record(run.assets)
    fitting.write_calibration(run, "offsets.npy", np.float32([1, 2]))
    return run


def calibration(run):
    return fitting.calibration(run, "offsets.npy", (2,), "it is off")


def test_a_calibration_that_is_lost_or_changed_is_refused_where_it_is_read(calibrated):
    assert calibration(calibrated).tolist() == [1, 2]
    fitting.write_calibration(calibrated, "offsets.npy", np.float32([3, 4]))
    assert calibration(calibrated).tolist() == [3, 4]
    np.save(calibrated.path / "offsets.npy", np.float32([3, 5]))
    with pytest.raises(ValueError, match=r"offsets\.npy as the run has written it\. .*`tfmodels fit`"):
        calibration(calibrated)
    (calibrated.path / "offsets.npy").unlink()
    with pytest.raises(ValueError, match=r"offsets\.npy, which the run has written\. Received: none\. `tfmodels fit`"):
        calibration(calibrated)
    asset_digests.check(calibrated.assets)  # so that the `fit` that writes it anew opens the run
    fitting.write_calibration(calibrated, "offsets.npy", np.float32([3, 4]))
    assert calibration(calibrated).tolist() == [3, 4]


def test_a_calibration_killed_while_it_is_written_is_taken_for_none(calibrated, capsys):
    with pytest.raises(KeyboardInterrupt), asset_digests.replacing(calibrated.assets, calibrated.path / "offsets.npy"):
        (calibrated.path / "offsets.npy").unlink()
        raise KeyboardInterrupt
    assert calibration(calibrated) is None
    assert "has no offsets.npy" in capsys.readouterr().err


@pytest.mark.parametrize("values", [[np.nan, 1.0], [1.0, -np.inf], [1e300, 1.0], [1, 2], ["1", "2"]])
def test_a_calibration_of_no_finite_numbers_is_refused_without_digests_too(calibrated, values):
    (calibrated.assets / asset_digests.FILE).unlink()
    np.save(calibrated.path / "offsets.npy", np.array(values))
    with pytest.raises(ValueError, match=r"Expected finite numbers in .*offsets\.npy"):
        calibration(calibrated)


def test_checkpoints_of_a_run_that_was_prepared_otherwise_are_refused(shout):
    config = registry.find(shout).Config
    found = {name: runs.create(shout, config(mark=mark), name) for name, mark in (("a", "!"), ("b", "?"))}
    for run in found.values():
        preparation.prepare(registry.find(shout), run)
        preparation.bind(run)
        assert not runs.is_trained(run.path)
        (run.checkpoints / "best").mkdir()
        (run.checkpoints / "best" / "ckpt-1.index").write_text(run.name)
        preparation.bind(run)
        assert runs.load(run.name, shout).path == run.path
    shutil.rmtree(found["b"].checkpoints)
    shutil.copytree(found["a"].checkpoints, found["b"].checkpoints)
    for refused in (lambda: runs.load("b", shout), lambda: preparation.bind(found["b"])):
        with pytest.raises(ValueError, match=r"Expected the checkpoints of this run in runs/b/.*Received: .*otherwise"):
            refused()
    (found["b"].checkpoints / asset_digests.PREPARED).unlink()  # as of an earlier version
    assert runs.load("b", shout).path == found["b"].path
