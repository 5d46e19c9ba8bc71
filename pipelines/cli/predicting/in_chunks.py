"""`tfmodels predict --output FOLDER/`: files of any length in chunks, each answered once, perhaps by many processes."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipelines import runs
from pipelines.cli.predicting import chunk_options
from pipelines.cli.predicting.predict_options import Command
from pipelines.progress.progress_bars import progress_bar
from pipelines.runs.bulk import chunk_answers, row_chunks
from pipelines.runs.bulk.answer_folder import AnswerFolder
from pipelines.runs.bulk.row_chunks import Chunk, Content
from pipelines.runs.rows.asked import Asked
from pipelines.runs.run_folders import Run
from pipelines.sources import fingerprints
from pipelines.sources.files import file_formats
from tfmodels import whole_files
from tfmodels.export import digests
from tfmodels.export.versions import version_folder

_ENDINGS = {"csv": ".csv", "tsv": ".tsv", "jsonl": ".jsonl", "parquet": ".parquet", "lines": ".txt"}


def predict(command: Command, asked: Asked) -> None:
    """Answers the chunks of this process that are not answered yet, and says how many there are.

    Args:
        command: What was typed.
        asked: The model.

    Raises:
        ValueError: The model reads tables of histories, a file cannot be read, a row is bad and there is no `--bad`, or
            the folder has other answers.

    Example:
        `predict(predict_options.parse(predict, ["saved_models/mine", "--input", "a.jsonl", "--output", "b/"]), asked)`
    """
    options, found = command.options, chunk_options.files(command.options.input)
    table = _table(command, asked)
    with progress_bar("counting rows") as count:
        chunks = row_chunks.plan(found, options.chunk_rows, table, count)
    folder = AnswerFolder(
        Path(options.output), len(chunks), _ENDINGS[file_formats.of(found[0])], _asked(command, asked, found)
    )
    mine = [chunk for chunk in chunks if chunk_options.shard(options.shard).has(chunk)]
    left = [chunk for chunk in mine if not folder.is_done(chunk)]
    start = time.monotonic()
    with progress_bar("predicting", sum(chunk.size for chunk in left)) as count:
        rows = sum(
            _answer(asked, folder, chunk, content, bool(options.bad), count)
            for chunk, content in row_chunks.read(chunks, set(left).__contains__, options.chunk_rows, table)
        )
    rate = rows / max(time.monotonic() - start, 1e-9)
    there = f"; {len(mine) - len(left):,} of {len(mine):,} chunks were there" if len(left) < len(mine) else ""
    print(f"{rows:,} predictions in {options.output}, {rate:,.1f} per second{there}")
    if options.bad:
        lines = [line for chunk in mine for line in folder.bad_rows(chunk)]
        whole_files.write(Path(options.bad), "".join(f"{line}\n" for line in lines))
        print(f"{len(lines):,} rows that cannot be answered in {options.bad}")


def _answer(
    asked: Asked, folder: AnswerFolder, chunk: Chunk, content: Content, apart: bool, count: Callable[[int], None]
) -> int:
    """Answers a chunk and returns the number of its answers."""
    answered = chunk_answers.answer(asked, chunk.file, content, count)
    if answered.bad and not apart:
        first = answered.bad[0]
        place = "" if first.line is None else f"; {first.file}, row at line {first.line:,}"
        raise ValueError(
            f"{first.error.removesuffix('.')}{place}. --bad FILE sets such rows apart; answered chunks are kept"
        )
    folder.set_apart(chunk, answered.bad)
    if answered.outputs:
        asked.write(folder.answers(chunk), answered.rows, answered.outputs)
    return len(answered.outputs)


def _table(command: Command, asked: Asked) -> dict[str, Any]:
    """What the card says of files of rows; refuses a model whose rows are no requests."""
    table = asked.card.get("table") or {}
    if "horizon" in table:
        raise ValueError(
            f"Expected a model that answers each row by itself. Received: {command.model}, whose rows are the steps of "
            "histories; cut the table by series, and predict each part into a file"
        )
    return table


def _asked(command: Command, asked: Asked, found: Sequence[Path]) -> dict[str, Any]:
    """What decides the answers, for the folder to compare."""
    inputs = fingerprints.take(found, runs.ROOT / ".index")
    return {
        "model": _model(command),
        "endpoint": asked.endpoint,
        "inputs": {name: str(value) for name, value in asked.given.items()},
        "options": command.overrides,
        "files": [[Path(one.path).name, one.size, one.digest] for one in inputs],
        "chunk_rows": command.options.chunk_rows,
    }


def _model(command: Command) -> str:
    """What tells the model from others: digests of a run's weights, or of an export; of a server its address."""
    if command.options.url:
        return command.options.url
    path = runs.locate(command.model)
    return Run(path, "", None).weights_digest if path else digests.identity(version_folder(command.model))
