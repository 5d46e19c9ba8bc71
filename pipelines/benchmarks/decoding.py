"""`tfmodels benchmark decode`: how fast an export answers texts, in this process."""

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.benchmarks import results
from pipelines.benchmarks.number_options import listed, positive
from pipelines.benchmarks.subject_parser import subject_parser
from pipelines.progress.quiet_import import import_tensorflow

if TYPE_CHECKING:
    from rich.console import Console

    from tfmodels.export import SessionRunner

# Title -> key of the row.
_ANSWERS = {
    "p50, ms": "p50_ms",
    "p95, ms": "p95_ms",
    "texts/s": "texts_per_second",
    "tokens/s": "tokens_per_second",
}
_STEPS = {"p50, ms": "p50_ms", "ms of a further step": "ms_per_step"}


def decode(arguments: list[str]) -> None:
    """Measure an export from text to text in process: one sentence, batches, the cost of a step by its position."""
    options = _options(arguments)
    import_tensorflow()

    from rich.console import Console

    from pipelines.benchmarks.decoding_times import ROUNDS, measure_answers, measure_steps, ways
    from tfmodels import plots
    from tfmodels.export import SessionRunner
    from tfmodels.export.versions import version_folder

    console = Console()
    version = version_folder(options.export)
    result: dict[str, Any] = {"export": options.export, **results.conditions()}
    started = time.perf_counter()
    with SessionRunner(version) as runner:
        result["load_seconds"] = time.perf_counter() - started
        result["megabytes"] = sum(file.stat().st_size for file in version.rglob("*") if file.is_file()) / 1e6
        asked = ways(runner.endpoints)
        texts = _texts(options, version, runner)
        result["texts"] = len(texts)
        with results.progress(console, "measurements", (len(asked) + ROUNDS) * len(options.batches)) as show:
            result["answers"], result["steps"] = [], []
            for batch in options.batches:
                for way in asked:
                    result["answers"].append(measure_answers(runner, way, texts, batch, options.seconds))
                    show()
                result["steps"] += measure_steps(runner, texts, batch, options.steps, show)
    _show(result, console)
    folder = Path(options.output)
    file = results.write(result, folder, "decode")
    plots.draw_decoding_times(result["answers"], result["steps"], folder / "decode.png")
    print(f"The figures lie in {file}, their picture in {folder / 'decode.png'}.")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = subject_parser(decode)
    parser.add_argument("export", metavar="EXPORT", help="A version's folder, or a folder of versions.")
    parser.add_argument(
        "--input", metavar="FILE", type=Path,
        help="Texts, one a line, plain or .gz. Default: those of the export's warm-up requests.",
    )  # fmt: skip
    parser.add_argument(
        "--batches", metavar="N,N", type=listed(int), default=[1, 32], help="Texts at once. Default: 1,32."
    )
    parser.add_argument(
        "--steps", metavar="N,N", type=listed(int), default=[10, 20, 30, 40, 50],
        help="Forced lengths of answers, in tokens. Default: 10,20,30,40,50.",
    )  # fmt: skip
    parser.add_argument(
        "--seconds", metavar="S", type=positive(float), default=5.0, help="Of each way and batch. Default: %(default)s."
    )
    parser.add_argument(
        "--output", metavar="FOLDER", default="benchmarks", help="For decode.json and decode.png. Default: %(default)s."
    )
    options = parser.parse_args(arguments)
    if options.input and not options.input.is_file():
        raise FileNotFoundError(f"Expected a file. Received: {options.input}")
    return options


def _texts(options: argparse.Namespace, version: Path, runner: "SessionRunner") -> list[bytes]:
    """The texts to answer, blank ones left out."""
    from pipelines.sources.text import text_lines
    from tfmodels.export.warmup_requests import warmup_rows

    if options.input:
        texts = [line.encode() for line in text_lines.read(options.input)]
    else:
        rows = warmup_rows(version, runner.endpoints, "serving_default")
        texts = [row["text"][0] for row in rows]
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise ValueError(f"Expected texts to answer: name a file with --input. Received: {options.input or version}")
    return texts


def _show(result: dict[str, Any], console: "Console") -> None:
    console.print(
        f"\n{result['export']}: {result['megabytes']:.1f} MB, loaded in {result['load_seconds']:.1f} s; "
        f"{result['texts']} different texts",
        highlight=False,
    )
    table = results.table("Answers", ("batch", *_ANSWERS))
    for row in result["answers"]:
        table.add_row(row["way"], str(row["batch"]), *(results.number(row[key]) for key in _ANSWERS.values()))
    console.print(table)
    if not result["steps"]:
        console.print("No steps were forced: the export has no `with_options` with `max_length` and `prefix`.")
        return
    table = results.table("Answers of a forced length, as exported", ("batch", *_STEPS))
    for row in result["steps"]:
        numbers = (results.number(row[key]) for key in _STEPS.values())
        table.add_row(f"{row['steps']} tokens", str(row["batch"]), *numbers)
    console.print(table)
