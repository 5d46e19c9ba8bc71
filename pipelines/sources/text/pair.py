"""The common result of every source of parallel text."""

from typing import NamedTuple


class Pair(NamedTuple):
    """A text and its translation.

    Attributes:
        source: The text to translate.
        target: Its translation.
        kind: What sort of text it is, where the source of the data knows it ("date", "currency" ...); else empty.

    Example:
        `Pair("May 5, 2024", "5. Mai 2024", "date")`
    """

    source: str
    target: str
    kind: str = ""
