"""Arrays of every type and memory layout reach TensorFlow's C library as they are."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tfmodels.export.runners.c_library import c_library
from tfmodels.export.runners.c_tensor import delete_tensor, new_tensor, to_array

DTYPES = (
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
)


def read_only(array):
    array.setflags(write=False)
    return array


LAYOUTS = {
    "C": lambda array: array,
    "Fortran": np.asfortranarray,
    "transposed": lambda array: array.T,
    "strided": lambda array: array[::3, ::2],
    "negative strides": lambda array: array[::-1, ::-1],
    "broadcast": lambda array: np.broadcast_to(array[:1], array.shape),
    "byte-swapped": lambda array: array.astype(array.dtype.newbyteorder()),
    "byte-swapped and transposed": lambda array: array.astype(array.dtype.newbyteorder()).T,
    "read-only": read_only,
    "a column": lambda array: array[:, 1],
    "without rows": lambda array: array[:0],
    "without columns": lambda array: array[:, :0],
    "a scalar": lambda array: array[0, 0, ...],
    "not aligned": lambda array: np.frombuffer(b"x" + array.tobytes(), array.dtype, offset=1).reshape(array.shape),
}


def sent(array):
    library = c_library()
    tensor = new_tensor(library, array)
    try:
        return to_array(library, tensor)
    finally:
        delete_tensor(library, tensor)


def made(dtype, rows=3000, columns=40):
    random = np.random.default_rng(0)
    return random.integers(0, 2 if dtype == "bool" else 100, [rows, columns]).astype(dtype)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_type_and_layout_arrives(dtype, layout):
    array = LAYOUTS[layout](made(dtype))
    np.testing.assert_array_equal(sent(array), array)
    assert sent(array).dtype == np.dtype(dtype)


@pytest.mark.parametrize("layout", ["C", "Fortran", "strided", "without rows", "negative strides"])
def test_text_of_every_layout_arrives(layout):
    array = LAYOUTS[layout](
        np.array([[f"{row} {column}".encode() * row for column in range(4)] for row in range(9)], object)
    )
    np.testing.assert_array_equal(sent(array), array)


def test_several_threads_at_once():
    arrays = [np.asfortranarray(made("float64") + number) for number in range(32)]
    with ThreadPoolExecutor(8) as pool:
        for array, arrived in zip(arrays, pool.map(sent, arrays), strict=True):
            np.testing.assert_array_equal(arrived, array)


@pytest.mark.slow
def test_no_freed_memory_is_read():
    """Where the C library overwrites what is freed, an address that outlives its array shows."""
    path = os.pathsep.join(path for path in sys.path if path)
    environment = os.environ | {"MALLOC_PERTURB_": "165", "PYTHONMALLOC": "debug", "PYTHONPATH": path}
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        __file__,
        "-k",
        "layout_arrives and float64",
    ]
    child = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert child.returncode == 0, child.stdout[-3000:]


@pytest.mark.parametrize("dtype", ["complex64", "datetime64[s]", "S3", "U3"])
def test_a_type_that_cannot_be_sent_is_named(dtype):
    with pytest.raises(ValueError, match=r"Expected bytes or values of float32, .*Received: dtype="):
        new_tensor(c_library(), np.zeros(2, dtype))
