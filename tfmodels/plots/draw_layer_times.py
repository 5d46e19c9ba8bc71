"""A figure of the time of layers, relative to the time of their matrix products."""

from pathlib import Path
from typing import Any

from tfmodels.plots import style

_PASSES = {"forward": "forward", "training": "forward and backward"}


@style.applied()
def draw_layer_times(measurements: list[dict[str, Any]], path: Path) -> None:
    """Draws a bar for each size and layer: its time divided by that of its matrix products alone.

    Args:
        measurements: One dict for each size: its name `size`, and `layers`, one dict for each layer: `layer`,
            `forward_over_limit` and `training_over_limit`.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).

    Raises:
        ValueError: There is no measurement.

    Example:
        ```python
        layer = {"layer": "LSTM", "forward_over_limit": 4.1, "training_over_limit": 3.5}
        draw_layer_times([{"size": "64x96x32x128", "layers": [layer]}], Path("lstm.png"))
        ```
    """
    from matplotlib.figure import Figure

    if not measurements:
        raise ValueError("Expected at least one measurement. Received: measurements=[]")
    figure = Figure(figsize=(10, 4))
    grid = figure.subplots(1, len(_PASSES))
    layers = [layer["layer"] for layer in measurements[0]["layers"]]
    width = 0.8 / len(layers)
    for axes, (name, title) in zip(grid, _PASSES.items(), strict=True):
        for number, layer in enumerate(layers):
            places = [place + (number - (len(layers) - 1) / 2) * width for place in range(len(measurements))]
            heights = [row["layers"][number][f"{name}_over_limit"] for row in measurements]
            axes.bar_label(axes.bar(places, heights, width, label=layer), fmt="%.1f")
        axes.axhline(1, color=style.REFERENCE, linestyle=":")
        axes.set_xticks(range(len(measurements)), [row["size"] for row in measurements])
        axes.set(title=title, ylabel="time / time of the matrix products")
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(layers))
    style.save(figure, path)
