"""The files of `predict`: events or histories, and a table of what is recommended to each user."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.recommendation.packed_histories import padded
from pipelines.recommendation.sides import event_sides, user_sides
from pipelines.recommendation.sides.event_sides import Sides
from pipelines.runs.rows import card_fields
from pipelines.runs.rows.card_fields import Fields
from pipelines.sources.events import event_columns, event_filters, event_lines, event_tables, feature_table
from pipelines.sources.events.event_form import Form, Limits, Repeats
from pipelines.sources.events.event_sequences import Events, Sequences
from pipelines.sources.events.feature_table import FeatureTable, Kind
from pipelines.sources.faults import Faults, OnBad, collect_faults
from pipelines.sources.files import dialect, file_formats, row_files
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.times import time_form
from pipelines.sources.times.time_form import TimeForm

_LONGEST = 100_000  # items of a history
_HOUR = 3_600_000_000  # microseconds
_TEXTS = ("user", "item", "time", "time_format", "keep")
_TABLE = Fields(
    {
        "form": Fields(
            {**dict.fromkeys(_TEXTS, str), "files": card_fields.of(FileOptions)}, {"columns": (list[str], None)}
        )
    },
    {
        "dialect": (card_fields.of(Dialect, "format"), None),
        "time_form": (card_fields.of(TimeForm, "formats"), None),
        "limits": Fields({"repeats": Repeats, "session_gap": float}, closed=True),
    },
)
_SIDES = Fields({"gaps": bool, "columns": list[Any]}, {"users": list[Any]})
_FORM = Fields({"table": _TABLE, "context": int}, {"on_bad": (OnBad, None), "sides": (_SIDES, None)})


class UserHistories(list[dict[str, list]]):
    """The last items of users, each `{"items": [...]}` and what is known beside, padded on the left.

    Args:
        rows: The histories.
        users: Whose they are.

    Example:
        `read_requests(Path("events.csv"), card).users`
    """

    def __init__(self, rows: Sequence[dict[str, list]], users: list[str]) -> None:
        super().__init__(rows)
        self.users = users


def read_requests(path: Path, card: Mapping[str, Any], user_table: str = "") -> UserHistories:
    """Reads the events of users, in the form of the training data.

    Args:
        path: A table of events, or a file with a user and its items in each line.
        card: Of the run or the export: `table` says how the training data was written, `context` how many items are
            read, `sides` what is read of events beside them, `on_bad` what to do about faulty rows; by default the
            first is an error.
        user_table: A table of what is known of users; empty = the events have its columns.

    Returns:
        The last items of all users, of their last session if training had sessions; they are asked for at the time of
        the latest event of the file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It has no event, or a faulty one; or the card has another form.

    Example:
        `read_requests(Path("events.csv"), predictor.card)`
    """
    card_fields.check(card, _FORM)
    sides = _sides(card.get("sides"))
    with collect_faults(card.get("on_bad")) as faults:
        events = read_events(path, card["table"], sides, faults)
        table = _user_table(user_table, card["table"]["form"], sides, faults) if user_table else None
    limits = Limits(**card["table"].get("limits", {}))
    sequences, _ = event_filters.apply(events, limits)
    names = sequences.events.items.to_pylist()
    context = card["context"]
    if not 0 < context <= _LONGEST:
        raise ValueError(f"Expected a card with a context from 1 to {_LONGEST:,}. Received: context={context}")
    users, last = sequences.events.users.to_pylist(), range(len(sequences.lengths))
    if limits.session_gap:
        last = list({event_filters.owner(name): number for number, name in enumerate(users)}.values())
        users = [event_filters.owner(name) for name in users]
    if table is None:
        known, said = user_sides.of_events(sides.users, sequences.events)
    else:
        known, said = user_sides.of_table(table, users), [user_sides.counted(table, users)]
    ids = user_sides.numbered(sides.users, known, len(users))
    for note in [*said, *user_sides.said(sides.users, known, ids)]:
        print(f"warning: {note}", file=sys.stderr)
    now = 0 if events.time is None else int(events.time.max())
    rows = [
        {
            "items": padded([names[item] for item in sequences.of(user)[-context:]], context),
            **_beside(sides, sequences, user, context, now),
            **user_sides.inputs(sides.users, known, user),
        }
        for user in last
    ]
    return UserHistories(rows, [users[user] for user in last])


def read_events(path: Path, table: Mapping[str, Any], sides: Sides, faults: Faults) -> Events:
    """Reads events in the form of the training data.

    Args:
        path: A table of events, or a file with a user and its items in each line.
        table: How the training data was written, see `data.file_table`.
        sides: What is read of events beside their items; columns of users may be missing.
        faults: Receives faulty rows.

    Returns:
        The events, in the order of the file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It has no event, or a fault is an error.
    """
    form = Form(
        *(table["form"][name] for name in _TEXTS),
        columns=tuple(one["name"] for one in sides.columns),
        if_there=tuple(one["name"] for one in sides.users),
        files=FileOptions(**table["form"]["files"]),
    )
    if path.is_file() and file_formats.of(path) == "lines":
        return event_lines.read(path, dialect.find(path, form.files), faults)
    known = dialect.from_dict(table.get("dialect"))
    stamps = TimeForm() if not table.get("time_form") else time_form.from_dict(table["time_form"])
    return event_tables.read(str(path), form, faults, known, stamps if stamps and stamps.formats else None).events


def _user_table(path: str, form: Mapping[str, Any], sides: Sides, faults: Faults) -> FeatureTable:
    """A table of the users of events, read as that of the training."""
    kinds: dict[str, Kind | None] = {one["name"]: "category" if "words" in one else "number" for one in sides.users}
    if not kinds:
        raise ValueError(f"Expected a model that was trained with a user_table. Received: user_table={path!r}")
    return feature_table.read(path, "user", form["user"], kinds, FileOptions(**form["files"]), faults)


def _sides(content: Mapping[str, Any] | None) -> Sides:
    """What a card says is read of events beside their items."""
    if content is None:
        return Sides(False, [])
    for one in content["columns"]:
        card_fields.check({"column": one}, Fields({"column": event_sides.FIELD}))
    for one in content.get("users", []):
        card_fields.check({"users": one}, Fields({"users": user_sides.FIELD}))
    return Sides(content["gaps"], content["columns"], content.get("users", []))


def _beside(sides: Sides, sequences: Sequences, user: int, context: int, now: int) -> dict[str, list]:
    """What is known of the events of a user beside their items."""
    events = sequences.events
    places = range(max(sequences.starts[user], sequences.starts[user + 1] - context), sequences.starts[user + 1])
    hours, words = [], []
    if sides.gaps and events.time is not None:
        hours = [float(now - events.time[place]) / _HOUR for place in places]
    for number, one in enumerate(sides.columns):
        texts = [*(events.texts or {}).get(one["name"], []), ""]
        words.append(["" if events.cells is None else texts[events.cells[place, number]] for place in places])
    return sides.request(hours, words, context)


def read_items(path: Path, card: Mapping[str, Any]) -> list[dict[str, str]]:
    """Reads the items of a table, such as an item table, to ask for their neighbours.

    Args:
        path: The table.
        card: See `read_requests`.

    Returns:
        Rows of the endpoint `similar`.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It has no column of items, or no item.

    Example:
        `read_items(Path("films.csv"), predictor.card)` -> `[{"item": "film 3"}]`
    """
    card_fields.check(card, _FORM)
    form = card["table"]["form"]
    with collect_faults(card.get("on_bad")) as faults:
        found = feature_table.read_items(str(path), form["item"], FileOptions(**form["files"]), faults)
    return [{"item": item} for item in found]


def write_neighbours(path: Path, rows: Sequence[Mapping[str, str]], outputs: Sequence[Mapping[str, Any]]) -> None:
    """Writes the neighbours of items, a row for each pair, the most similar first.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file with the columns `item`, `rank`, `neighbour` and `score`.
        rows: What `read_items` returned.
        outputs: The outputs of the endpoint for each row. What the model has not has no neighbour.

    Raises:
        ValueError: The file can hold no table.

    Example:
        `write_neighbours(Path("neighbours.csv"), rows, predictor.predict(rows, "similar"))`
    """
    _check_table(path)
    found = ranked([row["item"] for row in rows], outputs)
    row_files.write(path, ["item", "rank", "neighbour", "score"], found)
    unknown = sum(not output["count"] for output in outputs)
    if unknown:
        print(
            f"warning: the model has not {unknown:,} of {len(rows):,} items; they have no neighbours", file=sys.stderr
        )


def write_answers(
    path: Path, rows: Sequence[Any], outputs: Sequence[Mapping[str, Any]], card: Mapping[str, Any]
) -> None:
    """Writes recommendations, a row for each user and item, the best first.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file with the columns `user`, `rank`, `item` and `score`.
        rows: What `read_requests` returned; other rows have their numbers from 1 on in place of the users.
        outputs: The outputs of the endpoint for each row.
        card: Of the model.

    Raises:
        ValueError: The file can hold no table.

    Example:
        `write_answers(Path("recommended.csv"), rows, predictor.predict(rows), predictor.card)`
    """
    _check_table(path)
    users = [str(number) for number in range(1, len(rows) + 1)]
    if isinstance(rows, UserHistories):
        users = rows.users
        _say_unknown([row["items"] for row in rows], [output.get("known") for output in outputs])
    row_files.write(path, ["user", "rank", "item", "score"], ranked(users, outputs))


def _say_unknown(histories: Sequence[Sequence[str]], known: Sequence[Any]) -> None:
    """Says how many items of histories the model has not; of exports that do not say how many it has, nothing."""
    asked = [
        ([item for item in one if item], count)
        for one, count in zip(histories, known, strict=True)
        if isinstance(count, int)
    ]
    unknown = sum(len(items) - count for items, count in asked)
    if unknown <= 0:
        return
    # Histories without an unknown item say which are known; one whose other items are as many as it has unknown ones
    # says which are not.
    sure = {item for items, count in asked if len(items) == count for item in items}
    others = [([item for item in items if item not in sure], len(items) - count) for items, count in asked]
    example = next((left[0] for left, missing in others if 0 < missing == len(left)), "")
    such_as = f", such as {example!r:.80}{event_columns.float_hint(example)}" if example else ""
    print(
        f"warning: {unknown:,} of {sum(len(items) for items, _ in asked):,} items of the histories are unknown to the "
        f"model; they are skipped{such_as}",
        file=sys.stderr,
    )


def _check_table(path: Path) -> None:
    if file_formats.of(path) == "lines":
        raise ValueError(f"Expected one of the endings {', '.join(file_formats.TABLES)}. Received: {path}")


def ranked(names: Sequence[Any], outputs: Sequence[Mapping[str, Any]]) -> Iterator[list[Any]]:
    """The rows of a table of answers.

    Args:
        names: Whose each answer is.
        outputs: The outputs of an endpoint for each.

    Returns:
        Name, rank, item and score of each item of each answer.

    Example:
        `list(ranked(["ann"], [{"items": ["tent"], "scores": [0.5], "count": 1}]))` -> `[["ann", 1, "tent", 0.5]]`
    """
    for name, output in zip(names, outputs, strict=True):
        items = output["items"][: output["count"]]
        for rank, (item, score) in enumerate(zip(items, output["scores"], strict=False), start=1):
            yield [name, rank, item, float(score)]
