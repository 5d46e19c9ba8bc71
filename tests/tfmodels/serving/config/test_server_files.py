import json
import os
import subprocess

import pytest

from tfmodels.export.checks.static_check import static_findings
from tfmodels.serving import read_batching, read_models, write_config


@pytest.fixture
def exports_folder(tmp_path):
    """Folders of exports without SavedModels, which are not loaded here."""
    for name in ("one", "two"):
        (tmp_path / name / "1").mkdir(parents=True)
    return tmp_path


def test_the_files_are_written_once_and_then_kept(exports_folder):
    files = exports_folder / "serving"
    assert set(write_config(exports_folder).values()) == {"written"}
    assert [model.name for model in read_models(exports_folder)] == ["one", "two"]
    assert read_batching(files / "batching.config").allowed_batch_sizes == (1, 2, 4, 8, 16, 32)
    (files / "batching.config").write_text("max_batch_size { value: 4 }")
    assert write_config(exports_folder)["batching.config"] == "kept"
    assert read_batching(files / "batching.config").max_batch_size == 4


def test_batching_says_which_endpoint_cannot_be_batched(exports_folder):
    for name, endpoint in (("one", "serving_default"), ("two", "any_length")):
        version = exports_folder / name / "1"
        (version / "saved_model.pb").touch()
        (version / "assets.extra").mkdir()
        tensor = {"name": "x", "dtype": "float32", "shape": [None, None], "tensor": "x:0"}
        (version / "assets.extra" / "endpoints.json").write_text(
            json.dumps({endpoint: {"inputs": [tensor], "outputs": [tensor]}})
        )
    write_config(exports_folder)
    file = exports_folder / "serving" / "batching.config"
    assert "The endpoint `any_length` of two cannot be batched" in file.read_text()
    assert read_batching(file).max_batch_size == 32


def test_models_config_keeps_labels_and_is_updated(exports_folder):
    models = exports_folder / "serving" / "models.config"
    write_config(exports_folder)
    text = models.read_text()
    models.write_text(
        text.replace("latest {\n        num_versions: 1\n      }", "specific { versions: 1 versions: 4 }", 1).replace(
            'name: "one"', 'name: "one" version_labels { key: "stable" value: 4 }'
        )
    )
    (exports_folder / "three" / "1").mkdir(parents=True)
    (exports_folder / "two" / "1").rmdir()
    write_config(exports_folder)
    one, three = read_models(models)
    assert (one.name, one.specific, one.labels) == ("one", (1, 4), {"stable": 4})
    assert (three.name, three.latest, str(three.base_path)) == ("three", 1, "/models/three")


def test_a_folder_without_exports_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="Expected a folder of exports"):
        write_config(tmp_path)


def test_versions_that_cannot_be_served_are_named(models_folder, drop_version, tmp_path, caplog):
    drop_version(1, tmp_path / "good", 1)
    write_config(tmp_path)
    assert not caplog.messages
    for name in ("random", "good"):
        (tmp_path / name / "2").mkdir(parents=True)
    (tmp_path / "random" / "2" / "saved_model.pb").write_bytes(bytes(range(256)) * 8)
    write_config(tmp_path)
    assert len(caplog.messages) == 2
    for said, name in zip(caplog.messages, ("good", "random"), strict=True):
        assert said.startswith(f"{name}/2 is in the files, but a server cannot serve it: ")
        assert static_findings(tmp_path / name / "2")[0].problem in said


def test_more_memory_than_machines_have_is_said(exports_folder, caplog):
    with (exports_folder / "one" / "1" / "saved_model.pb").open("wb") as file:
        file.truncate(1 << 39)
    write_config(exports_folder)
    assert "ask for 1,049,344 MiB of memory, more than machines have" in caplog.messages[-1]


def test_hidden_folders_are_left_out(exports_folder):
    (exports_folder / ".hidden" / "1").mkdir(parents=True)
    write_config(exports_folder)
    assert ".hidden" not in (exports_folder / "serving" / "models.config").read_text()
    assert [model.name for model in read_models(exports_folder)] == ["one", "two"]


@pytest.mark.parametrize("name", ["kubernetes.yaml", "models.config", "ready.sh", "."])
@pytest.mark.parametrize("leads_to_a_file", [False, True])
def test_nothing_is_written_to_where_a_link_leads(exports_folder, tmp_path_factory, name, leads_to_a_file):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "file"
    if leads_to_a_file:
        elsewhere.touch() if name != "." else elsewhere.mkdir()
    link = exports_folder / "serving" / name
    if name != ".":
        link.parent.mkdir()
    link.symlink_to(elsewhere)
    with pytest.raises(ValueError, match=r"Expected no links among the server's files.* Received: .*serving"):
        write_config(exports_folder)
    assert list(elsewhere.parent.iterdir()) == ([elsewhere] if leads_to_a_file else [])
    assert not leads_to_a_file or name == "." or not elsewhere.read_bytes()
    link.unlink()
    assert set(write_config(exports_folder).values()) == {"written"}


def test_a_file_with_other_names_is_replaced_not_overwritten(exports_folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("elsewhere") / "file"
    write_config(exports_folder)
    os.link(exports_folder / "serving" / "models.config", other)
    before = other.read_text()
    (exports_folder / "three" / "1").mkdir(parents=True)
    write_config(exports_folder)
    assert other.read_text() == before != (exports_folder / "serving" / "models.config").read_text()


def test_readiness_reads_the_state(serve, models_folder, drop_version, tmp_path):
    drop_version(1, tmp_path / "text", 1)
    write_config(tmp_path)
    ready = tmp_path / "serving" / "ready.sh"
    with serve(tmp_path) as server:
        port = server.rest.rpartition(":")[2]
        assert subprocess.run(["bash", ready, port]).returncode == 0
        models = tmp_path / "serving" / "models.config"
        text = models.read_text()
        for spoil in (models.unlink, models.mkdir, lambda: (models.rmdir(), models.write_text("# none"))):
            spoil()
            assert subprocess.run(["bash", ready, port], stderr=subprocess.DEVNULL).returncode == 1
        models.write_text(text)
        assert subprocess.run(["bash", ready, port]).returncode == 0
        os.mkdir(tmp_path / "other")
        drop_version(1, tmp_path / "other", 1)
        write_config(tmp_path)  # lists a model that this server does not have
        assert subprocess.run(["bash", ready, port]).returncode == 1
    assert subprocess.run(["bash", ready, port], stderr=subprocess.DEVNULL).returncode == 1
