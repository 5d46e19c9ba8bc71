import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.faults import Faults
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.questions import question_json, question_rows
from pipelines.sources.questions.question import Answer, Question
from pipelines.sources.questions.question_form import Form

CONTEXT = "The Elbe is a river."
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=20)
BLANK = ("", " ", None, "\u200b", "\u00a0\ufeff\t")
SOLID = TEXT.filter(lambda text: text.strip())


@st.composite
def questions(draw):
    context = draw(SOLID)
    answers = []
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(context) - 1))
        text = context[start : draw(st.integers(start + 1, len(context)))]
        answers += [] if question_rows.is_blank(text) else [Answer(text, start)]
    return Question(draw(SOLID), context, tuple(answers), draw(TEXT | st.just("")), draw(TEXT | st.just("")))


def written(folder, asked, context=CONTEXT, title="Elbe", name="train.json"):
    document = {"version": "v2.0", "data": [{"title": title, "paragraphs": [{"context": context, "qas": asked}]}]}
    content = json.dumps(document).encode()
    (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return folder / name


def qa(**fields):
    return {"question": "What?", "id": "1", "answers": [{"text": "a river", "answer_start": 12}]} | fields


def read(path, on_bad="error", form=None, **options):
    return [row.question for row in question_json.read(path, form or Form(), Faults(on_bad), **options)]


@given(st.lists(questions(), max_size=4), st.sampled_from(["a.json", "a.json.gz"]))
def test_what_is_written_is_read(tmp_path_factory, asked, name):
    path = tmp_path_factory.getbasetemp() / name
    question_json.write(path, asked)
    assert question_json.is_one(path)
    found = read(path)
    assert sorted(map(repr, found)) == sorted(map(repr, asked))
    for one in found:
        assert all(one.context[of.start : of.start + len(of.text)] == of.text for of in one.answers)


def test_both_versions_of_squad_are_read(tmp_path):
    impossible = qa(id="2", is_impossible=True, answers=[], plausible_answers=[{"text": "river", "answer_start": 14}])
    path = written(tmp_path, [qa(), impossible, qa(id="3", is_impossible=False)], name="train-v2.0.json.gz")
    first, second, third = read(path)
    assert first == Question("What?", CONTEXT, (Answer("a river", 12),), "1", "Elbe")
    assert (second.answers, second.id) == ((), "2")
    assert third.answers == first.answers


def test_the_kind_is_that_of_the_question_or_of_its_answer(tmp_path):
    answers = [{"text": "a river", "answer_start": 12, "answer_type": "Object"}]
    path = written(tmp_path, [qa(question_type="what", answers=answers)])
    assert [read(path, form=Form(kind=kind))[0].kind for kind in ("", "answer_type", "other")] == ["what", "Object", ""]


def test_questions_to_be_answered_need_no_answers(tmp_path):
    asked = qa()
    del asked["answers"]
    path = written(tmp_path, [asked, qa(id="2")])
    assert [one.id for one in read(path, "drop")] == ["2"]
    assert [one.id for one in read(path, answered=False)] == ["1", "2"]
    odd = written(tmp_path, [qa(answers=answers, is_impossible=0) for answers in ("a river", {"a": 1}, [1], [{}], [])])
    assert len(read(odd, answered=False)) == 5  # they are not read


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (qa(question=" "), "a text as question in each row. Received: ' ', .*train.json, id '1'"),
        (qa(question=5), "a text as question in each row. Received: 5"),
        (qa(question="a\0b"), "a question without NUL bytes"),
        (qa(id=[1]), r"a text or a whole number as id. Received: \[1\]"),
        (qa(id=True), "a text or a whole number as id. Received: True"),
        (qa(answers=None), "a list of objects as `answers` of each question. Received: None"),
        (qa(answers="a river"), "a list of objects as `answers`"),
        (qa(answers=["a river"]), "a list of objects as `answers`"),
        (qa(answers=[{"text": ["a"], "answer_start": 1}]), "texts without NUL bytes as answers"),
        (qa(answers=[{"text": "a\0", "answer_start": 1}]), "texts without NUL bytes as answers"),
        (qa(answers=[{"text": "a", "answer_start": 1.5}]), "a whole number as answer_start. Received: 1.5"),
        (qa(answers=[{"text": "a", "answer_start": -2}]), "a whole number as answer_start. Received: -2"),
        (qa(answers=[{"text": "a", "answer_start": 10**400}]), "a whole number as answer_start"),
        (qa(answers=[{"text": "a", "answer_start": "x"}]), "a whole number as answer_start. Received: 'x'"),
        (qa(is_impossible=True), "no answers where is_impossible is true. Received: 1 of them"),
        (qa(is_impossible=False, answers=[]), "answers where is_impossible is false. Received: none"),
        (qa(is_impossible="no"), "true or false as is_impossible. Received: 'no'"),
        (qa(is_impossible=0), "true or false as is_impossible. Received: 0, .*id '1'"),
        (qa(is_impossible=1, answers=[]), "true or false as is_impossible. Received: 1, .*id '1'"),
        (qa(answers=[{"txt": "a river", "answer_start": 12}]), "`text` in each object of `answers`. .*'txt'.*id '1'"),
        (qa(answers=[{}]), "`text` in each object of `answers`. Received: {}, .*id '1'"),
        *((qa(answers=[{"text": text, "answer_start": 12}]), "a text of each answer with a start. Received: .*id '1'")
          for text in BLANK),
        *((qa(is_impossible=False, answers=[{"text": text}]), "each answer where is_impossible is false. .*id '1'")
          for text in BLANK),
        ("What?", "objects in each list `qas`. Received: str, .*article 1, paragraph 1, question 1"),
    ],
)  # fmt: skip
def test_faulty_questions_are_named_and_left_out(tmp_path, asked, message):
    path = written(tmp_path, [asked, qa(id="2")])
    with pytest.raises(ValueError, match=message):
        read(path)
    assert [one.id for one in read(path, "drop")] == ["2"]


@pytest.mark.parametrize("context", ["", None, 7, "a\0b"])
def test_a_faulty_context_is_named_once(tmp_path, context, capsys):
    path = written(tmp_path, [qa(), qa(id="2")], context)
    faults = Faults("warn")
    assert not list(question_json.read(path, Form(), faults))
    faults.report()
    assert "2 times" in capsys.readouterr().err
    with pytest.raises(ValueError, match=r"context .*article 1, paragraph 1 and 1 more"):
        read(path)


@pytest.mark.parametrize(
    "article", [5, [], {"title": "a"}, {"paragraphs": {}}, {"paragraphs": [3]}, {"paragraphs": [{"context": "a"}]}]
)
def test_articles_of_another_form_are_named(tmp_path, article):
    path = tmp_path / "train.json"
    path.write_text(json.dumps({"data": [article]}))
    with pytest.raises(ValueError, match=r"an object with the list .*article 1"):
        read(path)
    assert not read(path, "drop")


def test_a_list_of_questions_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "train.json"
    path.write_text(json.dumps([qa(context=CONTEXT)]))
    with pytest.raises(ValueError, match=r"a question in each line of a .jsonl file. Received: a list of questions"):
        read(path, "drop")


def test_other_encodings_are_read(tmp_path):
    path = tmp_path / "train.json"
    path.write_bytes(
        written(tmp_path, [qa()], "Die Fähre").read_text().encode().decode("unicode_escape").encode("latin-1")
    )
    assert read(path, form=Form(files=FileOptions(encoding="latin-1")))[0].context == "Die Fähre"
    with pytest.raises(ValueError, match="--encoding"):
        read(path)
