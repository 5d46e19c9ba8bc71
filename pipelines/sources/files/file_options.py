"""Options that say how files of rows are written, where they do not say it themselves."""

from dataclasses import dataclass, fields
from typing import Literal

from tfmodels.checked_options import OptionError

Quotes = Literal["", "enclose", "text", "by_ending"]
_SPELT = {"tab": "\t", "\\t": "\t", "space": " "}


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """How files of rows are written.

    Attributes:
        delimiter: Character between the cells of a .csv or .tsv file; `tab` and `space` may be spelt out. Empty = found
            from the header and the first rows.
        quotes: What `"` means in a .csv or .tsv file: `enclose` (it encloses cells and is doubled within them), `text`
            (it is text), or `by_ending` (text in .tsv, enclosing in .csv). Empty = found.
        encoding: Encoding of the files, such as `latin-1`; a byte order mark takes precedence. Empty = UTF-8.
    """

    delimiter: str = ""
    quotes: Quotes = ""
    encoding: str = ""


def check(options: FileOptions) -> None:
    """Refuses values that no file can have.

    Args:
        options: The options, or the config of a task that inherits them.

    Raises:
        OptionError: The delimiter is not one character, or the encoding is not known.

    Example:
        `check(FileOptions(delimiter=";"))`
    """
    mark = delimiter(options)
    if mark and (len(mark) > 1 or mark in '"\r\n\ufeff'):
        raise OptionError("delimiter", "to be one character, tab or space", options.delimiter)
    if not options.encoding:
        return
    try:
        "".encode(options.encoding)
    except (LookupError, ValueError):
        raise OptionError("encoding", "to be the name of an encoding, such as latin-1", options.encoding) from None


def of(config: FileOptions) -> FileOptions:
    """The options of files alone, of a task's config that inherits them.

    Example:
        `of(classification.Config(quotes="text")).quotes` -> `"text"`
    """
    return FileOptions(**{one.name: getattr(config, one.name) for one in fields(FileOptions)})


def delimiter(options: FileOptions) -> str:
    """The character that the option `delimiter` stands for.

    Example:
        `delimiter(FileOptions(delimiter="tab"))` -> `"\\t"`
    """
    return _SPELT.get(options.delimiter, options.delimiter)
