"""The temperature that calibrates a run's classifier."""

import numpy as np

from pipelines.classification import data
from pipelines.classification.config import Config
from pipelines.classification.text_classifier import TextClassifier, logits_of
from pipelines.runs import Run, fitting
from tfmodels import layers

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
    fitting.write_calibration(run, _FILE, classifier.temperature.temperature.numpy())


def is_learnt(run: Run) -> bool:
    """Whether a run has its temperature."""
    return (run.path / _FILE).is_file()


def read(config: Config, run: Run, learnt: bool = True) -> layers.TemperatureScaling:
    """Reads the temperature of a run; 1 if there is none yet, which is said.

    Args:
        config: The options.
        run: The run.
        learnt: False where it is yet to be learnt, and 1.

    Returns:
        The layer that scales logits by it.

    Raises:
        ValueError: The file is lost or changed, or holds no temperature.
    """
    scaling = layers.TemperatureScaling(multi_label=bool(config.separator), dtype="float32")
    scaling.build()
    found = fitting.calibration(run, _FILE, (), "its probabilities are not calibrated") if learnt else None
    if found is not None:
        fitting.check_temperature(run, _FILE, float(np.float32(found)))
        scaling.temperature.assign(found)
    return scaling
