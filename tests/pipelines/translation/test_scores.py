import pytest
import sacrebleu

from pipelines.sources.text.pair import Pair
from pipelines.translation.scores import answers_of, score
from tfmodels import metrics


def test_exact_matches_are_counted_by_kind():
    pairs = [Pair("a", "A", "date"), Pair("b", "B", "time"), Pair("c", "C", "date")]
    scores = score(pairs, ["A", "B", "c"])
    assert scores.primary == "exact_match"
    assert scores.tables[0]["rows"] == [["date", 2, 50.0], ["time", 1, 100.0]]
    assert scores.metrics["exact_match"] == 100 * 2 / 3 and scores.of_sources["exact_match"] == 0


def test_without_kinds_bleu_is_what_counts():
    scores = score([Pair("one two three four", "1 2 3 4."), Pair("five", "5")], ["1 2 3 4.", "5"])
    assert scores.primary == "bleu"
    assert [table["title"] for table in scores.tables] == ["signatures"]


@pytest.mark.parametrize("target", ["{} ein Hund rennt .", "{} Ein Hund rennt."])
def test_the_difference_from_a_baseline_without_long_matches_is_that_of_the_scores(target):
    pairs = [Pair(f"{number} a dog runs .", target.format(number)) for number in range(20)]
    scores = score(pairs, [pair.target for pair in pairs])
    of_model, of_sources = (found[scores.primary] for found in (scores.metrics, scores.of_sources))
    assert 0 < of_sources < 50
    assert scores.judgement.comparisons["copy the source"]["difference"] == of_model - of_sources


def test_tokenised_references_are_scored_as_they_are():
    texts = ["a man , who sleeps .", "two dogs run ."] * 20
    scores = score([Pair("source", text) for text in texts], texts)
    assert scores.primary == "bleu_tokenized"
    assert scores.metrics["bleu_tokenized"] == pytest.approx(100)


def test_translations_that_repeat_a_phrase_are_counted_beside_the_references():
    pairs = [Pair("a", "in the park"), Pair("b", "that that")]
    scores = score([*pairs, *pairs], ["in the in the park", "x", "on a log on a log", "y"])
    assert scores.metrics["repeated_phrases"] == 50 and scores.of_sources["repeated_phrases"] == 0
    assert scores.tables[0]["rows"] == [["translations", 50.0, "in the; on a log"], ["references", 50.0, "that"]]


def test_the_mean_of_exact_matches_is_that_of_the_report_and_others_are_of_sentences():
    pairs = [Pair("a", "Ein Hund rennt.", "dog"), Pair("b", "Zwei Katzen.", "cat"), Pair("c", "Ein Ball liegt da.")]
    outputs = ["Ein Hund rennt.", "Zwei Hunde.", "Ein Ball"]
    answers = answers_of(pairs, outputs)
    rows = [dict(zip(answers.names, row, strict=True)) for row in answers.rows()]
    assert [row["kind"] for row in rows] == ["dog", "cat", ""]
    whole = score(pairs, outputs).metrics
    assert sum(100 * row["exact_match"] for row in rows) / 3 == pytest.approx(whole["exact_match"])
    for pair, output, row in zip(pairs, outputs, rows, strict=True):
        alone = metrics.translation_scores([output], [pair.target]).scores
        assert row["chrf"] == pytest.approx(alone["chrf"])
        assert (row["bleu"] == pytest.approx(100)) == (row["exact_match"] == 1)


def test_several_references_are_all_right():
    pairs = [
        Pair("a", "Ein Hund rennt.", others=("Da rennt ein Hund.",)),
        Pair("b", "Zwei Katzen sind da.", others=("Da sind zwei Katzen.", "Dort sind zwei Katzen.")),
    ]
    outputs = ["Da rennt ein Hund.", "Dort sind zwei Katzen."]
    found = score(pairs, outputs)
    assert found.metrics["exact_match"] == 100 and found.metrics["bleu"] == pytest.approx(100)
    assert found.metrics["chrf"] == pytest.approx(100)
    assert score([pair._replace(others=()) for pair in pairs], outputs).metrics["exact_match"] == 0
    answers = answers_of(pairs, outputs)
    rows = [dict(zip(answers.names, row, strict=True)) for row in answers.rows()]
    assert [row["reference_3"] for row in rows] == [None, "Dort sind zwei Katzen."]
    assert all(row["exact_match"] and row["bleu"] == pytest.approx(100) for row in rows)


def test_several_references_are_scored_as_sacrebleu_scores_them():
    pairs = [
        Pair("a", "Ein Hund rennt schnell.", others=("Da rennt ein Hund.",)),
        Pair("b", "Zwei Katzen liegen da.", others=("Da sind zwei Katzen.",)),
    ]
    outputs = ["Da rennt ein Hund schnell.", "Da liegen zwei Katzen."]
    streams = [[pair.target for pair in pairs], [pair.others[0] for pair in pairs]]
    assert score(pairs, outputs).metrics["bleu"] == sacrebleu.corpus_bleu(outputs, streams).score
    assert score(pairs, outputs).metrics["chrf"] == sacrebleu.corpus_chrf(outputs, streams).score
