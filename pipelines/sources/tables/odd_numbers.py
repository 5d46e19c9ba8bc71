"""Texts that a human reader takes for numbers, and what to do about cells that should be numbers."""

import re

from pipelines.sources.tables.table_cells import BLANKS

# Numbers with a unit, a currency or a way to write them that is not read: "4 %", "$5", "3.2K", "(5)", "1_000".
_CURRENCY, _UNIT = "[$\u00a3\u20ac\u00a5\u20b9]", "[%\u2030KMBkmb]|\u00b0[CF]?|bn|mn"
_ODD = re.compile(
    rf"[-+\u2212]?{_CURRENCY}\s*[-+\u2212]?\d[\d.,'\s]*({_UNIT})?|[-+\u2212]?[\d.,'\s]*\d\s*({_CURRENCY}|{_UNIT})"
    r"|\([\d.,'\s]+\)|\d+(_\d+)+"
)
_MARKED = re.compile(r"[-+\u2212]?[.,]?\d[\d.,' \u00a0\u2009\u202f]*")


def is_odd_number(text: str) -> bool:
    """Whether a text is a number to a human reader, but not one that is read here.

    Example:
        `is_odd_number("4 %")` -> `True`
    """
    trimmed = text.strip(BLANKS)
    return bool(_ODD.fullmatch(trimmed)) or (trimmed.isdecimal() and not trimmed.isascii())


def remedy(text: str) -> str:
    """What to do about a cell that should be a number.

    Example:
        `remedy("?")` -> `"If it stands for a missing value: --missing='?'"`
    """
    if is_odd_number(text):
        return "Write numbers as digits, without units, percent signs, currencies and brackets"
    if _MARKED.fullmatch(text.strip(BLANKS)):
        return "Write all numbers with the same decimal and thousands marks"
    return f"If it stands for a missing value: --missing={_quoted(text.strip(BLANKS))}"


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[\w.-]+", text) else f"'{text}'"
