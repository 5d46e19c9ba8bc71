import pytest

from pipelines.runs import overfitting


def history(train, validation):
    return [
        {"step": 10 * (i + 1), "epoch": i + 1.0, "train_loss": losses[0], "val_loss": losses[1]}
        for i, losses in enumerate(zip(train, validation, strict=True))
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
            "step 20 of 30; afterwards the training loss fell by 1.000 and the",
        ),
        ([3.0, 2.0, 1.0], [3.5, 2.5, 2.0], "step 30 of 30, the last evaluation"),
        ([3.0, 2.0, 2.5], [3.5, 2.5, 2.75], "step 20 of 30; it did not improve afterwards"),
        ([3.0, 2.0], [2.5, 2.5], "step 10 of 20; it did not improve afterwards"),
    ],
)
def test_verdict(train, validation, expected):
    assert expected in overfitting.verdict(history(train, validation))
