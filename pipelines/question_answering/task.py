"""Question answering: finds the answer to a question in a raw context, to the byte; LSTMs or a Transformer.

Without options it learns to answer synthetic questions about made-up people and places:

    tfmodels fit question_answering

With questions in files, such as SQuAD's:

    tfmodels fit question_answering --data squad --tokens subwords --vocabulary_size 16000
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.question_answering.config import Config as Config
from pipelines.runs import Run
from pipelines.runs.explanation import Explanation
from pipelines.runs.report import Report
from pipelines.runs.servable import Servable

if TYPE_CHECKING:
    from pipelines.question_answering.answer_finder import AnswerFinder
    from pipelines.runs.predictor import Predictor
    from tfmodels.models import Reader
    from tfmodels.training import Objective, TokenBatches

WRITES_JSON = True  # `answers` writes SQuAD's predictions into .json
EXPLAINING = "explain"  # the endpoint of an export that `explain_served` asks


def prepare(config: Config, run: Run) -> None:
    """Checks the data, learns the vocabulary and tokenises all splits, each only once."""
    from pipelines.question_answering import data, network
    from pipelines.runs import data_fingerprints
    from pipelines.text import start_checks

    data_fingerprints.record(run, data_files)
    start_checks.check(config, run, network.of_run)
    data.prepare(config, run)


def data_files(config: Config) -> list[Path]:
    """The files that the data is read from; none of synthetic questions."""
    from pipelines.sources.questions import question_data

    return question_data.files(config.data)


def other_files(config: Config, data: str, split: str) -> list[Path]:
    """The files that are read of data that `evaluate --data` names."""
    from pipelines.sources.questions import question_data

    return question_data.other_files(data, split)


def datasets(config: Config, run: Run) -> "dict[str, TokenBatches]":
    """Batches of `(inputs, spans, weights)` by split, of the splits that there are."""
    from pipelines.question_answering import data
    from pipelines.text import token_splits

    return token_splits.datasets(config, run, data.assembled, beside=data.targets(run))


def model(config: Config, run: Run) -> "Reader":
    """The network that `config` describes, with random weights."""
    from pipelines.question_answering import network

    return network.of_run(config, run)


def objective(config: Config, run: Run) -> "Objective":
    """The probability of the right spans together."""
    from pipelines.question_answering import objective

    return objective.make(config)


def fit(config: Config, run: Run) -> None:
    """Trains, fits temperature and threshold on the validation split, draws the curves and reports."""
    from pipelines.question_answering import calibration, network
    from pipelines.runs import fitting
    from pipelines.text import token_splits

    batches = datasets(config, run)
    print(token_splits.described(batches, "questions"))
    start = partial(network.initialise, config, run)
    fitting.train(run, partial(model, config, run), batches, config.training, start, objective(config, run))
    calibration.learn(config, run)
    fitting.publish(evaluate(config, run, "validation"), run)


def evaluate(config: Config, run: Run, split: str) -> Report:
    """Answers the questions of a split and scores the answers, with simple methods as baselines."""
    from pipelines.question_answering import calibration, question_answering_report

    return question_answering_report.make(config, run, calibration.finder(config, run), split)


def endpoints(config: Config, run: Run) -> Servable:
    """What an export serves: see `AnswerFinder`."""
    from pipelines.question_answering import calibration

    return _servable(config, run, calibration.finder(config, run))


def ensemble(members: Sequence[Run]) -> Servable:
    """What an export of several runs serves: see `ReaderEnsemble`."""
    from pipelines.question_answering import ensemble_of_runs

    return _servable(members[0].config, members[0], ensemble_of_runs.of_runs(members))


def row_of_text(text: str) -> dict[str, str]:
    """The question and the context of a text that has a tab between them."""
    from pipelines.question_answering import question_explanation

    question, context = question_explanation.parts(text)
    return {"question": question, "context": context}


def requests(path: Path, card: dict[str, Any]) -> list[Any]:
    """Reads questions and their contexts: see `prediction_files.read_requests`."""
    from pipelines.question_answering import prediction_files

    return prediction_files.read_requests(path, card)


def answers(path: Path, rows: list[Any], outputs: list[dict[str, Any]], card: dict[str, Any]) -> None:
    """Writes answers: see `prediction_files.write_answers`."""
    from pipelines.question_answering import prediction_files

    prediction_files.write_answers(path, rows, outputs, card)


def explain(config: Config, run: Run, row: str) -> Explanation:
    """Draws what of the question the tokens around the answer attended to."""
    from pipelines.question_answering import calibration, question_explanation
    from pipelines.runs.reports import captions

    return question_explanation.make(calibration.finder(config, run), row, captions.of_run(run))


def explain_served(predictor: "Predictor", row: str) -> Explanation:
    """The same of an export."""
    from pipelines.question_answering import question_explanation

    return question_explanation.of_export(predictor, row)


def _servable(config: Config, run: Run, finder: "AnswerFinder") -> Servable:
    from pipelines.question_answering import data
    from pipelines.text import vocabulary
    from tfmodels import export

    rows = [*data.samples(run), *((text, text) for text in export.hard_texts())]
    return Servable(
        finder.endpoints(),
        finder.tracked(),
        finder.samples(rows),
        {
            "task": run.task,
            "columns": ["question", "context"],
            "table": data.file_table(config, run),
            "description": "Answers questions by a piece of the text that is given with them.",
            "decoding": {"answerable": finder.threshold},
            "limits": [*vocabulary.limits(config), *finder.limits()],
        },
    )
