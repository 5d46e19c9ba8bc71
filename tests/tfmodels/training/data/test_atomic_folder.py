import errno
from types import SimpleNamespace

import pytest

from tfmodels.training.data import atomic_folder as module
from tfmodels.training.data.atomic_folder import atomic_folder


def test_a_folder_appears_when_it_is_complete(tmp_path):
    with atomic_folder(tmp_path / "rows") as partial:
        (partial / "a").write_text("1")
        assert not (tmp_path / "rows").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]
    assert (tmp_path / "rows" / "a").read_text() == "1"


@pytest.mark.parametrize(
    ("raised", "free", "number"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1 << 30, errno.ENOSPC),
        (OSError("512 requested and 100 written"), 0, errno.ENOSPC),  # as NumPy says it
        (OSError("512 requested and 100 written"), 1 << 30, errno.EIO),
    ],
)
def test_a_full_disk_names_the_folder_and_leaves_nothing(tmp_path, monkeypatch, raised, free, number):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    with pytest.raises(OSError, match="rows") as error, atomic_folder(tmp_path / "rows") as partial:
        (partial / "a").write_text("1")
        raise raised
    assert (error.value.errno, error.value.filename) == (number, str(tmp_path / "rows"))
    assert not list(tmp_path.iterdir())


def test_other_errors_pass(tmp_path):
    with pytest.raises(KeyError), atomic_folder(tmp_path / "rows"):
        raise KeyError("a")
    assert not list(tmp_path.iterdir())
