"""The command-line parser of a benchmark."""

from collections.abc import Callable

from pipelines.runs.command_lines import Parser


def subject_parser(subject: Callable[[list[str]], None]) -> Parser:
    """Makes the parser of a benchmark, without options.

    Args:
        subject: The function of the benchmark; its name and docstring appear in the help.

    Returns:
        The parser.

    Example:
        `subject_parser(train).parse_args(["--steps", "30"])`
    """
    return Parser(f"benchmark {subject.__name__}", subject.__doc__ or "")
