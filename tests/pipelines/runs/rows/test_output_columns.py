import numpy as np
import pytest

from pipelines.runs.predictor import Predictor
from pipelines.runs.rows import output_columns
from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature

TEXTS = np.array([b"a", b"b"], object)


def predictor(answer):
    signature = Signature({"text": Field("text", "string", (None,))}, {"size": Field("size", "float32", (None,))})
    return Predictor({"columns": ["text"]}, {"serving_default": signature}, lambda name, text: {"size": answer(text)})


@pytest.mark.parametrize("shape", [(), (0,), (1,), (1, 2), (5,), (0, 2)])
def test_answers_are_one_for_each_row(shape):
    model = predictor(lambda text: np.ones(shape, np.float32))
    for ask in (lambda rows: model.predict(rows), lambda rows: model.predict_columns({"text": rows}, ["size"])):
        with pytest.raises(ValueError, match=r"Expected an output 'size' with an answer for each of 2 rows.*check"):
            ask(["one", "two"])


def test_batches_are_put_in_the_order_of_their_rows():
    found = output_columns.joined([([2, 0], {"y": np.array([2.0, 0.0])}), ([1], {"y": np.array([1.0])})], ["y"], 3)
    np.testing.assert_array_equal(found["y"], [0, 1, 2])


@pytest.mark.parametrize("other", [np.ones([1, 1]), np.ones([1, 3]), np.ones([1]), np.array([[b"a", b"b"]], object)])
def test_batches_of_another_shape_or_type_are_refused(other):
    with pytest.raises(ValueError, match=r"Expected an output 'y' of one shape and type for all rows\. Received:"):
        output_columns.joined([([0], {"y": np.ones([1, 2])}), ([1], {"y": other})], ["y"], 2)


def test_a_missing_output_is_named():
    with pytest.raises(ValueError, match=r"Expected a model with the output 'y'\. Received: x"):
        output_columns.joined([([0], {"x": np.ones([1])})], ["y"], 1)


def test_texts_are_decoded_and_others_refused():
    assert output_columns.texts(np.array([b"a", b"\xff"], object), "label") == ["a", "\ufffd"]
    for values in (np.ones([2]), np.array(0), b"a", TEXTS.reshape(2, 1), np.array([1, b"a"], object)):
        with pytest.raises(ValueError, match=r"Expected an output 'label' of texts\. Received:"):
            output_columns.texts(values, "label")
