"""What a training learns after the weights: calibration and threshold, on the validation split."""

import numpy as np
import tensorflow as tf

from pipelines.clinical import data, network
from pipelines.clinical.batches import EventBatches
from pipelines.clinical.config import Config
from pipelines.clinical.notes import note_inputs
from pipelines.clinical.risk_answerer import Decision, RiskAnswerer
from pipelines.runs import Run, fitting
from tfmodels import metrics

_FILE = "calibration.npy"  # slope, intercept, threshold


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
        return model(inputs, training=False)[:, 0]

    parts = [
        (logits_of(inputs).numpy()[weights > 0], labels.numpy()[weights > 0])
        for inputs, labels, weights in ((one[0], one[1], one[2].numpy()) for one in validation.one_epoch())
    ]
    logits, labels = (np.concatenate(column) for column in zip(*parts, strict=True))
    scaling = metrics.platt_scaling(logits, labels.astype(int))
    risks = scaling.probabilities(logits)
    threshold = metrics.risk_threshold(labels.astype(int), risks, config.aim, config.aim_value)
    fitting.write_calibration(run, _FILE, np.array([*scaling, threshold], np.float32))


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
    found = fitting.calibration(run, _FILE, (3,), "its probabilities are not calibrated, and its threshold is 0.5")
    slope, intercept, threshold = (1.0, 0.0, 0.5) if found is None else map(float, found)
    if slope < 0 or not 0 <= threshold <= 1:
        raise ValueError(
            f"Expected a slope of at least 0 and a threshold from 0 to 1 in {run.path / _FILE}. Received: {slope}, "
            f"{threshold}. `tfmodels fit` with the same options writes it anew."
        )
    chosen = threshold if config.decision.threshold < 0 else config.decision.threshold
    prevalence = float(data.read(run).of_split("train").label.mean())
    decision = Decision(slope, intercept, chosen, tuple(known["classes"]), prevalence)
    notes = note_inputs.of_run(config, run) if known.get("notes") else None
    return RiskAnswerer(
        network.trained(config, run), known["variables"], data.inputs_of(run), known["width"], known["limits"],
        decision, notes,
    )  # fmt: skip
