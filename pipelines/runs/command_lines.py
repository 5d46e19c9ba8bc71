"""The command that a user typed, and parsers whose refusals are errors like all others."""

import argparse
import re
import shlex
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NoReturn

from pipelines.runs import option_names

_STANDING_FOR: ContextVar[tuple[str, ...]] = ContextVar("command that Python code stands for", default=())


class Parser(argparse.ArgumentParser):
    """A parser that raises `ValueError` in the words of this package where argparse would print its own and exit.

    Args:
        words: The words after `tfmodels` in the usage line.
        description: The description in the help.

    Example:
        `Parser("evaluate", "Evaluate a run.").parse_args(["translation", "--split", "test"])`
    """

    def __init__(self, words: str, description: str) -> None:
        super().__init__(prog=f"tfmodels {words}", description=description, allow_abbrev=False)

    def options(self) -> list[str]:
        """The names of its options, without dashes.

        Example:
            `parser.options()` -> `["help", "split", "data"]`
        """
        return re.findall(r"^  (?:-h, )?--(\w+)", self.format_help(), re.MULTILINE)

    def parse_args(self, args: Iterable[str] | None = None, namespace: Any = None) -> Any:
        """As argparse's; an unknown option is refused before one that is missing, for it may be meant."""
        given = [*(sys.argv[1:] if args is None else args)]
        known = self.options()
        for name in option_names.typed(given):
            if name not in known:
                self.error(f"unrecognized arguments: --{name}")
        return super().parse_args(given, namespace)

    def error(self, message: str) -> NoReturn:
        """Refuses a command line.

        Args:
            message: That of argparse, or one of this package.

        Raises:
            ValueError: Always.
        """
        unknown = re.fullmatch(r"unrecognized arguments: --([^ =]+).*", message, re.DOTALL)
        if unknown:
            option_names.check({unknown[1]: None}, dict.fromkeys(self.options()), self.prog, "")
        raise option_names.plain(message, self.prog)


def command_line() -> str:
    """Returns the current command, quoted for a shell; reports record it.

    In Python it is the command that does the same (`standing_for`), or the script that runs; a notebook and an
    interactive Python have neither.

    Example:
        `command_line()` -> `"tfmodels fit translation --training.steps 100"`
    """
    if words := _STANDING_FOR.get():
        return shlex.join(words)
    program = Path(sys.argv[0] if sys.argv else "")
    if program.name == "tfmodels":
        return shlex.join(["tfmodels", *sys.argv[1:]])
    is_script = program.is_file() and not hasattr(sys, "ps1") and "ipykernel" not in sys.modules
    return shlex.join(["python", *sys.argv]) if is_script else "Python, interactively"


@contextmanager
def standing_for(words: Sequence[str]) -> Generator[None]:
    """Context in which Python code does what a command does.

    Args:
        words: The command.

    Example:
        `with standing_for(["tfmodels", "fit", "forecasting"]): task.fit(config, run)`
    """
    before = _STANDING_FOR.set(tuple(words))
    try:
        yield
    finally:
        _STANDING_FOR.reset(before)


def add_task(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say whose code may run: `--task` and `--allow_code`.

    Args:
        parser: The parser of a subcommand that takes a run.
    """
    parser.add_argument(
        "--task", metavar="TASK", default="",
        help="The task of the run, if it is one of your own: a .py file or an importable module. The code of such a "
        "task runs only if it is named.",
    )  # fmt: skip
    parser.add_argument(
        "--allow_code", action="store_true", help="Run the code of whatever task a run names; only for runs you trust."
    )
