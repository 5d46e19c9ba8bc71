"""YAML files with options."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read(path: Path) -> dict[str, Any]:
    """Reads options from a YAML file.

    Args:
        path: The file.

    Returns:
        Option -> value.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not YAML or not a mapping.

    Example:
        `read(Path("runs/translation/config.yaml"))`
    """
    import yaml

    if not path.is_file():
        raise FileNotFoundError(f"Expected a YAML file with options. Received: {str(path)!r}")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"Expected YAML in {path}. Received: {error}") from None
    if not isinstance(values, dict):
        raise ValueError(f"Expected lines `option: value` in {path}. Received: {values!r}")
    return values


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Flattens nested options.

    Args:
        values: Nested options.
        prefix: Prefix of the names.

    Returns:
        Dotted name -> value.

    Example:
        `flatten({"seed": 1, "training": {"steps": 100}})` -> `{"seed": 1, "training.steps": 100}`
    """
    flat = {}
    for name, value in values.items():
        flat |= flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat
