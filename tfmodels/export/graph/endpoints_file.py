"""The file that lists the endpoints of an export, readable without TensorFlow."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature
from tfmodels.export.json_file import read_object

_NAME = "endpoints.json"
_INPUTS, _OUTPUTS = "inputs", "outputs"


class EndpointTensors(NamedTuple):
    """An endpoint and the graph tensors of its inputs and outputs.

    Attributes:
        signature: The signature.
        inputs: Input name -> name of its tensor in the graph.
        outputs: Output name -> name of its tensor in the graph.
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


def read_endpoints(version: Path) -> dict[str, EndpointTensors]:
    """Reads the file.

    Args:
        version: The version folder.

    Returns:
        Endpoint name -> its signature and tensors.

    Raises:
        FileNotFoundError: If there is none, as in exports of earlier versions.
        ValueError: If it does not describe endpoints.
    """
    document = read_object(_path(version))
    try:
        return {name: _endpoint(parts) for name, parts in document.items()}
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"Expected endpoints with inputs and outputs in {_path(version)}. Received: {type(error).__name__}: {error}"
        ) from None


def _endpoint(parts: dict[str, list[dict[str, Any]]]) -> EndpointTensors:
    fields = {
        kind: {part["name"]: Field(part["name"], part["dtype"], _shape(part["shape"])) for part in parts[kind]}
        for kind in (_INPUTS, _OUTPUTS)
    }
    tensors = {kind: {part["name"]: part["tensor"] for part in parts[kind]} for kind in (_INPUTS, _OUTPUTS)}
    signature = Signature(fields[_INPUTS], fields[_OUTPUTS])
    return EndpointTensors(signature, tensors[_INPUTS], tensors[_OUTPUTS])


def _shape(axes: list[int | None] | None) -> tuple[int | None, ...] | None:
    return None if axes is None else tuple(axes)


def _path(version: Path) -> Path:
    return version / "assets.extra" / _NAME
