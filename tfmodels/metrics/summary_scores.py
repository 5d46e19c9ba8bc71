"""Scores of summaries: ROUGE by the package `rouge-score`, and how much they copy."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

ROUGE = ("rouge1", "rouge2", "rougeL")
_WORD = re.compile(r"\w+")
_LETTER = re.compile(r"[^\W\d_]")


class UnicodeWords:
    """A tokenizer for `rouge-score`: lower-case words of any script. Its own keeps the letters a to z only."""

    def tokenize(self, text: str) -> list[str]:
        """The words of a text."""
        return _WORD.findall(text.lower())


def needs_unicode(references: Sequence[str]) -> bool:
    """Whether `rouge-score`'s own words, of the letters a to z, would lose more than one letter in a hundred.

    Args:
        references: Texts of one corpus.

    Returns:
        True for German or Chinese, False for English with a few accents.

    Example:
        `needs_unicode(["Die Brücke ist für Züge gesperrt."])` -> `True`
    """
    letters = "".join(found for text in references for found in _LETTER.findall(text))
    return 100 * sum(not letter.isascii() for letter in letters) > len(letters)


def rouge(
    summaries: Sequence[str], references: Sequence[Sequence[str]], *, stem: bool = False, unicode: bool = False
) -> np.ndarray:
    """ROUGE-1, ROUGE-2 and ROUGE-L of each summary (Lin, 2004), as F measures.

    Args:
        summaries: The summaries.
        references: Those of each summary, at least one; of several the best one counts, in each measure by itself.
        stem: Whether words are reduced to their stems, of English.
        unicode: Whether words of all scripts count, see `needs_unicode`; without stems.

    Returns:
        float64 `[rows, 3]`, percent, in the order of `ROUGE`.

    Raises:
        ValueError: There are not as many summaries as rows of references.

    Example:
        `rouge(["the cat sat"], [["the cat sat down"]])[0]` -> `[85.7, 80.0, 85.7]`
    """
    from rouge_score.rouge_scorer import RougeScorer

    if len(summaries) != len(references):
        raise ValueError(
            "Expected references for each summary. "
            f"Received: {len(summaries)} summaries and references of {len(references)}"
        )
    scorer = RougeScorer(list(ROUGE), use_stemmer=stem, tokenizer=UnicodeWords() if unicode else None)

    def score(summary: str, reference: str) -> list[float]:
        found: dict[str, Any] = scorer.score(reference, summary)
        return [100 * found[name].fmeasure for name in ROUGE]

    rows = [
        np.max([score(summary, one) for one in of], axis=0) for summary, of in zip(summaries, references, strict=True)
    ]
    return np.array(rows, np.float64).reshape(-1, len(ROUGE))


def copied_words(summaries: Sequence[str], sources: Sequence[str]) -> np.ndarray:
    """How many words of each summary occur in its source, whatever their case.

    Args:
        summaries: The summaries.
        sources: What they are of.

    Returns:
        int `[rows, 2]`: those words, and all words of the summary.

    Example:
        `copied_words(["A cat slept"], ["The cat sat"])` -> `[[1, 3]]`
    """
    return shared_ngrams(summaries, sources, size=1)


def novel_ngrams(summaries: Sequence[str], sources: Sequence[str], size: int) -> float:
    """The share of the summaries' n-grams of words that their source does not have.

    Args:
        summaries: The summaries.
        sources: What they are of.
        size: Words of an n-gram.

    Returns:
        Percent; NaN without any n-gram.

    Example:
        `novel_ngrams(["the cat slept"], ["the cat sat"], size=2)` -> `50.0`
    """
    inside, total = shared_ngrams(summaries, sources, size).sum(axis=0)
    return float(100 * (total - inside) / total) if total else float("nan")


def repeated_ngrams(texts: Sequence[str], size: int) -> float:
    """The share of the texts' n-grams of words that the same text has had before.

    Args:
        texts: The texts.
        size: Words of an n-gram.

    Returns:
        Percent; NaN without any n-gram.

    Example:
        `repeated_ngrams(["a dog and a dog"], size=2)` -> `25.0`
    """
    again, total = repeats(texts, size).sum(axis=0)
    return float(100 * again / total) if total else float("nan")


def repeats(texts: Sequence[str], size: int) -> np.ndarray:
    """How many n-grams of words each text has had before.

    Args:
        texts: The texts.
        size: Words of an n-gram.

    Returns:
        int `[rows, 2]`: those n-grams, and all of the text.

    Example:
        `repeats(["a dog and a dog"], size=2)` -> `[[1, 4]]`
    """
    counts = [Counter(_ngrams(text, size)) for text in texts]
    return np.array([[count.total() - len(count), count.total()] for count in counts], np.int64).reshape(-1, 2)


def word_count(texts: Sequence[str]) -> int:
    """The number of words in texts.

    Example:
        `word_count(["A cat.", "Two dogs."])` -> `4`
    """
    return sum(len(_WORD.findall(text)) for text in texts)


def shared_ngrams(summaries: Sequence[str], sources: Sequence[str], size: int) -> np.ndarray:
    """How many n-grams of words of each summary its source has.

    Args:
        summaries: The summaries.
        sources: What they are of.
        size: Words of an n-gram.

    Returns:
        int `[rows, 2]`: those n-grams, and all of the summary.

    Example:
        `shared_ngrams(["the cat slept"], ["the cat sat"], size=2)` -> `[[1, 2]]`
    """
    rows = []
    for summary, source in zip(summaries, sources, strict=True):
        there, ngrams = set(_ngrams(source, size)), _ngrams(summary, size)
        rows.append([sum(ngram in there for ngram in ngrams), len(ngrams)])
    return np.array(rows, np.int64).reshape(-1, 2)


def _ngrams(text: str, size: int) -> list[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return list(zip(*(words[start:] for start in range(size)), strict=False))
