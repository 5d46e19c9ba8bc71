"""How events are written, and which of them count, without NumPy."""

from dataclasses import dataclass, field
from typing import Literal

from pipelines.sources.files.file_options import FileOptions

Repeats = Literal["keep", "neighbours", "all"]


@dataclass(frozen=True)
class Form:
    """How events are written.

    Attributes:
        user: Column of the user or session in a table. Empty = found, as are the others.
        item: Column of the item.
        time: Column of the time.
        time_format: Format of the time as in `strptime`; `s`, `ms`, `us` or `ns` since 1970; or `order` for numbers
            that only say which event is later. Empty = found.
        keep: Conditions on columns, which a row must meet: see `event_conditions.parse`.
        columns: Further columns that are read, texts.
        files: How the files are written.
        if_there: Columns that are read where the table has them, behind the others.
    """

    user: str = ""
    item: str = ""
    time: str = ""
    time_format: str = ""
    keep: str = ""
    columns: tuple[str, ...] = ()
    files: FileOptions = field(default_factory=FileOptions)
    if_there: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """Which events count.

    Attributes:
        repeats: What becomes of an item that a user has again: `keep` keeps it, `neighbours` merges those without
            another item between them, `all` leaves only the first.
        session_gap: Hours without an event after which a new sequence begins; 0 never begins one.
        min_user_events: Fewest events of a sequence.
        min_item_events: Fewest events of an item.
    """

    repeats: Repeats = "keep"
    session_gap: float = 0.0
    min_user_events: int = 1
    min_item_events: int = 1
