"""Tokenises Multi30k for OpenNMT-tf with one joint SentencePiece vocabulary of 8,000 pieces.

Runs in the peer's environment without TensorFlow: training SentencePiece in a process with TensorFlow 2.12 crashes.

Example:
    .peer-venv/bin/python peers/opennmt_subwords.py /data/multi30k /tmp/work
"""

import gzip
import sys
from pathlib import Path

import pyonmttok

# The settings of `tfmodels.preprocessing.Subwords`, so that both sides train on sequences of the same lengths.
SETTINGS = {
    "vocab_size": 8000,
    "character_coverage": 1.0,
    "normalization_rule_name": "identity",
    "remove_extra_whitespaces": "false",
    "split_digits": "true",
    "byte_fallback": "true",
}
SPECIAL = ("<unk>", "<s>", "</s>")


def write_subwords(data: Path, work: Path) -> None:
    """Writes `train.en`, `train.de` (pieces separated by spaces) and `vocabulary.txt` into `work`.

    Args:
        data: Folder of Multi30k with `tok/train.lc.norm.tok.{en,de}.gz`.
        work: Output folder; created if missing.
    """
    work.mkdir(parents=True, exist_ok=True)
    texts = {}
    for language in ("en", "de"):
        with gzip.open(data / "tok" / f"train.lc.norm.tok.{language}.gz", "rt", encoding="utf-8") as file:
            texts[language] = file.read().splitlines()

    learner = pyonmttok.SentencePieceLearner(keep_vocab=True, **SETTINGS)
    for line in texts["en"] + texts["de"]:
        learner.ingest(line)
    tokenizer = learner.learn(str(work / "subwords.model"))

    for language, lines in texts.items():
        pieces = (" ".join(tokenizer(line)) for line in lines)
        (work / f"train.{language}").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    rows = (work / "subwords.model.vocab").read_text(encoding="utf-8").splitlines()
    pieces = [piece for piece in (row.split("\t")[0] for row in rows) if piece not in SPECIAL]
    # Written last: its presence means that all files are complete.
    (work / "vocabulary.txt").write_text("\n".join(["<blank>", "<s>", "</s>", *pieces]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_subwords(Path(sys.argv[1]), Path(sys.argv[2]))
