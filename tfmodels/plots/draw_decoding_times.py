"""A figure of decoding speed: throughput by batch size, and time by output length."""

from pathlib import Path
from typing import Any

from tfmodels.plots import drawable, labels, roles, style, worst_parts

_MOST = 9  # lines


@style.applied()
def draw_decoding_times(
    throughput: list[dict[str, Any]], steps: list[dict[str, Any]], path: Path, caption: str = ""
) -> None:
    """Draws texts per second by batch size, both on logarithmic axes, and time by forced output length.

    Args:
        throughput: One dict for each decoding mode and batch size: `mode`, `batch`, `texts_per_second`. Those
            without a number above 0 are left out.
        steps: One dict for each batch size and output length: `batch`, `steps`, `p50_ms`; may be empty.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Model, data, machine and date, below the title.

    Raises:
        ValueError: There is no measurement above 0, or one lacks a key.

    Example:
        `draw_decoding_times([{"mode": "greedy", "batch": 32, "texts_per_second": 90.0}], [], Path("decode.png"))`
    """
    from matplotlib.figure import Figure

    drawable.records("throughput", throughput, "measurement", ["mode", "batch", "texts_per_second"])
    if steps:
        drawable.records("steps", steps, "measurement", ["batch", "steps", "p50_ms"])
    throughput = _positive(throughput, "batch", "texts_per_second")
    steps = _positive(steps, "steps", "p50_ms")
    if not throughput:
        raise ValueError("Expected at least one throughput above 0. Received: none")
    modes, sizes = (
        list(dict.fromkeys(row[key] for row in rows)) for rows, key in ((throughput, "mode"), (steps, "batch"))
    )
    figure = Figure(figsize=(style.WIDTH, 4.8))
    rate, *times = figure.subplots(1, 2 if steps else 1, squeeze=False)[0]
    for number, mode in enumerate(modes[:_MOST]):
        rows = sorted((row for row in throughput if row["mode"] == mode), key=lambda row: row["batch"])
        batches, rates = [row["batch"] for row in rows], [row["texts_per_second"] for row in rows]
        label = labels.entry(mode, style.NAME, style.SMALL)
        rate.plot(batches, rates, label=label, **roles.equal(number).options(len(rows)))
    rate.set(xlabel="batch size (texts)", ylabel="texts per second")
    style.logarithmic(rate.xaxis, base=2)
    style.logarithmic(rate.yaxis)
    for time in times:
        for number, batch in enumerate(sizes[:_MOST]):
            rows = [row for row in steps if row["batch"] == batch]
            lengths, seconds = [row["steps"] for row in rows], [row["p50_ms"] for row in rows]
            time.plot(lengths, seconds, label=f"batch of {batch}", **roles.equal(number).options(len(rows)))
        time.set(xlabel="forced output length (tokens)", ylabel="median time of a batch (ms)", xlim=0, ylim=0)
    for axes in (rate, *times):
        axes.legend()
        axes.grid(True)
    left_out = worst_parts.first(min(len(modes), _MOST), len(modes), "modes")
    left_out += worst_parts.first(min(len(sizes), _MOST), len(sizes), "batch sizes")
    style.describe(figure, f"Speed of decoding{left_out}", caption)
    style.save(figure, path)


def _positive(rows: list[dict[str, Any]], *keys: str) -> list[dict[str, Any]]:
    """The rows that have numbers above 0, which a logarithmic axis needs."""
    return [row for row in rows if all(drawable.number(row[key]) > 0 for key in keys)]
