"""Which kinds of TensorFlow operations some work spends its time in.

TensorFlow's profiler writes what it saw as a protocol buffer, whose Python class the `tensorflow` package itself holds;
programs that show it (`xprof`, `tensorboard-plugin-profile`) are not needed. The older way, `RunMetadata` with a full
trace, is only filled by sessions, in which Keras' `fit` does not run.
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
_OF_DEVICE = "tf_op"  # what a device's event says of the operation that it belongs to


class OperationTime(NamedTuple):
    """What one kind of operation took.

    Attributes:
        kind: The operation's type, such as `MatMul`.
        calls: How often one ran.
        seconds: How long they ran together, operations inside them left out.
    """

    kind: str
    calls: int
    seconds: float


class _Span(NamedTuple):
    start: int  # picoseconds, as the next two
    duration: int
    kind: str


def operation_times(work: Callable[[], None]) -> list[OperationTime]:
    """Runs some work under TensorFlow's profiler.

    Operations that run at the same time, on several threads, count each; so the sum may be more than has passed. One
    that shares its work among threads counts once. On a GPU it is the kernels' time that counts.

    Args:
        work: What to run; traced before, or tracing counts too.

    Returns:
        Kinds of operations, the longest first.

    Raises:
        RuntimeError: The profiler left no trace.

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
    """The operations of each thread, or of each stream of a device, by start; outer before inner."""
    names = {number: metadata.name for number, metadata in plane.event_metadata.items()}
    of_device = {number for number, metadata in plane.stat_metadata.items() if metadata.name == _OF_DEVICE}
    for line in plane.lines:
        spans = []
        for event in line.events:
            told = [stat.str_value for stat in event.stats if stat.metadata_id in of_device]
            if found := _OPERATION.fullmatch(told[0] if told else names[event.metadata_id]):
                spans.append(_Span(event.offset_ps, event.duration_ps, found[1]))
        yield sorted(spans, key=lambda span: (span.start, -span.duration))


def _own_times(spans: Iterable[_Span]) -> Iterable[tuple[str, int]]:
    """Each operation's kind and picoseconds without those of the operations inside it."""
    opened: list[tuple[_Span, int]] = []  # outer to inner, with what is inside so far
    for span in spans:
        while opened and opened[-1][0].start + opened[-1][0].duration <= span.start:
            outer, inside = opened.pop()
            yield outer.kind, outer.duration - inside
        if opened:
            outer, inside = opened[-1]
            opened[-1] = outer, inside + span.duration
        opened.append((span, 0))
    for outer, inside in opened:
        yield outer.kind, outer.duration - inside
