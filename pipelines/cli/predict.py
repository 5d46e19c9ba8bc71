"""`tfmodels predict`: predictions of a trained model."""

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pipelines import runs
from pipelines.cli import subcommands, task_options, unknown_tokens
from pipelines.progress.progress_bars import progress_bar
from pipelines.progress.quiet_import import stderr_held_back
from pipelines.runs import command_lines, registry
from pipelines.runs.rows import request_rows

if TYPE_CHECKING:
    from pipelines.runs.predictor import Predictor
    from tfmodels.export.graph.field import Field


def predict(arguments: list[str]) -> None:
    """Predict outputs for texts or a file of rows."""
    parser = subcommands.parser("predict", predict)
    parser.epilog = task_options.EPILOG
    parser.usage = "tfmodels predict RUN|EXPORT [--input FILE] [--output FILE] [TEXT ...]\n"
    parser.usage += "       tfmodels predict --url URL [--input FILE] [--output FILE] [TEXT ...]"
    parser.add_argument(
        "words", metavar="RUN|EXPORT TEXT", nargs="*",
        help=f"{subcommands.MODEL} Then the input texts, after -- if one starts with a dash.",
    )  # fmt: skip
    command_lines.add_task(parser)
    parser.add_argument(
        "--url",
        help="Use a model on a server instead, such as http://localhost:8501/v1/models/demo, grpc://..., or encrypted "
        "https://... and grpcs://...",
    )  # fmt: skip
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
    parser.add_argument(
        "--input", metavar="FILE",
        help="File of input rows, instead of texts: .csv, .tsv, .jsonl or .parquet with columns, or with any other "
        "ending a text in each line; all but .parquet also .gz.",
    )  # fmt: skip
    parser.add_argument(
        "--output", metavar="FILE",
        help="Output file: .csv, .tsv, .jsonl or .parquet for the answers beside the input's columns, or any other "
        "ending for an answer in each line; all but .parquet also .gz. Default: the terminal.",
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
    options, overrides = task_options.parse(parser, arguments)
    model, texts = ([], options.words) if options.url else (options.words[:1], options.words[1:])
    if not (model or options.url) or bool(texts) == bool(options.input):
        parser.error(
            "Expected a run, an export or a --url, and either texts or --input FILE; "
            "put -- before texts that start with a dash"
        )
    if "--" not in arguments:
        _refuse_files(texts)
    subcommands.check_output(options.output)
    if options.url:
        task_options.refuse(overrides, options.url)
        for name, value in _of_tables(options).items():
            parser.error(f"Expected --{name} with a run or an export. Received: --{name} {value} with --url")
        access = {"headers": _headers(options.header), "ca_file": options.ca_file, "timeout": options.timeout}
        access = {name: value for name, value in access.items() if value is not None}
        _predict_on_server(options.url, access, options.input, options.output, texts)
        return
    if options.header or options.ca_file or options.timeout is not None:
        parser.error("Expected --header, --ca_file and --timeout with --url")
    predictor = task_options.model(model[0], options, overrides)
    for name, value in _of_tables(options).items():
        if "table" not in predictor.card:
            parser.error(f"Expected --{name} for a model of tables. Received: --{name} {value} for {model[0]}")
    card = {**predictor.card, **_of_tables(options)}
    task = _task(options, predictor.card["task"], is_run=runs.locate(model[0]) is not None)
    rows = _rows(options.input, task, predictor, card) if options.input else texts
    if not options.output:
        with stderr_held_back():
            outputs = predictor.predict(rows)
        _print_outputs(outputs)
        return
    with stderr_held_back():
        outputs, rate = _timed_predictions(predictor, rows)
    if task:
        task.answers(Path(options.output), rows, outputs, predictor.card)
    else:
        request_rows.write_rows(Path(options.output), rows, _inputs(predictor), outputs)
    print(f"{len(outputs):,} predictions in {options.output}, {rate}")
    unknown_tokens.warn(outputs)


def _task(options: argparse.Namespace, name: str, is_run: bool) -> ModuleType | None:
    """The task whose code reads rows and writes answers; None for an export of a task that may not run."""
    if options.task or is_run or options.allow_code or registry.is_of_package(name):
        return registry.find(options.task or name)
    return None


def _rows(file: str, task: ModuleType | None, predictor: "Predictor", card: dict[str, Any]) -> Sequence[Any]:
    return task.requests(Path(file), card) if task else request_rows.read_rows(Path(file), _inputs(predictor))


def _inputs(predictor: "Predictor") -> "Mapping[str, Field]":
    from tfmodels.export.graph.signature import find_signature

    return find_signature(predictor.endpoints, "serving_default").inputs


def _of_tables(options: argparse.Namespace) -> dict[str, str]:
    """The options of the command that say how tables are read, where they are given."""
    return {name: value for name in ("on_bad", "ambiguous") if (value := getattr(options, name))}


def _refuse_files(texts: Sequence[str]) -> None:
    for text in filter(os.path.isfile, texts):  # unlike that of Path it takes texts of any length
        raise ValueError(
            f"Expected a text, or --input FILE. Received: {text!r}, which is a file; type --input {text}, or -- before "
            f"it to mean the text"
        )


def _headers(given: Sequence[str]) -> dict[str, str]:
    pairs = [header.partition(":") for header in given]
    if any(not colon for _, colon, _ in pairs):
        raise ValueError("Expected --header 'NAME: VALUE'. Received: a header without a colon")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _predict_on_server(
    url: str, access: dict[str, Any], file: str | None, output: str | None, texts: list[str]
) -> None:
    """Predicts with a model of which only the signatures are known, so that files have a general format.

    TensorFlow, whose import takes seconds, is not needed.
    """
    from pipelines.runs.predictor import connect
    from tfmodels.serving import ServingError

    try:
        with connect(url, **access) as predictor:
            inputs = _inputs(predictor)
            if output:
                request_rows.check_file(Path(output), predictor.endpoints["serving_default"].outputs)
            rows = _server_rows(Path(file), inputs) if file else texts
            if not output:
                _print_outputs(predictor.predict(rows))
                return
            outputs, rate = _timed_predictions(predictor, rows)
    except ServingError as error:
        raise ConnectionError(str(error)) from error
    request_rows.write_rows(Path(output), rows, inputs, outputs)
    print(f"{len(outputs):,} predictions in {output}, {rate}")
    unknown_tokens.warn(outputs)


def _server_rows(file: Path, inputs: "Mapping[str, Field]") -> list[dict[str, Any]]:
    """The rows of a file with a column for each input; says where a table of a task is read."""
    try:
        return request_rows.read_rows(file, inputs)
    except ValueError as error:
        if all(one.dtype == "string" for one in inputs.values()):
            raise
        raise ValueError(
            f"{error}. A server knows no tables: one such as that of training is read with the run or the export in "
            "place of --url"
        ) from None


def _timed_predictions(predictor: "Predictor", rows: Sequence[Any]) -> tuple[list[dict[str, Any]], str]:
    """The outputs and a text with their rate; shows a progress bar."""
    start = time.monotonic()
    with progress_bar("predicting", len(rows)) as count:
        outputs = predictor.predict(rows, count=count)
    seconds = max(time.monotonic() - start, 1e-9)
    return outputs, f"{len(outputs) / seconds:,.1f} per second"


def _print_outputs(outputs: list[dict[str, Any]]) -> None:
    """Prints a line for each text or label, or a table if the outputs have neither."""
    unknown_tokens.warn(outputs)
    if all("text" in output for output in outputs):
        for output in outputs:
            print(output["text"])
        return
    if all({"label", "probability"} <= output.keys() for output in outputs):
        for output in outputs:
            print(f"{output['label']}\t{output['probability']:.4f}")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*outputs[0])
    for output in outputs:
        table.add_row(*(Text(str(value)) for value in output.values()))
    Console().print(table)
