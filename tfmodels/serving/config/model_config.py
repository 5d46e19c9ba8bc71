"""The models to serve: found in a folder, or read from a `models.config` of TensorFlow Serving."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from tensorflow_serving.config import model_server_config_pb2

from tfmodels.export.versions import RESERVED, versions
from tfmodels.serving.config.text_proto import read_text_proto

ALL_VERSIONS = 2**31 - 1


@dataclass(frozen=True)
class ModelConfig:
    """A model to serve.

    Args:
        name: Its name in requests.
        base_path: Its folder of versions.
        latest: How many of the newest versions to serve.
        specific: The versions to serve; empty to serve the newest.
        labels: Label -> version.
    """

    name: str
    base_path: Path
    latest: int = 1
    specific: tuple[int, ...] = ()
    labels: dict[str, int] = field(default_factory=dict)

    def wanted(self, found: list[int]) -> list[int]:
        """Chooses the versions to serve.

        Args:
            found: The existing versions, oldest first.

        Returns:
            The versions to serve, oldest first.
        """
        return [version for version in found if version in self.specific] if self.specific else found[-self.latest :]


def read_models(folder: str | Path) -> list[ModelConfig]:
    """Finds the models to serve.

    Args:
        folder: A folder of exports, the folder of one export, one of its versions, or a `models.config`. In a folder
            of exports, `serving/models.config` sets the versions and labels of the models that it lists.

    Returns:
        The models, by name.

    Raises:
        FileNotFoundError: If there is nothing to serve.
        ValueError: If a configuration file is invalid.

    Example:
        `read_models("saved_models")`
    """
    path = Path(os.path.abspath(folder))
    if path.is_file():
        return _models_of(read_model_list(path))
    if (path / "saved_model.pb").is_file() and path.name.isdecimal():
        return [ModelConfig(path.parent.name, path.parent, specific=(int(path.name),))]
    if versions(path):
        return [ModelConfig(path.name, path)]
    found = exports(path)
    if not found:
        raise FileNotFoundError(
            f"Expected an export, or a folder of exports: <name>/<version>/saved_model.pb. Received: folder={folder}"
        )
    file = path / RESERVED / "models.config"
    given = {model.name: model for model in _models_of(read_model_list(file))} if file.is_file() else {}
    return [
        ModelConfig(name, base, given[name].latest, given[name].specific, given[name].labels)
        if name in given
        else ModelConfig(name, base)
        for name, base in found.items()
    ]


def exports(folder: Path) -> dict[str, Path]:
    """Lists the exports in a folder; those whose names begin with a dot are hidden.

    Args:
        folder: The folder.

    Returns:
        Name -> the folder of versions, by name.
    """
    children = sorted(folder.iterdir()) if folder.is_dir() else []
    shown = (child for child in children if child.name != RESERVED and not child.name.startswith("."))
    return {child.name: child for child in shown if versions(child)}


def read_model_list(file: Path) -> model_server_config_pb2.ModelServerConfig:
    """Reads a `models.config`.

    Args:
        file: The file.

    Returns:
        The message.

    Raises:
        ValueError: If it does not hold such a message, or names are missing or used twice.
    """
    config = read_text_proto(file, model_server_config_pb2.ModelServerConfig())
    names = [model.name for model in config.model_config_list.config]
    if len(set(names)) < len(names) or "" in names:
        raise ValueError(f"Expected the models to have distinct names. Received: names={names} in {file}")
    return config


def _models_of(config: model_server_config_pb2.ModelServerConfig) -> list[ModelConfig]:
    return [_model_of(model) for model in config.model_config_list.config]


def _model_of(model: model_server_config_pb2.ModelConfig) -> ModelConfig:
    policy = model.model_version_policy
    kind = policy.WhichOneof("policy_choice")
    return ModelConfig(
        model.name,
        Path(model.base_path),
        latest={"all": ALL_VERSIONS, "latest": policy.latest.num_versions}.get(kind or "", 1) or 1,
        specific=tuple(policy.specific.versions) if kind == "specific" else (),
        labels=dict(model.version_labels),
    )
