"""The validation loss of several runs in one figure."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tfmodels.plots import labels, roles, style


@style.applied()
def draw(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], path: Path, caption: str = "") -> None:
    """Draws the figure.

    Args:
        curves: Name of a run -> its steps and validation losses; at least one run.
        path: The file.
        caption: Below the title.

    Raises:
        ValueError: There is no run.

    Example:
        `draw({"one": ([10, 20], [2.0, 1.5])}, Path("compared.png"))`
    """
    from matplotlib.figure import Figure

    if not curves:
        raise ValueError("Expected the losses of at least one run. Received: none")
    figure = Figure(figsize=(style.WIDTH, 4.4))
    axes = figure.subplots()
    for number, (name, (steps, losses)) in enumerate(curves.items()):
        name = labels.fitted(name, style.NAME, style.SMALL)
        axes.plot(steps, losses, **roles.equal(number).options(len(steps)), label=name)
    axes.set_xlabel("step")
    axes.set_ylabel("validation loss")
    axes.grid(True)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower left", ncols=3)
    style.describe(figure, "The validation loss of each run", caption)
    style.save(figure, path)
