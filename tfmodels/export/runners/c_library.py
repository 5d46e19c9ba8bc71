"""TensorFlow's C API from the library in its package: sessions without the Python part, which takes seconds to import.

The API is stable and public (`tensorflow/c/c_api.h`). The library is loaded on first use.
"""

import contextlib
import ctypes
import functools
import importlib.machinery
import sys
from collections.abc import Generator
from ctypes import POINTER, c_char_p, c_int, c_int64, c_size_t, c_void_p
from pathlib import Path
from typing import Any

_OK = 0  # TF_OK


class Output(ctypes.Structure):
    """`TF_Output`: one output of an operation of a graph."""

    _fields_ = (("operation", c_void_p), ("index", c_int))


# Function -> result type, argument types.
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "TF_NewStatus": (c_void_p, ()),
    "TF_DeleteStatus": (None, (c_void_p,)),
    "TF_GetCode": (c_int, (c_void_p,)),
    "TF_Message": (c_char_p, (c_void_p,)),
    "TF_LoadLibrary": (c_void_p, (c_char_p, c_void_p)),
    "TF_NewBufferFromString": (c_void_p, (c_char_p, c_size_t)),
    "TF_DeleteBuffer": (None, (c_void_p,)),
    "TF_NewGraph": (c_void_p, ()),
    "TF_DeleteGraph": (None, (c_void_p,)),
    "TF_GraphOperationByName": (c_void_p, (c_void_p, c_char_p)),
    "TF_NewSessionOptions": (c_void_p, ()),
    "TF_DeleteSessionOptions": (None, (c_void_p,)),
    "TF_SetConfig": (None, (c_void_p, c_char_p, c_size_t, c_void_p)),
    "TF_LoadSessionFromSavedModel": (
        c_void_p,
        (c_void_p, c_void_p, c_char_p, POINTER(c_char_p), c_int, c_void_p, c_void_p, c_void_p),
    ),
    "TF_CloseSession": (None, (c_void_p, c_void_p)),
    "TF_DeleteSession": (None, (c_void_p, c_void_p)),
    "TF_SessionRun": (
        None,
        (
            *(c_void_p, c_void_p),
            *(POINTER(Output), POINTER(c_void_p), c_int),
            *(POINTER(Output), POINTER(c_void_p), c_int),
            *(c_void_p, c_int, c_void_p, c_void_p),
        ),
    ),
    "TF_AllocateTensor": (c_void_p, (c_int, POINTER(c_int64), c_int, c_size_t)),
    "TF_DeleteTensor": (None, (c_void_p,)),
    "TF_TensorData": (c_void_p, (c_void_p,)),
    "TF_TensorByteSize": (c_size_t, (c_void_p,)),
    "TF_TensorType": (c_int, (c_void_p,)),
    "TF_NumDims": (c_int, (c_void_p,)),
    "TF_Dim": (c_int64, (c_void_p, c_int)),
    "TF_StringInit": (None, (c_void_p,)),
    "TF_StringCopy": (None, (c_void_p, c_char_p, c_size_t)),
    "TF_StringDealloc": (None, (c_void_p,)),
    "TF_StringGetDataPointer": (c_void_p, (c_void_p,)),
    "TF_StringGetSize": (c_size_t, (c_void_p,)),
}


@functools.cache
def c_library() -> Any:
    """Loads TensorFlow's library and the operations of TensorFlow Text.

    Returns:
        The library; its functions are attributes.

    Raises:
        OSError: If TensorFlow's package has no such library, or it cannot be loaded.
    """
    framework, whole = _find("tensorflow", "libtensorflow_framework*"), _find("tensorflow", "libtensorflow_cc*")
    # RTLD_LOCAL: its cryptography library has the same symbol names as the one of Python's `hashlib`.
    ctypes.CDLL(framework, ctypes.RTLD_LOCAL)
    library = ctypes.CDLL(whole, ctypes.RTLD_LOCAL)
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    for operations in sorted((_package("tensorflow_text") / "python" / "ops").glob("_*.so")):
        with checked(library) as status:
            library.TF_LoadLibrary(str(operations).encode(), status)
    return library


@contextlib.contextmanager
def checked(library: Any) -> Generator[int]:
    """A `TF_Status` for one call.

    Args:
        library: The result of `c_library`.

    Yields:
        The status.

    Raises:
        RuntimeError: If the call failed; the message is TensorFlow's.

    Example:
        `with checked(library) as status: library.TF_CloseSession(session, status)`
    """
    status = library.TF_NewStatus()
    try:
        yield status
        if library.TF_GetCode(status) != _OK:
            raise RuntimeError(library.TF_Message(status).decode(errors="replace"))
    finally:
        library.TF_DeleteStatus(status)


def _find(package: str, pattern: str) -> str:
    files = sorted(_package(package).glob(pattern))
    if not files:
        raise OSError(f"Expected {pattern} in the package {package}. Received: {_package(package)}")
    return str(files[0])


def _package(name: str) -> Path:
    """The folder of a package, found without importing it."""
    spec = importlib.machinery.PathFinder.find_spec(name, sys.path)
    if spec is None or not spec.submodule_search_locations:
        raise OSError(f"Expected the package {name} to be installed.")
    return Path(next(iter(spec.submodule_search_locations)))
