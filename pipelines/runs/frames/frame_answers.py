"""Answers in kind: to a DataFrame a DataFrame, to a Series a Series, to a table of Arrow a table of Arrow."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pipelines.runs import registry
from pipelines.runs.frames import frame_kinds, text_answers
from pipelines.runs.rows import request_rows

if TYPE_CHECKING:
    from tfmodels.export.graph.field import Field


def answer(
    data: Any,
    card: Mapping[str, Any],
    endpoint: str,
    inputs: "Mapping[str, Field]",
    predict: Callable[[list[Any]], list[dict[str, Any]]],
) -> Any:
    """Answers data that `frame_kinds` knows.

    Args:
        data: The data.
        card: Of the model: its task, if that is of this package, says how it reads a table.
        endpoint: The endpoint.
        inputs: Its inputs: name -> field.
        predict: From rows to their outputs.

    Returns:
        The same kind.

    Raises:
        ValueError: A column is missing, a cell has another type, or there is no such answer for this kind.

    Example:
        `answer(pd.Series(["A dog."]), card, "serving_default", inputs, predict)`
    """
    kind = frame_kinds.of(data)
    task = registry.find(card["task"]) if registry.is_of_package(str(card.get("task"))) else None
    if "table" in card and (answer_series := getattr(task, "answer_frame", None)):
        return answer_series(data, card, endpoint, predict)
    if kind == "frame":
        return text_answers.of_frame(data, card, inputs, predict)
    if kind == "arrow":
        import pyarrow as pa

        return in_kind(text_answers.of_table(pa.table(data), card, inputs, predict), data)
    text = request_rows.text_input(inputs)
    if text is None or len(inputs) > 1:
        raise ValueError(
            f"Expected a DataFrame, or a list of rows, with a value for each of the inputs {', '.join(inputs)}. "
            f"Received: data of type {type(data).__name__}"
        )
    if kind == "series":
        return text_answers.of_series(data, inputs[text], predict)
    return text_answers.of_array(data, predict)


def in_kind(table: Any, like: Any) -> Any:
    """A table of Arrow as a table of the library that another one came from, as far as that takes one.

    Args:
        table: Of pyarrow.
        like: What was given.

    Example:
        `in_kind(table, polars.DataFrame({"text": ["A dog."]}))` is a frame of polars.
    """
    return type(like)(table) if type(like).__module__.partition(".")[0] == "polars" else table
