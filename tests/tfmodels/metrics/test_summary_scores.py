import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.metrics import summary_baselines, summary_scores

WORDS = st.lists(st.sampled_from(["rain", "sun", "wind", "snow"]), min_size=1, max_size=8)


def overlap(one, other):
    """F measure of multisets."""
    common = sum(min(one.count(word), other.count(word)) for word in set(one))
    return 200 * common / (len(one) + len(other))


@given(WORDS, WORDS)
def test_rouge_1_is_the_overlap_of_words(summary, reference):
    found = summary_scores.rouge([" ".join(summary)], [[" ".join(reference)]])
    assert found[0, 0] == pytest.approx(overlap(summary, reference))
    assert summary_scores.rouge([" ".join(summary)], [[" ".join(summary)]]).min() >= (100 if len(summary) > 1 else 0)


def test_of_several_references_each_measure_takes_its_best():
    summary = "the cat sat"
    alone = [summary_scores.rouge([summary], [[one]])[0] for one in ("the cat sat down", "a cat")]
    np.testing.assert_array_equal(
        summary_scores.rouge([summary], [["a cat", "the cat sat down"]])[0], np.max(alone, axis=0)
    )
    with pytest.raises(ValueError, match="references for each summary"):
        summary_scores.rouge([summary], [])


def test_words_of_other_scripts_count_where_the_letters_a_to_z_do_not_suffice():
    greek = ["η γάτα κοιμάται", "ο σκύλος τρέχει"]
    assert summary_scores.needs_unicode(greek) and not summary_scores.needs_unicode(["a dog runs in the park"] * 9)
    assert summary_scores.rouge(greek[:1], [greek[:1]]).max() == 0
    assert summary_scores.rouge(greek[:1], [greek[:1]], unicode=True).min() == 100


def test_copied_novel_and_repeated_words():
    assert summary_scores.copied_words(["A cat slept", ""], ["The CAT, a dog", "x"]).tolist() == [[2, 3], [0, 0]]
    assert summary_scores.novel_ngrams(["the cat slept"], ["the cat sat"], size=2) == 50
    assert summary_scores.repeated_ngrams(["a dog and a dog"], size=2) == 25
    assert np.isnan(summary_scores.novel_ngrams(["one"], ["one"], size=2))
    assert summary_scores.word_count(["A cat.", "Two dogs."]) == 4


def test_sentences_end_at_marks_and_lines():
    text = 'He said "no." Then left.\nNew line 昨日。今日！ It cost 3.50 e.g. here'
    assert summary_baselines.sentences(text) == [
        *('He said "no."', "Then left.", "New line 昨日。", "今日！", "It cost 3.50 e.g.", "here")
    ]
    assert summary_baselines.first_sentence(" \n ") == "" and summary_baselines.first_sentence("One. Two.") == "One."
    assert summary_baselines.first_words("It rained for days.", 2) == "It rained"


def test_the_most_similar_text_answers():
    others, answers = ["cats meow at night", "dogs run in the park"], ["cats", "dogs"]
    texts = ["a dog in a park: dogs run", "cats"] * 300  # more than are compared at a time
    assert summary_baselines.most_similar(texts, others, answers) == ["dogs", "cats"] * 300


def test_the_best_sentence_is_the_ceiling_of_copying_one():
    text, reference = "It rained. The match was lost at home. Nobody came.", "match lost at home"

    def worth(sentence):
        return summary_scores.rouge([sentence], [[reference]])[0, -1]

    assert summary_baselines.best_sentence(text, worth) == "The match was lost at home."
    assert summary_baselines.best_sentence(" ", worth) == ""
