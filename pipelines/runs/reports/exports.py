"""Exports of runs: a servable model, with what its card says of its run, as a new version."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.progress.quiet_import import stderr_held_back
from tfmodels.export.versions import RESERVED

if TYPE_CHECKING:
    from pipelines.runs.servable import Servable


def check_folder(folder: Path) -> None:
    """Refuses a folder that cannot be one of versions.

    Args:
        folder: The folder.

    Raises:
        ValueError: Its name is that of the server's files.

    Example:
        `check_folder(Path("saved_models/load"))`
    """
    if folder.name == RESERVED:
        raise ValueError(
            f"Expected another name, since `{RESERVED}` holds the server's files: choose another folder. "
            f"Received: {folder}"
        )


def write(
    servable: "Servable",
    about: dict[str, Any],
    folder: Path,
    keep: int | None = None,
    weights: str = "float32",
    samples: str = "synthetic",
) -> Path:
    """Writes a new version.

    Args:
        servable: The model.
        about: What the card says of its run, see `export_card.card`.
        folder: Folder of versions.
        keep: How many of the newest versions are kept. Default: all.
        weights: Storage format of weight matrices.
        samples: Rows that the export keeps, see `tfmodels.export.save`.

    Returns:
        The folder of the version.

    Raises:
        ValueError: An endpoint computes something else once it is exported, or an argument is wrong.

    Example:
        `write(servable, export_card.card(run, "float32", folder), folder)` -> `saved_models/load/1`
    """
    from tfmodels.export import save

    card = servable.card | {"weights": weights} | about
    if about.get("data", {}).get("synthetic"):  # rows that are nobody's
        card.setdefault("example", {name: row[0] for name, row in servable.samples["serving_default"].items()})
    with stderr_held_back():  # libraries in the graph, such as SentencePiece, tell how they were loaded
        return save(folder, servable.endpoints, servable.tracked, servable.samples, card, keep, weights, samples)
