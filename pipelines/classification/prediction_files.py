"""The files of `predict`: texts to classify, and their labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipelines.sources.files import dialect, file_formats, row_files
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.text import labelled_files


def read_requests(path: Path, table: dict[str, Any]) -> list[str]:
    """Reads texts to classify.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file with the column that texts had in training, or a file with any other
            ending and a text in each line; texts plain or gzip.
        table: `text`, the column; `files`, the options of files; `dialect`, that of the training data, which decides
            where two readings fit.

    Returns:
        The texts.

    Example:
        `read_requests(Path("reviews.csv"), card["table"])`
    """
    if "files" not in table:  # an export made before these options, which read .tsv as text
        return labelled_files.read_texts(
            path, table["text"], FileOptions(quotes="by_ending", encoding=table["encoding"])
        )
    known = dialect.from_dict(table["dialect"]) if table["dialect"] else None
    return labelled_files.read_texts(path, table["text"], FileOptions(**table["files"]), known)


def write_answers(path: Path, rows: Sequence[str], outputs: Sequence[dict[str, Any]]) -> None:
    """Writes labels: a row for each text with the probability of each label in a .csv, .tsv, .jsonl or .parquet file.

    Args:
        path: The file; with any other ending it gets a label in each line. Texts are gzip if it ends in .gz.
        rows: The texts.
        outputs: The outputs of the endpoint for each text.

    Example:
        `write_answers(Path("labels.csv"), ["A fine film."], [answer])`
    """
    if file_formats.of(path) == "lines":
        row_files.write(path, ["label"], [[output["label"]] for output in outputs])
        return
    classes = outputs[0]["labels"] if outputs else []
    names = ["text", "label", "probability", *(f"p({label})" for label in classes)]
    table = (
        [text, output["label"], output["probability"], *output["probabilities"]]
        for text, output in zip(rows, outputs, strict=True)
    )
    row_files.write(path, names, table)
