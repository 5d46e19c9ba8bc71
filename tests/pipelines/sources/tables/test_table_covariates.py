import numpy as np
import pandas as pd
import pytest

from pipelines.sources.faults import Faults, collect_faults
from pipelines.sources.tables import table_covariates
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_covariates import Categories
from pipelines.sources.tables.table_files import placed
from pipelines.sources.tables.table_numbers import NONE, Marks

POINT = Marks(".", NONE)
PROMO = Columns(known=("promo",))


def frame(*cells):
    table = pd.DataFrame({"promo": list(cells)})
    return placed(table, "load", np.arange(2, len(table) + 2), -1)


def find(*cells, columns=PROMO, marks=POINT):
    return table_covariates.find(frame(*cells), columns, marks, Faults("error"))


def as_numbers(cells, categories, columns=PROMO, marks=POINT):
    return table_covariates.as_numbers(frame(*cells), ("promo",), columns, categories, marks, Faults("error"))


@pytest.mark.parametrize(
    "cells",
    [
        ["1", "2.5"],
        ["1", "", "NA"],
        ["", ""],
        ["05.5", "12"],
        ["inf", "1"],
        [1, 2],
        [0.5, np.nan],
        ["007.5", "05", "1.5"],
    ],
)
def test_columns_of_numbers_stay_numbers(cells):
    assert find(*cells) == Categories()


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["01", "02", "A1"], ["01", "02", "A1"]),
        (["00", "01", "10", "23"], ["00", "01", "10", "23"]),
        (["True", "False"], ["False", "True"]),
        ([True, False], ["False", "True"]),
        (["yes", "no", "NA"], ["NA", "no", "yes"]),
        (["0x10", "0x11"], ["0x10", "0x11"]),
        (["18:00", "19:00"], ["18:00", "19:00"]),
        (["work", "Work"], ["Work", "work"]),
    ],
)
def test_columns_of_words_become_indicators(cells, words):
    found = find(*cells)
    assert found == Categories({"promo": words})
    assert as_numbers(cells, found).sum(axis=1).tolist() == [1] * len(cells)


def test_one_stray_word_is_refused_with_its_row_and_both_remedies():
    with pytest.raises(
        ValueError, match=r"not both.*'T' in load.*, line 4.*'0\.3' in load.*, line 2.*=T; .*categories=promo"
    ):
        find("0.3", "0.1", "T", "0.3")
    assert find("0.3", "0.1", "T", marks=Marks(".", NONE, ("T",))) == Categories()
    forced = find("0.3", "T", columns=Columns(known=("promo",), categories=("promo",)))
    assert forced.words == {"promo": ["0.3", "T"]}


@pytest.mark.parametrize("cells", [["5 %", "4 %"], ["$5", "$6"], ["(5)", "(6)"], ["1_000", "2_000"], ["١٢", "١٣"]])
def test_numbers_that_are_not_read_are_no_words_in_silence(cells):
    with pytest.raises(ValueError, match=r"load.*, line 2\. Write numbers as digits.*--categories=promo"):
        find(*cells)


def test_too_many_words_are_refused():
    with pytest.raises(ValueError, match=r"at most 100 different words.*101 in the 202 rows of column 'promo'"):
        find(*[f"w{number}" for number in range(101)] * 2)
    with pytest.raises(ValueError, match="a new one in each row"):
        find(*[f"w{number}" for number in range(11)])
    assert len(find(*[f"w{number}" for number in range(11)] * 2).words["promo"]) == 11


def test_the_type_is_that_of_training():
    words = Categories({"promo": ["01", "02", "A1"]})
    assert as_numbers(["01", "02"], words).tolist() == [[1, 0, 0], [0, 1, 0]]
    with pytest.raises(
        ValueError, match=r"words in column 'promo', as in training \(01, 02, A1\).*'1' in load.*, line 3"
    ):
        as_numbers(["01", "1"], words)
    with pytest.raises(ValueError, match=r"words in column 'promo'.*'2\.5' in load.*, line 2"):
        as_numbers([2.5, 3.5], words)
    with pytest.raises(ValueError, match=r"numbers in column 'promo'. Received: 'rain' in load.*, line 3"):
        as_numbers(["1", "rain"], Categories())
    numeric = Columns(known=("promo",), categories=("promo",))
    assert as_numbers(["1", "3"], Categories({"promo": ["1", "2"]}), numeric).tolist() == [[1, 0], [0, 0]]


def test_unseen_words_are_said_with_their_share(capsys):
    with collect_faults("error") as faults:
        cells = frame("a", "c", "d", "c")
        found = table_covariates.as_numbers(cells, ("promo",), PROMO, Categories({"promo": ["a", "b"]}), POINT, faults)
    assert found.tolist() == [[1, 0], [0, 0], [0, 0], [0, 0]]
    assert (
        "3 of 4 rows (75%) have a word of column 'promo' that training did not have: 'c', 'd'"
        in capsys.readouterr().err
    )


def test_a_row_without_a_word_is_missing_unless_training_had_such_rows():
    cells = ["a", "", " "]
    assert find(*cells) == Categories({"promo": ["a"]}, ("promo",))
    assert as_numbers(cells, Categories({"promo": ["a"]}, ("promo",))).tolist() == [[1], [0], [0]]
    assert as_numbers(cells, Categories({"promo": ["a"]}, None)).tolist() == [[1], [0], [0]]
    np.testing.assert_array_equal(as_numbers(cells, Categories({"promo": ["a"]})), [[1], [np.nan], [np.nan]])


def test_spelling_that_does_not_show_makes_no_other_word(capsys):
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    cells = ["yes", "yes ", "\u00a0no", "no", composed, decomposed]
    found = find(*cells)
    assert found.words["promo"] == [composed, "no", "yes"]
    assert as_numbers(cells, found).argmax(axis=1).tolist() == [2, 2, 1, 1, 0, 0]
    earlier = Categories({"promo": ["yes", "yes "]})  # of runs made before
    assert as_numbers(["yes", "yes "], earlier).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("pair", [("No", "no"), ("01", "1")])
def test_words_that_may_be_one_are_said(capsys, pair):
    with collect_faults("error") as faults:
        found = table_covariates.find(
            frame(*pair, "x1"), Columns(known=("promo",), categories=("promo",)), POINT, faults
        )
    assert len(found.words["promo"]) == 3
    assert f"{pair[0]!r} and {pair[1]!r} in column 'promo' are two words" in capsys.readouterr().err
