"""Which variables are numbers, words or occurrences, decided from all their values; words become variables."""

from typing import TYPE_CHECKING, NamedTuple

from pipelines.sources.faults import Faults
from pipelines.sources.measurements.distinct_texts import DistinctTexts
from pipelines.sources.measurements.measurement_form import Form
from pipelines.sources.measurements.measurement_rows import NONE, RowReader, Rows, is_number
from pipelines.sources.tables import odd_numbers
from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    import numpy as np

NUMBERS, WORDS, OCCURRENCES = "numbers", "words", "occurrences"
_FEW = 0.1  # largest share of words among numbers that are taken for faults


class Typed(NamedTuple):
    """Rows whose variables have a type.

    Attributes:
        rows: The rows with a value of the type of their variable.
        kinds: Name of each variable -> `numbers`, `words` or `occurrences`.
        notes: What is to be said.
    """

    rows: Rows
    kinds: dict[str, str]
    notes: list[str]


def typed(rows: Rows, reader: RowReader, form: Form, faults: Faults, known: dict[str, str] | None = None) -> Typed:
    """Gives each variable a type.

    A variable is of numbers if at most a tenth of its values are words, which are then faults; it is of words if at
    most a tenth are numbers, or the form names it; between them it is refused. One that never has a value occurs.

    Args:
        rows: The rows of all tables.
        reader: What read them.
        form: The missing values, and the variables of words.
        faults: Receives words among numbers, and infinite values.
        known: The types that training decided.

    Returns:
        The rows. Those without a value are left out where their variable has values elsewhere.

    Raises:
        ValueError: A variable is half numbers and half words, an option names one that is not there, or a fault is an
            error.

    Example:
        `typed(rows, reader, Form(), Faults("error")).kinds["HR"]` -> `"numbers"`
    """
    import numpy as np

    names = reader.variables.to_list()
    _require_names(names, form)
    rows, notes = _without_missing(rows, reader, form)
    is_text = (rows.text != NONE) & np.isnan(rows.value)
    numbers = np.bincount(rows.variable[~np.isnan(rows.value)], minlength=len(names))
    words = np.bincount(rows.variable[is_text], minlength=len(names))
    kinds = dict(zip(names, _kinds(numbers, words), strict=True))
    kinds |= dict.fromkeys(form.categories, WORDS) | {
        name: kind for name, kind in (known or {}).items() if name in kinds
    }
    if mixed := next((name for name, kind in kinds.items() if not kind), ""):
        row = int(np.argmax(is_text & (rows.variable == names.index(mixed))))
        raise ValueError(
            f"Expected values of {mixed!r} that are numbers, or words with --categories {mixed}. Received: "
            f"{words[names.index(mixed)]:,} words, such as {reader.texts.to_list()[rows.text[row]]!r} in "
            f"{reader.place(rows, row)}, among {numbers[names.index(mixed)]:,} numbers"
        )
    of_row = np.array(list(kinds.values()))[rows.variable] if names else np.zeros(0, str)
    wrong = (is_text & (of_row == NUMBERS)) | np.isinf(rows.value)
    if wrong.any():
        row = int(np.argmax(wrong))
        shown = reader.texts.to_list()[rows.text[row]] if rows.text[row] != NONE else f"{rows.value[row]:g}"
        received = (
            f"{shown!r} for {names[rows.variable[row]]!r}, {reader.place(rows, row)}. {odd_numbers.remedy(shown)}"
        )
        faults.found("finite numbers as values of variables of numbers", received, "the value is left out",
                     int(wrong.sum()))  # fmt: skip
    empty = np.isnan(rows.value) & (rows.text == NONE) & (of_row != OCCURRENCES)
    if empty.any():
        notes.append(f"{empty.sum():,} measurements without a value are left out")
    kept = ~(wrong | empty)
    worded = _with_texts(rows.chosen(kept), of_row[kept] == WORDS, reader)
    return Typed(worded, kinds, notes)


def events(rows: Rows, kinds: dict[str, str], reader: RowReader) -> tuple[Rows, DistinctTexts]:
    """The rows with a variable `VARIABLE=WORD` for each word, and without a value where they have no number.

    Args:
        rows: Rows of `Typed`.
        kinds: The types of their variables.
        reader: What read them.

    Returns:
        The rows, and the names of the variables.

    Example:
        `events(found.rows, found.kinds, reader)[1].to_list()` -> `["HR", "Rhythm", "Rhythm=sinus"]`
    """
    import numpy as np

    names, words = reader.variables.to_list(), reader.texts.to_list()
    variables = DistinctTexts(names)
    is_word = np.array([kinds[name] == WORDS for name in names], bool)[rows.variable]
    pairs = rows.variable[is_word].astype(np.int64) << 32 | rows.text[is_word]
    distinct, place = np.unique(pairs, return_inverse=True)
    joined = [f"{names[pair >> 32]}={words[pair & 0xFFFFFFFF]}" for pair in distinct.tolist()]
    variable = rows.variable.copy()
    variable[is_word] = variables.numbers(joined)[place]
    return rows._replace(variable=variable, value=np.where(is_word, np.nan, rows.value)), variables


def _kinds(numbers: "np.ndarray", words: "np.ndarray") -> list[str]:
    import numpy as np

    values = numbers + words
    share = np.divide(words, values, out=np.zeros(len(values)), where=values > 0)
    found = np.where(share <= _FEW, NUMBERS, np.where(share >= 1 - _FEW, WORDS, ""))
    return np.where(values == 0, OCCURRENCES, found).tolist()


def _without_missing(rows: Rows, reader: RowReader, form: Form) -> tuple[Rows, list[str]]:
    import numpy as np

    marks = [float(one) for one in form.missing if is_number(one)]
    if marks and not form.missing_variables:
        raise ValueError(
            "Expected --missing_variables, the variables for which a number means a missing value, since it may be a "
            f"good value of others. Received: missing={','.join(form.missing)!r}"
        )
    chosen = np.isin(rows.variable, reader.variables.known(form.missing_variables))
    missing = chosen & np.isin(rows.value, marks)
    if not missing.any():
        return rows, []
    number, count = np.unique(rows.variable[missing], return_counts=True)
    names = reader.variables.to_list()
    of_each = ", ".join(f"{names[one]} {many:,}" for one, many in zip(number, count, strict=True))
    return rows.chosen(~missing), [f"missing by --missing: {of_each}"]


def _with_texts(rows: Rows, is_word: "np.ndarray", reader: RowReader) -> Rows:
    """The rows with texts for words that came as numbers."""
    bare = is_word & (rows.text == NONE)
    text = rows.text.copy()
    text[bare] = reader.texts.numbers(digits(rows.value[bare]))
    return rows._replace(text=text)


def digits(values: "np.ndarray") -> list[str]:
    """Numbers as words: those of whole ones are their digits.

    Example:
        `digits(np.array([2.0, 0.5]))` -> `["2", "0.5"]`
    """
    return [f"{value:.15g}" for value in values.tolist()]


def _require_names(names: list[str], form: Form) -> None:
    """Refuses options that name a variable that no row has."""
    for option in ("missing_variables", "static_variables", "categories", "note_variables"):
        for name in getattr(form, option):
            if name not in names:
                shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
                raise ValueError(
                    f"Expected a variable of the measurements: {shown}. "
                    f"Received: {option}={name!r}{did_you_mean(name, names)}"
                )
