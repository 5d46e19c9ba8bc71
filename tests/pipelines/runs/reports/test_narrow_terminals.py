"""Tables on narrow terminals and in pipes: names and numbers are whole, nothing but text is piped."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import tfmodels
from pipelines.progress import consoles
from pipelines.runs import recipe_files
from pipelines.runs.reports import terminal

ROOT = Path(tfmodels.__file__).parents[1]
NAMES = ["office 10", "least absolute errors", "a-rather-long_name/of:one"]
BASELINES = ["mean of the history", "repeat last", "seasonal naive", "boosted trees"]


def shown(width, title="scores"):
    console = Console(width=width, file=io.StringIO())
    rows = [[name, *(1234.5678 + place for place in range(len(BASELINES)))] for name in NAMES]
    terminal.show_table(console, title, ["series", *BASELINES], rows)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_names_and_numbers_are_whole(width):
    text = shown(width)
    assert max(map(len, text.splitlines())) <= width
    for name in NAMES:
        assert f" {name} " in text
    for place in range(len(BASELINES)):
        assert f" {1234.5678 + place:,.1f} " in text


def test_a_table_without_a_title_begins_with_its_frame():
    assert shown(80, title="").startswith("┏")


@pytest.mark.parametrize("width", ["60", "80", ""])
def test_the_recipes_are_whole(width, monkeypatch, capsys):
    from pipelines.cli import main

    monkeypatch.setenv("COLUMNS", width) if width else monkeypatch.delenv("COLUMNS", raising=False)
    assert main.main(["recipes"]) == 0
    text = capsys.readouterr().out
    assert all(f" {name} " in text for name in recipe_files.names())
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= int(width or 160)


def test_what_is_piped_is_wide_and_has_no_control_characters():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("COLUMNS", None)
    command = [sys.executable, "-m", "tfmodels", "recipes"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert re.search(r"PM2.5 of Beijing, the next 24 hours .* MAE", done.stdout)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.stdout)


def test_columns_of_the_environment_go_first(monkeypatch):
    monkeypatch.setenv("COLUMNS", "66")
    assert consoles.console().width == 66
    monkeypatch.delenv("COLUMNS")
    assert consoles.console().width == (160 if not sys.stdout.isatty() else Console().width)


@pytest.mark.parametrize("width", ["80", ""])
def test_endpoints_are_listed_with_their_shapes_whole(width, monkeypatch, capsys):
    from pipelines.cli.export import _print_endpoints

    monkeypatch.setenv("COLUMNS", width) if width else monkeypatch.delenv("COLUMNS", raising=False)
    field = SimpleNamespace(name="coverage_penalty", dtype=SimpleNamespace(name="float32"), shape=(None, 24, 1))
    outputs = {"[red]\x1b[2J": field, "attention": field}
    traced = SimpleNamespace(structured_outputs=outputs)
    endpoints = [
        SimpleNamespace(name=name, inputs=[field], traced=traced) for name in ("serving_default", "with_options")
    ]
    _print_endpoints(SimpleNamespace(endpoints=endpoints))
    rows = [line.strip("│ ").replace("│", " ").split() for line in capsys.readouterr().out.split("\n") if "│" in line]
    shape = ["float32", "(None,", "24,", "1)"]
    of_one = [["input", "coverage_penalty", *shape], ["output", r"[red]\x1b[2J", *shape], ["attention", *shape]]
    assert rows == [[name, *row] if not place else row for name in ("serving_default", "with_options")
                    for place, row in enumerate(of_one)]  # fmt: skip


CELL = st.one_of(st.text(st.sampled_from("ab c\n日-\x1b"), max_size=30), st.integers(), st.none())


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=5), st.integers(40, 100))
def test_tables_of_many_rows_look_as_those_of_few(rows, width):
    looks = []
    for many in (-1, 100):
        console = Console(width=width, file=io.StringIO())
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(terminal, "_MANY", many)
            terminal.show_table(console, "scores", ["first", "second", "日"], [list(row) for row in rows])
        looks.append([line.rstrip() for line in console.file.getvalue().splitlines()])
    assert looks[0] == looks[1]
