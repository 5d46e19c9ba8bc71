"""The configuration files of TensorFlow Serving, text protos, read as it reads them."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format, wrappers_pb2
from google.protobuf.message import Message
from tensorflow_serving.config import model_server_config_pb2

from tfmodels.export.versions import RESERVED, versions
from tfmodels.serving.batching import BatchingParameters

ALL_VERSIONS = 2**31 - 1
_FIELD = descriptor_pb2.FieldDescriptorProto
_MESSAGE, _INT64, _BOOL, _REPEATED, _SINGLE = (
    _FIELD.TYPE_MESSAGE,
    _FIELD.TYPE_INT64,
    _FIELD.TYPE_BOOL,
    _FIELD.LABEL_REPEATED,
    _FIELD.LABEL_OPTIONAL,
)
# `tensorflow-serving-api` leaves this message out: its fields, as the server's documentation names them.
_BATCHING_FIELDS = (
    ("max_batch_size", _SINGLE, "Int64Value"),
    ("batch_timeout_micros", _SINGLE, "Int64Value"),
    ("max_enqueued_batches", _SINGLE, "Int64Value"),
    ("num_batch_threads", _SINGLE, "Int64Value"),
    ("thread_pool_name", _SINGLE, "StringValue"),
    ("allowed_batch_sizes", _REPEATED, _INT64),
    ("pad_variable_length_inputs", _SINGLE, _BOOL),
)


@dataclass(frozen=True)
class ModelConfig:
    """A model that is to be served.

    Args:
        name: What requests call it.
        base_path: Its folder of versions.
        latest: How many of the newest versions to serve.
        specific: The versions to serve instead of the newest; empty if the newest.
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
            found: Those that there are, oldest first.

        Returns:
            Those to serve, oldest first.
        """
        return [version for version in found if version in self.specific] if self.specific else found[-self.latest :]


def read_models(folder: str | Path) -> list[ModelConfig]:
    """Finds what there is to serve.

    Args:
        folder: A folder of exports, the folder of one export, a version of one, or a `models.config`. What
            `serving/models.config` in a folder of exports says about the versions and labels of a model counts.

    Returns:
        The models, by name.

    Raises:
        FileNotFoundError: If there is nothing to serve.
        ValueError: If a configuration file is wrong.

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
    """Lists the exports in a folder.

    Args:
        folder: The folder.

    Returns:
        Name -> the folder of versions, by name.
    """
    children = sorted(folder.iterdir()) if folder.is_dir() else []
    return {child.name: child for child in children if child.name != RESERVED and versions(child)}


def read_model_list(file: Path) -> model_server_config_pb2.ModelServerConfig:
    """Reads a `models.config`.

    Args:
        file: The file.

    Returns:
        Its message.

    Raises:
        ValueError: If it is no such file.
    """
    config = _parse(file, model_server_config_pb2.ModelServerConfig())
    names = [model.name for model in config.model_config_list.config]
    if len(set(names)) < len(names) or "" in names:
        raise ValueError(f"Expected each model to have a name of its own. Received: names={names} in {file}")
    return config


def read_batching(file: str | Path) -> BatchingParameters:
    """Reads the file of batching parameters.

    `thread_pool_name` and `pad_variable_length_inputs` are read and not used: here requests whose rows have different
    shapes do not share a batch.

    Args:
        file: The text proto.

    Returns:
        The parameters, the server's defaults where the file is silent.

    Raises:
        ValueError: If it is no such file.

    Example:
        `read_batching("saved_models/serving/batching.config")`
    """
    message = _parse(Path(file), _batching_message())
    values = {
        name: getattr(message, name).value
        for name, _, kind in _BATCHING_FIELDS
        if kind == "Int64Value" and message.HasField(name)
    }
    values.setdefault("num_batch_threads", os.cpu_count() or 1)
    if values.get("max_batch_size", 1) < 1:
        raise ValueError(
            f"Expected max_batch_size to be at least 1. Received: max_batch_size={values['max_batch_size']} in {file}"
        )
    return BatchingParameters(**values, allowed_batch_sizes=tuple(message.allowed_batch_sizes))


def _models_of(config: model_server_config_pb2.ModelServerConfig) -> list[ModelConfig]:
    return [_model_of(model) for model in config.model_config_list.config]


def _model_of(model: model_server_config_pb2.ModelConfig) -> ModelConfig:
    policy = model.model_version_policy
    kind = policy.WhichOneof("policy_choice")
    return ModelConfig(
        model.name,
        Path(model.base_path),
        latest={"all": ALL_VERSIONS, "latest": policy.latest.num_versions}.get(kind, 1) or 1,
        specific=tuple(policy.specific.versions) if kind == "specific" else (),
        labels=dict(model.version_labels),
    )


def _parse(file: Path, message: Message) -> Message:
    try:
        return text_format.Parse(file.read_text(encoding="utf-8"), message)
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise ValueError(
            f"Expected a text proto of {message.DESCRIPTOR.full_name}. Received: {file}: {error}"
        ) from error


def _batching_message() -> Message:
    file = descriptor_pb2.FileDescriptorProto(
        name="batching_parameters.proto",
        package="tensorflow.serving",
        syntax="proto3",
        dependency=[wrappers_pb2.DESCRIPTOR.name],
    )
    message = file.message_type.add(name="BatchingParameters")
    for number, (name, label, kind) in enumerate(_BATCHING_FIELDS, start=1):
        if isinstance(kind, str):
            message.field.add(
                name=name, number=number, label=label, type=_MESSAGE, type_name=f".google.protobuf.{kind}"
            )
        else:
            message.field.add(name=name, number=number, label=label, type=kind)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tensorflow.serving.BatchingParameters"))()
