import pytest

from tfmodels.serving import launch, read_batching, read_models


@pytest.fixture
def on_the_path(tmp_path, monkeypatch):
    """Puts programs on an otherwise empty PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(name, script="exit 0"):
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return str(program)

    return put


def test_the_real_server_is_preferred(on_the_path):
    on_the_path("docker")
    binary = on_the_path("tensorflow_model_server")
    assert launch.choose(None)[:2] == ("binary", binary)
    named = on_the_path("mine")
    assert launch.choose(named)[:2] == ("binary", named)
    assert launch.choose("development").kind == "development"
    with pytest.raises(FileNotFoundError, match="--server nowhere"):
        launch.choose("nowhere")


def test_docker_is_chosen_if_it_runs_and_has_the_image(on_the_path):
    assert "there is no docker" in launch.choose(None).reason
    docker = on_the_path("docker")
    assert launch.choose(None)[:2] == ("docker", docker)
    on_the_path("docker", '[ "$1" = info ]')
    assert "has no image tensorflow/serving" in launch.choose(None).reason
    on_the_path("docker", "exit 1")
    chosen = launch.choose(None)
    assert chosen.kind == "development"
    assert "no docker engine is running" in chosen.reason
    assert "no tensorflow_model_server on the PATH" in chosen.reason


@pytest.mark.parametrize("kind", ["binary", "docker"])
def test_the_command_names_the_configuration_files(models_folder, kind):
    batching = models_folder / "serving" / "batching.config"
    chosen = launch.Launch(kind, "/bin/server", "")
    words = launch.command(chosen, str(models_folder), str(batching), "127.0.0.1", 1, 2)
    files = {name: value for name, _, value in (word.partition("=") for word in words)}
    if kind == "docker":
        mounts = dict(word.removesuffix(":ro").split(":")[::-1] for word in words if word.endswith(":ro"))
        assert mounts["/models/text"] == str(models_folder / "text")
        for name, value in files.items():
            files[name] = value.replace("/models/serving", mounts["/models/serving"])
    else:
        assert {"--rest_api_port=1", "--port=2"} <= set(words)
    numbers, text = read_models(files["--model_config_file"])
    assert text.labels == {"stable": 1, "canary": 2}
    assert str(numbers.base_path) == ("/models/numbers" if kind == "docker" else str(models_folder / "numbers"))
    assert read_batching(files["--batching_parameters_file"]) == read_batching(batching)


def test_without_a_file_the_real_server_does_not_batch(models_folder):
    chosen = launch.Launch("binary", "/bin/server", "")
    words = launch.command(chosen, str(models_folder / "text"), None, "127.0.0.1", 1, 2)
    assert not [word for word in words if "batching" in word]
