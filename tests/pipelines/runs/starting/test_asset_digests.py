import json
import os

import pytest

from pipelines import runs
from pipelines.cli import main
from pipelines.runs.starting import asset_digests


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
    asset_digests.record(assets)  # only once
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


@pytest.mark.parametrize("names", [{"../secret": []}, {"/etc/passwd": []}, ["words.json"], {"words.json": "text"}])
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
