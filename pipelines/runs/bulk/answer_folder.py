"""A folder of answers: a file for each chunk, and what was asked, so that the same command goes on where it ended."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.runs.bulk import chunk_answers
from pipelines.runs.bulk.chunk_answers import Bad
from pipelines.runs.bulk.row_chunks import Chunk
from tfmodels import whole_files

_ASKED = "asked.json"
_REMEDY = "Answer into another folder, or delete this one."


class AnswerFolder:
    """A folder of answers.

    Args:
        path: The folder; it is made if it is not there.
        chunks: The number of chunks.
        ending: Of the files of answers, such as `.jsonl`.
        asked: What decides the answers: the model, the files, the size of a chunk, in types of JSON.

    Raises:
        ValueError: The folder has answers to something else.

    Example:
        `AnswerFolder(Path("answers"), 100, ".jsonl", {"model": "3f0c9a1b", "chunk_rows": 10_000})`
    """

    def __init__(self, path: Path, chunks: int, ending: str, asked: Mapping[str, Any]) -> None:
        self._path, self._chunks, self._ending = path, chunks, ending
        path.mkdir(parents=True, exist_ok=True)
        if (path / _ASKED).exists():
            self._compare({**asked, "ending": ending})
        elif there := next((one.name for one in path.iterdir() if not one.name.startswith(".")), ""):
            raise ValueError(f"Expected an empty folder, or one with answers. Received: {path} with {there}")
        else:
            whole_files.write(path / _ASKED, json.dumps({**asked, "ending": ending}, indent=1, ensure_ascii=False))

    def answers(self, chunk: Chunk) -> Path:
        """The file of the answers to a chunk."""
        return self._path / f"answers-{chunk.number:05}-of-{self._chunks:05}{self._ending}"

    def is_done(self, chunk: Chunk) -> bool:
        """Whether a chunk is answered, or all of its rows are known to be bad."""
        return self.answers(chunk).exists() or (not chunk.size and self._bad(chunk).exists()) or self._all_bad(chunk)

    def set_apart(self, chunk: Chunk, bad: list[Bad]) -> None:
        """Keeps the bad rows of a chunk; called before its answers are written."""
        if bad:
            chunk_answers.write_bad(self._bad(chunk), bad)

    def bad_rows(self, chunk: Chunk) -> Iterator[str]:
        """The bad rows of a chunk, a line of JSON each."""
        if self._bad(chunk).exists():  # only a newline ends a line: texts may hold other line ends
            yield from filter(None, self._bad(chunk).read_text(encoding="utf-8").split("\n"))

    def _bad(self, chunk: Chunk) -> Path:
        return self._path / f"bad-{chunk.number:05}-of-{self._chunks:05}.jsonl"

    def _all_bad(self, chunk: Chunk) -> bool:
        return sum(1 for line in self.bad_rows(chunk) if json.loads(line)["row"] is not None) == chunk.size > 0

    def _compare(self, asked: Mapping[str, Any]) -> None:
        kept = whole_files.read_json(self._path / _ASKED, _REMEDY)
        kept = kept if isinstance(kept, dict) else {}
        for name, value in asked.items():
            if kept.get(name) != value:
                raise ValueError(
                    f"Expected the folder of the same answers, with {name} {str(kept.get(name))[:200]}. Received: "
                    f"{name} {str(value)[:200]} for {self._path}. {_REMEDY}"
                )
