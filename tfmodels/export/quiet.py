"""Keeping TensorFlow's remarks about its own work off a user's terminal."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

import tensorflow as tf


@contextmanager
def quiet() -> Generator[None]:
    """Hides what TensorFlow logs below an error: files it wrote, old ways of loading, gradients it left out."""
    loggers = [tf.get_logger(), logging.getLogger("absl")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
