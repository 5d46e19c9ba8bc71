import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.sources import fingerprints


@pytest.fixture
def index(tmp_path):
    return tmp_path / ".index"


def write(path, content):
    path.write_bytes(content)
    return path


def keep_times(path, content):
    """Writes other content of the same length and sets the time of writing back."""
    status = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=st.binary(max_size=30), after=st.binary(max_size=30))
def test_a_file_has_changed_if_its_content_has(tmp_path, before, after):
    path = write(tmp_path / "texts", before)
    kept = fingerprints.take([path], tmp_path / ".index")
    write(path, after)
    assert bool(fingerprints.changes(kept, tmp_path / ".index")) == (before != after)


def test_a_time_that_was_set_back_hides_no_change(tmp_path, index):
    path = write(tmp_path / "texts", b"one\n")
    kept = fingerprints.take([path], index)
    keep_times(path, b"two\n")
    assert len(fingerprints.changes(kept, index)) == 1


def test_what_changed_is_said_with_rows_and_bytes(tmp_path, index):
    path = write(tmp_path / "test.en", b"a text\n" * 30)
    kept = fingerprints.take([path], index)
    write(path, b"another\n" * 7)
    (said,) = fingerprints.changes(kept, index)
    assert said.startswith(f"{path}: 30 lines, 210 bytes, of ")
    assert "7 lines, 56 bytes, of " in said


def test_files_of_the_same_content_are_the_same_elsewhere(tmp_path, index):
    paths = [write(tmp_path / "a", b"1"), write(tmp_path / "b", b"2")]
    (tmp_path / "moved").mkdir()
    moved = [shutil.copy(path, tmp_path / "moved" / f"new {path.name}") for path in reversed(paths)]
    kept, now = fingerprints.take(paths, index), fingerprints.take(map(type(paths[0]), moved), index)
    assert sorted(one.digest for one in kept) == sorted(one.digest for one in now)
    assert len({one.digest for one in now}) == 2


def test_a_folder_changes_with_its_files_and_their_names(tmp_path, index):
    folder = tmp_path / "train"
    (folder / "pos").mkdir(parents=True)
    (folder / "neg").mkdir()
    text = write(folder / "pos" / "1.txt", b"good")
    kept = fingerprints.take([folder], index)
    assert kept[0].files == 1 and not fingerprints.changes(kept, index)
    text.rename(folder / "neg" / "1.txt")
    assert fingerprints.changes(kept, index)
    (folder / "neg" / "1.txt").rename(text)
    assert not fingerprints.changes(kept, index)
    write(folder / "neg" / "2.txt", b"bad")
    assert "2 files" in fingerprints.changes(kept, index)[0]


def test_a_missing_file_is_no_changed_one(tmp_path, index):
    path = write(tmp_path / "texts", b"one")
    kept = fingerprints.take([path], index)
    path.unlink()
    assert fingerprints.missing(kept) == kept
    assert not fingerprints.changes(kept, index)


def test_a_large_file_is_read_once(tmp_path, index, monkeypatch):
    monkeypatch.setattr(fingerprints, "_REMEMBERED_FROM", 1)
    path = write(tmp_path / "texts", b"one")
    kept = fingerprints.take([path], index)
    monkeypatch.setattr(fingerprints, "_digest", lambda path: pytest.fail("read again"))
    assert fingerprints.take([path, path], index) == kept


def test_fingerprints_are_read_as_written(tmp_path, index):
    kept = fingerprints.take([write(tmp_path / "naïve", b"1"), tmp_path], index)
    fingerprints.write(kept, tmp_path / "kept.json")
    assert fingerprints.read(tmp_path / "kept.json") == kept


def test_no_more_is_read_of_a_file_than_its_size(tmp_path, index):
    endless = Path("/proc/self/maps")  # of size 0, as all files that the kernel makes up: some of them never end
    kept, empty = fingerprints.take([endless, write(tmp_path / "empty", b"")], index)
    assert endless.read_bytes() and kept.digest == empty.digest
