"""Columns of Parquet in every type that its cells can have are read as the same column of texts or numbers."""

import datetime
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.sources.faults import Faults
from pipelines.sources.tables import table_series
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_reading import Reading

DAYS = [f"2024-01-{day:02d}" for day in range(1, 9)]
SHOPS = ["n\u00f6rd"] * 4 + ["sued!"] * 4
COLUMNS = Columns(("day",), ("y",), ("shop",), known=("kind",))


def read(folder, columns=COLUMNS, index=None, **cells):
    table = {"day": DAYS, "y": [1.0, 2, 3, 4, 5, 6, 7, 8], "shop": SHOPS, "kind": ["a", None] * 4} | cells
    made = pa.table(table)
    if index:  # which pandas describes instead of storing; such files are read row by row
        described = made.to_pandas().set_index(pd.RangeIndex(8, name=index))
        made = made.replace_schema_metadata(pa.Table.from_pandas(described).schema.metadata)
    pq.write_table(made, folder / "load.parquet")
    return table_series.read(folder / "load.parquet", Reading(columns), "D", Faults("error"))


def content(table):
    return [(one.name, one.values.tolist(), one.known.tolist(), one.time.tolist()) for one in table.series]


def kinds():
    """Columns of the same texts, and of the same numbers."""
    texts = pa.array(SHOPS)
    for kind in (pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()):
        yield {"shop": texts.cast(pa.binary()).cast(kind) if "binary" in str(kind) else texts.cast(kind)}
    yield {"shop": pa.array([shop.encode() for shop in SHOPS], pa.binary(max(len(s.encode()) for s in SHOPS)))}
    yield {"shop": texts.dictionary_encode()}
    yield {"kind": pa.array(["a", None] * 4).dictionary_encode()}
    yield {"y": pa.array([1, 2, 3, 4, 5, 6, 7, 8]).dictionary_encode()}
    yield {"y": pa.array([1, 2, 3, 4, 5, 6, 7, 8], pa.float16())}
    yield {"day": pa.array(DAYS).dictionary_encode()}


@pytest.mark.parametrize("index", [None, "number"])
@pytest.mark.parametrize(
    "cells", list(kinds()), ids=lambda cells: f"{next(iter(cells))} {next(iter(cells.values())).type}"
)
def test_every_type_holds_the_same(tmp_path, cells, index):
    assert content(read(tmp_path, index=index, **cells)) == content(read(tmp_path))


@pytest.mark.parametrize("index", [None, "number"])
@pytest.mark.parametrize("kind", [pa.binary(), pa.binary(2), pa.binary_view()])
def test_bytes_that_are_no_text_are_refused_where_they_are_used(tmp_path, kind, index):
    ids = pa.array([b"\xff\x01"] * 4 + [b"\xff\x02"] * 4, kind)
    for role in ("shop", "kind", "y"):
        with pytest.raises(ValueError, match=rf"column '{role}'.*hexadecimal.*bytes that are no UTF-8"):
            read(tmp_path, index=index, **{role: ids})
    assert content(read(tmp_path, index=index, picture=ids)) == content(read(tmp_path))
    unnamed = Columns((), ("y",), ("shop",), known=("kind",))
    assert content(read(tmp_path, unnamed, index=index, picture=ids)) == content(read(tmp_path))


def test_ids_of_128_bits_are_written_as_usual(tmp_path):
    ids = [uuid.UUID(int=number) for number in (1, 2)]
    shops = pa.array([one.bytes for one in ids for _ in range(4)], pa.uuid())
    assert [one.name for one in read(tmp_path, shop=shops).series] == list(map(str, ids))


@pytest.mark.parametrize("index", [None, "number"])
def test_whole_numbers_keep_their_digits_or_are_refused(tmp_path, index):
    """In columns and side by side in rows, beside fractions too."""
    first = 2**53 + 1
    with pytest.raises(ValueError, match=r"differ within 16 digits.*9007199254740993"):
        read(tmp_path, index=index, y=[first - 1, first, 1, 2, 3, 4, 5, 6])
    assert read(tmp_path, index=index, y=[first - 1, first - 1, 1, 2, 3, 4, 5, 6]).series[0].values[0] == first - 1
    for other in ([1.5, 2.5], [1, 2]):
        rows = pa.table({"id": ["a", "b"], "v1": [first - 1, 0], "v2": [first, 0], "v3": other})
        pq.write_table(rows, tmp_path / "rows.parquet")
        with pytest.raises(ValueError, match=r"differ within 16 digits.*9007199254740993.*'v2'"):
            columns = Columns((), (), ("id",), layout="rows")
            table_series.read(tmp_path / "rows.parquet", Reading(columns), "D", Faults("error"))


@pytest.mark.parametrize("date", [pa.timestamp("ns"), pa.timestamp("s"), pa.date32()])
@pytest.mark.parametrize("clock", ["06:30", datetime.time(6, 30)])
def test_a_date_and_a_time_of_day_in_two_columns(tmp_path, date, clock):
    days = pa.array([datetime.datetime.fromisoformat(day) for day in DAYS]).cast(date)
    found = read(tmp_path, Columns(("day", "at"), ("y",), ("shop",)), day=days, at=[clock] * 8)
    as_text = read(tmp_path, Columns(("day", "at"), ("y",), ("shop",)), at=["06:30"] * 8)
    assert content(found) == content(as_text)
    assert found.series[0].time[0] == np.datetime64("2024-01-01T06:30", "s").astype(int)
