import json

from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.faults import Faults
from pipelines.sources.questions import question_data, question_files
from pipelines.sources.questions.question_form import Form

NAMES = ["title", "paragraphs", "context", "qas", "question", "id", "answers", "text", "answer_start", "is_impossible"]
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "a", "\0", "1", "-1"])
)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner))
ANSWERS = st.lists(st.fixed_dictionaries({"text": PLAIN, "answer_start": PLAIN}), max_size=2)
TEXTS = st.sampled_from(["a", "b a", "c"])


def objects(**fields):
    """Objects that lack some of these fields, or have something else in their place."""
    names = st.fixed_dictionaries({}, optional=fields)
    return st.builds(
        lambda right, wrong: right | wrong, names, st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=1)
    )


QUESTIONS = objects(question=TEXTS, id=PLAIN, answers=ANSWERS | VALUES, is_impossible=PLAIN)
PARAGRAPHS = objects(context=TEXTS, qas=st.lists(QUESTIONS, min_size=1, max_size=3))
ARTICLES = objects(title=TEXTS, paragraphs=st.lists(PARAGRAPHS, min_size=1, max_size=3))
ROWS = objects(question=TEXTS, context=TEXTS, answers=ANSWERS | VALUES, answer_start=VALUES, id=PLAIN, title=TEXTS)


def check(path):
    """Whatever is in a file, it gives questions whose answers are in their place, or a ValueError of one line."""
    for on_bad in ("error", "drop"):
        try:
            found = question_data.read(str(path), Form(), Faults(on_bad), test_share=0.3)
            other = question_data.read_other(str(path), "other", Form(), Faults(on_bad))
            list(question_files.read(path, Form(), Faults(on_bad), answered=False))
        except ValueError as error:
            assert "Expected" in str(error)
        else:
            every = [*found.splits["train"], *other]
            assert all(one.question.strip() and one.context.strip() for one in every)
            for one in every:
                assert all(of.start < 0 or one.context.startswith(of.text, of.start) for of in one.answers)
            assert all(of.start >= 0 for one in found.splits["train"] for of in one.answers)


@given(st.lists(ARTICLES, max_size=3))
def test_any_articles(tmp_path_factory, articles):
    path = tmp_path_factory.getbasetemp() / "hostile.json"
    path.write_text(json.dumps({"data": articles}))
    check(path)


@given(st.lists(ROWS, max_size=4))
def test_any_rows(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "hostile.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    check(path)
