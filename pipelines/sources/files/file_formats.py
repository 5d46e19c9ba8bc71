"""The format of a file, by the ending of its name."""

from pathlib import Path
from typing import Literal

Format = Literal["csv", "tsv", "jsonl", "parquet", "lines"]
TABLES = (".csv", ".tsv", ".jsonl", ".parquet")  # endings of formats with named columns, as messages list them
_FORMATS: dict[str, Format] = {
    ".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
# Endings that no text has; the rest may be lines of text, such as train.en.
_OTHERS = (
    ".xlsx", ".xls", ".ods", ".feather", ".arrow", ".orc", ".zip", ".zst", ".bz2", ".xz", ".7z", ".tar", ".tgz",
    ".h5", ".npy", ".npz", ".pkl", ".pdf", ".docx", ".sqlite", ".db",
)  # fmt: skip
_MAGIC = {
    b"PK\x03\x04": "a zip archive or a spreadsheet", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz", b"\xd0\xcf\x11\xe0": "an old spreadsheet", b"\x04\x22\x4d\x18": "lz4",
    b"PAR1": "Parquet", b"%PDF": "PDF", b"SQLite format 3": "a database",
}  # fmt: skip


def of(path: Path) -> Format:
    """Finds the format of a file.

    Args:
        path: The file; its name may end in `.gz`, apart from Parquet.

    Returns:
        The format; `lines` for an ending that says nothing, such as `train.en`.

    Raises:
        ValueError: Files with this ending cannot be read or written.

    Example:
        `of(Path("reviews.tsv.gz"))` -> `"tsv"`
    """
    ending = Path(path.name.lower().removesuffix(".gz")).suffix
    found = _FORMATS.get(ending, "lines")
    if ending in _OTHERS or (found == "parquet" and path.name.lower().endswith(".gz")):
        raise ValueError(
            f"Expected {', '.join(TABLES)}, or lines of text with any other ending (text also .gz). Received: {path}"
        )
    return found


def check_content(path: Path, head: bytes) -> None:
    """Refuses content that is not text.

    Args:
        path: The file.
        head: Its first bytes, unpacked where it is gzip.

    Raises:
        ValueError: The content is of another format.
    """
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            raise ValueError(
                f"Expected text, plain or gzip; Parquet needs the ending .parquet. Received: {path}, which is {name}"
            )
