import math

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.classification import task as classification
from pipelines.runs.tuning import search_space
from pipelines.runs.tuning.search_space import Dimension

optuna.logging.set_verbosity(optuna.logging.WARNING)


def test_ranges_and_choices_are_read():
    found = search_space.read(
        "training.learning_rate=1e-5..1e-2:log, lstm.d_model=32..64, model=lstm|transformer,x=0..1."
    )
    assert found == [
        Dimension("training.learning_rate", (), 1e-5, 1e-2, log=True),
        Dimension("lstm.d_model", (), 32, 64, whole=True),
        Dimension("model", ("lstm", "transformer")),
        Dimension("x", (), 0, 1),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expected --search NAME=LOW..HIGH"),
        ("training.learning_rate", "Expected --search NAME=LOW..HIGH"),
        ("a=1..1", "LOW below HIGH"),
        ("a=0..1:log", "finite numbers above 0"),
        ("a=1e999..2e999", "finite numbers"),
        ("a=3", "different choices A|B"),
        ("a=3|3", "different choices A|B"),
        ("a=1..2,a=3|4", "a twice"),
        ("run=x|y", "options of the model and its training"),
    ],
)
def test_what_is_no_search_is_refused(text, message):
    with pytest.raises(ValueError) as caught:
        search_space.read(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("trainig.seed=1..2", "did you mean --training.seed"),
        ("training.learning_rate=-1..1", "training.learning_rate"),
        ("transformer.attention=additive|addditive", "addditive"),
        ("lstm.d_model=32|64", "only with model=lstm"),
        ("model=lstm|hierarchical,transformer.d_model=32|64", "the models that are searched, lstm and hierarchical"),
    ],
)
def test_what_fit_would_refuse_is_refused_before_the_first_trial(text, message):
    with pytest.raises(ValueError) as caught:
        search_space.check(search_space.read(text), classification.Config, [], "classification")
    assert message in str(caught.value)


def test_options_of_a_family_vary_where_a_trial_has_it():
    dimensions = search_space.read("lstm.d_model=32|64,transformer.d_model=16|48,model=lstm|transformer")
    search_space.check(dimensions, classification.Config, [], "classification")
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    names = set()
    for _ in range(20):
        values = search_space.suggest(study.ask(), dimensions, classification.Config)
        assert set(values) == {"model", f"{values['model']}.d_model"}
        names |= set(values)
    assert names == {"model", "lstm.d_model", "transformer.d_model"}


@given(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9), st.booleans())
def test_values_stay_in_their_range(one, other, log):
    if one == other:
        return
    dimension = Dimension("x", (), min(one, other), max(one, other), log=log)
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler()).ask()
    value = float(dimension.value(trial))
    assert dimension.low <= value <= dimension.high
    assert math.isclose(value, trial.params["x"], rel_tol=1e-3)
