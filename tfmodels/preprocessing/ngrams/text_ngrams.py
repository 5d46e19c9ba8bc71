"""Hashes of the n-grams of texts: of words, and of the characters within words."""

import tensorflow as tf

from tfmodels.preprocessing.unicode_form import composed
from tfmodels.preprocessing.words import Words

_HASHES = 2**31 - 1  # a prime; hashes are below it
_MULTIPLIER = 1_103_515_245  # products stay below 2**62
_MOST_BYTES = 20_000  # of a text that are read: a hundred thousand n-grams
_WORDS, _CHARACTERS = (1, 2, 3), (2, 3, 4, 5)


def hashed_ngrams(texts: tf.Tensor, normalize: bool = True) -> tuple[tf.Tensor, tf.Tensor]:
    """Hashes the n-grams of 1 to 3 words, and of 2 to 5 characters within words.

    Words are those of `Words`, in lower case; their characters include a blank before and after. Of a text the first
    20,000 bytes are read. Any text is accepted; bytes that are not UTF-8 are read as replacement characters.

    Args:
        texts: string `[batch]`.
        normalize: Whether the characters of texts are composed first (NFC).

    Returns:
        The hashes of all n-grams of words, and of characters, each as often as it occurs: int32 `[batch, n]`, 0 or
        more, padded with -1 on the right.

    Example:
        `hashed_ngrams(tf.constant(["a dog"]))` -> 3 hashes of words, 2 + 4 of pairs of characters, 1 + 3 of triples ...
    """
    words = _words(texts, normalize)
    rows = words.value_rowids()
    letters = tf.strings.unicode_decode(tf.strings.join([" ", words.flat_values, " "]), "UTF-8")
    word_of = letters.value_rowids()
    hashes = tf.strings.to_hash_bucket_fast(words.flat_values, _HASHES)
    return (
        _by_row(hashes, rows, _WORDS, rows, words.nrows()),
        _by_row(tf.cast(letters.flat_values, tf.int64), word_of, _CHARACTERS, tf.gather(rows, word_of), words.nrows()),
    )


def spelt_ngrams(text: str, normalize: bool = True) -> tuple[list[str], list[str]]:
    """The n-grams of one text, in the order of `hashed_ngrams`.

    Args:
        text: The text.
        normalize: See `hashed_ngrams`.

    Returns:
        The n-grams of words, and of characters.

    Example:
        `spelt_ngrams("a dog")` -> `["a", "dog", "a dog"]`, `[" a", "a ", " d", "do" ...]`
    """
    words = [word.decode(errors="replace") for word in _words(tf.constant([text]), normalize).flat_values.numpy()]
    return (
        [" ".join(words[place : place + length]) for length in _WORDS for place in range(len(words) - length + 1)],
        [
            f" {word} "[place : place + length]
            for length in _CHARACTERS
            for word in words
            for place in range(len(word) + 3 - length)
        ],
    )


def _words(texts: tf.Tensor, normalize: bool) -> tf.RaggedTensor:
    read = tf.strings.regex_replace(tf.strings.substr(texts, 0, _MOST_BYTES), r"\x00", " ")  # would end the text
    words, *_ = Words.split(tf.strings.lower(composed(read) if normalize else read, encoding="utf-8"))
    return words


def _by_row(
    values: tf.Tensor, groups: tf.Tensor, lengths: tuple[int, ...], rows: tf.Tensor, count: tf.Tensor
) -> tf.Tensor:
    """The hashes of all runs of values within a group, by the rows that the values belong to."""
    found = [_of_length(values, groups, length) for length in lengths]
    places = tf.concat([place for _, place in found], axis=0)
    row_of = tf.gather(rows, places)
    order = tf.argsort(row_of, stable=True)
    hashes = tf.gather(tf.concat([hashed for hashed, _ in found], axis=0), order)
    ragged = tf.RaggedTensor.from_value_rowids(
        tf.cast(hashes, tf.int32), tf.gather(row_of, order), count, validate=False
    )
    return ragged.to_tensor(-1)


def _of_length(values: tf.Tensor, groups: tf.Tensor, length: int) -> tuple[tf.Tensor, tf.Tensor]:
    """The hash of each run of so many values of one group, and the place where the run starts."""
    runs = tf.maximum(tf.size(values) - length + 1, 0)
    hashes = tf.fill([runs], tf.constant(length, tf.int64))  # runs of other lengths have others
    for place in range(length):
        hashes = tf.math.floormod(hashes * _MULTIPLIER + values[place : place + runs], _HASHES)
    places = tf.where(tf.equal(groups[:runs], groups[length - 1 : length - 1 + runs]))[:, 0]
    return tf.gather(hashes, places), places
