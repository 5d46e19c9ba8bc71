"""A model as a page asks it."""

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pipelines.runs.rows.asked import DEFAULT, Asked

if TYPE_CHECKING:
    from pipelines.runs.predictor import Predictor


class Model(NamedTuple):
    """A model, and what a page knows of it.

    Attributes:
        name: How the page calls it.
        address: The run, the export or the URL, as it was typed.
        kind: What the address is.
        predictor: What answers, as for `tfmodels predict`.
        task: The task whose code reads rows and writes answers; None if only the signatures are known.
    """

    name: str
    address: str
    kind: Literal["run", "export", "server"]
    predictor: "Predictor"
    task: ModuleType | None

    @property
    def card(self) -> Mapping[str, Any]:
        """What is known of it."""
        return self.predictor.card

    def asked(self, endpoint: str = DEFAULT, given: Mapping[str, Any] | None = None, **changes: Any) -> Asked:
        """An endpoint, to be asked.

        Args:
            endpoint: Its name.
            given: The same values for each row, of inputs of the endpoint.
            **changes: What is to be read otherwise than the card says, such as `on_bad`.

        Example:
            `model.asked("nbest").predict(["A dog."])`
        """
        card = {**self.card, **{name: value for name, value in changes.items() if value}}
        return Asked(self.predictor, endpoint, given or {}, self.task, card)

    def example(self, endpoint: str = DEFAULT) -> Mapping[str, Any]:
        """The row that the card shows for an endpoint, input name -> value; empty if it shows none.

        Example:
            `model.example()["text"]`
        """
        found = self.card.get("example")
        inputs = found.get("inputs") if isinstance(found, Mapping) and found.get("endpoint") == endpoint else None
        known = self.predictor.endpoints.get(endpoint)
        if known is None or not isinstance(inputs, Mapping) or inputs.keys() != known.inputs.keys():
            return {}
        return {name: rows[0] for name, rows in inputs.items() if isinstance(rows, Sequence) and rows}
