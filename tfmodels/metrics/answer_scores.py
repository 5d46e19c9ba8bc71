"""Exact match and F1 of answers, as SQuAD's evaluation defines them, and the same by characters."""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from tfmodels.unspaced_letters import UNSPACED

SCORES = ("exact_match", "f1")
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_NO_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation)
_LETTER = re.compile(r"[^\W\d_]")
_MOST = 0.5  # share of letters of scripts without blanks from which on characters are counted


def squad_scores(
    answers: Sequence[str], references: Sequence[Sequence[str]], *, characters: bool = False
) -> np.ndarray:
    """Exact match and F1 of each answer (Rajpurkar et al., 2016 and 2018).

    Words: in lower case, without ASCII punctuation, without `a`, `an` and `the`; what is left between blanks. F1 is of
    the words that both have, each as often as both have it. If either has none, both scores are 100 where the other
    has none either, else 0.

    Args:
        answers: The answers; empty = there is none.
        references: Those of all annotators for each question, of which the best one counts, in each score by itself;
            none = the question has no answer. References without a word are left out where others have some.
        characters: Whether to count characters in place of words, for scripts without blanks: in lower case, without
            blanks and Unicode punctuation (the categories P), and not normalised otherwise.

    Returns:
        float64 `[rows, 2]`, percent, in the order of `SCORES`.

    Raises:
        ValueError: There are not as many answers as rows of references.

    Example:
        >>> squad_scores(["The old bridge", ""], [["old bridge", "bridge"], []]).tolist()
        [[100.0, 100.0], [100.0, 100.0]]
    """
    if len(answers) != len(references):
        raise ValueError(
            f"Expected references for each answer. Received: {len(answers)} answers and references of {len(references)}"
        )
    tokens = _characters if characters else _words
    rows = [_best(answer, of, tokens) for answer, of in zip(answers, references, strict=True)]
    return 100 * np.array(rows, np.float64).reshape(-1, len(SCORES))


def need_characters(texts: Sequence[str]) -> bool:
    """Whether most letters are of scripts without blanks between words, such as Chinese.

    Args:
        texts: Answers of one corpus.

    Returns:
        True for Japanese, False for English; False without letters.

    Example:
        `need_characters(["東京タワー", "1958年"])` -> `True`
    """
    joined = "".join(texts)
    unspaced, letters = len(UNSPACED.findall(joined)), len(_LETTER.findall(UNSPACED.sub("", joined)))
    return unspaced > 0 and unspaced >= _MOST * (unspaced + letters)


def answer_length(answer: str, *, characters: bool = False) -> int:
    """The number of words or characters of an answer that are scored.

    Example:
        `answer_length("The old bridge.")` -> `2`
    """
    return len((_characters if characters else _words)(answer))


def _best(answer: str, references: Sequence[str], tokens: Callable[[str], list[str]]) -> tuple[float, float]:
    said, known = tokens(answer), [found for one in references if (found := tokens(one))]
    scores = [(float(said == one), _f1(said, one)) for one in known or [[]]]
    return max(exact for exact, _ in scores), max(f1 for _, f1 in scores)


def _f1(one: list[str], other: list[str]) -> float:
    if not one or not other:
        return float(one == other)
    return 2 * (Counter(one) & Counter(other)).total() / (len(one) + len(other))


def _words(text: str) -> list[str]:
    return _ARTICLE.sub(" ", text.lower().translate(_NO_ASCII_PUNCTUATION)).split()


def _characters(text: str) -> list[str]:
    return [char for char in text.lower() if not char.isspace() and not unicodedata.category(char).startswith("P")]
