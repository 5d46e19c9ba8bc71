"""The rooms of the packages and which way imports may go between them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OPEN_TO_ALL = {
    "tfmodels",
    *(f"tfmodels.{name}" for name in ("checked_options", "cores", "lazy_exports", "suggestions", "token_ids")),
}
MAY_IMPORT = {
    "layers": set(),
    "metrics": set(),
    "preprocessing": {"layers"},
    "decoding": {"layers"},
    "models": {"layers", "preprocessing"},
    "training": {"layers", "preprocessing", "decoding", "metrics", "export"},
    "export": {"layers", "preprocessing", "decoding"},
    "serving": {"export"},
    "explain": {"layers", "metrics", "plots"},
    "plots": set(),
}


def imported(path: Path) -> set[str]:
    """All modules that a file names in an import, also inside functions: `from a import b` gives `a` and `a.b`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def rooms_of(names: set[str]) -> set[str]:
    ours = {name for name in names if name.startswith("tfmodels.") and name not in OPEN_TO_ALL}
    rooms = {name.split(".")[1] for name in ours}
    return rooms - {name.split(".")[1] for name in OPEN_TO_ALL - {"tfmodels"}}


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in ROOT.glob(f"{folder}/**/*.py"))


def test_arrows() -> None:
    wrong = {}
    for path in sources("tfmodels"):
        if path.name == "__main__.py":
            continue
        names, room = imported(path), path.relative_to(ROOT / "tfmodels").parts[0]
        back = {name for name in names if name.split(".")[0] == "pipelines"}
        across = set() if room.endswith(".py") else rooms_of(names) - {room} - MAY_IMPORT[room]
        wrong |= {str(path): back | across} if back | across else {}
    assert not wrong


def test_every_room_has_its_arrows() -> None:
    assert {path.parent.name for path in ROOT.glob("tfmodels/*/__init__.py")} == set(MAY_IMPORT)


def test_public_interfaces_of_dependencies_only() -> None:
    private = ("keras.src", "tensorflow.python", "tf_keras")
    found = {
        (path.name, name) for path in sources("tfmodels", "pipelines", "tests/tfmodels") for name in imported(path)
    }
    assert not {(path, name) for path, name in found if name.startswith(private)}


def test_names_say_what_lives_there() -> None:
    assert not {path.stem for path in sources("tfmodels", "pipelines")} & {"utils", "helpers", "common", "base", "misc"}


@pytest.mark.parametrize(
    "module",
    [
        "tfmodels",
        "pipelines",
        "pipelines.cli.main",
        "pipelines.translation.task",
        "pipelines.forecasting.task",
        "pipelines.classification.task",
        "pipelines.runs",
    ],
)
def test_imports_without_tensorflow(module: str) -> None:
    code = f"import sys, {module}; print({{'tensorflow', 'keras', 'numpy', 'matplotlib'}} & set(sys.modules))"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert child.stdout == "set()\n"
