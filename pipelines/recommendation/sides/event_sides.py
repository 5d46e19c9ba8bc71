"""What is known of events beside their items: the time until the next one, further columns, and their user's."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.recommendation.sides import user_sides
from pipelines.runs.rows import input_names
from pipelines.runs.rows.card_fields import Fields
from tfmodels import option_lists

if TYPE_CHECKING:
    import numpy as np

    from pipelines.sources.events.event_sequences import Events

HOURS = "hours_ago"  # the input; below 0 or NaN = unknown
FIELD = Fields({"name": str, "input": str, "words": list[str]}, closed=True)
TAKEN = ("items", "exclude", "candidates", "exclude_seen", "k", "item", HOURS)  # other inputs of the endpoints
_MINUTE, _STEPS = 1 / 60, 46  # the bounds of gaps grow by the square root of two, from a minute to ten years
_HOUR = 3_600_000_000  # microseconds
_MOST = 1_000  # words of a column
_MANY = 20  # numbers of a column that are said to be categories
_ROWS = 1 << 15  # rows of a training that are computed at a time


def bounds() -> "np.ndarray":
    """The bounds of the groups of gaps, hours, float32."""
    import numpy as np

    return (_MINUTE * 2.0 ** (np.arange(_STEPS) / 2)).astype(np.float32)


@dataclass(frozen=True)
class Sides:
    """What is read of events beside their items.

    Attributes:
        gaps: Whether the time until the next event is.
        columns: The further columns, each with its `name`, the `input` of endpoints, and the `words` that count.
        users: Those of users, see `user_sides.learn`.

    Example:
        `Sides(True, []).sizes` -> `[47]`
    """

    gaps: bool
    columns: list[dict[str, Any]]
    users: list[dict[str, Any]] = field(default_factory=list)

    @property
    def sizes(self) -> list[int]:
        """How many ids each side has; 0 is unknown."""
        own = [_STEPS + 1] * self.gaps + [len(one["words"]) for one in self.columns]
        return own + [user_sides.size(one) for one in self.users]

    @property
    def of_events(self) -> list[str]:
        """The names of the inputs of endpoints that have a value for each event."""
        return [HOURS] * self.gaps + [one["input"] for one in self.columns]

    @property
    def inputs(self) -> list[str]:
        """The names of all inputs of endpoints, behind those of events those of users, with one value a row."""
        return self.of_events + [one["input"] for one in self.users]

    def words(self) -> list[list[str]]:
        """What the ids of each side stand for, from 1 on."""
        gaps = [[f"group {number}" for number in range(_STEPS + 1)]] * self.gaps
        return [*gaps, *(one["words"] for one in self.columns), *map(user_sides.meanings, self.users)]

    def defaults(self) -> dict[str, Any]:
        """What the inputs are where nothing is known; None of a number of a user, which is then NaN."""
        found: dict[str, Any] = {name: -1.0 if name == HOURS else "" for name in self.of_events}
        return found | {one["input"]: "" if "words" in one else None for one in self.users}

    def steps(
        self,
        starts: "np.ndarray",
        ends: "np.ndarray",
        now: "np.ndarray",
        time: "np.ndarray",
        cells: "np.ndarray",
        most: int,
    ) -> "np.ndarray":
        """The ids of the sides of sequences, as the network reads them.

        Args:
            starts: int `[rows]`, where each sequence starts among the events.
            ends: int `[rows]`, where it ends.
            now: int `[rows]`, when the event after it is, microseconds.
            time: int `[events]`.
            cells: int `[events, columns]`, the ids of further columns and of those of users, from 1 on; 0 = unknown.
            most: Most events of a sequence.

        Returns:
            int16 `[rows, most, sides]`, 0 at padding.
        """  # fmt: skip
        import numpy as np

        found = np.zeros([len(starts), most, len(self.sizes)], np.int16)
        step = np.arange(most)
        for first in range(0, len(starts), _ROWS):
            rows = slice(first, first + _ROWS)
            lengths = (ends[rows] - starts[rows])[:, np.newaxis]
            inside = step < lengths
            places = np.where(inside, starts[rows][:, np.newaxis] + step, 0)
            if self.gaps:
                after = time[np.minimum(places + 1, len(time) - 1)]
                after = np.where(step + 1 < lengths, after, now[rows][:, np.newaxis])
                hours = ((after - time[places]) / _HOUR).astype(np.float32)
                found[rows, :, 0] = np.where(inside, 1 + np.searchsorted(bounds(), hours, side="right"), 0)
            found[rows, :, int(self.gaps) :] = np.where(inside[..., np.newaxis], cells[places], 0)
        return found

    def request(self, hours: Sequence[float], words: Sequence[Sequence[str]], context: int) -> dict[str, list]:
        """The inputs of a row that have a value for each event, padded on the left.

        Args:
            hours: How long ago each event of the history was.
            words: Of each further column the text of each event.
            context: Length of the inputs.

        Returns:
            Name -> values.

        Example:
            `Sides(True, []).request([30.0, 1.5], [], 3)` -> `{"hours_ago": [-1.0, 30.0, 1.5]}`
        """
        given = [list(hours)] * self.gaps + [list(of) for of in words]
        return {
            name: [absent] * (context - len(of)) + of[-context:]
            for name, of in zip(self.of_events, given, strict=True)
            for absent in [self.defaults()[name]]
        }


def parse(text: str) -> tuple[str, ...]:
    """Reads the option `context_columns`.

    Raises:
        ValueError: A column is named twice.

    Example:
        `parse("device,kind")` -> `("device", "kind")`
    """
    found = tuple(option_lists.split(text))
    if len({*found}) < len(found):
        raise ValueError(f"Expected columns, each once. Received: context_columns={text!r}")
    return found


def learn(gaps: bool, wanted: str, events: "Events", trained: "np.ndarray") -> tuple[Sides, list[str]]:
    """Decides which words of further columns count, by the events of training.

    Args:
        gaps: Whether the time until the next event is read.
        wanted: The further columns, see `parse`.
        events: The events.
        trained: bool `[events]`, which are trained on.

    Returns:
        The sides, none if there is nothing to read; and notes on columns of which not all is read.

    Raises:
        ValueError: Events have no times or no further columns, which are wanted, two columns have one input, or a
            column has too many numbers to be categories.
    """
    import numpy as np

    if gaps and not events.is_clock:
        given = "numbers that only order the events" if events.time is not None else "no column of time"
        raise ValueError(f"Expected events with times. Received: time_gaps=True and {given}")
    if wanted and events.texts is None:
        raise ValueError(f"Expected a table of events. Received: context_columns={wanted!r} and events without columns")
    columns: list[dict[str, Any]] = []
    notes: list[str] = []
    for number, (name, texts) in enumerate((events.texts or {}).items()):
        found = input_names.sanitised(name)
        if found in (*TAKEN, *(one["input"] for one in columns)):
            raise ValueError(
                f"Expected columns whose names differ in letters and digits, and from the inputs {', '.join(TAKEN)}. "
                f"Received: {name!r} as {found!r}; rename it"
            )
        assert events.cells is not None
        cells = events.cells[trained, number]
        often = np.bincount(cells[cells >= 0], minlength=len(texts))
        order = np.lexsort([np.arange(len(texts)), -often])
        counts: Counter[str] = Counter()
        for place in order[: int((often > 0).sum())].tolist():
            counts[texts[place]] += int(often[place])
        notes += _notes(name, counts)
        columns.append({"name": name, "input": found, "words": list(counts)[:_MOST]})
    return Sides(gaps, columns), notes


def _notes(name: str, counts: "Counter[str]") -> list[str]:
    """What is to be said of a column whose cells are categories; refuses one of measured numbers."""
    numbers = sum(map(_is_number, counts))
    if numbers > _MOST:
        raise ValueError(
            f"Expected context_columns of categories, of which the {_MOST:,} most frequent ones are read. Received: "
            f"{name!r} with {numbers:,} numbers, such as {next(filter(_is_number, counts))!r}. Write groups of them "
            "into another column, such as '10 to 100', or leave it out; ids that are numbers need a letter before each"
        )
    if len(counts) > _MOST:
        others = sum(list(counts.values())[_MOST:]) / counts.total()
        return [
            f"column {name!r}: the {_MOST:,} most frequent of {len(counts):,} texts are read; {others:.1%} of its "
            "cells have others, which count as unknown"
        ]
    if numbers > _MANY:
        return [f"column {name!r}: its {numbers:,} numbers are read as categories: no number is near another"]
    return []


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def numbered(sides: Sides, events: "Events") -> "np.ndarray":
    """The words of further columns of all events, int16 `[events, columns]`, from 1 on; 0 = unknown or empty."""
    import numpy as np

    found = np.zeros([len(events), len(sides.columns)], np.int16)
    for number, one in enumerate(sides.columns):
        known = {word: place for place, word in enumerate(one["words"], start=1)}
        assert events.cells is not None and events.texts is not None
        ids = np.array([*(known.get(text, 0) for text in events.texts[one["name"]]), 0], np.int16)
        found[:, number] = ids[events.cells[:, number]]  # that of an empty cell is -1, the last place
    return found
