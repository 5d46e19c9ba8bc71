"""Texts of others in a model card: names, labels and remarks are shown as text, whatever Markdown or HTML they hold."""

import html
import re
from collections.abc import Sequence

_MARKS = re.compile(r"([\\`*\[\]#|~])|((?<![^\W_])_|_(?![^\W_]))")  # an underscore within a word marks nothing
_FIRST = re.compile(r"^(\d+(?=[.)])|(?=[-+=]))")  # begins a list or a line across the page
_PIPE = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"((?<![`\\])`[^`]+`(?!`))")


def text(given: str) -> str:
    """A text of others on one line.

    Args:
        given: The text.

    Returns:
        Markdown that shows it; letters that cannot be printed are question marks.

    Example:
        `text("*a*\\n# b")` -> `"\\\\*a\\\\* \\\\# b"`
    """
    return _begun(_escaped(_one_line(given)))


def sentence(given: str) -> str:
    """A sentence of this package, in which names of others may stand: what is between backticks stays code.

    Args:
        given: The sentence.

    Returns:
        Markdown that shows it on one line.

    Example:
        `sentence("`tfmodels fit` made <it>.")` -> `"`tfmodels fit` made &lt;it&gt;."`
    """
    parts = _CODE.split(_one_line(given))
    return _begun("".join(part if place % 2 else _escaped(part) for place, part in enumerate(parts)))


def quoted(given: str) -> str:
    """A text of several lines as a quotation.

    Args:
        given: The text.

    Returns:
        Markdown that shows each of its lines.

    Example:
        `quoted("Menus.\\n## Scores")` -> `"> Menus.\\n> \\\\## Scores"`
    """
    return "\n".join(f"> {text(line)}".rstrip() for line in given.strip().splitlines())


def code(given: str) -> str:
    """A text as code: a name of a file may hold anything, but no backtick ends it.

    Args:
        given: The text.

    Returns:
        Markdown that shows it on one line.

    Example:
        `code("train.en")` -> `` "`train.en`" ``
    """
    return f"`{_one_line(given.replace('`', chr(39)))}`"


def fenced(language: str, given: str) -> str:
    """Lines as a block of code, between more backticks than they have in a row.

    Args:
        language: The language of the lines.
        given: The lines.

    Returns:
        Markdown that shows them.

    Example:
        `fenced("sh", "ls")`
    """
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", given)), default=0))
    return f"{fence}{language}\n{given}\n{fence}"


def row(cells: Sequence[str]) -> str:
    """A row of a table.

    Args:
        cells: Its cells in Markdown, each one line.

    Returns:
        Markdown in which no cell ends early: a table is divided before code is found.

    Example:
        `row(["`a|b`", "1"])`
    """
    escaped = [_PIPE.sub(r"\|", cell) for cell in cells]
    return f"| {' | '.join(escaped)} |"


def _escaped(line: str) -> str:
    return html.escape(_MARKS.sub(r"\\\g<0>", line), quote=False)


def _begun(line: str) -> str:
    return _FIRST.sub(r"\1\\", line)


def _one_line(given: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in " ".join(given.split()))
