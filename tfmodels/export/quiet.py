"""Keeping TensorFlow's remarks about its own work off a user's terminal."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf


@contextmanager
def quiet() -> Iterator[None]:
    """Hides what TensorFlow logs below an error: files it wrote, session loading that is not for new code."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
