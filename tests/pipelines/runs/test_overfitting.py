import pytest

from pipelines.runs import overfitting


def history(train, validation, rates=None):
    rates = rates or [1e-3] * len(train)
    return [
        {"step": 10 * i, "epoch": float(i), "train_loss": seen, "val_loss": unseen, "learning_rate": rate}
        for i, (seen, unseen, rate) in enumerate(zip(train, validation, rates, strict=True), start=1)
    ]


def test_table_has_the_gap_at_the_best_and_the_last_evaluation():
    table = overfitting.table(history([3.0, 2.0, 1.0], [3.5, 2.5, 4.0]))
    assert table["rows"] == [["best", 20, 2.0, 2.0, 2.5, 0.5], ["last", 30, 3.0, 1.0, 4.0, 3.0]]
    assert len(table["columns"]) == len(table["rows"][0])


@pytest.mark.parametrize(
    ("train", "validation", "expected"),
    [
        (
            [3.0, 2.0, 1.0],
            [3.5, 2.5, 4.0],
            "step 20 of 30; afterwards the training loss fell by 1 and the validation loss rose by 1.5",
        ),
        ([3.0, 2.0, 1.0], [3.5, 2.5, 2.0], "step 30 of 30, the last evaluation: more steps may still help"),
        ([3.0, 2.0, 2.5], [3.5, 2.5, 2.75], "step 20 of 30; it did not improve afterwards"),
        ([3.0, 2.0], [2.5, 2.5], "step 10 of 20; it did not improve afterwards"),
    ],
)
def test_verdict(train, validation, expected):
    assert expected in overfitting.verdict(history(train, validation))


@pytest.mark.parametrize(
    ("train", "validation", "rates"),
    [
        ([3.0, 2.0, 1.0], [3.5, 2.5, 2.0], [1e-3, 5e-4, 1e-7]),  # a schedule that ended at nearly zero
        ([3.0, 2.0, 2.0], [3.5, 2.5, 2.4999], [1e-3, 1e-3, 1e-3]),  # it had levelled off
        ([3.0], [3.5], [1e-3]),
    ],
)
def test_more_steps_are_advised_only_where_they_may_help(train, validation, rates):
    said = overfitting.verdict(history(train, validation, rates))
    assert "more steps" not in said
    assert "evaluation" in said


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_a_difference_that_means_nothing_is_not_overfitting(scale):
    train, validation = [3.0, 2.0, 1.9999], [3.5, 2.5, 2.5001]
    said = overfitting.verdict(history([scale * loss for loss in train], [scale * loss for loss in validation]))
    assert said.endswith("it did not improve afterwards")
    assert "overfits" not in overfitting.verdict(history([0.7, 2e-4, 1e-4], [0.7, 1e-4, 2e-4]))
