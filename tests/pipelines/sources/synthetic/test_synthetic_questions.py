import math
import re
from collections import Counter

import pytest

from pipelines.sources.faults import Faults
from pipelines.sources.questions import question_data
from pipelines.sources.questions.question_form import Form
from pipelines.sources.synthetic import question_words, synthetic_questions
from pipelines.sources.synthetic.company_words import COMPANIES
from pipelines.sources.synthetic.people_words import PEOPLE
from pipelines.sources.synthetic.town_words import TOWNS

RELATIONS = [relation for of in (PEOPLE, TOWNS, COMPANIES) for relation in of.values()]


@pytest.fixture(scope="module")
def splits():
    return synthetic_questions.read(seed=1, examples=1500)


def words(text):
    return re.findall(r"\w+", text.lower())


def best_sentence(one):
    """Start and end of the sentence with the best TF-IDF match, each sentence being a document."""
    spans = [found.span() for found in re.finditer(r"[^.]+\.", one.context)]
    bags = [Counter(words(one.context[start:end])) for start, end in spans]
    weights = {word: math.log(len(bags) / sum(word in bag for bag in bags)) for bag in bags for word in bag}
    asked = set(words(one.question))
    scores = [sum(weights[word] for word in asked & bag.keys()) / math.sqrt(bag.total()) for bag in bags]
    return spans[scores.index(max(scores))]


def test_the_same_seed_gives_the_same_questions_and_answers_are_in_their_place(splits):
    assert splits == synthetic_questions.read(seed=1, examples=1500)
    assert splits["test"] != synthetic_questions.read(seed=2, examples=1500)["test"]
    assert {split: len(of) for split, of in splits.items()} == {"train": 1500, "validation": 600, "test": 600}
    for one in (one for of in splits.values() for one in of):
        assert (one.answers == ()) == (one.kind == synthetic_questions.NO_ANSWER)
        for answer in one.answers:
            assert one.context[answer.start : answer.start + len(answer.text)] == answer.text
            assert one.context.count(answer.text) == 1
    assert {one.kind for one in splits["test"]} == {*synthetic_questions.VALUES, synthetic_questions.NO_ANSWER}
    assert any(" " in one.answers[0].text for one in splits["test"] if one.answers)
    assert 0.15 < sum(not one.answers for one in splits["test"]) / 600 < 0.25


def test_no_name_of_a_test_is_in_the_training_data(splits):
    common = set(words(" ".join(text for relation in RELATIONS for text in (*relation.sentences, *relation.questions))))
    common |= set(words(" ".join([*question_words.JOBS, *question_words.QUALITIES, *question_words.THINGS])))
    common |= set(words(" ".join([*question_words.MATERIALS, *synthetic_questions.parts.FIRST_NAMES])))
    common |= {*words(" ".join(synthetic_questions.parts.COMPANIES)), "he", "she", "it", "the", "crowns", "of", "and"}
    names = {
        split: {word for one in of for word in words(f"{one.context} {one.question}") if word.isalpha()} - common
        for split, of in splits.items()
    }
    assert not names["train"] & names["test"] and not names["train"] & names["validation"]
    assert not names["test"] & names["validation"] and len(names["test"]) > 60


def test_no_pair_of_sentence_and_question_of_a_test_is_in_the_training_data(splits):
    def is_of(form, text):
        pattern = re.escape(form).replace(r"\{e\}", r"[\w ]+").replace(r"\{v\}", r"[\w, '-]+")
        return re.fullmatch(pattern, text) is not None

    def pairs(split):
        found = set()
        for one in (one for one in splits[split] if one.answers):
            before, after = one.context[: one.answers[0].start], one.context[one.answers[0].start :]
            sentence = before.rpartition(". ")[2] + after.partition(". ")[0].rstrip(".") + "."
            of = [
                (relation.questions, number, place)
                for relation in RELATIONS
                for number, form in enumerate(relation.sentences)
                for place, text in enumerate(relation.questions)
                if relation.sort == one.kind and is_of(form, sentence) and is_of(text, one.question)
            ]
            assert len(of) == 1
            found |= set(of)
        return found

    assert not pairs("test") & pairs("train")
    assert len(pairs("test")) > 80


def test_the_best_sentence_and_the_likeliest_sort_often_mislead(splits):
    answered = [one for one in splits["test"] if one.answers]
    hits = [start <= one.answers[0].start < end for one in answered for start, end in [best_sentence(one)]]
    assert 0.1 < sum(hits) / len(hits) < 0.6
    of_sort = [one for one in answered if one.kind == "year"]
    assert sum(len(re.findall(r"\b(?:18|19|20)\d\d\b", one.context)) for one in of_sort) / len(of_sort) > 2.5
    asked_elsewhere = [one for one in splits["test"] if not one.answers]
    assert sum(name_of(one) in one.context for one in asked_elsewhere) > len(asked_elsewhere) / 2


def name_of(one):
    return re.findall(r"(?:[A-Z][\w]+ ?)+", one.question.partition(" ")[2])[0].strip()


def test_each_relation_differs_from_others_of_its_sort():
    for of in (PEOPLE, TOWNS, COMPANIES):
        questions = [text for relation in of.values() for text in relation.questions]
        assert len(questions) == len(set(questions))
        for relation in of.values():
            assert all("{e}" in text for text in (*relation.sentences, *relation.questions))
            assert all(text.count("{v}") == 1 and text.endswith(".") for text in relation.sentences)


def test_they_are_read_as_data():
    found = question_data.read("synthetic", Form(examples=200), Faults("error"), seed=3)
    assert found.splits == synthetic_questions.read(3, 200)
    assert not question_data.files("synthetic") and not question_data.other_files("synthetic", "test")
    other = question_data.read_other("synthetic", "test", Form(examples=1), Faults("error"))
    assert other == synthetic_questions.read(1, 1)["test"]
