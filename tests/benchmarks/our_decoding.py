"""Our side of `decoding_against_peers.py`: exports the Transformer with random weights and measures the export.

    python tests/benchmarks/our_decoding.py make --data multi30k --work /tmp/work
    python tests/benchmarks/our_decoding.py measure --work /tmp/work

Decoding has 50 steps: 49 tokens, none of them `</s>`, whose vector is set to 0, and the `</s>` forced by the limit.
`make` also writes the input of the peers, which have no tokenizer here: the same sentences as ids of subwords.
"""

import argparse
import itertools
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from our_training_rate import peers_config, prepared
from peers.decoding_times import BEAMS, STEPS, check_forced, milliseconds

SENTENCES = 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("make", "measure"))
    parser.add_argument("--data", type=Path, help="folder of Multi30k, or its subfolder tok, for make")
    parser.add_argument("--work", type=Path, required=True, help="folder of the exports and input texts")
    parser.add_argument("--runs", type=int, default=10, help="measured batches of each mode and size, for measure")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if arguments.action == "make":
        make(arguments.data, arguments.work)
    else:
        print(json.dumps(measure(arguments.work, arguments.runs)))


def make(data: Path, work: Path) -> None:
    """Writes the exports `ours/<mode>`, `texts.txt`, `sentences.txt` (the texts as ids) and `vocabulary.txt`."""
    import tensorflow as tf

    from pipelines.seq2seq import Generator
    from pipelines.seq2seq.data import subwords as subwords_of
    from pipelines.seq2seq.endpoints import endpoints
    from pipelines.translation import task as translation
    from tfmodels import export, token_ids

    run = prepared(peers_config(data), work)
    network = translation.model(run.config, run)
    network.build()
    vectors = network.embedding.vectors
    vectors.assign(tf.tensor_scatter_nd_update(vectors, [[token_ids.END]], tf.zeros([1, vectors.shape[1]])))
    subwords = subwords_of(run)
    ids = long_sentences(run)
    texts = subwords.text(ids).numpy().tolist()
    (work / "texts.txt").write_bytes(b"\n".join(texts))
    ordinary = range(token_ids.END + 1, subwords.size)
    (work / "vocabulary.txt").write_text("\n".join(map(str, ordinary)))
    sentences = [" ".join(str(token) for token in row if token in ordinary) for row in ids]
    (work / "sentences.txt").write_text("\n".join(sentences))
    for mode, beams in BEAMS.items():
        options = replace(run.config.decoding, beam_size=beams)
        generator = Generator(network, subwords, STEPS, STEPS, options)
        (default,) = (endpoint for endpoint in endpoints(generator) if endpoint.name == "serving_default")
        samples = {default.name: {"text": texts[:2]}}
        card = {"task": run.task, "columns": ["text"]}
        export.save(work / "ours" / mode, [default], [network, subwords], samples, card)


def long_sentences(run: Any) -> Any:
    """The first sentences of the training data that allow outputs of `STEPS` steps, int32 `[SENTENCES, time]`.

    The length limit of an output is twice that of its source plus ten.
    """
    import numpy as np

    from tfmodels import training

    rows = training.TokenRows(run.assets / "train")
    lengths = rows.lengths["source"]  # with </s>
    fitting = (2 * (lengths - 1) + 10 >= STEPS - 1) & (lengths <= STEPS)
    chosen = np.array(list(itertools.islice(np.flatnonzero(fitting), SENTENCES)))
    return rows.padded("source", chosen, int(lengths[chosen].max()))


def measure(work: Path, runs: int) -> dict[str, float]:
    """Milliseconds by decoding mode and batch size."""
    from tfmodels.export import SessionRunner

    texts = (work / "texts.txt").read_bytes().split(b"\n")
    runners = {mode: SessionRunner(work / "ours" / mode) for mode in BEAMS}

    def decode(mode: str, batch: list[bytes]) -> None:
        outputs = runners[mode].call("serving_default", text=batch)
        check_forced(outputs["length"].tolist(), STEPS - 1)

    return milliseconds(decode, texts, runs)


if __name__ == "__main__":
    main()
