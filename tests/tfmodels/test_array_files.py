"""Arrays of runs are read as they were written, or refused by the name of their file."""

import io

import numpy as np
import pytest

from tfmodels import array_files


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (2, 3)])
@pytest.mark.parametrize("kind", ["float32", "float64", "int64"])
def test_an_array_is_read_as_written(tmp_path, shape, kind):
    written = np.arange(np.prod(shape)).reshape(shape).astype(kind)
    np.save(tmp_path / "a.npy", written)
    read = array_files.read(tmp_path / "a.npy", shape)
    np.testing.assert_array_equal(read, written)
    assert read.dtype == kind
    assert not read.flags.writeable


def content_of(array, **options):
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def archive():
    file = io.BytesIO()
    np.savez(file, a=np.ones(3))
    return file.getvalue()


def headed(text):
    """A file whose header is `text`."""
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def shaped(shape, kind="<f8"):
    return headed(f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n") + b"\0" * 64


DAMAGED = [
    b"",
    b"text",
    archive(),
    content_of(np.ones(100))[:-1],
    content_of(np.ones(100))[:40],
    content_of(np.array([{}], object), allow_pickle=True),
    headed("__import__('os').system('touch marker')\n"),
    headed("(" * 5_000),
    headed("[" * 60_000),
    shaped("(1000000000000,)"),
    shaped("(4611686018427387904, 4611686018427387904)"),
    shaped("(1000000000000000000000000,)"),
    shaped("(-1,)"),
    shaped("(1,)", "|O"),
    shaped("(1,)", "no type"),
]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_what_is_no_array_is_refused_by_its_file(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scale.npy").write_bytes(content)
    with pytest.raises(ValueError, match=r"Expected an array in .*scale\.npy, which is damaged\. Received: "):
        array_files.read(tmp_path / "scale.npy")
    assert not (tmp_path / "marker").exists()


def test_another_shape_and_a_missing_file_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.ones(3))
    with pytest.raises(ValueError, match=r"Expected an array of shape \(2,\) in .*a\.npy\. Received: shape=\(3,\)"):
        array_files.read(tmp_path / "a.npy", (2,))
    with pytest.raises(FileNotFoundError, match=r"Expected the array .*b\.npy\. Received: none"):
        array_files.read(tmp_path / "b.npy")
