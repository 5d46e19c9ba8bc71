import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from pipelines.sources.measurements import measurement_data, risk_columns
from pipelines.sources.synthetic import synthetic_patients
from tfmodels.metrics.risks import risk_baselines
from tfmodels.metrics.risks.risk_baselines import RiskTable

TRAIN = 1200


@pytest.fixture(scope="module")
def patients():
    return synthetic_patients.stays(seed=1, count=2000)


@pytest.fixture(scope="module")
def labels(patients):
    return (patients.cases.labels[synthetic_patients.LABEL] == "1").astype(int)


@pytest.fixture(scope="module")
def seen(patients):
    """What a reader of the histories and notes can tell: a number for each factor, float `[stays, 4]`."""
    found, names = patients.histories, patients.histories.variables.to_pylist()
    columns = []
    for stay in range(len(found.lengths)):
        part = slice(found.starts[stay], found.starts[stay + 1])
        hours = {name: found.hours[part][found.variable[part] == names.index(name)] for name in names}
        values = {name: found.value[part][found.variable[part] == names.index(name)] for name in names}
        potassium = values["potassium"][np.argmin(np.abs(hours["potassium"] - hours["drug"][0]))]
        note = patients.notes.of(stay)[0]
        columns.append([
            hours["fever"][0] < hours["antibiotic"][0], np.mean(np.diff(values["pressure"]) > 0), potassium,
            note in synthetic_patients._BAD,
        ])  # fmt: skip
    return np.array(columns, float)


def test_trees_on_aggregates_fail_where_a_reader_of_the_histories_does_not(patients, labels, seen):
    columns, names = risk_columns.make(patients.histories, patients.statics, patients.cases.entity, patients.cases.hour)
    trees = risk_baselines.tree_risk(RiskTable(columns[:TRAIN], labels[:TRAIN]), columns[TRAIN:])
    assert roc_auc_score(labels[TRAIN:], trees) < 0.65 and "sex=F" in names and "drug count" in names
    features = (seen - seen.mean(axis=0)) / seen.std(axis=0)
    reader = LogisticRegression().fit(features[:TRAIN], labels[:TRAIN]).predict_proba(features[TRAIN:])[:, 1]
    assert roc_auc_score(labels[TRAIN:], reader) > 0.92
    assert roc_auc_score(labels[TRAIN:], patients.risk[TRAIN:]) > 0.93


def test_each_factor_matters_and_no_other_field_tells_it(patients, labels, seen):
    columns, _ = risk_columns.make(patients.histories, patients.statics, patients.cases.entity, patients.cases.hour)
    for number, name in enumerate(synthetic_patients.FACTORS):
        has_it = patients.factors[:, number]
        assert labels[has_it].mean() - labels[~has_it].mean() > 0.2, name
        assert roc_auc_score(has_it, seen[:, number]) > 0.85, name
        trees = risk_baselines.tree_risk(RiskTable(columns[:TRAIN], has_it[:TRAIN].astype(int)), columns[TRAIN:])
        assert roc_auc_score(has_it[TRAIN:], trees) < 0.6, name


def test_what_is_missing_tells_a_little(patients, labels):
    found = patients.histories
    is_lactate = found.variable == found.variables.to_pylist().index("lactate")
    counts = np.bincount(found.entity[is_lactate], minlength=len(labels))
    assert 0.53 < roc_auc_score(labels, counts) < 0.65 and (counts == 0).any()


def test_a_seed_gives_the_same_stays():
    one, other, third = (synthetic_patients.stays(seed, 5) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.histories.value, other.histories.value)
    assert one.notes.text.tolist() == other.notes.text.tolist() and not np.array_equal(one.risk, third.risk)
    assert (one.histories.hours[one.histories.starts[:-1]] == 0).all()
    data = measurement_data.synthetic(1, 5)
    np.testing.assert_array_equal(data.histories.value, one.histories.value)
    assert data.kinds["fever"] == "occurrences" and data.kinds["pressure"] == "numbers"
