"""A model on a server: how it is reached, and what its files are."""

import argparse
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.runs.predictor import Predictor
    from tfmodels.export.graph.field import Field


def add_access(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say how a server is reached.

    Args:
        parser: The parser of a subcommand with `--url`.
    """
    parser.add_argument(
        "--header", metavar="'NAME: VALUE'", action="append", default=[],
        help="With --url: a header of each request, such as 'Authorization: Bearer ...'; may be repeated.",
    )  # fmt: skip
    parser.add_argument(
        "--ca_file", metavar="FILE",
        help="With --url: the certificates to trust, in PEM. Default: those of the system.",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=float,
        help="With --url: time limit of a batch, retries included. Default: 60.",
    )  # fmt: skip


def refuse_access(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses these options where there is no server.

    Args:
        parser: The parser.
        options: Without a `url`.

    Raises:
        ValueError: One of them is given.
    """
    if options.header or options.ca_file or options.timeout is not None:
        parser.error("Expected --header, --ca_file and --timeout with --url")


@contextmanager
def connected(options: argparse.Namespace) -> "Generator[Predictor]":
    """Connects to the model of `--url`. TensorFlow, whose import takes seconds, is not needed.

    Args:
        options: Of the subcommand: `url`, `header`, `ca_file` and `timeout`.

    Yields:
        The model.

    Raises:
        ConnectionError: The server cannot be reached or reports an error.

    Example:
        `with connected(options) as predictor: predictor.predict(["A dog."])`
    """
    from pipelines.runs.predictor import connect
    from tfmodels.serving import ServingError

    access = {"headers": _headers(options.header), "ca_file": options.ca_file, "timeout": options.timeout}
    try:
        with connect(options.url, **{name: value for name, value in access.items() if value is not None}) as predictor:
            yield predictor
    except ServingError as error:
        raise ConnectionError(str(error)) from error


def with_advice(error: ValueError, inputs: "Mapping[str, Field]") -> ValueError:
    """What a file is refused for, and where a table of a task is read.

    Args:
        error: The refusal.
        inputs: The inputs of the endpoint.

    Returns:
        The error to raise.
    """
    if all(one.dtype == "string" for one in inputs.values()):
        return error
    return ValueError(
        f"{error}. A server knows no tables: one such as that of training is read with the run or the export in place "
        "of --url"
    )


def _headers(given: Sequence[str]) -> dict[str, str]:
    pairs = [header.partition(":") for header in given]
    if any(not colon for _, colon, _ in pairs):
        raise ValueError("Expected --header 'NAME: VALUE'. Received: a header without a colon")
    return {name.strip(): value.strip() for name, _, value in pairs}
