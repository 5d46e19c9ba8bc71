"""All segmentations of words into the pieces of a unigram model, to draw from with random numbers of one's own."""

import bisect
import functools
import itertools
import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tfmodels.preprocessing.child_process import run_module

_SPACE = "▁"  # stands for a space in pieces; each word begins with one
_CACHE_SIZE = 20_000  # words, at some 3 KB each
_PIECES = "pieces.json"

Edges = tuple[list[float], list[tuple[int, int]]]  # cumulative probabilities; start and id of each piece


class SubwordLattice:
    """Draws a segmentation with a probability proportional to its probability in the model, to the power of `alpha`.

    Forward filtering, backward sampling (Kudo, 2018, "Subword Regularization", with all segmentations to draw from).
    No piece crosses a space, so each word is drawn by itself. Texts are given by the ids of any segmentation: their
    pieces tell the characters. Bytes and other ids that are no pieces of text stay as they are.

    Args:
        pieces: Text of each id; None for one that stands for no text.
        scores: Log-probability of each id.
        alpha: 0 draws uniformly from all segmentations; higher values favour the best.

    Example:
        >>> lattice = SubwordLattice.read(Path("subwords.model"), alpha=0.1)
        >>> lattice.draw([412, 17], np.random.default_rng(1).random)
    """

    def __init__(self, pieces: Sequence[str | None], scores: Sequence[float], alpha: float) -> None:
        self._pieces = pieces
        self._ids = {piece: place for place, piece in enumerate(pieces) if piece}
        self._weights = [alpha * score for score in scores]
        self._longest = max(map(len, self._ids), default=0)
        self._edges = functools.lru_cache(_CACHE_SIZE)(self._edges_of)

    @classmethod
    def read(cls, model: Path, alpha: float) -> "SubwordLattice":
        """Reads the pieces of a SentencePiece model, in a child process.

        Args:
            model: Its file; see `train_subwords`.
            alpha: See the class.

        Returns:
            The lattice of its pieces.

        Raises:
            ValueError: The model cannot be read.
        """
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, _PIECES)
            if failure := run_module("tfmodels.preprocessing.subword_lattice", str(model), str(file)):
                raise ValueError(f"Expected a SentencePiece model in {model}. Received: {failure}")
            pieces, scores = json.loads(file.read_text(encoding="utf-8"))
            return cls(pieces, scores, alpha)

    def draw(self, ids: Sequence[int], random: Callable[[], float]) -> list[int]:
        """Draws a segmentation of a text.

        Args:
            ids: Any segmentation of it.
            random: Gives a uniform random number in [0, 1); called for each piece that could be another.

        Returns:
            The ids of the drawn one.
        """
        drawn: list[int] = []
        for word in self._words(ids):
            if self._pieces[word[0]] is None:
                drawn += word
                continue
            edges = self._edges(word)
            pieces, place = [], len(edges)
            while place:
                cumulative, before = edges[place - 1]
                choice = bisect.bisect_right(cumulative, random()) if len(before) > 1 else 0
                place, piece = before[choice]
                pieces.append(piece)
            drawn += reversed(pieces)
        return drawn

    def _words(self, ids: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """The ids in groups: of a word, or one that stands for no text."""
        word: list[int] = []
        for one in ids:
            piece = self._pieces[one]
            if word and (piece is None or piece.startswith(_SPACE)):
                yield tuple(word)
                word = []
            if piece is None:
                yield (one,)
            else:
                word.append(one)
        if word:
            yield tuple(word)

    def _edges_of(self, word: tuple[int, ...]) -> list[Edges]:
        """For each number of characters the pieces that end there, and the probability that each is the last."""
        text = "".join(self._pieces[one] or "" for one in word)
        totals, edges = [0.0], []  # log of the sum over all segmentations up to a character
        for end in range(1, len(text) + 1):
            weights, before = [], []
            for start in range(max(0, end - self._longest), end):
                piece = self._ids.get(text[start:end])
                if piece is not None and totals[start] > -math.inf:
                    weights.append(totals[start] + self._weights[piece])
                    before.append((start, piece))
            highest = max(weights, default=0.0)
            sums = list(itertools.accumulate(math.exp(weight - highest) for weight in weights))
            totals.append(highest + math.log(sums[-1]) if sums else -math.inf)
            edges.append(([one / sums[-1] for one in sums], before))
        return edges


def _write_pieces(model: str, file: str) -> None:
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_file=model)
    without_text = (processor.is_control, processor.is_unknown, processor.is_byte, processor.is_unused)
    ids = range(processor.get_piece_size())
    pieces = [None if any(is_one(one) for is_one in without_text) else processor.id_to_piece(one) for one in ids]
    content = [pieces, [processor.get_score(one) for one in ids]]
    Path(file).write_text(json.dumps(content), encoding="utf-8")


if __name__ == "__main__":
    _write_pieces(*sys.argv[1:])
