"""Text classification: sentiment, topics, long documents; a Transformer, LSTMs or hierarchical attention.

Without options it learns synthetic opinions, whose label follows from the order of their words, not from the words:

    tfmodels fit classification

a minute or two on 2 CPU cores; more than 99 % of the validation opinions are classified correctly. With labelled text
in files, such as SST-2:

    tfmodels fit classification --config sst2 --data sst2
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.classification.config import Config as Config
from pipelines.runs import Run
from pipelines.runs.explanation import Explanation
from pipelines.runs.report import Report
from pipelines.runs.servable import Servable

if TYPE_CHECKING:
    from pipelines.classification.classifier_ensemble import ClassifierEnsemble
    from pipelines.classification.text_classifier import TextClassifier
    from pipelines.runs.predictor import Predictor
    from tfmodels.models import Classifier
    from tfmodels.training import Objective, TokenBatches

EXPLAINING = "explain"  # the endpoint of an export that `explain_served` asks
_LISTED = 50  # labels in a description


def prepare(config: Config, run: Run) -> None:
    """Checks the data, learns the vocabulary and tokenises all splits, each only once."""
    from pipelines.classification import data, network
    from pipelines.runs import data_fingerprints
    from pipelines.text import start_checks, vocabulary

    data_fingerprints.record(run, data_files)
    start_checks.check(config, run, lambda config, origin: network.make(config, vocabulary.read(origin).size, 1))
    data.prepare(config, run)


def data_files(config: Config) -> list[Path]:
    """The files, and the folders of classes, that the data is read from; none of synthetic opinions."""
    from pipelines.sources.text import labelled_text

    return labelled_text.files(config.data)


def other_files(config: Config, data: str, split: str) -> list[Path]:
    """The files that are read of data that `evaluate --data` names."""
    from pipelines.sources.text import labelled_text

    return labelled_text.other_files(data, split)


def datasets(config: Config, run: Run) -> "dict[str, TokenBatches]":
    """Batches of `(ids, classes, weights)` by split, of the splits that there are."""
    from pipelines.classification import data, soft_labels
    from pipelines.text import regularization, token_splits

    assemble = partial(
        data.assembled,
        inputs=data.text_inputs(config, run),
        count=len(data.classes(run)),
        multi_label=bool(config.separator),
        teacher_weight=config.teacher_weight,
    )
    resampling = regularization.resampling(config, run, {"text": config.max_length})
    return token_splits.datasets(config, run, assemble, resampling, {"train": soft_labels.read(config, run)})


def model(config: Config, run: Run) -> "Classifier":
    """The network that `config` describes, with random weights."""
    from pipelines.classification import network

    return network.of_run(config, run)


def objective(config: Config, run: Run) -> "Objective":
    """Cross-entropy of the classes; binary cross-entropy of each class where a text may have several labels."""
    from pipelines.classification import objective

    return objective.make(config, run)


def fit(config: Config, run: Run) -> None:
    """Trains, fits the temperature on the validation split, draws the curves and reports."""
    from pipelines.classification import classification_report, linear_share, network, temperature
    from pipelines.runs import fitting
    from pipelines.text import token_splits

    batches = datasets(config, run)
    print(token_splits.described(batches, "texts"))
    start = partial(network.initialise, config, run)
    fitting.train(run, partial(model, config, run), batches, config.training, start, objective(config, run))
    classifier = network.trained(config, run, calibrated=False)
    linear_share.learn(config, run, classifier)
    temperature.learn(config, run, classifier)
    fitting.publish(classification_report.make(config, run, classifier, "validation"), run)


def evaluate(config: Config, run: Run, split: str) -> Report:
    """Scores a split, with the majority class and linear models of words and characters as baselines."""
    from pipelines.classification import classification_report, network

    return classification_report.make(config, run, network.trained(config, run), split)


def endpoints(config: Config, run: Run) -> Servable:
    """What an export serves: see `TextClassifier`."""
    from pipelines.classification import network

    classifier = network.trained(config, run)
    return _servable(config, run, classifier, classifier.tracked())


def ensemble(members: Sequence[Run]) -> Servable:
    """What an export of several runs serves: see `ClassifierEnsemble`."""
    from pipelines.classification import classifier_ensemble

    classifier = classifier_ensemble.of_runs(members)
    return _servable(members[0].config, members[0], classifier, classifier.tracked())


def requests(path: Path, card: dict[str, Any]) -> list[str]:
    """Reads texts to classify: see `prediction_files.read_requests`."""
    from pipelines.classification import prediction_files

    return prediction_files.read_requests(path, prediction_files.table_of(card), card.get("on_bad"))


def answers(path: Path, rows: list[str], outputs: list[dict[str, Any]], card: dict[str, Any]) -> None:
    """Writes labels and their probabilities: see `prediction_files.write_answers`."""
    from pipelines.classification import prediction_files

    prediction_files.write_answers(path, rows, outputs, prediction_files.table_of(card))


def explain(config: Config, run: Run, row: str) -> Explanation:
    """Colours the words of a text by attention and by integrated gradients."""
    from pipelines.classification import classification_explanation, network
    from pipelines.runs.reports import captions

    return classification_explanation.make(network.trained(config, run), row, captions.of_run(run))


def explain_served(predictor: "Predictor", row: str) -> Explanation:
    """Colours the words of a text by the attention that an export answers."""
    from pipelines.classification import served_explanation

    return served_explanation.make(predictor, row)


def _servable(
    config: Config, run: Run, classifier: "TextClassifier | ClassifierEnsemble", tracked: list[Any]
) -> Servable:
    from pipelines.classification import data
    from pipelines.text import vocabulary
    from tfmodels import export

    return Servable(
        classifier.endpoints(),
        tracked,
        classifier.samples([*data.samples(config, run), *export.hard_texts()]),
        {
            "task": run.task,
            "columns": ["text"],
            "table": data.file_table(config, run),
            "description": f"Classifies texts: {_listed(classifier.classes)}.",
            "decoding": {"threshold": config.decision.threshold} if config.separator else {},
            "limits": [*vocabulary.limits(config), *classifier.limits()],
        },
    )


def _listed(classes: list[str]) -> str:
    """The labels in words; of many the first, and how many there are."""
    rest = len(classes) - _LISTED
    return ", ".join(classes[:_LISTED]) + (f" and {rest:,} more" if rest > 0 else "")
