"""What a model answers, checked: an export may declare one thing and answer another."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

_REMEDY = "`tfmodels check EXPORT` says what is wrong with an export"


def check_rows(outputs: "Mapping[str, np.ndarray]", rows: int) -> None:
    """Refuses answers that are not one for each row: assigned to rows they would be repeated, or shifted.

    Args:
        outputs: Output name -> array.
        rows: How many rows were asked.

    Raises:
        ValueError: An output has another number of rows, or none.

    Example:
        `check_rows({"size": np.zeros([2])}, 2)`
    """
    for name, array in outputs.items():
        if array.shape[:1] != (rows,):
            raise ValueError(
                f"Expected an output {name!r} with an answer for each of {rows:,} rows. Received: shape="
                f"{list(array.shape)}. {_REMEDY}"
            )


def joined(
    batches: "Iterable[tuple[list[int], Mapping[str, np.ndarray]]]", outputs: Sequence[str], rows: int
) -> "dict[str, np.ndarray]":
    """Puts the answers of batches together.

    Args:
        batches: For each batch the numbers of its rows, and output name -> `[batch, ...]`.
        outputs: Names of the outputs to keep.
        rows: The number of all rows.

    Returns:
        Output name -> `[rows, ...]`, text as `bytes`.

    Raises:
        ValueError: An output is missing, or not of one shape and type for all rows.

    Example:
        `joined([([1], {"size": np.ones([1])}), ([0], {"size": np.zeros([1])})], ["size"], 2)`
    """
    import numpy as np

    found: dict[str, np.ndarray] = {}
    for batch, answered in batches:
        for name in outputs:
            if name not in answered:
                raise ValueError(f"Expected a model with the output {name!r}. Received: {', '.join(answered)}")
            answer = answered[name]
            kind = answer.dtype if answer.dtype.kind in "biuf" else np.dtype(object)
            column = found.setdefault(name, np.empty([rows, *answer.shape[1:]], kind))
            if (answer.shape[1:], kind) != (column.shape[1:], column.dtype):
                raise ValueError(
                    f"Expected an output {name!r} of one shape and type for all rows. Received: "
                    f"{list(column.shape[1:])} of {column.dtype} for some, {list(answer.shape[1:])} of {kind} for "
                    f"others. {_REMEDY}"
                )
            column[batch] = answer
    return found


def texts(values: "ArrayLike", name: str) -> list[str]:
    """The texts of an output.

    Args:
        values: `[n]`.
        name: The name of the output, for the message.

    Raises:
        ValueError: It is not a list of texts.

    Example:
        `texts(np.array([b"good"], object), "label")` -> `["good"]`
    """
    import numpy as np

    found = np.asarray(values)
    if found.ndim != 1 or not all(isinstance(one, bytes) for one in found):
        raise ValueError(
            f"Expected an output {name!r} of texts. Received: {found.dtype} of shape={list(found.shape)}. {_REMEDY}"
        )
    return [one.decode("utf-8", "replace") for one in found]


def rows(outputs: "Mapping[str, np.ndarray]") -> Iterator[dict[str, Any]]:
    """The rows of a batch of outputs, in values of Python, bytes as texts.

    Args:
        outputs: Output name -> `[batch, ...]`.

    Example:
        `list(rows({"size": np.array([1, 2])}))` -> `[{"size": 1}, {"size": 2}]`
    """
    columns = [_plain(array.tolist()) for array in outputs.values()]
    for values in zip(*columns, strict=True):
        yield dict(zip(outputs, values, strict=True))


def _plain(value: Any) -> Any:
    """The value with bytes decoded, also in nested lists."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def filled(answer: Mapping[str, Any], name: str) -> list[str]:
    """The texts of one answer's list, without the empty ones that pad it.

    Args:
        answer: Output name -> value.
        name: The output.

    Raises:
        ValueError: It is not a list of texts, or has none.

    Example:
        `filled({"tokens": ["a", "b", ""]}, "tokens")` -> `["a", "b"]`
    """
    found = answer.get(name)
    tokens = [one for one in found if one] if isinstance(found, list) else []
    if not tokens or not all(isinstance(one, str) for one in tokens):
        raise ValueError(f"Expected an output {name!r} with texts. Received: {str(found)[:80]}. {_REMEDY}")
    return tokens


def numbers(answer: Mapping[str, Any], name: str, shape: tuple[int, ...]) -> "np.ndarray":
    """The numbers of one answer, without what pads them.

    Args:
        answer: Output name -> value.
        name: The output.
        shape: How many there are along each axis.

    Returns:
        float32 of that shape.

    Raises:
        ValueError: They are fewer, or not all finite numbers.

    Example:
        `numbers({"weights": [0.5, 0.5, 0.0]}, "weights", (2,))` -> `[0.5, 0.5]`
    """
    import numpy as np

    try:
        found = np.asarray(answer.get(name), np.float32)
    except (TypeError, ValueError):
        found = np.zeros([0], np.float32)
    found = found[tuple(map(slice, shape))] if found.ndim == len(shape) else found
    if found.shape != shape or not np.isfinite(found).all():
        raise ValueError(
            f"Expected an output {name!r} of at least {' x '.join(map(str, shape))} numbers. Received: "
            f"{str(answer.get(name))[:80]}. {_REMEDY}"
        )
    return found
