"""The version of the package that runs: of a checkout that of its pyproject.toml, whatever else is installed."""

import tomllib

from tfmodels import own_pipelines

_NAME = "tfmodels"


def find() -> str:
    """Finds the version.

    Returns:
        The version; `unknown` of a copy that is neither installed nor a checkout.

    Example:
        `find()` -> `"0.2.0"`
    """
    try:
        project = tomllib.loads((own_pipelines.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        if project["name"] == _NAME:
            return project["version"]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    from importlib import metadata  # slow to import, and not needed of a checkout

    try:
        return metadata.version(_NAME)
    except metadata.PackageNotFoundError:
        return "unknown"
