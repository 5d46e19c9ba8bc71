"""The package `pipelines` that belongs to this `tfmodels`: another may lie first on the path."""

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]  # where both packages lie


def import_pipelines() -> None:
    """Imports our `pipelines`, so that later imports of it and of its modules find it.

    Raises:
        ImportError: Another module of that name was imported before.

    Example:
        `import_pipelines()`
    """
    sys.path.insert(0, str(ROOT))
    try:
        found = importlib.import_module("pipelines")
    finally:
        sys.path.remove(str(ROOT))
    ours = ROOT / "pipelines" / "__init__.py"
    theirs = found.__file__ or next(iter(found.__path__))  # a folder without __init__.py has no file
    if Path(theirs).resolve() != ours:
        raise ImportError(f"Expected the package `pipelines` of tfmodels, {ours}. Received: {theirs}, imported before")
