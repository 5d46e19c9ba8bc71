"""What a task gives to be exported, or to be asked without an export."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from tfmodels.export import Endpoint


class Servable(NamedTuple):
    """The endpoints of a trained model, as a task's `endpoints(config, run)` returns them.

    Attributes:
        endpoints: What can be asked, `serving_default` among them.
        tracked: The objects whose variables and tables the endpoints use: Keras models, tokenizers.
        samples: Endpoint name -> input name -> a batch, which the export is checked on.
        card: What an export remembers, as JSON: `task` (the run's), `columns` (the inputs that a row of `predict` has;
            a plain string is the first), and `description` and `limits` for its model card.

    Example:
        ```python
        Servable([endpoint], [model], {"serving_default": {"text": ["Hello"]}}, {"task": run.task, "columns": ["text"]})
        ```
    """

    endpoints: list["Endpoint"]
    tracked: list[Any]
    samples: Mapping[str, Mapping[str, "np.ndarray | Sequence[Any]"]]
    card: dict[str, Any]
