"""What stands below the title of a figure: model, data, split, run and date."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.runs.run_folders import Run

_FRAMES = ".frames"  # the folder of `frames.stored_frames`
_LONGEST = 60  # characters of a part


def of_run(run: "Run", split: str = "") -> str:
    """The caption of a figure of a run.

    Args:
        run: The run.
        split: What is shown of its data, such as `validation`; empty if it is none.

    Returns:
        One line.

    Example:
        `of_run(run, "validation")` -> `"transformer; synthetic; validation split; run mine; 2026-12-01"`
    """
    family = str(getattr(run.config, "model", ""))
    return joined(family, data(run), f"{split} split" if split else "", f"run {run.name}")


def of_export(card: "Mapping[str, Any]") -> str:
    """The caption of a figure of what an export answers.

    Args:
        card: Of the export.

    Returns:
        One line.

    Example:
        `of_export(predictor.card)` -> `"export; translation; 2026-12-01"`
    """
    return joined("export", *(str(card[name]) for name in ("task", "description") if isinstance(card.get(name), str)))


def of_benchmark(result: "Mapping[str, Any]") -> str:
    """The caption of a figure of a benchmark.

    Args:
        result: With the `conditions` of the benchmark.

    Returns:
        One line.

    Example:
        `of_benchmark({"command": "tfmodels benchmark lstm", "cores": 2})` -> `"tfmodels benchmark lstm; 2 cores; ..."`
    """
    return joined(str(result["command"]), f"{result['cores']} CPU cores")


def data(run: "Run") -> str:
    """What the data of a run is called: that which is scored in its place, or its option `data`; of a path the end.

    A data frame is written to a file whose name says nothing, and has no name.

    Example:
        `data(run)` -> `"ETTh1.csv.gz"`
    """
    name = str(run.other or getattr(run.config, "data", ""))
    if Path(name).parent.name == _FRAMES:
        return "a data frame"
    return Path(name).name if Path(name).exists() else name


def joined(*parts: str) -> str:
    """Parts that are known, and the date, as one line."""
    shown = (part if len(part) <= _LONGEST else f"{part[:_LONGEST]}…" for part in parts if part)
    return "; ".join([*shown, datetime.now().astimezone().date().isoformat()])
