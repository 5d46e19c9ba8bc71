"""What every reader of parallel text yields."""

from typing import NamedTuple


class Pair(NamedTuple):
    """A source text and its target text.

    Attributes:
        source: The source text, such as the text to translate.
        target: The text to generate from it, such as its translation.
        kind: The kind of text ("date", "currency" ...), empty if the reader does not know it.
        others: Further references, which it may be scored against.

    Example:
        `Pair("May 5, 2024", "5. Mai 2024", "date")`
    """

    source: str
    target: str
    kind: str = ""
    others: tuple[str, ...] = ()

    @property
    def references(self) -> list[str]:
        """All targets that are right, the first of which is trained on."""
        return [self.target, *self.others]
