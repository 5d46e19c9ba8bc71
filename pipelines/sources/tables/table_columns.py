"""The roles of a table's columns."""

from dataclasses import dataclass, replace
from typing import Literal

from pipelines.sources.tables.table_files import AGAIN, UNNAMED, looks_like_data, looks_like_time
from tfmodels.suggestions import did_you_mean

Layout = Literal["channels", "columns", "rows"]
_ROLES = ("time", "target", "series", "past", "known", "static")
VALUE, TIME = "value", "time"  # the columns that a table of layout `rows` gets


@dataclass(frozen=True)
class Columns:
    """The roles of a table's columns.

    Attributes:
        time: Column of the timestamps, or several (a date and a time of day); empty if the rows are in order and one
            step apart.
        target: Columns to forecast; empty for every column without another role. A name may contain a `*`; it then
            stands for the one matching column of each file.
        series: Columns whose values name the series; empty if the table is one series.
        past: Covariates known up to now.
        known: Covariates known for the horizon too.
        static: Covariates that are constant within a series.
        layout: `channels`: targets are channels of one series; `columns`: each target column is a series; `rows`: each
            row is a series, with its values to the right of the columns `series` and `static`.
        time_format: Format of the timestamps as in `strptime`, or one of `stamp_numbers.COUNTS`; empty = found.
        time_zone: Time zone that the series live in; empty = as the timestamps say.
        ambiguous: Which of two equal hours is meant, `earlier` or `later`, where their order does not say.
        categories: Covariates whose cells are words whatever they hold.
    """

    time: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    layout: Layout = "channels"
    time_format: str = ""
    time_zone: str = ""
    ambiguous: Literal["", "earlier", "later"] = ""
    categories: tuple[str, ...] = ()

    @property
    def covariates(self) -> dict[str, tuple[str, ...]]:
        """Covariate columns by their role."""
        return {"past": self.past, "known": self.known, "static": self.static}

    @property
    def of_numbers(self) -> tuple[str, ...]:
        """The columns that may hold numbers: targets and covariates."""
        return (*self.target, *self.past, *self.known, *self.static)

    def unused(self, names: list[str]) -> tuple[str, ...]:
        """The columns of a table without a role."""
        return tuple(name for name in names if name not in (*self.time, *self.series, *self.of_numbers))


def resolve(columns: Columns, names: list[str], source: str) -> Columns:
    """Completes the roles of a table's columns and refuses names of columns that the table does not have.

    Args:
        columns: The roles as the user gave them.
        names: Names of the table's columns.
        source: Name of the table, for messages.

    Returns:
        The roles, with every target named.

    Raises:
        ValueError: A column is missing or has two roles, or nothing is left to forecast.
    """
    named = [(role, name) for role in _ROLES for name in getattr(columns, role)]
    for role, name in named:
        if name not in names:
            quoted = next((f"; a name with commas is quoted: '\"{one}\"'" for one in names if "," in one), "")
            raise ValueError(
                f"Expected a column of {source}: {', '.join(names)}. "
                f"Received: {role}={name!r}{did_you_mean(name, names)}{quoted}"
            )
        if f"{name}{AGAIN}" in names:
            raise ValueError(
                f"Expected one column named {name!r} in {source}; rename the others. Received: {role}={name!r}"
            )
    roles: dict[str, str] = {}
    for role, name in named:
        if name in roles:
            raise ValueError(f"Expected one role for each column. Received: {name!r} as {roles[name]} and {role}")
        roles[name] = role
    covariates = {name for of in columns.covariates.values() for name in of}
    for name in columns.categories:
        if name not in covariates:
            raise ValueError(
                f"Expected covariates: {', '.join(covariates) or 'there are none'}. Received: categories={name!r}"
            )
    target = columns.target or _others(names, roles, source)
    return replace(columns, target=target)


def _others(names: list[str], roles: dict[str, str], source: str) -> tuple[str, ...]:
    """The columns without a role, which are the targets."""
    others = [name for name in names if name not in roles and not name.startswith(UNNAMED)]
    again = [name for name in others if name.endswith(AGAIN)]
    if again:
        raise ValueError(
            f"Expected different names of columns in {source}. Received: {again[0].strip(AGAIN)!r} twice. Rename one, "
            "or name the columns to forecast with --target"
        )
    if len(times := [name for name in others if looks_like_data(name) or looks_like_time(name)]) > 1:
        raise ValueError(
            f"Expected columns whose names are no numbers or dates in {source}. Received: {', '.join(times[:3])} ... "
            "If each row is a series with its values side by side: --layout rows --series COLUMN; else --target names "
            "the columns to forecast"
        )
    if not others:
        raise ValueError(f"Expected a column to forecast in {source}. Received: roles for all of {', '.join(names)}")
    return tuple(others)
