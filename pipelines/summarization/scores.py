"""Scores of summaries: ROUGE with its error, how long they are and how much they copy."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipelines.runs.reports.answers import Answers
from pipelines.runs.reports.judgement import Judgement, judge
from pipelines.runs.reports.row_scores import RowScores, mean
from tfmodels import metrics
from tfmodels.metrics import summary_scores

if TYPE_CHECKING:
    from pipelines.sources.text.pair import Pair

REPEATED = "repeated_phrases"
_NOVEL, _REPEATED = 2, 3  # words of n-grams
_NAMES = dict(zip(summary_scores.ROUGE, ("ROUGE-1", "ROUGE-2", "ROUGE-L"), strict=True))


class Scores(NamedTuple):
    """What `score` found.

    Attributes:
        primary: The metric to judge by: `exact_match` where reports have kinds, else `rougeL`.
        metrics: Metric -> score of the summaries.
        of_baselines: Name of a baseline -> the same of its summaries.
        judgement: How both compare in the primary metric.
        row_scores: What the metrics of the summaries are computed from.
        worth: ROUGE-L of each summary, to choose examples by.
        tables: ROUGE with errors, against the best of several references if there are any; exact matches by kind;
            how ROUGE was computed.
    """

    primary: str
    metrics: dict[str, float]
    of_baselines: dict[str, dict[str, float]]
    judgement: Judgement
    row_scores: RowScores
    worth: list[float]
    tables: list[dict[str, Any]]


def answers_of(pairs: "Sequence[Pair]", outputs: list[str]) -> Answers:
    """Summaries beside documents and references, with the scores of each.

    Args:
        pairs: Documents and references.
        outputs: The summary of each document.

    Returns:
        The rows, with `exact_match` and ROUGE against the first reference, of which the report has the means.

    Example:
        `answers_of(pairs, outputs).names`
    """

    def rows() -> Iterator[list[Any]]:
        unicode = summary_scores.needs_unicode([pair.target for pair in pairs])
        rouge = summary_scores.rouge(outputs, [[pair.target] for pair in pairs], unicode=unicode)
        for pair, output, scores in zip(pairs, outputs, rouge.tolist(), strict=True):
            yield [pair.source, pair.target, output, int(output == pair.target), *scores]

    return Answers(["source", "reference", "answer", "exact_match", *summary_scores.ROUGE], rows)


class _Scored(NamedTuple):
    """Scores of one method: of each row, and of all."""

    rouge: np.ndarray
    right: np.ndarray
    metrics: dict[str, float]


def score(pairs: "Sequence[Pair]", outputs: list[str], baselines: Mapping[str, list[str]] | None = None) -> Scores:
    """Scores summaries.

    Args:
        pairs: Documents and references.
        outputs: The summary of each document.
        baselines: Name -> summaries of the same documents by a naive method.

    Returns:
        The scores. ROUGE and what is computed from one reference are of the first; the rest is of the documents.

    Example:
        `score(pairs, outputs).metrics["rougeL"]`
    """
    unicode = summary_scores.needs_unicode([pair.target for pair in pairs])
    found = _scored(pairs, outputs, unicode)
    of = {name: _scored(pairs, texts, unicode) for name, texts in (baselines or {}).items()}
    kinds = sorted({pair.kind for pair in pairs} - {""})
    primary = "exact_match" if kinds else summary_scores.ROUGE[-1]
    statistics = {name: _statistics(one, primary) for name, one in of.items()}
    judgement = judge(_statistics(found, primary), statistics, metrics.independent_blocks(len(pairs)))
    tables = [
        _rouge_table(pairs, outputs, found.rouge, unicode),
        *([_by_kind(kinds, pairs, found.right)] if kinds else []),
        _signature(unicode),
    ]
    texts = [(pair.source, pair.target, output) for pair, output in zip(pairs, outputs, strict=True)]
    rows = RowScores(_row_metrics(pairs, outputs, found), judgement.blocks, texts)
    of_baselines, worth = {name: one.metrics for name, one in of.items()}, found.rouge[:, -1].tolist()
    return Scores(primary, found.metrics, of_baselines, judgement, rows, worth, tables)


def _scored(pairs: "Sequence[Pair]", outputs: list[str], unicode: bool) -> _Scored:
    references, sources = [pair.target for pair in pairs], [pair.source for pair in pairs]
    rouge = summary_scores.rouge(outputs, [[one] for one in references], unicode=unicode)
    right = np.array([output == reference for output, reference in zip(outputs, references, strict=True)])
    known = summary_scores.word_count(references)
    copied, words = summary_scores.copied_words(outputs, sources).sum(axis=0)
    scores = {
        **dict(zip(summary_scores.ROUGE, rouge.mean(axis=0).tolist(), strict=True)),
        "exact_match": 100 * float(right.mean()),
        "length_ratio": words / known if known else float("nan"),
        "copied_words": 100 * copied / words if words else float("nan"),
        f"novel_{_NOVEL}grams": summary_scores.novel_ngrams(outputs, sources, _NOVEL),
        f"repeated_{_REPEATED}grams": summary_scores.repeated_ngrams(outputs, _REPEATED),
        REPEATED: metrics.repeated_phrases(outputs),
    }
    return _Scored(rouge, right, scores)


def _row_metrics(pairs: "Sequence[Pair]", outputs: list[str], found: _Scored) -> dict[str, metrics.RowMetric]:
    """What each metric is computed from."""
    sources = [pair.source for pair in pairs]
    copied = summary_scores.copied_words(outputs, sources)
    inside = summary_scores.shared_ngrams(outputs, sources, _NOVEL)
    words = np.array([summary_scores.word_count([pair.target]) for pair in pairs])
    repeats = np.array([bool(metrics.repeated_phrase(text)) for text in outputs])
    either = partial(metrics.RowMetric, higher_is_better=None)
    return {
        **{name: mean(column) for name, column in zip(summary_scores.ROUGE, found.rouge.T, strict=True)},
        "exact_match": mean(100.0 * found.right),
        "length_ratio": either(np.stack([copied[:, 1], words], axis=1)),
        "copied_words": either(copied * [100, 1]),
        f"novel_{_NOVEL}grams": either(np.stack([100 * (inside[:, 1] - inside[:, 0]), inside[:, 1]], axis=1)),
        f"repeated_{_REPEATED}grams": metrics.RowMetric(
            summary_scores.repeats(outputs, _REPEATED) * [100, 1], higher_is_better=False
        ),
        REPEATED: mean(100.0 * repeats, higher_is_better=False),
    }


def _statistics(scored: _Scored, primary: str) -> np.ndarray:
    """The primary metric of each row, and a count of 1."""
    rows = 100.0 * scored.right if primary == "exact_match" else scored.rouge[:, -1]
    return np.stack([rows, np.ones_like(rows)], axis=1)


def _rouge_table(pairs: "Sequence[Pair]", outputs: list[str], rouge: np.ndarray, unicode: bool) -> dict[str, Any]:
    """ROUGE and half its 95 % interval; where rows have several references also of the best one."""
    rows = [_rouge_row("the first reference", rouge)]
    if any(len(pair.references) > 1 for pair in pairs):
        best = summary_scores.rouge(outputs, [pair.references for pair in pairs], unicode=unicode)
        rows.append(_rouge_row("the best of all references", best))
    columns = ["against", *(column for name in _NAMES.values() for column in (name, "±"))]
    return {"title": "ROUGE", "columns": columns, "rows": rows}


def _rouge_row(against: str, rouge: np.ndarray) -> list[Any]:
    blocks, ones = metrics.independent_blocks(len(rouge)), np.ones(len(rouge))
    margins = [metrics.margin_of_error(np.stack([column, ones], axis=1), blocks) for column in rouge.T]
    return [against, *(cell for both in zip(rouge.mean(axis=0).tolist(), margins, strict=True) for cell in both)]


def _by_kind(kinds: Sequence[str], pairs: "Sequence[Pair]", right: np.ndarray) -> dict[str, Any]:
    rows = []
    for kind in kinds:
        of_kind = right[[pair.kind == kind for pair in pairs]]
        rows.append([kind, len(of_kind), 100 * float(of_kind.mean())])
    return {"title": "exactly right, by kind", "columns": ["kind", "reports", "percent"], "rows": rows}


def _signature(unicode: bool) -> dict[str, Any]:
    words = "words of all scripts" if unicode else "words of the letters a to z and digits"
    text = f"rouge-score {version('rouge-score')}, F measure, {words}, lower case, without stemming"
    return {"title": "signatures", "columns": ["metric", "signature"], "rows": [["ROUGE", text]]}
