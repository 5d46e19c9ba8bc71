"""Recommendation: the next items from what somebody had before, known or not; Transformers or LSTMs.

Without options it learns what is bought next in a shop that does not exist:

    tfmodels fit recommendation

With events in a file, such as ratings:

    tfmodels fit recommendation --data ratings.csv --keep 'rating>=4' --min_user_events 5 --min_item_events 5
"""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.recommendation.config import Config as Config
from pipelines.runs import Run
from pipelines.runs.explanation import Explanation
from pipelines.runs.report import Report
from pipelines.runs.servable import Servable

if TYPE_CHECKING:
    from pipelines.recommendation.item_recommender import ItemRecommender
    from pipelines.runs.predictor import Predictor
    from tfmodels.models import Recommender
    from tfmodels.training import Objective, TokenBatches

ANSWERED = ("similar",)  # further endpoints whose rows `requests` reads and whose answers `answers` writes
WRITES_TABLES = True  # files of answers have several columns
EXPLAINING = "explain"  # the endpoint of an export that `explain_served` asks


def prepare(config: Config, run: Run) -> None:
    """Reads, checks, filters, orders and splits the events, and numbers the items, each only once."""
    from pipelines.recommendation import data_preparation, start
    from pipelines.recommendation.linear import linear_part
    from pipelines.runs import data_fingerprints
    from tfmodels import training

    data_fingerprints.record(run, data_files)
    training.dtype_policy(config.training.precision)
    training.replicas(config.training.replicas)
    start.check(config, run)
    data_preparation.prepare(config, run)
    linear_part.prepare(config, run)


def data_files(config: Config) -> list[Path]:
    """The files that the events, items and users are read from; none of the synthetic shop and of TFDS."""
    from pipelines.sources.events import event_data

    return [*event_data.files(config.data), *map(Path, filter(None, [config.item_table, config.user_table]))]


def other_files(config: Config, data: str, split: str) -> list[Path]:
    """The files that are read of events that `evaluate --data` names."""
    from pipelines.sources.events import event_data

    return event_data.files(data)


def datasets(config: Config, run: Run) -> "dict[str, TokenBatches]":
    """Batches of `(inputs, next items, weights)` of training and validation."""
    from pipelines.recommendation import batches

    return batches.make(config, run)


def model(config: Config, run: Run) -> "Recommender":
    """The network that `config` describes, with random weights."""
    from pipelines.recommendation import network

    return network.of_run(config, run)


def objective(config: Config, run: Run) -> "Objective":
    """The loss that `config` names."""
    from pipelines.recommendation import data, objective

    return objective.make(config, len(data.items(run)))


def fit(config: Config, run: Run) -> None:
    """Trains, draws the curves and reports."""
    from pipelines.recommendation import start
    from pipelines.recommendation.linear import linear_share
    from pipelines.runs import fitting

    batches = datasets(config, run)
    train, validation = batches["train"], batches["validation"]
    print(
        f"{train.rows_per_epoch:,} sequences in {train.steps_per_epoch:,} steps an epoch, {train.waste:.1%} of each "
        f"batch padding or filler; {validation.rows_per_epoch:,} next items to validate on"
    )
    begin = partial(start.initialise, config, run)
    fitting.train(run, partial(model, config, run), batches, config.training, begin, objective(config, run))
    linear_share.learn(config, run, _recommender(config, run, learnt=False))
    fitting.publish(evaluate(config, run, "validation"), run)


def evaluate(config: Config, run: Run, split: str) -> Report:
    """Recommends before each event of a split and scores the answers, with simple methods as baselines."""
    from pipelines.recommendation import recommendation_report

    return recommendation_report.make(config, run, _recommender(config, run), split)


def endpoints(config: Config, run: Run) -> Servable:
    """What an export serves: see `ItemRecommender`."""
    from pipelines.recommendation import data

    recommender = _recommender(config, run)
    known = data.items(run)[0]
    histories = [*data.samples(run), [], ["an item that nobody knows"], [known, "ü/ß", "", known]]
    return Servable(
        recommender.endpoints(),
        recommender.tracked(),
        recommender.samples(histories),
        {
            "task": run.task,
            "columns": ["items"],
            "context": recommender.context,
            "sides": None if recommender.sides is None else asdict(recommender.sides.sides),
            "defaults": recommender.defaults(),
            "table": data.file_table(config, run),
            "description": "Recommends the next items from the last ones that somebody had.",
            "limits": recommender.limits(),
        },
    )


def requests(path: Path, card: dict[str, Any]) -> list[Any]:
    """Reads the events of users, or for the endpoint `similar` items: see `prediction_files`."""
    from pipelines.recommendation import prediction_files

    if card.get("endpoint") in ANSWERED:
        return prediction_files.read_items(path, card)
    return prediction_files.read_requests(path, card)


def answers(path: Path, rows: list[Any], outputs: list[dict[str, Any]], card: dict[str, Any]) -> None:
    """Writes what is recommended to each user, or the neighbours of items: see `prediction_files`."""
    from pipelines.recommendation import prediction_files

    if card.get("endpoint") in ANSWERED:
        prediction_files.write_neighbours(path, rows, outputs)
    else:
        prediction_files.write_answers(path, rows, outputs, card)


def explain(config: Config, run: Run, row: str) -> Explanation:
    """Draws what each item of a history, one in each line, contributed to the first item of the answer."""
    from pipelines.recommendation import recommendation_explanation

    return recommendation_explanation.make(_recommender(config, run), row)


def explain_served(predictor: "Predictor", row: str) -> Explanation:
    """The same of an export."""
    from pipelines.recommendation import recommendation_explanation

    return recommendation_explanation.of_export(predictor, row)


def _recommender(config: Config, run: Run, learnt: bool = True) -> "ItemRecommender":
    from pipelines.recommendation import data, network
    from pipelines.recommendation.item_recommender import ItemRecommender
    from pipelines.recommendation.linear import linear_part
    from pipelines.recommendation.sides.side_inputs import SideInputs

    made, items = network.of_catalogue(config, run, says=learnt)
    linear, sides = linear_part.read(config, run, learnt, len(items)), data.sides(run)
    return ItemRecommender(
        made, items, **asdict(config.answers), linear=linear, sides=None if sides is None else SideInputs(sides)
    )
