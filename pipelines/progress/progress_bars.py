"""Progress bars with a rate and the time left; lines of text where there is no terminal."""

import itertools
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

Item = TypeVar("Item")

_AT_ONCE = 1000  # items between two updates
_SECONDS = 30  # between two lines, without a terminal


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
    """Yields items and shows how many are done, how many a second, and the time left.

    Args:
        items: The items.
        what: What is done with them, such as "tokenising train, pairs".
        total: Number of items; None if unknown.

    Yields:
        The items.

    Example:
        `for pair in progress(pairs, "tokenising train, pairs", 10_000_000): ...`
    """
    left = iter(items)
    with progress_bar(what, total) as count:
        while batch := list(itertools.islice(left, _AT_ONCE)):
            yield from batch
            count(len(batch))


@contextmanager
def progress_bar(what: str, total: int | None = None) -> Generator[Callable[[int], None]]:
    """Shows progress, as `progress` does, for items that are not processed one by one.

    Args:
        what: What is done with the items.
        total: Number of items; None if unknown.

    Yields:
        A function to call with the number of items done since the last call.

    Example:
        `with progress_bar("predicting", 1_000) as count: count(64)`
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console()
    start, done, printed = time.monotonic(), 0, 0.0
    with Progress(
        TextColumn("{task.description}"), BarColumn(), console=console, disable=not console.is_terminal, transient=True
    ) as bars:
        bar = bars.add_task(what, total=total)

        def count(more: int) -> None:
            nonlocal done, printed
            done += more
            seconds = time.monotonic() - start
            line = _line(what, done, total, seconds)
            bars.update(bar, completed=done, description=line)
            if not console.is_terminal and seconds - printed > _SECONDS:
                print(line, flush=True)
                printed = seconds

        yield count


def _line(what: str, done: int, total: int | None, seconds: float) -> str:
    rate = done / max(seconds, 1e-9)
    speed = f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2g}/s"
    if total is None:
        return f"{what}: {done:,}, {speed}"
    left = timedelta(seconds=round(max(total - done, 0) / rate))
    return f"{what}: {done:,} of {total:,}, {speed}, {left} left"
