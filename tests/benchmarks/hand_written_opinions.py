"""Asks classifiers of opinions about sentences that were written by hand, and whether they say why.

The sentences are of the kinds of the synthetic opinions. An answer is rightly explained if a word that decides it is
among the tokens of the highest integrated gradients, as many of them as words decide, and one more.

    tfmodels fit classification
    python tests/benchmarks/hand_written_opinions.py classification
"""

import argparse
import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

from pipelines import runs
from pipelines.classification import network
from pipelines.classification.text_classifier import TextClassifier
from tfmodels import explain

SENTENCES = Path(__file__).parents[1] / "fixtures" / "opinions.csv"


def judged(classifier: TextClassifier) -> list[tuple[str, bool, bool]]:
    """Each sentence, whether its answer is right, and whether that is rightly explained."""
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = tf.constant([row["text"] for row in rows])
    answers = {name: values.numpy() for name, values in classifier.explain(texts).items()}
    ids = classifier.inputs.ids(texts)
    gradients = explain.integrated_gradients(classifier.network, ids).scores
    scores = np.abs(classifier.inputs.flat(ids, tf.constant(gradients)).numpy())
    found = []
    for number, row in enumerate(rows):
        deciding = set(row["decides"].replace("’", "'").lower().split())
        spans = zip(answers["start"][number], answers["end"][number], strict=True)
        tokens = [row["text"].encode()[start:end].decode().replace("’", "'").lower() for start, end in spans]
        highest = np.argsort(-scores[number], kind="stable")[: len(deciding) + 1]
        right = answers["label"][number].decode() == row["label"]
        found.append((row["text"], right, bool(deciding & {tokens[place] for place in highest})))
    return found


def main() -> None:
    """Prints what is wrong, and the counts, for each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", help="names of runs")
    for name in parser.parse_args().runs:
        run = runs.load(name)
        found = judged(network.trained(run.config, run))
        for text, right, explained in found:
            if not (right and explained):
                print(f"{'wrong' if not right else 'not explained'}: {text}")
        rights, explanations = sum(right for _, right, _ in found), sum(explained for _, _, explained in found)
        print(f"{name}: {rights} of {len(found)} right, {explanations} rightly explained")


if __name__ == "__main__":
    main()
