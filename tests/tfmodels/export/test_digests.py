import json
import logging
import os
import shutil

import pytest
import tensorflow as tf

from tfmodels import export
from tfmodels.export.digests import check_digests

EXTRA = "assets.extra"
FILES = ["saved_model.pb", "variables/variables.index", f"{EXTRA}/endpoints.json", f"{EXTRA}/tfmodels.json"]
FILES += [f"{EXTRA}/tf_serving_warmup_requests", f"{EXTRA}/model_card.md", "fingerprint.pb"]
SHARD = "variables/variables.data-00000-of-00001"


@pytest.fixture
def version(lexicon_folder, tmp_path):
    return shutil.copytree(lexicon_folder / "1", tmp_path / "lexicon" / "1")


def test_a_version_is_known_by_all_its_files_wherever_it_is_copied(version):
    assert check_digests(version) == ""
    kept = json.loads((version / EXTRA / "digests.json").read_text())
    assert kept.keys() == {
        path.relative_to(version).as_posix()
        for path in version.rglob("*")
        if path.is_file() and path.name != "digests.json"
    }
    os.utime(version / "saved_model.pb")
    assert export.load(version).call("serving_default", text=["one"])["translation"].tolist() == [b"eins"]


@pytest.mark.parametrize("name", FILES)
def test_an_altered_file_of_the_same_size_is_refused(version, name):
    content = bytearray((version / name).read_bytes())
    content[len(content) // 2] ^= 1
    (version / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"Received: '{name}', of other content than was exported\. Copy"):
        export.load(version)


@pytest.mark.parametrize("name", [*FILES, SHARD])
def test_a_missing_or_longer_file_or_what_is_no_file_is_refused(version, name):
    (version / name).write_bytes((version / name).read_bytes() + b" ")
    with pytest.raises(ValueError, match=f"'{name}', of other content"):
        check_digests(version)
    (version / name).unlink()
    with pytest.raises(ValueError, match=f"'{name}', missing"):
        check_digests(version)
    os.mkfifo(version / name)  # which nobody writes to: reading it never ends
    with pytest.raises(ValueError, match=f"'{name}', missing, or no regular file"):
        check_digests(version)


def test_an_altered_weight_is_refused_by_its_checksum_in_the_index(version):
    content = bytearray((version / SHARD).read_bytes())
    content[0] ^= 1
    (version / SHARD).write_bytes(content)
    with pytest.raises(ValueError, match="Expected a complete SavedModel"):
        export.load(version)


@pytest.mark.parametrize("name", ["notes.txt", f"{EXTRA}/saved_model_config.pb", "variables/variables.data-1"])
def test_an_added_file_is_refused(version, name):
    (version / name).touch()
    with pytest.raises(ValueError, match=f"'{name}', added"):
        check_digests(version)


def test_a_server_s_own_file_may_lie_beside_the_model(version):
    (version / "batching_params.pbtxt").write_text("max_batch_size { value: 8 }")
    assert check_digests(version) == ""


def test_the_endpoints_of_another_version_are_refused(version, save_text_function):
    other = save_text_function(lambda text: {"length": tf.strings.length(text)})
    shutil.copy(other / EXTRA / "endpoints.json", version / EXTRA / "endpoints.json")
    with pytest.raises(ValueError, match=r"endpoints\.json"):
        export.load(version)


@pytest.mark.parametrize(
    "content", ["", "[]", "{", "[" * 100_000, '{"saved_model.pb": 1}', '{"../secret": {}}', "\x00"]
)
def test_digests_of_another_form_are_refused(version, content):
    (version / EXTRA / "digests.json").write_text(content)
    with pytest.raises(ValueError, match="Expected"):
        check_digests(version)


def test_an_export_of_before_opens_and_it_is_said(version, caplog):
    (version / EXTRA / "digests.json").unlink()
    with caplog.at_level(logging.WARNING):
        loaded = export.load(version)
    assert "has no digests" in loaded.note
    assert loaded.note in caplog.text
    assert loaded.call("serving_default", text=["two"])["translation"].tolist() == [b"zwei"]
