"""Scores of translations, of a corpus and of single sentences, computed by sacreBLEU."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from sacrebleu.metrics.bleu import BLEUScore

_SEPARATED_MARK = re.compile(r"(?:^|\s)[.,;:!?](?=\s|$)")
_ATTACHED_MARK = re.compile(r"\w[.,;:!?](?=\s|$)")
_SMOOTHING = "exp"  # of BLEU, whether of texts or of sums


class TranslationScores(NamedTuple):
    """Scores of a corpus, and the signatures to quote with them.

    Attributes:
        scores: Metric -> score, from 0 to 100, higher is better.
        signatures: Metric -> sacreBLEU signature (tokenisation, case, smoothing, version). Scores are comparable only
            if their signatures are equal. `exact_match` has none.
    """

    scores: dict[str, float]
    signatures: dict[str, str]


def translation_scores(
    hypotheses: list[str], references: Sequence[str | Sequence[str]], tokenized: bool = False
) -> TranslationScores:
    """Scores translations against one reference each, or several.

    Args:
        hypotheses: The model's translations.
        references: The reference translation of each, in the same order, or a list of several, of which each row may
            have another number. `exact_match` counts translations that equal one of theirs.
        tokenized: Whether both sides are already tokenised and lower-cased (see `looks_tokenized`). If so,
            `bleu_tokenized` is added: BLEU with whitespace tokenisation, as papers on such a corpus report it.

    Returns:
        `bleu` (tokenised by sacreBLEU's `13a`), `chrf` (chrF2), `exact_match` (percentage of equal strings) and, when
        `tokenized`, `bleu_tokenized`; with the signatures of all but `exact_match`.

    Raises:
        ValueError: There are no references, or not as many as hypotheses.

    Example:
        >>> scores, signatures = translation_scores(["Ein Hund rennt schnell."], ["Ein Hund rennt schnell."])
        >>> round(scores["bleu"]), round(scores["chrf"]), scores["exact_match"]
        (100, 100, 100.0)

    Reference:
        Post (2018), "A Call for Clarity in Reporting BLEU Scores"; Popović (2015), "chrF: character n-gram F-score
        for automatic MT evaluation".
    """
    from sacrebleu import BLEU, CHRF

    _check_pairs(hypotheses, references)
    metrics = {"bleu": BLEU(force=tokenized, smooth_method=_SMOOTHING), "chrf": CHRF()}
    if tokenized:
        metrics["bleu_tokenized"] = BLEU(tokenize="none", force=True, smooth_method=_SMOOTHING)
    several = [_several(one) for one in references]
    streams = [list(stream) for stream in zip_longest(*several)]  # None where a row has fewer
    scores = {name: metric.corpus_score(hypotheses, streams).score for name, metric in metrics.items()}
    signatures = {name: str(metric.get_signature()) for name, metric in metrics.items()}
    equal = sum(hypothesis in of for hypothesis, of in zip(hypotheses, several, strict=True))
    return TranslationScores(scores | {"exact_match": 100 * equal / len(references)}, signatures)


def sentence_scores(hypotheses: list[str], references: Sequence[str | Sequence[str]]) -> list[float]:
    """Scores each translation by chrF, which unlike BLEU is meaningful for a single short sentence.

    Args:
        hypotheses: The model's translations.
        references: The reference translation of each, or a list of several, in the same order.

    Returns:
        One score from 0 to 100 for each row.

    Raises:
        ValueError: There are no references, or not as many as hypotheses.

    Example:
        >>> sentence_scores(["ein Hund", ""], ["ein Hund", "eine Katze"])
        [100.0, 0.0]
    """
    from sacrebleu import CHRF

    _check_pairs(hypotheses, references)
    metric = CHRF()
    return [
        metric.sentence_score(hypothesis, _several(reference)).score
        for hypothesis, reference in zip(hypotheses, references, strict=True)
    ]


def sentence_bleu(
    hypotheses: list[str], references: Sequence[str | Sequence[str]], tokenized: bool = False
) -> list[float]:
    """Scores each translation by BLEU, of the lengths of n-grams that it has (sacreBLEU's `effective_order`).

    Args:
        hypotheses: The model's translations.
        references: The reference translation of each, or a list of several, in the same order.
        tokenized: Whether both are tokenised already: see `translation_scores`.

    Returns:
        One score from 0 to 100 for each row. Their mean is not the BLEU of a corpus.

    Raises:
        ValueError: There are no references, or not as many as hypotheses.

    Example:
        >>> sentence_bleu(["Ein Hund", ""], ["Ein Hund", "eine Katze"])
        [100.0, 0.0]
    """
    return [one.score for one in _bleu_of_each(hypotheses, references, tokenized)]


def bleu_statistics(
    hypotheses: list[str], references: Sequence[str | Sequence[str]], tokenized: bool = False
) -> "np.ndarray":
    """What BLEU is computed from, of each sentence, for `paired_difference`.

    Args:
        hypotheses: The translations.
        references: The reference translation of each, or a list of several, in the same order.
        tokenized: Whether to score `bleu_tokenized` instead of `bleu`: see `translation_scores`.

    Returns:
        `[rows, 10]`: right n-grams and all n-grams of length 1 to 4, words of the translation and of the reference.

    Example:
        `bleu_of_sums(bleu_statistics(hypotheses, references).sum(axis=0))`
    """
    import numpy as np

    found = _bleu_of_each(hypotheses, references, tokenized)
    return np.array([[*one.counts, *one.totals, one.sys_len, one.ref_len] for one in found], np.float64)


def bleu_of_sums(sums: "np.ndarray", of_sentences: bool = False) -> "np.ndarray":
    """BLEU from sums of `bleu_statistics` over sentences, as `translation_scores` has it, `[..., 10]` -> `[...]`.

    Args:
        sums: The sums.
        of_sentences: Whether they are those of single sentences, which may be too short for long n-grams, as
            `sentence_bleu` scores them.

    Returns:
        From 0 to 100.
    """
    import numpy as np
    from sacrebleu import BLEU

    def score(row: "np.ndarray") -> float:
        counts = [int(count) for count in row]
        found = BLEU.compute_bleu(
            counts[:4], counts[4:8], counts[8], counts[9], smooth_method=_SMOOTHING, effective_order=of_sentences
        )
        return found.score

    return np.apply_along_axis(score, -1, sums)


def looks_tokenized(references: list[str]) -> bool:
    """Returns whether texts are lower-cased with spaces before punctuation, like the output of Moses' scripts.

    A few attached marks are tolerated, because the full stop of an abbreviation stays attached.

    Args:
        references: Texts of one corpus.

    Returns:
        True if no text has an upper-case letter and at least 90 % of the punctuation marks after a word are separated
        from it. False for texts without such marks, which show no sign of tokenisation.

    Example:
        >>> looks_tokenized(["ein hund , der rennt ."]), looks_tokenized(["Ein Hund, der rennt."])
        (True, False)
    """
    separated = sum(len(_SEPARATED_MARK.findall(text)) for text in references)
    attached = sum(len(_ATTACHED_MARK.findall(text)) for text in references)
    lower_cased = all(text == text.lower() for text in references)
    return lower_cased and separated > 0 and separated >= 9 * attached


def _bleu_of_each(
    hypotheses: list[str], references: Sequence[str | Sequence[str]], tokenized: bool
) -> "Iterator[BLEUScore]":
    from sacrebleu import BLEU

    _check_pairs(hypotheses, references)
    metric = BLEU(tokenize="none" if tokenized else "13a", force=True, effective_order=True)
    return (
        metric.sentence_score(hypothesis, _several(reference))
        for hypothesis, reference in zip(hypotheses, references, strict=True)
    )


def _several(reference: str | Sequence[str]) -> list[str]:
    return [reference] if isinstance(reference, str) else list(reference)


def _check_pairs(hypotheses: list[str], references: Sequence[str | Sequence[str]]) -> None:
    if not references or len(hypotheses) != len(references):
        raise ValueError(
            "Expected one hypothesis for each reference, and at least one pair. "
            f"Received: {len(hypotheses)} hypotheses and {len(references)} references."
        )
