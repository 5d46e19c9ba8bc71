"""What the page on the architecture names exists, and its drawings are those of their script."""

import ast
import functools
import re
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
DRAWINGS = ROOT / "docs" / "drawings"
WALKS = ("One batch, from file to loss", "One request, from HTTP to answer")
TEXT = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)  # without the first drawing


def steps(chapter):
    """The list of a chapter: what happens in each step, and where, which is what follows the line's end."""
    text = TEXT.partition(f"## {chapter}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^(\d+)\. (\*\*(?:.|\n)*?)  \n((?: {4}.*\n)+)", text, re.MULTILINE)
    assert [int(number) for number, *_ in found] == list(range(1, len(found) + 1))
    return [where for *_, where in found]


def quoted(text):
    return re.findall(r"`([^`]+)`", text)


@functools.cache
def defined(path):
    """The functions, classes and methods of a file, methods with their class."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    top = [node for node in tree.body if isinstance(node, kinds)]
    classes = [node for node in top if isinstance(node, ast.ClassDef)]
    methods = {f"{owner.name}.{node.name}" for owner in classes for node in owner.body if isinstance(node, kinds)}
    return {node.name for node in top} | methods


def named_places(where):
    """Pairs of a file and a name in it, such as in `a.py`: `f`, `g`; `b.py`: `h`."""
    for part in where.split(";"):
        path, *names = quoted(part)
        yield from ((path, name) for name in names)


def faults(where):
    return [(path, name) for path, name in named_places(where) if name not in defined(path)]


@pytest.mark.parametrize("chapter", WALKS)
def test_each_step_names_functions_of_files_that_have_them(chapter):
    assert len(steps(chapter)) > 8
    for where in steps(chapter):
        assert list(named_places(where))
        assert not faults(where)


def test_a_name_that_is_not_there_is_found():
    assert faults("`tfmodels/decoding/beam.py`: `beam_search`, `beams`") == [("tfmodels/decoding/beam.py", "beams")]


def test_each_path_exists():
    paths = [name for name in quoted(TEXT) if re.fullmatch(r"[\w.]+(/[\w.]*)+", name) and "path/" not in name]
    assert len(paths) > 30
    assert not [path for path in paths if not (ROOT / path).exists() and path != "saved_models/"]


def test_sentences_name_methods_that_exist():
    found = re.findall(r"`([\w.]+)` in\s+`([^`]+\.py)`", TEXT)
    assert len(found) >= 3
    assert not [(name, path) for name, path in found if name not in defined(path)]


def test_the_rooms_and_what_they_may_import_are_those_that_are_checked(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "tests"), *sys.path])
    from test_imports import MAY_IMPORT

    tables = [line for line in TEXT.splitlines() if line.startswith("| `")]
    stated, package = {}, "tfmodels"
    for line in tables[: len(MAY_IMPORT)]:
        names, _, others = line.strip("|").split("|")
        package = "pipelines" if "translation" in names or package == "pipelines" else package
        full = {one if one == "tfmodels" else f"{package}.{one}" for one in quoted(others)}
        stated |= {f"{package}.{name}": full for name in quoted(names)}
    assert stated == MAY_IMPORT


def test_the_drawings_are_those_of_their_script_and_number_the_steps():
    made = runpy.run_path(str(DRAWINGS / "walks.py"))
    for (name, parts), chapter in zip(made["DRAWINGS"].items(), WALKS, strict=True):
        drawn = (DRAWINGS / name).read_text(encoding="utf-8")
        assert drawn == made["drawing"](parts)
        numbers = [set(text.split()) for text in re.findall(r'text-anchor="start"[^>]*>([\d ]+)<', drawn)]
        assert set().union(*numbers) == {str(number) for number, _ in enumerate(steps(chapter), 1)}
