"""Hiding TensorFlow's informational messages from users."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

import tensorflow as tf


@contextmanager
def quiet() -> Generator[None]:
    """Hides log messages below errors: files written, deprecated loaders, omitted gradients."""
    loggers = [tf.get_logger(), logging.getLogger("absl")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
