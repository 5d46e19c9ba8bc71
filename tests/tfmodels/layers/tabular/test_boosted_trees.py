import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from tfmodels.layers import BoostedTrees, TabularEnsemble

COLUMNS, TREES, DEPTH = 5, 7, 3
random = np.random.default_rng(0)
ROWS = random.choice([-1.5, 0.0, 0.1, 0.1 + 1e-7, 2.0], [200, COLUMNS]).astype("float32")
LABELS = (ROWS[:, 0] * ROWS[:, 1] + random.normal(size=200) > 0.3).astype(int)


def fitted(rows=slice(None), **options):
    options = {"n_estimators": TREES, "max_depth": DEPTH, "learning_rate": 0.3, "subsample": 0.7, **options}
    return GradientBoostingClassifier(random_state=1, **options).fit(ROWS[rows], LABELS[rows])


def layer_of(*models):
    layer = BoostedTrees(COLUMNS, TREES, DEPTH, folds=len(models) - 1, dtype="float32")
    layer.assign(list(models))
    return layer


@pytest.mark.parametrize("options", [{}, {"min_samples_leaf": 60}, {"max_depth": 1}])
def test_logits_are_those_of_the_library(options):
    model = fitted(**options)
    np.testing.assert_allclose(layer_of(model)(ROWS)[:, 0], model.decision_function(ROWS), rtol=1e-4, atol=1e-5)


def test_each_row_is_answered_by_the_model_without_its_fold():
    models = [fitted(), fitted(slice(0, 100)), fitted(slice(100, 200))]
    left_out = np.arange(200, dtype="int32") % 3
    found = layer_of(*models)(ROWS, left_out).numpy()[:, 0]
    for fold, model in enumerate(models):
        rows = left_out == fold
        np.testing.assert_allclose(found[rows], model.decision_function(ROWS[rows]), rtol=1e-4, atol=1e-5)


def test_contributions_add_up_to_the_logit_and_unused_columns_have_none():
    layer = layer_of(fitted())
    found = layer.contributions(ROWS).numpy()
    np.testing.assert_allclose(found.sum(axis=1) + layer.mean_logit(), layer(ROWS)[:, 0], rtol=1e-4, atol=1e-4)
    used = {int(one) for tree in fitted().estimators_[:, 0] for one in tree.tree_.feature if one >= 0}
    assert not found[:, [one for one in range(COLUMNS) if one not in used]].any() and found[:, 0].any()
    assert layer.contributions(ROWS[:0]).shape == (0, COLUMNS) and layer(ROWS[:0]).shape == (0, 1)


def test_other_models_are_refused():
    layer = BoostedTrees(COLUMNS, TREES, DEPTH, folds=1)
    with pytest.raises(ValueError, match="Expected 2 models of 7 trees"):
        layer.assign([fitted()])
    with pytest.raises(ValueError, match="one of depth 4"):
        BoostedTrees(COLUMNS, TREES, DEPTH).assign([fitted(max_depth=4)])
    with pytest.raises(ValueError, match="depth=0"):
        BoostedTrees(COLUMNS, TREES, 0)


def test_an_ensemble_is_the_mean_and_its_contributions_add_up():
    values, known = ROWS[:, :2], (ROWS[:, 2:4] > 0).astype("float32")
    values = values * known
    layer = TabularEnsemble(2, TREES, DEPTH, dtype="float32")
    layer(values, known)
    layer.linear.adapt(values)
    layer.linear.assign(random.normal(size=layer.linear.kernel.shape), random.normal(size=[1, 1]))
    columns = np.concatenate([values, known], axis=1)
    model = GradientBoostingClassifier(n_estimators=TREES, max_depth=DEPTH).fit(columns, LABELS)
    layer.trees.assign([model])
    expected = (layer.linear(values, known)[:, 0] + model.decision_function(columns)) / 2
    np.testing.assert_allclose(layer(values, known)[:, 0], expected, rtol=1e-4, atol=1e-4)
    whole = layer.base() + layer.contributions(values, known).numpy().sum(axis=1)
    np.testing.assert_allclose(whole, layer(values, known)[:, 0], rtol=1e-4, atol=1e-4)
