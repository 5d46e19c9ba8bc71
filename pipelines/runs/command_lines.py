"""The command that a user typed."""

import shlex
import sys


def command_line() -> str:
    """Returns the current command, quoted for a shell; reports record it.

    Example:
        `command_line()` -> `"tfmodels fit translation --training.steps 100"`
    """
    return shlex.join(["tfmodels", *sys.argv[1:]])
