"""Writing the files that TensorFlow Serving is started with, into `saved_models/serving/`."""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from tfmodels import whole_files
from tfmodels.export.batch_sizes import ALLOWED_BATCH_SIZES, ANY_LENGTH
from tfmodels.export.graph.endpoints_file import read_endpoints
from tfmodels.export.versions import RESERVED, version_folder
from tfmodels.serving.config.alerts import ALERTS
from tfmodels.serving.config.compose_file import compose
from tfmodels.serving.config.doubts import doubts
from tfmodels.serving.config.kubernetes_file import kubernetes
from tfmodels.serving.config.manifests import MOUNT, READY_SCRIPT
from tfmodels.serving.config.memory import mebibytes
from tfmodels.serving.config.model_config import ALL_VERSIONS, ModelConfig, exports, read_models
from tfmodels.serving.protocol.metrics import METRICS_PATH

_LOG = logging.getLogger(__name__)
_MODELS_HEADER = """\
# The models to serve. To serve two versions at once, with labels, write into a model's `config`:
#   model_version_policy { specific { versions: 1 versions: 2 } }
#   version_labels { key: "stable" value: 1 }
#   version_labels { key: "canary" value: 2 }
"""

_BATCHING = """\
# Batches of up to 32 rows, padded to one of these sizes, so the model sees few shapes.
{warnings}max_batch_size {{ value: {largest} }}
batch_timeout_micros {{ value: 2000 }}
max_enqueued_batches {{ value: 100 }}
{sizes}
"""

_NAME = re.compile(r"(?!\d+$)[A-Za-z0-9][A-Za-z0-9._-]*")  # digits alone are a version

_UNBATCHED = """\
# The endpoint `{}` of {} cannot be batched: requests fail (400) where rows of different lengths meet in a batch.
# Ask it on a server without --enable_batching."""

_MONITORING = f"""\
# Prometheus reads http://HOST:8501{METRICS_PATH}
prometheus_config {{ enable: true path: "{METRICS_PATH}" }}
"""


def write_config(folder: str | Path) -> dict[str, str]:
    """Writes the server's files into `serving/` of a folder of exports.

    `models.config` is updated: new exports are added, deleted ones removed, and the versions and labels of the others
    kept. Other files that exist are kept unchanged; delete one to have it written again.
    Exports that a server cannot serve are logged as warnings, as far as their files tell.

    Args:
        folder: The folder of exports, such as `saved_models`.

    Returns:
        File name -> `written` or `kept`.

    Raises:
        FileNotFoundError: If there is no export.
        ValueError: If `models.config` cannot be read, a file is a link, or the name of an export is none that the
            files can hold.

    Example:
        `write_config("saved_models")`
    """
    folder = Path(folder)
    if not exports(folder):
        raise FileNotFoundError(
            f"Expected a folder of exports: <name>/<version>/saved_model.pb. Received: folder={folder}"
        )
    _refuse_names(exports(folder))
    configs = read_models(folder)
    memory = mebibytes(configs)
    contents = {
        "models.config": models_config(configs, {config.name: Path(MOUNT, config.name) for config in configs}),
        "batching.config": batching_config(configs),
        "monitoring.config": _MONITORING,
        "ready.sh": READY_SCRIPT,
        "compose.yaml": compose(folder, memory),
        "kubernetes.yaml": kubernetes(folder, memory),
        "alerts.yaml": ALERTS,
    }
    for sentence in doubts(configs, memory):
        _LOG.warning("%s", sentence)
    target = folder / RESERVED
    _refuse_links([target, *(target / name for name in contents)])
    target.mkdir(exist_ok=True)
    kept = {name for name in contents if name != "models.config" and (target / name).exists()}
    for name, content in contents.items():
        if name not in kept:
            whole_files.write(target / name, content)
    return {name: "kept" if name in kept else "written" for name in contents}


def batching_config(models: Sequence[ModelConfig] = ()) -> str:
    """Formats the `batching.config` for exports of this package.

    Args:
        models: The models. What a server that batches cannot answer of them is said in a comment.

    Returns:
        The text proto.
    """
    sizes = "\n".join(f"allowed_batch_sizes: {size}" for size in ALLOWED_BATCH_SIZES)
    open_ = ", ".join(model.name for model in models if _takes_any_length(model))
    warnings = f"{_UNBATCHED.format(ANY_LENGTH, open_)}\n" if open_ else ""
    return _BATCHING.format(largest=ALLOWED_BATCH_SIZES[-1], sizes=sizes, warnings=warnings)


def _refuse_links(paths: Iterable[Path]) -> None:
    """A folder of exports may come from anyone: nothing is written to where its links lead."""
    for path in paths:
        if path.is_symlink():
            raise ValueError(
                f"Expected no links among the server's files; delete it to have it written anew. Received: {path}"
            )


def _refuse_names(names: Iterable[str]) -> None:
    """Refuses names that a URL, a shell and a text proto would each write in their own way."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(
                "Expected names of exports of ASCII letters, digits, dots, hyphens and underscores, the first a letter "
                "or a digit and not all of them digits, for the files of TensorFlow Serving; rename the folder. "
                f"Received: name={name!r}"
            )


def _takes_any_length(model: ModelConfig) -> bool:
    try:
        return ANY_LENGTH in read_endpoints(version_folder(model.base_path))
    except (FileNotFoundError, ValueError):  # made elsewhere or of an earlier version, or nothing that can be served
        return False


def models_config(models: Sequence[ModelConfig], base_paths: Mapping[str, Path]) -> str:
    """Formats a `models.config`.

    Args:
        models: The models.
        base_paths: Name -> the folder of versions, as the server sees it.

    Returns:
        The text proto.
    """
    message = model_server_config_pb2.ModelServerConfig()
    for model in models:
        entry = message.model_config_list.config.add(
            name=model.name, base_path=str(base_paths[model.name]), model_platform="tensorflow"
        )
        if model.specific:
            entry.model_version_policy.specific.versions.extend(model.specific)
        elif model.latest == ALL_VERSIONS:
            entry.model_version_policy.all.SetInParent()
        else:
            entry.model_version_policy.latest.num_versions = model.latest
        entry.version_labels.update(model.labels)
    return f"{_MODELS_HEADER}{text_format.MessageToString(message)}"


def write_launch_files(folder: Path, models: Sequence[ModelConfig], base_paths: Mapping[str, Path]) -> None:
    """Writes the files for a server that is started directly.

    Args:
        folder: Where to write them.
        models: The models.
        base_paths: Name -> the folder of versions, as the server sees it.
    """
    (folder / "models.config").write_text(models_config(models, base_paths), encoding="utf-8")
    (folder / "monitoring.config").write_text(_MONITORING, encoding="utf-8")
