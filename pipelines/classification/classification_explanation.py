"""Why a classifier answered so: what it looked at, what its answer rests on, and whether these two hold."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from pipelines.classification.text_classifier import TextClassifier
from pipelines.runs.explanation import Explanation
from tfmodels import explain, plots, token_ids
from tfmodels.explain import Faithfulness

_ATTENTION, _GRADIENTS = "attention", "integrated gradients"
_MOST_TEXTS, _FEWEST_TEXTS, _PLACES = 100, 4, 20_000  # of a table of faithfulness: its gradients take time


def make(classifier: TextClassifier, text: str) -> Explanation:
    """Explains the answer to a text.

    Args:
        classifier: What answers.
        text: The text.

    Returns:
        Label, probability, and for each token its bytes, its attention and its integrated gradients, with the fall of
        the answer's probability when the tokens with the most of these are deleted; the text with its words coloured by
        both, as a picture and as a page.

    Example:
        `make(classifier, "A fine film.").write(Path("pictures"))`
    """
    batch = tf.constant([text])
    answer = {name: values.numpy()[0] for name, values in classifier.explain(batch).items()}
    ids = classifier.inputs.ids(batch)
    scores = _scores(classifier, ids)
    shown = slice(answer["length"])
    weights = {name: classifier.inputs.flat(ids, tf.constant(of)).numpy()[0, shown] for name, of in scores.items()}
    starts, ends = answer["start"][shown].tolist(), answer["end"][shown].tolist()
    label, probability = answer["label"].decode(), float(answer["probability"])
    numbers: dict[str, Any] = {
        "text": text,
        "label": label,
        "probability": probability,
        "tokens": [piece.decode("utf-8", "replace") for piece in answer["tokens"][shown]],
        "start": starts,
        "end": ends,
        "scores": {name: of.tolist() for name, of in weights.items()},
    }
    if (ids.numpy() > token_ids.END).any():
        numbers["faithfulness"] = table(_faithfulness(classifier, ids, scores))
    draw = partial(plots.draw_words, text, starts, ends, weights, title=f"{label}: {probability:.2f}")
    return Explanation(numbers, {"words": draw, "words.html": draw})


def measure(classifier: TextClassifier, texts: Sequence[str]) -> Faithfulness | None:
    """Whether attention and integrated gradients point at what answers rest on, over some of the texts.

    Args:
        classifier: What answers.
        texts: The texts, of which at most a hundred are taken, evenly.

    Returns:
        How far answers fall; None if no text has a token to delete.
    """
    picked = [texts[row] for row in np.unique(np.linspace(0, len(texts) - 1, _MOST_TEXTS).astype(int))]
    ids = classifier.inputs.ids(tf.constant(picked))
    ids = ids[: max(_FEWEST_TEXTS, _PLACES // int(tf.size(ids[0])))]
    if not (ids.numpy() > token_ids.END).any():
        return None
    return _faithfulness(classifier, ids, _scores(classifier, ids))


def table(measured: Faithfulness) -> dict[str, Any]:
    """A table of a report.

    Args:
        measured: How far answers fall.

    Returns:
        `title`, `columns` and `rows`.
    """
    rows = [
        [f"{100 * share:g} %", *(100 * float(drop[place]) for drop in measured.drops.values())]
        for place, share in enumerate(measured.shares)
    ]
    title = "fall of the answer's probability, percent, when the tokens with the highest scores are deleted"
    return {"title": title, "columns": ["tokens deleted", *measured.drops], "rows": rows}


def _scores(classifier: TextClassifier, ids: tf.Tensor) -> dict[str, np.ndarray]:
    """Explanation -> a number for each token, in the shape of `ids`."""
    several = bool(classifier.separator)
    return {
        _ATTENTION: classifier.attention(ids)[1].numpy(),
        _GRADIENTS: explain.integrated_gradients(classifier.network, ids, multi_label=several).scores,
    }


def _faithfulness(classifier: TextClassifier, ids: tf.Tensor, scores: dict[str, np.ndarray]) -> Faithfulness:
    @tf.function(autograph=False, reduce_retracing=True)
    def probabilities(rows: tf.Tensor) -> tf.Tensor:
        # As trained: a temperature below 1 hides how far an answer falls.
        return classifier.probabilities(classifier.network(rows, training=False), calibrated=False)

    return explain.faithfulness(lambda rows: probabilities(tf.constant(rows)).numpy(), ids.numpy(), scores)
