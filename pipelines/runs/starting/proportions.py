"""Proportions between network, batch and data that make a training doubtful, said before it starts."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

    from tfmodels.training import Batches

_TABLES = ("embedding", "ngram")  # each row of these is learnt from its own tokens
_MANY = 100  # parameters for each value


def parameters(network: "keras.Model") -> int:
    """Number of trainable parameters, without tables that have a row for each token or n-gram.

    Args:
        network: The network, built.

    Example:
        `parameters(network)` -> `84_000`
    """
    own = [one for one in network.trainable_variables if not any(name in one.path for name in _TABLES)]
    return sum(one.shape.num_elements() for one in own)


def notes(network: "keras.Model", batches: "Batches") -> list[str]:
    """Says when a network or a batch is too large for the training data.

    Args:
        network: The network, built.
        batches: The training data.

    Returns:
        What is doubtful, each with what would help.

    Example:
        `notes(network, batches)` -> `["the network has 84,000 parameters beside tables of tokens, ..."]`
    """
    found, count, values = [], parameters(network), batches.values
    if count > _MANY * values:
        found.append(
            f"the network has {count:,} parameters beside tables of tokens, {count / max(values, 1):,.0f} for each of "
            f"the {values:,} values to learn from: a smaller one may do better on unseen data; its options are in "
            "`tfmodels fit TASK --help`"
        )
    if batches.all_in_one and batches.rows_per_epoch > 1:
        found.append(
            f"one batch holds all {batches.rows_per_epoch:,} rows of the training data, so that each step is an epoch: "
            "a smaller --training.batch_tokens, with --overwrite or another --run, makes more of them"
        )
    return found
