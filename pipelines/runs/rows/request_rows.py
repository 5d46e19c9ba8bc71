"""Files of rows for any endpoint, by its signature alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.runs.rows import label_columns
from pipelines.sources.files import answer_files, file_formats, row_files

if TYPE_CHECKING:
    from pipelines.runs.rows.python_rows import Row
    from tfmodels.export.graph.field import Field

_OF_CELLS = ("csv", "tsv")  # formats whose cells have one value
_PLAIN = ("text", "label")  # outputs that a file of lines may hold


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
    if rows.dialect.format in ("csv", "tsv", "lines") and any(one.dtype != "string" for one in inputs.values()):
        raise ValueError(f"Expected a .jsonl or .parquet file for inputs that are no texts. Received: {file}")
    found = []
    for line, cells in rows.rows:
        row = dict(zip(names, cells, strict=True))
        if missing := [name for name in inputs if row[name] is None]:
            raise ValueError(f"Expected a value of each input. Received: none of {missing}, {rows.place(line)}")
        found.append(row)
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
    several = {name for name, field in outputs.items() if field.shape is None or len(field.shape) > 1}
    if file_formats.of(file) in _OF_CELLS and several - label_columns.SEVERAL:
        raise ValueError(
            "Expected .jsonl or .parquet for outputs with several values each. A server knows no tables: their columns "
            f"are written with the run or the export in place of --url. Received: {file} for {sorted(several)}"
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
    column = text_input(inputs) or "text"
    named = [row if isinstance(row, Mapping) else {column: row} for row in rows]
    names = list(dict.fromkeys(name for row in named for name in row))
    kind = file_formats.of(file)
    if kind == "lines":
        plain = next((name for name in _PLAIN if all(name in output for output in outputs)), None)
        if plain is None:
            raise ValueError(f"Expected the ending .jsonl or .parquet for these outputs. Received: {file}")
        outputs = [{plain: output[plain]} for output in outputs]
    if kind in _OF_CELLS and label_columns.are_in(outputs):
        answers = label_columns.of(outputs)
    else:
        answers = {name: [output[name] for output in outputs] for name in outputs[0]} if outputs else {}
    cells = [[row.get(name) for name in names] for row in named]
    answer_files.write_beside(file, names, cells, list(inputs), answers)
