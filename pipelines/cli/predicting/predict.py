"""`tfmodels predict`: predictions of a trained model."""

import time
from argparse import Namespace
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from pipelines import runs
from pipelines.cli import task_options, unknown_tokens
from pipelines.cli.predicting import chunk_options, in_chunks, predict_options, printed_answers, served
from pipelines.cli.predicting.predict_options import Command
from pipelines.progress.progress_bars import progress_bar
from pipelines.runs import registry
from pipelines.runs.rows import input_texts, request_rows
from pipelines.runs.rows.asked import DEFAULT, Asked
from pipelines.sources.files import file_formats, row_writer, standard_streams
from pipelines.sources.files.standard_streams import DASH, Format


def predict(arguments: list[str]) -> None:
    """Predict outputs for texts, a file of rows, or standard input."""
    command = predict_options.parse(predict, arguments)
    options = command.options
    with _asked(command) as asked:
        if chunk_options.is_wanted(options):
            in_chunks.predict(command, asked)
            return
        _check_output(command, asked)
        kind = _input_format(command, asked)
        if options.input == DASH and kind == "text" and options.output in (None, DASH):
            _answer_stream(asked, options.output_format or "text", shown=options.output is None)
            return
        rows = _rows(command, asked, kind)
        if options.output:
            asked.check(_output_format(options, kind), rows, options.input or "the texts")
        if options.output in (None, DASH):
            outputs = asked.predict(rows)
            if options.output:
                _write(asked, options.output_format or kind, rows, outputs)
            else:
                _show(asked, rows, outputs)
            return
        outputs, rate = _timed(asked, rows)
        asked.write(Path(options.output), rows, outputs)
    print(f"{len(outputs):,} predictions in {options.output}, {rate}")
    unknown_tokens.warn(outputs)


@contextmanager
def _asked(command: Command) -> Generator[Asked]:
    """Opens what the command asks."""
    options, of_tables = command.options, predict_options.of_tables(command.options)
    if options.url:
        task_options.refuse(command.overrides, options.url)
        with served.connected(options) as predictor:
            yield _of(predictor, command, None, {})
        return
    predictor = task_options.model(command.model, options, command.overrides)
    for name, value in of_tables.items():
        if "table" not in predictor.card:
            raise ValueError(f"Expected --{name} for a model of tables. Received: --{name} {value} for {command.model}")
    yield _of(predictor, command, _task(command, predictor.card["task"]), of_tables)


def _of(predictor: Any, command: Command, task: ModuleType | None, of_tables: dict[str, str]) -> Asked:
    from tfmodels.export.graph.signature import find_signature

    endpoint = command.options.endpoint
    inputs = find_signature(predictor.endpoints, endpoint).inputs
    given = input_texts.given(command.inputs, endpoint, inputs)
    return Asked(predictor, endpoint, given, task, {**predictor.card, **of_tables})


def _task(command: Command, name: str) -> ModuleType | None:
    """The task whose code reads rows and writes answers; None for an export of a task that may not run."""
    options = command.options
    is_run = runs.locate(command.model) is not None
    if options.task or is_run or options.allow_code or registry.is_of_package(name):
        return registry.find(options.task or name)
    return None


def _check_output(command: Command, asked: Asked) -> None:
    """Refuses a file that cannot hold the answers before they are computed."""
    file = command.options.output
    if file in (None, DASH):
        return
    if asked.has_own_table:
        if not (getattr(asked.task, "WRITES_JSON", False) and _is_json(file)):
            row_writer.check_name(Path(file), getattr(asked.task, "WRITES_TABLES", False))
        return
    try:
        request_rows.check_file(Path(file), asked.predictor.endpoints[asked.endpoint].outputs)
    except ValueError as error:
        raise served.with_advice(error, asked.inputs) if command.options.url else error from None


def _input_format(command: Command, asked: Asked) -> Format:
    """The format of what is read, which standard output has, too."""
    options = command.options
    if options.input not in (None, DASH):
        return standard_streams.format_of(options.input)
    return options.input_format or ("csv" if options.input and asked.column is None else "text")


def _output_format(options: Namespace, kind: Format) -> file_formats.Format:
    """The format that the rows are written in."""
    if options.output != DASH:  # in .json there are answers alone, as among lines
        return "lines" if _is_json(options.output) else file_formats.of(Path(options.output))
    written = options.output_format or kind
    return "lines" if written == "text" else written


def _is_json(file: str) -> bool:
    return file.lower().removesuffix(".gz").endswith(".json")


def _rows(command: Command, asked: Asked, kind: Format) -> Sequence[Any]:
    """Texts, or the rows of a file or of standard input."""
    file = command.options.input
    if file is None:
        return asked.of_texts(command.texts)
    try:
        if file == DASH:
            with standard_streams.spooled(kind) as path:
                return asked.read(path)
        return asked.read(Path(file))
    except ValueError as error:
        raise served.with_advice(error, asked.inputs) if command.options.url else error from None


def _answer_stream(asked: Asked, kind: Format, shown: bool) -> None:
    """Answers the texts of standard input as they come, in their order.

    Args:
        asked: What answers.
        kind: The format of standard output.
        shown: Whether answers are printed as on the terminal.
    """
    if kind not in ("text", "jsonl"):  # a header in quotes says that cells are in quotes, which later ones show
        texts = [text for block in standard_streams.blocks() for text in block]
        rows = asked.of_texts(texts)
        _write(asked, kind, rows, asked.predict(rows))
        return
    number = 1
    for block in standard_streams.blocks():
        rows = asked.of_texts(block)
        outputs = asked.predict(rows)
        if shown:
            printed_answers.show(outputs, number, asked.endpoint == DEFAULT)
        else:
            _write(asked, kind, rows, outputs)
        number += len(block)


def _show(asked: Asked, rows: Sequence[Any], outputs: list[dict[str, Any]]) -> None:
    """Prints answers."""
    if asked.endpoint == DEFAULT and asked.task and hasattr(asked.task, "shown"):
        printed_answers.groups(*asked.task.shown(rows, outputs, asked.card))
    else:
        printed_answers.show(outputs, short=asked.endpoint == DEFAULT)


def _write(asked: Asked, kind: Format, rows: Sequence[Any], outputs: list[dict[str, Any]]) -> None:
    standard_streams.written(kind, partial(asked.write, rows=rows, outputs=outputs))


def _timed(asked: Asked, rows: Sequence[Any]) -> tuple[list[dict[str, Any]], str]:
    """The outputs and a text with their rate; shows a progress bar."""
    start = time.monotonic()
    with progress_bar("predicting", len(rows)) as count:
        outputs = asked.predict(rows, count)
    seconds = max(time.monotonic() - start, 1e-9)
    return outputs, f"{len(outputs) / seconds:,.1f} per second"
