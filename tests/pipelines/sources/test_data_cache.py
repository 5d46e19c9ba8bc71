import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.sources import cache_folder, data_cache

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


def test_a_run_outlives_the_index(workplace):
    data_cache.provide(workplace / "folder", INDEX, {"a": 1}, write_folder)
    data_cache.provide(workplace / "file", INDEX, {"a": 2}, write("text"))
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


def test_what_is_done_to_a_run_reaches_no_other(workplace):
    data_cache.provide(workplace / "first", INDEX, {"a": 1}, write_folder)
    with (workplace / "first" / "one").open("r+") as file:
        file.write("changed in place")
    data_cache.provide(workplace / "second", INDEX, {"a": 1}, unwanted)
    assert (workplace / "second" / "one").read_text() == "1"


@pytest.mark.parametrize("damage", ["changed", "cut off", "deleted"])
def test_an_entry_that_was_changed_is_made_anew(workplace, capsys, damage):
    content = data_cache.entry(INDEX, {"a": 1}, write_folder)
    file = content / "two"
    assert not file.stat().st_mode & 0o222  # for everyone but root it is read-only
    file.unlink()
    if damage != "deleted":
        file.write_text("3" if damage == "changed" else "")
    data_cache.provide(workplace / "folder", INDEX, {"a": 1}, write_folder)
    assert (workplace / "folder" / "two").read_text() == "2"
    assert "made anew" in capsys.readouterr().out
    assert len(entries()) == 1


def delete_index():
    subprocess.run(["rm", "-rf", INDEX], check=True)


@pytest.mark.parametrize("moment", ["before the content", "after the content", "before the copy", "within the copy"])
def test_the_cache_may_be_deleted_at_any_moment(workplace, monkeypatch, moment):
    def make(path):
        if moment == "before the content":
            delete_index()
        write_folder(path)
        if moment == "after the content":
            delete_index()

    if moment == "before the copy":
        monkeypatch.setattr(cache_folder, "mark_used", lambda entry: delete_index())
    elif moment == "within the copy":
        clone = cache_folder.clone
        monkeypatch.setattr(cache_folder, "clone", lambda *paths: (clone(*paths), delete_index()))
    data_cache.provide(workplace / "folder", INDEX, {"a": 1}, make)
    assert {path.name: path.read_text() for path in (workplace / "folder").iterdir()} == {"one": "1", "two": "2"}
    assert {path.name for path in workplace.iterdir()} <= {"folder", ".index"}


def test_a_text_outlives_the_cache(monkeypatch):
    monkeypatch.setattr(cache_folder, "mark_used", lambda entry: delete_index())
    assert [data_cache.text(INDEX, {"a": 1}, lambda: "text") for _ in range(2)] == ["text"] * 2

    def missing():
        raise FileNotFoundError("no such data")

    with pytest.raises(FileNotFoundError, match="no such data"):
        data_cache.text(INDEX, {"a": 2}, missing)


def test_what_nothing_uses_goes_and_is_said(workplace, capsys, monkeypatch):
    old, used = (data_cache.entry(INDEX, {"a": number}, write("text")).parent for number in (1, 2))
    for path in (old, old.with_suffix(".lock"), used):
        os.utime(path, (0, 0))
    data_cache.entry(INDEX, {"a": 2}, unwanted)
    new = data_cache.entry(INDEX, {"a": 3}, write("text")).parent
    assert entries() == sorted([used.name, new.name])
    assert not old.with_suffix(".lock").exists()
    assert "deleted 1 entries of the data cache" in capsys.readouterr().out

    monkeypatch.setattr(cache_folder, "_MOST_BYTES", 1)
    os.utime(new, (1, 1))
    newest = data_cache.entry(INDEX, {"a": 4}, write("text")).parent
    assert entries() == [newest.name]
    assert "deleted 2 entries" in capsys.readouterr().out


# Kills the making of an entry and its copy, each one call of the system later, until one succeeds.
KILLING = """
import os, signal, sys
from pathlib import Path
from pipelines.sources import data_cache

def dying(call, last, calls=[0]):
    def counted(*arguments, **options):
        calls[0] += 1
        if calls[0] == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **options)
    return counted

def make(path):
    path.mkdir()
    (path / "one").write_text("1")
    (path / "two").write_text("2")

for last in range(1, 200):
    child = os.fork()
    if not child:
        for name in ("mkdir", "fsync", "rename", "replace", "unlink", "rmdir", "chmod", "utime"):
            setattr(os, name, dying(getattr(os, name), last))
        data_cache.provide(Path("folder"), Path(".index"), {"a": 1}, make)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if Path("folder").exists():
        print(*sorted(path.read_text() for path in Path("folder").iterdir()))
    if not status:
        break
    if last % 3 == 0:
        os.system("rm -rf folder")
print(last)
"""


def test_a_kill_at_any_moment_leaves_whole_entries_and_copies(workplace):
    done = subprocess.run(
        [sys.executable, "-c", KILLING], capture_output=True, text=True, env=environment(), check=True
    )
    *states, last = [line for line in done.stdout.splitlines() if not line.startswith("note")]
    assert int(last) > 5
    assert states and set(states) == {"1 2"}
    assert sorted(path.name for path in (workplace / "folder").iterdir()) == ["one", "two"]


@pytest.mark.parametrize("change", ["changed", "deleted"])
def test_an_entry_that_is_changed_while_it_is_copied_reaches_no_run(workplace, monkeypatch, change):
    path, clone = data_cache.entry(INDEX, {"a": 1}, write_folder) / "two", cache_folder.clone

    def late(source, target):
        path.unlink(missing_ok=True)
        if change == "changed":
            path.write_text("3")
        clone(source, target)

    monkeypatch.setattr(cache_folder, "clone", late)
    data_cache.provide(workplace / "folder", INDEX, {"a": 1}, write_folder)
    assert {path.name: path.read_text() for path in (workplace / "folder").iterdir()} == {"one": "1", "two": "2"}
    assert sorted(path.name for path in workplace.iterdir()) == [".index", "folder"]


def test_what_is_read_needs_no_cache_that_can_be_written(monkeypatch):
    def refuse(path, **_):
        raise PermissionError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert data_cache.text(INDEX, {"a": 1}, lambda: "text") == "text"
