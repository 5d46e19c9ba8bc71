import subprocess
import sys

import numpy as np
import pytest
import sacrebleu
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tfmodels import metrics

REFERENCES = ["Ein Hund rennt über die Wiese.", "Zwei Männer, die lachen.", "Eine Frau kocht heute Suppe."]
HYPOTHESES = ["Ein Hund rennt über das Gras.", "Zwei Männer, die lachen.", "Die Frau kocht eine Suppe."]


def tokenized(texts):
    return [text.lower().replace(",", " ,").replace(".", " .") for text in texts]


def test_scores_are_those_of_sacrebleu():
    scores, signatures = metrics.translation_scores(HYPOTHESES, REFERENCES)
    assert scores["bleu"] == pytest.approx(sacrebleu.corpus_bleu(HYPOTHESES, [REFERENCES]).score)
    assert scores["chrf"] == pytest.approx(sacrebleu.corpus_chrf(HYPOTHESES, [REFERENCES]).score)
    assert scores["exact_match"] == pytest.approx(100 / 3)
    assert "tok:13a" in signatures["bleu"]
    assert "case:mixed" in signatures["bleu"]
    assert "nc:6|nw:0" in signatures["chrf"]
    assert scores.keys() - signatures.keys() == {"exact_match"}


def test_tokenized_score_splits_at_blanks_only():
    hypotheses, references = ["a well-known 3.5 &amp; x y"], ["a well-known 3.5 & x y"]
    scores, signatures = metrics.translation_scores(hypotheses, references, tokenized=True)
    assert scores["bleu_tokenized"] < scores["bleu"], "13a reads &amp; as &, the papers' score does not"
    assert "tok:none" in signatures["bleu_tokenized"]
    assert "bleu_tokenized" not in metrics.translation_scores(hypotheses, references).scores


def test_tokenized_score_of_plain_words_equals_that_of_13a():
    hypotheses, references = tokenized(HYPOTHESES), tokenized(REFERENCES)
    scores = metrics.translation_scores(hypotheses, references, tokenized=True).scores
    assert scores["bleu_tokenized"] == pytest.approx(scores["bleu"])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_scores_stay_within_0_and_100_and_right_answers_match(texts):
    right = metrics.translation_scores(texts, texts, tokenized=True).scores
    assert right["exact_match"] == 100
    empty = metrics.translation_scores([""] * len(texts), texts).scores
    assert all(0 <= score <= 100 + 1e-9 for score in [*right.values(), *empty.values()])


def test_sentence_scores_are_the_corpus_scores_of_single_rows():
    alone = [
        metrics.translation_scores([hypothesis], [reference]).scores["chrf"]
        for hypothesis, reference in zip(HYPOTHESES, REFERENCES, strict=True)
    ]
    assert metrics.sentence_scores(HYPOTHESES, REFERENCES) == pytest.approx(alone)


@pytest.mark.parametrize("score", [metrics.translation_scores, metrics.sentence_scores])
@pytest.mark.parametrize(("hypotheses", "references"), [([], []), (["a"], ["a", "b"])])
def test_unpaired_rows_are_refused(score, hypotheses, references):
    with pytest.raises(ValueError, match=f"Received: {len(hypotheses)} hypotheses and {len(references)} references"):
        score(hypotheses, references)


def test_recognises_tokenized_references():
    assert metrics.looks_tokenized(tokenized(REFERENCES))
    assert metrics.looks_tokenized([*tokenized(REFERENCES) * 5, "hut bzw. mütze ."]), "an abbreviation is no sign"


@pytest.mark.parametrize(
    "references",
    [
        REFERENCES,
        [text.lower() for text in REFERENCES],
        [*tokenized(REFERENCES), "Ein Hund ."],
        ["5 mai 2024", "12:30", "3,50 €"],
        [],
    ],
)
def test_other_references_do_not_look_tokenized(references):
    assert not metrics.looks_tokenized(references)


def test_import_loads_no_scorer():
    code = "import sys, tfmodels.metrics; print(sys.modules.keys() & {'numpy', 'sacrebleu', 'tensorflow', 'keras'})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"


# Texts of few words, so that often no n-gram of some length is right, or there is none.
texts = st.lists(st.sampled_from(["a", "b", "c", "d", "A", ",", "."]), max_size=7).map(" ".join)


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=4), st.booleans())
@example([("a b c d", "a b c ."), ("d", "a")], False)
def test_bleu_of_summed_statistics_is_bleu(pairs, tokenized):
    hypotheses, references = map(list, zip(*pairs, strict=True))
    sums = metrics.bleu_statistics(hypotheses, references, tokenized).sum(axis=0)
    expected = metrics.translation_scores(hypotheses, references, tokenized).scores
    assert metrics.bleu_of_sums(sums) == expected["bleu_tokenized" if tokenized else "bleu"]
    assert metrics.bleu_of_sums(np.stack([sums, sums])).shape == (2,)
