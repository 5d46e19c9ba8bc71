"""What is refused before answers are computed is what the writer refuses."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.files import held_cells, row_files

PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.just(1 << 70)
    | st.floats(width=16)
    | st.text("aä\ud800\n,", max_size=3)
)
CELLS = PLAIN | st.sampled_from([b"\xff", b"a"]) | st.lists(PLAIN, max_size=2) | st.dictionaries(st.just("a"), PLAIN)
NAMES = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3)


def is_refused(function, *arguments):
    try:
        function(*arguments)
    except ValueError:
        return True
    return False


@given(st.data(), st.sampled_from(["csv", "tsv", "jsonl", "parquet"]), NAMES)
def test_what_is_held_is_written(tmp_path_factory, data, kind, names):
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=3))
    rows = [[cell.replace("\ud800", "x") if isinstance(cell, str) else cell for cell in row] for row in rows]  # as read
    path = tmp_path_factory.getbasetemp() / f"held.{kind}"
    assert is_refused(held_cells.check, kind, names, rows, "rows") == is_refused(row_files.write, path, names, rows)


@pytest.mark.parametrize(
    ("kind", "cells", "message"),
    [
        ("csv", ["a", {"text": ["b"]}], r"cells with several values. Received: column 'one', rows.jsonl, row 2"),
        ("tsv", [None, ["b"]], r"cells with several values. Received: column 'one', rows.jsonl, row 2"),
        ("parquet", ["a", None, 5], r"one type .*: 5 after others, column 'one', rows.jsonl, row 3"),
        ("parquet", [[1], None, [2.5], ["a"]], r"one type .* \['a'\] after others, column 'one', rows.jsonl, row 4"),
        ("parquet", [{}, None], r"no empty objects; .* Received: {}, column 'one', rows.jsonl, row 1"),
        ("parquet", [1, 1 << 70], r"one type .* after others, column 'one', rows.jsonl, row 2"),
        ("jsonl", [b"a", b"\xff"], r"\.parquet for bytes .*column 'one', rows.jsonl, row 2"),
        ("csv", [1.5, math.inf], r"finite numbers. Received: inf, column 'one', rows.jsonl, row 2"),
    ],
)
def test_a_cell_is_named_by_column_and_row(kind, cells, message):
    with pytest.raises(ValueError, match=message):
        held_cells.check(kind, ["one"], [[cell] for cell in cells], "rows.jsonl")
    held_cells.check("lines", ["one"], [[cell] for cell in cells], "rows.jsonl")
