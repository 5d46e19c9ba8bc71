"""Files of texts to answer, and of answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def requests(path: Path, card: Mapping[str, Any]) -> list[str]:
    """Reads texts to answer. As in training data, only a newline ends a line.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file with the column `text`, or a file with any other ending and a text
            in each line; texts plain or gzip.
        card: Of the run or the export.

    Returns:
        The texts.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It has no texts, or a row without one.

    Example:
        `requests(Path("texts.en"), predictor.card)`
    """
    from pipelines.sources.files import answer_files

    return answer_files.read_texts(path, card["columns"][0])


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
