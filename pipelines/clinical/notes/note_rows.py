"""The notes of a run: tokenised and written into its assets, and read case by case."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipelines.runs import Run
from pipelines.text import vocabulary
from tfmodels import array_files

if TYPE_CHECKING:
    from pipelines.clinical.config import Config
    from pipelines.sources.measurements.note_table import Notes

_NAMES = ("starts", "hours", "ends", "tokens", "text_ends", "text_bytes")
_TOGETHER = 1_024  # tokenised at a time


class NoteRows(NamedTuple):
    """Notes, those of one entity after the other in the order of time; those of one time as `note_inputs.keys` has it.

    Attributes:
        starts: int64 `[entities + 1]`, where the notes of each entity start.
        hours: float64 `[notes]`.
        ends: int64 `[notes]`, where the tokens of each end.
        tokens: int32 `[tokens]`, of all notes.
        text_ends: int64 `[notes]`, where the bytes of each end.
        text_bytes: uint8 `[bytes]`, of all notes in UTF-8.
    """

    starts: np.ndarray
    hours: np.ndarray
    ends: np.ndarray
    tokens: np.ndarray
    text_ends: np.ndarray
    text_bytes: np.ndarray

    def numbers(self, entity: np.ndarray, hour: np.ndarray, most: int) -> list[range]:
        """The latest notes of each case up to an hour, that hour included, at most `most`.

        Example:
            `notes.numbers(cases.entity, cases.hour, 8)[0]` -> `range(3, 5)`
        """
        found = []
        for start, end, until in zip(self.starts[entity], self.starts[entity + 1], hour, strict=True):
            last = int(start + np.searchsorted(self.hours[start:end], until, "right"))
            found.append(range(max(int(start), last - most), last))
        return found

    def padded(self, entity: np.ndarray, hour: np.ndarray, most: int) -> dict[str, np.ndarray]:
        """The inputs of a model for cases: `note` int32 `[cases, notes, tokens]` and `note_time` float32.

        Example:
            `notes.padded(cases.entity, cases.hour, 8)["note"]`
        """
        chosen = self.numbers(entity, hour, most)
        parts = [[self.tokens[_begin(self.ends, note) : self.ends[note]] for note in of] for of in chosen]
        width = max([1, *map(len, parts)])
        length = max([1, *(len(one) for of in parts for one in of)])
        ids, time = np.zeros([len(parts), width, length], np.int32), np.zeros([len(parts), width], np.float32)
        for row, of in enumerate(parts):
            for place, tokens in enumerate(of, width - len(of)):
                ids[row, place, : len(tokens)] = tokens
            time[row, width - len(of) :] = self.hours[chosen[row].start : chosen[row].stop]
        return {"note": ids, "note_time": time}

    def joined(self, notes: "Notes | None", entities: int) -> "NoteRows":
        """These notes, and those of more entities behind them, which have texts but no tokens."""
        if notes is None:
            return self._replace(starts=np.append(self.starts, np.full(entities, self.starts[-1])))
        order, content = _in_order(notes)
        ends = np.cumsum([len(one) for one in content], dtype=np.int64) + _begin(self.text_ends, len(self.text_ends))
        return NoteRows(
            np.append(self.starts, notes.starts[1:] + self.starts[-1]),
            np.append(self.hours, notes.hours[order]),
            np.append(self.ends, np.full(len(order), len(self.tokens))),
            self.tokens,
            np.append(self.text_ends, ends),
            np.append(self.text_bytes, np.frombuffer(b"".join(content), np.uint8)),
        )

    def text(self, note: int) -> str:
        """The text of a note."""
        return self.text_bytes[_begin(self.text_ends, note) : self.text_ends[note]].tobytes().decode()

    def columns(self, entity: np.ndarray, hour: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
        """Hours float32 and texts of each case's latest notes, `[cases, most]`, padded on the left with empty texts."""
        time, text = np.zeros([len(entity), most], np.float32), np.full([len(entity), most], "", object)
        for row, of in enumerate(self.numbers(entity, hour, most)):
            for place, note in enumerate(of, most - len(of)):
                time[row, place], text[row, place] = self.hours[note], self.text(note)
        return time, text


def write(config: "Config", run: Run, notes: "Notes", train: np.ndarray) -> list[str]:
    """Learns the tokens from the notes of training entities, and writes all notes into a run.

    Args:
        config: The options.
        run: Whose assets are written.
        notes: The notes.
        train: int `[training entities]`.

    Returns:
        What is to be said.

    Raises:
        ValueError: No training entity has a note.

    Example:
        `write(config, run, found.notes, train)`
    """
    from pipelines.clinical.notes import note_inputs
    from tfmodels import token_ids

    entity = np.repeat(np.arange(len(notes.starts) - 1), np.diff(notes.starts))
    of_train = np.isin(entity, train)
    if not of_train.any():
        raise ValueError(
            "Expected notes on the entities of the training part, or --read_notes false. Received: none of "
            f"{len(notes.text):,}"
        )
    vocabulary.learn(config, run, notes.text[of_train].tolist())
    order, encoded = _in_order(notes)
    texts = notes.text[order].tolist()
    inputs = note_inputs.of_run(config, run)
    parts = [inputs.stored(texts[start : start + _TOGETHER]) for start in range(0, len(texts), _TOGETHER)]
    tokens, lengths = (np.concatenate(column) for column in zip(*parts, strict=True))
    text_ends = np.cumsum([len(one) for one in encoded])
    arrays = (notes.starts, notes.hours[order], np.cumsum(lengths), tokens, text_ends,
              np.frombuffer(b"".join(encoded), np.uint8))  # fmt: skip
    for name, array in zip(_NAMES, arrays, strict=True):
        np.save(run.assets / f"note_{name}.npy", array)
    unknown = (tokens == token_ids.UNK).mean()
    said = f"{len(texts):,} notes on {len(np.unique(entity)):,} entities, of {lengths.mean():.1f} tokens on average"
    return [f"{said}, {unknown:.1%} of them unknown to the vocabulary"]


def read(run: Run) -> NoteRows:
    """The notes of a prepared run; the arrays are mapped."""
    return NoteRows(*(array_files.read(run.assets / f"note_{name}.npy") for name in _NAMES))


def _in_order(notes: "Notes") -> tuple[np.ndarray, list[bytes]]:
    """Notes of an entity by time, those of one time as the graph has them; and their texts in that order."""
    from pipelines.clinical.notes import note_inputs

    entity = np.repeat(np.arange(len(notes.starts) - 1), np.diff(notes.starts))
    order = np.lexsort((note_inputs.keys(notes.text), notes.hours, entity))
    return order, [text.encode() for text in notes.text[order].tolist()]


def _begin(ends: np.ndarray, place: int) -> Any:
    return ends[place - 1] if place else 0
