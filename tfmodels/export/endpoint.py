"""An endpoint of an exported model: a named function of dense, batched tensors."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import tensorflow as tf

from tfmodels.export.batch_sizes import ANY_LENGTH
from tfmodels.export.checks.dtypes_and_shapes import OPEN_AXIS, tensor_findings
from tfmodels.export.graph.meta_graph import field


@dataclass(frozen=True)
class Endpoint:
    """One signature of an export: it takes raw inputs and returns finished outputs.

    TensorFlow Serving joins requests along the first axis and splits the outputs along it. So every input and output
    is a dense tensor `[batch, ...]` with an open batch; the other axes are fixed, except in an endpoint named
    `any_length`.

    Args:
        name: The signature's name; requests that name none use `serving_default`.
        inputs: The inputs, with distinct names.
        function: Takes the inputs by name and returns a dict of output name -> tensor. AutoGraph is off: control flow
            that depends on a tensor's value needs `tf.cond` or `tf.while_loop`.

    Raises:
        ValueError: If an input cannot be served.

    Example:
        ```python
        def shout(text):
            return {"shouted": tf.strings.upper(text, encoding="utf-8")}

        Endpoint("serving_default", (tf.TensorSpec([None], tf.string, name="text"),), shout)
        ```
    """

    name: str
    inputs: tuple[tf.TensorSpec, ...]
    function: Callable[..., dict[str, tf.Tensor]]

    def __post_init__(self) -> None:
        names = [getattr(spec, "name", None) for spec in self.inputs]  # a ragged spec has no name
        for name, spec in zip(names, self.inputs, strict=True):
            self._check_servable(f"input {name!r}", spec, tf.TensorSpec)
        if not names or None in names or len(set(names)) < len(names):
            raise ValueError(
                f"Expected the inputs of endpoint {self.name!r} to have distinct names. Received: names={names}"
            )

    @cached_property
    def traced(self) -> tf.types.experimental.ConcreteFunction:
        """The traced function, whose graph is exported.

        Raises:
            ValueError: If an output cannot be served.
        """
        # AutoGraph takes a third of the tracing time of a beam search, in which it changes nothing.
        function = tf.function(self.function, autograph=False)
        traced = function.get_concrete_function(**{spec.name: spec for spec in self.inputs})
        outputs = traced.structured_outputs
        if not isinstance(outputs, dict) or not outputs:
            raise ValueError(
                f"Expected endpoint {self.name!r} to return a dict of tensors by output name. Received: {outputs!r}"
            )
        for name, output in outputs.items():
            self._check_servable(f"output {name!r}", output, tf.Tensor)
            if name.endswith("_bytes"):
                raise ValueError(
                    f"Expected no output of endpoint {self.name!r} to end in '_bytes': TensorFlow Serving would encode "
                    f"it in base64. Received: name={name!r}"
                )
        return traced

    def _check_servable(self, what: str, tensor: Any, dense: type) -> None:
        if not isinstance(tensor, dense):
            raise ValueError(
                f"Expected {what} of endpoint {self.name!r} to be a dense tensor; pad ragged rows to a fixed length. "
                f"Received: {tensor!r}"
            )
        described = field(what, tensor.dtype, tensor.shape)
        for finding in tensor_findings(self.name, what, described.dtype, described.shape):
            if finding.rule != OPEN_AXIS or self.name != ANY_LENGTH:
                raise ValueError(f"Expected tensors that TensorFlow Serving can join and split. Received: {finding}")
