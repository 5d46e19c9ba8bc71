"""Tensors of gRPC requests to the model `odd`, with rare content, and what TensorFlow Serving 2.20 makes of them."""

from dataclasses import dataclass
from typing import Any

import grpc
from raw_exchanges import SHAPE, WRAPPED

INVALID = grpc.StatusCode.INVALID_ARGUMENT
FLOAT, INT8, STRING, UINT16, INT64, BOOL, HALF = 1, 6, 7, 17, 9, 10, 19


@dataclass(frozen=True)
class Tensors:
    """A request with an input `x`, and its answer.

    Args:
        signature: The signature.
        tensor: The fields of the `TensorProto`.
        shape: Its shape.
        response: The values of the output, as the real server answers; None if it refuses.
        batched: Whether it answers with batching, too.
        fault: The row of the table of differences; None if ours is the same. Ours refuses.
    """

    signature: str
    tensor: dict[str, Any]
    shape: tuple[int, ...]
    response: Any = None
    batched: bool = True
    fault: str | None = None

    def expected(self, real: bool, batched: bool) -> Any:
        """What a server should answer."""
        return None if (self.fault and not real) or (batched and not self.batched) else self.response


TENSORS = [
    Tensors("id_f32", {"dtype": FLOAT, "float_val": [1, 2, 3]}, (2,), [1, 2]),
    Tensors("id_f32", {"dtype": FLOAT, "float_val": [5]}, (3,), [5, 5, 5]),
    Tensors("id_f32", {"dtype": FLOAT, "float_val": [5, 6]}, (3,), [5, 6, 6]),
    Tensors("id_f32", {"dtype": FLOAT}, (2,), [0, 0]),
    Tensors("id_f32", {"dtype": FLOAT, "tensor_content": b"\0\0\x80?"}, (1,), [1]),
    Tensors("id_f32", {"dtype": FLOAT, "tensor_content": b"\0\0\x80?"}, (2,)),
    Tensors("id_f32", {"dtype": FLOAT, "float_val": [1]}, (-1,)),
    Tensors("id_f32", {"dtype": FLOAT, "float_val": [1]}, (), 1, batched=False, fault=SHAPE),
    Tensors("id_f32", {"dtype": 999, "float_val": [1]}, (1,)),
    Tensors("id_f32", {"dtype": 0, "float_val": [1]}, (1,)),
    Tensors("id_f32", {"dtype": HALF, "half_val": [1]}, (1,)),
    Tensors("id_i8", {"dtype": INT8, "int_val": [300]}, (1,), [44], fault=WRAPPED),
    Tensors("id_i8", {"dtype": INT8, "int_val": [-128]}, (1,), [-128]),
    Tensors("id_u16", {"dtype": UINT16, "int_val": [65535]}, (1,), [65535]),
    Tensors("id_i64", {"dtype": INT64, "int64_val": [-(2**63)]}, (1,), [-(2**63)]),
    Tensors("id_i64", {"dtype": INT64, "int_val": [7]}, (1,), [0]),
    Tensors("id_b", {"dtype": BOOL, "bool_val": [True]}, (2,), [True, True]),
    Tensors("len", {"dtype": STRING, "tensor_content": b"\1\2abc"}, (2,), [1, 2]),
    Tensors("len", {"dtype": STRING, "string_val": [b"", b"\xff\xff"]}, (2,), [0, 2]),
    Tensors("len", {"dtype": STRING, "tensor_content": b"\5abc"}, (1,)),
]
