"""Recipes: configurations with known scores that `--config` finds by name."""

from pathlib import Path

import pipelines

_FOLDER = Path(pipelines.__file__).parent / "recipes"


def names() -> list[str]:
    """The names of all recipes, sorted.

    Example:
        `names()` -> `["beijing_pm25", "etth1", ...]`
    """
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def find(name: str) -> Path:
    """The file that `--config` names.

    Args:
        name: A path, or the name of a recipe; what is a file is that file.

    Returns:
        The file, which need not exist.

    Example:
        `find("multi30k")`
    """
    recipe = _FOLDER / f"{name}.yaml"
    return recipe if name in names() and not Path(name).is_file() else Path(name)
