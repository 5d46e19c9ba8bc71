"""Files of texts to answer, and of answers: one text a line."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def requests(path: Path, card: Mapping[str, Any]) -> list[str]:
    """Reads texts to answer. As in training data, only a newline ends a line.

    Args:
        path: The file.
        card: Of the run or the export.

    Returns:
        The texts.

    Raises:
        FileNotFoundError: There is no such file.

    Example:
        `requests(Path("texts.en"), predictor.card)`
    """
    from pipelines.sources.files import text_lines

    return list(text_lines.read(path))


def answers(path: Path, rows: Sequence[str], outputs: Sequence[Mapping[str, Any]], card: Mapping[str, Any]) -> None:
    """Writes answers. A newline within an answer becomes a space.

    Args:
        path: The file.
        rows: What was asked.
        outputs: Of the endpoint, with `text`.
        card: Of the run or the export.

    Example:
        `answers(Path("texts.de"), texts, predictor.predict(texts), predictor.card)`
    """
    lines = (output["text"].replace("\n", " ") for output in outputs)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
