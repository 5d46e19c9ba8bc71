"""The reference has an entry for each public name, and for nothing else."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("tfmodels", "pipelines")
PAGES = ROOT / "docs" / "reference"
ROOMS = sorted(path.stem for path in PAGES.glob("*.md") if path.stem not in ("index", "tasks", "own_tasks"))


def entries(page):
    return re.findall(r"^::: (\S+)$", (PAGES / f"{page}.md").read_text(encoding="utf-8"), re.MULTILINE)


def public_names(package):
    """The names that a package's `__init__.py` imports for its users."""
    tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
    blocks = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    imports = (node for node in [*tree.body, *(node for block in blocks for node in block.body)])
    own = (node for node in imports if isinstance(node, ast.ImportFrom) and node.module.startswith(OURS))
    return {alias.name for node in own for alias in node.names} - {"lazy_exports", "held_back_at_first"}


def entry(package, name):
    """How a page names a name: by its module where both are called alike, since an entry would show the module."""
    alike = (ROOT / package / f"{name}.py").is_file() and name not in ("masks", "copying")
    return ".".join([*package.split("/"), name, *[name] * alike])


@pytest.mark.parametrize("room", ROOMS)
def test_a_page_lists_the_public_names_of_its_room(room):
    package = f"tfmodels/{room}"
    assert sorted(entries(room)) == sorted(entry(package, name) for name in public_names(package))


def test_each_room_has_a_page_in_the_list_and_in_the_navigation():
    rooms = {path.parent.name for path in ROOT.glob("tfmodels/*/__init__.py")}
    assert rooms == set(ROOMS) == public_names("tfmodels") - {name.rsplit(".")[-1] for name in entries("tasks")}
    pages = {path.name for path in PAGES.glob("*.md")}
    index = (PAGES / "index.md").read_text(encoding="utf-8")
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert pages == {*re.findall(r"\]\((\w+\.md)\)", index), "index.md"}
    assert pages == set(re.findall(r"reference/(\w+\.md)", navigation))


def test_what_users_import_of_the_tasks_has_entries():
    shown = Counter([*entries("tasks"), *entries("own_tasks")])
    assert set(shown.values()) == {1}
    users = public_names("tfmodels") - set(ROOMS)
    expected = {f"tfmodels.{name}" for name in users}
    expected |= {f"pipelines.{name}" for name in public_names("pipelines") - users}
    expected |= {f"pipelines.seq2seq.{name}" for name in public_names("pipelines/seq2seq")}
    further = {"pipelines.forecasting.frames.backtest.Backtest", "pipelines.text.text_options.TextOptions"}
    assert set(shown) == expected | further
