"""The files of `predict`: texts to classify, and their labels."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipelines.sources.text import labelled_files


def read_requests(path: Path, table: dict[str, Any]) -> list[str]:
    """Reads texts to classify.

    Args:
        path: A .csv, .tsv or .jsonl file with the column that texts had in training, or a file with any other ending
            and a text in each line; plain or `.gz`.
        table: `text`, the column, and `encoding`.

    Returns:
        The texts.

    Example:
        `read_requests(Path("reviews.csv"), card["table"])`
    """
    return labelled_files.read_texts(path, table["text"], table["encoding"])


def write_answers(path: Path, rows: Sequence[str], outputs: Sequence[dict[str, Any]]) -> None:
    """Writes labels: a row for each text with the probability of each label in a .csv, .tsv or .jsonl file.

    Args:
        path: The file; with any other ending it gets a label in each line.
        rows: The texts.
        outputs: The outputs of the endpoint for each text.

    Example:
        `write_answers(Path("labels.csv"), ["A fine film."], [answer])`
    """
    table = [
        {
            "text": text,
            "label": output["label"],
            "probability": output["probability"],
            **{f"p({label})": value for label, value in zip(output["labels"], output["probabilities"], strict=True)},
        }
        for text, output in zip(rows, outputs, strict=True)
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            file.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in table)
        elif path.suffix in (".csv", ".tsv"):
            writer = csv.DictWriter(
                file, list(table[0]) if table else [], delimiter="\t" if path.suffix == ".tsv" else ","
            )
            writer.writeheader()
            writer.writerows(table)
        else:
            file.writelines(f"{row['label']}\n" for row in table)
