from types import SimpleNamespace

import pytest
import tensorflow as tf

from pipelines.text import vocabulary
from tfmodels import preprocessing


def test_subwords_are_read_without_a_word_of_their_library(tmp_path, monkeypatch, capfd):
    """SentencePiece writes to the standard error of the process each time that it loads a model."""
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    path = tmp_path / vocabulary.SUBWORDS
    preprocessing.train_subwords([f"A dog sees {number} cats." for number in range(100)], path, 300)
    tf.random.set_seed(1)  # forgets what was loaded before
    size = preprocessing.Subwords(path.read_bytes()).size
    assert "normalizer" in capfd.readouterr().err
    tf.random.set_seed(1)
    run = SimpleNamespace(assets=tmp_path, path=tmp_path, config=SimpleNamespace(normalize="nfc"))
    assert vocabulary.read(run).size == size
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((vocabulary.SUBWORDS, content) for content in (b"", b"no model", b"\xff" * 100)),
        *((vocabulary.WORDS, content) for content in (b"", b"\xff", b"[]", b"{}")),
        (vocabulary.CHARACTERS, b'{"lower_case": false, "tokens": [{}]}'),
    ],
)
def test_damaged_tokens_are_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    run = SimpleNamespace(assets=tmp_path, path=tmp_path, config=SimpleNamespace(normalize="nfc"))
    with pytest.raises(ValueError, match=f"Expected the tokens of a run in .*{name}, which is damaged") as error:
        vocabulary.read(run)
    assert "--overwrite" in str(error.value)
