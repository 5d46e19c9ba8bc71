"""The command that a user typed."""

import argparse
import shlex
import sys


def command_line() -> str:
    """Returns the current command, quoted for a shell; reports record it.

    Example:
        `command_line()` -> `"tfmodels fit translation --training.steps 100"`
    """
    return shlex.join(["tfmodels", *sys.argv[1:]])


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
