"""Teachers whose answers are not what their signatures and cards say."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from pipelines import runs
from pipelines.classification import predictions, soft_labels
from pipelines.classification.config import Config
from pipelines.runs.predictor import Predictor
from pipelines.runs.teachers import teacher
from pipelines.runs.teachers.teacher import Teacher
from tfmodels.export.graph.field import Field
from tfmodels.export.graph.signature import Signature

CLASSES = ["bad", "good"]
FIELDS = {name: Field(name, "float32", None) for name in ("labels", "probabilities", "label")}
SIGNATURE = Signature({"text": Field("text", "string", (None,))}, FIELDS)


def answers(text, row=(0.25, 0.75), names=(b"good", b"bad"), dtype=np.float32):
    return {"labels": np.array([names] * len(text), object), "probabilities": np.array([row] * len(text), dtype)}


def model(answer, signature=SIGNATURE):
    return Predictor({"columns": ["text"]}, {"serving_default": signature}, lambda name, text: answer(text))


@pytest.fixture
def run(tmp_path):
    return runs.Run(tmp_path, "classification", Config(teacher="liar"))


def prepare(run, answer, texts, **options):
    asked = Teacher(model(answer, **options), "liar/1", "")
    soft_labels.prepare(run.config, run, asked, texts, CLASSES)


def test_probabilities_are_put_in_the_order_of_the_run(run):
    prepare(run, answers, ["a", "b"])
    np.testing.assert_array_equal(soft_labels.read(run.config, run), [[0.75, 0.25]] * 2)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"names": (1, 2)}, "Expected an output 'labels' of texts"),
        ({"names": ((b"bad",), (b"good",))}, "Expected an output 'labels' of texts"),
        ({"names": (b"bad", b"good", b"good")}, "Expected a teacher of the classes bad, good"),
        ({"names": [b"%d" % one for one in range(1000)]}, "of 0, 1, .* and 980 more"),
        ({"names": (b"bad", b"\x1b[31m" + 1000 * b"x")}, r"of bad, \\x1b\[31mx{55}$"),
        ({"row": (np.nan, 0.5)}, r"answers 2 probabilities that sum to 1\. .* answers \[nan, 0\.5\]; export"),
        ({"row": (np.inf, 0.0)}, "probabilities that sum to 1"),
        ({"row": (-0.5, 1.5)}, "probabilities that sum to 1"),
        ({"row": (0.5, 0.7)}, "probabilities that sum to 1"),
        ({"row": (1.0,)}, "probabilities that sum to 1"),
        ({"row": 1.0}, "probabilities that sum to 1"),
        ({"row": (0, 1), "dtype": int}, "probabilities that sum to 1"),
        ({"row": (0.5, 0.5), "dtype": complex}, "probabilities that sum to 1"),
        ({"row": (b"a", b"b"), "dtype": object}, "probabilities that sum to 1"),
    ],
)
def test_what_is_no_probability_of_a_class_is_refused_and_nothing_kept(run, changed, message):
    with pytest.raises(ValueError, match=message):
        prepare(run, lambda text: answers(text, **changed), ["a", "b"])
    assert not [*run.assets.glob("*")]


@pytest.mark.parametrize("rows", [0, 1, 3, 128])
@pytest.mark.parametrize("output", ["labels", "probabilities"])
def test_too_few_and_too_many_rows_are_refused(run, output, rows):
    def odd(text):
        given = answers(text)
        return given if len(text) == 1 else given | {output: answers(["x"] * rows)[output]}

    with pytest.raises(ValueError, match=f"Expected an output '{output}' with an answer for each of 2 rows"):
        prepare(run, odd, ["a", "b"])


def test_the_wrong_row_is_shown_though_it_comes_late(run):
    def late(text):
        given = answers(text)
        given["probabilities"][[one == "odd" for one in text]] = np.nan
        return given

    with pytest.raises(ValueError, match=r"answers \[nan, nan\]"):
        prepare(run, late, ["a"] * 80 + ["odd"])
    assert not [*run.assets.glob("*")]


def test_labels_that_change_with_the_text_are_refused(run):
    def changing(text):
        return answers(text, names=(b"bad", b"good") if "odd" in text else (b"good", b"bad"))

    with pytest.raises(ValueError, match="the same labels for each text, good, bad"):
        prepare(run, changing, ["a", "odd"])


def test_other_inputs_and_missing_outputs_are_refused_before_it_is_asked(run):
    ids = Field("ids", "int32", (None,))
    for signature in (Signature({"ids": ids}, FIELDS), Signature(SIGNATURE.inputs, {"labels": FIELDS["labels"]})):
        with pytest.raises(ValueError, match=r"answers labels and probabilities from text\. Received: teacher='liar'"):
            prepare(run, None, ["a"], signature=signature)


def test_a_graph_that_fails_is_said_of_the_teacher():
    def failing(endpoint, **arrays):
        raise tf.errors.InvalidArgumentError(None, None, "bad \x1b[2Jnews\n[[node]]")

    with pytest.raises(ValueError, match=r"answers each row\. Received: teacher='liar': bad .*news \[\[node\]\]$"):
        teacher._naming("liar", failing)("serving_default", text=["a"])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"label": np.array([b"odd", b"bad"], object)}, r"answers of the labels bad, good\. Received: odd"),
        ({"label": np.zeros([2])}, "an output 'label' of texts"),
        ({"probabilities": np.ones([2, 3])}, "2 probabilities for each text"),
    ],
)
def test_an_export_that_is_scored_is_not_believed_either(changed, message):
    given = {"labels": [[b"bad", b"good"]], "label": [b"bad"], "probabilities": [[0.5, 0.5]]}
    asked = SimpleNamespace(
        predict_columns=lambda inputs, outputs: {name: np.repeat(given[name], 2, axis=0) for name in outputs} | changed
    )
    with pytest.raises(ValueError, match=message):
        predictions.served(np.array([0, 1]), asked, ["a", "b"], CLASSES, "")
