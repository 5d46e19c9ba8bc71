"""Several trained classifiers as one: their probabilities averaged, in the graph."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from pipelines.classification import data, network
from pipelines.classification.text_classifier import TextClassifier, logits_of
from pipelines.runs.ensembles import members as ensemble_members
from pipelines.text import vocabulary
from tfmodels.export import Endpoint
from tfmodels.layers import TemperatureScaling

if TYPE_CHECKING:
    from pipelines.runs import Run

_NO_EXPLAIN = (
    "There is no endpoint explain, since the members read a text as different tokens: other max_length, sentences or "
    "words. Export one of them for it."
)


class ClassifierEnsemble:
    """The mean of the members' probabilities, each calibrated as its own export has it, and calibrated once more.

    The mean of calibrated probabilities is too cautious where the members differ (Rahaman and Thiery, 2021,
    "Uncertainty Quantification and Deep Ensembles"), so it has a temperature of its own: that of its logits, the
    logarithms of the mean. Of one member, or of the same member several times, that is 1.

    Args:
        members: The classifiers, with the same classes and tokens.
        scaling: Scales the logits of the mean.

    Attributes:
        classes: The labels.
        reads_alike: Whether all members see the same tokens of a text.
        batch_logits: As `logits`, traced once.

    Example:
        >>> ensemble = ClassifierEnsemble(classifiers, TemperatureScaling(dtype="float32"))
        >>> ensemble.answer(tf.constant(["A fine film."]))["label"]
    """

    def __init__(self, members: Sequence[TextClassifier], scaling: TemperatureScaling) -> None:
        self.members = list(members)
        self.scaling = scaling
        self.classes = self.members[0].classes
        self.reads_alike = len({_reading(member) for member in members}) == 1
        self.batch_logits = tf.function(
            self.logits, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False
        )

    def answer(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """As `TextClassifier.answer`; `unknown` is of the tokens that the first member reads."""
        ids = self._ids(text)
        first = self.members[0]
        return first.decided(self._probabilities(self._mean_logits(self._logits(ids, text)))) | first.unknown(ids[0])

    def explain(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """As `TextClassifier.explain`, with the mean of the members' attention; needs `reads_alike`."""
        ids, first = self._ids(text), self.members[0]
        logits, attention = zip(*(one.attention(ids[0]) for one in self.members), strict=True)
        mixed = [one.mixed(of, text) for one, of in zip(self.members, logits, strict=True)]
        answer = first.decided(self._probabilities(self._mean_logits(mixed)))
        return first.explained(answer, text, ids[0], tf.add_n(attention) / len(self.members))

    def logits(self, text: tf.Tensor) -> tf.Tensor:
        """The logarithms of the mean probabilities, of several labels their log-odds: float32 `[batch, classes]`."""
        return self._mean_logits(self._logits(self._ids(text), text))

    def endpoints(self) -> list[Endpoint]:
        """The endpoints of an export: `explain` only where all members read the same tokens."""
        text = tf.TensorSpec([None], tf.string, "text")
        explain = [Endpoint("explain", (text,), self.explain)] if self.reads_alike else []
        return [Endpoint("serving_default", (text,), self.answer), *explain]

    def samples(self, texts: list[str | bytes]) -> dict[str, dict[str, list]]:
        """The samples that an export is checked on: these texts at each endpoint."""
        return {endpoint.name: {"text": texts} for endpoint in self.endpoints()}

    def tracked(self) -> list[Any]:
        """What holds the variables and tables of the endpoints."""
        reading = self.members[:1] if self.reads_alike else self.members
        own = [part for one in self.members for part in one.tracked() if part is not one.inputs.tokens]
        return [self.scaling, *own, *(one.inputs.tokens for one in reading)]

    def limits(self) -> list[str]:
        """What a reader of the outputs must know, in sentences."""
        found = dict.fromkeys(limit for one in self.members for limit in one.limits())
        mean = (
            f"An ensemble: the mean of the probabilities of {len(self.members)} models, each with its own temperature, "
            f"scaled by a temperature of {float(self.scaling.temperature):.3f}, fitted to the mean on the validation "
            "split."
        )
        return [mean, *found, *([] if self.reads_alike else [_NO_EXPLAIN])]

    def _ids(self, text: tf.Tensor) -> list[tf.Tensor]:
        """The ids that each member reads; the texts are tokenised once where these are the same."""
        if self.reads_alike:
            return [self.members[0].inputs.ids(text)] * len(self.members)
        return [one.inputs.ids(text) for one in self.members]

    def _logits(self, ids: Sequence[tf.Tensor], text: tf.Tensor) -> list[tf.Tensor]:
        return [one.mixed(one.network(read, training=False), text) for one, read in zip(self.members, ids, strict=True)]

    def _mean_logits(self, logits: Sequence[tf.Tensor]) -> tf.Tensor:
        scaled = tf.stack([one.temperature(of) for one, of in zip(self.members, logits, strict=True)])
        if self.members[0].separator:
            yes, no = (tf.reduce_logsumexp(tf.math.log_sigmoid(sign * scaled), axis=0) for sign in (1, -1))
            return yes - no
        return tf.reduce_logsumexp(tf.nn.log_softmax(scaled), axis=0) - math.log(len(self.members))

    def _probabilities(self, logits: tf.Tensor) -> tf.Tensor:
        scaled = self.scaling(logits)
        return tf.sigmoid(scaled) if self.members[0].separator else tf.nn.softmax(scaled)


def of_runs(members: "Sequence[Run]") -> ClassifierEnsemble:
    """Makes the ensemble of runs and fits its temperature on their validation split.

    Args:
        members: Trained runs, with their options.

    Returns:
        The ensemble.

    Raises:
        ValueError: The members differ in tokens, classes, decision, files or validation split.
        FileNotFoundError: A run has no checkpoint, or its data is not there.

    Example:
        `of_runs([runs.load("trec-0"), runs.load("trec-1")]).answer(tf.constant(["Who wrote it?"]))`
    """
    ensemble_members.check_same(members, _shared)
    first = members[0]
    ensemble_members.check_same_rows(members, lambda run: data.read(run.config, run, "validation"))
    rows = data.read(first.config, first, "validation")
    scaling = TemperatureScaling(multi_label=bool(first.config.separator), dtype="float32")
    scaling.build()
    ensemble = ClassifierEnsemble([network.trained(run.config, run) for run in members], scaling)
    logits = logits_of(ensemble, [row.text for row in rows])
    targets = data.targets(rows, ensemble.classes, bool(first.config.separator))
    scaling.learn(logits, targets)
    return ensemble


def _shared(run: "Run") -> dict[str, Any]:
    config = run.config
    return {
        "vocabulary": vocabulary.digest(run),
        "normalize": config.normalize,
        "classes": data.classes(run),
        "separator": config.separator,
        "decision.threshold": config.decision.threshold,
        "files": data.file_table(config, run),
    }


def _reading(member: TextClassifier) -> tuple[str, str, int]:
    """What decides which tokens of a text a member reads, of members with the same tokens."""
    return type(member.inputs).__name__, member.inputs.limit, member.inputs.max_length
