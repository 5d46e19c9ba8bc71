"""What a reader is told of each token before it learns: capitals apart, spelling, shape and rarity."""

import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipelines.question_answering.baselines import context_tokens
from tfmodels.unspaced_letters import UNSPACED

if TYPE_CHECKING:
    from tfmodels.models import Reader

_BLANK = "▁"  # stands for a blank in subwords
_LETTERS = 3  # of an n-gram of words between blanks


def assign(network: "Reader", pieces: Sequence[str], counts: np.ndarray) -> None:
    """Sets the tables of a network, see `models.Reader`.

    Args:
        network: Built.
        pieces: The texts of the tokens.
        counts: int `[pieces]`, how often each occurs in the contexts of the training data.

    Example:
        `assign(network, tokens.vocabulary(), rows.counts(tokens.size, ["context"]))`
    """
    width, shapes = network.spellings.shape[1], network.kinds.vocabulary_size
    network.folded.assign(np.array(folded(pieces), np.int32))
    network.spellings.assign(spellings(pieces, width, network.letters.vocabulary_size))
    network.shapes.assign(np.minimum(kinds(pieces), shapes - 1))
    network.begins.assign(begins(pieces))
    network.rarity.assign(rarity(counts))


def folded(pieces: Sequence[str]) -> list[int]:
    """The first token that is the same but for capitals and a blank before it, for each token.

    Args:
        pieces: The texts of the tokens.

    Returns:
        Their numbers.

    Example:
        `folded(["a", "b", "▁A"])` -> `[0, 1, 0]`
    """
    first: dict[str, int] = {}
    keys = (_bare(piece) or piece for piece in pieces)
    return [first.setdefault(key, place) for place, key in enumerate(keys)]


def spellings(pieces: Sequence[str], width: int, buckets: int) -> np.ndarray:
    """The hashes of character n-grams that tokens of one stem share.

    Three letters each, with a mark where a word begins; of scripts without blanks each letter but hiragana, and each
    pair.

    Args:
        pieces: The texts of the tokens.
        width: Most n-grams of a token.
        buckets: Number of hashes.

    Returns:
        int32 `[pieces, width]`, from 1 on, padded with 0.

    Example:
        `spellings(["▁born", "▁borne"], 16, 4096)` -> the first is part of the second
    """
    table = np.zeros([len(pieces), width], np.int32)
    for row, piece in zip(table, pieces, strict=True):
        hashes = dict.fromkeys(1 + zlib.crc32(ngram.encode()) % (buckets - 1) for ngram in _ngrams(piece))
        row[: len(hashes)] = list(hashes)[:width]
    return table


def kinds(pieces: Sequence[str]) -> np.ndarray:
    """The shape of each token, such as a year, apart for those that begin a word.

    Args:
        pieces: The texts of the tokens.

    Returns:
        int32 `[pieces]`, below twice the number of `context_tokens.SHAPES`.

    Example:
        `kinds(["▁1958", "▁1960"])` -> the same number twice
    """
    found = np.zeros(len(pieces), np.int32)
    for place, piece in enumerate(pieces):
        first = next(iter(context_tokens.tokens(piece.removeprefix(_BLANK))), None)
        shape = 0 if first is None else first.shape
        found[place] = shape + len(context_tokens.SHAPES) * piece.startswith(_BLANK)
    return found


def begins(pieces: Sequence[str]) -> np.ndarray:
    """Which tokens begin a word: of subwords those after a blank, and those of scripts without blanks.

    Args:
        pieces: The texts of the tokens.

    Returns:
        int32 `[pieces]`, 1 or 0; all 1 if no token has a blank, as words and characters have none.

    Example:
        `begins(["▁born", "e", "東京"])` -> `[1, 0, 1]`
    """
    found = [piece.startswith(_BLANK) or UNSPACED.search(piece) is not None for piece in pieces]
    subwords = any(piece.startswith(_BLANK) for piece in pieces)
    return np.array(found if subwords else [True] * len(pieces), np.int32)


def rarity(counts: np.ndarray) -> np.ndarray:
    """The weight of each token: the logarithm of how rare it is, 1 for those that never occur.

    Args:
        counts: int `[tokens]`.

    Returns:
        float32 `[tokens]`, from 0 to 1.

    Example:
        `rarity(np.array([0, 99]))` -> `[1.0, 0.0]`
    """
    total = counts.sum() + 1
    return (np.log(total / (counts + 1)) / max(np.log(total), 1e-6)).astype(np.float32)


def _bare(piece: str) -> str:
    return piece.removeprefix(_BLANK).casefold()


def _ngrams(piece: str) -> Iterator[str]:
    text = _bare(piece)
    if not any(letter.isalnum() for letter in text):
        return
    if UNSPACED.search(text):
        yield from (letter for letter in text if not "\u3041" <= letter <= "\u309f")
        yield from (text[place : place + 2] for place in range(len(text) - 1))
        return
    marked = f"<{text}" if piece.startswith(_BLANK) else text
    yield from (marked[place : place + _LETTERS] for place in range(max(len(marked) - _LETTERS, 0) + 1))
