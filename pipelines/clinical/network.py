"""The network of a run: made, given what is known of the training data, and loaded with the best of its training."""

from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.clinical import data, fitted_part
from pipelines.clinical.config import Config
from pipelines.clinical.fitted_part import LabelledFields
from pipelines.clinical.heads import head_labels
from pipelines.runs import Run
from pipelines.runs.rows import quantile_levels
from pipelines.text import vocabulary
from tfmodels import metrics, models, training

if TYPE_CHECKING:
    from tfmodels.models import EventClassifier


def of_run(config: Config, run: Run) -> "EventClassifier":
    """Makes the network of a prepared run, with random weights.

    Args:
        config: The options.
        run: The run.

    Returns:
        The network, not built.

    Example:
        `of_run(config, run).fields`
    """
    known = data.content(run)
    shared: dict[str, Any] = {
        "static_fields": data.inputs_of(run).count,
        "aggregates": config.aggregates,
        "max_hours": known["max_hours"],
        "note_tokens": vocabulary.read(run).size if known.get("notes") else 0,
        "wide": config.wide,
        "dtype": training.dtype_policy(config.training.precision),
    }
    outputs = {head_labels.BINARY: 1, head_labels.CLASSES: len(known["classes"])}.get(config.head)
    outputs = outputs or 1 + len(quantile_levels.parse(config.levels))
    if config.model == "transformer":
        return models.TransformerEventClassifier(len(known["variables"]), outputs, config.transformer, **shared)
    return models.LSTMEventClassifier(len(known["variables"]), outputs, config.lstm, **shared)


def initialise(config: Config, run: Run, network: "EventClassifier") -> None:
    """Sets what is not random: medians and deviations of the training part, and the shares of its classes."""
    prepared = data.read(run)
    cases, histories = prepared.of_split("train"), prepared.histories
    seen = np.isin(histories.entity, cases.entity)
    fields = fields_of(config, run, prepared, cases) if network.fields else None
    network.adapt(histories.variable[seen] + 1, histories.value[seen], fields)
    if fields is not None and config.wide:
        fitted_part.fit(network, LabelledFields(fields, cases.label, cases.entity), config.training.seed)
        return
    bias = network.logits.bias
    assert bias is not None  # the layer has one
    if config.head != head_labels.NUMBERS:  # those begin as the normal distribution of the training labels
        weights = data.content(run).get("class_weights") or [1.0, 1.0]
        counts = np.bincount(cases.label, weights=np.array(weights)[cases.label], minlength=len(weights))
        logs = np.log(np.maximum(counts, 1e-9) / counts.sum())
        bias.assign([logs[1] - logs[0]] if config.head == head_labels.BINARY else logs)


def fields_of(config: Config, run: Run, prepared: data.Prepared, cases: data.Cases) -> np.ndarray:
    """What the network reads of cases beside measurements: float32 `[cases, fields]`, NaN where unknown."""
    columns = [data.inputs_of(run).columns(prepared.statics, cases.entity)]
    if config.aggregates:
        columns.append(aggregates(prepared, cases))
    return np.concatenate(columns, axis=1)


def aggregates(prepared: data.Prepared, cases: data.Cases, hours: float = np.inf) -> np.ndarray:
    """The aggregates of cases, of measurements up to an hour: float32 `[cases, variables * 9]`."""
    found = prepared.histories
    events = metrics.IrregularEvents(found.hours, found.variable, found.value)
    end = found.end(cases.entity, np.minimum(cases.hour, hours))
    return metrics.event_aggregates(events, found.starts[cases.entity], end, len(found.variables))


def trained(config: Config, run: Run) -> "EventClassifier":
    """The network of a run with the best weights of its training.

    Raises:
        FileNotFoundError: The run has no checkpoint.
    """
    network = of_run(config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    return network
