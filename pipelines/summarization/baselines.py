"""Naive summaries to compare a model with, and the ceiling of copying one sentence."""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfmodels.metrics import summary_baselines, summary_scores

if TYPE_CHECKING:
    from pipelines.sources.text.pair import Pair

FIRST_SENTENCE, SIMILAR = "first sentence", "summary of the most similar training document"
_MOST = 50_000  # training documents that are compared with
_CEILING = 1_000  # documents of which the best sentence is looked for


def of(documents: Sequence[str], train: "Sequence[Pair]") -> dict[str, list[str]]:
    """Summaries by naive methods.

    Args:
        documents: The documents.
        train: The training data; of more than 50,000 pairs a random part.

    Returns:
        Name of a method -> its summary of each document.

    Example:
        `of(documents, train)["first sentence"]`
    """
    seen = train if len(train) <= _MOST else random.Random(0).sample(train, _MOST)
    words = max(1, round(summary_scores.word_count([pair.target for pair in seen]) / len(seen)))
    similar = summary_baselines.most_similar(documents, [pair.source for pair in seen], [pair.target for pair in seen])
    return {
        FIRST_SENTENCE: [summary_baselines.first_sentence(text) for text in documents],
        f"first {words} words": [summary_baselines.first_words(text, words) for text in documents],
        SIMILAR: similar,
    }


def ceiling(pairs: "Sequence[Pair]") -> dict[str, float]:
    """ROUGE of the best single sentence of each document, chosen by its ROUGE-L with the reference.

    Args:
        pairs: Documents and references; of more than a thousand an even part.

    Returns:
        Metric -> score.

    Example:
        `ceiling(pairs)["rougeL"]`
    """
    some = pairs[:: -(-len(pairs) // _CEILING)]
    unicode = summary_scores.needs_unicode([pair.target for pair in some])

    def best(pair: "Pair") -> str:
        def score(sentence: str) -> float:
            return float(summary_scores.rouge([sentence], [[pair.target]], unicode=unicode)[0, -1])

        return summary_baselines.best_sentence(pair.source, score)

    rouge = summary_scores.rouge([best(pair) for pair in some], [[pair.target] for pair in some], unicode=unicode)
    return dict(zip(summary_scores.ROUGE, rouge.mean(axis=0).tolist(), strict=True))
