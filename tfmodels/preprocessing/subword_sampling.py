"""Draws segmentations of texts at random (Kudo, 2018, "Subword Regularization"), the same ones for the same seed."""

import functools
import itertools
import json
import math
import random
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tfmodels.preprocessing.child_process import run_module

_BEST = 64  # segmentations of a word to draw from; the paper takes as many of a whole sentence
_WORDS = 100_000  # whose segmentations are remembered
_BLANK = "▁"  # what stands for a blank in pieces
_TEXTS, _IDS, _LENGTHS = "texts.jsonl", "ids.int32", "lengths.int64"

Candidates = tuple[list[list[int]], list[float]]  # segmentations of a word, and their cumulative weights


def sample_subwords(texts: Iterable[str], model: Path, alpha: float, seed: int) -> "Iterator[array[int]]":
    """Tokenises each text in a segmentation drawn at random.

    A segmentation x is drawn with a probability proportional to P(x)^alpha, where P is that of the unigram model. No
    piece goes across a blank, so each word is drawn by itself, among its 64 best segmentations. (SentencePiece's own
    sampling is not repeatable: what it draws for one seed differs from process to process.)

    Args:
        texts: All are read before the first is tokenised.
        model: File of a SentencePiece model, of `train_subwords`; its folder takes a temporary one.
        alpha: 0 draws evenly; the higher, the more often the best segmentation.
        seed: Of the draws.

    Yields:
        The ids of each text, without `</s>`.

    Raises:
        ValueError: The model cannot be read.

    Example:
        `next(sample_subwords(["A dog."], Path("subwords.model"), alpha=0.1, seed=1))`
    """
    with tempfile.TemporaryDirectory(dir=model.parent) as folder:
        with Path(folder, _TEXTS).open("w", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(text)}\n" for text in texts)
        arguments = (str(model), folder, repr(alpha), str(seed))
        if failure := run_module("tfmodels.preprocessing.subword_sampling", *arguments):
            raise ValueError(f"Expected a SentencePiece model in {model}. Received: {failure}")
        with Path(folder, _IDS).open("rb") as ids, Path(folder, _LENGTHS).open("rb") as lengths:
            for length in iter(functools.partial(lengths.read, 8), b""):
                row = array("i")
                row.fromfile(ids, int.from_bytes(length, sys.byteorder))
                yield row


def _sample(model: str, folder: str, alpha: str, seed: str) -> None:
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_file=model)
    scores = [processor.get_score(piece) for piece in range(processor.get_piece_size())]
    draw = random.Random(int(seed))

    @functools.lru_cache(_WORDS)
    def candidates(word: str) -> Candidates:
        return _candidates(processor, scores, word, float(alpha))

    with (
        Path(folder, _TEXTS).open(encoding="utf-8") as texts,
        Path(folder, _IDS).open("wb") as ids,
        Path(folder, _LENGTHS).open("wb") as lengths,
    ):
        for line in texts:
            row = array("i", _draw(json.loads(line), candidates, draw))
            row.tofile(ids)
            array("q", [len(row)]).tofile(lengths)


def _draw(text: str, candidates: Callable[[str], Candidates], draw: random.Random) -> Iterator[int]:
    if not text:
        return
    for word in text.replace(_BLANK, " ").split(" "):
        segmentations, weights = candidates(word)
        yield from draw.choices(segmentations, cum_weights=weights)[0]


def _candidates(processor, scores: list[float], word: str, alpha: float) -> Candidates:  # noqa: ANN001 - of a package imported later
    if not word:  # a blank before a blank; of two, as the processor puts one before a text
        both = processor.encode(" ")
        return [both[: len(both) // 2]], [1.0]
    segmentations = processor.nbest_encode(word, nbest_size=_BEST, out_type=int)
    totals = [sum(scores[piece] for piece in segmentation) for segmentation in segmentations]
    best = max(totals)
    weights = (math.exp(alpha * (total - best)) for total in totals)
    return segmentations, list(itertools.accumulate(weights))


if __name__ == "__main__":
    _sample(*sys.argv[1:])
