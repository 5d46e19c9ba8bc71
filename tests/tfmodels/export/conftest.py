import pytest
import tensorflow as tf

from tfmodels import export

TEXT = (tf.TensorSpec([None], tf.string, name="text"),)


class Lexicon(tf.Module):
    """Translates single words with a table and a variable of weights."""

    def __init__(self):
        super().__init__()
        words = tf.lookup.KeyValueTensorInitializer(["one", "two"], tf.constant([1, 2], tf.int64))
        self.table = tf.lookup.StaticHashTable(words, default_value=0)
        self.weights = tf.Variable([0.0, 1.5, 2.5])

    def __call__(self, text):
        ids = self.table.lookup(text)
        return {"translation": tf.gather(["?", "eins", "zwei"], ids), "weight": tf.gather(self.weights, ids), "id": ids}


@pytest.fixture(scope="session")
def lexicon():
    return Lexicon()


@pytest.fixture(scope="session")
def lexicon_endpoint(lexicon):
    return export.Endpoint("serving_default", TEXT, lexicon)


@pytest.fixture(scope="session")
def lexicon_sample():
    return {"text": ["one", "two", "three", *export.hard_texts()]}


@pytest.fixture(scope="session")
def lexicon_folder(lexicon, lexicon_endpoint, lexicon_sample, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / "lexicon"
    card = {"task": "lexicon", "columns": {"text": "source"}, "limits": ["Knows two words."]}
    export.save(folder, [lexicon_endpoint], [lexicon], {"serving_default": lexicon_sample}, card)
    return folder


@pytest.fixture
def save_text_function(tmp_path):
    """Saves a function of texts as the only endpoint of an export."""

    def save(function, tracked=(), texts=(b"one", b"one two")):
        endpoint = export.Endpoint("serving_default", TEXT, function)
        samples = {"serving_default": {"text": list(texts)}}
        return export.save(tmp_path / "toy", [endpoint], tracked, samples, {"task": "toy"})

    return save
