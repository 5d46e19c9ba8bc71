import numpy as np
import pytest

from pipelines.sources.events import feature_table
from pipelines.sources.faults import Faults
from pipelines.sources.files import row_files
from pipelines.sources.files.file_options import FileOptions

COLUMNS = ["item_id:token", "title:token_seq", "year:token", "genre:token"]


def read(path, wanted="", on_bad="warn"):
    return feature_table.read(str(path), "item", "", feature_table.parse(wanted), FileOptions(), Faults(on_bad))


@pytest.fixture
def films(tmp_path):
    rows = [
        [f"{number:03d}", f"Film of {number}", 1950 + number, "drama" if number % 2 else ""] for number in range(60)
    ]
    rows[7][2], rows[9][1] = "V", ""
    row_files.write(tmp_path / "films.tsv", COLUMNS, rows)
    return tmp_path / "films.tsv"


def test_columns_are_numbers_texts_and_categories(films):
    found = read(films)
    assert found.ids[:2] == ["000", "001"]
    assert [*found.kinds.values()] == ["text", "number", "category"]
    assert np.isnan(found.numbers["year:token"][7]) and found.numbers["year:token"][8] == 1958
    assert found.words["title:token_seq"][9] == "" and found.words["genre:token"][:2] == ["", "drama"]
    assert "such as 'V'" in found.notes[1] and "films.tsv" in found.notes[1]


def test_columns_and_what_they_hold_may_be_named(films):
    found = read(films, "year:category,title")
    assert found.kinds == {"year": "category", "title": "text"} and found.words["year"][7] == "V"
    with pytest.raises(ValueError, match="Expected numbers in column 'genre:token'"):
        read(films, "genre:number")
    with pytest.raises(ValueError, match="Expected a column for --item_features: item_id"):
        read(films, "titel")
    with pytest.raises(ValueError, match="each once"):
        feature_table.parse("year,year:number")


def test_rows_without_an_item_and_second_ones_are_faults(tmp_path):
    rows = [["a", "x y"], ["", "z z"], ["a", "other one"], ["b", "y"]]
    row_files.write(tmp_path / "items.csv", ["sku", "name"], rows)
    with pytest.raises(ValueError, match=r"Expected an item in each row.*items\.csv"):
        read(tmp_path / "items.csv", on_bad="error")
    found = read(tmp_path / "items.csv", on_bad="drop")
    assert found.ids == ["a", "b"] and found.words["name"] == ["x y", "y"]


def test_tokens_are_words_in_lower_case_each_once():
    assert feature_table.tokens("A Bug's Bug, Ä!", "text") == ["a", "bug", "s", "ä"]
    assert feature_table.tokens(" Sci Fi ", "category") == ["Sci Fi"] and feature_table.tokens("", "category") == []
