"""What must exist both in `tf.data` and in the served graph."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(__name__, {"Subwords": "subwords", "train_subwords": "subword_training"})
