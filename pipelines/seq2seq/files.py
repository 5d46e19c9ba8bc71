"""Files of texts to answer, and of answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def requests(path: Path, card: Mapping[str, Any]) -> list[str]:
    """Reads texts to answer. As in training data, only a newline ends a line.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file with a column that the card names, by default `text`, or a file with
            any other ending and a text in each line; texts plain or gzip.
        card: Of the run or the export; `on_bad` in it says what to do about rows without a text.

    Returns:
        The texts.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It has no texts, or a row without one.

    Example:
        `requests(Path("texts.en"), predictor.card)`
    """
    from pipelines.runs.rows import card_fields
    from pipelines.runs.rows.card_fields import Fields
    from pipelines.sources.faults import OnBad, collect_faults
    from pipelines.sources.files import answer_files
    from pipelines.sources.files.file_options import FileOptions

    files = Fields({"columns": list[str], "files": card_fields.of(FileOptions)})
    card_fields.check(card, Fields({"columns": list[str]}, {"table": files, "on_bad": (OnBad, None)}))
    table = card.get("table", {"columns": card["columns"], "files": {}})
    with collect_faults(card.get("on_bad")) as faults:
        return answer_files.read_texts(
            path, table["columns"] or card["columns"], FileOptions(**table["files"]), faults=faults
        )


def answers(path: Path, rows: Sequence[str], outputs: Sequence[Mapping[str, Any]], card: Mapping[str, Any]) -> None:
    """Writes answers.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file, which gets the columns of the texts' file and `answer_text`,
            `score` and `length`; with any other ending it gets an answer in each line, in which a newline becomes a
            space. Texts are gzip if it ends in .gz.
        rows: What was asked.
        outputs: Of the endpoint, with `text`.
        card: Of the run or the export.

    Example:
        `answers(Path("texts.de"), texts, predictor.predict(texts), predictor.card)`
    """
    from pipelines.sources.files import answer_files

    names = {"text": f"{answer_files.ANSWER}text", "score": "score", "length": "length"}
    columns = {new: [output[name] for output in outputs] for name, new in names.items() if name in outputs[0]}
    answer_files.write_answers(path, rows, columns, card["columns"][0])
