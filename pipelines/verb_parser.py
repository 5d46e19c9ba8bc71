"""The parser of a verb's arguments."""

import argparse
from collections.abc import Callable


def verb_parser(verb: Callable[[list[str]], int | None]) -> argparse.ArgumentParser:
    """Makes the parser of a verb, to be filled with its arguments.

    Args:
        verb: The function that does what the verb says; named as the verb, its docstring is the verb's help.

    Returns:
        The parser.

    Example:
        `verb_parser(evaluate).parse_args(["translation", "--split", "test"])`
    """
    return argparse.ArgumentParser(
        prog=f"tfmodels {verb.__name__.strip('_')}", description=verb.__doc__.partition("\n")[0], allow_abbrev=False
    )
