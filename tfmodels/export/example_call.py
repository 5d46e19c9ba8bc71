"""The example of a model card: a row for an endpoint, how to send it, and what comes back."""

import json
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import numpy as np

from tfmodels.export.card_text import code, fenced
from tfmodels.export.graph.rows import Rows
from tfmodels.export.graph.signature import Signature
from tfmodels.export.synthetic_rows import synthetic_rows

_LONGEST = 60_000  # characters of a request: a shell takes 128 KiB in one argument
_LONGEST_CALL = 500  # characters of a call from Python that names all values
_LONGEST_ANSWER = 1_000  # characters of an answer that is shown
_DIGITS = 4  # of its numbers: another processor rounds otherwise


def example_row(signature: Signature, given: Mapping[str, Any] | None) -> Rows:
    """The row of an example.

    Args:
        signature: The endpoint's.
        given: Input name -> the value of one row. It is not taken if it has numbers that JSON does not have.

    Returns:
        Input name -> array `[1, ...]`: what was given, else what types and shapes give.

    Example:
        `example_row(signature, {"text": "A dog."})["text"]` -> `[b"A dog."]`
    """
    if given is not None:
        row = signature.feed({name: [value] for name, value in given.items()})
        if all(array.dtype.kind != "f" or np.isfinite(array).all() for array in row.values()):
            return row
    return {name: array[1:2] for name, array in synthetic_rows(signature).items()}


def example_text(name: str, endpoint: str, row: Rows, answer: Rows) -> str:
    """How to send a row, and what comes back, in Markdown.

    Args:
        name: The name under which the model is served.
        endpoint: The endpoint.
        row: The row.
        answer: What the endpoint answers; left out where it is long.

    Returns:
        The text; an apology where the request is too long to be printed.

    Example:
        `print(example_text("demo", "serving_default", row, session.call("serving_default", **row)))`
    """
    inputs = values_of(row)
    body = {} if endpoint == "serving_default" else {"signature_name": endpoint}
    request = json.dumps({**body, "inputs": inputs}, ensure_ascii=False)
    if len(request) > _LONGEST:
        return "An example of a request is too long to be printed; the endpoints below say what they take."
    keywords = ", ".join(f"{one}={value!r}" for one, value in inputs.items())
    call = f"export.load({name!r}).call({endpoint!r}, {keywords})"
    if len(call) > _LONGEST_CALL:  # the card that is read by programs has the same row
        call = f"model = export.load({name!r})\nmodel.call({endpoint!r}, **model.card['example']['inputs'])"
    answered = json.dumps(values_of(answer, _DIGITS), ensure_ascii=False)
    shown = f"\n\nIt answers, with {_DIGITS} digits:\n\n{fenced('json', answered)}"
    url = f"http://localhost:8501/v1/models/{quote(name, safe='')}"
    asked = f"tfmodels serve {shlex.quote(name)}\ncurl {url}:predict -d {shlex.quote(request)}"
    called = f"from tfmodels import export\n\n{call}"
    return (
        "From TensorFlow Serving, or from the development server that the first line starts, in the folder that holds "
        f"{code(name)}:\n\n{fenced('sh', asked)}\n\n"
        f"The same from Python, without a server:\n\n{fenced('python', called)}"
        f"{shown if len(answered) <= _LONGEST_ANSWER else ''}\n\n"
        # A version gets its number when it is published, after its card is written.
        f"The newest version in the folder answers. Version N is {code(f'{name}/N')}, in the first line and in Python. "
        f"On a server of several versions its address is {code(f'{url}/versions/N:predict')}."
    )


def values_of(rows: Rows, digits: int = 0) -> dict[str, Any]:
    """Rows as JSON values.

    Args:
        rows: Name -> array.
        digits: Significant digits of floating-point numbers; 0 = as many as they need.

    Returns:
        Name -> nested lists.

    Example:
        `values_of({"text": np.array([b"A dog."], object)})` -> `{"text": ["A dog."]}`
    """
    return {name: _listed(array, digits) for name, array in rows.items()}


def _listed(array: np.ndarray, digits: int) -> Any:
    if array.dtype == object:
        return np.vectorize(lambda text: text.decode("utf-8", "replace"), otypes=[object])(array).tolist()
    if array.dtype.kind != "f":
        return array.tolist()
    # The shortest decimal number that is this one, in its own precision: float32 has no 17 digits.
    numbers = [_number(number, digits) for number in array.ravel()]
    return np.array(numbers, object).reshape(array.shape).tolist()


def _number(number: np.floating, digits: int) -> float:
    return float(f"{number:.{digits}g}" if digits else str(number))
