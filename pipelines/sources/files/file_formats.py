"""The format of a file, by the ending of its name."""

from pathlib import Path
from typing import Literal

from tfmodels.suggestions import did_you_mean

Format = Literal["csv", "tsv", "jsonl", "parquet", "lines"]
TABLES = (".csv", ".tsv", ".jsonl", ".parquet")  # endings of formats with named columns, as messages list them
_FORMATS: dict[str, Format] = {
    ".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
# Endings that no text has, by what they stand for and what to do; the rest may be lines of text, such as train.en.
_OTHERS = {
    "a spreadsheet; save it as CSV": (".xlsx", ".xlsm", ".xls", ".ods"),
    "an archive or packed; unpack it, or use gzip": (".zip", ".zst", ".bz2", ".xz", ".7z", ".tar", ".tgz"),
    "a table of another format; save it as Parquet or CSV": (".feather", ".arrow", ".orc"),
    "arrays; save them as Parquet or CSV": (".h5", ".npy", ".npz", ".pkl"),
    "a document; save its text or table as .txt or .csv": (".pdf", ".docx"),
    "a database; save a table of it as CSV": (".sqlite", ".db"),
}
_MAGIC = {
    b"PK\x03\x04": "a zip archive or a spreadsheet (unpack it, or save it as CSV)", b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\xd0\xcf\x11\xe0": "an old spreadsheet (save it as CSV)",
    b"\x04\x22\x4d\x18": "lz4", b"PAR1": "Parquet", b"%PDF": "PDF", b"SQLite format 3": "a database",
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
    what = next((what for what, endings in _OTHERS.items() if ending in endings), "")
    if found == "parquet" and path.name.lower().endswith(".gz"):
        what = "Parquet in gzip; unpack it"
    if what:
        raise ValueError(
            f"Expected {', '.join(TABLES)}, or lines of text with any other ending (text also .gz). "
            f"Received: {path}, by its name {what}"
        )
    return found


def missing(path: Path) -> str:
    """What is wrong with a path that is no file, or no folder either, for the end of a message.

    Args:
        path: The path.

    Returns:
        The path and what it is in place of a file, with the most similar name beside it.

    Example:
        `missing(Path("laod.csv"))` -> `"'laod.csv'; there is no such file (did you mean load.csv?)"`
    """
    if path.is_dir():
        return f"{str(path)!r}, a folder"
    if path.exists():
        return f"{str(path)!r}, which is no file"
    beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    return f"{str(path)!r}; there is no such file{did_you_mean(path.name, beside)}"


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
