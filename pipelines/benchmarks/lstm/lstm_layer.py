"""`tfmodels benchmark lstm`: the LSTM layer beside Keras' own and the machine's matrix products."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.benchmarks import results
from pipelines.benchmarks.lstm.lstm_size import Size
from pipelines.benchmarks.number_options import positive
from pipelines.benchmarks.subject_parser import subject_parser
from pipelines.progress.quiet_import import import_tensorflow

if TYPE_CHECKING:
    from rich.console import Console

_SIZES = "64x96x32x128,64x96x128x256,256x96x512x512"
# Title -> key of the row.
_COLUMNS = {
    "forward, ms": "forward_ms",
    "of the limit": "forward_of_limit",
    "of Keras": "forward_of_stock",
    "and backward, ms": "training_ms",
    "of the limit ": "training_of_limit",
    "of Keras ": "training_of_stock",
}


def lstm(arguments: list[str]) -> None:
    """Measure the LSTM layer beside keras.layers.LSTM and the time of its matrix products alone."""
    options = _options(arguments)
    sizes = [Size.parse(text) for text in options.sizes.split(",")]
    import_tensorflow()

    from rich.console import Console

    from pipelines.benchmarks.lstm.lstm_times import UNMEASURED, measure
    from tfmodels import plots

    console = Console()
    result: dict[str, Any] = {**results.conditions(), "precision": options.precision, "rounds": options.rounds}
    with results.progress(console, "rounds", len(sizes) * (UNMEASURED + options.rounds)) as show:
        result["sizes"] = [measure(size, options.precision, options.rounds, show) for size in sizes]
    for row in result["sizes"]:
        _show(row, console)
    folder = Path(options.output)
    file = results.write(result, folder, "lstm")
    plots.draw_layer_times(result["sizes"], folder / "lstm.png")
    print(f"The figures lie in {file}, their picture in {folder / 'lstm.png'}.")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = subject_parser(lstm)
    parser.add_argument(
        "--sizes", metavar="BxTxIxU,...", default=_SIZES,
        help="Batch, steps, width of the inputs and units of each layer. Default: %(default)s.",
    )  # fmt: skip
    parser.add_argument(
        "--precision", choices=("float32", "bfloat16", "float16"), default="float32", help="Default: %(default)s."
    )
    parser.add_argument(
        "--rounds", metavar="N", type=positive(int), default=10, help="Runs of each. Default: %(default)s."
    )
    parser.add_argument(
        "--output", metavar="FOLDER", default="benchmarks", help="For lstm.json and lstm.png. Default: %(default)s."
    )
    return parser.parse_args(arguments)


def _show(row: dict[str, Any], console: "Console") -> None:
    peak = row["peak_flops_per_second"] / 1e9
    table = results.table(f"{row['size']} (limit: the products alone at {peak:,.0f} GFLOP/s)", _COLUMNS)
    for layer in row["layers"]:
        table.add_row(layer["layer"], *(results.number(layer[key]) for key in _COLUMNS.values()))
    console.print(table)
