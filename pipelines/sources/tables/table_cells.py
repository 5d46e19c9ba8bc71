"""The cells of a column: their distinct texts, and where they are."""

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from pipelines.sources.tables.table_types import is_bytes, text_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

BLANKS = " \t\r\n\u00a0\u2009\u202f"


class Cells(NamedTuple):
    """The distinct texts of a column.

    Attributes:
        texts: The texts; an empty one for cells without content.
        rows: Row in which each text is first met, int64 `[texts]`.
        codes: Place of each row's text, int32 `[rows]`.
    """

    texts: "pa.Array"
    rows: "np.ndarray"
    codes: "np.ndarray"

    @property
    def trimmed(self) -> "pa.Array":
        """The texts without blanks around them."""
        import pyarrow.compute as pc

        return pc.utf8_trim(self.texts, BLANKS)


def spelt(text: str) -> str:
    """A word or an id without what does not show: blanks around it, and decomposed letters.

    Example:
        `spelt(" yes ")` -> `"yes"`
    """
    return unicodedata.normalize("NFC", text.strip(BLANKS))


def is_typed(column: "pd.Series") -> bool:
    """Whether a column came as numbers, as from Parquet, not as text."""
    import pandas as pd

    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def are_bytes(column: "pd.Series") -> bool:
    """Whether a column came as bytes that are no text."""
    import pandas as pd

    return isinstance(column.dtype, pd.ArrowDtype) and is_bytes(column.dtype.pyarrow_dtype)


def cells(column: "pd.Series") -> Cells:
    """The cells of a column as texts.

    Args:
        column: Texts, which stay what they are, or values of any other type: whole numbers are their digits, other
            numbers have a decimal point, or among texts an exponent alone (`text_of`), truth values are `True` and
            `False`.

    Returns:
        The texts.

    Raises:
        ValueError: The column is bytes that are no text.

    Example:
        `cells(frame["shop"]).texts.to_pylist()` -> `["0012", "0013"]`
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(pc.fill_null(_texts(column), ""))
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    rows = np.zeros(len(encoded.dictionary), np.int64)
    rows[codes[::-1]] = np.arange(len(codes))[::-1]  # the first row of a text is written last
    return Cells(encoded.dictionary, rows, codes)


def _texts(column: "pd.Series") -> "pa.Array":
    import pandas as pd
    import pyarrow as pa

    if are_bytes(column):
        raise ValueError(
            f"Expected texts or numbers in column {column.name!r}; write them as text in UTF-8, binary ids as "
            "hexadecimal digits. Received: bytes that are no UTF-8"
        )
    if pd.api.types.is_string_dtype(column.dtype) and not pd.api.types.is_object_dtype(column.dtype):
        return pa.array(column, pa.large_string())
    missing = column.isna()
    written = str if is_typed(column) else text_of  # among texts
    texts = column.astype(object).map(written).mask(missing, None)
    return pa.array(texts, pa.large_string(), from_pandas=True)
