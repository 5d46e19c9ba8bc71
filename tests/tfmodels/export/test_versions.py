import json
import subprocess
import sys
from pathlib import Path

import pytest

import tfmodels
from tfmodels.export.versions import publish, remove_old, version_folder, versions, workspace

# Shared by the child processes below: an export of two files.
EXPORT = """
import json, os, signal, sys
from pathlib import Path
from tfmodels.export.versions import publish, remove_old, versions, workspace

folder = Path(sys.argv[1])

def export(keep=None):
    with workspace(folder) as place:
        version = place / "version"
        (version / "variables").mkdir(parents=True)
        (version / "saved_model.pb").write_text("graph")
        (version / "variables" / "weights").write_text("weights")
        published = publish(version, folder)
        if keep:
            remove_old(folder, keep, place)
    return published
"""
# Kills exports, each one system call later, until one succeeds, and prints the files each leaves behind. Counts only
# calls that change or flush a folder.
KILLING = """
calls = 0

def dying(call, last):
    def counted(*arguments, **options):
        global calls
        calls += 1
        if calls == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **options)
    return counted

for last in range(1, 200):
    child = os.fork()
    if not child:
        for name in ("mkdir", "fsync", "rename", "unlink", "rmdir"):
            setattr(os, name, dying(getattr(os, name), last))
        export(keep=2)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    files = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    print(json.dumps(files))
    if not status:
        break
"""
FILES = {"saved_model.pb": "graph", "variables/weights": "weights"}


def start(code, folder):
    command = [sys.executable, "-c", EXPORT + code, str(folder)]
    return subprocess.Popen(command, cwd=Path(tfmodels.__file__).parents[1], stdout=subprocess.PIPE, text=True)


def make(folder):
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").touch()


def test_versions_are_sorted_numbers(tmp_path):
    for name in ("10", "9", "002", "v3", "1.0", "unfinished-7", "²"):
        (tmp_path / name).mkdir()
    assert list(versions(tmp_path)) == [2, 9, 10]
    assert versions(tmp_path)[2] == tmp_path / "002"


def test_a_path_resolves_to_itself_or_its_newest_version(tmp_path):
    make(tmp_path / "9")
    make(tmp_path / "10")
    assert version_folder(tmp_path) == tmp_path / "10"
    assert version_folder(tmp_path / "9") == tmp_path / "9"


def test_a_path_without_a_saved_model_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(FileNotFoundError, match=f"SavedModel.*{path}"):
            version_folder(path)


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        (["a/1", "b/2", "c"], "a folder of exports; choose one: .*a, .*b$"),
        (["unfinished-x7"], "ended before it was whole"),
        (["unfinished-x7/version", "1"], "ended before it was whole"),
    ],
)
def test_what_is_there_in_place_of_an_export_is_named(folders, message, tmp_path):
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match=message):
        version_folder(tmp_path)


def test_a_kill_at_any_moment_leaves_complete_versions(tmp_path):
    for name in ("1", "2", "3"):
        for file, content in FILES.items():
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_text(content)
    output, _ = start(KILLING, tmp_path).communicate(timeout=300)
    served = {1, 2, 3}
    states = [json.loads(line) for line in output.splitlines()]
    for files in states:
        now = {int(path.partition("/")[0]) for path in files if not path.startswith("unfinished-")}
        # Unchanged, or with the new version; only then without the oldest one.
        new = now - served
        assert now == served or new == {max(served) + 1}
        assert now >= set(sorted(served | new)[-2:])
        for number in now:
            assert {name: files[f"{number}/{name}"] for name in FILES} == FILES
        served = now
    assert len(states) > 15
    # The last one succeeded, and nothing of the killed ones is left.
    assert len(served) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(map(str, served))


def test_concurrent_exports_get_different_numbers(tmp_path):
    exporters = [start("print(*(export().name for _ in range(20)))", tmp_path) for _ in range(3)]
    numbers = [int(number) for exporter in exporters for number in exporter.communicate()[0].split()]
    assert sorted(numbers) == list(versions(tmp_path)) == list(range(1, 61))
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 60 * len(FILES)


def test_a_number_taken_by_another_export_is_skipped(tmp_path, monkeypatch):
    monkeypatch.setattr("tfmodels.export.versions.versions", lambda folder: {})
    for name in ("1", "2"):
        make(tmp_path / name)
    with workspace(tmp_path) as place:
        make(place / "version")
        assert publish(place / "version", tmp_path) == tmp_path / "3"


def test_the_workspace_of_a_running_export_is_kept(tmp_path):
    with workspace(tmp_path) as first, workspace(tmp_path) as second:
        assert first != second
        assert first.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_old_versions_are_removed(tmp_path):
    for number in (2, 9, 10):
        make(tmp_path / str(number))
    with workspace(tmp_path) as place:
        remove_old(tmp_path, 2, place)
        assert list(versions(tmp_path)) == [9, 10]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["10", "9"]
