"""Digests of what a run has prepared and calibrated: a file that was changed or cut off since is refused by name."""

import hashlib
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tfmodels import whole_files

FILE = "digests.json"
_BESIDE = "../"  # begins the name of a file that the training writes beside the assets
PREPARED = "prepared.json"  # among the checkpoints: a digest of what was prepared for them
_MOST_READ = 1 << 26  # bytes; of a larger file the size alone is compared, since it is opened in no time


def are_kept(assets: Path) -> bool:
    """Whether a run has digests, as one that was prepared, not by an earlier version.

    Args:
        assets: Folder of the files.

    Example:
        `are_kept(run.assets)`
    """
    return (assets / FILE).is_file()


def of_prepared(assets: Path) -> str:
    """A digest of all that a run has prepared; of nothing, where no digests are kept.

    Args:
        assets: Folder of the files.

    Example:
        `of_prepared(run.assets)`
    """
    prepared = {name: described for name, described in _kept(assets).items() if not name.startswith(_BESIDE)}
    return hashlib.sha256(json.dumps(prepared, sort_keys=True).encode()).hexdigest()


def record(assets: Path) -> None:
    """Keeps the sizes and digests of the files that a run has prepared.

    Args:
        assets: Folder of the files.

    Example:
        `record(run.assets)`
    """
    paths = (path for path in sorted(assets.rglob("*")) if path.is_file() and path != assets / FILE)
    _write(assets, {str(path.relative_to(assets)): _described(path) for path in paths})


def check(assets: Path) -> None:
    """Refuses a run with files that are not as they were prepared. Runs of earlier versions have no digests.

    Args:
        assets: Folder of the files.

    Raises:
        ValueError: A file is missing or has another content; names it.

    Example:
        `check(run.assets)`
    """
    for name, described in _kept(assets).items():
        if not name.startswith(_BESIDE):
            _check(assets / name, described, "prepared", whole_files.REMEDY)


@contextmanager
def replacing(assets: Path, path: Path) -> Generator[Path]:
    """`whole_files.replacing` of a file beside the assets, whose digest is kept; a kill in between leaves it without.

    Args:
        assets: Folder of the digests.
        path: The file, in the folder of the run.

    Yields:
        The file to write.

    Example:
        `with replacing(run.assets, run.path / "temperature.npy") as unfinished: np.save(unfinished, temperature)`
    """
    kept = _kept(assets)
    if kept.pop(_BESIDE + path.name, None):
        _write(assets, kept)
    with whole_files.replacing(path) as unfinished:
        yield unfinished
    if are_kept(assets):
        _write(assets, kept | {_BESIDE + path.name: _described(path)})


def check_beside(assets: Path, path: Path, remedy: str) -> None:
    """Refuses a file that is lost, or not as `replacing` has written it. One without a digest passes.

    Args:
        assets: Folder of the digests.
        path: The file, in the folder of the run.
        remedy: What to do about it.

    Raises:
        ValueError: It is missing or has another content; names it.

    Example:
        `check_beside(run.assets, run.path / "temperature.npy", "Put it back from a copy.")`
    """
    if described := _kept(assets).get(_BESIDE + path.name):
        _check(path, described, "written", remedy)


def bind(assets: Path, checkpoints: Path) -> None:
    """Keeps with a training that begins what was prepared for it.

    Args:
        assets: Folder of the digests.
        checkpoints: Folder of the training's checkpoints.

    Example:
        `bind(run.assets, run.checkpoints)`
    """
    checkpoints.mkdir(exist_ok=True)
    whole_files.write(checkpoints / PREPARED, json.dumps(of_prepared(assets)))


def check_bound(assets: Path, checkpoints: Path) -> None:
    """Refuses checkpoints of a run that was prepared otherwise. Those of earlier versions pass.

    Args:
        assets: Folder of the digests.
        checkpoints: Folder of the training's checkpoints.

    Raises:
        ValueError: They were copied from another run; names the folder.

    Example:
        `check_bound(run.assets, run.checkpoints)`
    """
    file = checkpoints / PREPARED
    if are_kept(assets) and file.is_file() and whole_files.read_json(file) != of_prepared(assets):
        raise ValueError(
            f"Expected the checkpoints of this run in {checkpoints}. Received: those of one that was prepared "
            "otherwise, such as with other tokens; copy the `assets` and the `config.yaml` of that run with them, or "
            f"put its own back. {whole_files.REMEDY}"
        )


def _kept(assets: Path) -> dict[str, Any]:
    if not are_kept(assets):
        return {}
    kept = whole_files.read_json(assets / FILE, whole_files.REMEDY)
    inside = [name.removeprefix(_BESIDE) for name in kept] if isinstance(kept, dict) else [".."]
    if any(".." in Path(name).parts or Path(name).is_absolute() for name in inside):
        raise ValueError(f"Expected digests of files in {assets / FILE}. Received: other content. {whole_files.REMEDY}")
    return kept


def _write(assets: Path, kept: dict[str, Any]) -> None:
    whole_files.write(assets / FILE, json.dumps(kept, indent=1))


def _check(path: Path, described: Any, how: str, remedy: str) -> None:
    if not path.is_file():
        raise ValueError(f"Expected the file {path}, which the run has {how}. Received: none. {remedy}")
    if _described(path) != described:
        raise ValueError(
            f"Expected {path} as the run has {how} it. Received: another content, now {path.stat().st_size:,} bytes. "
            f"{remedy}"
        )


def _described(path: Path) -> list:
    size = path.stat().st_size
    return [size, hashlib.sha256(path.read_bytes()).hexdigest() if size <= _MOST_READ else ""]
