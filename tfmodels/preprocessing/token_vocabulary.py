"""Tokens that are looked up in a table learnt from texts."""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import tensorflow as tf

from tfmodels import token_ids
from tfmodels.preprocessing.regex_split import Parts
from tfmodels.preprocessing.tokenizer import Tokenizer

_RESERVED = ("", "<unk>", "<s>", "</s>")  # the pieces of the ids of `token_ids`
_BATCH = 1_000  # texts that are split at once


class TokenVocabulary(Tokenizer):
    """What `Words` and `Characters` share: parts of a text, each with an id of its own or `<unk>`.

    Args:
        model: Bytes of a vocabulary, of `train_vocabulary`.

    Attributes:
        size: Number of ids.
        lower_case: Whether parts that differ only in upper and lower case are one token.

    A subclass defines `split`.
    """

    def __init__(self, model: bytes) -> None:
        super().__init__()
        content = json.loads(model)
        self.lower_case = content["lower_case"]
        self._pieces = tf.constant([*_RESERVED, *content["tokens"]])
        self.size = len(self._pieces)
        initializer = tf.lookup.KeyValueTensorInitializer(
            self._pieces[len(_RESERVED) :], tf.range(len(_RESERVED), self.size)
        )
        self._table = tf.lookup.StaticHashTable(initializer, token_ids.UNK)

    @staticmethod
    def split(texts: tf.Tensor) -> Parts:
        """The parts of string `[batch]` as string `[batch, (parts)]`, and their offsets int32 likewise."""
        raise NotImplementedError

    def tokenize_with_offsets(  # noqa: D102
        self, texts: tf.Tensor
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        parts, starts, ends = self.split(texts)
        found = self._table.lookup(_tokens(parts.flat_values, self.lower_case))
        return parts.with_flat_values(found), starts, ends

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:  # noqa: D102
        return tf.gather(self._pieces, ids)


def train_vocabulary(
    texts: Iterable[str],
    path: Path,
    size: int,
    split: Callable[[tf.Tensor], Parts],
    lower_case: bool,
    min_count: int,
) -> None:
    """Counts the parts of texts and writes the most frequent to a file, where it appears when complete.

    Args:
        texts: Read once, a thousand at a time; only counts are kept.
        path: Of the file.
        size: Most ids, the four reserved ones included.
        split: Of a `TokenVocabulary`.
        lower_case: See `TokenVocabulary`.
        min_count: How often a part must occur.

    Raises:
        ValueError: If `size` has no room for a part, or no part occurs that often.
    """
    if size <= len(_RESERVED):
        raise ValueError(f"Expected `size` above the {len(_RESERVED)} reserved ids. Received: size={size}")
    counts: Counter[bytes] = Counter()
    texts = iter(texts)
    while batch := [text.encode(errors="replace") for text in itertools.islice(texts, _BATCH)]:
        parts, *_ = split(tf.constant(batch))
        counts.update(_tokens(parts.flat_values, lower_case).numpy().tolist())
    frequent = [(-count, token.decode()) for token, count in counts.items() if count >= min_count]
    if not frequent:
        raise ValueError(
            f"Expected texts in which some token occurs {min_count} times. Received: {len(counts)} tokens, none of them"
        )
    tokens = [token for _, token in sorted(frequent)[: size - len(_RESERVED)]]
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(json.dumps({"lower_case": lower_case, "tokens": tokens}, ensure_ascii=False), encoding="utf-8")
    partial.replace(path)


def _tokens(parts: tf.Tensor, lower_case: bool) -> tf.Tensor:
    return tf.strings.lower(parts, encoding="utf-8") if lower_case else parts
