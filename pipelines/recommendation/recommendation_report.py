"""The report of a recommender: what it serves beside simple methods, by groups of events, and what it covers."""

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines import runs
from pipelines.recommendation import case_requests, data, other_events, score_tables
from pipelines.recommendation.config import Config
from pipelines.recommendation.items import cold_items, content_neighbours
from pipelines.recommendation.linear import linear_part, linear_share
from pipelines.runs import Run, overfitting, predictor
from pipelines.runs.report import Report
from pipelines.runs.reports import captions, row_scores
from pipelines.runs.reports.answers import Answers
from pipelines.runs.reports.examples import pick_examples
from pipelines.runs.reports.judgement import judge
from pipelines.runs.reports.row_scores import RowScores, mean
from tfmodels import metrics
from tfmodels.metrics.next_items import item_ranking, next_item_baselines
from tfmodels.metrics.next_items.item_ranking import Ranking, Scorer
from tfmodels.metrics.ranked_items import CUTOFFS

if TYPE_CHECKING:
    from pipelines.recommendation.item_recommender import ItemRecommender
    from pipelines.runs.predictor import Predictor

_KINDS = ("hr", "ndcg", "mrr")  # with one right item recall is HR, precision HR / k, MAP MRR
_SHOWN = 5  # items of a history in an example
_CONSTANT = (next_item_baselines.POPULAR, "popular lately")


def make(config: Config, run: Run, recommender: "ItemRecommender", split: str) -> Report:
    """Recommends before each event of a split, and scores how high its item is.

    Args:
        config: The options.
        run: The run.
        recommender: Its graph functions.
        split: `validation` or `test`.

    Returns:
        The report.

    Raises:
        ValueError: There is no such split, or an export answers otherwise.
    """
    names, first = recommender.items, len(data.items(run))
    own = (data.cases(run, split), data.notes(run)) if not run.other else None
    cases, notes = own or other_events.cases(config, run, split, names)
    counts = np.pad(data.counts(run), [0, len(names) - first])
    cutoffs = [k for k in CUTOFFS if k <= config.answers.k] or [config.answers.k]
    primary = f"ndcg@{10 if 10 in cutoffs else cutoffs[-1]}"
    answering = predictor.to_score(run, recommender.endpoints())
    asked = case_requests.columns(run, cases, names, recommender.context)
    served = _served(config, answering, asked, names, cases)
    content = content_neighbours.scorers(config, run, recommender)
    rankings = {"model": served, **_baselines(config, run, cases, len(names), content)}
    rows = {name: metrics.ranking_scores(ranking.ranks, cutoffs=cutoffs) for name, ranking in rankings.items()}
    means = {name: _means(of) for name, of in rows.items()}
    users = int(cases.user.max()) + 1
    judged = {name: np.stack([of[primary], np.ones(len(cases.user))], axis=1) for name, of in rows.items()}
    model = judged.pop("model")
    judgement = judge(model, judged, metrics.independent_blocks(users)[cases.user], constants=_CONSTANT)
    told = [*case_requests.histories(cases, names)]
    texts, scores = _texts(told, cases, names, served), means.pop("model")
    best = max(judged, key=lambda name: means[name][primary])
    shown = {"model": rows["model"][primary], best: rows[best][primary]}
    return Report(
        task="recommendation",
        model=type(recommender.network).__name__,
        split=split,
        rows=len(cases.user),
        primary={"metric": primary, "higher_is_better": True},
        metrics=scores,
        baselines=means,
        comparisons=judgement.comparisons,
        broken=judgement.broken,
        tables=[
            *score_tables.of_groups(primary, shown, cases, counts),
            *cold_items.table(answering, asked, names, first, cases, rankings, content),
            score_tables.of_catalogue(rankings, cases.targets, counts, min(10, config.answers.k)),
            overfitting.table(run.history),
        ],
        examples=pick_examples(*texts, rows["model"][primary].tolist()),
        seed=config.training.seed,
        parameters=recommender.parameters(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        data=captions.data(run),
        notes=[
            *notes,
            *([f"started from the weights of {config.start_from}"] if config.start_from else []),
            *([] if recommender.linear is None else [linear_share.note(recommender)]),
            f"ranked among all {len(names):,} items; items of a history are "
            f"{'left out' if config.answers.exclude_seen else 'candidates too'}; ties count at the mean of their ranks",
            "each event is scored alone, so that recall is HR, precision HR / k and MAP is MRR",
            "of baselines all items of a history are left out, of the model those that a request has: the last "
            f"{config.max_length}",
            overfitting.verdict(run.history),
        ],
        row_scores=RowScores(
            {name: mean(rows["model"][name]) for name in scores}, judgement.blocks, [*zip(*texts, strict=True)]
        ),
        rows_digest=row_scores.digest(zip(cases.user.tolist(), told, texts[1], strict=True)),
        answers=Answers(["history", "item", "rank", "recommended"], lambda: _answer_rows(cases, names, served)),
    )


def _served(
    config: Config, answering: "Predictor", asked: dict[str, list], names: list[str], cases: data.Cases
) -> Ranking:
    """The answers of the endpoint, and the rank of the right item in each; `inf` where it is not in it."""
    answers = answering.predict_columns(asked, ["items"])["items"]
    if answers.ndim != 2 or answers.shape[1] != config.answers.k:
        raise ValueError(
            f"Expected an output 'items' of {config.answers.k} items for each history (answers.k). Received: shape "
            f"{list(answers.shape)}. Export the run again."
        )
    number = {name.encode(): place for place, name in enumerate(names)} | {b"": -1}
    try:
        best = np.array([[number[item] for item in row] for row in answers.tolist()], np.int32)
    except KeyError as error:
        raise ValueError(
            f"Expected items of the run. Received: {error.args[0]!r}. An export with new items is scored as its run, "
            "with --items"
        ) from None
    found = (best == cases.targets[:, np.newaxis]) & (best >= 0)
    ranks = np.where(found.any(axis=1), found.argmax(axis=1) + 1.0, np.inf)
    return Ranking(ranks, best)


def _baselines(
    config: Config, run: Run, cases: data.Cases, size: int, content: dict[str, Scorer]
) -> dict[str, Ranking]:
    training, time = data.training_histories(run)
    models = next_item_baselines.fit(
        training, size, time, config.baselines == "all", linear_part.baseline(config, run, size)
    )
    scorers = itertools.chain(((name, model.scores) for name, model in models), content.items())
    seen = config.answers.exclude_seen
    return {
        name: item_ranking.rank(scorer, cases.histories, cases.targets, size, config.answers.k, seen)
        for name, scorer in scorers
    }


def _means(rows: Mapping[str, np.ndarray]) -> dict[str, float]:
    return {name: float(of.mean()) for name, of in rows.items() if name.partition("@")[0] in _KINDS}


def _texts(
    told: list[list[str]], cases: data.Cases, names: list[str], served: Ranking
) -> tuple[list[str], list[str], list[str]]:
    """The last items of each history, the right item, and the first ones that are served."""
    histories = [", ".join(one[-_SHOWN:]) for one in told]
    right = [names[item] if item >= 0 else "an item that the model has not" for item in cases.targets.tolist()]
    first = [", ".join(names[item] for item in row if item >= 0) for row in served.best[:, :_SHOWN].tolist()]
    return histories, right, first


def _answer_rows(cases: data.Cases, names: list[str], served: Ranking) -> Iterator[list[Any]]:
    for history, target, rank, best in zip(
        case_requests.histories(cases, names),
        cases.targets.tolist(),
        served.ranks.tolist(),
        served.best.tolist(),
        strict=True,
    ):
        listed = [names[item] for item in best if item >= 0]
        right = names[target] if target >= 0 else ""
        texts = [json.dumps(one, ensure_ascii=False) for one in (history, listed)]
        yield [texts[0], right, int(rank) if np.isfinite(rank) else None, texts[1]]
