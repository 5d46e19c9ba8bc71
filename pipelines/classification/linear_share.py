"""The share of the linear part in the answers of a run, chosen on the validation split."""

import tensorflow as tf

from pipelines.classification import data, linear_part
from pipelines.classification.config import Config
from pipelines.classification.text_classifier import TextClassifier, logits_of
from pipelines.runs import Run


def learn(config: Config, run: Run, classifier: TextClassifier) -> None:
    """Chooses the share of a classifier's linear part on the validation split and writes it into the run.

    Args:
        config: The options.
        run: The run.
        classifier: Its classifier, trained; its answers are mixed by this share from now on. Nothing is done where it
            has no linear part.
    """
    if classifier.linear is None:
        return
    rows = data.read(config, run, "validation")
    texts, mixture = [row.text for row in rows], classifier.linear.mixture
    mixture.share.assign(0.0)
    network_logits = logits_of(classifier, texts)
    mixture.share.assign(1.0)
    linear_logits = logits_of(classifier, texts)
    labels = data.targets(rows, classifier.classes, bool(config.separator))
    mixture.learn(network_logits, linear_logits, labels)
    linear_part.write_share(run, classifier.linear)
    mixed = mixture(tf.constant(network_logits), tf.constant(linear_logits)).numpy()
    network, linear, both = (
        100 * mixture.right(logits, labels) / labels.size for logits in (network_logits, linear_logits, mixed)
    )
    print(
        f"right decisions for the validation split: network {network:.2f} %, linear part {linear:.2f} %, both "
        f"{both:.2f} %, with a share of {classifier.linear.share:.2f} for the linear part"
    )


def note(classifier: TextClassifier) -> str:
    """What a report says of the share.

    Args:
        classifier: A classifier with a linear part.

    Returns:
        A sentence.
    """
    assert classifier.linear is not None
    return (
        f"the linear part has a share of {classifier.linear.share:.2f} in the logits, the network the rest: the "
        "likeliest on the validation split that decides no worse there than the linear part alone"
    )
