"""The answers to a chunk of rows; rows that cannot be answered are set apart."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pipelines.runs.bulk.row_chunks import Content
from pipelines.sources.files import row_files
from pipelines.sources.files.row_files import Row
from tfmodels import whole_files

_MARK = "\ufeff"  # tells that a file is UTF-8, whatever encoding the card of a model names
_MOST_BAD = 1_000  # rows of a chunk: with more of them something is wrong with all


class Model(Protocol):
    """What answers: reads rows from a file, answers them and writes the answers to another."""

    def read(self, path: Path) -> Sequence[Any]:
        """The rows of a file."""
        ...

    def predict(self, rows: Sequence[Any], count: Callable[[int], None]) -> list[dict[str, Any]]:
        """Their answers; calls `count` with the number of rows of each batch."""
        ...

    def write(self, path: Path, rows: Sequence[Any], outputs: list[dict[str, Any]]) -> None:
        """Writes the answers beside the rows."""
        ...


@dataclass(frozen=True)
class Bad:
    """A row that was not answered.

    Attributes:
        error: Why, in a sentence; of a row that cannot be read it names file and line.
        file: The file.
        line: The line where it starts, in Parquet its number; None of a row that cannot be read.
        row: Its cells by name; None of a row that cannot be read.
    """

    error: str
    file: str
    line: int | None = None
    row: dict[str, Any] | None = None


class Answered(NamedTuple):
    """A chunk that is answered.

    Attributes:
        rows: What the model read of the rows that it could answer.
        outputs: Their answers.
        bad: The rows that could not be read or answered.
    """

    rows: Sequence[Any]
    outputs: list[dict[str, Any]]
    bad: list[Bad]


def answer(model: Model, file: Path, content: Content, count: Callable[[int], None] = lambda rows: None) -> Answered:
    """Answers a chunk.

    Args:
        model: What answers.
        file: The file that the rows are from, for messages.
        content: The chunk.
        count: Called after each batch with the number of its rows.

    Returns:
        See `Answered`.

    Raises:
        ValueError: There are more than 1,000 rows that cannot be answered.

    Example:
        `answer(asked, Path("rows.jsonl"), content).outputs`
    """
    bad = [Bad(sentence, str(file)) for sentence in content.malformed]
    with tempfile.TemporaryDirectory(prefix="tfmodels-") as folder:
        place = Path(folder) / {"parquet": "rows.parquet", "lines": "rows.txt"}.get(content.format, "rows.jsonl")
        chunk = _Chunk(model, file, content, place, count, bad)
        rows, outputs = chunk.answered(content.rows)
        return Answered(model.read(chunk.written(rows)) if rows else [], outputs, bad)


def write_bad(path: Path, bad: Sequence[Bad]) -> None:
    """Writes rows that were not answered, as JSON lines.

    Example:
        `write_bad(Path("bad.jsonl"), bad)`
    """
    lines = (json.dumps(asdict(one), ensure_ascii=False, default=str) + "\n" for one in bad)
    whole_files.write(path, "".join(lines))


class _Chunk:
    """A chunk that is being answered."""

    def __init__(
        self, model: Model, file: Path, content: Content, place: Path, count: Callable[[int], None], bad: list[Bad]
    ) -> None:
        self._model, self._file, self._content, self._place = model, file, content, place
        self._count, self._bad = count, bad

    def answered(self, rows: list[Row]) -> tuple[list[Row], list[dict[str, Any]]]:
        """The rows that can be answered and their answers; where one cannot, it is looked for by halves."""
        if not rows:
            return [], []
        try:
            return rows, self._model.predict(self._model.read(self.written(rows)), self._count)
        except ValueError as error:
            if len(rows) == 1:
                self._set_apart(rows[0], str(error))
                return [], []
        halves = [self.answered(rows[: len(rows) // 2]), self.answered(rows[len(rows) // 2 :])]
        return [row for some, _ in halves for row in some], [output for _, some in halves for output in some]

    def written(self, rows: list[Row]) -> Path:
        """The file of some rows, as the model reads them."""
        names, cells = self._content.names, [cells for _, cells in rows]
        if self._place.suffix == ".parquet":
            row_files.write(self._place, names, cells)
            return self._place
        lines = [row[0] for row in cells] if self._place.suffix == ".txt" else [_object(names, row) for row in cells]
        self._place.write_text(_MARK + "".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")
        return self._place

    def _set_apart(self, row: Row, error: str) -> None:
        line, cells = row
        for place in (f", {self._place}, line 1", f", {self._place}, row 1", f", {self._place}"):
            error = error.replace(place, "")
        named = dict(zip(self._content.names, cells, strict=True))
        self._bad.append(Bad(error.replace(str(self._place), str(self._file)), str(self._file), line, named))
        if len(self._bad) > _MOST_BAD:
            raise ValueError(
                f"Expected at most {_MOST_BAD:,} rows of a chunk that cannot be answered. Received: more in "
                f"{self._file}; the first: {self._bad[0].error}"
            )


def _object(names: Sequence[str], cells: Sequence[Any]) -> str:
    return json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False)
