"""Tables written in every supported dialect are read back equal or refused, never as other values."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hypothesis import assume, event, given
from hypothesis import strategies as st

from pipelines.sources.faults import Faults
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.tables import table_series
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_numbers import NONE, Marks
from pipelines.sources.tables.table_reading import Reading

COLUMNS = Columns(("day",), ("y, units",), series=("shop",), known=("Größe", "kind"))
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "latin-1")
IDS = st.text(st.characters(codec="latin-1", exclude_categories=("Cc", "Cs")), min_size=1, max_size=6)
NUMBERS = st.tuples(st.integers(-(10**8), 10**8), st.integers(0, 5))
FORMATS = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%Y%m%d",
    "%d %b %Y",
    "%b %d, %Y",
    "%Y-%m-%dT%H:%M:%S",
    "%d.%m.%Y %H:%M",
)
OPTIONS = ("--delimiter", "--quotes", "--decimal", "--thousands", "--time_format")


def written(number, decimal, thousands):
    whole, digits = number
    return f"{whole / 10**digits:,.{digits}f}".translate({ord(","): thousands, ord("."): decimal})


@st.composite
def tables(draw):
    """Ids, numbers, numbers with gaps, words: the columns of a table with a row for each step."""
    ids = draw(st.lists(IDS, min_size=1, max_size=3, unique_by=str.strip))
    assume(all(text.strip() for text in ids))
    rows = draw(st.integers(1, 4))
    shops = [text for text in ids for _ in range(rows)]
    numbers = draw(st.lists(NUMBERS, min_size=len(shops), max_size=len(shops)))
    gaps = draw(st.lists(st.one_of(NUMBERS, st.none()), min_size=len(shops), max_size=len(shops)))
    words = draw(
        st.lists(st.sampled_from(["off", "an, aus", 'a "b"', "0012", ""]), min_size=len(shops), max_size=len(shops))
    )
    return shops, numbers, gaps, words


@given(
    table=tables(),
    delimiter=st.sampled_from(",;\t|"),
    decimal=st.sampled_from(".,"),
    form=st.sampled_from(FORMATS),
    start=st.dates(date(1971, 1, 1), date(2068, 1, 1)),
    thousands=st.sampled_from(["", ",", ".", " ", "'", "\u00a0"]),
    missing=st.sampled_from(["", "NA", "?", "-200"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(ENCODINGS),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    said=st.booleans(),
)
def test_a_table_is_read_back_or_refused(
    tmp_path_factory, table, delimiter, decimal, form, start, thousands, missing, end, encoding, quoting, said
):
    assume(decimal != thousands)
    assume(delimiter != "," or decimal == ".")  # `1.234` is a decimal number there, as the caller is told
    shops, numbers, gaps, words = table
    assume("".join(shops).isprintable() or encoding != "latin-1")
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["shop", "day", "y, units", "Größe", "kind"])
    per_shop = len(shops) // len(set(shops))
    days = [start + timedelta(days=row % per_shop) for row in range(len(shops))]
    for shop, day, number, gap, word in zip(shops, days, numbers, gaps, words, strict=True):
        cells = [written(number, decimal, thousands), missing if gap is None else written(gap, decimal, thousands)]
        writer.writerow([shop, day.strftime(form), *cells, word])
    path = tmp_path_factory.mktemp("dialects") / "load.csv"
    path.write_bytes(file.getvalue().encode(encoding))
    marks = Marks(decimal, thousands.replace("\u00a0", " ") or NONE) if said else Marks()
    marks = Marks(marks.decimal, marks.thousands, ("?", "-200"))
    files = FileOptions(encoding=encoding if encoding == "latin-1" else "")
    if said:
        files = FileOptions(delimiter=delimiter, quotes="enclose", encoding=files.encoding)
    columns = replace(COLUMNS, time_format=form) if said else COLUMNS
    try:
        read = table_series.read(path, Reading(columns, marks=marks, options=files), "D", Faults("error"))
    except ValueError as error:
        event("refused")
        assert not said and any(option in str(error) for option in OPTIONS), error
        return
    event("read")
    values = {number: float(f"{number[0] / 10 ** number[1]:.{number[1]}f}") for number in [*numbers, *gaps] if number}
    values = {number: np.nan if value == -200 else value for number, value in values.items()}
    assert [one.name for one in read.series] == list(dict.fromkeys(shops))
    found = np.concatenate([one.values for one in read.series])[:, 0]
    np.testing.assert_array_equal(found, [values[number] for number in numbers])
    times = np.concatenate([one.time for one in read.series])
    assert times.astype("datetime64[s]").astype("datetime64[D]").tolist() == days
    known = np.concatenate([one.known for one in read.series])
    np.testing.assert_array_equal(known[:, 0], [values[gap] if gap else np.nan for gap in gaps])
    if any(words):
        texts = read.reading.categories.words["kind"]
        assert [texts[row.argmax()] if row.any() else "" for row in known[:, 1:]] == words
