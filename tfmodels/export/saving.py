"""Writing a new version of an export: complete and checked, or not at all."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
from numpy.typing import ArrayLike

from tfmodels.export.checks.check_export import check_loaded
from tfmodels.export.checks.finding import ERROR
from tfmodels.export.checks.parity import check_parity
from tfmodels.export.graph.compact_weights import compact_weights
from tfmodels.export.graph.endpoint import Endpoint
from tfmodels.export.graph.endpoints_file import write_endpoints
from tfmodels.export.graph.meta_graph import read_meta_graph, read_signatures
from tfmodels.export.model_card import model_card
from tfmodels.export.quiet import quiet
from tfmodels.export.runners.caching_runner import RememberingRunner
from tfmodels.export.runners.session_runner import SessionRunner
from tfmodels.export.versions import publish, remove_old, workspace
from tfmodels.export.warmup import write_warmup

_LOG = logging.getLogger(__name__)


def save(
    folder: str | Path,
    endpoints: Sequence[Endpoint],
    tracked: Iterable[Any],
    samples: Mapping[str, Mapping[str, ArrayLike]],
    card: Mapping[str, Any],
    keep: int | None = None,
    weights: str = "float32",
) -> Path:
    """Writes endpoints as the next version of an export.

    The version is written and checked (`check`, `check_parity`) under a name that TensorFlow Serving does not look at,
    and renamed last: a server that watches the folder never sees half a version, a failure leaves none behind, and
    exports at the same time get a number each. What `check` only warns of is logged.

    Args:
        folder: The folder of versions, such as `saved_models/translation`; made if need be.
        endpoints: What can be asked. `serving_default` answers requests that name no endpoint.
        tracked: The objects whose tables or tokenizers the endpoints use: Keras models, `tf.Module`s, tables. Variables
            are found without them.
        samples: Endpoint name -> input name -> array `[batch, ...]`: what the endpoints are checked on, and
            warmed up with by the server: the rows travel with the export. At least two, which differ in what matters,
            such as their length: a single row has no neighbour that could change its answer.
        card: What `tfmodels.json` is to hold: `task`, the columns of its files, whatever else JSON can carry. The model
            card also shows `description` and `limits` (a list of sentences) where given.
        keep: How many versions stay, this one included: older ones are deleted once it is in place. All by default.
        weights: `"bfloat16"` or `"int8"` writes trained matrices in a half or a quarter of the bytes. They are expanded
            when the export is loaded, so that answers take no longer; the model in memory gets the rounded values.

    Returns:
        The new version's folder.

    Raises:
        ValueError: If an endpoint cannot be served, or answers otherwise once it is exported.

    Example:
        ```python
        samples = {"serving_default": {"text": ["a text", *hard_texts()]}}
        save("saved_models/shout", [shout], [], samples, {"task": "shout"})
        ```
    """
    names = [endpoint.name for endpoint in endpoints]
    if not names or len(set(names)) < len(names) or set(names) != samples.keys():
        raise ValueError(
            "Expected endpoints, each with its own name and its own sample. "
            f"Received: endpoints={names}, samples={list(samples)}"
        )
    if single := [name for name in names if any(len(values) < 2 for values in samples[name].values())]:
        raise ValueError(f"Expected samples of at least two rows. Received: fewer for the endpoints {single}")
    if keep is not None and keep < 1:
        raise ValueError(f"Expected to keep at least one version. Received: keep={keep}")
    folder = Path(folder)
    with workspace(folder) as place:
        version = place / "version"
        _write(version, endpoints, tracked, weights)
        _write_card(version, folder.name, card)
        with RememberingRunner(version) as session:
            write_warmup(version, session.endpoints, samples)
            _check(version, session)
            check_parity(version, endpoints, samples, session)
        published = publish(version, folder)
        if keep:
            remove_old(folder, keep, place)
    return published


def _write(version: Path, endpoints: Sequence[Endpoint], tracked: Iterable[Any], weights: str) -> None:
    # A bare module and not `keras.export.ExportArchive`, which adds a `serving_default` of its own. It owns what the
    # signatures use and no more: neither the optimizer nor the Keras objects travel along.
    module = tf.Module()
    used = {id(variable): variable for endpoint in endpoints for variable in endpoint.traced.variables}
    module.compact_weights = compact_weights(used.values(), weights)
    for weight in module.compact_weights:
        del used[id(weight.variable)]
    module.variables_used = [*used.values(), *(part for weight in module.compact_weights for part in weight.parts)]
    module.resources = [
        part
        for owner in tracked
        for part in tf.train.TrackableView(owner).descendants()
        if isinstance(part, tf.saved_model.experimental.TrackableResource)
    ]
    try:
        with quiet():
            signatures = {endpoint.name: endpoint.traced for endpoint in endpoints}
            # An export is never trained: without their gradients it is smaller, and saved in less time.
            options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
            tf.saved_model.save(module, str(version), signatures, options)
    except AssertionError as error:
        raise ValueError(
            "Expected the owner of every table and tokenizer that the endpoints use among `tracked`. "
            f"Received: tracked={tracked}. {error}"
        ) from error


def _check(version: Path, session: SessionRunner) -> None:
    findings = check_loaded(version, session)
    if errors := [finding for finding in findings if finding.severity == ERROR]:
        raise ValueError(
            "Expected an export that TensorFlow Serving can answer with. Received: " + "\n".join(map(str, errors))
        )
    for finding in findings:
        _LOG.warning("%s", finding)


def _write_card(version: Path, name: str, card: Mapping[str, Any]) -> None:
    extra = version / "assets.extra"
    extra.mkdir()
    (extra / "tfmodels.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    meta_graph = read_meta_graph(version)
    write_endpoints(version, read_signatures(meta_graph), meta_graph)
    page = model_card(name, card, meta_graph)
    (extra / "model_card.md").write_text(page, encoding="utf-8")
