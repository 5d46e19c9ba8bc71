"""What a training learns after the weights: calibration and threshold, on the validation split."""

import numpy as np
import tensorflow as tf

from pipelines.clinical import data, network
from pipelines.clinical.batches import EventBatches
from pipelines.clinical.config import Config
from pipelines.clinical.heads import decisions, head_labels
from pipelines.clinical.heads.decisions import ClassDecision, Decision, NumberDecision
from pipelines.clinical.notes import note_inputs
from pipelines.clinical.risk_answerer import RiskAnswerer
from pipelines.runs import Run, fitting
from pipelines.runs.rows import quantile_levels
from tfmodels import layers, metrics

_FILE = "calibration.npy"  # see `_learnt`


def learn(config: Config, run: Run, validation: EventBatches) -> None:
    """Fits the calibration to the validation split, chooses the threshold there, and writes both into the run.

    Args:
        config: The options.
        run: The run, trained.
        validation: Its validation split.
    """
    model = network.trained(config, run)

    @tf.function(autograph=False, reduce_retracing=True)
    def logits_of(inputs: dict[str, tf.Tensor]) -> tf.Tensor:
        return model(inputs, training=False)

    parts = [
        (logits_of(inputs).numpy()[weights > 0], labels.numpy()[weights > 0])
        for inputs, labels, weights in ((one[0], one[1], one[2].numpy()) for one in validation.one_epoch())
    ]
    logits, labels = (np.concatenate(column) for column in zip(*parts, strict=True))
    fitting.write_calibration(run, _FILE, np.array(_learnt(config, run, logits, labels), np.float32))


def _learnt(config: Config, run: Run, outputs: np.ndarray, labels: np.ndarray) -> list[float]:
    """Slope, intercept and threshold of a risk; the temperature of classes; the shift of each quantile of numbers."""
    if config.head == head_labels.BINARY:
        scaling = metrics.platt_scaling(outputs[:, 0], labels.astype(int))
        risks = scaling.probabilities(outputs[:, 0])
        return [*scaling, metrics.risk_threshold(labels.astype(int), risks, config.aim, config.aim_value)]
    if config.head == head_labels.CLASSES:
        temperature = layers.TemperatureScaling(dtype="float32")
        temperature.learn(outputs, labels.astype(int))
        return [float(temperature.temperature)]
    levels, (center, scale) = quantile_levels.parse(config.levels), data.content(run)["number"]
    errors = labels[:, np.newaxis] - center - scale * decisions.raw_quantiles(tf.constant(outputs), levels).numpy()
    return [float(np.quantile(errors[:, place], level)) for place, level in enumerate(levels)]


def answerer(config: Config, run: Run) -> RiskAnswerer:
    """The graph functions of a trained run, with what it learnt after its weights.

    Args:
        config: The options.
        run: The run, trained.

    Returns:
        What answers.

    Raises:
        FileNotFoundError: The run has no checkpoint.
        ValueError: The file of the calibration is lost or changed, or holds something else.
    """
    known = data.content(run)
    decide = {head_labels.BINARY: _of_risk, head_labels.CLASSES: _of_classes, head_labels.NUMBERS: _of_numbers}
    decision = decide[config.head](config, run, data.read(run).of_split("train").label)
    notes = note_inputs.of_run(config, run) if known.get("notes") else None
    return RiskAnswerer(
        network.trained(config, run), known["variables"], data.inputs_of(run), known["width"], known["limits"],
        decision, notes,
    )  # fmt: skip


def _of_risk(config: Config, run: Run, labels: np.ndarray) -> Decision:
    found = fitting.calibration(run, _FILE, (3,), "its probabilities are not calibrated, and its threshold is 0.5")
    slope, intercept, threshold = (1.0, 0.0, 0.5) if found is None else map(float, found)
    if slope < 0 or not 0 <= threshold <= 1:
        raise ValueError(
            f"Expected a slope of at least 0 and a threshold from 0 to 1 in {run.path / _FILE}. Received: {slope}, "
            f"{threshold}. `tfmodels fit` with the same options writes it anew."
        )
    chosen = threshold if config.decision.threshold < 0 else config.decision.threshold
    negative, positive = data.content(run)["classes"]
    return Decision(slope, intercept, chosen, (negative, positive), float(labels.mean()))


def _of_classes(config: Config, run: Run, labels: np.ndarray) -> ClassDecision:
    found = fitting.calibration(run, _FILE, (1,), "its probabilities are not calibrated")
    temperature = 1.0 if found is None else float(found[0])
    fitting.check_temperature(run, _FILE, temperature)
    classes = data.content(run)["classes"]
    return ClassDecision(classes, (np.bincount(labels, minlength=len(classes)) / len(labels)).tolist(), 1 / temperature)


def _of_numbers(config: Config, run: Run, labels: np.ndarray) -> NumberDecision:
    levels = quantile_levels.parse(config.levels)
    found = fitting.calibration(run, _FILE, (len(levels),), "its quantiles are not calibrated")
    shifts = [0.0] * len(levels) if found is None else found.tolist()
    center, scale = data.content(run)["number"]
    quantiles = np.quantile(labels, levels).tolist()
    return NumberDecision(levels, center, scale, shifts, float(labels.mean()), quantiles)
