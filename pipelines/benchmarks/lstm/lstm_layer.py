"""`tfmodels benchmark lstm`: the LSTM layer compared with the Keras layer and with its matrix products alone."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.benchmarks import results
from pipelines.benchmarks.lstm.lstm_size import Size
from pipelines.benchmarks.number_options import positive
from pipelines.benchmarks.subject_parser import subject_parser
from pipelines.progress import consoles
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs.reports import captions

if TYPE_CHECKING:
    from rich.console import Console

_SIZES = "64x96x32x128,64x96x128x256,256x96x512x512"
# Column title -> key of the row; titles must differ.
_COLUMNS = {
    "forward, ms": "forward_ms",
    "/ limit": "forward_over_limit",
    "/ Keras": "forward_over_keras",
    "forward + backward, ms": "training_ms",
    "/ limit ": "training_over_limit",
    "/ Keras ": "training_over_keras",
}


def lstm(arguments: list[str]) -> None:
    """Compare the LSTM layer with keras.layers.LSTM and with its matrix products alone."""
    options = _options(arguments)
    sizes = [Size.parse(text) for text in options.sizes.split(",")]
    import_tensorflow()

    from pipelines.benchmarks.lstm.lstm_times import WARM_UP_ROUNDS, measure
    from tfmodels import plots

    console = consoles.console()
    result: dict[str, Any] = {**results.conditions(), "precision": options.precision, "rounds": options.rounds}
    with results.progress(console, "rounds", len(sizes) * (WARM_UP_ROUNDS + options.rounds)) as show:
        result["sizes"] = [measure(size, options.precision, options.rounds, show) for size in sizes]
    for row in result["sizes"]:
        _show(row, console)
    folder = Path(options.output)
    file = results.write(result, folder, "lstm")
    plots.draw_layer_times(result["sizes"], folder / "lstm.png", captions.of_benchmark(result))
    print(f"Results: {file}, figure: {folder / 'lstm.png'}")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = subject_parser(lstm)
    parser.add_argument(
        "--sizes", metavar="BxTxIxU,...", default=_SIZES,
        help="Batch size, steps, input width and units. Default: %(default)s.",
    )  # fmt: skip
    parser.add_argument(
        "--precision", choices=("float32", "bfloat16", "float16"), default="float32", help="Default: %(default)s."
    )
    parser.add_argument(
        "--rounds", metavar="N", type=positive(int), default=10, help="Runs of each layer. Default: %(default)s."
    )
    parser.add_argument(
        "--output", metavar="FOLDER", default="benchmarks",
        help="Folder for lstm.json and lstm.png. Default: %(default)s.",
    )  # fmt: skip
    return parser.parse_args(arguments)


def _show(row: dict[str, Any], console: "Console") -> None:
    peak = row["peak_flops_per_second"] / 1e9
    table = results.table(f"{row['size']} (limit: matrix products alone, {peak:,.0f} GFLOP/s)", _COLUMNS)
    for layer in row["layers"]:
        table.add_row(layer["layer"], *(results.number(layer[key]) for key in _COLUMNS.values()))
    console.print(table)
