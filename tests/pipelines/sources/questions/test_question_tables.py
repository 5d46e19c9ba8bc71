import json

import pytest

from pipelines.sources.faults import Faults
from pipelines.sources.files import row_files
from pipelines.sources.questions import question_files
from pipelines.sources.questions.question import Answer
from pipelines.sources.questions.question_form import Form

CONTEXT = "The Elbe is a river, the Brocken a hill."
RIVER, HILL = Answer("a river", 12), Answer("a hill", 33)


def read(path, form=None, on_bad="error", **options):
    return [row.question for row in question_files.read(path, form or Form(), Faults(on_bad), **options)]


def lines(folder, *rows):
    path = folder / "train.jsonl"
    path.write_text("".join(json.dumps({"question": "What?", "context": CONTEXT} | row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("ending", ["csv", "tsv", "csv.gz", "jsonl", "parquet"])
def test_every_format_gives_the_same_questions(tmp_path, ending):
    path = tmp_path / f"train.{ending}"
    names = ["id", "Question", "passage", "answer", "answer_start", "article", "page"]
    row_files.write(
        path, names, [["7", "What?", CONTEXT, "a river", 12, "Elbe", "x"], ["8", "Who?", CONTEXT, "", None, "", ""]]
    )
    first, second = read(path)
    assert (first.id, first.question, first.context, first.title) == ("7", "What?", CONTEXT, "Elbe")
    assert (first.answers, second.answers) == ((RIVER,), ())
    how = question_files.dialect_of(path, Form())
    assert question_files.columns(path, Form(), how).said == (
        "columns: question 'Question', context 'passage', answer 'answer', answer_start 'answer_start', id 'id', "
        "title 'article'; not used: 'page'"
    )


@pytest.mark.parametrize(
    "cells",
    [
        {"answers": ["a river", "a hill"], "answer_start": [12, 33]},
        {"answers": {"text": ["a river", "a hill"], "answer_start": [12, 33]}},
        {"answers": [{"text": "a river", "answer_start": 12}, {"text": "a hill", "answer_start": 33}]},
        {"answer0": "a river", "answer1": "a hill", "answer_start0": 12, "answer_start1": "33"},
        {"answer": "a river", "answer2": "a hill", "answer_starts": [12, 33.0]},
    ],
)
def test_several_annotators_are_read(tmp_path, cells):
    assert read(lines(tmp_path, cells))[0].answers == (RIVER, HILL)


@pytest.mark.parametrize(
    "cells",
    [
        *({"answer": ""}, {"answer": None}, {"answers": []}, {"answers": [" "]}, {"answer": "\u200b"}),
        *({"answer": "", "answer_start": start} for start in (None, "", -1, "-1")),
        *({"answers": [{"text": ""}]}, {"answers": {"text": None}}, {"answers": [{"text": "", "answer_start": -1}]}),
        {"answers": {"text": [], "answer_start": []}},
    ],
)
def test_an_empty_answer_is_none(tmp_path, cells):
    assert read(lines(tmp_path, cells))[0].answers == ()


def test_answers_without_a_start_have_none(tmp_path):
    answers = [
        one.answers for one in read(lines(tmp_path, {"answer": "a river"}, {"answer": ["a river", ""]}, {"answer": 5}))
    ]
    assert answers == [(Answer("a river", -1),), (Answer("a river", -1),), (Answer("5", -1),)]


def test_columns_of_other_names_are_named(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(f'frage,text,antwort,start,art\nWas?,"{CONTEXT}",a river,12,what\n')
    form = Form(question="frage", answer="antwort", kind="art")
    first = read(path, form)[0]
    assert (first.question, first.context, first.answers, first.kind) == ("Was?", CONTEXT, (RIVER,), "what")
    with pytest.raises(ValueError, match=r"--question_column COLUMN: frage, .* Received: question_column='question', "):
        read(path)
    with pytest.raises(ValueError, match=r"Received: kind_column='arte' \(did you mean art\?\)"):
        read(path, Form(question="frage", answer="antwort", kind="arte"))
    with pytest.raises(ValueError, match=r"Received: start_column='begin'"):
        read(path, Form(question="frage", answer="antwort", answer_start="begin"))
    (tmp_path / "two.csv").write_text("question,question,context,answer\na,b,c,d\n")
    with pytest.raises(ValueError, match="one column named 'question'"):
        read(tmp_path / "two.csv")


def test_questions_to_be_answered_need_no_column_of_answers(tmp_path):
    path = lines(tmp_path, {})
    assert read(path, answered=False)[0].question == "What?"
    with pytest.raises(ValueError, match="--answer_column COLUMN"):
        read(path)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"answer": ["a river", "a hill"], "answer_start": 12}, "as many starts or none. Received: .*line 1, id '1'"),
        ({"answer": "a river", "answer_start": "twelve"}, "a whole number as answer_start. Received: 'twelve'"),
        ({"answer": {"label": 1}}, "`text` in answers that are objects. Received: .*'label': 1.*line 1, id '1'"),
        ({"answer": [{"value": "a river"}]}, "`text` in answers that are objects. Received: .*'value'"),
        ({"answer": [{"text": "a river"}, {"txt": "a hill"}]}, "`text` in answers that are objects. Received: .*'txt'"),
        ({"answer": "\u200b", "answer_start": 12}, "a text of each answer with a start. Received: .* at 12, .*line 1"),
        (
            {"answer": {"text": ["a river", ""], "answer_start": [12, 3]}},
            "a text of each answer with a start. .* at 3,",
        ),
        ({"answer": [["a"]]}, "texts without NUL bytes as answers"),
        ({"answer": "a river", "context": ""}, "a text as context in each row. Received: '', .*line 1, id '1'"),
        ({"answer": "a river", "question": None}, "a text as question in each row. Received: none"),
        ({"answer": "a river", "title": {}}, "a text or a whole number as title"),
    ],
)
def test_faulty_rows_are_named_and_left_out(tmp_path, cells, message):
    path = lines(tmp_path, {"id": "1"} | cells, {"answer": "a river"})
    with pytest.raises(ValueError, match=message):
        read(path)
    assert len(read(path, on_bad="drop")) == 1


def test_json_lines_may_end_in_json_and_lie_in_a_folder(tmp_path):
    folder = tmp_path / "train"
    folder.mkdir()
    (folder / "LICENSE").write_text("text")
    (folder / ".a.csv").write_text("hidden")
    with pytest.raises(FileNotFoundError, match="none in"):
        read(folder)
    lines(folder, {"answer": "a river"}).rename(folder / "b.json")
    lines(folder, {"answer": "a hill"}).rename(folder / "a.jsonl")
    assert [one.answers[0].text for one in read(folder)] == ["a hill", "a river"]
    with pytest.raises(ValueError, match=r"SQuAD's JSON or a table, .*Received: .*LICENSE"):
        read(folder / "LICENSE")
    with pytest.raises(FileNotFoundError, match="Expected a file"):
        read(tmp_path / "missing.json")


def test_answers_in_parquet_need_a_text_too(tmp_path):
    row_files.write(
        tmp_path / "a.parquet", ["question", "context", "answers"],
        [["What?", CONTEXT, [{"text": "a river", "answer_start": 12}]], ["Who?", CONTEXT, []]],
    )  # fmt: skip
    assert [one.answers for one in read(tmp_path / "a.parquet")] == [(RIVER,), ()]
    row_files.write(tmp_path / "b.parquet", ["question", "context", "answer"], [["What?", CONTEXT, {"txt": "a river"}]])
    with pytest.raises(ValueError, match=r"`text` in answers that are objects. Received: .*b.parquet, row 1"):
        read(tmp_path / "b.parquet")


def test_a_column_has_one_part(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(f'text,answer\n"{CONTEXT}",a river\n')
    with pytest.raises(ValueError, match=r"different columns of question and context; .*Received: 'text' for both"):
        read(path, Form(question="text"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.jsonl",
            '{"question": "What?", "context": "a", "question": "b"}',
            "'question' twice .*line 1",
        ),
        ("a.jsonl", '{"question": "What?"', "a JSON object in each line. Received: Expecting .*a.jsonl, line 1"),
        (
            "a.json",
            '{"data": null}',
            "SQuAD's JSON, whose .*Received: `data` that is no list, .*a.json",
        ),
        ("a.json", '{"data": {"question": "a"}}', "SQuAD's JSON, whose `data` is a list of articles"),
    ],
)
def test_a_file_of_one_faulty_row_is_told_of_that_row(tmp_path, name, content, message):
    (tmp_path / name).write_text(content + "\n")
    with pytest.raises(ValueError, match=message):
        read(tmp_path / name)
