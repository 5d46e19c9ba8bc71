"""What the card of an export says of tables of series, in the form that it must have."""

from collections.abc import Mapping
from typing import Any, Literal, get_type_hints

from pipelines.runs.rows import card_fields
from pipelines.runs.rows.card_fields import Fields
from pipelines.sources.faults import OnBad
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.time_grid import Kind
from pipelines.sources.times.time_form import TimeForm

_MARKS = Fields(
    {"decimal": str, "thousands": Literal["", ".", ",", " ", "'", "none"], "missing": list[str]}, closed=True
)
_COLUMNS = Fields(
    {"words": dict[str, list[str]]},
    {
        **get_type_hints(Columns),
        "blank": list[str] | None,
        "time_form": (card_fields.of(TimeForm, "formats"), None),
        "numbers": (_MARKS, None),
        "files": card_fields.of(FileOptions),
        "dialect": (card_fields.of(Dialect, "format"), None),
    },
    closed=True,
)
_ENDS = 2  # the first and the last year
_GRID = Fields({"step": int}, {"kind": Kind, "day": int, "time_of_day": int}, closed=True)
_CHOICES = {"on_bad": OnBad, "ambiguous": Literal["", "earlier", "later"]}
_TABLE = Fields(
    {
        "columns": _COLUMNS,
        "frequency": str,
        "context": int,
        "horizon": int,
        "channels": list[str],
        "levels": list[float],
    },
    {
        "grid": (_GRID, None),
        "daily": list[str],
        "holidays": dict[str, list[int]],
        "issued": str,
        "series_name": str,
        "season": int,
        **_CHOICES,
    },
)


def table_of(card: Mapping[str, Any]) -> dict[str, Any]:
    """What a card says of tables of series.

    Args:
        card: Of the run or the export; `on_bad` and `ambiguous` in it replace those of its table.

    Raises:
        ValueError: A field has another form; names it.

    Example:
        `table_of(predictor.card)["horizon"]`
    """
    card_fields.check(card, Fields({"table": _TABLE}, _CHOICES))
    if empty := [name for name, words in card["table"]["columns"]["words"].items() if not words]:
        raise ValueError(f"Expected words of {empty[0]!r} in the card of the export, tfmodels.json. Received: none")
    if wrong := [region for region, years in card["table"].get("holidays", {}).items() if len(years) != _ENDS]:
        raise ValueError(
            f"Expected the first and the last year of the holidays of {wrong[0]!r} in the card of the export"
        )
    return card["table"] | {name: card[name] for name in _CHOICES if name in card}
