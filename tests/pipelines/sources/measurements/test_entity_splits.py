import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import events, read

from pipelines.sources.faults import Faults
from pipelines.sources.measurements import entity_splits, known_variables
from pipelines.sources.measurements.label_table import Cases


def cases(labels, entity=None):
    entity = np.arange(len(labels)) if entity is None else np.array(entity)
    return Cases(entity, np.full(len(labels), np.inf), {"died": np.array(labels, object)}, {})


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["0", "0", "0", "1"]), min_size=12, max_size=60), st.integers(0, 5))
def test_folds_hold_each_entity_once_with_labels_spread_alike(labels, seed):
    groups = entity_splits.strata(cases(labels), "died", len(labels) + 1)
    part = entity_splits.folds(groups, 3, seed)
    assert groups[-1] == part[-1] == -1 and (part[:-1] >= 0).all()
    positive = np.array([label == "1" for label in labels])
    for of in (positive, ~positive):
        counts = np.bincount(part[:-1][of], minlength=3)
        assert counts.max() - counts.min() <= 1 or 0 < positive.sum() < 3  # too few to be spread


def test_several_cases_of_an_entity_share_a_part():
    many = cases(["0", "1", "0", "0"] * 10, np.repeat(np.arange(20), 2))
    groups = entity_splits.strata(many, "died", 20)
    assert groups.tolist() == [1, 0] * 10
    split = entity_splits.shares(groups, 0.2, 0.2, seed=1)
    assert {name: (split == name).sum() for name in ("train", "validation", "test")} == {
        "train": 12, "validation": 4, "test": 4,
    }  # fmt: skip
    assert [(groups[split == name] == 1).sum() for name in ("validation", "test")] == [2, 2]
    assert (entity_splits.shares(groups, 0.2, 0.2, seed=1) == split).all()


def test_numbers_are_spread_by_their_size():
    values = np.random.default_rng(1).normal(size=200)
    groups = entity_splits.strata(cases([f"{value:.6f}" for value in values]), "died", 200)
    part = entity_splits.folds(groups, 4, seed=1)
    assert np.ptp([values[part == number].mean() for number in range(4)]) < 0.2


def test_splits_without_entities_are_refused():
    few = cases(["0", "1"])
    with pytest.raises(ValueError, match=r"at least two folds, and an entity for each. Received: 2 entities"):
        entity_splits.folds(entity_splits.strata(few, "died", 2), 5, seed=1)
    with pytest.raises(ValueError, match=r"Received: none for validation and test with validation_share=0.01"):
        entity_splits.shares(entity_splits.strata(few, "died", 2), 0.01, 0.01, seed=1)
    with pytest.raises(ValueError, match=r"the split of each entity with a label. Received: none for 'b'"):
        entity_splits.check(np.array(["train", ""], object), few, ["a", "b"])
    with pytest.raises(ValueError, match=r"Received: none in test"):
        entity_splits.check(np.array(["train", "train"], object), few, ["a", "b"])


def test_variables_that_training_lacks_are_named(tmp_path):
    data = read(tmp_path)
    names = known_variables.of_training(data.histories, np.array([0]))
    assert names == ["Age", "HR", "Rhythm=sinus"]
    assert known_variables.of_training(data.histories, np.array([0, 1]), least=2) == ["HR"]
    with pytest.raises(ValueError, match=r"variables that training has. Received: 'Rhythm=af' .*of entity 'b'"):
        known_variables.aligned(data.histories, names, Faults("error"))
    left = known_variables.aligned(data.histories, names, Faults("drop"))
    assert left.variables.to_pylist() == names and left.lengths.tolist() == [4, 1]
    assert left.value[left.starts[1]] == 70.0 and events(data)["b"][1][1] == "Rhythm=af"
