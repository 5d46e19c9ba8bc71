"""`tfmodels benchmark parallelism`: how a Transformer and an LSTM scale with length, batch, replicas and threads."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.benchmarks import growth, results, unfinished
from pipelines.benchmarks.number_options import listed, positive
from pipelines.benchmarks.parallelism_setting import FAMILIES, WORKS, Ranges, Setting, Shape, Times
from pipelines.benchmarks.subject_parser import subject_parser
from pipelines.progress.quiet_import import stderr_held_back
from tfmodels.training.devices.child_process import run_in_child

if TYPE_CHECKING:
    from rich.console import Console

_QUICK = {
    "lengths": [8, 16], "batches": [1, 2], "replicas": [1, 2], "threads": [1, 2], "length": 8, "batch": 2, "width": 16,
    "layers": 1, "repeats": 2,
}  # fmt: skip
_UNFINISHED = "parallelism.unfinished.json"
_GROWS_WITH = ("length", "batch")
_MEASURED = ("seconds", "memory_bytes")


def parallelism(arguments: list[str]) -> None:
    """Measure Transformer against LSTM over length, batch, replicas and threads: time, memory, growth, crossover."""
    options = _options(arguments)
    works = tuple(options.works.split(","))
    if not set(works) <= set(WORKS):
        raise ValueError(f"Expected --works to be some of {', '.join(WORKS)}. Received: {options.works}")
    ranges = Ranges(works, *(getattr(options, name) for name in Ranges._fields[1:]))

    from rich.console import Console

    from tfmodels import plots

    console = Console()
    shape = Shape(options.width, options.layers)
    result: dict[str, Any] = {**results.conditions(), **shape._asdict(), "repeats": options.repeats}
    folder = Path(options.output)
    result["rows"] = _measured(list(ranges.settings()), shape, options.repeats, folder, console)
    result["growth"] = _growth(result["rows"])
    result["crossover_length"] = {work: _crossover(result["rows"], work) for work in works}
    _show(result, console)
    file = results.write(result, folder, "parallelism")
    plots.draw_parallelism(result["rows"], folder / "parallelism.png")
    (folder / _UNFINISHED).unlink(missing_ok=True)
    print(f"The figures lie in {file}, their picture in {folder / 'parallelism.png'}.")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = subject_parser(parallelism)
    cores = os.cpu_count() or 1
    numbers = {"metavar": "N,N", "type": listed(int)}
    parser.add_argument("--works", default=",".join(WORKS), help="What to measure. Default: %(default)s.")
    parser.add_argument(
        "--lengths", **numbers, default=[2**power for power in range(5, 13)],
        help="Tokens of source and target, in a batch of one row. Default: 32,64 ... 4096.",
    )  # fmt: skip
    parser.add_argument(
        "--batches",
        **numbers,
        default=[4**power for power in range(5)],
        help="Rows of a batch. Default: 1,4,16,64,256.",
    )
    parser.add_argument("--replicas", **numbers, default=[1, 2], help="Devices to train on. Default: 1,2.")
    parser.add_argument(
        "--threads", **numbers, default=sorted({1, cores}), help="Threads. Default: 1 and the number of cores."
    )
    number = {"metavar": "N", "type": positive(int)}
    parser.add_argument("--length", **number, default=64, help="Tokens while others vary. Default: %(default)s.")
    parser.add_argument(
        "--batch", **number, default=32, help="Rows while replicas or threads vary. Default: %(default)s."
    )
    parser.add_argument("--width", **number, default=128, help="Width of the states. Default: %(default)s.")
    parser.add_argument("--layers", **number, default=2, help="Layers of encoder and of decoder. Default: %(default)s.")
    parser.add_argument(
        "--repeats", **number, default=5, help="Steps or batches of each setting. Default: %(default)s."
    )
    parser.add_argument("--quick", action="store_true", help="Small defaults: a minute or two, to see that it works.")
    parser.add_argument(
        "--output", metavar="FOLDER", default="benchmarks",
        help="For parallelism.json and parallelism.png; meanwhile for parallelism.unfinished.json, from which "
        "the same command resumes. Default: %(default)s.",
    )  # fmt: skip
    if "--quick" in arguments:
        parser.set_defaults(**_QUICK)
    return parser.parse_args(arguments)


def _measured(
    settings: list[tuple[str, Setting]], shape: Shape, repeats: int, folder: Path, console: "Console"
) -> list[dict[str, Any]]:
    """A row for each setting of each sweep; each setting is measured once, by this call or an interrupted one."""
    from pipelines.runs.report import versions

    different = list(dict.fromkeys(setting for _, setting in settings))
    conditions = {**shape._asdict(), "repeats": repeats, "cores": os.cpu_count(), "versions": versions()}
    found = unfinished.read(folder / _UNFINISHED, conditions)
    missing = [setting for setting in different if str(setting) not in found]
    if found:
        console.print(f"{len(different) - len(missing)} of {len(different)} settings were measured before.")
    with results.progress(console, "settings", len(missing)) as show:
        for number, setting in enumerate(missing, 1):
            found[str(setting)] = _figures(setting, shape, repeats)
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


def _figures(setting: Setting, shape: Shape, repeats: int) -> dict[str, Any]:
    try:
        times = run_in_child(_measure, setting, shape, repeats)
    except MemoryError as error:
        return {"seconds": None, "memory_bytes": None, "reason": str(error)}
    return {**times._asdict(), "reason": None}


def _line(setting: Setting, figures: dict[str, Any]) -> str:
    counted = (f"{name} {value}" for name, value in setting._asdict().items() if isinstance(value, int) and value)
    found = figures["reason"] or f"{results.number(1e3 * figures['seconds'])} ms"
    return f"{setting.family}, {setting.work}, {', '.join(counted)}: {found}"


def _measure(setting: Setting, shape: Shape, repeats: int) -> Times:
    """Measures in a child process, with oneDNN as the subcommands that train and that answer set it."""
    if setting.work == "training":
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    with stderr_held_back():
        from pipelines.benchmarks import parallelism_times

        return parallelism_times.measure(setting, shape, repeats)


def _curve(rows: list[dict[str, Any]], sweep: str, family: str, work: str, measured: str) -> dict[int, float]:
    """Value of what is varied -> what was measured; settings that failed are left out."""
    chosen = (row for row in rows if (row["sweep"], row["family"], row["work"]) == (sweep, family, work))
    return {row[sweep]: row[measured] for row in chosen if row[measured]}


def _growth(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Exponents over the upper half of each sweep, where the fixed cost of a step matters less."""
    found = []
    for sweep in _GROWS_WITH:
        for work in dict.fromkeys(row["work"] for row in rows):
            for family in FAMILIES:
                curves = {measured: _curve(rows, sweep, family, work, measured) for measured in _MEASURED}
                exponents = {
                    measured: growth.exponent({x: curve[x] for x in sorted(curve)[len(curve) // 2 - 1 :]})
                    for measured, curve in curves.items()
                }
                found.append({"sweep": sweep, "work": work, "family": family, **exponents})
    return found


def _crossover(rows: list[dict[str, Any]], work: str) -> float | None:
    """The length from which on the Transformer takes longer."""
    transformer, lstm = (_curve(rows, "length", family, work, "seconds") for family in ("transformer", "lstm"))
    return growth.crossing(transformer, lstm)


def _show(result: dict[str, Any], console: "Console") -> None:
    for sweep in dict.fromkeys(row["sweep"] for row in result["rows"]):
        rows = [row for row in result["rows"] if row["sweep"] == sweep]
        others = ", ".join(f"{name} {rows[0][name]}" for name in ("length", "batch") if name != sweep)
        table = results.table(f"Over {sweep}, {others}", (sweep, "ms", "us of a token", "MiB"))
        for row in rows:
            scaled = (("seconds", 1e3), ("seconds_per_token", 1e6), ("memory_bytes", 2**-20))
            numbers = [results.number(row[name] and factor * row[name]) for name, factor in scaled]
            table.add_row(f"{row['family']}, {row['work']}", str(row[sweep]), *numbers)
        console.print(table)
        for row in filter(lambda row: row["reason"], rows):
            console.print(f"{row['family']}, {row['work']}, {sweep} {row[sweep]}: {row['reason']}", highlight=False)
    table = results.table("Growth: exponents over the upper half", ("time", "memory"))
    for row in result["growth"]:
        name = f"{row['family']}, {row['work']}, over {row['sweep']}"
        table.add_row(name, *(results.number(row[measured]) for measured in _MEASURED))
    console.print(table)
    for work, length in result["crossover_length"].items():
        found = "no crossover" if length is None else f"the Transformer takes longer from {length:,.0f} tokens on"
        console.print(f"{work}: {found}", highlight=False)
