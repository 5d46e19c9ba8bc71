"""The rooms of the packages, which way imports may go between them, and that there are no cycles."""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TASKS = {path.parent.name for path in ROOT.glob("pipelines/*/task.py")}
TOP = {
    *("tfmodels", "pipelines", "tests", "saved_models", "docs", "typings", ".ci"),
    *("pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "Dockerfile"),
    *("MANIFEST.in", "mkdocs.yml", ".gitignore", ".dockerignore"),
}
# Modules beside the rooms of tfmodels that import nothing of ours but each other.
OPEN_TO_ALL = {
    f"tfmodels.{name}"
    for name in (
        *(
            "array_files",
            "checked_options",
            "cores",
            "lazy_exports",
            "library_noise",
            "option_lists",
            "own_pipelines",
            "package_version",
            "parent_process",
            "prompt_end",
            "registration",
            "suggestions",
        ),
        *("tensorflow_errors", "token_ids", "unspaced_letters", "whole_files"),
    )
}
SHARED = ("progress", "sources", "runs", "text", "seq2seq")
# Room -> the rooms it may import; `tfmodels` stands for all rooms of the library.
MAY_IMPORT = {
    "tfmodels.layers": set(),
    "tfmodels.metrics": set(),
    "tfmodels.plots": set(),
    "tfmodels.preprocessing": {"tfmodels.layers"},
    "tfmodels.decoding": {"tfmodels.layers"},
    "tfmodels.models": {"tfmodels.layers", "tfmodels.preprocessing"},
    "tfmodels.training": {f"tfmodels.{room}" for room in ("layers", "preprocessing", "metrics", "export")},
    "tfmodels.export": {"tfmodels.preprocessing"},
    "tfmodels.serving": {"tfmodels.export"},
    "tfmodels.explain": {"tfmodels.layers", "tfmodels.metrics", "tfmodels.plots"},
    "pipelines.progress": set(),
    "pipelines.recipes": set(),
    "pipelines.sources": {"tfmodels", "pipelines.progress"},
    "pipelines.runs": {"tfmodels", "pipelines.progress", "pipelines.sources"},
    "pipelines.text": {"tfmodels", *(f"pipelines.{room}" for room in ("progress", "sources", "runs"))},
    "pipelines.seq2seq": {"tfmodels", *(f"pipelines.{room}" for room in ("progress", "sources", "runs", "text"))},
    "pipelines.app": {"tfmodels", *(f"pipelines.{room}" for room in ("progress", "sources", "runs"))},
    "pipelines.benchmarks": {"tfmodels", *(f"pipelines.{room}" for room in SHARED)},
    "pipelines.cli": {
        "tfmodels",
        *(f"pipelines.{room}" for room in ("progress", "sources", "recipes", "runs", "benchmarks", "app")),
    },
} | {f"pipelines.{task}": {"tfmodels", *(f"pipelines.{room}" for room in SHARED)} for task in TASKS}
# What users import and start: they may name what they make public.
ENTRY_POINTS = {"tfmodels/__init__.py", "tfmodels/__main__.py", "pipelines/__init__.py"}


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in ROOT.glob(f"{folder}/**/*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def modules() -> dict[str, Path]:
    return {module_of(path): path for path in sources("tfmodels", "pipelines")}


@functools.cache
def imports(path: Path) -> list[tuple[str, str | None]]:
    """Each `from module import name`, and each `import module` with None; late and type-checking ones included."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found += [(node.module, alias.name) for alias in node.names]
    return found


def resolved(module: str, name: str | None) -> str | None:
    """The module of ours that an import reaches; a public name of a package is followed to where it is defined."""
    if name is not None and f"{module}.{name}" in modules():
        return f"{module}.{name}"
    if module not in modules():
        return None
    declared = {public: origin for origin, public in imports(modules()[module]) if public is not None}
    is_package = modules()[module].name == "__init__.py"
    return resolved(declared[name], name) if is_package and name in declared and declared[name] != module else module


def reached(path: Path) -> set[str]:
    """The modules of ours that a file imports."""
    return {found for one in imports(path) if (found := resolved(*one))} - {module_of(path)}


def room_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def cycles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected components of more than one node (Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in arrows.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            place = stack.index(node)
            if len(stack) - place > 1:
                found.append(sorted(stack[place:]))
            del stack[place:]

    for node in arrows:
        if node not in index:
            visit(node)
    return found


def file_arrows() -> dict[str, set[str]]:
    entries = {module_of(ROOT / entry) for entry in ENTRY_POINTS}
    return {module_of(path): reached(path) - entries for path in modules().values()}


def test_arrows() -> None:
    wrong = {}
    for module, others in file_arrows().items():
        if str(modules()[module].relative_to(ROOT)) in ENTRY_POINTS:
            continue
        room = room_of(module)
        allowed = OPEN_TO_ALL if room in OPEN_TO_ALL else MAY_IMPORT[room] | OPEN_TO_ALL | {room}
        rooms = {room_of(other) for other in others}
        across = {other for other in rooms if other not in allowed and other.split(".")[0] not in allowed}
        wrong |= {module: across} if across else {}
    assert not wrong


def test_no_import_cycle_of_files() -> None:
    assert not cycles(file_arrows())


def test_no_import_cycle_of_rooms() -> None:
    rooms: dict[str, set[str]] = {}
    for module, others in file_arrows().items():
        rooms.setdefault(room_of(module), set()).update({room_of(other) for other in others} - {room_of(module)})
    assert not cycles(rooms)


def test_a_cycle_is_found() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]


def test_every_room_has_its_arrows() -> None:
    rooms = {f"{path.parts[-3]}.{path.parts[-2]}" for path in ROOT.glob("*/*/__init__.py")}
    assert {room for room in rooms if room.startswith(("tfmodels.", "pipelines."))} <= set(MAY_IMPORT)


def test_tasks_have_nothing_but_a_folder_to_themselves() -> None:
    for task in TASKS:
        lines = (ROOT / "pipelines" / task / "task.py").read_text(encoding="utf-8").count("\n")
        assert lines <= 200, f"pipelines/{task}/task.py has {lines} lines, more than 200"


@pytest.mark.parametrize(("folders", "most"), [(("tfmodels", "pipelines"), 300), (("tests",), 400)])
def test_files_are_short(folders: tuple[str, ...], most: int) -> None:
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in sources(*folders)}
    assert not {str(path): length for path, length in lengths.items() if length > most}


def test_rooms_are_small() -> None:
    counts: dict[str, int] = {}
    for path in sources("tfmodels", "pipelines"):
        folder = str(path.parent.relative_to(ROOT))
        counts[folder] = counts.get(folder, 0) + (path.name != "__init__.py")
    assert not {folder: count for folder, count in counts.items() if count > 20}


def test_no_lazy_name_is_hidden_by_a_module() -> None:
    """A module of that name, once it is imported, would stand in the package in place of the function."""
    hidden = set()
    for path in ROOT.glob("*/**/__init__.py"):
        blocks = (node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.If))
        declared = (node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom))
        lazy = {alias.name for node in declared for alias in node.names if node.module != module_of(path)}
        hidden |= {f"{module_of(path)}.{name}" for name in lazy} & modules().keys()
    assert not hidden


def test_public_interfaces_of_dependencies_only() -> None:
    private = ("keras.src", "tensorflow.python", "tf_keras")
    named = {
        (str(path), f"{module}.{name}")
        for path in sources("tfmodels", "pipelines", "tests/tfmodels", "tests/pipelines")
        for module, name in imports(path)
    }
    assert not {(path, name) for path, name in named if name.startswith(private)}


def test_names_say_what_lives_there() -> None:
    assert not {path.stem for path in sources("tfmodels", "pipelines")} & {"utils", "helpers", "common", "base", "misc"}


@pytest.mark.parametrize(
    "module",
    [
        "tfmodels",
        "pipelines",
        "pipelines.cli.main",
        "pipelines.runs",
        "pipelines.seq2seq",
        *(f"pipelines.{task}.task" for task in sorted(TASKS)),
        "tfmodels.training.options",
        "tfmodels.models.transformer_options",
        "tfmodels.models.lstm_options",
    ],
)
def test_imports_without_tensorflow(module: str) -> None:
    code = f"import sys, {module}; print({{'tensorflow', 'keras', 'numpy', 'matplotlib'}} & set(sys.modules))"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert child.stdout == "set()\n"


def test_files_of_tests_have_names_of_their_own():
    """pytest imports them by that name alone."""
    names = [path.name for path in sources("tests") if path.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))


def test_nothing_new_lies_at_the_top():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("this is no checkout of git")
    assert {name.partition("/")[0] for name in tracked.stdout.splitlines()} <= TOP
