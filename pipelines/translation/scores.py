"""Scores of translations: BLEU and others, and the share of exact matches by kind of phrase."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tfmodels import metrics

if TYPE_CHECKING:
    from pipelines.sources.text.pair import Pair


class Scores(NamedTuple):
    """What `score` found.

    Attributes:
        primary: The metric to judge by: `exact_match` where phrases have kinds, `bleu_tokenized` where the references
            are tokenised already, else `bleu`.
        metrics: Metric -> score of the translations.
        of_sources: The same of the sources, as if they were translations.
        tables: Exact matches by kind, if there are kinds, and the signatures of the metrics.
    """

    primary: str
    metrics: dict[str, float]
    of_sources: dict[str, float]
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
    references = [pair.target for pair in pairs]
    tokenized = metrics.looks_tokenized(references)
    scores, signatures = metrics.translation_scores(outputs, references, tokenized)
    of_sources = metrics.translation_scores([pair.source for pair in pairs], references, tokenized).scores
    kinds = sorted({pair.kind for pair in pairs} - {""})
    primary = "exact_match" if kinds else "bleu_tokenized" if tokenized else "bleu"
    signature_rows = [list(row) for row in signatures.items()]
    tables = [
        *([_by_kind(kinds, pairs, outputs)] if kinds else []),
        {"title": "signatures", "columns": ["metric", "signature"], "rows": signature_rows},
    ]
    return Scores(primary, scores, of_sources, tables)


def _by_kind(kinds: Sequence[str], pairs: "Sequence[Pair]", outputs: Sequence[str]) -> dict[str, Any]:
    rows = []
    for kind in kinds:
        right = [pair.target == output for pair, output in zip(pairs, outputs, strict=True) if pair.kind == kind]
        rows.append([kind, len(right), 100 * sum(right) / len(right)])
    return {"title": "exactly right, by kind", "columns": ["kind", "phrases", "percent"], "rows": rows}
