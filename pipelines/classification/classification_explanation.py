"""Explains a classification by attention and integrated gradients, and measures how faithful these are."""

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
_MOST_TEXTS, _FEWEST_TEXTS, _MOST_TOKENS = 100, 4, 20_000  # of a table of faithfulness: its gradients take time


def make(classifier: TextClassifier, text: str, caption: str = "") -> Explanation:
    """Explains the classification of a text.

    Args:
        classifier: The classifier.
        text: The text.
        caption: Of the figures.

    Returns:
        Label, probability, and for each token its bytes, its attention and its integrated gradients, with the drop of
        the label's probability when the tokens with the highest of these are deleted; the tokens that the vocabulary
        lacks; the text with its words coloured by both, as a picture and as a page. With a linear part the integrated
        gradients of each of its n-grams, too: those of tokens and n-grams add up to the whole.

    Example:
        `make(classifier, "A fine film.").write(Path("pictures"))`
    """
    batch = tf.constant([text])
    answer = {name: values.numpy()[0] for name, values in classifier.explain(batch).items()}
    ids = classifier.inputs.ids(batch)
    names, added = ([], None) if classifier.linear is None else classifier.linear.contributions(text)
    scores, shares = _scores(classifier, ids, None if added is None else added[np.newaxis])
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
    if shares is not None:
        ranked = np.argsort(-np.abs(shares[0]), kind="stable")
        numbers["ngrams"] = [
            {"of": names[one][0], "ngram": names[one][1], "score": float(shares[0, one])} for one in ranked
        ]
        numbers["sums"] = {"tokens": float(scores[_GRADIENTS].sum()), "ngrams": float(shares.sum())}
    unknown = _unknown(text, answer, shown)
    if "unknown" in answer:
        numbers["unknown"] = {"share": float(answer["unknown"]), "tokens": unknown}
    if (ids.numpy() > token_ids.END).any():
        numbers["faithfulness"] = table(classifier, _faithfulness(classifier, ids, scores, batch))
    draw = partial(plots.draw_words, text, starts, ends, weights, title=f"{label}: {probability:.2f}", caption=caption)
    told = f"{answer.get('unknown', 0):.0%} of the tokens are unknown to the vocabulary: {', '.join(unknown)}"
    return Explanation(numbers, {"words": draw, "words.html": draw}, [told] if unknown else [])


def measure(classifier: TextClassifier, texts: Sequence[str]) -> Faithfulness | None:
    """Measures how faithful attention and integrated gradients are, over some of the texts.

    Args:
        classifier: The classifier.
        texts: The texts, of which at most a hundred are taken, evenly spaced.

    Returns:
        How far probabilities drop when tokens are deleted; None if no text has a token to delete.
    """
    picked = [texts[row] for row in np.unique(np.linspace(0, len(texts) - 1, _MOST_TEXTS).astype(int))]
    ids, batch = classifier.inputs.ids(tf.constant(picked)), tf.constant(picked)
    ids = ids[: max(_FEWEST_TEXTS, _MOST_TOKENS // int(tf.size(ids[0])))]
    told = np.flatnonzero((ids.numpy() > token_ids.END).any(axis=tuple(range(1, len(ids.shape)))))
    if not len(told):
        return None
    ids, batch = tf.gather(ids, told), tf.gather(batch, told)
    others = None
    if classifier.linear is not None:
        others = (classifier.linear.logits(batch) - classifier.linear.regression.bias)[:, tf.newaxis]
    return _faithfulness(classifier, ids, _scores(classifier, ids, others)[0], batch)


def table(classifier: TextClassifier, measured: Faithfulness) -> dict[str, Any]:
    """Makes a table of a report.

    Args:
        classifier: The classifier.
        measured: How far probabilities drop.

    Returns:
        `title`, `columns` and `rows`.
    """
    rows = [
        [f"{100 * share:g} %", *(100 * float(drop[place]) for drop in measured.drops.values())]
        for place, share in enumerate(measured.shares)
    ]
    title = "drop of the predicted label's probability, percentage points, without the tokens of the highest scores"
    if classifier.linear is not None:
        rest = 1 - classifier.linear.share
        title += f"; deleted for the network alone, whose share is {rest:.2f}: the linear part reads the whole text"
    return {"title": title, "columns": ["tokens deleted", *measured.drops], "rows": rows}


def _unknown(text: str, answer: dict[str, Any], shown: slice) -> list[str]:
    """The tokens that the vocabulary lacks, as the text spells them."""
    whole, unknown = text.encode(errors="replace"), answer["tokens"][shown] == b"<unk>"
    spans = zip(answer["start"][shown][unknown], answer["end"][shown][unknown], strict=True)
    return [whole[start:end].decode(errors="replace") for start, end in spans]


class _Whole:
    """Network and linear part as one model, for integrated gradients."""

    def __init__(self, classifier: TextClassifier) -> None:
        self.embed = classifier.network.embed
        self._network, self._linear = classifier.network, classifier.linear

    def classify(self, vectors: tf.Tensor, ids: tf.Tensor, added: tf.Tensor | None = None) -> tf.Tensor:
        """Logits from token vectors and from what each n-gram adds to the linear logits, `[batch, n, classes]`."""
        logits = self._network.classify(vectors, ids)
        if self._linear is None or added is None:
            return logits
        return self._linear.mixture(logits, self._linear.regression.bias + tf.reduce_sum(added, axis=1))


def _scores(
    classifier: TextClassifier, ids: tf.Tensor, added: np.ndarray | tf.Tensor | None
) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """Name of an explanation -> a number for each token, in the shape of `ids`; the share of each n-gram."""
    found = explain.integrated_gradients(_Whole(classifier), ids, multi_label=bool(classifier.separator), others=added)
    return {_ATTENTION: classifier.attention(ids)[1].numpy(), _GRADIENTS: found.scores}, found.others


def _faithfulness(
    classifier: TextClassifier, ids: tf.Tensor, scores: dict[str, np.ndarray], text: tf.Tensor
) -> Faithfulness:
    """How far probabilities drop without tokens, of texts that have one each; a linear part keeps the whole text."""

    @tf.function(autograph=False, reduce_retracing=True)
    def probabilities(rows: tf.Tensor) -> tf.Tensor:
        # Uncalibrated: a temperature below 1 hides how far a probability drops.
        logits = classifier.mixed(classifier.network(rows, training=False), text)
        return classifier.probabilities(logits, calibrated=False)

    return explain.faithfulness(lambda rows: probabilities(tf.constant(rows)).numpy(), ids.numpy(), scores)
