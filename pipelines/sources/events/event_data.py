"""Events from the source that the option `data` names, filtered and in order."""

from dataclasses import dataclass
from pathlib import Path

from pipelines.sources.events import event_filters, event_lines, event_sequences, event_tables
from pipelines.sources.events.event_form import Form, Limits
from pipelines.sources.events.event_sequences import Events, Sequences
from pipelines.sources.faults import Faults
from pipelines.sources.files import dialect, file_formats
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.synthetic import synthetic_shop
from pipelines.sources.tables import table_files
from pipelines.sources.times.time_form import TimeForm

SYNTHETIC = "synthetic"
_TFDS = "tfds:"


@dataclass(frozen=True)
class EventData:
    """A data set.

    Attributes:
        sequences: The sequences.
        notes: What is to be said of them.
        dialect: How the first file is written; None if there is none.
        form: How times are written; None where there are no moments.
    """

    sequences: Sequences
    notes: list[str]
    dialect: Dialect | None = None
    form: TimeForm | None = None


def read(data: str, form: Form, limits: Limits, faults: Faults, seed: int = 1, users: int = 4_000) -> EventData:
    """Reads a data set.

    Args:
        data: `synthetic`; `tfds:NAME`; a table (.csv, .tsv, .jsonl, .parquet) or a folder of them; or a file of any
            other ending, in which each line has a user and its items in order.
        form: How the events are written.
        limits: Which of them count.
        faults: Collects faulty rows.
        seed: Of synthetic data.
        users: Users of synthetic data.

    Returns:
        The data set.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The data cannot be read, nothing is left of it, or a fault is an error.

    Example:
        `read("ratings.csv", Form(), Limits(min_user_events=5), Faults("warn")).sequences.lengths`
    """
    events, notes, how, times = _events(data, form, faults, seed, users)
    sequences, said = event_filters.apply(events, limits)
    lengths = sequences.lengths
    counted = (
        f"{len(lengths):,} users, {len(sequences.events.items):,} items, {len(sequences.events):,} events; "
        f"{lengths.mean():.1f} events a user, {lengths.max():,} at most"
    )
    return EventData(sequences, [*notes, *said, counted, *_ties(sequences)], how, times)


def files(data: str) -> list[Path]:
    """The files of a data set; none of synthetic data and of TFDS.

    Raises:
        FileNotFoundError: There is no such file, or no table in the folder.

    Example:
        `files("ratings.csv")`
    """
    return [] if data == SYNTHETIC or data.startswith(_TFDS) else list(table_files.files(data))


def _events(
    data: str, form: Form, faults: Faults, seed: int, users: int
) -> tuple[Events, list[str], Dialect | None, TimeForm | None]:
    if data == SYNTHETIC:
        return synthetic_shop.events(seed, users), ["a synthetic shop"], None, None
    if Path(data).is_file() and file_formats.of(Path(data)) == "lines":
        if form.keep:
            raise ValueError(
                f"Expected a table, for --keep. Received: {data}, sequences ready made, keep={form.keep!r}"
            )
        how = dialect.find(Path(data), form.files)
        return event_lines.read(Path(data), how, faults), [f"{data}: a user and its items in each line"], how, None
    table = event_tables.read(data, form, faults)
    notes = [table.columns]
    if table.events.time is None:
        notes.append("no column of time (--time_column names one): a user's events are in the order of the rows")
    return table.events, notes, table.dialect, table.form


def _ties(sequences: Sequences) -> list[str]:
    """Says how many events have the time of the one before them: their order is that of the file alone."""
    events = sequences.events
    if events.time is None or len(events) < 2:
        return []
    tied, pairs = int(sequences.is_tied().sum()), len(events) - len(sequences.lengths)
    if not tied:
        return []
    return [
        f"{tied:,} of {pairs:,} events ({tied / pairs:.0%}) have the time of their user's event before them: their "
        "order is that of the file, or drawn by tie_order, and scores depend on it"
    ]


def reordered(sequences: Sequences, seed: int) -> Sequences:
    """The sequences with another order of each user's events at one time, drawn by a seed."""
    return event_sequences.in_order(sequences.events, seed)
