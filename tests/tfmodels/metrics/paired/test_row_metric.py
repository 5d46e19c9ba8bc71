"""Metrics of rows: those of all rows are the library's, and those of a resample are those of its rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import CHRF
from sacrebleu.significance import PairedTest
from sklearn import metrics as sklearn_metrics

from tfmodels import metrics
from tfmodels.metrics import RowMetric, bootstrap
from tfmodels.metrics.paired.scores import SCORES

TEXT = st.text(st.sampled_from("ab c."), max_size=12)


def made(random, rows=60):
    """Rows of each score."""
    labels, said = random.integers(0, 4, rows), random.integers(0, 4, rows)
    binary, risks = random.integers(0, 2, rows), np.round(random.random(rows), 1)
    shares = random.dirichlet(np.ones(4), rows)
    words = [" ".join(random.choice(["a", "dog", "runs", "."], 6)) for _ in range(2 * rows)]
    bleu = metrics.bleu_statistics(words[:rows], [[one] for one in words[rows:]], True)
    sums = np.stack([random.random(rows), random.integers(0, 3, rows)], axis=1)
    up, predicted = random.integers(0, 2, (2, rows))
    return {
        "mean": sums,
        "root_mean": sums,
        "bleu": bleu,
        "chrf": metrics.chrf_statistics(words[:rows], words[rows:]),
        "micro_f1": random.integers(0, 3, (rows, 2)),
        "least_of_precision_and_recall": np.stack([binary & up, up, binary], axis=1),
        "mcc": np.stack([up, predicted, up & predicted, np.ones(rows)], axis=1),
        "mean_of_relative": np.tile(sums + 0.1, 4),
        "mean_of_groups": np.column_stack([labels, sums]),
        "macro_f1": np.stack([labels, said], axis=1),
        "macro_f1_of_labels": random.integers(0, 4, (rows, 3)),
        "ece": np.stack([risks, binary], axis=1),
        "ece_of_one": np.stack([risks, binary], axis=1),
        "ece_of_10_bins": np.stack([risks, binary], axis=1),
        "auroc": np.stack([binary, risks], axis=1),
        "auprc": np.stack([binary, risks], axis=1),
        "sensitivity_at_95_specificity": np.stack([binary, risks], axis=1),
        "macro_auroc": np.column_stack([labels, shares]),
    }


@pytest.mark.parametrize("score", SCORES)
def test_a_resample_scores_as_its_rows_do(score, monkeypatch):
    random = np.random.default_rng(3)
    rows = made(random)[score]
    blocks = random.integers(0, 12, len(rows))
    weights = np.random.default_rng(1).multinomial(12, np.full(12, 1 / 12), 20)
    monkeypatch.setattr(bootstrap, "block_draws", lambda count: iter([weights.astype(float)]))
    found = RowMetric(rows, score).resampled(blocks)
    assert found.blocks == 12 and found.value == pytest.approx(RowMetric(rows, score).value, rel=1e-12)
    for draw, times in zip(found.draws, weights, strict=True):
        repeated = rows[np.repeat(np.arange(len(rows)), times[blocks])]
        assert draw == pytest.approx(RowMetric(repeated, score).value, rel=1e-9)


def test_all_rows_score_as_the_libraries_do():
    rows = made(np.random.default_rng(5))
    labels, said = rows["macro_f1"].T
    has, says = np.divmod(rows["macro_f1_of_labels"], 2)
    binary, risks = rows["auroc"].T
    shares = rows["macro_auroc"][:, 1:]
    up, predicted = rows["mcc"][:, :2].T
    scores = metrics.risk_scores(binary, risks)
    expected = {
        "macro_f1": 100 * sklearn_metrics.f1_score(labels, said, average="macro"),
        "macro_f1_of_labels": 100 * sklearn_metrics.f1_score(has, says, average="macro"),
        "ece": metrics.reliability(risks[:, None], binary[:, None]).ece,
        "ece_of_one": scores["ece"],
        "ece_of_10_bins": metrics.reliability(risks[:, None], binary[:, None], 10).ece,
        "auroc": scores["auroc"],
        "auprc": scores["auprc"],
        "sensitivity_at_95_specificity": scores["sensitivity_at_95_specificity"],
        "macro_auroc": sklearn_metrics.roc_auc_score(rows["macro_auroc"][:, 0], shares, multi_class="ovr"),
        "mcc": sklearn_metrics.matthews_corrcoef(up, predicted),
        "micro_f1": 200 * rows["micro_f1"][:, 0].sum() / (rows["micro_f1"] * [2, 1]).sum(),
    }
    for score, value in expected.items():
        assert RowMetric(rows[score], score).value == pytest.approx(value), score


@given(st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=1, max_size=3)), min_size=1, max_size=6))
@settings(deadline=None)
def test_character_f_is_that_of_sacrebleu(pairs):
    hypotheses, references = [one for one, _ in pairs], [several for _, several in pairs]
    most = max(map(len, references))
    streams = [[several[min(place, len(several) - 1)] for several in references] for place in range(most)]
    found = metrics.chrf_of_sums(metrics.chrf_statistics(hypotheses, references).sum(axis=0))
    assert found == pytest.approx(CHRF().corpus_score(hypotheses, streams).score, abs=1e-6)


def test_differences_are_those_of_the_other_routes():
    random = np.random.default_rng(7)
    one, other = (made(random)[score] for score in ("bleu", "bleu"))
    blocks = np.arange(len(one))
    found = RowMetric(one, "bleu").resampled(blocks).minus(RowMetric(other, "bleu").resampled(blocks))
    assert found == metrics.paired_difference(one, other, blocks, metrics.bleu_of_sums)
    labels, risks = made(random)["auroc"].T
    noise = np.clip(risks + random.normal(0, 0.2, len(risks)), 0, 1)
    cases = metrics.RiskCases(labels, blocks // 2, np.zeros(len(labels), int))
    sides = [RowMetric(np.stack([labels, of], axis=1), "auroc").resampled(blocks // 2) for of in (risks, noise)]
    assert sides[0].minus(sides[1]) == metrics.risk_difference(cases, risks, noise)
    few = [RowMetric(one[:5], "bleu").resampled(blocks[:5]) for _ in range(2)]
    assert few[0].minus(few[1]) is None


def test_bleu_and_chrf_are_resampled_as_sacrebleu_does():
    """Its p counts one side of the centred differences, so that it is about half of that of two sides."""
    random = np.random.default_rng(2)
    references = [" ".join(random.choice(["a", "dog", "runs", "fast", "."], 8)) for _ in range(200)]

    def answered(share):
        return [" ".join(word if random.random() < share else "cat" for word in text.split()) for text in references]

    sides = {"one": answered(0.80), "other": answered(0.77)}
    from sacrebleu.metrics import BLEU

    test = PairedTest(
        list(sides.items()), {"bleu": BLEU(tokenize="none", force=True), "chrf": CHRF()}, [references], "bs"
    )
    _, theirs = test()
    for name, score, statistics in (
        ("BLEU", "bleu", lambda texts: metrics.bleu_statistics(texts, references, True)),
        ("chrF2", "chrf", lambda texts: metrics.chrf_statistics(texts, references)),
    ):
        first, second = (RowMetric(statistics(texts), score).resampled(np.arange(200)) for texts in sides.values())
        differences = first.draws - second.draws
        mine = (differences - differences.mean() > abs(first.value - second.value)).mean()
        assert [first.value, second.value] == pytest.approx([one.score for one in theirs[name]], abs=1e-3)
        assert mine == pytest.approx(theirs[name][1].p_value, abs=0.04)
        assert first.draws.mean() == pytest.approx(theirs[name][0].mean, abs=0.3)


def test_numbers_that_cannot_be_a_metrics_are_refused():
    for rows, score in (
        (np.zeros((3, 2)), "other"),
        (np.zeros((0, 2)), "mean"),
        (np.zeros((3, 3)), "mean"),
        (np.full((3, 10), np.nan), "bleu"),
        (np.full((3, 18), -1.0), "chrf"),
        (np.full((3, 2), 0.5), "macro_f1"),
        (np.full((3, 2), 1e300), "macro_f1"),
        (np.full((3, 2), 4.0), "macro_f1_of_labels"),
        (np.full((3, 2), 1.5), "ece"),
        (np.full((3, 2), 2.0), "auroc"),
        (np.full((3, 3), 2.0), "macro_auroc"),
        (np.full((3, 3), -1.0), "mean_of_groups"),
    ):
        with pytest.raises(ValueError, match="Expected"):
            RowMetric(rows, score)


def test_what_tells_of_a_row_is_its_own_score():
    rows = made(np.random.default_rng(9))
    assert RowMetric(rows["ece"], "ece").of_each() is None
    np.testing.assert_allclose(
        RowMetric(rows["chrf"], "chrf").of_each(), [RowMetric(row[None], "chrf").value for row in rows["chrf"]]
    )
    labels, shares = rows["macro_auroc"][:, 0].astype(int), rows["macro_auroc"][:, 1:]
    np.testing.assert_array_equal(
        RowMetric(rows["macro_auroc"], "macro_auroc").of_each(), shares[np.arange(len(labels)), labels]
    )
    texts = [f"a dog runs {number}" for number in range(5)]
    statistics = metrics.bleu_statistics(texts, [["a dog runs 3"]] * 5, False)
    np.testing.assert_allclose(
        RowMetric(statistics, "bleu").of_each(), metrics.sentence_bleu(texts, [["a dog runs 3"]] * 5, False)
    )
