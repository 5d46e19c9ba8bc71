"""The `tfmodels` command in the process of a test."""

import contextlib
import io

from pipelines.cli import main


def command(*words):
    """Runs `tfmodels WORDS`; its exit status and what it printed, errors too."""
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.redirect_stderr(printed):
        return main.main([*words]), printed.getvalue()
