"""The options of `tfmodels predict` that cut files into chunks of rows."""

import argparse
import glob
import re
from pathlib import Path
from typing import NamedTuple

from pipelines.cli import subcommands
from pipelines.runs.bulk.row_chunks import Chunk
from pipelines.sources.files import file_formats
from pipelines.sources.files.standard_streams import DASH

_PATTERN = re.compile(r"[*?\[]")


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the options to a parser.

    Example:
        `add(parser)`
    """
    parser.add_argument(
        "--shard", metavar="I/N",
        help="Answer the chunks I, I + N, I + 2 N ... of --input only, I from 0 on: N processes or machines with the "
        "same --output FOLDER/ answer all.",
    )  # fmt: skip
    parser.add_argument(
        "--bad", metavar="FILE",
        help="With --output FOLDER/: a .jsonl file for rows that cannot be read or answered. Default: the first one is "
        "an error.",
    )  # fmt: skip
    parser.add_argument(
        "--chunk_rows", metavar="N", type=int, default=10_000,
        help="With --output FOLDER/: rows of a chunk, which are in memory at once. Default: 10000.",
    )  # fmt: skip


class Shard(NamedTuple):
    """The chunks that a process answers: those whose number leaves `index` when it is divided by `count`."""

    index: int
    count: int

    def has(self, chunk: Chunk) -> bool:
        """Whether a chunk is one of them."""
        return chunk.number % self.count == self.index


def is_wanted(options: argparse.Namespace) -> bool:
    """Whether the answers go into a folder.

    Example:
        `is_wanted(Namespace(output="answers/", shard=None, bad=None))` -> `True`
    """
    output = options.output or ""
    return bool(options.shard or options.bad) or output.endswith("/") or (bool(output) and Path(output).is_dir())


def check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses what cannot be, before a model is opened.

    Args:
        parser: The parser, for messages.
        options: What was typed.

    Example:
        `check(parser, command.options)`
    """
    if options.input in (None, DASH) or options.output in (None, DASH):
        parser.error("Expected --input FILE and --output FOLDER/ with --shard and --bad, which are for chunks of rows")
    if Path(options.output).is_file():
        parser.error(f"Expected --output FOLDER/ with --shard or --bad. Received: --output {options.output}, a file")
    if options.chunk_rows < 1:
        parser.error(f"Expected --chunk_rows of at least 1. Received: --chunk_rows {options.chunk_rows}")
    shard(options.shard)
    subcommands.check_output(options.bad, files(options.input), "bad")


def shard(text: str | None) -> Shard:
    """Reads `I/N`.

    Args:
        text: What was typed; None for all chunks.

    Raises:
        ValueError: It is none.

    Example:
        `shard("3/100")` -> `Shard(3, 100)`
    """
    if text is None:
        return Shard(0, 1)
    found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
    if not found or int(found[1]) >= int(found[2]):
        raise ValueError(f"Expected --shard I/N, I from 0 to N - 1, such as 3/100. Received: --shard {text}")
    return Shard(int(found[1]), int(found[2]))


def files(pattern: str) -> list[Path]:
    """Finds the files of `--input`: one, or those that a pattern such as `rows-*.jsonl` names.

    Args:
        pattern: What was typed.

    Returns:
        The files, by name.

    Raises:
        FileNotFoundError: There is none.
        ValueError: They are of several formats.

    Example:
        `files("rows-*.jsonl")`
    """
    if Path(pattern).is_file() or not _PATTERN.search(pattern):
        found = [Path(pattern)]
    else:
        found = [Path(name) for name in sorted(glob.glob(pattern, recursive=True)) if Path(name).is_file()]
    if not found or not found[0].is_file():
        raise FileNotFoundError(f"Expected a file, or a pattern that names some. Received: --input {pattern}")
    kinds = {file_formats.of(file) for file in found}
    if len(kinds) > 1:
        raise ValueError(f"Expected files of one format. Received: {', '.join(sorted(kinds))} in --input {pattern}")
    return found
