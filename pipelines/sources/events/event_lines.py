"""Sequences ready made: a user and its items in each line, in order, with blanks between them."""

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipelines.sources.events.event_sequences import Events
from pipelines.sources.faults import Faults
from pipelines.sources.files import text_lines
from pipelines.sources.files.dialect import Dialect

if TYPE_CHECKING:
    import pyarrow as pa

_LINES = 4096  # that become columns at a time


def read(path: Path, how: Dialect, faults: Faults) -> Events:
    """Reads a file.

    Args:
        path: The file, plain or .gz.
        how: Its dialect: the encoding counts.
        faults: Receives lines without an item, and those of a user that another line had.

    Returns:
        The events, without times. Empty lines are left out.

    Raises:
        ValueError: The file is a table by its looks, has no sequence, or a fault is an error.

    Example:
        `read(Path("Beauty.txt.gz"), Dialect("lines"), Faults("error")).item`
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    lines, first, counts, parts = [], [], [], []
    numbered = enumerate(text_lines.read(path, how.encoding), start=1)
    while chunk := list(itertools.islice(numbered, _LINES)):
        there = [(number, text) for number, text in chunk if text.strip(" \t")]
        if not lines and there:
            _refuse_table(path, *there[0])
        trimmed = pc.ascii_trim(pa.array([text for _, text in there], pa.large_string()), " \t")
        words = pc.split_pattern_regex(trimmed, "[ \t]+")
        lengths = pc.list_value_length(words).to_numpy(zero_copy_only=False)
        flat = pc.list_flatten(words)
        is_user = np.zeros(len(flat), bool)
        is_user[np.cumsum(lengths) - lengths] = True
        lines += [number for number, _ in there]
        first.append(flat.filter(pa.array(is_user)))
        counts.append(lengths - 1)
        parts.append(flat.filter(pa.array(~is_user)).dictionary_encode())
    if not lines:
        raise ValueError(f"Expected sequences, a user and its items in each line. Received: {path} without any")
    users = pa.chunked_array(first).combine_chunks()
    length = np.concatenate(counts)
    kept = _checked(path, users, length, lines, faults)
    encoded = pa.chunked_array(parts).unify_dictionaries()
    codes = np.concatenate([chunk.indices.to_numpy(zero_copy_only=False) for chunk in encoded.chunks])
    owner = np.repeat(np.arange(len(length), dtype=np.int32), length)
    events = Events(owner, codes.astype(np.int32), None, users, encoded.chunk(0).dictionary)
    if not len(events.chosen(kept[owner])):
        raise ValueError(f"Expected a line of a user and its items. Received: none in {path}")
    return events.chosen(kept[owner])


def _checked(path: Path, users: "pa.Array", length: np.ndarray, lines: list[int], faults: Faults) -> np.ndarray:
    """Which lines are kept."""
    _, place = np.unique(users.dictionary_encode().indices.to_numpy(zero_copy_only=False), return_index=True)
    again = np.ones(len(length), bool)
    again[place] = False
    for wrong, expected in ((length == 0, "an item after the user"), (again, "one line for each user")):
        if wrong.any():
            row = int(np.argmax(wrong))
            received = f"{str(users[row])[:60]!r}, {path}, line {lines[row]:,}"
            faults.found(f"{expected}, in files of sequences", received, "the line is left out", int(wrong.sum()))
    return ~again & (length > 0)


def _refuse_table(path: Path, number: int, text: str) -> None:
    """Refuses what looks like a table, which would be read as sequences without a word."""
    marks = [mark for mark in ("\t", ",", ";", "|", "::") if mark in text]
    if marks and len(text.split()) <= max(text.count(marks[0]) + 1, 1) and (marks[0] == "\t" or " " not in text):
        raise ValueError(
            "Expected a user and its items in each line, with blanks between them; a table of events has its ending, "
            f".csv or .tsv, and a first line that names its columns. Received: {text[:60]!r}, {path}, line {number}"
        )
