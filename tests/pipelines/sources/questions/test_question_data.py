import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.faults import Faults, collect_faults
from pipelines.sources.questions import question_data, question_json, question_splits
from pipelines.sources.questions.artificial_questions import KIND, artificial_unanswerable
from pipelines.sources.questions.question import Answer, Question
from pipelines.sources.questions.question_form import Form
from pipelines.sources.questions.question_rows import Row


def asked(article, paragraph=0, number=0, title=True):
    """A question of a paragraph of an article."""
    context = f"Town {article} has {paragraph + 2} bridges, and {article + 500} people live there."
    answers = [f"{paragraph + 2} bridges", f"{article + 500} people"]
    text = answers[number % 2]
    name = f"{article}-{paragraph}-{number}"
    question = f"What has town {article} of {'bridges' if number % 2 == 0 else 'people'} ({paragraph}, {number})?"
    return Question(question, context, (Answer(text, context.index(text)),), name, f"Town {article}" * title)


ALL = [asked(article, paragraph, number) for article in range(10) for paragraph in range(3) for number in range(2)]


def folder(path, **splits):
    for split, questions in splits.items():
        question_json.write(path / f"{split}-v2.0.json", questions)
    return str(path)


def read(data, on_bad="error", form=None, **options):
    return question_data.read(data, form or Form(), Faults(on_bad), **options)


def titles(questions):
    return {one.title for one in questions}


def test_given_splits_are_read_as_they_are(tmp_path):
    data = folder(tmp_path, train=ALL[:48], dev=ALL[48:54], test=ALL[54:])
    found = read(data)
    assert found.splits == {"train": ALL[:48], "validation": ALL[48:54], "test": ALL[54:]}
    assert found.notes == ["read as SQuAD's JSON"]
    assert found.dialect is None
    assert [path.name for path in question_data.files(data)] == ["train-v2.0.json", "dev-v2.0.json", "test-v2.0.json"]


def test_missing_splits_are_made_by_article(tmp_path):
    path = tmp_path / "all.json"
    question_json.write(path, ALL)
    found = read(str(path), validation_share=0.2, test_share=0.1)
    sizes = {split: len(questions) for split, questions in found.splits.items()}
    assert sizes == {"train": 42, "validation": 12, "test": 6}
    parts = [titles(questions) for questions in found.splits.values()]
    assert sum(map(len, parts)) == len(set().union(*parts)) == 10
    assert "no test split: 10% of the questions, by article, chosen by digest, are held back: 6 of 60" in found.notes
    question_json.write(path, ALL[::-1])  # in another order, and with another seed
    again = read(str(path), validation_share=0.2, test_share=0.1, seed=7)
    assert {split: titles(of) for split, of in again.splits.items()} == dict(zip(found.splits, parts, strict=True))


def test_one_article_is_not_split(tmp_path):
    with pytest.raises(ValueError, match="more than one article"):
        read(folder(tmp_path, train=ALL[:6]))


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b", "c", "d"]), st.integers(0, 9)), min_size=2), st.floats(0, 1))
def test_no_article_is_in_two_made_splits(names, share):
    """Whatever titles its contexts have, and they have none."""
    rows = [Row(Question("What?", f"Context {context}", title=title), "") for title, context in names]
    if len(set(question_splits.articles(rows))) < 2:
        return
    sides = question_splits.hold_back(rows, share, "test")
    assert all(sides)
    assert sorted(map(repr, sides[0] + sides[1])) == sorted(map(repr, rows))
    first, second = ([row.question for row in side] for side in sides)
    assert not {one.context for one in first} & {one.context for one in second}
    assert not (titles(first) & titles(second)) - {""}


def test_repeats_are_merged_with_all_their_answers(tmp_path):
    again = replace(ALL[0], question=ALL[0].question.replace(" ", "  "), answers=(Answer("2", 11),), id="other")
    found = read(folder(tmp_path, train=[*ALL[:3], again, again], dev=ALL[6:9]))
    assert len(found.splits["train"]) == 3
    assert [answer.text for answer in found.splits["train"][0].answers] == ["2 bridges", "2", "2"]
    assert "train: 2 questions that repeat another on the same context are merged" in found.notes


def test_a_question_with_and_without_an_answer_is_named(tmp_path):
    other = replace(ALL[0], answers=(), id="other")
    for questions in ([ALL[0], other, ALL[1]], [other, ALL[1], ALL[0]]):
        data = folder(tmp_path, train=questions, dev=ALL[6:9])
        with pytest.raises(ValueError, match=r"with an answer, .*id '0-0-0', and without one, .*id 'other'"):
            read(data)
        assert sorted(one.id for one in read(data, "drop").splits["train"]) == ["0-0-0", "0-0-1"]
        assert not any("are merged" in note for note in read(data, "drop").notes)


def test_ids_of_two_questions_are_named(tmp_path):
    data = folder(tmp_path, train=[ALL[0], replace(ALL[1], id=ALL[0].id), ALL[2]], dev=ALL[6:9])
    with pytest.raises(
        ValueError, match=r"an id of its own .* '0-0-0', .*train-v2.0.json, id '0-0-0': 'What has town 0"
    ):
        read(data)
    assert [one.id for one in read(data, "drop").splits["train"]] == ["0-0-0", "0-1-0"]


@pytest.mark.parametrize("by_title", [True, False])
def test_an_article_in_two_splits_is_named_and_left_out_of_the_earlier(tmp_path, by_title):
    other = replace(ALL[0], title=ALL[0].title if by_title else "Other", id="x", question="Who?")
    if by_title:
        other = replace(other, context="Town 0 lies here.", answers=(Answer("here", 12),))
    data = folder(tmp_path, train=ALL[:12], dev=[other])
    with pytest.raises(
        ValueError, match=r"different articles in different splits. Received: (title 'town 0'|context 't)"
    ):
        read(data)
    left = read(data, "drop").splits
    assert left["validation"] == [other]
    assert left["train"] == (ALL[6:12] if by_title else ALL[2:12])


def test_contexts_that_are_much_alike_are_counted(tmp_path):
    body = "Many people live there; the bridge was built in 1901. "
    train = Question("When?", f"{body}It is old.", (Answer("1901", 48),), "1", "A")
    alike = replace(train, context=f"{body}It is new.", id="2", title="B")
    other = replace(train, context="A ship went down in 1901.", answers=(Answer("1901", 20),), id="3", title="C")
    found = read(folder(tmp_path, train=[train], dev=[alike, other]))
    assert "1 of 2 validation contexts have half of their clauses or more in the training data" in " ".join(found.notes)


def test_other_data_is_scored_by_the_text_of_answers(tmp_path, capsys):
    path = tmp_path / "new.jsonl"
    rows = [
        {"question": "What?", "context": "One bridge and one town.", "answer": text} for text in ("one", "bridge town")
    ]
    path.write_text("".join(json.dumps(row | {"question": row["answer"]}) + "\n" for row in rows))
    with collect_faults("warn") as faults:
        found = question_data.read_other(str(path), "other", Form(), faults)
    assert [one.answers[0] for one in found] == [Answer("one", 15), Answer("bridge town", -1)]
    assert "answers are words that do not stand side by side" in capsys.readouterr().err
    data = folder(tmp_path, train=ALL[:3], dev=ALL[6:9])
    assert question_data.read_other(data, "validation", Form(), Faults()) == ALL[6:9]
    assert [one.name for one in question_data.other_files(data, "validation")] == ["dev-v2.0.json"]
    with pytest.raises(FileNotFoundError, match="--split to choose"):
        question_data.read_other(data, "other", Form(), Faults())


def test_a_table_keeps_its_dialect(tmp_path):
    text = "question;context;answer;title\n" + "".join(
        f"{one.question};{one.context};{one.answers[0].text};{one.title}\n" for one in ALL
    )
    (tmp_path / "train.csv").write_text(text)
    found = read(str(tmp_path / "train.csv"))
    assert found.dialect.delimiter == ";"
    assert [one.answers for one in found.splits["train"]] == [
        one.answers for one in ALL if one.title in titles(found.splits["train"])
    ]
    assert any("answers without a start were found in their contexts" in note for note in found.notes)


def test_missing_data_and_empty_splits_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="a file or folder of questions"):
        read(str(tmp_path / "missing"))
    with pytest.raises(ValueError, match=r"questions in the validation split. Received: none"):
        read(folder(tmp_path, train=ALL[:3], dev=[]))
    with pytest.raises(ValueError, match=r"questions in the train split. Received: none"):
        read(folder(tmp_path, train=[], dev=ALL[:3]))


def test_artificial_questions_have_no_answer_in_their_context():
    made = artificial_unanswerable(ALL, 0.25, seed=1)
    assert len(made) == 20
    assert made == artificial_unanswerable(ALL, 0.25, seed=1) != artificial_unanswerable(ALL, 0.25, seed=2)
    of = {one.id: one for one in ALL}
    for one in made:
        first = of[one.id.removesuffix("-artificial")]
        assert one == replace(first, context=one.context, answers=(), id=one.id, kind=KIND)
        assert one.context != first.context
        assert any(one.context == other.context for other in ALL if other.title == first.title)
        assert first.answers[0].text not in one.context
    people = [one for one in ALL if one.answers[0].text.endswith("people")]
    assert not artificial_unanswerable(people, 0.25, seed=1)  # they are in each context of the article
    assert not artificial_unanswerable([replace(one, title="") for one in ALL], 0.25, seed=1)


def test_a_question_that_is_asked_of_the_other_context_is_not_made_of_it():
    first, second = ALL[0], replace(ALL[2], question=ALL[0].question)
    assert not artificial_unanswerable([first, second], 0.5, seed=1)
    assert artificial_unanswerable([first, ALL[2]], 0.5, seed=1)


def test_artificial_questions_are_added_to_each_split_and_said(tmp_path):
    data = folder(tmp_path, train=ALL[:48], dev=ALL[48:])
    found = read(data, form=Form(unanswerable=0.25))
    assert [sum(one.kind == KIND for one in of) for of in found.splits.values()] == [16, 4]
    assert "asked of another context of the same article: 16 in train, 4 in validation" in " ".join(found.notes)
    assert "train: 16 of 64 questions have no answer" in found.notes
    assert read(data, form=Form(unanswerable=0.25), seed=7) == found  # so that runs of several seeds have the same data
