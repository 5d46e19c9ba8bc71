"""The answers that a report scores, a row each: what `evaluate --output` writes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.sources.files import file_formats, row_files


@dataclass(frozen=True)
class Answers:
    """Answers, references and scores.

    Attributes:
        names: The names of the columns.
        rows: Makes the cells of each row, when they are wanted. What is right is 1, else 0.

    Example:
        `Answers(["text", "answer", "right"], lambda: zip(texts, answers, right))`
    """

    names: Sequence[str]
    rows: Callable[[], Iterable[Sequence[Any]]]


def check_file(file: str) -> None:
    """Refuses a file that can hold no table, before anything is computed.

    Args:
        file: The file.

    Raises:
        FileNotFoundError: Its folder is missing.
        ValueError: Its ending is that of no table.

    Example:
        `check_file("answers.csv")`
    """
    path = Path(file)
    if file_formats.of(path) == "lines":
        raise ValueError(
            f"Expected --output FILE with one of the endings {', '.join(file_formats.TABLES)}, for a row each with "
            f"answer, reference and scores. Received: --output {file}"
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(f"Expected a folder for the output. Received: --output {file}")


def write(answers: Answers | None, file: str, task: str) -> int:
    """Writes a file.

    Args:
        answers: Of a report.
        file: The file.
        task: Of the report, for the message.

    Returns:
        The number of rows.

    Raises:
        ValueError: The report has no answers.

    Example:
        `write(report.answers, "answers.csv", "translation")`
    """
    if answers is None:
        raise ValueError(
            f"Expected a task whose report has `answers`, for --output. Received: {task}, whose report has none"
        )
    count = 0

    def counted() -> Iterable[Sequence[Any]]:
        nonlocal count
        for row in answers.rows():
            count += 1
            yield list(row)

    row_files.write(file, list(answers.names), counted())
    return count
