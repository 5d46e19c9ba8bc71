"""A model as a command or a page asks it: rows from texts and files, answers to files."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.progress.quiet_import import stderr_held_back
from pipelines.runs.rows import input_texts, label_columns, request_rows
from pipelines.sources.files import held_cells
from pipelines.sources.files.answer_files import TextRows
from pipelines.sources.files.file_formats import Format

if TYPE_CHECKING:
    from pipelines.runs.predictor import Predictor
    from tfmodels.export.graph.field import Field

DEFAULT = "serving_default"


class Asked(NamedTuple):
    """A model and what it is asked.

    Attributes:
        predictor: The model.
        endpoint: The name of the endpoint.
        given: The same values for each row, of inputs of the endpoint.
        task: The task whose code reads rows and writes answers; None for a model of which only the signatures are
            known: its files have a column for each input.
        card: Of the model, with what is changed of it.
    """

    predictor: "Predictor"
    endpoint: str
    given: Mapping[str, Any]
    task: ModuleType | None
    card: Mapping[str, Any]

    @property
    def inputs(self) -> "Mapping[str, Field]":
        """The inputs of the endpoint."""
        return self.predictor.endpoints[self.endpoint].inputs

    @property
    def column(self) -> str | None:
        """The input that a plain text is the value of; None if a text alone is no row."""
        first = self.predictor.card["columns"][0]
        is_text = first in self.inputs and self.inputs[first].dtype == "string"
        return first if is_text else request_rows.text_input(self.inputs)

    @property
    def has_own_table(self) -> bool:
        """Whether the task writes the answers of the endpoint in a table of its own."""
        return bool(self.task) and self.endpoint in (DEFAULT, *getattr(self.task, "ANSWERED", ()))

    def read(self, path: Path) -> Sequence[Any]:
        """Reads rows: plain texts, `TextRows` with further columns, or mappings.

        Args:
            path: The file.
        """
        if self.task:
            return self.task.requests(path, {**self.card, "endpoint": self.endpoint})
        known = self._known()
        return request_rows.read_rows(path, {name: of for name, of in self.inputs.items() if name not in known})

    def of_texts(self, texts: Sequence[str]) -> Sequence[Any]:
        """The rows that texts are: of a task whose rows have several, the parts of each, unless options give some.

        Args:
            texts: The texts.

        Raises:
            ValueError: A text has not all parts.
        """
        row_of_text = getattr(self.task, "row_of_text", None)
        return texts if row_of_text is None or self.given else [row_of_text(text) for text in texts]

    def predict(self, rows: Sequence[Any], count: Callable[[int], None] = lambda rows: None) -> list[dict[str, Any]]:
        """The answer to each row.

        Args:
            rows: Texts, or what `read` returned.
            count: Called after each batch with the number of its rows.

        Returns:
            For each row, output name -> value.

        Raises:
            ValueError: An input has no value.
        """
        with stderr_held_back():
            return self.predictor.predict(self.values(rows), self.endpoint, count)

    def write(self, path: Path, rows: Sequence[Any], outputs: list[dict[str, Any]]) -> None:
        """Writes answers beside their rows.

        Args:
            path: The file.
            rows: Texts, or what `read` returned.
            outputs: What `predict` returned.
        """
        if self.task and self.has_own_table:
            self.task.answers(path, rows, outputs, {**self.card, "endpoint": self.endpoint})
            return
        if not isinstance(rows, TextRows):
            rows = [{self.column: row} if isinstance(row, str) else row for row in rows]
        request_rows.write_rows(path, rows, self.inputs, outputs)

    def check(self, kind: Format, rows: Sequence[Any], source: str) -> None:
        """Refuses rows that a format cannot hold beside their answers, before these are computed.

        Args:
            kind: The format.
            rows: Texts, or what `read` returned.
            source: Where they are from, for messages.

        Raises:
            ValueError: A cell cannot be written; columns that answers may replace are not judged.
        """
        names, cells = getattr(rows, "names", None), getattr(rows, "cells", None)
        if names is None and not self.has_own_table and rows and isinstance(rows[0], Mapping):
            names = list(dict.fromkeys(name for row in rows for name in row))
            cells = [[row.get(name) for name in names] for row in rows]
        if names is None or cells is None:
            return
        outputs = self.predictor.endpoints[self.endpoint].outputs
        kept = [place for place, name in enumerate(names) if not label_columns.may_replace(name, outputs)]
        held_cells.check(kind, [names[place] for place in kept], [[row[one] for one in kept] for row in cells], source)

    def _known(self) -> dict[str, Any]:
        return input_texts.defaults(self.card, self.inputs) | dict(self.given)

    def values(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Rows with a value of each input: what is given, else that of the row, else the default.

        Args:
            rows: Texts, or what `read` returned.

        Raises:
            ValueError: An input has no value.
        """
        if self.endpoint == DEFAULT and not self.given:
            return rows
        known, column = self._known(), self.column
        if rows and isinstance(rows[0], Mapping):
            return [{**known, **row, **self.given} for row in rows]
        there = {column, *known, *(rows.names if isinstance(rows, TextRows) else ())}
        if column is None or (absent := [of for name, of in self.inputs.items() if name not in there]):
            raise ValueError(
                f"Expected the inputs of the endpoint {self.endpoint}, as options or columns of a file: "
                f"{', '.join(map(input_texts.described, self.inputs.values()))}. Received: none of "
                f"{', '.join(of.name for of in absent) if column else 'them'}"
                f"{'' if self.task else '; a server, unlike a run or an export, tells no values to leave them open'}"
            )
        cells = request_rows.cells_of(rows, self.inputs) if isinstance(rows, TextRows) else [{}] * len(rows)
        return [{**known, **row, **self.given, column: text} for text, row in zip(rows, cells, strict=True)]
