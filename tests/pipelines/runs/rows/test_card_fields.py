"""Cards of exports in which a field was replaced by anything."""

import copy
import json
import random
from dataclasses import asdict

import pytest

from pipelines.forecasting import series_files
from pipelines.forecasting.calendars import served_times
from pipelines.forecasting.calendars.holiday_dates import HolidayDates
from pipelines.runs import registry
from pipelines.runs.rows import card_fields, table_card
from pipelines.sources.files import dialect
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.tables import time_grid
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_covariates import Categories
from pipelines.sources.tables.table_numbers import Marks
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.times.time_form import TimeForm

ANYTHING = (5, -0.5, True, None, "no such", "", [], [5], ["x"], [[]], {}, {"x": 5})
READING = Reading(
    Columns(("hour",), ("load",), known=("day",), categories=("day",)),
    Categories({"day": ["mon", "tue"]}),
    Marks(".", "", ("NA",)),
    FileOptions(),
    Dialect("csv", "utf-8", ","),
    TimeForm(("%Y-%m-%d %H:%M",)),
)
SERIES = series_files.card(
    READING,
    time_grid.grid_of("1h"),
    context=4,
    horizon=1,
    channels=["load"],
    levels=[0.1, 0.9],
    on_bad="warn",
    daily=["day"],
    **served_times.described([HolidayDates("DE", 2020, 2030, ())], "01:00", issued_only=True),
)
FILES = asdict(FileOptions())
CARDS = {
    "classification": {
        "columns": ["text"],
        "table": {"text": "text", "files": FILES, "dialect": dialect.to_dict(Dialect("csv"))},
        "on_bad": "error",
    },
    "translation": {"columns": ["text"], "table": {"columns": ["text"], "files": FILES}, "on_bad": "error"},
    "forecasting": {"columns": ["values"], "table": SERIES, "on_bad": "error", "ambiguous": "earlier"},
}
CARDS = json.loads(json.dumps(CARDS))


def paths(value, before=()):
    """The place of each field, however deep."""
    found = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in found:
        yield (*before, name)
        yield from paths(one, (*before, name))


def replaced(card, path, value):
    card = copy.deepcopy(card)
    holder = card
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value
    return card


@pytest.fixture
def file(tmp_path):
    (tmp_path / "new.csv").write_text(
        "text,hour,load,day\na,2024-01-01 00:00,1,mon\nb,2024-01-01 01:00,2,tue\nc,2024-01-01 02:00,,tue\n"
    )
    return tmp_path / "new.csv"


@pytest.mark.parametrize("name", CARDS)
def test_a_card_with_any_field_replaced_is_read_or_refused_in_a_sentence(file, name):
    task, card = registry.find(name), CARDS[name]
    assert task.requests(file, card)
    choose = random.Random(1)
    for path in paths(card):
        for value in [5, None, *choose.sample(ANYTHING, 4)]:
            wrong = replaced(card, path, value)
            try:
                task.requests(file, wrong)
            except ValueError as error:
                assert str(error).startswith("Expected"), (path, value, error)


@pytest.mark.parametrize("name", CARDS)
def test_a_field_of_another_type_is_named(file, name):
    for path in paths(CARDS[name]):
        wrong = replaced(CARDS[name], path, {"x": {"x": []}})
        if path[0] != "columns" and path[-1] != "words":  # the first is judged when the export is opened
            with pytest.raises(ValueError, match=r"^Expected .*the card of the export, tfmodels\.json") as error:
                registry.find(name).requests(file, wrong)
            assert f"`{'.'.join(map(str, path))}" in str(error.value)


def test_a_field_that_is_missing_or_unknown_is_named():
    form = card_fields.of(Dialect, "format")
    with pytest.raises(ValueError, match="with `format`"):
        card_fields.check({}, form)
    with pytest.raises(ValueError, match="without 'shape'"):
        card_fields.check({"format": "csv", "shape": 1}, form)
    assert table_card.table_of(CARDS["forecasting"])["horizon"] == 1
