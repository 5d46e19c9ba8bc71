"""Numbered versions of an export, by TensorFlow Serving's rule: a child whose name is an integer is a version."""

from pathlib import Path


def versions(folder: Path) -> dict[int, Path]:
    """Lists the versions in a folder.

    Args:
        folder: The folder of versions; need not exist.

    Returns:
        Version -> its folder, oldest first.
    """
    children = folder.iterdir() if folder.is_dir() else ()
    numbered = {int(child.name): child for child in children if child.name.isascii() and child.name.isdecimal()}
    return dict(sorted(numbered.items()))


def version_folder(path: str | Path) -> Path:
    """Finds the version that a path means.

    Args:
        path: A version folder, or a folder of versions: then the newest counts.

    Returns:
        The version folder.

    Raises:
        FileNotFoundError: If there is no SavedModel in either place.
    """
    path = Path(path)
    candidates = [path, *list(versions(path).values())[-1:]]
    for candidate in candidates:
        if (candidate / "saved_model.pb").is_file():
            return candidate
    raise FileNotFoundError(
        f"Expected a SavedModel, or a folder whose newest numbered version is one. Received: path={path}"
    )
