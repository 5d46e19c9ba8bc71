"""chrF from counts of each translation, so that it can be computed of any resample of them."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

_ORDER = 6  # characters of the longest n-grams
_BETA = 2  # how much more recall counts than precision
_NONE = 1e-16  # precision or recall without any n-gram, as of sacreBLEU


def chrf_statistics(hypotheses: Sequence[str], references: Sequence[str | Sequence[str]]) -> np.ndarray:
    """What chrF (Popović, 2015) is computed from, for each translation.

    Args:
        hypotheses: The model's translations.
        references: The reference of each, or a list of several, of which the best one counts.

    Returns:
        `[rows, 18]`: for n-grams of 1 to 6 characters, blanks left out, those of the translation, of the reference, and
        of both.

    Raises:
        ValueError: There are not as many hypotheses as references.

    Example:
        `chrf_of_sums(chrf_statistics(hypotheses, references).sum(axis=0))`
    """
    if len(hypotheses) != len(references):
        raise ValueError(
            "Expected references for each hypothesis. "
            f"Received: {len(hypotheses)} hypotheses and references of {len(references)}"
        )
    rows = []
    for hypothesis, several in zip(hypotheses, references, strict=True):
        said = _ngrams(hypothesis)
        known = [several] if isinstance(several, str) else several
        counts = np.array([_counts(said, _ngrams(one)) for one in known], np.float64)
        rows.append(counts[chrf_of_sums(counts).argmax()])
    return np.array(rows, np.float64).reshape(-1, 3 * _ORDER)


def chrf_of_sums(sums: np.ndarray) -> np.ndarray:
    """chrF2 from sums of `chrf_statistics` over translations, as sacreBLEU has it, `[..., 18]` -> `[...]`.

    Args:
        sums: The sums.

    Returns:
        From 0 to 100: the F measure of the mean precision and the mean recall of the lengths that both sides have.

    Example:
        `chrf_of_sums(chrf_statistics(["a dog"], ["a dog"]))` -> `[100.0]`
    """
    said, known, both = np.moveaxis(np.reshape(sums, [*np.shape(sums)[:-1], _ORDER, 3]), -1, 0)
    there = (said > 0) & (known > 0)
    lengths = np.maximum(there.sum(axis=-1), 1)
    precision, recall = (
        np.where(there, np.where(of > 0, both / np.where(of > 0, of, 1), _NONE), 0).sum(axis=-1) / lengths
        for of in (said, known)
    )
    total = _BETA**2 * precision + recall
    return 100 * (1 + _BETA**2) * precision * recall / np.where(total == 0, 1, total)


def _ngrams(text: str) -> list[Counter]:
    text = "".join(text.split())
    return [
        Counter(text[start : start + size] for start in range(len(text) - size + 1)) for size in range(1, _ORDER + 1)
    ]


def _counts(said: list[Counter], known: list[Counter]) -> list[int]:
    """The counts of each length; those of a translation count where the reference is as long."""
    found = []
    for one, other in zip(said, known, strict=True):
        both = sum(min(count, other[ngram]) for ngram, count in one.items())
        found += [one.total() if other else 0, other.total(), both]
    return found
