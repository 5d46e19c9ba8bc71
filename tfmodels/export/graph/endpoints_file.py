"""The endpoints of an export as a file of their own, which can be read without TensorFlow."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature

_NAME = "endpoints.json"
_INPUTS, _OUTPUTS = "inputs", "outputs"


class Described(NamedTuple):
    """An endpoint.

    Attributes:
        signature: What it takes and gives.
        inputs: Name of an input -> name of its tensor in the graph.
        outputs: The same of the outputs.
    """

    signature: Signature
    inputs: dict[str, str]
    outputs: dict[str, str]


def write_endpoints(version: Path, signatures: dict[str, Signature], meta_graph: Any) -> None:
    """Writes the file.

    Args:
        version: The version folder.
        signatures: Endpoint name -> signature.
        meta_graph: The graph of the SavedModel.
    """
    document = {
        name: {
            kind: [
                {**vars(field), "tensor": getattr(meta_graph.signature_def[name], kind)[field.name].name}
                for field in getattr(signature, kind).values()
            ]
            for kind in (_INPUTS, _OUTPUTS)
        }
        for name, signature in signatures.items()
    }
    text = json.dumps(document, indent=2, ensure_ascii=False)
    _path(version).write_text(f"{text}\n", encoding="utf-8")


def read_endpoints(version: Path) -> dict[str, Described]:
    """Reads the file.

    Args:
        version: The version folder.

    Returns:
        Endpoint name -> what is known of it.

    Raises:
        FileNotFoundError: If there is none: an export from before there were such files.
    """
    document = json.loads(_path(version).read_text(encoding="utf-8"))
    return {name: _described(parts) for name, parts in document.items()}


def _described(parts: dict[str, list[dict[str, Any]]]) -> Described:
    fields = {
        kind: {part["name"]: Field(part["name"], part["dtype"], _shape(part["shape"])) for part in parts[kind]}
        for kind in (_INPUTS, _OUTPUTS)
    }
    tensors = {kind: {part["name"]: part["tensor"] for part in parts[kind]} for kind in (_INPUTS, _OUTPUTS)}
    return Described(Signature(**fields), **tensors)


def _shape(axes: list[int | None] | None) -> tuple[int | None, ...] | None:
    return None if axes is None else tuple(axes)


def _path(version: Path) -> Path:
    return version / "assets.extra" / _NAME
