"""Answers to many texts, in batches."""

from collections.abc import Sequence

import tensorflow as tf

from pipelines.runs.predictor import in_memory
from pipelines.runs.rows import output_columns
from pipelines.seq2seq.generator import Generator
from tfmodels.export import Endpoint


def answer_all(generator: Generator, texts: Sequence[str]) -> list[str]:
    """Answers many texts as `serving_default` does, in batches of similar length.

    Args:
        generator: What answers; the export that is scored in its place, if there is one.
        texts: Any number of them.

    Returns:
        The best answer to each, in their order.

    Example:
        `answer_all(generator, ["May 5, 2024", "4:05 PM"])`
    """
    if not texts:
        return []
    endpoint = Endpoint("serving_default", (tf.TensorSpec([None], tf.string, "text"),), generator.answer)
    predictor = generator.served or in_memory([endpoint], {"columns": ["text"]})
    return output_columns.texts(predictor.predict_columns({"text": texts}, ["text"])["text"], "text")
