"""How much memory a server needs, from the sizes of its exports."""

import math
from collections.abc import Sequence

from tfmodels.export.card_file import read_card
from tfmodels.export.versions import version_folder
from tfmodels.serving.config.model_config import ModelConfig

_MIB = 1 << 20
_SERVER = 640  # MiB of a server with two small models, as measured
_STEP = 256  # MiB that requests are rounded up to
_COPIES = 2  # of a model: while a new version is loaded, the old one serves
_EXPANDED = {"float32": 1, "bfloat16": 2, "int8": 4}  # bytes in memory for one in the file


def mebibytes(models: Sequence[ModelConfig]) -> int:
    """Estimates the memory of a server, without what requests take.

    Args:
        models: The models.

    Returns:
        MiB: of an idle server, and of each model the newest version twice, with its weights in full.

    Example:
        `mebibytes(read_models("saved_models"))` -> `768`
    """
    size = sum(_COPIES * _loaded_bytes(model) for model in models)
    return _STEP * math.ceil((_SERVER + size / _MIB) / _STEP)


def _loaded_bytes(model: ModelConfig) -> int:
    try:
        version = version_folder(model.base_path)
    except FileNotFoundError:
        return 0
    size = sum(path.stat().st_size for path in version.rglob("*") if path.is_file())
    try:
        weights = read_card(version).get("weights")
    except (FileNotFoundError, ValueError):  # made elsewhere, or of an earlier version
        weights = None
    return size * (_EXPANDED.get(weights, 1) if isinstance(weights, str) else 1)
