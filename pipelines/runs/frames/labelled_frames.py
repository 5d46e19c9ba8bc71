"""Texts and their labels, as frames to train on; labels keep their types."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.runs.frames import frame_kinds, text_columns

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_SHOWN = 60  # characters of a label in a message


class LabelledFrame(NamedTuple):
    """A frame to train on.

    Attributes:
        frame: With a column of texts and one of labels.
        labels: The text of each label -> the label as it was given.
    """

    frame: "pd.DataFrame"
    labels: dict[str, Any]


def of(texts: Any, labels: Any, text: str, label: str, separator: str) -> LabelledFrame | None:
    """Makes a frame of texts and labels, or takes one that is there.

    Args:
        texts: Texts, or a frame.
        labels: The labels; None where `texts` is a frame.
        text: Name of the column of texts.
        label: Name of the column of labels.
        separator: Between the labels of a text that may have several; then labels may be lists.

    Returns:
        The frame; None where the data is in files.

    Raises:
        ValueError: There are not as many labels as texts, or a frame and labels beside it.

    Example:
        `of(["Fine.", "Bad."], [1, 0], "text", "label", "").labels` -> `{"1": 1, "0": 0}`
    """
    import pandas as pd

    if labels is not None:
        frame = text_columns.paired(texts, labels, text, label)
    elif frame_kinds.of(texts) == "frame":
        frame = texts
    else:
        return None
    if label not in frame or not frame.columns.is_unique:
        return LabelledFrame(frame, {})  # which is refused where the data is read
    if separator:
        joined = [separator.join(map(str, one)) if isinstance(one, list | tuple) else one for one in frame[label]]
        return LabelledFrame(frame.assign(**{label: joined}), {})
    cells = [cell.item() if getattr(cell, "size", 0) == 1 else cell for cell in frame[label].tolist()]
    for cell in cells:
        if isinstance(cell, list | tuple | dict) or hasattr(cell, "shape"):
            raise ValueError(
                f"Expected one label for each text, or the option separator. Received: {str(cell)[:_SHOWN]}"
            )
    missing = pd.isna(pd.Series(cells, dtype=object))
    written = [None if gone else str(cell).strip() for cell, gone in zip(cells, missing, strict=True)]
    named = {name: cell for name, cell in zip(written, cells, strict=True) if name is not None}
    for name, cell in zip(written, cells, strict=True):
        if name is not None and type(cell) is not type(named[name]):
            raise ValueError(
                f"Expected labels of one type. Received: {cell!r} and {named[name]!r}, both written {name}"
            )
    return LabelledFrame(frame.assign(**{label: pd.Series(written, frame.index, dtype=object)}), named)


def typed(labels: Sequence[Any]) -> "np.ndarray":
    """Labels as an array, of their own type where they have one.

    Example:
        `typed([0, 1]).dtype` -> `int64`
    """
    import numpy as np

    if labels and all(type(one) is type(labels[0]) for one in labels) and isinstance(labels[0], bool | int | float):
        return np.array(labels)
    found = np.empty(len(labels), object)
    found[:] = labels
    return found
