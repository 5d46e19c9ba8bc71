"""The common result of every source of labelled text."""

from typing import NamedTuple


class Labelled(NamedTuple):
    """A text and what it is.

    Attributes:
        text: The text.
        labels: Its labels: exactly one, or where texts may have several any number.
        kind: What sort of text it is, where the source of the data knows it; else empty.
        place: Where it stands, as a message says it: "reviews.csv, line 7".

    Example:
        `Labelled("A fine film.", ("positive",), place="reviews.csv, line 7")`
    """

    text: str
    labels: tuple[str, ...]
    kind: str = ""
    place: str = ""
