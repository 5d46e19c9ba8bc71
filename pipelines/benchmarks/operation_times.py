"""Time by kind of TensorFlow operation.

TensorFlow's profiler writes its trace as a protocol buffer, whose Python class comes with the `tensorflow` package, so
that no viewer (`xprof`, `tensorboard-plugin-profile`) is needed. The alternative, `RunMetadata` with a full trace, is
filled only by sessions, in which Keras' `fit` does not run.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf
from tensorflow.tsl.profiler.protobuf.xplane_pb2 import XPlane, XSpace

_OPERATION = re.compile(r"[^:\s]+:(\w+)")  # `model/dense/MatMul:MatMul`, unlike `EagerExecute` and `A::B`
_OPERATION_STATISTIC = "tf_op"  # statistic of a device's event: the operation that launched it


class OperationTime(NamedTuple):
    """Total time of one kind of operation.

    Attributes:
        kind: Type of the operation, such as `MatMul`.
        calls: Number of calls.
        seconds: Total time of the calls, without operations nested in them.
    """

    kind: str
    calls: int
    seconds: float


class _Span(NamedTuple):
    start: int  # picoseconds
    duration: int  # picoseconds
    kind: str


def operation_times(work: Callable[[], None]) -> list[OperationTime]:
    """Runs a function under TensorFlow's profiler.

    Operations that run in parallel on several threads count separately, so the sum may exceed the elapsed time. An
    operation that uses several threads itself counts once. On a GPU the time is that of the kernels.

    Args:
        work: The function to run; its graphs must be traced already, or tracing counts too.

    Returns:
        Kinds of operations, the slowest first.

    Raises:
        RuntimeError: If the profiler wrote no trace.

    Example:
        `operation_times(lambda: step(batch))[0].kind` -> `"MatMul"`
    """
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            work()
        files = list(Path(folder).glob("**/*.xplane.pb"))
        if not files:
            raise RuntimeError("Expected a trace of TensorFlow's profiler. Received: none")
        planes = [plane for file in files for plane in XSpace.FromString(file.read_bytes()).planes]
    on_device = [plane for plane in planes if plane.name.startswith("/device:")]
    calls, picoseconds = Counter(), Counter()
    for plane in on_device or planes:
        for spans in _lines(plane):
            for kind, own in _own_times(spans):
                calls[kind] += 1
                picoseconds[kind] += own
    return [OperationTime(kind, calls[kind], time / 1e12) for kind, time in picoseconds.most_common()]


def _lines(plane: XPlane) -> Iterable[list[_Span]]:
    """The operations of each thread or device stream, sorted by start; enclosing operations before nested ones."""
    names = {number: metadata.name for number, metadata in plane.event_metadata.items()}
    statistics = {number for number, metadata in plane.stat_metadata.items() if metadata.name == _OPERATION_STATISTIC}
    for line in plane.lines:
        spans = []
        for event in line.events:
            operations = [stat.str_value for stat in event.stats if stat.metadata_id in statistics]
            if found := _OPERATION.fullmatch(operations[0] if operations else names[event.metadata_id]):
                spans.append(_Span(event.offset_ps, event.duration_ps, found[1]))
        yield sorted(spans, key=lambda span: (span.start, -span.duration))


def _own_times(spans: Iterable[_Span]) -> Iterable[tuple[str, int]]:
    """Kind and picoseconds of each operation, without the operations nested in it."""
    opened: list[tuple[_Span, int]] = []  # enclosing spans, outermost first, each with the time of its nested spans
    for span in spans:
        while opened and opened[-1][0].start + opened[-1][0].duration <= span.start:
            outer, nested = opened.pop()
            yield outer.kind, outer.duration - nested
        if opened:
            outer, nested = opened[-1]
            opened[-1] = outer, nested + span.duration
        opened.append((span, 0))
    for outer, nested in opened:
        yield outer.kind, outer.duration - nested
