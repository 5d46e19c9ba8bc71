import errno
import os
import signal
import threading
from pathlib import Path

import pytest

from tfmodels import whole_files


def test_a_file_is_written_and_replaced(tmp_path):
    for content in ("ü", b"\x00\xff"):
        whole_files.write(tmp_path / "a.json", content)
        assert (tmp_path / "a.json").read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_kill_leaves_the_old_file_or_the_new_one(tmp_path, monkeypatch, call):
    path = tmp_path / "a.json"
    path.write_text("old")
    child = os.fork()
    if not child:
        setattr(os, call, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        whole_files.write(path, "new")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert path.read_text() == "old"
    whole_files.write(path, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_failure_names_the_file_and_leaves_it(tmp_path, monkeypatch, number):
    path = tmp_path / "a.json"
    path.write_text("old")

    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=f"{os.strerror(number)}: '{path}'"):
        whole_files.write(path, "new")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_folder_that_is_not_there_is_named_once(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        whole_files.write(tmp_path / "none" / "a.json", "new")
    assert str(error.value) == f"[Errno 2] No such file or directory: '{tmp_path / 'none' / 'a.json'}'"


def test_what_is_added_to_a_file_is_added_or_the_file_is_named(tmp_path):
    path = tmp_path / "uses.log"
    for line in ("a", "ü"):
        whole_files.append(path, f"{line}\n")
    assert path.read_text(encoding="utf-8") == "a\nü\n"
    with pytest.raises(OSError, match="No space left") as error:
        whole_files.append(Path("/dev/full"), "a")
    assert error.value.filename == "/dev/full"


@pytest.mark.parametrize("content", [b"", b'{"a": ', b"\xff", b"[" * 100_000])
def test_damaged_json_is_named_with_a_remedy(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"{path}.*damaged.*Received: .*Make it anew"):
        whole_files.read_json(path, "Make it anew.")
    path.unlink()
    with pytest.raises(FileNotFoundError, match=rf"{path}\. Received: none\. .*--overwrite"):
        whole_files.read_json(path)


def test_two_who_write_a_file_do_so_one_after_the_other(tmp_path):
    path, failed = tmp_path / "a.json", []

    def write():
        try:
            whole_files.write(path, "second")
        except OSError as error:
            failed.append(error)

    with whole_files.replacing(path) as unfinished, unfinished.open("w") as file:
        other = threading.Thread(target=write)
        other.start()
        other.join(0.2)
        file.write("the first, which is longer")
        file.flush()
        assert not path.exists()
    assert path.read_text() in ("the first, which is longer", "second")
    other.join()
    assert not failed
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.json", "second")]


def test_links_of_a_folder_from_anyone_lead_nowhere(tmp_path):
    kept, folder = tmp_path / "kept", tmp_path / "run"
    (kept / "more").mkdir(parents=True)
    (kept / "file").write_text("mine")
    folder.mkdir()
    for name in ("a.unfinished.json", "uses.log"):
        (folder / name).symlink_to(kept / "file")
    (folder / "left.partial").symlink_to(kept)
    whole_files.write(folder / "a.json", "new")
    with pytest.raises(OSError, match="symbolic links") as error:
        whole_files.append(folder / "uses.log", "used")
    assert error.value.filename == str(folder / "uses.log")
    for name in ("left.partial", "uses.log", "nothing"):
        whole_files.remove(folder / name)
    assert [path.name for path in folder.iterdir()] == ["a.json"]
    assert (kept / "file").read_text() == "mine" and (kept / "more").is_dir()
