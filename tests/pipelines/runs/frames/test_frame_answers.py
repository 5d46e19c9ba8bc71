"""Every kind of data is answered in kind, as the rows of a list are, or refused by row and remedy."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import pipelines
from tfmodels import export
from tfmodels.export.graph.field import Field

TEXTS = ["A fine film.", "", "Bad"]
TEXT = Field("text", "string", (None,))
TIMES = Field("times", "float32", (None,))
LABELS = np.array([b"bad", b"good"], object)


def labels(endpoint, /, text, times=None):
    good = np.array([len(one) / 20 for one in text], np.float32)
    if endpoint == "sized":
        return {"size": good * np.array(times)}
    probabilities = np.stack([1 - good, good], axis=1)
    if endpoint == "both":
        return {"size": good, "share": good}
    return {
        "label": LABELS[(good > 0.5).astype(int)],
        "labels": np.stack([LABELS] * len(text)),
        "probabilities": probabilities,
        "probability": probabilities.max(axis=1),
    }


def answers(endpoint, /, text):
    texts = np.array([f"{one}!" for one in text], object)
    if endpoint == "nbest":
        return {"text": np.stack([texts, texts], axis=1), "score": np.zeros((len(text), 2))}
    return {"text": texts, "score": np.zeros(len(text)), "length": np.ones(len(text), np.int32)}


def signature(inputs, outputs):
    return export.Signature(
        {field.name: field for field in inputs}, {name: Field(name, "string", None) for name in outputs.split()}
    )


@pytest.fixture
def classifier():
    signatures = {
        "serving_default": signature([TEXT], "label labels probabilities probability"),
        "sized": signature([TEXT, TIMES], "size"),
        "both": signature([TEXT], "size share"),
    }
    card = {"columns": ["text"], "table": {"text": "review"}}
    return pipelines.Predictor(card, signatures, labels)


@pytest.fixture
def translator():
    signatures = {
        "serving_default": signature([TEXT], "text score length"),
        "nbest": signature([TEXT], "text score"),
    }
    card = {"columns": ["text"], "table": {"columns": ["english", "text", "en"]}}
    return pipelines.Predictor(card, signatures, answers)


def test_one_row_has_one_answer(classifier):
    several = classifier.predict(TEXTS)
    assert [classifier.predict(text) for text in TEXTS] == several
    for row in (b"Bad", {"text": "Bad"}, np.array("Bad"), np.str_("Bad")):
        assert classifier.predict(row) == several[-1]


def test_arrays_and_series_get_the_finished_answers(classifier, translator):
    expected = [answer["label"] for answer in classifier.predict(TEXTS)]
    index = pd.Index([7, 8, 7])
    for given in (
        pd.Series(TEXTS, index),
        pd.Series(TEXTS, index, "category"),
        pd.Series(TEXTS, index, "string[pyarrow]"),
    ):
        found = classifier.predict(given)
        assert found.tolist() == expected and found.index is given.index and found.name == "label"
    for given in (np.array(TEXTS), np.array(TEXTS, object)):
        assert classifier.predict(given).tolist() == expected
    translated = translator.predict(pd.Series(TEXTS, name="english"))
    assert translated.name == "answer_text" and translated.tolist() == [f"{text}!" for text in TEXTS]
    assert translator.predict(pd.Series(TEXTS), "nbest").tolist() == [[f"{text}!"] * 2 for text in TEXTS]


def test_a_frame_keeps_its_columns_types_and_index(classifier):
    frame = pd.DataFrame(
        {
            "id": pd.Categorical(["a", "b", "c"]),
            "review": TEXTS,
            "day": pd.date_range("2024", periods=3, tz="Europe/Berlin"),
        },
        index=pd.MultiIndex.from_tuples([("x", 1), ("x", 1), ("y", 2)], names=["shop", None]),
    )
    before = frame.copy()
    found = classifier.predict(frame)
    pd.testing.assert_frame_equal(found[list(frame)], before)
    pd.testing.assert_frame_equal(frame, before)
    assert list(found)[3:] == ["label", "probability", "p(bad)", "p(good)"]
    several = classifier.predict(TEXTS)
    assert found["label"].tolist() == [one["label"] for one in several]
    assert found["p(good)"].tolist() == [one["probabilities"][1] for one in several]


def test_arrow_and_what_hands_over_arrow(classifier, translator):
    class Foreign:
        columns = ("review",)

        def __arrow_c_stream__(self, requested_schema=None):
            return pa.table({"review": TEXTS}).__arrow_c_stream__(requested_schema)

    expected = classifier.predict(pd.DataFrame({"review": TEXTS}))
    for table in (pa.table({"review": TEXTS}), pa.table({"review": pa.array(TEXTS).dictionary_encode()}), Foreign()):
        found = classifier.predict(table)
        assert isinstance(found, pa.Table)
        assert found.to_pylist() == expected.to_dict("records")
    assert translator.predict(pa.table({"en": TEXTS}), "nbest")["answer_text"].to_pylist()[0] == ["A fine film.!"] * 2


def test_the_column_of_training_is_found(classifier, translator):
    other = "not this"
    for names in (["english", "text"], ["text", "en"], ["en", "other"], ["anything"]):
        frame = pd.DataFrame({name: TEXTS if number == 0 else other for number, name in enumerate(names)})
        assert translator.predict(frame)["answer_text"].tolist() == [f"{text}!" for text in TEXTS]
    assert len(classifier.predict(pd.DataFrame({"text": TEXTS, 3: 1}))) == 3  # the name of the input


def test_a_column_of_the_name_of_an_answer_is_replaced_which_is_said(classifier, translator, capsys):
    found = classifier.predict(pd.DataFrame({"review": TEXTS, "label": "unknown"}))
    assert list(found)[:2] == ["review", "label"] and found["label"].tolist() == ["good", "bad", "bad"]
    assert capsys.readouterr().err == "note: answers in place of the frame's columns label\n"
    assert list(translator.predict(pd.DataFrame({"text": TEXTS}))) == ["text", "answer_text", "score", "length"]


def test_another_endpoint_with_several_inputs(classifier):
    frame = pd.DataFrame({"review": TEXTS, "times": [1, 2, 3]}, index=list("abc"))
    rows = frame.rename(columns={"review": "text"}).to_dict("records")
    assert classifier.predict(frame, "sized")["size"].tolist() == [a["size"] for a in classifier.predict(rows, "sized")]
    with pytest.raises(
        ValueError, match="DataFrame, or a list of rows, with a value for each of the inputs text, times"
    ):
        classifier.predict(pd.Series(TEXTS), "sized")
    with pytest.raises(ValueError, match=r"no output is the whole answer\. Received: share, size"):
        classifier.predict(pd.Series(TEXTS), "both")


def test_no_rows_are_answered_in_kind(classifier):
    assert classifier.predict([]) == []
    assert classifier.predict(pd.Series([], dtype=object)).empty
    assert classifier.predict(np.array([], object)).shape == (0,)
    assert list(classifier.predict(pd.DataFrame({"review": []}))) == ["review"]


@pytest.mark.parametrize(
    "cell",
    [None, float("nan"), pd.NA, pd.NaT, 3, np.float64(2.5), True, Decimal("1.5"), datetime.date(2024, 1, 1), ["a"]],
    ids=repr,
)
def test_a_cell_that_is_no_text_is_refused_by_row_index_and_remedy(classifier, cell):
    index = ["a", "b", "c"]
    series = pd.Series(["one", cell, "two"], index, dtype=object, name="review")
    remedy = r"dropna\(\)" if pd.api.types.is_scalar(cell) and pd.isna(cell) else r"\.astype\(str\)"
    for data in (series, series.to_frame()):
        with pytest.raises(
            ValueError, match=rf"(?s)a text in each row of column 'review'.*{remedy}.*in row 2 \(index 'b'\)"
        ):
            classifier.predict(data)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            pd.DataFrame({"reviews": ["a"], "stars": 1}),
            "'review'. Received: the columns 'reviews', 'stars' .did you mean reviews",
        ),
        (pd.DataFrame([["a", "b"]], columns=["review", "review"]), "one column named 'review'.*Received: 2 of them"),
        (pd.DataFrame(index=[1]), "Received: the columns none"),
        (np.array([["a"]]), r"one axis.*shape=\[1, 1\]"),
        (np.array([1.5]), "row 1 is 1.5"),
        (None, "Expected rows"),
        (3, "Expected rows"),
    ],
    ids=str,
)
def test_data_without_texts_is_refused(classifier, frame, message):
    with pytest.raises(ValueError, match=message):
        classifier.predict(frame)


def test_a_hostile_card_names_no_column():
    for table in (3, None, [], {"text": 3, "columns": {"a": 1}}):
        model = pipelines.Predictor(
            {"columns": ["text"], "table": table, "task": "os"},
            {"serving_default": signature([TEXT], "text")},
            answers,
        )
        assert model.predict(pd.DataFrame({"text": TEXTS}))["answer_text"].tolist()[-1] == "Bad!"
