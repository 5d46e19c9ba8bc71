"""What is known of users: columns of a table with a user in each row, the same at each step of a sequence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipelines.runs.rows import input_names
from pipelines.runs.rows.card_fields import Fields
from pipelines.sources.tables import table_numbers
from pipelines.sources.tables.table_numbers import Marks

if TYPE_CHECKING:
    import numpy as np

    from pipelines.sources.events.event_sequences import Events
    from pipelines.sources.events.feature_table import FeatureTable

FIELD = Fields({"name": str, "input": str}, {"words": list[str], "bounds": list[float]}, closed=True)
_MOST, _LEAST = 1_000, 2  # words of a column, and users of a word that counts
_GROUPS = 10  # of numbers


def learn(table: "FeatureTable", users: list[str], trained: "np.ndarray", taken: Sequence[str]) -> list[dict[str, Any]]:
    """Decides which words count, and the groups of numbers, by the users of training.

    Args:
        table: The table.
        users: The users of the events.
        trained: bool `[users]`, which have an event that is trained on.
        taken: Names that inputs of endpoints may not have.

    Returns:
        Of each column its `name`, the `input` of endpoints, and the `words` that count or the `bounds` of its groups;
        those without a number, or without a word that counts, such as names of users, are left out.

    Raises:
        ValueError: No user of training is in the table, no column is of use, or two inputs have one name.

    Example:
        `learn(table, ["ann", "bob"], np.array([True, True]), ["items"])` -> `[{"name": "age", "input": "age", ...}]`
    """
    import numpy as np

    rows = _rows(table, users)
    rows = np.unique(rows[trained & (rows >= 0)])
    if not len(rows):
        raise ValueError(
            f"Expected users of the training events, such as {users[int(np.argmax(trained))]!r}, in the user table. "
            f"Received: {table.ids[0]!r} and {len(table.ids) - 1:,} others"
        )
    columns: list[dict[str, Any]] = []
    for name in table.kinds:
        found = input_names.sanitised(name.split(":")[0])
        if found in (*taken, *(one["input"] for one in columns)):
            raise ValueError(
                "Expected columns of users whose names differ in letters and digits, and from the inputs "
                f"{', '.join(taken)}. Received: {name!r} as {found!r}; rename it, or leave it out by --user_features"
            )
        if name in table.numbers:
            numbers = _as_served(table.numbers[name][rows])
            if np.isfinite(numbers).any():
                columns.append({"name": name, "input": found, "bounds": _bounds(numbers)})
            continue
        often = Counter(filter(None, (table.words[name][row] for row in rows.tolist())))
        if words := [word for word, count in often.most_common(_MOST) if count >= _LEAST]:
            columns.append({"name": name, "input": found, "words": words})
    if not columns:
        raise ValueError(
            f"Expected a column of numbers, or of categories that at least {_LEAST} users of training share. "
            f"Received: {', '.join(map(repr, table.kinds))} of the user table"
        )
    return columns


def size(column: Mapping[str, Any]) -> int:
    """How many ids a column has; 0 is unknown."""
    return len(column["words"]) if "words" in column else len(column["bounds"]) + 1


def meanings(column: Mapping[str, Any]) -> list[str]:
    """What the ids of a column stand for, from 1 on."""
    return column["words"] if "words" in column else ["lowest", *(f"from {bound!r}" for bound in column["bounds"])]


def of_table(table: "FeatureTable", users: list[str]) -> dict[str, "np.ndarray"]:
    """What a table says of users: name of a column -> float64 or texts `[users]`, NaN or empty where unknown."""
    import numpy as np

    rows = _rows(table, users)  # -1 is the last place, of none
    numbers = {name: np.append(values, np.nan)[rows] for name, values in table.numbers.items()}
    return numbers | {name: np.array([*words, ""], object)[rows] for name, words in table.words.items()}


def of_events(columns: Sequence[Mapping[str, Any]], events: "Events") -> "tuple[dict[str, np.ndarray], list[str]]":
    """What columns of a table of events say of users, by the last event of each that says something.

    Args:
        columns: The columns.
        events: The events, those of a user in order.

    Returns:
        As `of_table`, of the columns that the events have; and what is to be said of the others, and of numbers that
        are none.
    """
    import numpy as np
    import pandas as pd

    names, found, notes = list(events.texts or {}), {}, []
    if absent := [column["name"] for column in columns if column["name"] not in names]:
        notes = [
            f"of users is unknown: {', '.join(map(repr, absent))}; the events have no such columns beside their own"
        ]
    for column in columns:
        name = column["name"]
        if events.texts is None or events.cells is None or name in absent:
            continue
        cells = events.cells[:, names.index(name)]
        last = np.full(len(events.users), -1)
        last[events.user[cells >= 0]] = cells[cells >= 0]  # of several the last stays
        texts = pd.Series([*events.texts[name], ""])
        if "words" in column:
            found[name] = texts.to_numpy(object)[last]
        else:
            read = table_numbers.read(texts, Marks())
            found[name] = read.values[read.cells.codes][last]
            if read.wrong.any():
                wrong = texts[int(read.cells.rows[read.wrong].min())]
                notes.append(f"users' column {name!r} holds numbers; {wrong!r} is none and counts as unknown")
    return found, notes


def numbered(columns: Sequence[Mapping[str, Any]], known: Mapping[str, "np.ndarray"], users: int) -> "np.ndarray":
    """The ids of what is known of users.

    Args:
        columns: The columns.
        known: What `of_table` or `of_events` returned.
        users: Number of users.

    Returns:
        int16 `[users, columns]`, from 1 on; 0 = unknown.
    """
    import numpy as np

    found = np.zeros([users, len(columns)], np.int16)
    for number, column in enumerate(columns):
        if column["name"] not in known:
            continue
        values = known[column["name"]]
        if "words" in column:
            place = {word: at for at, word in enumerate(column["words"], start=1)}
            found[:, number] = [place.get(word, 0) for word in values]
        else:
            numbers = _as_served(values)
            groups = 1 + np.searchsorted(np.asarray(column["bounds"], np.float32), numbers, side="right")
            found[:, number] = np.where(np.isfinite(numbers), groups, 0)
    return found


def inputs(columns: Sequence[Mapping[str, Any]], known: Mapping[str, "np.ndarray"], user: int) -> dict[str, Any]:
    """The inputs of a request of a user; takes what `numbered` does."""
    found: dict[str, Any] = {}
    for column in columns:
        values, is_word = known.get(column["name"]), "words" in column
        if values is None:
            found[column["input"]] = "" if is_word else float("nan")
        else:
            found[column["input"]] = values[user] if is_word else float(values[user])
    return found


def inputs_of(columns: Sequence[Mapping[str, Any]], ids: "np.ndarray") -> dict[str, Any]:
    """Inputs of a request that have these ids, int `[columns]`; of a group of numbers one of them."""
    import numpy as np

    found: dict[str, Any] = {}
    for column, number in zip(columns, ids.tolist(), strict=True):
        if "words" in column:
            found[column["input"]] = ["", *column["words"]][number]
        else:
            bounds = np.asarray(column["bounds"], np.float32)
            first = bounds[0] if len(bounds) else np.float32(0)
            lowest = max(float(first) - max(abs(float(first)), 1.0), float(np.finfo(np.float32).min))
            found[column["input"]] = float([np.nan, lowest, *bounds][number])
    return found


def said(columns: Sequence[Mapping[str, Any]], known: Mapping[str, "np.ndarray"], ids: "np.ndarray") -> list[str]:
    """What is not read of what is known of users; takes what `numbered` does, and returned."""
    import numpy as np

    notes = [
        f"users' column {name!r} is left out: no two users of training share what it says"
        for name in known
        if name not in [column["name"] for column in columns]
    ]
    for column, read in zip(columns, ids.T, strict=True):
        values = known.get(column["name"])
        if values is None:
            continue
        told = values != "" if "words" in column else ~np.isnan(values)
        unread = told & (read == 0)
        if unread.any():
            example = values.tolist()[int(np.argmax(unread))]
            notes.append(
                f"users' column {column['name']!r}: {int(unread.sum()):,} of {int(told.sum()):,} values count as "
                f"unknown, such as {example!r}; what at least {_LEAST} users of training share is read, at most "
                f"{_MOST:,} words"
            )
    return notes


def counted(table: "FeatureTable", users: list[str]) -> str:
    """Says how many users have a row, and how many rows no user."""
    every, rows = {*users}, {*table.ids}
    return (
        f"{len(every - rows):,} of {len(every):,} users have no row in the user table: nothing is known of them; "
        f"{len(rows - every):,} of its rows are of users without events"
    )


def _rows(table: "FeatureTable", users: list[str]) -> "np.ndarray":
    """The row of each user, -1 of one without."""
    import numpy as np

    place = {name: at for at, name in enumerate(table.ids)}
    return np.array([place.get(name, -1) for name in users])


def _bounds(values: "np.ndarray") -> list[float]:
    """The bounds of groups: quantiles, or where there are few numbers, these, each in the group above."""
    import numpy as np

    values = np.sort(values[np.isfinite(values)])
    distinct = np.unique(values)
    if len(distinct) > _GROUPS:
        distinct = np.unique(values[len(values) * np.arange(_GROUPS) // _GROUPS])
    return distinct[1:].tolist()


def _as_served(values: "np.ndarray") -> "np.ndarray":
    """Numbers as an endpoint takes them, the tiniest as zeros, as TensorFlow does."""
    import numpy as np

    with np.errstate(over="ignore", under="ignore"):
        found = np.asarray(values, np.float64).astype(np.float32)
    return np.where(np.abs(found) < np.finfo(np.float32).tiny, np.float32(0), found)
