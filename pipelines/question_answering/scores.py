"""Scores of answers: exact match and F1 with their errors, and questions without an answer."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from pipelines.question_answering import score_tables
from pipelines.runs.reports.answers import Answers
from pipelines.runs.reports.judgement import Judgement, judge
from pipelines.runs.reports.row_scores import mean
from tfmodels import metrics
from tfmodels.metrics import answer_scores

if TYPE_CHECKING:
    from pipelines.sources.questions.question import Question

By = Literal["script", "words", "characters"]
NO_ANSWER = "no answer"  # the baseline that never answers
_EXACT, _F1 = range(2)


class Scores(NamedTuple):
    """What `score` found.

    Attributes:
        primary: The metric to judge by: `f1`.
        metrics: Metric -> score of the answers, percent. Where questions have no answer also `has_answer_f1` and
            `no_answer_accuracy`, of each kind alone.
        of_baselines: Name of a baseline -> the same of its answers.
        judgement: How both compare in the primary metric, with errors from paragraphs.
        row_metrics: What the metrics are computed from.
        tables: F1 by the length of the answer, by the kind of question or its first word, and by the length of the
            context; how the scores are computed.
        rows: float64 `[rows, 2]`, exact match and F1 of each answer, percent.
        characters: Whether characters were counted, not words.
    """

    primary: str
    metrics: dict[str, float]
    of_baselines: dict[str, dict[str, float]]
    judgement: Judgement
    row_metrics: dict[str, metrics.RowMetric]
    tables: list[dict[str, Any]]
    rows: np.ndarray
    characters: bool


def score(
    questions: "Sequence[Question]",
    answers: Sequence[str],
    baselines: Mapping[str, Sequence[str]] | None = None,
    by: By = "script",
) -> Scores:
    """Scores answers.

    Args:
        questions: The questions, with the answers of all annotators.
        answers: The answer of each; empty = there is none.
        baselines: Name -> answers to the same questions by a simple method.
        by: What is compared: `words`, `characters`, or what the `script` has.

    Returns:
        The scores.

    Raises:
        ValueError: There are no questions, or not as many answers.

    Example:
        `score(questions, answers).metrics["f1"]`
    """
    if not questions:
        raise ValueError("Expected at least one question. Received: none")
    characters = _by_characters(questions, by)
    rows = _rows(questions, answers, characters)
    others = {name: _rows(questions, texts, characters) for name, texts in (baselines or {}).items()}
    blocks = _paragraphs(questions)
    statistics = {name: _statistics(found) for name, found in others.items()}
    judgement = judge(_statistics(rows), statistics, blocks, constants=[NO_ANSWER] if NO_ANSWER in others else [])
    found = _metrics(questions, rows)
    f1 = {"F1": rows[:, _F1], **{name: one[:, _F1] for name, one in others.items()}}
    tables = [*score_tables.of(questions, f1, blocks, characters), _intervals(rows, blocks), _signature(characters)]
    of_baselines = {name: _metrics(questions, one) for name, one in others.items()}
    return Scores("f1", found, of_baselines, judgement, _row_metrics(questions, rows), tables, rows, characters)


def answers_of(
    questions: "Sequence[Question]", answers: Sequence[str], scores: Scores, **columns: np.ndarray
) -> Answers:
    """Questions beside their references and answers, with the scores of each.

    Args:
        questions: The questions.
        answers: The answer of each.
        scores: Of them.
        **columns: Further numbers of each row, such as its `probability`.

    Returns:
        The rows, with `exact_match` (0 or 1) and `f1` in percent, of which the report has the means. `references` is a
        list in JSON, empty where there is no answer.

    Example:
        `answers_of(questions, answers, score(questions, answers), answerable=answerable)`
    """

    def rows() -> Iterator[list[Any]]:
        further = zip(*columns.values(), strict=True) if columns else ((),) * len(questions)
        for one, answer, (exact, f1), more in zip(questions, answers, scores.rows.tolist(), further, strict=True):
            known = json.dumps([reference.text for reference in one.answers], ensure_ascii=False)
            yield [one.id, one.question, one.context, known, answer, round(exact / 100), f1, *map(float, more)]

    names = ["id", "question", "context", "references", "answer", *answer_scores.SCORES, *columns]
    return Answers(names, rows)


def best_threshold(
    questions: "Sequence[Question]", answers: Sequence[str], answerable: np.ndarray, by: By = "script"
) -> float:
    """Chooses the probability from which on questions are answered, so that F1 is highest.

    Args:
        questions: Of validation.
        answers: The best piece of each context, whether or not it is an answer.
        answerable: `[rows]`, the probability that each question has an answer.
        by: As of `score`.

    Returns:
        The threshold: see `metrics.best_threshold`.

    Example:
        `best_threshold(questions, answers, answerable)` -> `0.42`
    """
    rows = _rows(questions, answers, _by_characters(questions, by))
    return metrics.best_threshold(answerable, rows[:, _F1], _silent(questions)).threshold


def _by_characters(questions: "Sequence[Question]", by: By) -> bool:
    if by == "script":
        return answer_scores.need_characters([one.text for question in questions for one in question.answers])
    return by == "characters"


def _rows(questions: "Sequence[Question]", answers: Sequence[str], characters: bool) -> np.ndarray:
    references = [[one.text for one in question.answers] for question in questions]
    return metrics.squad_scores(answers, references, characters=characters)


def _metrics(questions: "Sequence[Question]", rows: np.ndarray) -> dict[str, float]:
    found = dict(zip(answer_scores.SCORES, rows.mean(axis=0).tolist(), strict=True))
    has = _has_answer(questions)
    if has.all():
        return found
    return found | {
        "has_answer_exact_match": float(rows[has, _EXACT].mean()) if has.any() else float("nan"),
        "has_answer_f1": float(rows[has, _F1].mean()) if has.any() else float("nan"),
        "no_answer_accuracy": float(rows[~has, _F1].mean()),
    }


def _row_metrics(questions: "Sequence[Question]", rows: np.ndarray) -> dict[str, metrics.RowMetric]:
    """What each of `_metrics` is computed from."""
    has = _has_answer(questions)
    found = {name: mean(column) for name, column in zip(answer_scores.SCORES, rows.T, strict=True)}
    if has.all():
        return found
    return found | {
        "has_answer_exact_match": mean(rows[:, _EXACT], has),
        "has_answer_f1": mean(rows[:, _F1], has),
        "no_answer_accuracy": mean(rows[:, _F1], ~has),
    }


def _has_answer(questions: "Sequence[Question]") -> np.ndarray:
    return np.array([bool(one.answers) for one in questions])


def _silent(questions: "Sequence[Question]") -> np.ndarray:
    """The scores of no answer."""
    return np.where(_has_answer(questions), 0.0, 100.0)


def _statistics(rows: np.ndarray) -> np.ndarray:
    return np.stack([rows[:, _F1], np.ones(len(rows))], axis=1)


def _paragraphs(questions: "Sequence[Question]") -> np.ndarray:
    """The block of each question: its context, of very many contexts groups of them."""
    contexts = [one.context for one in questions]
    numbers = {context: number for number, context in enumerate(dict.fromkeys(contexts))}
    return metrics.independent_blocks(len(numbers))[[numbers[context] for context in contexts]]


def _intervals(rows: np.ndarray, blocks: np.ndarray) -> dict[str, Any]:
    """Both scores, and half their 95 % interval."""
    ones = np.ones(len(rows))
    cells = [
        [name, float(column.mean()), metrics.margin_of_error(np.stack([column, ones], axis=1), blocks)]
        for name, column in zip(answer_scores.SCORES, rows.T, strict=True)
    ]
    return {
        "title": "95 % intervals, by a bootstrap over paragraphs",
        "columns": ["metric", "score", "±"],
        "rows": cells,
    }


def _signature(characters: bool) -> dict[str, Any]:
    counted = (
        "characters, in lower case, without blanks and Unicode punctuation (categories P), no NFKC"
        if characters
        else "SQuAD 2.0: words between blanks, in lower case, without ASCII punctuation and the articles a, an, the"
    )
    text = f"{counted}; the best of all annotators; both scores are 100 where neither side has any"
    return {"title": "signatures", "columns": ["metric", "signature"], "rows": [["exact match, F1", text]]}
