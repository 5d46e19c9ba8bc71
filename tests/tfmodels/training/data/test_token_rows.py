import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.training import TokenRows
from tfmodels.training.data import token_rows

row = st.lists(st.integers(1, 2**31 - 1), min_size=1, max_size=5)


def flat(rows):
    return np.array([token for row in rows for token in row], "int32"), np.array([len(row) for row in rows])


def pairs(rows):
    return {"source": flat([source for source, _ in rows]), "target": flat([target for _, target in rows])}


@given(batches=st.lists(st.lists(st.tuples(row, row), min_size=1, max_size=4), min_size=1, max_size=3), data=st.data())
def test_rows_are_read_as_they_were_written(batches, data):
    with tempfile.TemporaryDirectory() as folder:
        TokenRows.write(Path(folder) / "rows", map(pairs, batches))
        rows = TokenRows(Path(folder) / "rows")
    expected = [pair for batch in batches for pair in batch]
    assert len(rows) == len(expected)
    assert rows.columns == ("source", "target")
    chosen = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=6)))
    for side, column in enumerate(rows.columns):
        texts = [expected[index][side] for index in chosen]
        length = max(map(len, texts)) + data.draw(st.integers(0, 3))
        padded = rows.padded(column, chosen, length)
        assert padded.dtype == np.int32
        assert padded.tolist() == [text + [0] * (length - len(text)) for text in texts]
        assert rows.lengths[column].tolist() == [len(pair[side]) for pair in expected]


def test_ids_are_counted_in_all_columns(tmp_path, monkeypatch):
    monkeypatch.setattr(token_rows, "_COUNTED_AT_ONCE", 2)
    rows = TokenRows.write(tmp_path / "rows", [pairs([([1, 1, 3], [1]), ([3], [5, 3])])])
    assert rows.counts(7).tolist() == [0, 3, 0, 3, 0, 1, 0]


def test_rows_that_are_there_are_not_written_again(tmp_path):
    TokenRows.write(tmp_path / "rows", [pairs([([1], [2, 3])])])
    again = TokenRows.write(tmp_path / "rows", (pytest.fail("read again") for _ in range(1)))
    assert again.padded("target", np.array([0]), 2).tolist() == [[2, 3]]


def test_rows_appear_only_when_all_are_written(tmp_path):
    def broken():
        yield pairs([([1], [2, 3])])
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        TokenRows.write(tmp_path / "rows", broken())
    assert not (tmp_path / "rows").exists()
    assert len(TokenRows.write(tmp_path / "rows", [pairs([([4], [5]), ([6], [7])])])) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_no_rows_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"at least one row for .*empty"):
        TokenRows.write(tmp_path / "empty", iter([]))
    assert not (tmp_path / "empty").exists()


COLUMNS = ["", "[", "[" * 100_000, "{}", "[]", "[5]", '[["source"]]', '["../rows/source"]', '["/etc/source"]', "null"]


@pytest.mark.parametrize("content", COLUMNS, ids=range(len(COLUMNS)))
def test_a_damaged_list_of_columns_is_refused_by_its_file(tmp_path, content):
    TokenRows.write(tmp_path / "rows", [pairs([([1], [2])])])
    (tmp_path / "rows" / "columns.json").write_text(content)
    with pytest.raises(ValueError, match=r"Expected .* in .*columns\.json"):
        TokenRows(tmp_path / "rows")
