"""A picture of how fast texts are answered: throughput over the batch, and time over the length of an answer."""

from pathlib import Path
from typing import Any


def draw_decoding_times(answers: list[dict[str, Any]], steps: list[dict[str, Any]], path: Path) -> None:
    """Draws answers per second over the batch, and time over the forced length of an answer.

    Args:
        answers: One dict for each way and batch: `way`, `batch`, `texts_per_second`.
        steps: One dict for each batch and length: `batch`, `steps`, `p50_ms`; may be empty.
        path: The picture to write; its ending sets the format (`.png`, `.svg`, `.pdf`).

    Raises:
        ValueError: If there are no answers.

    Example:
        `draw_decoding_times([{"way": "greedy", "batch": 32, "texts_per_second": 90.0}], [], Path("decode.png"))`
    """
    from matplotlib.figure import Figure

    if not answers:
        raise ValueError("Expected at least one measurement. Received: answers=[]")
    figure = Figure(figsize=(10, 4), layout="constrained")
    throughput, time = figure.subplots(1, 2)
    for way in dict.fromkeys(row["way"] for row in answers):
        rows = sorted((row for row in answers if row["way"] == way), key=lambda row: row["batch"])
        batches = [row["batch"] for row in rows]
        throughput.plot(batches, [row["texts_per_second"] for row in rows], marker=".", label=way)
    throughput.set(xlabel="texts at once", ylabel="texts per second", ylim=(0, None))
    throughput.set_xscale("log", base=2)
    throughput.xaxis.set_major_formatter("{x:g}")
    throughput.legend(frameon=False)
    for batch in dict.fromkeys(row["batch"] for row in steps):
        rows = [row for row in steps if row["batch"] == batch]
        time.plot([row["steps"] for row in rows], [row["p50_ms"] for row in rows], marker=".", label=f"batch {batch}")
    time.set(xlabel="forced length of the answer (tokens)", ylabel="time (ms)", xlim=(0, None), ylim=(0, None))
    if steps:
        time.legend(frameon=False)
    for axes in (throughput, time):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)
