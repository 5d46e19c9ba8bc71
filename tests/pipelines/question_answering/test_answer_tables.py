import json

import numpy as np
import pytest

from pipelines.question_answering import answer_calibration, scores
from pipelines.question_answering.scores import NO_ANSWER
from pipelines.sources.questions.question import Answer, Question
from tfmodels import metrics


def asked(reference, context="One two three.", question="Who sang?", kind=""):
    answers = tuple(Answer(text, 0) for text in ([reference] if isinstance(reference, str) else reference))
    return Question(question, context, answers, kind=kind)


def table_of(found, word):
    (table,) = [one for one in found.tables if word in one["title"]]
    return table


def test_scores_are_means_of_the_rows_and_margins_are_of_paragraphs():
    draw = np.random.default_rng(0)
    right = draw.integers(0, 2, 30).repeat(10)  # all questions of a paragraph alike
    questions = [asked("yes", context=f"Text {row // 10}.") for row in range(300)]
    answers = np.where(right, "Yes!", "").tolist()
    found = scores.score(questions, answers, baselines={"always no": ["no"] * 300})
    assert found.primary == "f1" and [*found.metrics.values()] == pytest.approx([100 * right.mean()] * 2)
    margin = table_of(found, "intervals")["rows"][1][2]
    assert margin == pytest.approx(2.05 * 100 * right.std() / np.sqrt(29), rel=0.1)
    difference = found.judgement.comparisons["always no"]
    assert difference["blocks"] == 30 and difference["difference"] == pytest.approx(100 * right.mean())
    assert difference["high"] - difference["difference"] == pytest.approx(margin)


def test_questions_without_an_answer_have_scores_of_their_own():
    questions = [asked("two words"), asked("two words"), asked([]), asked([])]
    answers = ["two", "", "", "one"]
    found = scores.score(questions, answers, {NO_ANSWER: [""] * 4})
    assert found.metrics["has_answer_f1"] == pytest.approx(100 / 3) and found.metrics["no_answer_accuracy"] == 50
    assert found.metrics["f1"] == pytest.approx((200 / 3 + 100) / 4)
    assert found.of_baselines[NO_ANSWER]["no_answer_accuracy"] == 100
    assert set(scores.score(questions[:2], answers[:2]).metrics) == {"exact_match", "f1"}
    chosen = scores.best_threshold(questions, ["two", "two words", "x", "one"], np.array([0.9, 0.5, 0.2, 0.4]))
    assert 0.4 < chosen <= 0.5


def test_groups_hold_all_questions_and_each_its_own():
    questions = [
        *(asked("one", "a " * 9, "Who sang?", "person"), asked("one two three four", "b " * 9, "when did it end?")),
        *(asked([], "c " * 50, "Who sang?"), asked("one " * 12, "d " * 99, "Who sang?", "person")),
    ]
    answers = ["one", "four", "", "two"]
    found = scores.score(questions, answers, baselines={"none": [""] * 4})
    lengths = table_of(found, "first annotator's answer, words")
    assert [row[0] for row in lengths["rows"]] == ["no answer", "1", "3-4", "9 or more"]
    assert lengths["columns"] == ["group", "questions", "F1", "±", "none"]
    assert lengths["rows"][0][2:] == [100, None, 100] and lengths["rows"][2][2] == pytest.approx(40)
    kinds = table_of(found, "kind")["rows"]
    assert [row[:2] for row in kinds] == [["person", 2], ["other", 2]]
    assert sum(row[1] for row in table_of(found, "length of the context")["rows"]) == 4
    plain = [Question(one.question, one.context, one.answers) for one in questions]
    words = table_of(scores.score(plain, answers), "first word")["rows"]
    assert [row[:2] for row in words] == [["who", 3], ["when", 1]]


def test_characters_are_counted_where_most_letters_have_no_blanks():
    questions = [asked("東京タワー", question="何ですか"), asked("大阪", question="どこ")]
    found = scores.score(questions, ["東京", "大阪。"])
    assert found.characters and found.metrics == pytest.approx({"exact_match": 50, "f1": (100 * 4 / 7 + 100) / 2})
    assert "no NFKC" in table_of(found, "signatures")["rows"][0][1]
    assert not [table for table in found.tables if "question" in table["title"]]
    by_words = scores.score(questions, ["東京", "大阪。"], by="words")
    assert scores.score(questions, ["東京", "大阪"], by="characters").metrics == found.metrics
    assert by_words.metrics["f1"] == 0 and "SQuAD" in table_of(by_words, "signatures")["rows"][0][1]


def test_the_rows_of_the_output_give_the_scores():
    questions = [asked(["one", "1"]), asked([]), asked("a bridge")]
    found = scores.score(questions, ["1", "", "old bridge"])
    output = scores.answers_of(questions, ["1", "", "old bridge"], found, probability=np.array([0.5, 1, 0.25]))
    rows = [dict(zip(output.names, row, strict=True)) for row in output.rows()]
    assert np.mean([row["f1"] for row in rows]) == found.metrics["f1"]
    assert [row["exact_match"] for row in rows] == [1, 1, 0] and rows[2]["probability"] == 0.25
    assert [json.loads(row["references"]) for row in rows] == [["one", "1"], [], ["a bridge"]]
    with pytest.raises(ValueError, match="at least one question"):
        scores.score([], [])


def test_a_probability_that_is_the_share_of_right_answers_is_calibrated():
    draw = np.random.default_rng(0)
    probability = draw.random(20_000)
    right = 100.0 * (draw.random(20_000) < probability)
    assert answer_calibration.reliability(probability, right).ece < 1.5
    found = answer_calibration.reliability(np.sqrt(probability), right)
    table = answer_calibration.reliability_table(found)
    assert found.ece > 10 and sum(row[1] for row in table["rows"]) == 20_000
    assert all(row[2] > row[3] for row in table["rows"][1:-1])


def test_the_most_confident_answers_are_those_of_the_highest_probabilities():
    draw = np.random.default_rng(0)
    probability, rows = draw.random(37), 100 * draw.random((37, 2))
    found = answer_calibration.coverage(probability, rows)
    assert found[:, 0].tolist() == list(range(10, 101, 10))
    for share, lowest, *means in found:
        there = probability >= lowest
        assert there.sum() == np.ceil(share * 37 / 100)
        np.testing.assert_allclose(means, rows[there].mean(axis=0))
    assert answer_calibration.coverage_table(found)["rows"][-1][2] == pytest.approx(rows[:, 0].mean())
    assert metrics.best_threshold(probability, rows[:, 1], np.zeros(37)).threshold == 0
