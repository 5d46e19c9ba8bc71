"""Learns a SentencePiece model, in a process of its own: beside a loaded TensorFlow its trainer has crashed."""

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tfmodels import token_ids
from tfmodels.preprocessing.child_process import run_module

_MOST_LINES = 2_000_000  # enough for any vocabulary; the trainer holds them in memory
_LINES, _PREFIX = "lines.txt", "model"


def train_subwords(texts: Iterable[str], path: Path, size: int, seed: int = 1) -> None:
    """Learns `size` unigram pieces from `texts` and writes the model to `path`, where it appears when complete.

    Blanks stay as they are and characters are not normalised, so that text survives the way there and back; digits
    stand alone; characters that were never seen are spelt in bytes.

    Args:
        texts: Lines; a random two million of them are used.
        path: Of the model.
        size: Wished number of pieces; less if the text does not give so many.
        seed: Of the sample of lines.

    Raises:
        ValueError: The trainer could not learn from these lines; its message follows.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        with Path(folder, _LINES).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{text}\n" for text in texts)
        failure = run_module("tfmodels.preprocessing.subword_training", folder, str(size), str(seed))
        if failure:
            raise ValueError(f"Expected text that {size} subwords can be learned from. Received: {failure}")
        Path(folder, f"{_PREFIX}.model").rename(path)


def _train(folder: str, size: str, seed: str) -> None:
    import sentencepiece

    os.chdir(folder)  # the model remembers the names of its files: without the folder it depends on the texts alone
    sentencepiece.set_random_generator_seed(int(seed))
    sentencepiece.SentencePieceTrainer.train(
        input=_LINES,
        model_prefix=_PREFIX,
        vocab_size=int(size),
        hard_vocab_limit=False,
        character_coverage=0.9999,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        split_digits=True,
        byte_fallback=True,
        input_sentence_size=_MOST_LINES,
        shuffle_input_sentence=True,
        max_sentence_length=65536,
        num_threads=1,  # the order in which threads add up changes the model
        pad_id=token_ids.PAD,
        unk_id=token_ids.UNK,
        bos_id=token_ids.START,
        eos_id=token_ids.END,
        minloglevel=1,
    )


if __name__ == "__main__":
    _train(*sys.argv[1:])
