"""The linear part of a run: a fitted model of n-grams beside the network, and its share in the answers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from pipelines.runs import Run, fitting
from pipelines.text import vocabulary
from tfmodels import array_files, preprocessing
from tfmodels.layers import LogitMixture, NGramRegression
from tfmodels.whole_files import REMEDY

if TYPE_CHECKING:
    from pipelines.classification.config import Config

FOLDER, ARRAYS = "wide", ("known", "frequencies", "weight", "bias")  # in the assets
_SHARE = "wide.npy"


@dataclass(frozen=True)
class LinearPart:
    """A fitted linear model of n-grams beside a network.

    Attributes:
        regression: The model.
        mixture: Mixes the logits of the network with its own.
        normalize: Whether the characters of texts are composed first.

    Example:
        `LinearPart(regression, mixture, True).mixed(network(ids), tf.constant(["A fine film."]))`
    """

    regression: NGramRegression
    mixture: LogitMixture
    normalize: bool

    @property
    def share(self) -> float:
        """The share of the linear model in the logits; that of the network is the rest."""
        return float(self.mixture.share)

    def logits(self, text: tf.Tensor) -> tf.Tensor:
        """The logits of the linear model, float32 `[batch, classes]`, of texts, string `[batch]`."""
        return self.regression(*preprocessing.hashed_ngrams(text, self.normalize))

    def mixed(self, logits: tf.Tensor, text: tf.Tensor) -> tf.Tensor:
        """The logits of network and linear model together."""
        return self.mixture(logits, self.logits(text))

    def contributions(self, text: str) -> tuple[list[tuple[str, str]], np.ndarray]:
        """What each n-gram of a text adds to the linear logits.

        Returns:
            Those that the model knows, `words` or `characters` and the n-gram; `[n, classes]`.
        """
        weight, known = self.regression.weight.numpy(), self.regression.known.numpy()
        names: list[tuple[str, str]] = []
        added = [np.zeros([0, weight.shape[1]], np.float32)]
        hashes = preprocessing.hashed_ngrams(tf.constant([text]), self.normalize)
        spellings = preprocessing.spelt_ngrams(text, self.normalize)
        for kind, found, spelt in zip(("words", "characters"), hashes, spellings, strict=True):
            by_hash = dict(zip(found.numpy()[0].tolist(), spelt, strict=True))
            values, places, _ = (of.numpy() for of in self.regression.values(found))
            names += [(kind, by_hash[int(known[place])]) for place in places]
            added.append(values[:, np.newaxis] * weight[places])
        return names, np.concatenate(added)


def read(config: "Config", run: Run, learnt: bool = True) -> LinearPart | None:
    """Reads the linear part of a run.

    Args:
        config: The options.
        run: The run, prepared.
        learnt: False where its share is yet to be learnt, and one half.

    Returns:
        The linear part; None where the options have none.

    Raises:
        FileNotFoundError: A file of it is missing.
        ValueError: A file of it is damaged.
    """
    if not config.wide:
        return None
    folder = run.assets / FOLDER
    known, frequencies, weight, bias = (array_files.read(folder / f"{name}.npy") for name in ARRAYS)
    if weight.shape != (*known.shape, *bias.shape) or known.shape != frequencies.shape or weight.ndim != 2:
        raise ValueError(f"Expected the arrays of one linear model in {folder}. Received: others. {REMEDY}")
    regression = NGramRegression(len(bias), len(known), dtype="float32", name="ngram_regression")
    regression.assign(known, frequencies, weight, bias)
    mixture = LogitMixture(bool(config.separator), dtype="float32", name="logit_mixture")
    mixture.build()
    found = fitting.calibration(run, _SHARE, (), "network and linear part count the same") if learnt else None
    if found is not None:
        if not 0 <= found <= 1:
            raise ValueError(f"Expected a share from 0 to 1 in {run.path / _SHARE}. Received: {found}. {REMEDY}")
        mixture.share.assign(found)
    return LinearPart(regression, mixture, vocabulary.is_normalized(config))


def write_share(run: Run, part: LinearPart) -> None:
    """Keeps the share of a linear part in its run, with its digest.

    Args:
        run: The run.
        part: Its linear part.
    """
    fitting.write_calibration(run, _SHARE, part.mixture.share.numpy())
