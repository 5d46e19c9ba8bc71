"""A figure of time and memory of two families of networks by sequence length, batch size and devices."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tfmodels.plots import drawable, labels, roles, style, worst_parts

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
_MOST, _MOST_LINES = 4, 9  # workloads, and families of a panel
_MEASURED = tuple(dict.fromkeys(panel.measured for panel in _PANELS))


@style.applied()
def draw_parallelism(measurements: list[dict[str, Any]], path: Path, caption: str = "") -> None:
    """Draws time and memory by length, time per token by batch size, and time by replicas and threads.

    Args:
        measurements: One dict for each setting of a sweep: `sweep`, the name of the varied quantity (`length`, `batch`,
            `replicas` or `threads`), and its value under that name; `workload`, one column of panels each, at most 4;
            `family`, one line each, at most 9; `seconds`, `seconds_per_token` and `memory_bytes`, None where there was
            too little memory.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Machine and date, below the title.

    Raises:
        ValueError: There is no measurement above 0, or one lacks a key.

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
    shown = workloads[:_MOST]
    known = [one for one in _PANELS if any(_known(row, one) for row in measurements if row["workload"] in shown)]
    if not known:
        raise ValueError(f"Expected at least one time or memory above 0. Received: none of {len(measurements)}")
    figure = Figure(figsize=(min(5.0 * len(shown), style.WIDTH), 2.6 * len(known) + 1.0))
    grid = figure.subplots(len(known), len(shown), squeeze=False)
    for line, panel in zip(grid, known, strict=True):
        for axes, workload in zip(line, shown, strict=True):
            rows = [row for row in measurements if row["workload"] == workload and _known(row, panel)]
            if not rows:
                axes.set_visible(False)
                continue
            axes.set(xlabel=panel.name, ylabel=panel.label)
            axes.set_title(labels.fitted(workload, 2.0, style.TEXT), parse_math=False)
            _draw(axes, rows, panel)
    left_out = worst_parts.first(len(shown), len(workloads), "workloads")
    style.describe(figure, f"Time and memory by length, batch size and devices{left_out}", caption)
    style.save(figure, path)


def _known(row: dict[str, Any], panel: _Panel) -> bool:
    """Whether a row is of the sweep of a panel, with numbers above 0."""
    numbers = (drawable.number(row.get(key)) for key in (panel.sweep, panel.measured))
    return row["sweep"] == panel.sweep and all(number > 0 for number in numbers)


def _draw(axes: "Axes", rows: list[dict[str, Any]], panel: _Panel) -> None:
    families = dict.fromkeys(("transformer", "lstm", *(row["family"] for row in rows)))  # each with one look
    for number, family in enumerate(list(families)[:_MOST_LINES]):
        points = sorted(
            (row[panel.sweep], panel.factor * row[panel.measured]) for row in rows if row["family"] == family
        )
        if points:
            axes.plot(
                *zip(*points, strict=True),
                label=labels.entry(family, 1.2, style.SMALL),
                **roles.equal(number).options(len(points)),
            )
    if panel.logarithms:
        style.logarithmic(axes.xaxis, base=2)
        style.logarithmic(axes.yaxis)
    else:
        axes.set_ylim(0, 1.1 * panel.factor * max(row[panel.measured] for row in rows))
        axes.set_xticks(sorted({row[panel.sweep] for row in rows}))
        axes.xaxis.set_major_formatter("{x:g}")
    axes.grid(True)
    axes.legend()
