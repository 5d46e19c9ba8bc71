import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.faults import Faults, collect_faults
from pipelines.sources.questions import answer_places, answer_starts, spaced_matches
from pipelines.sources.questions.question import Answer, Question
from pipelines.sources.questions.question_rows import Row

CONTEXT = "In 1995 the Élan won 5 of 95 races, and 5 in\n 1996. Ève lost."


def row(*answers, context=CONTEXT):
    return Row(Question("What?", context, tuple(Answer(*one) for one in answers)), "a.json, id '1'")


def placed(*answers, split="train", search="once", on_bad="error", context=CONTEXT):
    rows, notes = answer_places.locate([row(*answers, context=context)], split, search, Faults(on_bad))
    return [tuple((one.text, one.start) for one in of.question.answers) for of in rows], notes


def test_right_places_stay():
    assert placed(("1995", 3), ("Élan", 12)) == ([(("1995", 3), ("Élan", 12))], [])
    assert placed() == ([()], [])


@pytest.mark.parametrize("split", ["train", "test"])
def test_answers_without_a_start_are_found_as_whole_words_first(split):
    assert placed(("95", -1), ("199", -1), split=split, context="In 1995 95 won, not 1996 or 199.") == (
        [(("95", 8), ("199", 28))], [f"{split}: 2 answers without a start were found in their contexts"],
    )  # fmt: skip
    assert placed(("996", -1), split=split)[0] == [(("996", 47),)]
    assert placed(("京", -1), split=split, context="東京都 京", on_bad="drop")[0] == (
        [(("京", -1),)] * (split == "test")
    )


def test_words_may_have_other_blanks_between_them():
    assert placed(("5 in 1996", -1))[0] == [(("5 in\n 1996", 40),)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5", "in their context once .--search first takes the first place.. Received: '5', a.json, id '1'"),
        ("Élan races", "one piece of their context, not words that stand apart"),
        ("Élan loses", "answers to be in their context. Received: 'Élan loses', a.json, id '1'"),
        ("lost Élan", "answers to be in their context"),
    ],
)
def test_training_data_needs_one_place(text, message):
    with pytest.raises(ValueError, match=message):
        placed((text, -1))
    assert placed((text, -1), on_bad="drop") == ([], [])
    assert placed(("1995", 3), (text, -1), on_bad="drop")[0] == [(("1995", 3),)]


def test_the_first_of_several_places_is_taken_if_that_is_said():
    found, notes = placed(("5", -1), search="first")
    assert found == [(("5", 21),)]
    assert notes == [
        "train: 1 answers without a start are in their context more than once; the first place of each is taken"
    ]


def test_other_splits_keep_the_text_of_answers_without_one_place():
    found, notes = placed(("5", -1), ("Élan races", -1), split="test")
    assert found == [(("5", -1), ("Élan races", -1))]
    assert [note[:60] for note in notes] == [
        "test: 1 answers without a start are in their context more th",
        "test: 1 answers are words that do not stand side by side; th",
    ]
    with pytest.raises(ValueError, match="answers to be in their context"):
        placed(("Elan", -1), split="test")


@pytest.mark.parametrize(("answer", "there"), [(("Élan", 11), 12), (("Élan", 20), 12), (("5 in 1996", 41), 40)])
def test_near_misses_are_mended_or_refused(answer, there, capsys):
    with pytest.raises(
        ValueError, match=f"Received: '{answer[0]}', with '.*' at {answer[1]}, a.json, id '1'.*that place"
    ):
        placed(answer)
    with collect_faults("warn") as faults:
        found, _ = answer_places.locate([row(answer)], "train", "once", faults)
    assert found[0].question.answers[0].start == there
    assert answer_starts.fits(CONTEXT, found[0].question.answers[0])
    assert "that place is taken: 1 times. 'É" in capsys.readouterr().err or there == 40


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (("Élan", 40), "with '5 in' at 40"),
        (("Élan", 999), "at 999, in a context of 61 characters"),
        (("Elan", 12), "with 'Élan' at 12"),
    ],
)
def test_other_places_are_refused_and_left_out(answer, message):
    with pytest.raises(ValueError, match=f"{message}.*it is left out"):
        placed(answer)
    assert placed(answer, on_bad="drop") == ([], [])


@given(st.data(), st.sampled_from(["utf-8", "utf-16-le", "utf-32-le"]))
def test_starts_in_other_units_are_recognised(data, encoding):
    size = {"utf-8": 1, "utf-16-le": 2, "utf-32-le": 4}[encoding]
    rows, wanted = [], []
    for context in data.draw(
        st.lists(st.text(st.sampled_from("aé漢😀 "), min_size=1, max_size=12), min_size=1, max_size=4)
    ):
        start = data.draw(st.integers(0, len(context) - 1))
        text = context[start:]
        rows.append(row((text, len(context[:start].encode(encoding)) // size), context=context))
        wanted.append(Answer(text, start))
    found, said = answer_starts.in_characters(rows)
    got = [one.question.answers[0] for one in found]
    assert all(answer_starts.fits(one.question.context, one.question.answers[0]) for one in found)
    if said == {"utf-8": "bytes of UTF-8", "utf-16-le": "units of UTF-16"}.get(encoding, ""):
        assert got == wanted


def test_units_are_those_that_all_answers_fit():
    place = CONTEXT.index("Ève")
    in_bytes = [row(("Ève", place + 1)), row(("1995", 3)), row(("x", -1))]
    found, said = answer_starts.in_characters(in_bytes)
    assert said == "bytes of UTF-8"
    assert [one.question.answers[0].start for one in found] == [place, 3, -1]
    mixed = [*in_bytes, row(("Ève", place))]
    assert answer_starts.in_characters(mixed) == (mixed, "")
    assert answer_starts.in_characters([row(("é", 3), context="😀 é")])[1] == "units of UTF-16"
    assert answer_starts.in_characters([row(("é", 1), context="😀 é")])[1] == ""  # within a character


BLANKED = st.text(st.sampled_from("aab \n\x1c"), max_size=24)


@given(BLANKED, st.one_of(BLANKED, st.lists(st.sampled_from(["a", "b", "aa", "ab"]), max_size=6).map(" ".join)))
def test_words_are_found_where_a_regular_expression_finds_them(text, answer):
    if words := answer.split():
        pattern = r"\s+".join(map(re.escape, words))
        expected = [Answer(one[0], one.start()) for one in re.finditer(pattern, text)]
        assert list(spaced_matches.find(text, words)) == expected


def test_a_context_that_nearly_repeats_an_answer_is_searched_in_linear_time():
    start = time.process_time()
    for count in (20_000, 40_000):
        assert placed((f"{'a ' * count}b", -1), context=f"{'a ' * 2 * count}c", on_bad="drop") == ([], [])
    assert time.process_time() - start < 5  # with the square of the length it took minutes
