"""The files of `predict`: texts to classify, and their labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.runs.rows import card_fields, label_columns
from pipelines.runs.rows.card_fields import Fields
from pipelines.sources.faults import OnBad, collect_faults
from pipelines.sources.files import answer_files, dialect
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions

_OF_TABLE = {
    "files": card_fields.of(FileOptions),
    "dialect": (card_fields.of(Dialect, "format"), None),
    "encoding": str,
}
_FORM = Fields({"table": Fields({"text": str}, _OF_TABLE)}, {"on_bad": (OnBad, None)})


def table_of(card: Mapping[str, Any]) -> dict[str, Any]:
    """What a card says of files of texts.

    Args:
        card: Of the run or the export.

    Raises:
        ValueError: A field has another form; names it.

    Example:
        `table_of(predictor.card)["text"]`
    """
    card_fields.check(card, _FORM)
    return card["table"]


def read_requests(path: Path, table: dict[str, Any], on_bad: OnBad | None = None) -> list[str]:
    """Reads texts to classify.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file with the column that texts had in training, or a file with any other
            ending and a text in each line; texts plain or gzip.
        table: `text`, the column; `files`, the options of files; `dialect`, that of the training data, which decides
            where two readings fit.
        on_bad: What to do about malformed rows and rows without a text; by default the first is an error.

    Returns:
        The texts.

    Example:
        `read_requests(Path("reviews.csv"), card["table"])`
    """
    # An export made before these options read .tsv as text.
    files = table.get("files", {"quotes": "by_ending", "encoding": table.get("encoding", "")})
    known = dialect.from_dict(table.get("dialect"))
    with collect_faults(on_bad) as faults:
        return answer_files.read_texts(path, table["text"], FileOptions(**files), known, faults)


def write_answers(path: Path, rows: Sequence[str], outputs: Sequence[dict[str, Any]], table: dict[str, Any]) -> None:
    """Writes labels, with the probability of each label.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file, which gets the columns of the texts' file and then `label`,
            `probability`, `p(LABEL)` of each label and `unknown`, the share of tokens that the vocabulary lacks, where
            the model tells it; with any other ending it gets a label in each line. Texts are gzip if it ends in .gz.
        rows: The texts.
        outputs: The outputs of the endpoint for each text.
        table: As of `read_requests`.

    Example:
        `write_answers(Path("labels.csv"), ["A fine film."], [answer], card["table"])`
    """
    answer_files.write_answers(path, rows, label_columns.of(outputs), table["text"])
