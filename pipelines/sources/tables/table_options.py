"""Options that say how the cells of a table are read, where they do not say it themselves."""

from dataclasses import dataclass
from typing import Literal

from pipelines.sources.files import file_options
from pipelines.sources.files.file_options import FileOptions
from tfmodels import option_lists
from tfmodels.checked_options import OptionError


@dataclass(frozen=True)
class TableOptions(FileOptions):
    """How the cells of a table are read.

    Attributes:
        decimal: Decimal mark of the numbers. Empty = found from all of them.
        thousands: Mark between groups of three digits; `space` is any kind of blank, `none` that there is no such mark.
            Empty = found from all numbers.
        missing: Cells that mean a missing value, with commas between them, such as `?,-200`; one that is a number means
            all ways to write it. Empty cells and, among numbers, NA, N/A, NaN, null and None need not be named.
        categories: Covariates that are words whatever they hold, with commas between them: each distinct cell becomes
            an indicator. Empty = those that hold no numbers, or whole numbers with leading zeros.
    """

    decimal: Literal["", ".", ","] = ""
    thousands: Literal["", ",", ".", "space", "'", "none"] = ""
    missing: str = ""
    categories: str = ""


def check(options: TableOptions) -> None:
    """Refuses values that no table can have.

    Args:
        options: The options, or those of a task that inherits them.

    Raises:
        OptionError: A value is wrong.

    Example:
        `check(TableOptions(decimal=","))`
    """
    file_options.check(options)
    if options.decimal and options.decimal == options.thousands:
        raise OptionError("thousands", f"to be another mark than decimal, {options.decimal}", options.thousands)
    for name in ("missing", "categories"):
        check_list(options, name)


def check_list(options: TableOptions, name: str) -> None:
    """Refuses a list with a quote that is not closed.

    Raises:
        OptionError: The option has one.
    """
    try:
        option_lists.split(getattr(options, name))
    except ValueError:
        expected = (
            "to be values with commas between them, with quotes around those with commas: '\"Sales, units\",price'"
        )
        raise OptionError(name, expected, getattr(options, name)) from None
