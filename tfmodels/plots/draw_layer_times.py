"""A picture of what layers take, forward and in training, beside the time of their matrix products."""

from pathlib import Path
from typing import Any

_PASSES = {"forward": "forward", "training": "forward and backward"}


def draw_layer_times(measurements: list[dict[str, Any]], path: Path) -> None:
    """Draws for each size a bar for each layer, in multiples of the time of its matrix products alone.

    Args:
        measurements: One dict for each size: `size`, its name, and `layers`, one dict for each: `layer`,
            `forward_of_limit` and `training_of_limit`.
        path: The picture to write; its ending sets the format (`.png`, `.svg`, `.pdf`).

    Raises:
        ValueError: If there is none.

    Example:
        ```python
        layer = {"layer": "LSTM", "forward_of_limit": 4.1, "training_of_limit": 3.5}
        draw_layer_times([{"size": "64x96x32x128", "layers": [layer]}], Path("lstm.png"))
        ```
    """
    from matplotlib.figure import Figure

    if not measurements:
        raise ValueError("Expected at least one measurement. Received: measurements=[]")
    figure = Figure(figsize=(10, 4), layout="constrained")
    grid = figure.subplots(1, len(_PASSES))
    layers = [layer["layer"] for layer in measurements[0]["layers"]]
    width = 0.8 / len(layers)
    for axes, (name, title) in zip(grid, _PASSES.items(), strict=True):
        for number, layer in enumerate(layers):
            places = [place + (number - (len(layers) - 1) / 2) * width for place in range(len(measurements))]
            heights = [row["layers"][number][f"{name}_of_limit"] for row in measurements]
            axes.bar_label(axes.bar(places, heights, width, label=layer), fmt="%.1f")
        axes.axhline(1, color="black", linestyle=":")
        axes.set_xticks(range(len(measurements)), [row["size"] for row in measurements])
        axes.set(title=title, ylabel="time, of the matrix products alone")
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(layers), frameon=False)
    figure.savefig(path, dpi=120)
