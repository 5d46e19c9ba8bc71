"""The figures of a run, as files that show themselves in a notebook."""

import base64
import html
from pathlib import Path
from typing import NamedTuple

from pipelines.runs.run_folders import Run

_ORDER = ("curves", "forecasts", "errors", "coverage", "confusion", "calibration")  # the others after these


class Pictures(NamedTuple):
    """Figures.

    Attributes:
        files: PNG files.

    Example:
        `of_run(runs.load("load")).files`
    """

    files: tuple[Path, ...]

    def _repr_html_(self) -> str:
        return "".join(inline(file) for file in self.files)

    def __repr__(self) -> str:
        return "\n".join(map(str, self.files)) or "no figures"


def of_run(run: Run) -> Pictures:
    """The figures that training and evaluations of a run have drawn into its folder.

    Args:
        run: The run.

    Example:
        `of_run(runs.load("load"))`
    """
    found = (file for file in run.path.glob("*.png") if file.is_file() and not file.is_symlink())

    def place(file: Path) -> tuple[int, str]:
        name = file.name.partition(".")[0]
        return _ORDER.index(name) if name in _ORDER else len(_ORDER), file.name

    return Pictures(tuple(sorted(found, key=place)))


def inline(file: Path, name: str = "") -> str:
    """A picture as HTML that holds it.

    Args:
        file: PNG, JPEG or SVG.
        name: What it shows. Default: its name.

    Returns:
        The element; of any other file its name.

    Example:
        `inline(Path("runs/load/curves.png"))`
    """
    kinds = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
    kind, said = kinds.get(file.suffix.lower()), html.escape(name or file.name)
    if kind is None:
        return f"<p>{said}</p>"
    content = base64.b64encode(file.read_bytes()).decode()
    return f'<figure><img alt="{said}" style="max-width:100%" src="data:{kind};base64,{content}"></figure>'
