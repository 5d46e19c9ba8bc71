"""Probabilities that hold on data that was not trained on: the temperature of a run's classifier."""

from typing import Any

import numpy as np

from pipelines.classification import labelled_data
from pipelines.classification.text_classifier import TextClassifier, logits_of
from pipelines.runs import Run
from tfmodels import layers

_FILE = "temperature.npy"


def learn(config: Any, run: Run, classifier: TextClassifier) -> None:
    """Learns a classifier's temperature from its answers on the validation split and writes it into the run.

    Args:
        config: Of `sentiment`.
        run: The run.
        classifier: Its classifier, trained; its probabilities are scaled from then on.
    """
    rows = labelled_data.read(config, "validation")
    logits = logits_of(classifier, [row.text for row in rows])
    classifier.temperature.learn(logits, labelled_data.targets(rows, classifier.classes, bool(config.separator)))
    np.save(run.path / _FILE, classifier.temperature.temperature.numpy())


def read(config: Any, run: Run) -> layers.TemperatureScaling:
    """The temperature of a run, 1 before it is learnt.

    Args:
        config: Of `sentiment`.
        run: The run.

    Returns:
        The layer that scales logits by it.
    """
    scaling = layers.TemperatureScaling(multi_label=bool(config.separator), dtype="float32")
    scaling.build()
    if (run.path / _FILE).is_file():
        scaling.temperature.assign(np.load(run.path / _FILE))
    return scaling
