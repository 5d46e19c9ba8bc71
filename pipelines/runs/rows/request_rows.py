"""Files of rows for any endpoint, by its signature alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.runs.rows import input_texts, label_columns
from pipelines.sources.files import answer_files, file_formats, row_files
from pipelines.sources.files.answer_files import TextRows

if TYPE_CHECKING:
    from pipelines.runs.rows.python_rows import Row
    from tfmodels.export.graph.field import Field

_OF_CELLS = ("csv", "tsv")  # formats whose cells have one value
_PLAIN = ("text", "label")  # outputs that a file of lines may hold
_LIST = 2  # axes of an output with a list for each row


def text_input(inputs: "Mapping[str, Field]") -> str | None:
    """Finds the input for rows that are plain texts: the first one of type string.

    Args:
        inputs: Input name -> field.

    Returns:
        Its name; None if no input takes text.
    """
    return next((name for name, field in inputs.items() if field.dtype == "string"), None)


def read_rows(file: Path, inputs: "Mapping[str, Field]") -> list[dict[str, Any]]:
    """Reads rows.

    Args:
        file: A .csv, .tsv, .jsonl or .parquet file with a column for each input; in a .jsonl file a line may also be a
            text alone. In any other file a line is a text.
        inputs: Input name -> field.

    Returns:
        The rows, each name of a column -> value, those that are no inputs too.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is empty, a row is malformed, or an input has no column.

    Example:
        `read_rows(Path("rows.jsonl"), client.endpoints()["serving_default"].inputs)`
    """
    rows = row_files.read(file)
    names = rows.names
    if len(names) == len(inputs) == 1 and rows.dialect.format in ("csv", "tsv", "lines"):  # which needs no name
        names = list(inputs)
    if names and (missing := [name for name in inputs if name not in names]):
        raise ValueError(
            f"Expected a row with the inputs {list(inputs)}, as columns of a .jsonl, .csv, .tsv or .parquet file. "
            f"Received: {file} with {names}, without {missing}"
        )
    for name in names and inputs:
        rows.column(name) if name in rows.names else None  # refuses a name that is there twice
    are_texts = rows.dialect.format in ("csv", "tsv", "lines")
    if are_texts and not all(one.dtype == "string" or input_texts.is_scalar(one) for one in inputs.values()):
        raise ValueError(f"Expected a .jsonl or .parquet file for inputs with several values each. Received: {file}")
    found = []
    for line, cells in rows.rows:
        row = dict(zip(names, cells, strict=True))
        if missing := [name for name in inputs if row[name] is None]:
            raise ValueError(f"Expected a value of each input. Received: none of {missing}, {rows.place(line)}")
        found.append(row | _parsed(row, inputs) if are_texts else row)
    return answer_files.filled(rows, found)


def check_file(file: Path, outputs: "Mapping[str, Field]") -> None:
    """Refuses a file that cannot hold outputs, before they are computed.

    Args:
        file: The file for `write_rows`.
        outputs: Output name -> field.

    Raises:
        ValueError: It has cells of one value, and an output has several.

    Example:
        `check_file(Path("answers.csv"), client.endpoints()["serving_default"].outputs)`
    """
    several = {name for name, field in outputs.items() if field.shape is None or None in field.shape[1:]}
    several |= {name for name, field in outputs.items() if field.shape and len(field.shape) > _LIST}
    if file_formats.of(file) in _OF_CELLS and several - label_columns.SEVERAL:
        raise ValueError(
            f"Expected .jsonl or .parquet for outputs with several values each. Received: {file} for {sorted(several)}"
        )


def write_rows(
    file: Path, rows: "Sequence[Row]", inputs: "Mapping[str, Field]", outputs: Sequence[dict[str, Any]]
) -> None:
    """Writes outputs beside the rows that they answer.

    Args:
        file: A .csv, .tsv, .jsonl or .parquet file, which `read_rows` reads again; with any other ending it gets the
            output `text` or `label` in each line. In .csv and .tsv the probabilities of labels have a column each.
        rows: The rows; a text is the value of the first input that takes one.
        inputs: Input name -> field.
        outputs: The outputs of each row.

    Raises:
        ValueError: The format cannot hold them.

    Example:
        `write_rows(Path("answers.jsonl"), ["A dog."], inputs, predictor.predict(["A dog."]))`
    """
    kind = file_formats.of(file)
    if kind == "lines":
        plain = next((name for name in _PLAIN if all(isinstance(one.get(name), str) for one in outputs)), None)
        if plain is None:
            raise ValueError(f"Expected the ending .jsonl or .parquet for these outputs. Received: {file}")
        outputs = [{plain: output[plain]} for output in outputs]
    answers = _columns(outputs, kind in _OF_CELLS)
    if isinstance(rows, TextRows):
        answer_files.write_answers(file, rows, answers)
        return
    column = text_input(inputs) or "text"
    named = [row if isinstance(row, Mapping) else {column: row} for row in rows]
    names = list(dict.fromkeys(name for row in named for name in row))
    cells = [[row.get(name) for name in names] for row in named]
    answer_files.write_beside(file, names, cells, list(inputs), answers)


def cells_of(rows: TextRows, inputs: "Mapping[str, Field]") -> list[dict[str, Any]]:
    """The further columns of texts that are inputs.

    Args:
        rows: The texts.
        inputs: Input name -> field.

    Returns:
        For each text, input name -> value.

    Raises:
        ValueError: A cell is of another type.

    Example:
        `cells_of(answer_files.read_texts(Path("texts.csv"), "text"), {"seed": seed})[0]["seed"]`
    """
    places = {name: rows.names.index(name) for name in inputs if name in rows.names and name != rows.column}
    fields = {name: inputs[name] for name in places}
    return [_parsed({name: cells[place] for name, place in places.items()}, fields) for cells in rows.cells]


def _parsed(row: Mapping[str, Any], inputs: "Mapping[str, Field]") -> dict[str, Any]:
    """The values of inputs, where a cell holds them as text."""
    return {
        name: input_texts.parsed(field, row[name]) if isinstance(row[name], str) else row[name]
        for name, field in inputs.items()
    }


def _columns(outputs: Sequence[dict[str, Any]], of_cells: bool) -> dict[str, list[Any]]:
    """The columns of answers; where cells have one value each, one for each of a list of values: `text_1`, `text_2`."""
    if of_cells and label_columns.are_in(outputs):
        return label_columns.of(outputs)
    columns = {name: [output[name] for output in outputs] for name in outputs[0]} if outputs else {}
    split = {}
    for name, values in columns.items():
        sizes = {len(value) if isinstance(value, list) else 0 for value in values}
        if not of_cells or sizes == {0} or len(sizes) > 1:
            split[name] = values
        else:
            split |= {f"{name}_{place + 1}": [value[place] for value in values] for place in range(sizes.pop())}
    return split
