"""Several models that predict the same tokens, as one model for the decoders."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

_MEMBERS, _COVERAGE = "members", "coverage"


class StepEnsemble:
    """The mean of the members' log-probabilities at each token, normalised: a `StepModel` for every decoder.

    With p_i the distribution of member i over the next token, that of the ensemble is proportional to the geometric
    mean, `exp(mean_i log p_i)`. As decoders normalise what `step` returns, the mean of the logits does it: the two
    differ by a number that is the same for all tokens. An ensemble of one model is that model, to the bit.

    Members may be of different families and sizes: each has its own memory and its own cache.

    Args:
        members: Models with `encode`, `start` and `step`, over the same vocabulary.

    Call arguments:
        inputs: Those of the members, such as `{"source": ids, "target": shifted_ids}`.
        intermediates: Also return the attention maps by name: `"cross_attention"` `[batch, members, target, source]`,
            the mean over the heads of each member's last cross-attention.

    Returns:
        The mean of the members' logits.

    Raises:
        ValueError: There is no member.

    Example:
        >>> ensemble = StepEnsemble([transformer, lstm])
        >>> decoding.beam_search(ensemble, ensemble.encode(source), limits=tf.fill([batch], 64)).ids[:, 0]
    """

    def __init__(self, members: Sequence[Any]) -> None:
        if not members:
            raise ValueError("Expected at least one member of an ensemble. Received: members=[]")
        self.members: dict[str, Any] = {str(place): member for place, member in enumerate(members)}

    def __call__(  # noqa: D102
        self, inputs: Any, intermediates: bool = False, training: bool | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        if not intermediates:
            return _mean([member(inputs, training=training) for member in self.members.values()])
        found = [member(inputs, intermediates=True, training=training) for member in self.members.values()]
        cross = [[one for name, one in maps.items() if name.endswith("cross_attention")][-1] for _, maps in found]
        heads = tf.stack([tf.reduce_mean(tf.cast(scores, tf.float32), axis=1) for scores in cross], axis=1)
        return _mean([logits for logits, _ in found]), {"cross_attention": heads}

    def encode(self, inputs: Any) -> dict[str, dict[str, tf.Tensor]]:
        """The memory of each member, by its place."""
        return {place: member.encode(inputs) for place, member in self.members.items()}

    def start(
        self, memory: dict[str, dict[str, tf.Tensor]], max_length: tf.Tensor | int, coverage: bool = False
    ) -> dict[str, Any]:
        """See `StepModel`. The coverage is the mean of the members'."""
        options = {"coverage": True} if coverage else {}
        return _joined(
            {place: member.start(memory[place], max_length, **options) for place, member in self.members.items()}
        )

    def step(self, ids: tf.Tensor, cache: dict[str, Any], position: tf.Tensor) -> tuple[tf.Tensor, dict[str, Any]]:
        """See `StepModel`."""
        logits, caches = [], {}
        for place, member in self.members.items():
            parts = {part: content[_MEMBERS][place] for part, content in cache.items()}
            found, caches[place] = member.step(ids, parts, position)
            logits.append(found)
        return _mean(logits), _joined(caches)


def _joined(caches: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One cache of those of the members; the decoders look for the coverage at its top."""
    first = next(iter(caches.values()))
    joined: dict[str, Any] = {
        part: {_MEMBERS: {place: cache[part] for place, cache in caches.items()}} for part in first
    }
    if _COVERAGE in first["state"]:
        joined["state"][_COVERAGE] = _mean([cache["state"][_COVERAGE] for cache in caches.values()])
    return joined


def _mean(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    return tensors[0] if len(tensors) == 1 else tf.add_n(list(tensors)) / len(tensors)
