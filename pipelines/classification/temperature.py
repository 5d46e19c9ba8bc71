"""The temperature that calibrates a run's classifier."""

import numpy as np

from pipelines.classification import data
from pipelines.classification.config import Config
from pipelines.classification.text_classifier import TextClassifier, logits_of
from pipelines.runs import Run
from tfmodels import array_files, layers, whole_files

_FILE = "temperature.npy"


def learn(config: Config, run: Run, classifier: TextClassifier) -> None:
    """Fits a classifier's temperature to its outputs on the validation split and writes it into the run.

    Args:
        config: The options.
        run: The run.
        classifier: Its classifier, trained; its probabilities are scaled from now on.
    """
    rows = data.read(config, run, "validation")
    logits = logits_of(classifier, [row.text for row in rows])
    classifier.temperature.learn(logits, data.targets(rows, classifier.classes, bool(config.separator)))
    with whole_files.replacing(run.path / _FILE) as unfinished:
        np.save(unfinished, classifier.temperature.temperature.numpy())


def read(config: Config, run: Run) -> layers.TemperatureScaling:
    """Reads the temperature of a run, 1 before it is fitted.

    Args:
        config: The options.
        run: The run.

    Returns:
        The layer that scales logits by it.
    """
    scaling = layers.TemperatureScaling(multi_label=bool(config.separator), dtype="float32")
    scaling.build()
    if (run.path / _FILE).is_file():
        scaling.temperature.assign(array_files.read(run.path / _FILE, ()))
    return scaling
