"""The row that every source of labelled text yields."""

from typing import NamedTuple


class Labelled(NamedTuple):
    """A text and its labels.

    Attributes:
        text: The text.
        labels: Its labels: exactly one, or any number where texts may have several.
        kind: The kind of text, where the source of the data knows it; else empty.
        place: Its place in the data, for messages: "reviews.csv, line 7".

    Example:
        `Labelled("A fine film.", ("positive",), place="reviews.csv, line 7")`
    """

    text: str
    labels: tuple[str, ...]
    kind: str = ""
    place: str = ""
