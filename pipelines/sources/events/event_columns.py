"""The columns of a table of events."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.sources.events.event_form import Form
from pipelines.sources.tables.table_files import AGAIN
from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

# What the columns are often called, the likeliest first; without the type that RecBole's files add (`user_id:token`).
_NAMES = {
    "user": (
        *("user_id", "user", "userid", "visitor_id", "visitorid", "customer_id", "customer", "reviewer_id"),
        *("reviewerid", "session_id", "session", "sessionid"),
    ),
    "item": (
        *("item_id", "item", "itemid", "product_id", "product", "productid", "movie_id", "movie", "movieid"),
        *("article_id", "parent_asin", "asin", "sku", "track_id", "song_id", "book_id"),
    ),
    "time": (
        *("timestamp", "time", "event_time", "datetime", "date", "ts", "created_at", "unixreviewtime"),
        "unix_review_time",
    ),
}


@dataclass(frozen=True)
class EventColumns:
    """The names of the columns.

    Attributes:
        user: Column of the user or session.
        item: Column of the item.
        time: Column of the time; empty if there is none.
    """

    user: str
    item: str
    time: str

    def __str__(self) -> str:
        return f"columns: user {self.user!r}, item {self.item!r}, " + (
            f"time {self.time!r}" if self.time else "no time"
        )


def find(names: list[str], form: Form, source: str) -> EventColumns:
    """Finds the columns of a table.

    Args:
        names: Names of its columns.
        form: Names those that are not called as usual.
        source: Name of the table, for messages.

    Returns:
        The columns.

    Raises:
        ValueError: There is no column of users or of items, none that an option names, or two of a name.

    Example:
        `find(["userId", "movieId", "rating"], Form(), "ratings.csv").item` -> `"movieId"`
    """
    found = {role: _found(names, role, getattr(form, role), source) for role in _NAMES}
    return EventColumns(**found)


def require(names: list[str], name: str, option: str, source: str) -> str:
    """A column that an option names.

    Raises:
        ValueError: There is none of that name, or there are two.
    """
    if name not in names:
        raise ValueError(
            f"Expected a column for --{option}: {', '.join(names)}. "
            f"Received: {option}={name!r}{did_you_mean(name, names)}, {source}"
        )
    if f"{name}{AGAIN}" in names:
        raise ValueError(f"Expected one column named {name!r} in {source}; rename the others. Received: two of them")
    return name


def column(names: list[str], given: str, option: str, usual: tuple[str, ...], source: str) -> str:
    """A column that an option names, or else one that is called as usual.

    Args:
        names: Names of the table's columns.
        given: The name that the option gives; empty = none.
        option: The option.
        usual: Usual names in lower case, the likeliest first.
        source: Name of the table, for messages.

    Returns:
        The name; empty if no column is called so.

    Raises:
        ValueError: There is none of the name that the option gives, or there are two.

    Example:
        `column(["userId", "age"], "", "user_column", ("user", "userid"), "a.csv")` -> `"userId"`
    """
    if given:
        return require(names, given, option, source)
    plain = {name.casefold().split(":")[0].strip(): name for name in reversed(names)}
    found = next((plain[name] for name in usual if name in plain), "")
    return require(names, found, option, source) if found else ""


def id_column(names: list[str], role: str, given: str, source: str) -> str:
    """The column of the `item` or the `user` alone, as of `find`: that which is named, or one that is called as usual.

    Raises:
        ValueError: There is none.
    """
    return _found(names, role, given, source)


def refuse_floats(column: "pd.Series", role: str, place: str) -> None:
    """Refuses ids that came as numbers with a decimal point: `7.0` is the text of none, but of a column with gaps.

    Args:
        column: A column of ids.
        role: Whose they are.
        place: Name of its table.

    Raises:
        ValueError: They are such numbers.
    """
    import pandas as pd

    if pd.api.types.is_float_dtype(column) and column.notna().any():
        raise ValueError(
            f"Expected ids of {role}s as texts or whole numbers. Received: {float(column.dropna().iloc[0])!r} in "
            f"column {column.name!r} of {place}, a number with a decimal point, which pandas makes of whole ones where "
            "some are missing: write them as texts, in pandas by .astype('Int64').astype('string')"
        )


def float_hint(item: str) -> str:
    """What may be wrong with an unknown id that is a whole number with a decimal point; empty of others.

    Example:
        `float_hint("12.0")` -> `"; ids are texts: '12.0' is not '12'"`
    """
    whole = item.removesuffix(".0")
    return f"; ids are texts: {item!r} is not {whole!r}" if whole != item and whole.lstrip("-").isdecimal() else ""


def _found(names: list[str], role: str, given: str, source: str) -> str:
    found = column(names, given, f"{role}_column", _NAMES[role], source)
    if found or role == "time":
        return found
    raise ValueError(
        f"Expected a column of the {role}, such as {_NAMES[role][0]!r}, or its name with --{role}_column. "
        f"Received: {', '.join(names)}, {source}"
    )
