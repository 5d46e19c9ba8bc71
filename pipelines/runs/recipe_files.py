"""Recipes: configurations with known scores, which `--config` finds by name."""

from pathlib import Path

import pipelines

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
