"""A figure of time and memory of two families of networks by sequence length, batch size and devices."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfmodels.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = (  # sweep, quantity, label of its axis, factor of its values, whether both axes are logarithmic
    ("length", "seconds", "time (ms)", 1e3, True),
    ("length", "memory_bytes", "memory (MiB)", 2**-20, True),
    ("batch", "seconds_per_token", "time per token (µs)", 1e6, True),
    ("replicas", "seconds", "time (ms)", 1e3, False),
    ("threads", "seconds", "time (ms)", 1e3, False),
)


@style.applied()
def draw_parallelism(measurements: list[dict[str, Any]], path: Path) -> None:
    """Draws time and memory by length, time per token by batch size, and time by replicas and threads.

    Args:
        measurements: One dict for each setting of a sweep: `sweep`, the name of the varied quantity (`length`, `batch`,
            `replicas` or `threads`), and its value under that name; `workload`, one row of panels each; `family`, one
            line each; `seconds`, `seconds_per_token` and `memory_bytes`, None where there was too little memory.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).

    Raises:
        ValueError: There is no measurement.

    Example:
        ```python
        row = {"sweep": "length", "length": 64, "workload": "training", "family": "lstm"}
        row |= {"seconds": 0.2, "seconds_per_token": 1e-4, "memory_bytes": 10**7}
        draw_parallelism([row], Path("parallelism.png"))
        ```
    """
    from matplotlib.figure import Figure

    if not measurements:
        raise ValueError("Expected at least one measurement. Received: measurements=[]")
    workloads = list(dict.fromkeys(row["workload"] for row in measurements))
    figure = Figure(figsize=(3.6 * len(_COLUMNS), 3.2 * len(workloads)))
    grid = figure.subplots(len(workloads), len(_COLUMNS), squeeze=False)
    for line, workload in zip(grid, workloads, strict=True):
        for axes, (sweep, measured, label, factor, logarithms) in zip(line, _COLUMNS, strict=True):
            rows = [
                row for row in measurements if (row["sweep"], row["workload"]) == (sweep, workload) and row[measured]
            ]
            if not rows:
                axes.set_visible(False)
                continue
            axes.set(xlabel=sweep, ylabel=label, title=workload)
            _draw(axes, rows, sweep, measured, factor)
            if logarithms:
                axes.set_xscale("log", base=2)
                axes.set_yscale("log")
            else:
                axes.set_ylim(0, 1.1 * factor * max(row[measured] for row in rows))
            axes.set_xticks(sorted({row[sweep] for row in rows}))
            axes.xaxis.set_major_formatter("{x:g}")
            axes.tick_params(axis="x", labelrotation=45 * logarithms)
    style.save(figure, path)


def _draw(axes: "Axes", rows: list[dict[str, Any]], sweep: str, measured: str, factor: float) -> None:
    for number, family in enumerate(("transformer", "lstm")):
        points = sorted((row[sweep], factor * row[measured]) for row in rows if row["family"] == family)
        if points:
            axes.plot(*zip(*points, strict=True), color=f"C{number}", marker=".", label=family)
    axes.grid(True)
    axes.legend()
