"""A JSON document with a long list, such as SQuAD's: its elements are read one by one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.sources.files import json_rows, text_lines

_BLANKS = " \t\n\r"
_AFTER = 3  # characters that must follow a value: a number may go on after them, `1`, `1.5` and `1e+5`


def elements(path: Path, name: str, encoding: str = "") -> Iterator[Any]:
    """Reads a list element by element; only one is in memory.

    Args:
        path: The file, plain or gzip: a list, or an object that has it.
        name: Name of the list in the object. Other values of the object are not used.
        encoding: See `text_lines.read`.

    Yields:
        The elements, each checked by `json_rows.check`.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: It is no such document, or an element is too long or too deep.

    Example:
        `next(elements(Path("train-v2.0.json"), "data"))["title"]`
    """
    text = _Scanner(path, encoding)
    if text.sign() == "[":
        yield from text.elements()
    else:
        text.take("{", f"an object with the list {name!r}")
        seen: set[str] = set()
        while text.sign() != "}":
            if text.key(seen) == name:
                text.take(":", "a colon")
                yield from text.elements()
            else:
                text.take(":", "a colon")
                text.value()
            if text.sign() != "}":
                text.take(",", "a comma or the end of the object")
        text.take("}", "the end of the object")
        if name not in seen:
            raise ValueError(f"Expected an object with the list {name!r}. Received: none, {path}")
    if text.sign():
        raise text.error("the end of the document", repr(text.sign()))


def is_one(path: Path, name: str, encoding: str = "") -> bool:
    """Whether a file is such a document, by its start.

    Args:
        path: The file.
        name: Name of the list.
        encoding: See `text_lines.read`.

    Example:
        `is_one(Path("train-v2.0.json"), "data")` -> `True`
    """
    head = next(text_lines.read_pieces(path, encoding), "").lstrip(_BLANKS)
    first = head[1:].lstrip(_BLANKS)[:1]
    return head[:1] == "[" or (head[:1] == "{" and first == '"' and f'"{name}"' in head and _has_list(head, name))


def _has_list(head: str, name: str) -> bool:
    """Whether a list follows the name somewhere."""
    after = (rest.lstrip(_BLANKS) for rest in head.split(f'"{name}"')[1:])
    return any(rest[:1] == ":" and rest[1:].lstrip(_BLANKS)[:1] in ("[", "") for rest in after)


class _Scanner:
    """A text that is read as far as it is needed."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._path = path
        self._pieces = text_lines.read_pieces(path, encoding)
        self._text = ""
        self._place = 0
        self._before = 0  # characters that were read and let go

    def elements(self) -> Iterator[Any]:
        """The elements of the list that comes next."""
        self.take("[", "a list")
        while self.sign() != "]":
            yield self.value()
            if self.sign() != "]":
                self.take(",", "a comma or the end of the list")
        self.take("]", "the end of the list")

    def key(self, seen: set[str]) -> str:
        """The name that comes next, which is none of those seen, and is one of them then."""
        name = self.value() if self.sign() == '"' else None
        if name is None:
            raise self.error("a name in quotes", repr(self.sign()))
        if name in seen:
            raise self.error("JSON", json_rows.twice(name))
        seen.add(name)
        return name

    def sign(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            while self._place < len(self._text):
                if self._text[self._place] not in _BLANKS:
                    return self._text[self._place]
                self._place += 1
            if not self._more():
                return ""

    def take(self, sign: str, expected: str) -> None:
        """Goes past a character."""
        if (found := self.sign()) != sign:
            raise self.error(expected, repr(found) if found else "the end of the file")
        self._place += 1

    def value(self) -> Any:
        """The value that comes next."""
        self.sign()
        while True:
            try:
                value, end = json_rows.DECODER.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                wrong = error.pos - self._place
                if self._more():
                    continue
                self._place += wrong
                raise self.error("JSON", error.msg) from None
            except RecursionError:
                raise self.error("JSON", json_rows.TOO_DEEP) from None
            except ValueError as error:
                raise self.error("JSON", str(error)) from None
            length = end - self._place
            if end + _AFTER <= len(self._text) or not self._more():
                break
        try:
            json_rows.check(value)
        except ValueError as error:
            raise self.error("JSON", str(error)) from None
        self._place += length
        return value

    def error(self, expected: str, received: str) -> ValueError:
        """An error that names the place."""
        place = self._before + self._place + 1
        return ValueError(f"Expected {expected}. Received: {received}, {self._path}, character {place:,}")

    def _more(self) -> bool:
        """Reads on, twice as far as the text that is waiting; False at the end of the file."""
        waiting = self._text[self._place :]
        self._before += self._place
        self._place = 0
        pieces, size = [waiting], 0
        while size <= len(waiting) and (piece := next(self._pieces, "")):
            pieces.append(piece)
            size += len(piece)
        self._text = "".join(pieces)
        if len(self._text) > text_lines.LONGEST:
            raise self.error(f"values of less than {text_lines.LONGEST:,} characters", "a longer one")
        return size > 0
