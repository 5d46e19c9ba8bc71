"""The class hands over what the command reads and answers; nothing is trained here."""

import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import pipelines
import tfmodels
from pipelines import runs
from pipelines.question_answering import data, question_explanation, task
from pipelines.runs.frames import python_runs
from tfmodels import export
from tfmodels.export.graph.field import Field

OUTPUTS = ("answer", "start", "end", "score", "answerable")
NAMES = ("Anna", "Berta", "Clara", "Dora", "Erna", "Frida", "Gerda", "Hanna", "Ida", "Jana", "Katja", "Lina")
FRAME = pd.DataFrame(
    {
        "query": ["Who sang?", "Who left?"] * 6,
        "passage": [f"{name} sang in May." for name in NAMES],
        "answer": [name if place % 2 == 0 else "" for place, name in enumerate(NAMES)],
    }
)


def answered(endpoint, /, question, context):
    """The first word of each context."""
    texts = [one if isinstance(one, bytes) else str(one).encode() for one in context]
    first = [one.split(b" ", 1)[0] for one in texts]
    ends = np.array([len(one) for one in first], np.int32)
    return dict(zip(OUTPUTS, (np.array(first, object), ends * 0, ends, ends / 100, ends / 50), strict=True))


@pytest.fixture(scope="module")
def answerer(tmp_path_factory):
    """An object whose training prepares the data and no more."""
    texts = {name: Field(name, "string", (None,)) for name in ("question", "context")}
    signature = export.Signature(texts, {name: Field(name, "string", None) for name in OUTPUTS})

    def predictor_of(run):
        card = {"task": run.task, "columns": list(texts), "table": data.file_table(run.config, run)}
        return pipelines.Predictor(card, {"serving_default": signature}, answered)

    def fit(config, run):
        (run.checkpoints / "best").mkdir(parents=True)
        (run.checkpoints / "best" / "ckpt.index").write_bytes(b"1")

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["ipykernel_launcher.py"])
        patch.setattr(python_runs, "predictor_of", predictor_of)
        patch.setattr(task, "fit", fit)
        yield tfmodels.QuestionAnswerer(run="asked", tokens="words", validation_share=0.25).fit(FRAME)


def test_a_frame_is_read_as_its_file_is_and_answered_beside_its_columns(answerer):
    assert data.file_table(answerer.run_.config, answerer.run_)["columns"]["context"][0] == "passage"
    found = answerer.predict(FRAME.set_index(FRAME.index + 5))
    assert list(found) == ["query", "passage", "answer", *OUTPUTS[1:]] and found.index[0] == 5
    assert found["answer"].tolist() == list(NAMES)
    table = answerer.predict(pa.Table.from_pandas(FRAME[["query", "passage"]]))
    assert table.column_names == ["query", "passage", *OUTPUTS] and table["answer"].to_pylist() == list(NAMES)
    again = tfmodels.QuestionAnswerer.load("asked").predict(FRAME)
    pd.testing.assert_frame_equal(again.reset_index(drop=True), found.reset_index(drop=True))


@pytest.mark.parametrize(
    "questions",
    [FRAME, pa.Table.from_pandas(FRAME), {"question": "Who?"}, b"Who?", "Who?", {"Who?"}, 5, None, np.array("Who?")],
    ids=lambda one: type(one).__name__,
)
@pytest.mark.parametrize("contexts", ["Bo left.", b"Bo left.", ["Bo left."]], ids=lambda one: type(one).__name__)
def test_names_of_columns_and_single_values_are_no_questions(answerer, questions, contexts):
    if isinstance(questions, str | bytes) and isinstance(contexts, str | bytes):
        return
    with pytest.raises(ValueError, match=r"Expected values of one column for 'question': a list, an array or a Series"):
        answerer.predict(questions, contexts)


def test_questions_and_contexts_of_any_kind_are_answered_alike(answerer):
    contexts = ["Änne sang.", "Bo left."]
    expected = {"question": ["Who?", "Who?"], "context": contexts, "answer": ["Änne", "Bo"]}
    for kind in (list, np.array, pd.Series, tuple):
        found = answerer.predict(kind(["Who?", "Who?"]), kind(contexts))
        assert found[list(expected)].to_dict("list") == expected
    one = answerer.predict("Who?", contexts[0])
    assert (one["answer"], one["start"], one["end"]) == ("Änne", 0, 5)
    assert answerer.predict(["Who?", "When?"], contexts[0])["answer"].tolist() == ["Änne", "Änne"]
    assert answerer.predict(b"Who?", contexts[0].encode())["answer"] == "\xc4nne"
    assert answerer.predict(FRAME["query"][:2], b"Bo left.")["answer"].tolist() == ["Bo", "Bo"]
    rows = answerer.predict([{"question": "Who?", "context": context} for context in contexts])
    assert [row["answer"] for row in rows] == ["Änne", "Bo"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda one: one.predict(["Who?"], ["a", "b"]), "as many values for 'context' as for 'question'"),
        (lambda one: one.predict("Who?", ["a"]), "a list, an array or a Series. Received: str"),
        (lambda one: one.predict(["Who?", None], "Anna."), "a text in each row of column 'question'.*row 2"),
        (lambda one: one.predict("Who?"), r"without \['context'\]"),
        (lambda one: one.predict(FRAME[["query"]]), "the column 'passage'"),
        (lambda one: one.explain("Who?", 3), "a question and a context, both texts. Received: 'Who[?]', 3"),
        (lambda one: one.explain(3), "one text. Received: 3"),
        (lambda one: tfmodels.QuestionAnswerer(run="other").fit(FRAME[["query", "passage"]]), "answer"),
        (lambda one: tfmodels.QuestionAnswerer(windov=3), "did you mean window"),
    ],
)
def test_wrong_arguments_are_refused_in_one_sentence(answerer, call, message):
    with pytest.raises(ValueError, match=rf"^Expected .*{message}"):
        call(answerer)


def test_a_question_with_a_tab_is_explained_as_one(answerer, monkeypatch):
    asked = []
    monkeypatch.setattr(task, "explain", lambda config, run, row: asked.append(row))
    answerer.explain("Who\tsang?", "Anna\tsang.")
    assert question_explanation.parts(asked[0]) == ("Who sang?", "Anna\tsang.")


def test_the_same_fit_opens_the_run_and_another_is_refused(answerer):
    with pytest.raises(ValueError, match=r"(?s)data: runs/\.frames/.*overwrite=True"):
        tfmodels.QuestionAnswerer(run="asked", tokens="words", validation_share=0.25).fit(FRAME[:-2])
    assert runs.load("asked").config == answerer.run_.config
