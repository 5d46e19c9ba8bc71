import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.sources import data_cache

INDEX = Path(".index")


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(text):
    return lambda path: path.write_text(text)


def write_folder(path):
    path.mkdir()
    (path / "one").write_text("1")
    (path / "two").write_text("2")


def unwanted(path):
    pytest.fail("made again")


def broken(path):
    path.write_text("half")
    raise OSError("disk full")


def entries():
    return sorted(path.name for path in INDEX.iterdir() if path.suffix != ".lock")


def test_what_was_made_is_found_under_its_key():
    assert data_cache.entry(INDEX, {"a": 1, "b": 2}, write("first")).read_text() == "first"
    assert data_cache.entry(INDEX, {"b": 2, "a": 1}, unwanted).read_text() == "first"
    assert data_cache.entry(INDEX, {"a": 1, "b": 3}, write("other")).read_text() == "other"
    assert len(entries()) == 2


def test_an_entry_tells_its_key():
    content = data_cache.entry(INDEX, {"a": 1}, write("first"))
    assert json.loads(content.with_name("key.json").read_text())["a"] == 1


def test_half_an_entry_never_counts():
    with pytest.raises(OSError, match="disk full"):
        data_cache.entry(INDEX, {"a": 1}, broken)
    assert entries() == []
    assert data_cache.entry(INDEX, {"a": 1}, write("whole")).read_text() == "whole"


def test_what_a_killed_process_left_is_replaced():
    path = data_cache.entry(INDEX, {"a": 1}, write_folder).parent
    path.rename(path.with_suffix(".partial"))
    assert data_cache.entry(INDEX, {"a": 1}, write("whole")).read_text() == "whole"
    assert entries() == [path.name]


@pytest.mark.parametrize("change", ["size", "time", "path"])
def test_a_stamp_tells_what_changed(workplace, change):
    path = workplace / "a"
    path.write_text("text")
    before = data_cache.stamp([path])
    assert data_cache.stamp([path]) == before
    if change == "size":
        path.write_text("longer text")
        os.utime(path, ns=(0, before[0][2]))
    elif change == "time":
        os.utime(path, ns=(0, before[0][2] + 1))
    else:
        path = path.rename(workplace / "b")
    assert data_cache.stamp([path]) != before


@pytest.mark.parametrize("linked", [True, False])
def test_a_run_outlives_the_index(workplace, monkeypatch, linked):
    if not linked:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
    data_cache.provide(workplace / "folder", INDEX, {"a": 1}, write_folder)
    data_cache.provide(workplace / "file", INDEX, {"a": 2}, write("text"))
    (content,) = INDEX.rglob("content/one")
    assert (workplace / "folder" / "one").samefile(content) == linked
    subprocess.run(["rm", "-r", INDEX], check=True)
    assert {path.name: path.read_text() for path in (workplace / "folder").iterdir()} == {"one": "1", "two": "2"}
    assert (workplace / "file").read_text() == "text"
    assert {path.name for path in workplace.iterdir()} == {"folder", "file"}


def test_what_a_run_has_is_left_alone(workplace):
    (workplace / "file").write_text("mine")
    data_cache.provide(workplace / "file", INDEX, {"a": 1}, unwanted)
    assert (workplace / "file").read_text() == "mine"


def test_without_a_key_nothing_is_shared(workplace):
    data_cache.provide(workplace / "file", INDEX, None, write("text"))
    assert (workplace / "file").read_text() == "text"
    assert not INDEX.exists()


def test_of_several_processes_one_makes_an_entry(workplace):
    code = """
import time
from pathlib import Path
from pipelines.sources import data_cache

def make(path):
    with open("made", "a") as file:
        file.write("x")
    time.sleep(0.5)
    path.write_text("text")

print(data_cache.entry(Path(".index"), {"a": 1}, make).read_text())
"""
    children = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment())
        for _ in range(3)
    ]
    printed = [child.communicate()[0].splitlines()[-1] for child in children]
    assert printed == ["text"] * 3
    assert (workplace / "made").read_text() == "x"


def environment():
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
