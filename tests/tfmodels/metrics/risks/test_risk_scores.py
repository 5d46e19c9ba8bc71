import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from tfmodels.metrics.risks import risk_decisions, risk_groups, risk_scores
from tfmodels.metrics.risks.risk_scores import RiskCases

RANDOM = np.random.default_rng(1)
LABELS = (RANDOM.random(400) < 0.3).astype(int)
RISKS = np.clip(0.3 + 0.25 * (LABELS - 0.3) + RANDOM.normal(0, 0.15, 400), 0.01, 0.99)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4), st.integers(0, 3)), min_size=4, max_size=30))
def test_weighted_scores_are_those_of_scikit_learn(rows):
    labels, risks, weights = (np.array(column) for column in zip(*rows, strict=True))
    weighted = np.stack([np.ones(len(rows)), weights])
    for score, reference in (("auroc", roc_auc_score), ("auprc", average_precision_score)):
        found = risk_scores.weighted_score(score, labels, risks / 4, weighted)
        for value, weight in zip(found, weighted, strict=True):
            if len({*labels[weight > 0]}) == 2:
                assert value == pytest.approx(reference(labels, risks / 4, sample_weight=weight))
            else:
                assert np.isnan(value)


def test_scores_of_a_perfect_and_of_a_constant_risk():
    labels = np.array([0] * 90 + [1] * 10)
    perfect = risk_scores.risk_scores(labels, labels.astype(float))
    assert perfect == pytest.approx({**dict.fromkeys(risk_scores.SCORES, 1.0), "brier": 0, "log_loss": 0, "ece": 0})
    constant = risk_scores.risk_scores(labels, np.full(100, 0.1))
    assert constant["auroc"] == 0.5 and constant["auprc"] == pytest.approx(0.1)
    assert constant["ece"] == pytest.approx(0) and constant["sensitivity_at_95_specificity"] == 0
    assert constant["brier"] == pytest.approx(0.09) and constant["min_precision_sensitivity"] == 0
    assert np.isnan(risk_scores.risk_scores(labels[:5], np.full(5, 0.1))["auroc"])


def test_sensitivity_at_a_specificity_is_found_by_every_threshold():
    found = risk_scores.risk_scores(LABELS, RISKS)["sensitivity_at_95_specificity"]
    negative, positive = RISKS[LABELS == 0], RISKS[LABELS == 1]
    every = np.r_[RISKS, 2]
    right = [(positive >= one).mean() for one in every if (negative < one).mean() >= 0.95]
    assert found == pytest.approx(max(right))


def test_what_is_no_risk_is_refused():
    with pytest.raises(ValueError, match=r"risks from 0 to 1. Received: -0.5 to 0.4"):
        risk_scores.risk_scores(np.array([0, 1]), np.array([-0.5, 0.4]))
    with pytest.raises(ValueError, match=r"Received: shapes \(2,\) and \(3,\)"):
        risk_scores.risk_scores(np.array([0, 1]), np.zeros(3))
    with pytest.raises(ValueError, match="Expected one of auroc, auprc"):
        risk_scores.weighted_score("brier", LABELS, RISKS, np.ones((1, 400)))


def test_a_paired_difference_of_folds_is_the_mean_of_theirs():
    cases = RiskCases(LABELS, np.arange(400), np.arange(400) % 2)
    worse = np.clip(RISKS + np.random.default_rng(2).normal(0, 0.2, 400), 0, 1)
    found = risk_scores.risk_difference(cases, RISKS, worse)
    halves = [roc_auc_score(LABELS[half::2], RISKS[half::2]) - roc_auc_score(LABELS[half::2], worse[half::2])
              for half in (0, 1)]  # fmt: skip
    assert found.difference == pytest.approx(np.mean(halves)) and 0 < found.low < found.difference < found.high
    same = risk_scores.risk_difference(cases, RISKS, RISKS, "auprc")
    assert (same.difference, same.low, same.high) == (0, 0, 0)


def test_cases_of_one_entity_widen_the_interval():
    alone = risk_scores.risk_margin(RiskCases(LABELS, np.arange(400), np.zeros(400)), RISKS)
    again = RiskCases(np.repeat(LABELS, 4), np.repeat(np.arange(400), 4), np.zeros(1600))
    assert risk_scores.risk_margin(again, np.repeat(RISKS, 4)).standard_error == pytest.approx(alone.standard_error)
    apart = risk_scores.risk_margin(again._replace(entity=np.arange(1600)), np.repeat(RISKS, 4))
    assert apart.standard_error < 0.6 * alone.standard_error
    assert risk_scores.risk_margin(RiskCases(LABELS[:5], np.arange(5), np.zeros(5)), RISKS[:5]) is None


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), min_size=4, max_size=25),
    st.sampled_from([0.3, 0.8, 1.0]),
    st.sampled_from([0.5, 4.0]),
)
def test_thresholds_are_the_best_of_all(rows, sensitivity, cost):
    labels, risks = np.array([label for label, _ in rows]), np.array([risk / 6 for _, risk in rows])
    if len({*labels}) < 2:
        with pytest.raises(ValueError, match="cases of both classes"):
            risk_decisions.risk_threshold(labels, risks)
        return
    every = [*((np.unique(risks)[1:] + np.unique(risks)[:-1]) / 2), 0.0]

    def rates(threshold):
        decided = risks >= threshold
        return decided[labels == 1].mean(), labels[decided].mean() if decided.any() else 0, decided

    least = risk_decisions.risk_threshold(labels, risks, "sensitivity", sensitivity)
    assert rates(least)[0] >= sensitivity
    assert not any(one > least + 1e-9 and rates(one)[0] >= sensitivity for one in every)
    best = risk_decisions.risk_threshold(labels, risks)
    assert min(rates(best)[:2]) == pytest.approx(max(min(rates(one)[:2]) for one in every))
    costs = [(cost * labels[~rates(one)[2]].sum() + (1 - labels)[rates(one)[2]].sum()) for one in
             (risk_decisions.risk_threshold(labels, risks, "cost", cost), *every)]  # fmt: skip
    assert costs[0] == pytest.approx(min(costs))


def test_a_decision_curve_is_the_net_benefit():
    curve = risk_decisions.decision_curve(LABELS, RISKS, np.array([0.2, 0.5]))
    for threshold, benefit, everybody in zip(*curve, strict=True):
        decided = threshold <= RISKS
        odds = threshold / (1 - threshold)
        assert benefit == pytest.approx(((LABELS & decided).sum() - odds * ((1 - LABELS) & decided).sum()) / 400)
        assert everybody == pytest.approx(LABELS.mean() - odds * (1 - LABELS.mean()))
    assert len(risk_decisions.decision_curve(LABELS, RISKS).thresholds) == 99
    with pytest.raises(ValueError, match="thresholds above 0 and below 1"):
        risk_decisions.decision_curve(LABELS, RISKS, np.array([0.0]))


def test_a_group_that_is_treated_worse_is_found_and_others_are_not():
    random = np.random.default_rng(3)
    groups = np.array(["F", "M"])[random.integers(0, 2, 2000)]
    labels = (random.random(2000) < 0.3).astype(int)
    signal = np.where(groups == "F", 0.05, 0.35) * labels
    risks = np.clip(0.25 + signal + random.normal(0, 0.15, 2000), 0, 1)
    ages = np.array(["old", "young"] * 1000)
    scores = risk_groups.group_scores(labels, risks, 0.4, {"Gender": groups, "Age": ages}, np.arange(2000))
    women, men, *of_age = scores
    assert (women.group, women.cases, women.positive) == ("F", (groups == "F").sum(), labels[groups == "F"].sum())
    assert {"auroc", "sensitivity", "calibration"} <= {*women.significant}
    of_women = risks[(groups == "F") & (labels == 1)]
    assert women.scores["sensitivity"] == pytest.approx(np.mean(of_women >= 0.4))
    assert women.gaps["auroc"].difference == pytest.approx(-men.gaps["auroc"].difference)
    assert not of_age[0].significant
    said = risk_groups.gap_warnings(scores)
    assert said[0].startswith("Gender F: AUROC is 0.5") and said[-1].startswith("16 gaps were looked at")


def test_a_group_too_small_has_no_measure():
    groups = np.array(["all"] * 390 + ["few"] * 10)
    all_, few = risk_groups.group_scores(LABELS, RISKS, 0.3, {"ICU": groups}, np.arange(400))
    assert np.isnan(few.scores["auroc"]) and few.gaps["auroc"] is None and all_.gaps["auroc"] is None
    assert not np.isnan(few.scores["calibration"]) and not np.isnan(all_.scores["auroc"])
    with pytest.raises(ValueError, match="Received: 3 groups by 'ICU', 400 labels"):
        risk_groups.group_scores(LABELS, RISKS, 0.3, {"ICU": groups[:3]}, np.arange(400))
