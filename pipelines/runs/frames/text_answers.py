"""Answers to the texts of tables, columns and arrays, as the table, column or array that was given."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipelines.runs.frames import text_columns
from pipelines.runs.rows import label_columns
from pipelines.sources.files.answer_files import ANSWER

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from tfmodels.export.graph.field import Field

Predict = Callable[[list[Any]], list[dict[str, Any]]]
_FINISHED = ("label", "text")  # outputs that are the whole answer for many
_FIRST = ("text", "answer", "start", "end", "score", "length")  # in the order of the command's files


def of_frame(
    frame: "pd.DataFrame", card: Mapping[str, Any], inputs: "Mapping[str, Field]", predict: Predict
) -> "pd.DataFrame":
    """The frame with answers beside its columns, under the same index.

    Args:
        frame: A column for each input; that of the text is called as in training.
        card: Of the model.
        inputs: Of the endpoint: input name -> field.
        predict: From rows to their outputs.

    Returns:
        The columns of the frame, but for those whose name an answer has, which is said; then the answers, named as in
        the files of `tfmodels predict`.

    Raises:
        ValueError: A column is missing or there twice, or a cell is no text.

    Example:
        `of_frame(pd.DataFrame({"text": ["A dog."]}), card, inputs, predict)`
    """
    import pandas as pd

    names = list(frame.columns)
    places = {name: text_columns.place(name, names, card) for name in inputs}
    cells = {name: text_columns.cells(frame.iloc[:, place], inputs[name]) for name, place in places.items()}
    answers = _answers(cells, len(frame), [names[place] for place in places.values()], predict)
    kept = [place for place, name in enumerate(names) if name not in answers]
    _say_replaced(names, answers)
    found = pd.DataFrame({name: _column(values) for name, values in answers.items()}, index=frame.index)
    return pd.concat([frame.iloc[:, kept], found], axis=1)


def of_table(table: "pa.Table", card: Mapping[str, Any], inputs: "Mapping[str, Field]", predict: Predict) -> "pa.Table":
    """As `of_frame`, for a table of Arrow."""
    import pandas as pd
    import pyarrow as pa

    names = table.column_names
    places = {name: text_columns.place(name, names, card) for name in inputs}
    columns = {name: pd.Series(table.column(place).to_pylist(), dtype=object) for name, place in places.items()}
    cells = {
        name: text_columns.cells(column.rename(names[places[name]]), inputs[name]) for name, column in columns.items()
    }
    answers = _answers(cells, table.num_rows, [names[place] for place in places.values()], predict)
    _say_replaced(names, answers)
    kept = {place: name for place, name in enumerate(names) if name not in answers}
    arrays = [*(table.column(place) for place in kept), *(pa.array(values) for values in answers.values())]
    return pa.table(arrays, names=[*kept.values(), *answers])


def of_series(texts: "pd.Series", field: "Field", predict: Predict) -> "pd.Series":
    """The finished answers, label or text, of a column of texts, under the same index.

    Args:
        texts: The texts.
        field: The input that takes them.
        predict: From rows to their outputs.

    Returns:
        The answers, named `label`, or `answer_text` as a translation is in a table.

    Raises:
        ValueError: A cell is no text, or the endpoint has several outputs of which none is the finished answer.

    Example:
        `of_series(pd.Series(["A fine film."]), field, predict).name` -> `"label"`
    """
    import pandas as pd

    outputs = predict(text_columns.cells(texts, field))
    name = _finished(outputs)
    shown = f"{ANSWER}{name}" if name == "text" else name
    return pd.Series(_column([output[name] for output in outputs]), texts.index, name=shown)


def of_array(texts: "np.ndarray", predict: Predict) -> "np.ndarray":
    """The finished answers, label or text, of an array of texts.

    Raises:
        ValueError: It has several axes, or see `of_series`.

    Example:
        `of_array(np.array(["A fine film."]), predict)` -> `array(["good"], dtype=object)`
    """
    import numpy as np

    if texts.ndim != 1:
        raise ValueError(
            "Expected an array of texts with one axis; name columns with a DataFrame, or take one of them, as with "
            f"array[:, 0]. Received: an array of shape={list(texts.shape)}"
        )
    outputs = predict(texts.tolist())
    name = _finished(outputs)
    found = np.empty(len(outputs), object)
    found[:] = [output[name] for output in outputs]
    return found


def _answers(cells: Mapping[str, list[Any]], count: int, read: Sequence[str], predict: Predict) -> dict[str, list[Any]]:
    """The columns of the answers, named as in the files of the command."""
    outputs = predict([{name: column[row] for name, column in cells.items()} for row in range(count)])
    if label_columns.are_in(outputs):
        columns = label_columns.of(outputs)
    else:
        given = list(outputs[0]) if outputs else []
        names = sorted(given, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
        columns = {name: [output[name] for output in outputs] for name in names}
    return {f"{ANSWER}{name}" if name == "text" or name in read else name: one for name, one in columns.items()}


def _finished(outputs: Sequence[Mapping[str, Any]]) -> str:
    """The output that is the whole answer."""
    names = list(outputs[0]) if outputs else [_FINISHED[0]]
    found = next((name for name in _FINISHED if name in names), names[0] if len(names) == 1 else None)
    if found is None:
        raise ValueError(
            f"Expected a list or a DataFrame of rows, since no output is the whole answer. Received: {', '.join(names)}"
        )
    return found


def _column(values: list[Any]) -> "Any":
    """Values of a column; lists are cells."""
    import pandas as pd

    return pd.Series(values, dtype=object).to_numpy() if values and isinstance(values[0], list) else values


def _say_replaced(names: list[Any], answers: Mapping[str, Any]) -> None:
    if replaced := [str(name) for name in names if name in answers]:
        print(f"note: answers in place of the frame's columns {', '.join(replaced)}", file=sys.stderr)
