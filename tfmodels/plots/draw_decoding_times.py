"""A figure of decoding speed: throughput by batch size, and time by output length."""

from pathlib import Path
from typing import Any

from tfmodels.plots import style


@style.applied()
def draw_decoding_times(throughput: list[dict[str, Any]], steps: list[dict[str, Any]], path: Path) -> None:
    """Draws texts per second by batch size, and time by forced output length.

    Args:
        throughput: One dict for each decoding mode and batch size: `mode`, `batch`, `texts_per_second`.
        steps: One dict for each batch size and output length: `batch`, `steps`, `p50_ms`; may be empty.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).

    Raises:
        ValueError: There is no measurement.

    Example:
        `draw_decoding_times([{"mode": "greedy", "batch": 32, "texts_per_second": 90.0}], [], Path("decode.png"))`
    """
    from matplotlib.figure import Figure

    if not throughput:
        raise ValueError("Expected at least one measurement. Received: throughput=[]")
    figure = Figure(figsize=(10, 4))
    rate, time = figure.subplots(1, 2)
    for mode in dict.fromkeys(row["mode"] for row in throughput):
        rows = sorted((row for row in throughput if row["mode"] == mode), key=lambda row: row["batch"])
        batches = [row["batch"] for row in rows]
        rate.plot(batches, [row["texts_per_second"] for row in rows], marker=".", label=mode)
    rate.set(xlabel="batch size", ylabel="texts per second", ylim=(0, None))
    rate.set_xscale("log", base=2)
    rate.xaxis.set_major_formatter("{x:g}")
    rate.legend()
    for batch in dict.fromkeys(row["batch"] for row in steps):
        rows = [row for row in steps if row["batch"] == batch]
        time.plot([row["steps"] for row in rows], [row["p50_ms"] for row in rows], marker=".", label=f"batch {batch}")
    time.set(xlabel="forced output length (tokens)", ylabel="time (ms)", xlim=(0, None), ylim=(0, None))
    if steps:
        time.legend()
    for axes in (rate, time):
        axes.grid(True)
    style.save(figure, path)
