"""Texts that occur in several tables, each with its number."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


class DistinctTexts:
    """Numbers for texts, in the order in which they are first met.

    Example:
        >>> names = DistinctTexts()
        >>> names.numbers(["HR", "Temp", "HR"])
        array([0, 1, 0], dtype=int32)
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._number = {text: number for number, text in enumerate(dict.fromkeys(texts))}

    def __len__(self) -> int:
        return len(self._number)

    def numbers(self, texts: Iterable[str]) -> "np.ndarray":
        """The number of each text, int32; texts that are new get the next ones."""
        import numpy as np

        return np.array([self._number.setdefault(text, len(self._number)) for text in texts], np.int32)

    def known(self, texts: Iterable[str]) -> "np.ndarray":
        """The number of each text, int32; -1 for one that is new."""
        import numpy as np

        return np.array([self._number.get(text, -1) for text in texts], np.int32)

    def to_array(self) -> "pa.Array":
        """The texts in the order of their numbers."""
        import pyarrow as pa

        return pa.array(list(self._number), pa.large_string())

    def to_list(self) -> list[str]:
        """The same as a list."""
        return list(self._number)
