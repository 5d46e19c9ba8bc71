"""Writing a new version of an export, complete and checked."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from tfmodels.export import example_call
from tfmodels.export.batch_sizes import ANY_LENGTH
from tfmodels.export.card_file import write_card
from tfmodels.export.checks.check_export import check_loaded
from tfmodels.export.checks.dtypes_and_shapes import OPEN_AXIS
from tfmodels.export.checks.finding import ERROR, Finding
from tfmodels.export.checks.parity import check_parity
from tfmodels.export.digests import write_digests
from tfmodels.export.endpoint import Endpoint
from tfmodels.export.graph.compact_weights import compact_weights
from tfmodels.export.graph.declared_signatures import read_signatures
from tfmodels.export.graph.endpoints_file import write_endpoints
from tfmodels.export.graph.meta_graph import read_meta_graph
from tfmodels.export.model_card import model_card
from tfmodels.export.quiet_logs import quiet
from tfmodels.export.runners.caching_runner import CachingRunner
from tfmodels.export.runners.session_runner import SessionRunner
from tfmodels.export.synthetic_rows import synthetic_rows
from tfmodels.export.versions import publish, remove_old, workspace
from tfmodels.export.warmup_requests import write_warmup
from tfmodels.tensorflow_errors import named

SAMPLES = {  # which rows an export may keep -> what its cards say of it
    "synthetic": "Its warm-up requests are made up from types and shapes; they hold no row of the data.",
    "data": "Its warm-up requests are rows of the data (assets.extra/tf_serving_warmup_requests).",
    "none": "It has no warm-up requests: the first request of each endpoint is slower.",
}
_LOG = logging.getLogger(__name__)


def save(
    folder: str | Path,
    endpoints: Sequence[Endpoint],
    tracked: Iterable[Any],
    samples: Mapping[str, Mapping[str, ArrayLike]],
    card: Mapping[str, Any],
    keep: int | None = None,
    weights: str = "float32",
    keep_samples: str = "data",
) -> Path:
    """Writes endpoints as the next version of an export.

    The version is written and checked (`check`, `check_parity`) under a name that TensorFlow Serving ignores, and
    renamed at the end: a server that watches the folder never sees an incomplete version, a failure leaves nothing
    behind, and concurrent exports get different numbers. Warnings of `check` are logged, but for those of what was
    asked for: the open axes of `any_length`, and no warm-up requests.

    Args:
        folder: The folder of versions, such as `saved_models/translation`; created if needed.
        endpoints: The endpoints. Requests that name none use `serving_default`.
        tracked: The objects whose tables or tokenizers the endpoints use: Keras models, `tf.Module`s, tables. Variables
            need not be listed.
        samples: Endpoint name -> input name -> array `[batch, ...]`: the rows that the endpoints are checked with. At
            least two rows, different in what matters, such as their length: the check compares each row alone and in a
            batch.
        card: The content of `tfmodels.json`: `task`, the columns of its files, and any other JSON values; `format` is
            added. The model card shows what `model_card` names. `example` is a row for `serving_default`, input name ->
            value, that the card shows unless `keep_samples` is `"data"`, which shows the first of `samples`.
        keep: How many versions to keep, this one included: older ones are deleted at the end. All by default.
        weights: `"bfloat16"` or `"int8"` stores trained matrices in a half or a quarter of the bytes. They are expanded
            when the export is loaded, so requests take no longer; the model in memory is set to the rounded values.
        keep_samples: The rows that the export keeps, to warm servers up: up to four of `samples` for each endpoint
            (`"data"`), rows made up from types and shapes (`"synthetic"`), or none (`"none"`). Cards say which.

    Returns:
        The new version's folder.

    Raises:
        ValueError: If an endpoint cannot be served, or computes something else once it is exported.
        OSError: If the disk is full or may not be written.

    Example:
        ```python
        samples = {"serving_default": {"text": ["a text", *hard_texts()]}}
        save("saved_models/shout", [shout], [], samples, {"task": "shout"})
        ```
    """
    _check_samples([endpoint.name for endpoint in endpoints], samples)
    if keep_samples not in SAMPLES:
        raise ValueError(f"Expected keep_samples to be one of {', '.join(SAMPLES)}. Received: {keep_samples!r}")
    if keep is not None and keep < 1:
        raise ValueError(f"Expected to keep at least one version. Received: keep={keep}")
    folder = Path(folder)
    with named(folder), workspace(folder) as place:
        version = place / "version"
        _write(version, endpoints, tracked, weights)
        limits = [*card.get("limits", []), SAMPLES[keep_samples]]
        card = {**card, "samples": keep_samples, "limits": limits}
        meta_graph = read_meta_graph(version)
        (version / "assets.extra").mkdir()
        write_endpoints(version, read_signatures(meta_graph), meta_graph)
        with CachingRunner(version) as session:
            if keep_samples == "data":
                write_warmup(version, session.endpoints, samples)
            elif keep_samples == "synthetic":
                rows = {name: synthetic_rows(signature) for name, signature in session.endpoints.items()}
                write_warmup(version, session.endpoints, rows)
            _check(version, session, samples)
            check_parity(endpoints, samples, session)
            _describe(version, folder.name, card, samples, meta_graph, session)
        write_digests(version)
        published = publish(version, folder)
        if keep:
            remove_old(folder, keep, place)
    return published


def _check_samples(names: list[str], samples: Mapping[str, Mapping[str, ArrayLike]]) -> None:
    if not names or len(set(names)) < len(names) or set(names) != samples.keys():
        raise ValueError(
            "Expected endpoints with distinct names, and a sample for each. "
            f"Received: endpoints={names}, samples={list(samples)}"
        )
    for name, sample in samples.items():
        if any(len(np.asarray(values, object)) < 2 for values in sample.values()):
            raise ValueError(f"Expected samples of at least two rows. Received: fewer for the endpoint {name!r}")


def _write(version: Path, endpoints: Sequence[Endpoint], tracked: Iterable[Any], weights: str) -> None:
    # Not `keras.export.ExportArchive`, which adds a `serving_default` of its own. The module owns only what the
    # signatures use: neither the optimizer nor the Keras objects are saved.
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
            # An export is not trained: without gradients it is smaller and saved faster.
            options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
            tf.saved_model.save(module, str(version), signatures, options)
    except AssertionError as error:
        raise ValueError(
            "Expected `tracked` to include the owner of every table and tokenizer that the endpoints use. "
            f"Received: tracked={tracked}. {error}"
        ) from error


def _check(version: Path, session: SessionRunner, samples: Mapping[str, Mapping[str, ArrayLike]]) -> None:
    findings = [finding for finding in check_loaded(version, session, samples) if not _is_meant(finding)]
    if errors := [finding for finding in findings if finding.severity == ERROR]:
        raise ValueError(
            "Expected an export that TensorFlow Serving can serve. Received: " + "\n".join(map(str, errors))
        )
    for finding in dict.fromkeys(findings):
        _LOG.warning("%s", finding)


def _is_meant(finding: Finding) -> bool:
    """Whether who exports asked for it: no warm-up requests, or an endpoint whose name says that it is open."""
    return finding.rule == "warmup_missing" or (finding.rule == OPEN_AXIS and finding.endpoint == ANY_LENGTH)


def _describe(
    version: Path,
    name: str,
    card: Mapping[str, Any],
    samples: Mapping[str, Mapping[str, ArrayLike]],
    meta_graph: Any,
    session: SessionRunner,
) -> None:
    endpoint = "serving_default" if "serving_default" in samples else next(iter(samples))
    signature = session.endpoints[endpoint]
    given = card.get("example")
    if card["samples"] == "data":
        given = {name: array[0] for name, array in signature.feed(samples[endpoint]).items()}
    row = example_call.example_row(signature, given)
    example = example_call.example_text(name, endpoint, row, session.call(endpoint, **row))
    write_card(version, {**card, "example": {"endpoint": endpoint, "inputs": example_call.values_of(row)}})
    page = model_card(name, card, meta_graph, example)
    (version / "assets.extra" / "model_card.md").write_text(page, encoding="utf-8")
