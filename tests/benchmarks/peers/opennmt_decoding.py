"""OpenNMT-tf's side of `decoding_against_peers.py`: exports its Transformer with fresh weights, and times the export.

`make` runs in the peer's environment (`make_opennmt_environment.sh`), after that of `our_decoding.py` in the same
folder, and converts the same weights for CTranslate2 too. `measure` runs there, or under a newer TensorFlow.

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
    """Writes `opennmt/<way>`, SavedModels, and `ctranslate2/<type>`, all of the same weights."""
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
    for way, beams in BEAMS.items():
        model = transformer()
        lengths = {"minimum_decoding_length": STEPS, "maximum_decoding_length": STEPS}
        model.initialize(data, {"beam_width": beams, **lengths})
        model.create_variables()
        if weights:
            model.set_weights(weights)
        weights = model.get_weights()
        model.export(str(work / "opennmt" / way))
    for name, quantization in QUANTIZATIONS.items():
        exporter = opennmt.utils.CTranslate2Exporter(quantization)
        model.export(str(work / "ctranslate2" / name), exporter=exporter)


def measure(work: Path, runs: int) -> dict[str, float]:
    """Milliseconds by way and batch, in sessions as a server has them."""
    import numpy as np
    import tensorflow as tf

    def session(path: Path):
        graph = tf.Graph()
        opened = tf.compat.v1.Session(graph=graph)
        with graph.as_default():
            meta_graph = tf.compat.v1.saved_model.load(opened, [tf.saved_model.SERVING], str(path))
        return opened.run, meta_graph.signature_def["serving_default"]

    sessions = {way: session(work / "opennmt" / way) for way in BEAMS}

    def answer(way: str, batch: list[list[str]]) -> None:
        run, signature = sessions[way]
        lengths = [len(sentence) for sentence in batch]
        tokens = np.full([len(batch), max(lengths)], "", object)
        for row, sentence in zip(tokens, batch, strict=True):
            row[: len(sentence)] = sentence
        feed = {signature.inputs["tokens"].name: tokens, signature.inputs["length"].name: lengths}
        outputs = run({name: info.name for name, info in signature.outputs.items()}, feed)
        check_forced(outputs["length"][:, 0].tolist(), STEPS)

    return milliseconds(answer, read(work), runs)


def read(work: Path) -> list[list[str]]:
    """The sentences, each a list of subwords."""
    return [line.split(" ") for line in (work / "sentences.txt").read_text().split("\n")]


def main() -> None:
    """Reads the command line, makes or measures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("action", choices=("make", "measure"))
    parser.add_argument("--work", type=Path, required=True, help="folder of what our_decoding.py made")
    parser.add_argument("--runs", type=int, default=10, help="counted batches of each way and size; of measure")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if arguments.action == "make":
        make(arguments.work)
    else:
        print(json.dumps(measure(arguments.work, arguments.runs)))


if __name__ == "__main__":
    main()
