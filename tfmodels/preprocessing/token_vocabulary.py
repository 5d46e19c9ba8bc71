"""Tokenizers with a vocabulary of words or characters."""

import itertools
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import tensorflow as tf

from tfmodels import token_ids, whole_files
from tfmodels.preprocessing.regex_split import Parts
from tfmodels.preprocessing.tokenizer import Spans, Tokenizer
from tfmodels.preprocessing.unicode_form import composed

_RESERVED = ("", "<unk>", "<s>", "</s>")  # the pieces of the ids of `token_ids`
_BATCH = 1_000  # texts split at a time


class TokenVocabulary(Tokenizer):
    """A tokenizer that splits texts and looks the parts up in a vocabulary; see `Tokenizer`.

    Args:
        model: Content of a vocabulary file, see `train`.
        normalize: As the vocabulary was learnt, see `Tokenizer`.

    Attributes:
        size: Number of ids.
        lower_case: Whether texts are converted to lower case.

    A subclass defines `split`.
    """

    def __init__(self, model: bytes, normalize: bool = True) -> None:
        super().__init__(normalize)
        content = json.loads(model)
        self.lower_case = content["lower_case"]
        self._pieces = tf.constant([*_RESERVED, *content["tokens"]])
        self.size = len(self._pieces)
        initializer = tf.lookup.KeyValueTensorInitializer(
            self._pieces[len(_RESERVED) :], tf.range(len(_RESERVED), self.size)
        )
        self._table = tf.lookup.StaticHashTable(initializer, token_ids.UNK)

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        path: Path,
        size: int,
        lower_case: bool = False,
        min_count: int = 2,
        normalize: bool = True,
    ) -> None:
        """Writes the most frequent words or characters of texts to a file, which appears when it is complete.

        Args:
            texts: Read once; only counts are kept in memory.
            path: The file of the vocabulary.
            size: Maximum number of ids, including the four reserved ones.
            lower_case: Whether to convert texts to lower case.
            min_count: Minimum number of occurrences. Rarer tokens become `<unk>`, so that training sees it.
            normalize: Whether the characters of texts are composed first (NFC).

        Raises:
            ValueError: `size` leaves no room for a token, or no token is frequent enough.

        Example:
            `Words.train(texts, Path("words.json"), size=20_000, lower_case=True)`
        """
        if size <= len(_RESERVED):
            raise ValueError(f"Expected `size` above the {len(_RESERVED)} reserved ids. Received: size={size}")
        counts: Counter[bytes] = Counter()
        texts = iter(texts)
        while batch := [text.encode(errors="replace") for text in itertools.islice(texts, _BATCH)]:
            parts, *_ = cls.split(composed(tf.constant(batch)) if normalize else tf.constant(batch))
            counts.update(_tokens(parts.flat_values, lower_case).numpy().tolist())
        frequent = [(-count, token.decode()) for token, count in counts.items() if count >= min_count]
        if not frequent:
            raise ValueError(
                f"Expected texts in which some token occurs at least {min_count} times. "
                f"Received: {len(counts)} different tokens, all of them rarer"
            )
        tokens = [token for _, token in sorted(frequent)[: size - len(_RESERVED)]]
        content = json.dumps({"lower_case": lower_case, "tokens": tokens}, ensure_ascii=False)
        whole_files.write(path, content)

    @staticmethod
    def split(texts: tf.Tensor) -> Parts:
        """Splits string `[batch]` into parts, string `[batch, (parts)]`, with their byte offsets."""
        raise NotImplementedError

    def spans(self, texts: tf.Tensor) -> Spans:  # noqa: D102
        parts, starts, ends = self.split(texts)
        found = self._table.lookup(_tokens(parts.flat_values, self.lower_case))
        return parts.with_flat_values(found), starts, ends

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:  # noqa: D102
        return tf.gather(self._pieces, ids)


def _tokens(parts: tf.Tensor, lower_case: bool) -> tf.Tensor:
    return tf.strings.lower(parts, encoding="utf-8") if lower_case else parts
