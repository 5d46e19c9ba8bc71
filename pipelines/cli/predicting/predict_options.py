"""The command line of `tfmodels predict`."""

import argparse
import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipelines.cli import subcommands, task_options
from pipelines.cli.predicting import chunk_options, served
from pipelines.cli.subcommands import Subcommand
from pipelines.runs import command_lines
from pipelines.runs.command_lines import Parser
from pipelines.sources.files import standard_streams
from pipelines.sources.files.standard_streams import DASH, FORMATS

_ENDPOINT = (
    "Ask another endpoint than serving_default: nbest, sample, with_options, attention ... Its inputs are options "
    "then, such as --endpoint sample --seed 1 --temperature 0.7, or columns of the file; an unknown one lists them."
)


class Command(NamedTuple):
    """What was typed.

    Attributes:
        options: Those of the subcommand; `words` has the model, unless there is a `url`, and then the texts.
        overrides: Options of the task with their values.
        model: The run or export; empty with a URL.
        texts: The texts.
        inputs: Inputs of the endpoint that are given as options, by name.
    """

    options: argparse.Namespace
    overrides: list[str]
    model: str
    texts: list[str]
    inputs: Mapping[str, str]


def parse(subcommand: Subcommand, arguments: list[str]) -> Command:
    """Parses and checks a command line.

    Args:
        subcommand: The function, for the help.
        arguments: The command line.

    Returns:
        What was typed; with neither texts nor a file, and something at standard input, that is the file.

    Raises:
        ValueError: Something is missing or does not go together.

    Example:
        `parse(predict, ["saved_models/mine", "A dog."]).texts` -> `["A dog."]`
    """
    parser = _parser(subcommand)
    own, inputs = _split(parser, arguments)
    options, overrides = task_options.parse(parser, own)
    words = options.words if options.url else options.words[1:]
    if words == [DASH] and "--" not in arguments and not options.input:
        words, options.input = [], DASH
    if not words and not options.input and (options.url or options.words) and standard_streams.is_piped():
        options.input = DASH
    if not (options.words or options.url) or bool(words) == bool(options.input):
        parser.error(
            "Expected a run, an export or a --url, and either texts, --input FILE, or texts at standard input; "
            "put -- before texts that start with a dash"
        )
    if "--" not in arguments:
        _refuse_files(words)
        if DASH in words:
            parser.error(
                f"Expected - for standard input alone, or -- before texts. Received: - among {len(words)} texts"
            )
    subcommands.check_output(options.output, filter(None, [options.input]))
    subcommands.check_formats(options)
    if chunk_options.is_wanted(options):
        chunk_options.check(parser, options)
    _check_access(parser, options)
    return Command(options, overrides, "" if options.url else options.words[0], words, inputs)


def of_tables(options: argparse.Namespace) -> dict[str, str]:
    """The options of the command that say how tables are read, where they are given.

    Example:
        `of_tables(options)` -> `{"on_bad": "drop"}`
    """
    return {name: value for name in ("on_bad", "ambiguous") if (value := getattr(options, name))}


def _parser(subcommand: Subcommand) -> Parser:
    parser = subcommands.parser("predict", subcommand)
    parser.epilog = task_options.EPILOG
    parser.usage = "tfmodels predict RUN|EXPORT [--input FILE] [--output FILE] [TEXT ...]\n"
    parser.usage += "       tfmodels predict --url URL [--input FILE] [--output FILE] [TEXT ...]\n"
    parser.usage += "       cat TEXTS | tfmodels predict RUN|EXPORT > ANSWERS"
    parser.add_argument(
        "words", metavar="RUN|EXPORT TEXT", nargs="*",
        help=f"{subcommands.MODEL} Then the input texts, after -- if one starts with a dash. Without texts and --input "
        "a text a line is read from standard input.",
    )  # fmt: skip
    command_lines.add_task(parser)
    parser.add_argument("--endpoint", metavar="NAME", default="serving_default", help=_ENDPOINT)
    parser.add_argument(
        "--url",
        help="Use a model on a server instead, such as http://localhost:8501/v1/models/demo, grpc://..., or encrypted "
        "https://... and grpcs://...",
    )  # fmt: skip
    served.add_access(parser)
    parser.add_argument(
        "--input", metavar="FILE",
        help="File of input rows, instead of texts: .csv, .tsv, .jsonl or .parquet with columns, or with any other "
        "ending a text in each line; all but .parquet also .gz. - is standard input. With --output FOLDER/ also a "
        "pattern such as 'rows-*.jsonl'.",
    )  # fmt: skip
    parser.add_argument(
        "--input_format", choices=FORMATS,
        help="Format of standard input. Default: text, a text a line in UTF-8; csv for models of tables.",
    )  # fmt: skip
    parser.add_argument(
        "--output", metavar="FILE",
        help="Output file: .csv, .tsv, .jsonl or .parquet for the answers beside the input's columns, or any other "
        "ending for an answer in each line; all but .parquet also .gz. - is standard output. A folder, such as "
        "answers/, gets a file for each chunk of rows, and the same command goes on where it ended. Default: the "
        "terminal.",
    )  # fmt: skip
    parser.add_argument(
        "--output_format", choices=FORMATS, help="Format of standard output. Default: that of the input.",
    )  # fmt: skip
    parser.add_argument(
        "--on_bad", choices=["error", "drop", "warn"],
        help="What to do about faults of a table, such as missing known covariates. Default: as in training.",
    )  # fmt: skip
    parser.add_argument(
        "--ambiguous", choices=["earlier", "later"],
        help="Which hour of a table is meant where the clock is put back and the order of the rows does not tell. "
        "Default: as in training.",
    )  # fmt: skip
    chunk_options.add(parser)
    return parser


def _split(parser: Parser, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """Separates the inputs of an endpoint from the options, where one is named."""
    if not any(one == "--endpoint" or one.startswith("--endpoint=") for one in arguments):
        return arguments, {}
    known = {f"--{name}" for name in parser.options()}
    own: list[str] = []
    inputs: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            return [*own, argument, *rest], inputs
        name, equals, value = argument.partition("=")
        if not name.startswith("--") or name in known or "." in name:
            own.append(argument)
            continue
        given = value if equals else next(rest, None)
        if given is None:
            raise ValueError(f"Expected a value after {name}. Received: {name}")
        inputs[name.removeprefix("--")] = given
    return own, inputs


def _refuse_files(texts: Sequence[str]) -> None:
    for text in filter(os.path.isfile, texts):  # unlike that of Path it takes texts of any length
        raise ValueError(
            f"Expected a text, or --input FILE. Received: {text!r}, which is a file; type --input {text}, or -- before "
            f"it to mean the text"
        )


def _check_access(parser: Parser, options: argparse.Namespace) -> None:
    """Refuses options of a server without one, and those of tables with one."""
    if not options.url:
        served.refuse_access(parser, options)
        return
    for name, value in of_tables(options).items():
        parser.error(f"Expected --{name} with a run or an export. Received: --{name} {value} with --url")
