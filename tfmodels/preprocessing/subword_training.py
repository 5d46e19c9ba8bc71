"""Trains a SentencePiece model in a child process: its trainer has crashed in processes that loaded TensorFlow."""

import os
import re
import sys
import tempfile
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from tfmodels import token_ids
from tfmodels.checked_options import OptionError
from tfmodels.preprocessing.child_process import run_module

_MAX_LINES = 2_000_000  # enough for any vocabulary; the trainer holds them in memory
_TOO_SMALL = re.compile(r"Vocabulary size is smaller than required_chars\. \d+ vs (\d+)")  # of SentencePiece
_LINES, _PREFIX = "lines.txt", "model"


def train_subwords(texts: Iterable[str], path: Path, size: int, seed: int = 1, normalize: bool = True) -> None:
    """Trains a unigram model (Kudo, 2018) and writes it to a file, which appears when it is complete.

    Spaces are not normalised, and characters only composed, so that decoding restores the text. Each digit is a piece;
    characters that the model has never seen are encoded as bytes.

    Args:
        texts: Lines; at most two million of them, drawn at random, are used.
        path: File of the model.
        size: Number of pieces; fewer if the text does not suffice.
        seed: Random seed of the sample of lines.
        normalize: Whether the characters of the lines are composed first (NFC).

    Raises:
        OptionError: `size`, the option `vocabulary_size` of the tasks, is too small for the characters of the lines.
        ValueError: The trainer failed on these lines; the message contains its reason.

    Example:
        `train_subwords(texts, Path("subwords.model"), size=8_000)`
    """
    with tempfile.TemporaryDirectory(suffix=".partial", dir=path.parent) as folder:
        with Path(folder, _LINES).open("w", encoding="utf-8", newline="\n") as file:
            lines = (unicodedata.normalize("NFC", text) for text in texts) if normalize else texts
            file.writelines(f"{line}\n" for line in lines)
        failure = run_module("tfmodels.preprocessing.subword_training", folder, str(size), str(seed))
        if least := _TOO_SMALL.search(failure):
            raise OptionError("vocabulary_size", f"to be at least {least[1]} for this text", size)
        if failure:
            raise ValueError(f"Expected text to train {size} subwords on. Received: {failure}")
        Path(folder, f"{_PREFIX}.model").rename(path)


def _train(folder: str, size: str, seed: str) -> None:
    import sentencepiece

    os.chdir(folder)  # the model stores the names of its files, and must not depend on the folder
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
        input_sentence_size=_MAX_LINES,
        shuffle_input_sentence=True,
        max_sentence_length=65536,
        num_threads=1,  # with several, the model depends on their order
        pad_id=token_ids.PAD,
        unk_id=token_ids.UNK,
        bos_id=token_ids.START,
        eos_id=token_ids.END,
        minloglevel=1,
    )


if __name__ == "__main__":
    _train(*sys.argv[1:])
