import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tfmodels.metrics import answer_scores as scores

PIECES = st.sampled_from(
    ["a", "the", "An", "The", "cat", "CAT", "cat's", "U.S.", "3.5", " ", "\t", "-", ",", "«é»", "昨日"]
)
TEXTS = st.one_of(
    st.text(max_size=12), st.lists(PIECES, max_size=6).map(" ".join), st.lists(PIECES, max_size=6).map("".join)
)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
@example("the", ["The."])
@example("", [""])
@example("cat cat", ["cat", "the cat cat dog"])
def test_words_are_scored_as_torchmetrics_scores_them(answer, references):
    squad = pytest.importorskip("torchmetrics.functional.text").squad
    # It keeps references without a word beside others, as SQuAD 1.1 did.
    kept = [one for one in references if scores.answer_length(one)] or references[:1]
    target = [{"answers": {"answer_start": [0] * len(kept), "text": kept}, "id": "1"}]
    found = squad([{"prediction_text": answer, "id": "1"}], target)
    ours = scores.squad_scores([answer], [references])[0]
    np.testing.assert_allclose(ours, [found["exact_match"], found["f1"]], rtol=1e-6)


@given(st.lists(st.sampled_from("雨雪東京タワー"), max_size=8), st.lists(st.sampled_from("雨雪東京タワー"), max_size=8))
def test_characters_are_scored_as_words_of_one_character(answer, reference):
    said, known = "".join(answer), "".join(reference)
    found = scores.squad_scores([f"「{said}」 。"], [[known]], characters=True)
    np.testing.assert_array_equal(found, scores.squad_scores([" ".join(said)], [[" ".join(known)]]))


def test_characters_are_not_normalised_but_for_their_case():
    found = scores.squad_scores(
        ["A・B", "ガ", "100%"], [["ab"], [unicodedata.normalize("NFKD", "ガ")], ["100"]], characters=True
    )
    assert found[:, 0].tolist() == [100, 0, 100]
    assert scores.squad_scores(["\uff11\uff12"], [["12"]], characters=True).min() == 0


def test_no_answer_is_an_answer():
    answers, references = ["", "cat", "", "the"], [[], [], ["cat"], ["the", "cat"]]
    assert scores.squad_scores(answers, references)[:, 1].tolist() == [100, 0, 0, 0]
    assert scores.squad_scores(["the"], [["The"]]).tolist() == [[100, 100]]  # without a word, and so is the reference


def test_each_score_takes_the_best_annotator():
    found = scores.squad_scores(["old stone bridge"], [["a bridge", "the old bridge", "Old, stone bridge!"]])
    assert found.tolist() == [[100, 100]]
    assert scores.squad_scores(["old stone bridge"], [["a bridge", "the old bridge"]])[0].tolist() == [0, 80]
    with pytest.raises(ValueError, match="1 answers and references of 2"):
        scores.squad_scores(["one"], [["one"], ["two"]])


def test_the_script_decides_what_is_counted():
    assert scores.need_characters(["東京タワー", "1958年", "NHK"])
    assert not scores.need_characters(["Tokyo Tower (東京)"]) and not scores.need_characters(["1958", ""])
    assert scores.answer_length("The old bridge.") == 2 and scores.answer_length("東京 タワー。", characters=True) == 5
