"""The report of a reader: its answers beside those of simple methods, their calibration, and figures."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipelines import runs
from pipelines.question_answering import answer_calibration, data
from pipelines.question_answering.baselines import naive_answers
from pipelines.question_answering.config import Config
from pipelines.question_answering.scores import answers_of, score
from pipelines.runs import Run, overfitting, predictor
from pipelines.runs.report import Report
from pipelines.runs.reports import captions, row_scores
from pipelines.runs.reports.examples import pick_examples
from pipelines.runs.reports.row_scores import RowScores
from pipelines.runs.rows import output_columns
from pipelines.text import token_vectors
from tfmodels import plots
from tfmodels.metrics import RowMetric

if TYPE_CHECKING:
    from pipelines.question_answering.answer_finder import AnswerFinder
    from tfmodels.metrics import Calibration

_NUMBERS = ("score", "answerable")


def make(config: Config, run: Run, finder: "AnswerFinder", split: str) -> Report:
    """Answers the questions of a split and scores the answers; its figures are `calibration` and `coverage`.

    Args:
        config: The options.
        run: The run.
        finder: Its graph functions.
        split: `validation` or `test`.

    Returns:
        The report.

    Raises:
        ValueError: There is no such split, or an export answers otherwise.
    """
    questions = data.read(config, run, split)
    train = data.read(config, replace(run, other=""), "train")  # of the run, whatever is scored
    answering = predictor.to_score(run, finder.endpoints())
    asked = {"question": [one.question for one in questions], "context": [one.context for one in questions]}
    found = answering.predict_columns(asked, ["answer", *_NUMBERS])
    answers = output_columns.texts(found["answer"], "answer")
    probability, answerable = (_probabilities(found[name], name, len(questions)) for name in _NUMBERS)
    scores = score(questions, answers, naive_answers.of(questions, train), config.score_by)
    reliability = answer_calibration.reliability(probability, scores.rows[:, 0])
    right = (scores.rows[:, 0] > 0).astype(float)
    references = [" / ".join(dict.fromkeys(known.text for known in one.answers)) for one in questions]
    coverage = answer_calibration.coverage(probability, scores.rows)
    return Report(
        task="question_answering",
        model=type(finder.network).__name__,
        split=split,
        rows=len(questions),
        primary={"metric": scores.primary, "higher_is_better": True},
        metrics={**scores.metrics, "ece": reliability.ece},
        baselines=scores.of_baselines,
        comparisons=scores.judgement.comparisons,
        broken=scores.judgement.broken,
        tables=[
            *scores.tables,
            answer_calibration.reliability_table(reliability),
            answer_calibration.coverage_table(coverage),
            overfitting.table(run.history),
        ],
        examples=pick_examples(
            [f"{one.question}\n{one.context}" for one in questions],
            references,
            answers,
            scores.rows[:, 1].tolist(),
        ),
        seed=config.training.seed,
        parameters=finder.network.count_params(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        notes=_notes(config, run, finder, split, len(questions)),
        data=captions.data(run),
        answers=answers_of(questions, answers, scores, probability=probability, answerable=answerable),
        row_scores=RowScores(
            {**scores.row_metrics, "ece": RowMetric(np.stack([probability, right], axis=1), "ece_of_10_bins", False)},
            scores.judgement.blocks,
            [*zip([f"{one.question}\n{one.context}" for one in questions], references, answers, strict=True)],
        ),
        rows_digest=row_scores.digest((one.question, one.context, one.answers) for one in questions),
        figures=_figures(reliability, coverage),
    )


def _probabilities(values: np.ndarray, name: str, rows: int) -> np.ndarray:
    if values.shape != (rows,) or values.dtype.kind != "f" or not ((values >= 0) & (values <= 1)).all():
        raise ValueError(
            f"Expected an output {name!r} of a probability for each question. Received: {values.dtype} of "
            f"shape={list(values.shape)}. Export the run again."
        )
    return values


def _figures(reliability: "Calibration", coverage: np.ndarray) -> dict[str, Callable[[Path, str], None]]:
    drawn = plots.DrawnReliability(reliability.ece, reliability.confidence, reliability.accuracy, reliability.counts)
    best = {"exact match": coverage[:, 2], "F1": coverage[:, 3]}
    return {
        "calibration": partial(plots.draw_calibration, {"exactly right": drawn}),
        "coverage": partial(plots.draw_answer_coverage, coverage[:, 0], best),
    }


def _notes(config: Config, run: Run, finder: "AnswerFinder", split: str, count: int) -> list[str]:
    chosen = f"no answer is given where its probability is below {finder.threshold:.3f}"
    if finder.threshold <= 0:
        chosen = "every question of a context that is not empty is answered"
    if split == "validation" and not run.other:
        chosen += "; temperature and threshold were chosen on this split, so both look a little too good here"
    return [
        f"{count:,} questions{'' if run.other else ', none left out'}",
        chosen,
        "the score of an example is its F1",
        *data.notes(run),
        overfitting.verdict(run.history),
        *token_vectors.notes(config),
    ]
