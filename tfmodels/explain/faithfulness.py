"""Faithfulness: whether the tokens that an explanation ranks highest are those that a prediction depends on."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tfmodels import token_ids

if TYPE_CHECKING:
    import numpy as np

_SHARES = (0.1, 0.2, 0.3, 0.5)
_SEEDS = (0, 1, 2, 3, 4)


class Faithfulness(NamedTuple):
    """Drop of the predicted probability when tokens are deleted.

    Attributes:
        shares: Shares of the tokens that are deleted.
        drops: Explanation -> `[shares]`, mean drop of the probability of the predicted class, from -1 to 1; `"random"`
            is one of them.
        spread: `[shares]`, standard deviation of the random drop between the seeds.
    """

    shares: tuple[float, ...]
    drops: dict[str, "np.ndarray"]
    spread: "np.ndarray"


def faithfulness(
    probabilities: "Callable[[np.ndarray], np.ndarray]",
    ids: "np.ndarray",
    importances: "Mapping[str, np.ndarray]",
    shares: Sequence[float] = _SHARES,
    seeds: Sequence[int] = _SEEDS,
) -> Faithfulness:
    """Deletes the tokens that explanations rank highest (comprehensiveness; DeYoung et al., 2020).

    Deleting the tokens of a faithful explanation lowers the predicted probability more than deleting random ones. The
    tokens after a deleted one move left. Padding, `<s>` and `</s>` are never deleted.

    Args:
        probabilities: Maps ids to probabilities `[batch, classes]`.
        ids: int32 `[batch, time]` or `[batch, sentences, words]`, padded with 0.
        importances: Explanation -> importance of each token, in the shape of `ids`; higher is more important.
        shares: Shares of a row's tokens to delete; at least one token is deleted.
        seeds: Seeds of the random explanations for comparison.

    Returns:
        The drops.

    Raises:
        ValueError: No row has a token, an explanation has another shape, a share is not above 0 and at most 1, or there
            is no seed.

    Example:
        >>> softmax = lambda ids: tf.nn.softmax(model(ids)).numpy()
        >>> faithfulness(softmax, ids, {"attention": attention, "attribution": attribution}).drops
    """
    import numpy as np

    ids = np.asarray(ids)
    for name, scores in importances.items():
        if np.shape(scores) != ids.shape:
            raise ValueError(f"Expected importances of shape {ids.shape}. Received: {name} of shape {np.shape(scores)}")
    if not seeds:
        raise ValueError(f"Expected at least one seed. Received: seeds={seeds}")
    if not all(0 < share <= 1 for share in shares):
        raise ValueError(f"Expected shares above 0, up to 1. Received: shares={shares}")
    deletable = (ids > token_ids.END) | (ids == token_ids.UNK)
    rows = deletable.any(axis=tuple(range(1, ids.ndim)))
    if not rows.any():
        raise ValueError("Expected at least one row with a token. Received: none")
    ids, deletable = ids[rows], deletable[rows]
    whole = probabilities(ids)
    predicted = whole.argmax(axis=-1)[:, np.newaxis]

    def drop(scores: "np.ndarray", share: float) -> float:
        difference = whole - probabilities(_without(ids, deletable, scores, share))
        return float(np.take_along_axis(difference, predicted, axis=1).mean())

    drops = {
        name: np.array([drop(np.asarray(scores)[rows], share) for share in shares])
        for name, scores in importances.items()
    }
    random = [np.random.default_rng(seed).random(ids.shape) for seed in seeds]
    by_seed = np.array([[drop(scores, share) for share in shares] for scores in random])
    return Faithfulness(tuple(shares), {**drops, "random": by_seed.mean(axis=0)}, by_seed.std(axis=0))


def _without(ids: "np.ndarray", deletable: "np.ndarray", scores: "np.ndarray", share: float) -> "np.ndarray":
    """The rows without the most important share of their tokens; the others move left."""
    import numpy as np

    flat = np.where(deletable, scores, -np.inf).reshape(len(ids), -1)
    ranks = np.argsort(np.argsort(-flat, axis=1, kind="stable"), axis=1)  # 0 = the most important
    counts = np.ceil(share * deletable.reshape(flat.shape).sum(axis=1, keepdims=True))
    kept = ((ranks >= counts).reshape(ids.shape)) & (ids != token_ids.PAD)
    order = np.argsort(~kept, axis=-1, kind="stable")  # kept tokens first, in their order
    return np.take_along_axis(np.where(kept, ids, token_ids.PAD), order, axis=-1)
