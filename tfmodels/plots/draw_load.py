"""A figure of a server under load: throughput and latency."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfmodels.plots import drawable, labels, roles, style, worst_parts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 9  # servers
_PERCENTILES = {"p50_ms": "-", "p99_ms": ":"}  # key of the row -> style of its line


@style.applied()
def draw_load(measurements: list[dict[str, Any]], path: Path, caption: str = "") -> None:
    """Draws throughput and latency by number of clients, and latency by the rate of independent requests.

    Args:
        measurements: One dict for each load: `server` (its name in the legend), `clients` or, in an open loop,
            `offered_rate` in requests per second; `requests_per_second`, `p50_ms` and `p99_ms` (None if no request was
            answered).
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, machine and date, below the title.

    Raises:
        ValueError: There is no measurement, one lacks a key, or no number is finite.

    Example:
        ```python
        row = {"server": "batching off", "clients": 4, "requests_per_second": 900.0, "p50_ms": 4.1, "p99_ms": 9.0}
        draw_load([row], Path("load.png"))
        ```
    """
    from matplotlib.figure import Figure

    drawable.records("measurements", measurements, "measurement", ["server", "requests_per_second", *_PERCENTILES])
    servers = list(dict.fromkeys(row["server"] for row in measurements))
    figure = Figure(figsize=(style.WIDTH, 4.0 + style.below(min(len(servers), _MOST), 3)))
    throughput, closed, opened = figure.subplots(1, 3)
    _draw(throughput, measurements, "clients", {"requests_per_second": "-"})
    _draw(closed, measurements, "clients", _PERCENTILES)
    _draw(opened, measurements, "offered_rate", _PERCENTILES)
    throughput.set(xlabel="clients", ylabel="requests per second", ylim=0)
    closed.set(xlabel="clients", ylabel="latency (ms)")
    opened.set(xlabel="offered requests per second", ylabel="latency (ms)", title="open loop")
    for axes in (throughput, closed, opened):
        axes.grid(True)
        if not axes.lines:
            axes.set_visible(False)
    if not any(axes.lines for axes in (throughput, closed, opened)):
        raise ValueError("Expected at least one finite number of a measurement. Received: none")
    for axes in (throughput, closed):
        style.logarithmic(axes.xaxis, base=2)
    for axes in (closed, opened):
        style.logarithmic(axes.yaxis)
    drawn = next(axes for axes in (throughput, opened, closed) if axes.lines)
    handles, names = drawn.get_legend_handles_labels()
    every = 1 if drawn is throughput else len(_PERCENTILES)
    figure.legend(handles[::every], names[::every], loc="outside lower right", ncols=3)
    title = "A server under load (latency: solid the median, dotted the 99th percentile)"
    left_out = worst_parts.first(min(len(servers), _MOST), len(servers), "servers")
    style.describe(figure, title + left_out, caption)
    style.save(figure, path)


def _draw(axes: "Axes", measurements: list[dict[str, Any]], key: str, styles: dict[str, str]) -> None:
    """One colour and marker for each server, one line for each of its numbers."""
    servers = list(dict.fromkeys(row["server"] for row in measurements))
    for number, server in enumerate(servers[:_MOST]):
        of_server = [row for row in measurements if row["server"] == server and drawable.number(row.get(key)) > 0]
        for name, line in styles.items():
            rows = [row for row in of_server if _known(row, name)]
            rows.sort(key=lambda row: row[key])
            look = roles.equal(number)._replace(linestyle=line).options(len(rows))
            label = labels.entry(server, style.NAME, style.SMALL)
            if rows:
                axes.plot([row[key] for row in rows], [row[name] for row in rows], label=label, **look)


def _known(row: dict[str, Any], name: str) -> bool:
    """Whether a number can be drawn: a latency, on its logarithmic axis, is above 0."""
    value = drawable.number(row[name])
    return value > 0 or (value == 0 and name not in _PERCENTILES)
