"""The command-line parser of a benchmark."""

import argparse
from collections.abc import Callable


def subject_parser(subject: Callable[[list[str]], None]) -> argparse.ArgumentParser:
    """Makes the parser of a benchmark, without options.

    Args:
        subject: The function of the benchmark; its name and docstring appear in the help.

    Returns:
        The parser.

    Example:
        `subject_parser(train).parse_args(["--steps", "30"])`
    """
    prog = f"tfmodels benchmark {subject.__name__}"
    return argparse.ArgumentParser(prog=prog, description=subject.__doc__, allow_abbrev=False)
