"""Clinical series: a risk from measurements at irregular times, with its reasons; Transformers or LSTMs.

Without options it learns the outcome of stays of patients who do not exist:

    tfmodels fit clinical

With a long table of measurements and one of labels:

    tfmodels fit clinical --data events.csv --labels_file labels.csv --labels died --static_variables age,sex
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.clinical.config import Config as Config
from pipelines.runs import Run
from pipelines.runs.explanation import Explanation
from pipelines.runs.report import Report
from pipelines.runs.servable import Servable
from pipelines.sources.split_names import OTHER

if TYPE_CHECKING:
    from pipelines.clinical.batches import EventBatches
    from pipelines.runs.predictor import Predictor
    from tfmodels.models import EventClassifier
    from tfmodels.training import Objective

WRITES_TABLES = True  # files of answers have several columns
EXPLAINING = "explain"  # the endpoint of an export that `explain_served` asks


def prepare(config: Config, run: Run) -> None:
    """Reads, checks and splits measurements and labels, and numbers the variables, each only once."""
    from pipelines.clinical import preparing
    from pipelines.runs import data_fingerprints
    from tfmodels import training

    data_fingerprints.record(run, data_files)
    training.dtype_policy(config.training.precision)
    training.replicas(config.training.replicas)
    preparing.prepare(config, run)


def data_files(config: Config) -> list[Path]:
    """The files that the data is read from; none of synthetic stays."""
    from pipelines.clinical import data

    return data.files(config)


def other_files(config: Config, data: str, split: str) -> list[Path]:
    """The files that are read of measurements that `evaluate --data` names."""
    from pipelines.clinical import other_cases

    if split != OTHER:
        raise ValueError(f"Expected no --split with --data: all labelled cases are scored. Received: {split}")
    return other_cases.files(config, data)


def datasets(config: Config, run: Run) -> "dict[str, EventBatches]":
    """Batches of `(inputs, labels, weights)` of training and validation."""
    from pipelines.clinical import batches

    return batches.make(config, run)


def model(config: Config, run: Run) -> "EventClassifier":
    """The network that `config` describes, with random weights."""
    from pipelines.clinical import network

    return network.of_run(config, run)


def objective(config: Config, run: Run) -> "Objective":
    """The loss of the head."""
    from pipelines.clinical import objective

    return objective.make(config, run)


def fit(config: Config, run: Run) -> None:
    """Trains, learns calibration and threshold on the validation split, draws the curves and reports."""
    from pipelines.clinical import calibration, network
    from pipelines.runs import fitting

    batches = datasets(config, run)
    train, validation = batches["train"], batches["validation"]
    print(
        f"{train.rows_per_epoch:,} cases in {train.steps_per_epoch:,} steps an epoch, {train.waste:.1%} of each batch "
        f"padding or filler; {validation.rows_per_epoch:,} cases to validate on"
    )
    start = partial(network.initialise, config, run)
    fitting.train(run, partial(model, config, run), batches, config.training, start, objective(config, run))
    calibration.learn(config, run, validation)
    fitting.publish(evaluate(config, run, "validation"), run)


def evaluate(config: Config, run: Run, split: str) -> Report:
    """Predicts a split and scores what is served, with models of aggregates as baselines."""
    from pipelines.clinical import calibration
    from pipelines.clinical.heads import class_report, number_report
    from pipelines.clinical.reports import risk_report

    reports = {"binary": risk_report, "classes": class_report, "numbers": number_report}
    return reports[config.head].make(config, run, calibration.answerer(config, run), split)


def endpoints(config: Config, run: Run) -> Servable:
    """What an export serves: see `RiskAnswerer`."""
    from pipelines.clinical import calibration, export_card

    return export_card.servable(config, run, calibration.answerer(config, run))


def requests(path: Path, card: dict[str, Any]) -> list[Any]:
    """Reads the measurements of entities: see `prediction_files.read_requests`."""
    from pipelines.clinical import prediction_files

    return prediction_files.read_requests(path, card)


def answers(path: Path, rows: list[Any], outputs: list[dict[str, Any]], card: dict[str, Any]) -> None:
    """Writes the risk of each entity: see `prediction_files.write_answers`."""
    from pipelines.clinical import prediction_files

    prediction_files.write_answers(path, rows, outputs, card)


def explain(config: Config, run: Run, row: str) -> Explanation:
    """Draws the measurements of an entity over time, coloured by what they add to its risk."""
    from pipelines.clinical import calibration, risk_explanation
    from pipelines.clinical.explaining import explained_history
    from pipelines.runs.reports import captions

    history = explained_history.history_of(run, row)
    return risk_explanation.make(calibration.answerer(config, run), history, captions.of_run(run))


def explain_served(predictor: "Predictor", row: str) -> Explanation:
    """The same of an export."""
    from pipelines.clinical import risk_explanation

    return risk_explanation.of_export(predictor, row)


def explain_row(predictor: "Predictor", row: dict[str, Any]) -> Explanation:
    """The same of a row of `requests`."""
    from pipelines.clinical import risk_explanation

    return risk_explanation.of_row(predictor, row)
