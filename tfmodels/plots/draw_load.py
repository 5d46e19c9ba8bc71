"""A figure of a server under load: throughput and latency."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfmodels.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PERCENTILES = {"p50_ms": "-", "p99_ms": ":"}  # key of the row -> style of its line


@style.applied()
def draw_load(measurements: list[dict[str, Any]], path: Path) -> None:
    """Draws throughput and latency by number of clients, and latency by the rate of independent requests.

    Args:
        measurements: One dict for each load: `server` (its name in the legend), `clients` or, in an open loop,
            `offered_rate` in requests per second; `requests_per_second`, `p50_ms` and `p99_ms` (None if no request was
            answered).
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).

    Raises:
        ValueError: There is no measurement.

    Example:
        ```python
        row = {"server": "batching off", "clients": 4, "requests_per_second": 900.0, "p50_ms": 4.1, "p99_ms": 9.0}
        draw_load([row], Path("load.png"))
        ```
    """
    from matplotlib.figure import Figure

    if not measurements:
        raise ValueError("Expected at least one measurement. Received: measurements=[]")
    figure = Figure(figsize=(12, 4))
    throughput, closed, opened = figure.subplots(1, 3)
    _draw(throughput, measurements, "clients", {"requests_per_second": "-"})
    _draw(closed, measurements, "clients", _PERCENTILES)
    _draw(opened, measurements, "offered_rate", _PERCENTILES)
    throughput.set(xlabel="clients", ylabel="requests per second")
    closed.set(xlabel="clients", ylabel="latency (ms)", yscale="log", title="solid: median, dotted: 99th percentile")
    opened.set(xlabel="offered requests per second, open loop", ylabel="latency (ms)", yscale="log")
    for axes in (throughput, closed, opened):
        axes.grid(True)
    for axes in (throughput, closed):
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter("{x:g}")
    throughput.legend()
    style.save(figure, path)


def _draw(axes: "Axes", measurements: list[dict[str, Any]], key: str, styles: dict[str, str]) -> None:
    """One colour for each server, one line for each of its numbers."""
    servers = list(dict.fromkeys(row["server"] for row in measurements))
    for number, server in enumerate(servers):
        for name, line in styles.items():
            rows = [row for row in measurements if row["server"] == server and key in row and row[name] is not None]
            rows.sort(key=lambda row: row[key])
            axes.plot(
                [row[key] for row in rows], [row[name] for row in rows],
                color=f"C{number}", linestyle=line, marker=".", label=server,
            )  # fmt: skip
