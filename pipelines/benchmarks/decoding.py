"""`tfmodels benchmark decode`: decoding speed of an exported text-to-text model, measured in this process."""

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.benchmarks import results
from pipelines.benchmarks.number_options import comma_separated, positive
from pipelines.benchmarks.subject_parser import subject_parser
from pipelines.progress import consoles
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs.reports import captions
from tfmodels.export.versions import version_folder

if TYPE_CHECKING:
    from rich.console import Console

    from tfmodels.export import SessionRunner

# Column title -> key of the row.
_THROUGHPUT = {
    "p50, ms": "p50_ms",
    "p95, ms": "p95_ms",
    "texts/s": "texts_per_second",
    "tokens/s": "tokens_per_second",
}
_STEPS = {"p50, ms": "p50_ms", "ms per additional step": "ms_per_step"}


def decode(arguments: list[str]) -> None:
    """Measure the decoding speed of a text-to-text export: latency, throughput, time per step by output length."""
    options = _options(arguments)
    version = version_folder(options.export)
    if options.input and not options.input.is_file():
        raise FileNotFoundError(f"Expected a file of texts. Received: --input {options.input}")
    import_tensorflow()

    from pipelines.benchmarks.decoding_times import ROUNDS, decoding_modes, measure_steps, measure_throughput
    from tfmodels import plots
    from tfmodels.export import SessionRunner

    console = consoles.console()
    result: dict[str, Any] = {"export": options.export, **results.conditions()}
    started = time.perf_counter()
    with SessionRunner(version) as runner:
        result["load_seconds"] = time.perf_counter() - started
        result["megabytes"] = sum(file.stat().st_size for file in version.rglob("*") if file.is_file()) / 1e6
        modes = decoding_modes(runner.endpoints)
        texts = _texts(options, version, runner)
        result["texts"] = len(texts)
        with results.progress(console, "measurements", (len(modes) + ROUNDS) * len(options.batches)) as show:
            result["throughput"], result["steps"] = [], []
            for batch in options.batches:
                for mode in modes:
                    result["throughput"].append(measure_throughput(runner, mode, texts, batch, options.seconds))
                    show()
                result["steps"] += measure_steps(runner, texts, batch, options.steps, show)
    _show(result, console)
    folder = Path(options.output)
    file = results.write(result, folder, "decode")
    plots.draw_decoding_times(
        result["throughput"], result["steps"], folder / "decode.png", captions.of_benchmark(result)
    )
    print(f"Results: {file}, figure: {folder / 'decode.png'}")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = subject_parser(decode)
    parser.add_argument("export", metavar="EXPORT", help="Version folder, or folder of versions.")
    parser.add_argument(
        "--input", metavar="FILE", type=Path,
        help="Input texts, one per line, plain or .gz. Default: the texts of the export's warm-up requests.",
    )  # fmt: skip
    parser.add_argument(
        "--batches", metavar="N,N", type=comma_separated(int), default=[1, 32], help="Batch sizes. Default: 1,32."
    )
    parser.add_argument(
        "--steps", metavar="N,N", type=comma_separated(int), default=[10, 20, 30, 40, 50],
        help="Forced output lengths, in tokens. Default: 10,20,30,40,50.",
    )  # fmt: skip
    parser.add_argument(
        "--seconds", metavar="S", type=positive(float), default=5.0,
        help="Measuring time for each decoding mode and batch size. Default: %(default)s.",
    )  # fmt: skip
    parser.add_argument(
        "--output", metavar="FOLDER", default="benchmarks",
        help="Folder for decode.json and decode.png. Default: %(default)s.",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if options.input and not options.input.is_file():
        raise FileNotFoundError(f"Expected a file. Received: {options.input}")
    return options


def _texts(options: argparse.Namespace, version: Path, runner: "SessionRunner") -> list[bytes]:
    """The input texts without blank ones."""
    from pipelines.sources.files import text_lines
    from tfmodels.export.warmup_requests import warmup_rows

    if options.input:
        texts = [line.encode() for line in text_lines.read(options.input)]
    else:
        rows = warmup_rows(version, runner.endpoints, "serving_default")
        texts = [row["text"][0] for row in rows]
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise ValueError(f"Expected input texts: name a file with --input. Received: {options.input or version}")
    return texts


def _show(result: dict[str, Any], console: "Console") -> None:
    console.print(
        f"\n{result['export']}: {result['megabytes']:.1f} MB, loaded in {result['load_seconds']:.1f} s; "
        f"{result['texts']} different texts",
        highlight=False,
    )
    table = results.table("Latency and throughput", ("batch", *_THROUGHPUT))
    for row in result["throughput"]:
        table.add_row(row["mode"], str(row["batch"]), *(results.number(row[key]) for key in _THROUGHPUT.values()))
    console.print(table)
    if not result["steps"]:
        console.print(
            "Time per step was not measured: the export has no endpoint `with_options` with `max_length` and `prefix`."
        )
        return
    table = results.table("Forced output length, as exported", ("batch", *_STEPS))
    for row in result["steps"]:
        numbers = (results.number(row[key]) for key in _STEPS.values())
        table.add_row(f"{row['steps']} tokens", str(row["batch"]), *numbers)
    console.print(table)
