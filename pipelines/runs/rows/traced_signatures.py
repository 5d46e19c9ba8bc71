"""Signatures of endpoints in memory."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tfmodels.export.graph.signature import Signature

if TYPE_CHECKING:
    from tfmodels.export import Endpoint


class TracedSignatures(Mapping[str, Signature]):
    """Signatures of endpoints; an endpoint is traced at its first lookup, since tracing is slow.

    Args:
        endpoints: Name -> endpoint.

    Example:
        `TracedSignatures({endpoint.name: endpoint})["serving_default"].inputs`
    """

    def __init__(self, endpoints: "Mapping[str, Endpoint]") -> None:
        self._endpoints = endpoints

    def __getitem__(self, name: str) -> Signature:
        from tfmodels.export.graph.meta_graph import field

        endpoint = self._endpoints[name]
        outputs = endpoint.traced.structured_outputs
        return Signature(
            {spec.name: field(spec.name, spec.dtype, spec.shape) for spec in endpoint.inputs},
            {output: field(output, tensor.dtype, tensor.shape) for output, tensor in outputs.items()},
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._endpoints)

    def __len__(self) -> int:
        return len(self._endpoints)
