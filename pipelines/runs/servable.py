"""The endpoints of a trained model, for exports and for predictions without an export."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from tfmodels.export import Endpoint


class Servable(NamedTuple):
    """The endpoints of a trained model, as a task's `endpoints(config, run)` returns them.

    Attributes:
        endpoints: The endpoints, including `serving_default`.
        tracked: The objects whose variables and tables the endpoints use: Keras models, tokenizers.
        samples: Endpoint name -> input name -> a batch, with which the export is checked.
        card: Metadata of the export as JSON: `task` (the run's), `columns` (the inputs of a row of `predict`; a plain
            string is the value of the first), and `description` and `limits` for the model card.

    Example:
        ```python
        Servable([endpoint], [model], {"serving_default": {"text": ["Hello"]}}, {"task": run.task, "columns": ["text"]})
        ```
    """

    endpoints: list["Endpoint"]
    tracked: list[Any]
    samples: Mapping[str, Mapping[str, "np.ndarray | Sequence[Any]"]]
    card: dict[str, Any]
