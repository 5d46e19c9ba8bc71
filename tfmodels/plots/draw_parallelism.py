"""A figure of time and memory of two families of networks by sequence length, batch size and devices."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tfmodels.plots import drawable, labels, roles, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class _Panel(NamedTuple):
    """A row of panels: what is varied and its name, what is measured, its label and factor, and the kind of axes."""

    sweep: str
    name: str
    measured: str
    label: str
    factor: float
    logarithms: bool


_PANELS = (
    _Panel("length", "length (tokens)", "seconds", "time of a batch (ms)", 1e3, True),
    _Panel("length", "length (tokens)", "memory_bytes", "memory (MiB)", 2**-20, True),
    _Panel("batch", "batch size", "seconds_per_token", "time per token (µs)", 1e6, True),
    _Panel("replicas", "replicas", "seconds", "time of a batch (ms)", 1e3, False),
    _Panel("threads", "threads", "seconds", "time of a batch (ms)", 1e3, False),
)
_MEASURED = tuple(dict.fromkeys(panel.measured for panel in _PANELS))


@style.applied()
def draw_parallelism(measurements: list[dict[str, Any]], path: Path, caption: str = "") -> None:
    """Draws time and memory by length, time per token by batch size, and time by replicas and threads.

    Args:
        measurements: One dict for each setting of a sweep: `sweep`, the name of the varied quantity (`length`, `batch`,
            `replicas` or `threads`), and its value under that name; `workload`, one column of panels each; `family`,
            one line each; `seconds`, `seconds_per_token` and `memory_bytes`, None where there was too little memory.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Machine and date, below the title.

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

    drawable.records("measurements", measurements, "measurement", ["sweep", "workload", "family", *_MEASURED])
    workloads = list(dict.fromkeys(row["workload"] for row in measurements))
    known = [one for one in _PANELS if any(row["sweep"] == one.sweep and row[one.measured] for row in measurements)]
    figure = Figure(figsize=(min(5.0 * len(workloads), style.WIDTH), 2.6 * max(len(known), 1) + 1.0))
    grid = figure.subplots(max(len(known), 1), len(workloads), squeeze=False)
    for line, panel in zip(grid, known, strict=False):
        for axes, workload in zip(line, workloads, strict=True):
            of_sweep = [row for row in measurements if (row["sweep"], row["workload"]) == (panel.sweep, workload)]
            rows = [row for row in of_sweep if row[panel.measured]]
            if not rows:
                axes.set_visible(False)
                continue
            axes.set(xlabel=panel.name, ylabel=panel.label)
            axes.set_title(labels.fitted(workload, 2.0, style.TEXT), parse_math=False)
            _draw(axes, rows, panel)
    style.describe(figure, "Time and memory by length, batch size and devices", caption)
    style.save(figure, path)


def _draw(axes: "Axes", rows: list[dict[str, Any]], panel: _Panel) -> None:
    for number, family in enumerate(("transformer", "lstm")):
        points = sorted(
            (row[panel.sweep], panel.factor * row[panel.measured]) for row in rows if row["family"] == family
        )
        if points:
            axes.plot(*zip(*points, strict=True), label=family, **roles.equal(number).options(len(points)))
    if panel.logarithms:
        style.logarithmic(axes.xaxis, base=2)
        style.logarithmic(axes.yaxis)
    else:
        axes.set_ylim(0, 1.1 * panel.factor * max(row[panel.measured] for row in rows))
        axes.set_xticks(sorted({row[panel.sweep] for row in rows}))
        axes.xaxis.set_major_formatter("{x:g}")
    axes.grid(True)
    axes.legend()
