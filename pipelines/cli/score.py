"""`tfmodels score`: log-probabilities of given targets."""

import math
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.cli import subcommands, task_options
from pipelines.progress.quiet_import import stderr_held_back
from pipelines.runs import command_lines
from pipelines.sources.files import answer_files, file_formats, held_cells, row_files, standard_streams, text_lines
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.standard_streams import DASH, FORMATS, Format

_SOURCES = ("text", "source")  # names of the column of sources
_SCORES = ("score", "length")
_LARGEST = 700.0  # whose exponential is a float


class _Pairs(NamedTuple):
    names: list[str]
    cells: list[list[str]]
    source: str
    how: Dialect | None = None


def score(arguments: list[str]) -> None:
    """Compute the log-probabilities that a model assigns to given targets."""
    parser = subcommands.parser("score", score)
    parser.add_argument("model", metavar="RUN|EXPORT", help=subcommands.MODEL)
    command_lines.add_task(parser)
    parser.add_argument(
        "--input", metavar="PAIRS",
        help="File of pairs: .csv, .tsv, .jsonl or .parquet with the columns `text` (or `source`) and `target`, or "
        "lines `source<TAB>target`; all but .parquet also .gz. - is standard input, the default if something is there.",
    )  # fmt: skip
    parser.add_argument(
        "--input_format", choices=FORMATS, help="Format of standard input. Default: text, lines source<TAB>target.",
    )  # fmt: skip
    parser.add_argument(
        "--output", metavar="FILE",
        help="Output file: .csv, .tsv, .jsonl or .parquet, with `score` and `length` beside the input's columns, or "
        "any other ending for lines `log-probability<TAB>tokens`: natural logarithm including the end token, number "
        "of tokens without it. - is standard output. Default: such lines on the terminal.",
    )  # fmt: skip
    parser.add_argument(
        "--output_format", choices=FORMATS, help="Format of standard output. Default: text, such lines.",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    options.input = options.input or (DASH if standard_streams.is_piped() else None)
    subcommands.check_output(options.output, filter(None, [options.input]))
    subcommands.check_formats(options)
    if not options.input:
        parser.error("Expected --input PAIRS, or pairs at standard input")
    pairs = _pairs(options.input, options.input_format or "text")
    _check_cells(options, pairs)
    predictor = task_options.model(options.model, options)
    source, target = pairs.names.index(pairs.source), pairs.names.index("target")
    with stderr_held_back():
        outputs = predictor.predict([{"text": row[source], "target": row[target]} for row in pairs.cells], "score")
    _check(outputs)
    lines = [f"{output['score']:.6f}\t{output['length']}" for output in outputs]
    is_file = options.output not in (None, DASH)
    if is_file:
        _write(Path(options.output), pairs, outputs, lines)
        print(f"{len(outputs)} scores in {options.output}")
    elif options.output_format:
        write = partial(_write, pairs=pairs, outputs=outputs, lines=lines)
        standard_streams.written(options.output_format, write)
    else:
        print("\n".join(lines))
    total, tokens = (sum(output[name] for output in outputs) for name in ("score", "length"))
    mean = total / (tokens + len(outputs))
    perplexity = math.exp(-mean) if -mean < _LARGEST else math.inf
    print(
        f"log-probability {total:.4f}, {mean:.4f} per token (with end tokens), perplexity {perplexity:.4f}",
        file=sys.stdout if is_file else sys.stderr,  # redirected output has exactly one line for each pair
    )


def _check_cells(options: Namespace, pairs: _Pairs) -> None:
    """Refuses pairs that the output cannot hold beside their scores, before these are computed."""
    form = options.output_format or "text"
    kind = file_formats.of(Path(options.output)) if options.output not in (None, DASH) else form
    kept = [place for place, name in enumerate(pairs.names) if name not in _SCORES]
    cells = [[row[place] for place in kept] for row in pairs.cells]
    held_cells.check("lines" if kind == "text" else kind, [pairs.names[one] for one in kept], cells, options.input)


def _check(outputs: Sequence[Mapping[str, Any]]) -> None:
    """Refuses the endpoint `score` of another kind of model: an export may come from anyone."""
    for output in outputs:
        score, length = output.get("score"), output.get("length")
        if not isinstance(score, int | float) or not isinstance(length, int) or length < 0:
            raise ValueError(
                "Expected a model whose endpoint `score` answers each pair with a number `score` and a number of "
                f"tokens `length`. Received: {str(output)[:80]}"
            )


def _write(path: Path, pairs: _Pairs, outputs: Sequence[Mapping[str, Any]], lines: Sequence[str]) -> None:
    if file_formats.of(path) == "lines":
        row_files.write(path, ["score"], ([line] for line in lines))
        return
    scores = {name: [output[name] for output in outputs] for name in _SCORES}
    answer_files.write_beside(path, pairs.names, pairs.cells, [pairs.source, "target"], scores, pairs.how)


def _pairs(file: str, kind: Format) -> _Pairs:
    if file != DASH:
        return _read(Path(file))
    with standard_streams.spooled(kind) as path:
        return _read(path)


def _read(path: Path) -> _Pairs:
    from pipelines.sources.text import pair_files

    kind = file_formats.of(path)
    if kind == "lines" or (kind == "tsv" and not _has_header(path)):
        cells = [[pair.source, pair.target] for pair in pair_files.read_tabbed(path)]
        if not cells:
            raise ValueError(f"Expected lines `source<TAB>target`. Received: an empty file, {path}")
        return _Pairs(["text", "target"], cells, "text")
    rows = row_files.read(path)
    source = next((name for name in _SOURCES if name in rows.names), _SOURCES[0])
    places = [rows.column(source), rows.column("target")]
    cells = []
    for line, row in rows.rows:
        if not all(isinstance(row[place], str) for place in places):
            raise ValueError(f"Expected a text as source and as target. Received: {row}, {rows.place(line)}")
        cells.append(row)
    return _Pairs(rows.names, answer_files.filled(rows, cells), source, rows.dialect)


def _has_header(path: Path) -> bool:
    names = {name.strip().strip('"') for name in next(text_lines.read(path), "").split("\t")}
    return "target" in names and not names.isdisjoint(_SOURCES)
