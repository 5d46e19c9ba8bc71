"""Pairs of texts of made-up words: as many subwords as real text has, where there is none."""

import itertools
import random
from pathlib import Path

_WORDS = 12_000  # of a language
_SYLLABLES = [a + b + c for a in "bdfghklmnprstvwz" for b in "aeiou" for c in ("", "l", "n", "r", "s", "t")]
_PAIRS = {"train": 20_000, "val": 100, "test": 100}
_MEAN_LENGTH, _DEVIATION, _SHORTEST, _LONGEST = 12, 4, 4, 30  # in words, about as in descriptions of pictures


def write(folder: Path, source: str, target: str, seed: int = 1) -> None:
    """Writes `train`, `val` and `test` in both languages: frequent and rare words in the order of chance.

    There is nothing to be learnt from them; lengths and the number of different words are those of real sentences.

    Args:
        folder: Where to.
        source: Ending of the files to translate from.
        target: Ending of the others.
        seed: Of all that is made up.

    Example:
        `write(Path("texts"), "en", "de")`
    """
    chance = random.Random(seed)
    # How often a word occurs falls with its rank (Zipf).
    frequencies = list(itertools.accumulate(1 / rank for rank in range(1, _WORDS + 1)))
    for language in (source, target):
        words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(_WORDS)]
        for split, count in _PAIRS.items():
            lines = (" ".join(chance.choices(words, cum_weights=frequencies, k=_length(chance))) for _ in range(count))
            (folder / f"{split}.{language}").write_text("".join(f"{line}.\n" for line in lines), encoding="utf-8")


def _length(chance: random.Random) -> int:
    return min(max(round(chance.gauss(_MEAN_LENGTH, _DEVIATION)), _SHORTEST), _LONGEST)
