"""The page beside an export that tells a person what it is and how to ask it."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf
import tensorflow_text

from tfmodels.export.signature import Signature


def model_card(name: str, card: Mapping[str, Any], signatures: Mapping[str, Signature]) -> str:
    """Writes the model card.

    Args:
        name: The name that the model is served under.
        card: `task`; where given, `description` and `limits` (a list of sentences).
        signatures: Endpoint name -> signature.

    Returns:
        The page in Markdown.
    """
    limits = [
        "The first axis of every input and output is the batch; a row's answer does not depend on the other rows.",
        *card.get("limits", []),
    ]
    versions = {"TensorFlow": tf, "TensorFlow Text": tensorflow_text, "Keras": keras}
    sections = [
        f"# {name}",
        f"Task: {card['task']}. {card.get('description', '')}".strip(),
        "## Endpoints",
        *(_endpoint(endpoint, signature) for endpoint, signature in signatures.items()),
        "## Limits",
        "\n".join(f"- {limit}" for limit in limits),
        "## How to call",
        _calls(name, *next(iter(signatures.items()))),
        "## Made with",
        ", ".join(f"{title} {module.__version__}" for title, module in versions.items()),
    ]
    return "\n\n".join(sections) + "\n"


def _endpoint(endpoint: str, signature: Signature) -> str:
    lines = [f"### `{endpoint}`", "", "| | name | type | shape |", "| --- | --- | --- | --- |"]
    for kind, specs in (("input", signature.inputs), ("output", signature.outputs)):
        lines += [f"| {kind} | `{name}` | {spec.dtype.name} | {_shape(spec)} |" for name, spec in specs.items()]
    return "\n".join(lines)


def _shape(spec: tf.TensorSpec) -> str:
    axes = ["any" if size is None else str(size) for size in spec.shape.as_list()[1:]]
    return f"[{', '.join(['batch', *axes])}]"


def _calls(name: str, endpoint: str, signature: Signature) -> str:
    keywords = ", ".join(f"{field}=[...]" for field in signature.inputs)
    fields = ", ".join(f'"{field}": [...]' for field in signature.inputs)
    return (
        "From Python, with the folder that holds this version:\n\n"
        f'```python\nfrom tfmodels import export\n\nexport.load("{name}").call("{endpoint}", {keywords})\n```\n\n'
        "From TensorFlow Serving:\n\n"
        f"```sh\ncurl http://localhost:8501/v1/models/{name}:predict \\\n"
        f'  -d \'{{"signature_name": "{endpoint}", "inputs": {{{fields}}}}}\'\n```'
    )
