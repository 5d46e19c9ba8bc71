"""Subword sampling that is reproducible from a seed (Kudo, 2018, "Subword Regularization")."""

import functools
import itertools
import json
import math
import random
import sys
import tempfile
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tfmodels.preprocessing.child_process import run_module

_NBEST = 64  # segmentations of a word to draw from; the paper uses as many of a whole sentence
_CACHE_SIZE = 100_000  # words whose segmentations are cached
_SPACE = "▁"  # stands for a space in pieces
_TEXTS, _IDS, _LENGTHS = "texts.jsonl", "ids.int32", "lengths.int64"

Candidates = tuple[list[list[int]], list[float]]  # segmentations of a word, and their cumulative weights


def sample_subwords(
    texts: Iterable[str], model: Path, alpha: float, seed: int, normalize: bool = True
) -> "Iterator[array[int]]":
    """Tokenizes each text with a randomly drawn segmentation.

    A segmentation x is drawn with a probability proportional to P(x)^alpha, where P is its probability in the unigram
    model. No piece crosses a space, so each word is drawn by itself, from its 64 best segmentations. (SentencePiece's
    own sampling is not reproducible: the draws for a seed differ between processes.)

    Args:
        texts: All are read before the first is tokenized.
        model: File of a SentencePiece model, see `train_subwords`; a temporary folder is made in the same folder.
        alpha: 0 draws uniformly; higher values favour the best segmentation.
        seed: Random seed.
        normalize: Whether the characters of the texts are composed first (NFC), as of `Subwords`.

    Yields:
        The ids of each text, without `</s>`.

    Raises:
        ValueError: The model cannot be read.

    Example:
        `next(sample_subwords(["A dog."], Path("subwords.model"), alpha=0.1, seed=1))`
    """
    with tempfile.TemporaryDirectory(suffix=".partial", dir=model.parent) as folder:
        with Path(folder, _TEXTS).open("w", encoding="utf-8") as file:
            lines = (unicodedata.normalize("NFC", text) for text in texts) if normalize else texts
            file.writelines(f"{json.dumps(line)}\n" for line in lines)
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

    @functools.lru_cache(_CACHE_SIZE)
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
    for word in text.replace(_SPACE, " ").split(" "):
        segmentations, weights = candidates(word)
        yield from draw.choices(segmentations, cum_weights=weights)[0]


def _candidates(processor, scores: list[float], word: str, alpha: float) -> Candidates:  # noqa: ANN001 - of a package imported later
    if not word:  # a space before a space; the processor adds one to the beginning, so there are two to halve
        both = processor.encode(" ")
        return [both[: len(both) // 2]], [1.0]
    segmentations = processor.nbest_encode(word, nbest_size=_NBEST, out_type=int)
    totals = [sum(scores[piece] for piece in segmentation) for segmentation in segmentations]
    best = max(totals)
    weights = (math.exp(alpha * (total - best)) for total in totals)
    return segmentations, list(itertools.accumulate(weights))


if __name__ == "__main__":
    _sample(*sys.argv[1:])
