import pytest

from tfmodels.export.versions import version_folder, versions


def make(folder):
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").touch()


def test_versions_are_ordered_as_numbers_and_other_names_are_none(tmp_path):
    for name in ("10", "9", "002", "v3", "1.0", "unfinished-7", "²"):
        (tmp_path / name).mkdir()
    assert list(versions(tmp_path)) == [2, 9, 10]
    assert versions(tmp_path)[2] == tmp_path / "002"


def test_a_path_means_itself_or_its_newest_version(tmp_path):
    make(tmp_path / "9")
    make(tmp_path / "10")
    assert version_folder(tmp_path) == tmp_path / "10"
    assert version_folder(tmp_path / "9") == tmp_path / "9"


def test_says_where_no_saved_model_is(tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(FileNotFoundError, match=f"SavedModel.*{path}"):
            version_folder(path)
