"""OpenNMT-tf's side of `decoding_against_peers.py`: exports its Transformer with random weights and measures it.

`make` runs in the peer's environment (`make_opennmt_environment.sh`), after `our_decoding.py make` with the same
folder, and also converts the weights for CTranslate2. `measure` runs there or with a newer TensorFlow.

    .peer-venv/bin/python peers/opennmt_decoding.py make --work /tmp/work
    .peer-venv/bin/python peers/opennmt_decoding.py measure --work /tmp/work
"""

import argparse
import json
import os
from pathlib import Path

from decoding_times import BEAMS, STEPS, check_forced, milliseconds

QUANTIZATIONS = {"float32": None, "int8": "int8"}


def make(work: Path) -> None:
    """Writes the SavedModels `opennmt/<mode>` and the models `ctranslate2/<type>`, all with the same weights."""
    import opennmt
    import tensorflow as tf
    from opennmt_transformer import transformer

    vocabulary = work / "opennmt_vocabulary.txt"
    vocabulary.write_text("\n".join(["<blank>", "<s>", "</s>", (work / "vocabulary.txt").read_text()]))
    data = {
        "source_vocabulary": str(vocabulary),
        "target_vocabulary": str(vocabulary),
        "source_sequence_controls": {"end": True},
    }
    tf.random.set_seed(1)
    weights = None
    for mode, beams in BEAMS.items():
        model = transformer()
        lengths = {"minimum_decoding_length": STEPS, "maximum_decoding_length": STEPS}
        model.initialize(data, {"beam_width": beams, **lengths})
        model.create_variables()
        if weights:
            model.set_weights(weights)
        weights = model.get_weights()
        model.export(str(work / "opennmt" / mode))
    for name, quantization in QUANTIZATIONS.items():
        exporter = opennmt.utils.CTranslate2Exporter(quantization)
        model.export(str(work / "ctranslate2" / name), exporter=exporter)


def measure(work: Path, runs: int) -> dict[str, float]:
    """Milliseconds by decoding mode and batch size, in sessions as in a server."""
    import numpy as np
    import tensorflow as tf

    def session(path: Path):
        graph = tf.Graph()
        opened = tf.compat.v1.Session(graph=graph)
        with graph.as_default():
            meta_graph = tf.compat.v1.saved_model.load(opened, [tf.saved_model.SERVING], str(path))
        return opened.run, meta_graph.signature_def["serving_default"]

    sessions = {mode: session(work / "opennmt" / mode) for mode in BEAMS}

    def decode(mode: str, batch: list[list[str]]) -> None:
        run, signature = sessions[mode]
        lengths = [len(sentence) for sentence in batch]
        tokens = np.full([len(batch), max(lengths)], "", object)
        for row, sentence in zip(tokens, batch, strict=True):
            row[: len(sentence)] = sentence
        feed = {signature.inputs["tokens"].name: tokens, signature.inputs["length"].name: lengths}
        outputs = run({name: info.name for name, info in signature.outputs.items()}, feed)
        check_forced(outputs["length"][:, 0].tolist(), STEPS)

    return milliseconds(decode, read(work), runs)


def read(work: Path) -> list[list[str]]:
    """The sentences, each a list of subwords."""
    return [line.split(" ") for line in (work / "sentences.txt").read_text().split("\n")]


def main() -> None:
    """Runs `make` or `measure`."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("action", choices=("make", "measure"))
    parser.add_argument("--work", type=Path, required=True, help="folder of the output of our_decoding.py make")
    parser.add_argument("--runs", type=int, default=10, help="measured batches of each mode and size, for measure")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if arguments.action == "make":
        make(arguments.work)
    else:
        print(json.dumps(measure(arguments.work, arguments.runs)))


if __name__ == "__main__":
    main()
