import random

import numpy as np
import pytest

from pipelines.question_answering import scores
from pipelines.question_answering.baselines import context_tokens, naive_answers, sentence_match
from pipelines.question_answering.baselines.span_features import SpanFeatures
from pipelines.question_answering.baselines.span_regression import SpanRegression
from pipelines.sources.questions.question import Answer, Question

NAMES = ("Anna Berg", "Tom Ivers", "Rosa Lindt", "Karl Moos", "Ina Falk", "Otto Prem", "Lena Wirth")
TOWNS = ("Arnheim", "Belmora", "Corvale", "Dunlock", "Estmere", "Farrow", "Gildon")


def told(count, seed=0):
    """People, where and when they were born: the word before a span tells which kind it is."""
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        name, town, year = draw.choice(NAMES), draw.choice(TOWNS), str(draw.randint(1700, 1999))
        parts = [f"{name} was born in {town} in {year}.", "It was a cold winter.", "Few people left the house then."]
        draw.shuffle(parts)
        context = " ".join(parts)
        for question, answer in (
            ("Who was born?", name),
            ("When was the birth?", year),
            ("Where was the birth?", town),
        ):
            found.append(Question(question, context, (Answer(answer, context.index(answer)),)))
    return found


def test_words_and_runs_of_a_script_are_tokens():
    text = "In 1,958.5, Bäcker's 東京タワーはสวย!"
    found = context_tokens.tokens(text)
    assert [one.text for one in found] == [
        *("In", "1,958.5", ",", "Bäcker", "'", "s", "東京", "タワー", "は", "ส", "ว", "ย", "!")
    ]
    assert all(text[one.start :].startswith(one.text) for one in found)
    assert context_tokens.terms("The inventors of 東京都") == ["the", "invent", "of", "東京", "京都"]
    assert context_tokens.terms("?!") == ["?", "!"]
    parts, sentence = context_tokens.sentence_of_each("Go. Go. 行った。帰る", np.array([0, 2, 4, 6, 8, 11, 12]))
    assert parts == ["Go.", "Go.", "行った。", "帰る"] and sentence.tolist() == [0, 0, 1, 1, 2, 2, 3]


def test_the_sentence_that_shares_rare_words_is_the_best():
    contexts = ["The river rose. The bridge was closed. The town waited.", "No bridge. The river is deep."]
    vectors = sentence_match.vectorizer(contexts)
    asked = ["Was the bridge closed?", "How deep is the river?", ""]
    found = sentence_match.best_sentences(asked, [*contexts, contexts[0]], vectors)
    assert found == ["The bridge was closed.", "The river is deep.", "The river rose."]


def test_spans_are_of_one_sentence_and_have_words_at_both_ends():
    context = 'He said "no way." Then (he) left.'
    features = SpanFeatures(sentence_match.vectorizer([context]), [context])
    spans = features.spans("Who left?", context)
    pieces = {context[slice(*features.place(context, both))] for both in zip(spans.first, spans.last, strict=True)}
    assert {"He", "no way", 'said "no way', "Then (he", "he) left", "left"} <= pieces
    assert not {
        piece for piece in pieces if ("way" in piece and "Then" in piece) or piece[-1] in '.")' or piece[0] in '"('
    }
    start = context.index('"no way."')
    first, last = features.covering(context, start, start + len('"no way."'))
    assert context[slice(*features.place(context, (first, last)))] == "no way"
    assert features.covering(context, start, start + 1) == (0, -1)
    assert spans.classes.max() < features.numbers_from and spans.classes.min() >= 0
    assert not len(features.spans("Who?", "...").first)


def test_a_regression_learns_which_spans_questions_ask_for():
    train, asked = told(60), told(20, seed=1)
    found = naive_answers.of(asked, train)
    f1 = {name: scores.score(asked, answers).metrics["f1"] for name, answers in found.items()}
    assert f1[naive_answers.SPANS] > 95 and f1[naive_answers.SENTENCE] < 60 and set(f1) == set(found)
    assert found == naive_answers.of(asked, train)


def test_a_regression_needs_the_word_of_the_question():
    train = [Question("Name it.", one.context, one.answers) for one in told(40)]
    asked = [Question("Name it.", one.context, one.answers) for one in told(20, seed=1)]
    answers = naive_answers.of(asked, train)[naive_answers.SPANS]
    assert scores.score(asked, answers).metrics["exact_match"] < 60


def test_one_method_never_answers_where_questions_have_no_answer():
    train = [*told(3), Question("Who sang?", "Nobody sang.")]
    found = naive_answers.of(train, train)
    assert found[scores.NO_ANSWER] == [""] * len(train)
    judged = scores.score(train, found[naive_answers.SPANS], baselines={scores.NO_ANSWER: found[scores.NO_ANSWER]})
    assert judged.of_baselines[scores.NO_ANSWER]["no_answer_accuracy"] == 100


@pytest.mark.parametrize("train", [[Question("Who?", "Nobody.")], [Question("?", "!", (Answer("!", 0),))]])
def test_where_nothing_can_be_learnt_some_span_is_the_answer(train):
    regression = SpanRegression(train, sentence_match.vectorizer(["Nobody.", "!"]))
    assert regression.answer("Who left?", "They left.") in ("They", "left", "They left")
    assert regression.answer("Who left?", "!?") == "" and regression.answer("", "") == ""
