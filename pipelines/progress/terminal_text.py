"""Text of others on a terminal: names, labels and answers cannot move its cursor, colour it or hide what is there."""

import re
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any, TextIO

# Of C0 and C1 all but tab and line feed, what reverses the direction of the text after it, and halves of characters,
# as in names of files that are no UTF-8, which no stream can write.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_START_OF_BAR = re.compile(r"\r?(?:\x1b\[A)*")  # what tqdm writes before a bar, to standard error


def written_out(text: str) -> str:
    """Writes out control characters.

    Args:
        text: Any text. Tabs and line feeds stay.

    Returns:
        The text, with `\\x1b` and the like in place of the characters.

    Example:
        `written_out("\\x1b[2Jgood")` -> `"\\\\x1b[2Jgood"`
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


@contextmanager
def shown_safely() -> Generator[None]:
    """Writes out control characters in what is printed within the block, where standard output or error is a terminal.

    What goes to a file or a pipe stays as it is. Tables and bars of Rich keep their colours; see `consoles.console`.

    Example:
        `with shown_safely(): print(label)`
    """
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _safe(sys.stdout), _safe(sys.stderr, bars=True)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = kept


def _safe(stream: TextIO, bars: bool = False) -> Any:
    return _TerminalText(stream, bars) if stream is not None and not stream.closed and stream.isatty() else stream


class _TerminalText:
    """The stream of a terminal, with control characters written out."""

    def __init__(self, stream: TextIO, bars: bool) -> None:
        self.rich_proxied_file = stream  # Rich prints there, past this
        self._bars = bars

    def write(self, text: str) -> int:
        bar = _START_OF_BAR.match(text) if self._bars else None
        start = bar.end() if bar else 0
        self.rich_proxied_file.write(text[:start] + written_out(text[start:]))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)
