"""The index of a TensorFlow checkpoint, judged before TensorFlow opens it.

TensorFlow's reader allocates what an index declares. Here an index is read within its own bounds, and what it declares
is compared with the file of tensors beside it, so that reading takes no more memory than the files have bytes.
"""

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import tensor_bundle_pb2

INDEX, DATA = ".index", ".data-00000-of-00001"
_MAGIC = 0xDB4775248B80FB57.to_bytes(8, "little")  # the end of a table of LevelDB, which an index is
_FOOTER, _TRAILER = 48, 5  # bytes; the trailer of a block is its compression and its checksum
_MOST_INDEX, _MOST_TEXT = 1 << 26, 1 << 26  # bytes
_CHECKSUM, _LONGEST_NAME = 4, 4096


class DamagedError(ValueError):
    """A checkpoint that cannot be read as a whole."""


class Expected(NamedTuple):
    """A tensor of numbers that a checkpoint must hold."""

    dtype: tf.DType
    shape: tuple[int, ...]


def check(prefix: Path, tensors: Mapping[str, Expected], texts: Mapping[str, bool]) -> None:
    """Refuses a checkpoint that holds anything but some tensors, or declares more than it has.

    The checksums of the tensors are left to TensorFlow, which compares them when it reads.

    Args:
        prefix: Path of the checkpoint without the endings of its files.
        tensors: Name -> tensor of numbers that it must hold.
        texts: Name -> whether it must hold that text; other names are refused.

    Raises:
        DamagedError: With the reason.

    Example:
        `check(folder / "ckpt-1", {name: Expected(tf.float32, (8, 8))}, {"_CHECKPOINTABLE_OBJECT_GRAPH": True})`
    """
    index, data = (prefix.with_name(f"{prefix.name}{ending}") for ending in (INDEX, DATA))
    room = _size(data)
    if _size(index) > _MOST_INDEX:
        raise DamagedError(f"{index} has more than {_MOST_INDEX:,} bytes")
    try:
        found = dict(_entries(index.read_bytes()))
        header = tensor_bundle_pb2.BundleHeaderProto.FromString(found.pop(b""))
        entries = {name.decode(): tensor_bundle_pb2.BundleEntryProto.FromString(value) for name, value in found.items()}
    except (ValueError, KeyError, IndexError, DecodeError) as error:
        raise DamagedError(f"{index} is no index of a checkpoint ({error})") from None
    if header.num_shards != 1:
        raise DamagedError(f"{index} names {header.num_shards:,} files of tensors; one is expected, {data.name}")
    required = {*tensors, *(name for name, needed in texts.items() if needed)}
    if missing := sorted(required - entries.keys()) or sorted(entries.keys() - required - texts.keys()):
        raise DamagedError(f"{index} has other tensors than this network, such as {missing[0]}")
    for name, entry in entries.items():
        if entry.shard_id or entry.slices or entry.offset < 0 or entry.size < 0 or entry.offset + entry.size > room:
            raise DamagedError(f"{data} is cut off, or {index.name} names parts that it does not have, of {name}")
        shape = tuple(dim.size for dim in entry.shape.dim)
        if name in texts:
            _check_text(data, name, entry, shape)
        elif (entry.dtype, shape) != (tensors[name].dtype.as_datatype_enum, tensors[name].shape):
            raise DamagedError(f"{index} has {name} in another shape or type than this network: {list(shape)}")
        elif entry.size != tensors[name].dtype.size * _count(shape):
            raise DamagedError(f"{index} has another number of bytes for {name} than its shape needs")


def _check_text(data: Path, name: str, entry: tensor_bundle_pb2.BundleEntryProto, shape: tuple[int, ...]) -> None:
    """One text: its length, a checksum of that, and its bytes; or a number, of which nothing is read."""
    if entry.dtype != tf.string.as_datatype_enum:
        return
    if shape or entry.size > _MOST_TEXT:
        raise DamagedError(f"{data} has a text that is too large, {name}")
    with data.open("rb") as file:
        file.seek(entry.offset)
        start = file.read(min(10, entry.size))
    try:
        length, used = _varint(start, 0)
    except IndexError:
        length, used = -1, 0
    if length != entry.size - used - _CHECKSUM:
        raise DamagedError(f"{data} has a text of another length than its index says, {name}")


def _size(path: Path) -> int:
    try:
        status = path.lstat()
    except FileNotFoundError:
        raise DamagedError(f"{path} is missing") from None
    if not stat.S_ISREG(status.st_mode):
        raise DamagedError(f"{path} is no regular file")
    return status.st_size


def _entries(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and values of a table, in at most as many steps as it has bytes."""
    if content[-len(_MAGIC) :] != _MAGIC:
        raise ValueError("cut off")
    _, _, names_end = _handle(content, len(content) - _FOOTER)
    place, size, _ = _handle(content, names_end)
    seen = 0
    for _, handle in _block(content, place, size):
        start, length, _ = _handle(handle, 0)
        if start < seen:  # blocks lie one after the other; a block that is named often would be read as often
            raise ValueError("blocks overlap")
        seen = start + length
        yield from _block(content, start, length)


def _block(content: bytes, start: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    end = start + size
    if end + _TRAILER > len(content) or size < 4:
        raise ValueError("a block lies outside")
    if content[end]:
        raise ValueError("a block is compressed")
    entries_end = end - 4 - 4 * int.from_bytes(content[end - 4 : end], "little")
    if entries_end < start:
        raise ValueError("a block has no entries")
    key, place = b"", start
    while place < entries_end:
        shared, place = _varint(content, place)
        own, place = _varint(content, place)
        length, place = _varint(content, place)
        if shared > len(key) or shared + own > _LONGEST_NAME or place + own + length > entries_end:
            raise ValueError("an entry lies outside")
        key = key[:shared] + content[place : place + own]
        yield key, content[place + own : place + own + length]
        place += own + length


def _handle(content: bytes, place: int) -> tuple[int, int, int]:
    """Start and size of a block, and where the bytes of both end."""
    start, place = _varint(content, place)
    size, place = _varint(content, place)
    return start, size, place


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = content[place]
        value |= (byte & 127) << shift
        place += 1
        if byte < 128:
            return value, place
    raise ValueError("a number is too long")


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
