"""Scores of translations: BLEU and others, repeated phrases, and the share of exact matches by kind of phrase."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipelines.runs.reports.answers import Answers
from pipelines.runs.reports.judgement import Judgement, judge
from pipelines.runs.reports.row_scores import RowScores, mean
from tfmodels import metrics

if TYPE_CHECKING:
    from pipelines.sources.text.pair import Pair


COPY = "copy the source"
REPEATED = "repeated_phrases"
_SHOWN = 3  # phrases that answers repeat


class Scores(NamedTuple):
    """What `score` found.

    Attributes:
        primary: The metric to judge by: `exact_match` where phrases have kinds, `bleu_tokenized` where the references
            are tokenised already, else `bleu`.
        metrics: Metric -> score of the translations, and `repeated_phrases`: percent that repeat a phrase at once.
        of_sources: The same of the sources, as if they were translations.
        judgement: How both compare in the primary metric.
        row_scores: What the metrics of the translations are computed from.
        tables: Exact matches by kind, if there are kinds; how many translations and references repeat a phrase at once,
            if any do; the signatures of the metrics.
    """

    primary: str
    metrics: dict[str, float]
    of_sources: dict[str, float]
    judgement: Judgement
    row_scores: RowScores
    tables: list[dict[str, Any]]


def score(pairs: "Sequence[Pair]", outputs: list[str]) -> Scores:
    """Scores translations.

    Args:
        pairs: Sources and references.
        outputs: The translation of each source.

    Returns:
        The scores.

    Example:
        `score(pairs, outputs).metrics["bleu"]`
    """
    references = [pair.references for pair in pairs]
    tokenized = metrics.looks_tokenized([text for several in references for text in several])
    scores, signatures = metrics.translation_scores(outputs, references, tokenized)
    sources = [pair.source for pair in pairs]
    of_sources = metrics.translation_scores(sources, references, tokenized).scores
    repeated = {REPEATED: metrics.repeated_phrases(outputs)}
    kinds = sorted({pair.kind for pair in pairs} - {""})
    primary = "exact_match" if kinds else "bleu_tokenized" if tokenized else "bleu"
    signature_rows = [list(row) for row in signatures.items()]
    tables = [
        *([_by_kind(kinds, pairs, outputs)] if kinds else []),
        *_repeats({"translations": outputs, "references": [pair.target for pair in pairs]}),
        {"title": "signatures", "columns": ["metric", "signature"], "rows": signature_rows},
    ]
    of_sources = of_sources | {REPEATED: metrics.repeated_phrases(sources)}
    judgement = _judge(primary, outputs, sources, references)
    rows = _row_metrics(outputs, references, scores)
    texts = [(pair.source, pair.target, output) for pair, output in zip(pairs, outputs, strict=True)]
    found = RowScores({name: rows[name] for name in (*scores, REPEATED)}, judgement.blocks, texts)
    return Scores(primary, scores | repeated, of_sources, judgement, found, tables)


def answers_of(pairs: "Sequence[Pair]", outputs: list[str]) -> Answers:
    """Translations beside sources and references, with the scores of each sentence.

    Args:
        pairs: Sources and references.
        outputs: The translation of each source.

    Returns:
        The rows, with `bleu` and `chrf` of the sentence and `exact_match`, of which the report has the mean in percent;
        BLEU and chrF of a report are no means, but scores of all text together.

    Example:
        `answers_of(pairs, outputs).names`
    """
    kinds = any(pair.kind for pair in pairs)
    others = max((len(pair.others) for pair in pairs), default=0)
    texts = ["source", "reference", *(f"reference_{number + 2}" for number in range(others)), "answer"]
    names = [*texts, *(["kind"] if kinds else []), *("exact_match", "bleu", "chrf")]

    def rows() -> Iterator[list[Any]]:
        references = [pair.references for pair in pairs]
        tokenized = metrics.looks_tokenized([text for several in references for text in several])
        scores = zip(
            metrics.sentence_bleu(outputs, references, tokenized),
            metrics.sentence_scores(outputs, references),
            strict=True,
        )
        for pair, output, (bleu, chrf) in zip(pairs, outputs, scores, strict=True):
            kind = [pair.kind] if kinds else []
            more = [*pair.others, *[None] * (others - len(pair.others))]
            yield [pair.source, pair.target, *more, output, *kind, int(output in pair.references), bleu, chrf]

    return Answers(names, rows)


def _repeats(texts: dict[str, list[str]]) -> list[dict[str, Any]]:
    """How many texts repeat a phrase at once, beside the references; no table if none does."""
    phrases = {of: [found for text in some if (found := metrics.repeated_phrase(text))] for of, some in texts.items()}
    if not any(phrases.values()):
        return []
    rows = [
        [of, 100 * len(found) / len(texts[of]), "; ".join(dict.fromkeys(found[:_SHOWN]))]
        for of, found in phrases.items()
    ]
    return [{"title": "texts that repeat a phrase at once", "columns": ["", "percent", "such as"], "rows": rows}]


def _judge(primary: str, outputs: list[str], sources: list[str], references: Sequence[Sequence[str]]) -> Judgement:
    blocks = metrics.independent_blocks(len(references))
    if primary == "exact_match":
        right, of_sources = (_right(texts, references) for texts in (outputs, sources))
        return judge(right, {COPY: of_sources}, blocks)
    tokenized = primary == "bleu_tokenized"
    found, of_sources = (metrics.bleu_statistics(texts, references, tokenized) for texts in (outputs, sources))
    return judge(found, {COPY: of_sources}, blocks, score=metrics.bleu_of_sums)


def _row_metrics(
    outputs: list[str], references: Sequence[Sequence[str]], scores: Iterable[str]
) -> dict[str, metrics.RowMetric]:
    """What each of the scores is computed from."""
    bleu = {
        name: metrics.RowMetric(metrics.bleu_statistics(outputs, references, name != "bleu"), "bleu")
        for name in ("bleu", "bleu_tokenized")
        if name in scores
    }
    repeats = np.array([bool(metrics.repeated_phrase(text)) for text in outputs])
    return {
        **bleu,
        "chrf": metrics.RowMetric(metrics.chrf_statistics(outputs, references), "chrf"),
        "exact_match": metrics.RowMetric(_right(outputs, references)),
        REPEATED: mean(100.0 * repeats, higher_is_better=False),
    }


def _right(texts: Sequence[str], references: Sequence[Sequence[str]]) -> np.ndarray:
    """100 where a text is one of its references, else 0, and a count of 1: `[rows, 2]`."""
    return np.array([[100 * (text in several), 1] for text, several in zip(texts, references, strict=True)])


def _by_kind(kinds: Sequence[str], pairs: "Sequence[Pair]", outputs: Sequence[str]) -> dict[str, Any]:
    rows = []
    for kind in kinds:
        right = [output in pair.references for pair, output in zip(pairs, outputs, strict=True) if pair.kind == kind]
        rows.append([kind, len(right), 100 * sum(right) / len(right)])
    return {"title": "exactly right, by kind", "columns": ["kind", "phrases", "percent"], "rows": rows}
