"""Recipes: configurations with known scores, which `--config` finds by name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pipelines
from pipelines.runs import option_files
from tfmodels.suggestions import did_you_mean

_FOLDER = Path(pipelines.__file__).parent / "recipes"


def names() -> list[str]:
    """Lists the names of all recipes, sorted.

    Example:
        `names()` -> `["beijing_pm25", "etth1", ...]`
    """
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def find(name: str) -> Path:
    """Finds the file for `--config`.

    Args:
        name: A path, or the name of a recipe; an existing file takes precedence.

    Returns:
        The file; it need not exist.

    Example:
        `find("multi30k")`
    """
    recipe = _FOLDER / f"{name}.yaml"
    return recipe if name in names() and not Path(name).is_file() else Path(name)


def read(name: str) -> dict[str, Any]:
    """Reads the file for `--config`.

    Args:
        name: See `find`.

    Returns:
        Option -> value.

    Raises:
        FileNotFoundError: If there is no such file or recipe, with the nearest recipe.
        ValueError: If the file is not YAML or not a mapping.

    Example:
        `read("multi30k")["vocabulary_size"]`
    """
    file = find(name)
    if not file.is_file():
        nearest = did_you_mean(Path(name).stem.lower(), names())
        raise FileNotFoundError(
            f"Expected a YAML file with options, or the name of a recipe. Received: {name!r}{nearest}. "
            f"`tfmodels recipes` lists the recipes. There are {', '.join(names())}."
        )
    return option_files.read(file)


def task(values: Mapping[str, Any]) -> Any:
    """Finds the task that options are for.

    Args:
        values: Content of a recipe or of a config.yaml.

    Returns:
        Name of the task; None if the content does not say.

    Raises:
        ValueError: If the header of a recipe is not a mapping.

    Example:
        `task(read("multi30k"))` -> `"translation"`
    """
    header = values.get("recipe") or {}
    if not isinstance(header, dict):
        raise ValueError(f"Expected `recipe` to hold a task, such as `{{task: translation}}`. Received: {header!r}")
    return values.get("task", header.get("task"))
