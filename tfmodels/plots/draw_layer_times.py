"""A figure of the time of layers, relative to the time of their matrix products."""

from pathlib import Path
from typing import Any

from tfmodels.plots import drawable, labels, roles, style

_PASSES = {"forward": "forward", "training": "forward and backward"}


@style.applied()
def draw_layer_times(measurements: list[dict[str, Any]], path: Path, caption: str = "") -> None:
    """Draws a bar for each size and layer: its time divided by that of its matrix products alone.

    Args:
        measurements: One dict for each size: its name `size`, and `layers`, one dict for each layer: `layer`,
            `forward_over_limit` and `training_over_limit`.
        path: File to write; its suffix sets the format (`.png`, `.svg`, `.pdf`).
        caption: Machine and date, below the title.

    Raises:
        ValueError: There is no measurement, one lacks a key, or the sizes differ in their layers.

    Example:
        ```python
        layer = {"layer": "LSTM", "forward_over_limit": 4.1, "training_over_limit": 3.5}
        draw_layer_times([{"size": "64x96x32x128", "layers": [layer]}], Path("lstm.png"))
        ```
    """
    from matplotlib.figure import Figure

    drawable.records("measurements", measurements, "measurement", ["size", "layers"])
    for row in measurements:
        drawable.records("layers", row["layers"], "layer", ["layer", *(f"{name}_over_limit" for name in _PASSES)])
    layers = [layer["layer"] for layer in measurements[0]["layers"]]
    if any([layer["layer"] for layer in row["layers"]] != layers for row in measurements):
        raise ValueError(f"Expected the same layers of each size. Received: others than {layers[:20]}")
    figure = Figure(figsize=(style.WIDTH, 2.2 + 0.2 * len(measurements) * (len(layers) + 1)))
    grid = figure.subplots(1, len(_PASSES), sharey=True)
    height = 0.8 / len(layers)
    for axes, (name, title) in zip(grid, _PASSES.items(), strict=True):
        for number, layer in enumerate(layers):
            places = [place + (number - (len(layers) - 1) / 2) * height for place in range(len(measurements))]
            ratios = [drawable.number(row["layers"][number][f"{name}_over_limit"]) for row in measurements]
            bars = axes.barh(
                places, ratios, height, label=labels.entry(layer, style.NAME, style.SMALL), **roles.area(number)
            )
            axes.bar_label(bars, fmt="%.1f", padding=2, fontsize=style.SMALL)
        axes.axvline(1, color=roles.BLACK, linestyle=":")
        sizes = [labels.fitted(row["size"], style.NAME, style.SMALL) for row in measurements]
        axes.set_yticks(range(len(measurements)), sizes, parse_math=False)
        axes.margins(x=0.12)
        axes.set(title=title, xlabel="time / time of the matrix products")
    grid[0].invert_yaxis()
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside lower right", ncols=min(len(layers), 3))
    style.describe(figure, "Time of layers beside their matrix products alone (dotted)", caption)
    style.save(figure, path)
