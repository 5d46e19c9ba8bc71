"""`tfmodels benchmark parallelism`: scaling of Transformer and LSTM with length, batch size, replicas and threads."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.benchmarks import growth, results, unfinished
from pipelines.benchmarks.number_options import comma_separated, positive
from pipelines.benchmarks.parallelism_setting import FAMILIES, WORKLOADS, Ranges, Setting, Shape, Times
from pipelines.benchmarks.subject_parser import subject_parser
from pipelines.progress import consoles
from pipelines.progress.quiet_import import stderr_held_back
from pipelines.runs.reports import captions
from tfmodels.training.devices.child_process import run_in_child

if TYPE_CHECKING:
    from rich.console import Console

_QUICK = {
    "lengths": [8, 16], "batches": [1, 2], "replicas": [1, 2], "threads": [1, 2], "length": 8, "batch": 2, "width": 16,
    "layers": 1, "repeats": 2,
}  # fmt: skip
_UNFINISHED = "parallelism.unfinished.json"
_GROWTH_SWEEPS = ("length", "batch")
_QUANTITIES = ("seconds", "memory_bytes")


def parallelism(arguments: list[str]) -> None:
    """Compare Transformer and LSTM by length, batch size, replicas and threads: time, memory, growth, crossover."""
    options = _options(arguments)
    workloads = tuple(options.workloads.split(","))
    if not set(workloads) <= set(WORKLOADS):
        raise ValueError(f"Expected --workloads to be some of {', '.join(WORKLOADS)}. Received: {options.workloads}")
    ranges = Ranges(workloads, *(getattr(options, name) for name in Ranges._fields[1:]))

    from tfmodels import plots

    console = consoles.console()
    shape = Shape(options.width, options.layers)
    result: dict[str, Any] = {**results.conditions(), **shape._asdict(), "repeats": options.repeats}
    folder = Path(options.output)
    result["rows"] = _measure_all(list(ranges.settings()), shape, options.repeats, folder, console)
    result["growth"] = _growth(result["rows"])
    result["crossover_length"] = {workload: _crossover(result["rows"], workload) for workload in workloads}
    _show(result, console)
    file = results.write(result, folder, "parallelism")
    plots.draw_parallelism(result["rows"], folder / "parallelism.png", captions.of_benchmark(result))
    (folder / _UNFINISHED).unlink(missing_ok=True)
    print(f"Results: {file}, figure: {folder / 'parallelism.png'}")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = subject_parser(parallelism)
    cores = os.cpu_count() or 1
    numbers = {"metavar": "N,N", "type": comma_separated(int)}
    parser.add_argument("--workloads", default=",".join(WORKLOADS), help="Workloads to measure. Default: %(default)s.")
    parser.add_argument(
        "--lengths", **numbers, default=[2**power for power in range(5, 13)],
        help="Tokens of source and target, with a batch of one row. Default: 32,64 ... 4096.",
    )  # fmt: skip
    parser.add_argument(
        "--batches",
        **numbers,
        default=[4**power for power in range(5)],
        help="Batch sizes. Default: 1,4,16,64,256.",
    )
    parser.add_argument("--replicas", **numbers, default=[1, 2], help="Numbers of replicas. Default: 1,2.")
    parser.add_argument(
        "--threads",
        **numbers,
        default=sorted({1, cores}),
        help="Numbers of threads. Default: 1 and the number of cores.",
    )
    number = {"metavar": "N", "type": positive(int)}
    parser.add_argument("--length", **number, default=64, help="Tokens in the other sweeps. Default: %(default)s.")
    parser.add_argument(
        "--batch",
        **number,
        default=32,
        help="Batch size of the sweeps over replicas and threads. Default: %(default)s.",
    )
    parser.add_argument("--width", **number, default=128, help="Width of the states. Default: %(default)s.")
    parser.add_argument(
        "--layers", **number, default=2, help="Layers of encoder and decoder each. Default: %(default)s."
    )
    parser.add_argument(
        "--repeats", **number, default=5, help="Measured steps or batches of each setting. Default: %(default)s."
    )
    parser.add_argument("--quick", action="store_true", help="Smaller defaults: a trial run of one or two minutes.")
    parser.add_argument(
        "--output", metavar="FOLDER", default="benchmarks",
        help="Folder for parallelism.json and parallelism.png, and until the end for parallelism.unfinished.json, "
        "from which the same command resumes. Default: %(default)s.",
    )  # fmt: skip
    if "--quick" in arguments:
        parser.set_defaults(**_QUICK)
    return parser.parse_args(arguments)


def _measure_all(
    settings: list[tuple[str, Setting]], shape: Shape, repeats: int, folder: Path, console: "Console"
) -> list[dict[str, Any]]:
    """A row for each setting of each sweep; a setting of several sweeps or of an earlier call is measured once."""
    from pipelines.runs.report import versions

    different = list(dict.fromkeys(setting for _, setting in settings))
    conditions = {**shape._asdict(), "repeats": repeats, "cores": os.cpu_count(), "versions": versions()}
    found = unfinished.read(folder / _UNFINISHED, conditions)
    missing = [setting for setting in different if str(setting) not in found]
    if found:
        console.print(f"{len(different) - len(missing)} of {len(different)} settings were measured before.")
    with results.progress(console, "settings", len(missing)) as show:
        for number, setting in enumerate(missing, 1):
            found[str(setting)] = _times_or_reason(setting, shape, repeats)
            unfinished.write(folder / _UNFINISHED, conditions, found)
            console.print(
                f"{number}/{len(missing)} {_line(setting, found[str(setting)])}", highlight=False, soft_wrap=True
            )
            show()
    rows: list[dict[str, Any]] = [
        {"sweep": sweep, **setting._asdict(), **found[str(setting)]} for sweep, setting in settings
    ]
    for row in rows:
        row["seconds_per_token"] = row["seconds"] and row["seconds"] / (row["length"] * row["batch"])
    return rows


def _times_or_reason(setting: Setting, shape: Shape, repeats: int) -> dict[str, Any]:
    try:
        times = run_in_child(_measure, setting, shape, repeats)
    except (MemoryError, ChildProcessError) as error:
        return {"seconds": None, "memory_bytes": None, "reason": str(error)}
    return {**times._asdict(), "reason": None}


def _line(setting: Setting, measured: dict[str, Any]) -> str:
    numbers = (f"{name} {value}" for name, value in setting._asdict().items() if isinstance(value, int) and value)
    outcome = measured["reason"] or f"{results.number(1e3 * measured['seconds'])} ms"
    return f"{setting.family}, {setting.workload}, {', '.join(numbers)}: {outcome}"


def _measure(setting: Setting, shape: Shape, repeats: int) -> Times:
    """Measures in a child process, with oneDNN on as in `fit` for training and off as in `predict` for generation."""
    if setting.workload == "training":
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    with stderr_held_back():
        from pipelines.benchmarks import parallelism_times

        return parallelism_times.measure(setting, shape, repeats)


def _curve(rows: list[dict[str, Any]], sweep: str, family: str, workload: str, quantity: str) -> dict[int, float]:
    """Value of the sweep -> measured quantity, without failed settings."""
    chosen = (row for row in rows if (row["sweep"], row["family"], row["workload"]) == (sweep, family, workload))
    return {row[sweep]: row[quantity] for row in chosen if row[quantity]}


def _growth(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Growth exponents over the upper half of each sweep, where the fixed cost of a step matters less."""
    found = []
    for sweep in _GROWTH_SWEEPS:
        for workload in dict.fromkeys(row["workload"] for row in rows):
            for family in FAMILIES:
                curves = {quantity: _curve(rows, sweep, family, workload, quantity) for quantity in _QUANTITIES}
                exponents = {
                    quantity: growth.exponent({x: curve[x] for x in sorted(curve)[len(curve) // 2 - 1 :]})
                    for quantity, curve in curves.items()
                }
                found.append({"sweep": sweep, "workload": workload, "family": family, **exponents})
    return found


def _crossover(rows: list[dict[str, Any]], workload: str) -> float | None:
    """The length above which the Transformer is slower."""
    transformer, lstm = (_curve(rows, "length", family, workload, "seconds") for family in ("transformer", "lstm"))
    return growth.crossing(transformer, lstm)


def _show(result: dict[str, Any], console: "Console") -> None:
    for sweep in dict.fromkeys(row["sweep"] for row in result["rows"]):
        rows = [row for row in result["rows"] if row["sweep"] == sweep]
        others = ", ".join(f"{name} {rows[0][name]}" for name in ("length", "batch") if name != sweep)
        table = results.table(f"By {sweep}, {others}", (sweep, "ms", "us per token", "MiB"))
        for row in rows:
            scaled = (("seconds", 1e3), ("seconds_per_token", 1e6), ("memory_bytes", 2**-20))
            numbers = [results.number(row[name] and factor * row[name]) for name, factor in scaled]
            table.add_row(f"{row['family']}, {row['workload']}", str(row[sweep]), *numbers)
        console.print(table)
        for row in filter(lambda row: row["reason"], rows):
            console.print(f"{row['family']}, {row['workload']}, {sweep} {row[sweep]}: {row['reason']}", highlight=False)
    table = results.table("Growth exponents, upper half of each sweep", ("time", "memory"))
    for row in result["growth"]:
        name = f"{row['family']}, {row['workload']}, by {row['sweep']}"
        table.add_row(name, *(results.number(row[quantity]) for quantity in _QUANTITIES))
    console.print(table)
    for workload, length in result["crossover_length"].items():
        outcome = "no crossover" if length is None else f"the Transformer is slower from {length:,.0f} tokens"
        console.print(f"{workload}: {outcome}", highlight=False)
