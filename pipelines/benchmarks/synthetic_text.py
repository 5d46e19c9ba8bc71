"""Synthetic text pairs with the lengths and the vocabulary size of real text."""

import itertools
import random
from pathlib import Path

_WORDS = 12_000  # in each language
_SYLLABLES = [a + b + c for a in "bdfghklmnprstvwz" for b in "aeiou" for c in ("", "l", "n", "r", "s", "t")]
_PAIRS = {"train": 20_000, "val": 100, "test": 100}
_MEAN_LENGTH, _DEVIATION, _SHORTEST, _LONGEST = 12, 4, 4, 30  # words per sentence, about those of image captions


def write(folder: Path, source: str, target: str, seed: int = 1) -> None:
    """Writes `train`, `val` and `test` in both languages, with random words of Zipfian frequency.

    The two sides are unrelated, so nothing can be learnt; sentence lengths and the number of different words are those
    of real text.

    Args:
        folder: Output folder.
        source: File suffix of the source language.
        target: File suffix of the target language.
        seed: Seed of the random words and sentences.

    Example:
        `write(Path("texts"), "en", "de")`
    """
    rng = random.Random(seed)
    # Zipf's law: the frequency of a word is inversely proportional to its rank.
    frequencies = list(itertools.accumulate(1 / rank for rank in range(1, _WORDS + 1)))
    for language in (source, target):
        words = ["".join(rng.choices(_SYLLABLES, k=rng.randint(1, 4))) for _ in range(_WORDS)]
        for split, count in _PAIRS.items():
            lines = (" ".join(rng.choices(words, cum_weights=frequencies, k=_length(rng))) for _ in range(count))
            (folder / f"{split}.{language}").write_text("".join(f"{line}.\n" for line in lines), encoding="utf-8")


def _length(rng: random.Random) -> int:
    return min(max(round(rng.gauss(_MEAN_LENGTH, _DEVIATION)), _SHORTEST), _LONGEST)
