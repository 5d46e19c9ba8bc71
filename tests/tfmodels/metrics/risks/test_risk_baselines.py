import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tfmodels.metrics.risks import risk_baselines
from tfmodels.metrics.risks.risk_baselines import RiskTable

RANDOM = np.random.default_rng(4)
VALUES = RANDOM.normal(size=(300, 4))
LABELS = (VALUES[:, 0] + 0.5 * VALUES[:, 1] + RANDOM.normal(0, 0.5, 300) > 0).astype(int)
HOLES = np.where(RANDOM.random((300, 4)) < 0.2, np.nan, VALUES)
TRAIN = RiskTable(HOLES[:200], LABELS[:200])


@pytest.mark.parametrize("fit", [risk_baselines.logistic_risk, risk_baselines.tree_risk])
def test_models_of_tables_learn_through_holes_and_empty_columns(fit):
    empty = RiskTable(np.c_[TRAIN.values, np.full(200, np.nan)], TRAIN.labels)
    risks = fit(empty, np.c_[HOLES[200:], np.full(100, np.nan)])
    assert roc_auc_score(LABELS[200:], risks) > 0.8
    assert risks.min() > 0 and risks.max() < 1
    np.testing.assert_array_equal(risks, fit(empty, np.c_[HOLES[200:], np.full(100, np.nan)]))
    with pytest.raises(ValueError, match=r"rows of both classes. Received: 200 rows of one class"):
        fit(TRAIN._replace(labels=np.zeros(200, int)), HOLES[200:])
    nothing = RiskTable(np.full((200, 1), np.nan), TRAIN.labels)
    np.testing.assert_allclose(fit(nothing, np.full((3, 1), np.nan)), TRAIN.labels.mean(), atol=1e-3)


def test_a_score_keeps_its_order_and_becomes_a_risk():
    score = np.round(10 * VALUES[:, 0])
    risks = risk_baselines.severity_risk(RiskTable(score[:200, None], TRAIN.labels), score[200:])
    assert roc_auc_score(LABELS[200:], risks) == roc_auc_score(LABELS[200:], score[200:])
    assert risks.mean() == pytest.approx(LABELS[200:].mean(), abs=0.1)
    turned = risk_baselines.severity_risk(RiskTable(-score[:200, None], TRAIN.labels), -score[200:])
    np.testing.assert_allclose(turned, risks, atol=1e-4)


def test_the_prevalence():
    assert risk_baselines.prevalence_risk(np.array([0, 1, 0, 0]), 2).tolist() == [0.25, 0.25]
    with pytest.raises(ValueError, match=r"at least one training label"):
        risk_baselines.prevalence_risk(np.array([]), 2)
