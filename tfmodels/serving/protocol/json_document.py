"""Parsing JSON as TensorFlow Serving's parser does, on Python's."""

import json
import math
import re
from typing import Any

from tfmodels.serving.protocol.status import invalid

# Numbers that Python's parser does not know, with the texts among which they are looked for: to find where a text
# ends takes as long as to read it once, also where its end is missing.
_NUMBERS = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|(-?)Inf(?!inity)|-(NaN)', re.DOTALL)
_ESCAPES = re.compile(r"\\(?:u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|(u[dD][c-fC-F])|.)", re.DOTALL)
_LOW_SURROGATE = re.compile(r"\\u[dD][c-fC-F]")


def parse_document(body: bytes) -> Any:
    """Parses a JSON document.

    Args:
        body: The document. Bytes that are not UTF-8 stay in its texts, as surrogates, which become bytes again with the
            error handler `surrogateescape`.

    Returns:
        Its value. `Inf`, `-Inf` and `-NaN` are numbers beside those of Python, and the first of two members of one name
        counts.

    Raises:
        ServingError: If it is no JSON, or a number in it is too large for a float.

    Example:
        `parse_document(b'{"a": 1, "a": 2}')` -> `{"a": 1}`
    """
    if not body.strip():
        raise invalid("JSON Parse error: The document is empty")
    text = body.decode("utf-8", "surrogateescape")
    # Half of an escaped pair would be taken for a byte that is not UTF-8.
    if _LOW_SURROGATE.search(text) and any(escape[1] for escape in _ESCAPES.finditer(text)):
        raise invalid("JSON Parse error: The surrogate pair in string is invalid.")
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        failure = invalid(f"JSON Parse error: {error.msg} at offset: {error.pos}")
    except RecursionError as error:
        raise invalid(f"JSON Parse error: {error}") from None
    except ValueError:  # also of an integer of thousands of digits
        raise invalid("JSON Parse error: Number too big to be stored in double.") from None
    if "Inf" not in text and "-NaN" not in text:
        raise failure
    try:
        return _DECODER.decode(_NUMBERS.sub(_python_number, text))
    except (RecursionError, ValueError):
        raise failure from None


def _first_of_each(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    return found if len(found) == len(members) else dict(reversed(members))


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(digits)
    return number


def _python_number(found: re.Match[str]) -> str:
    if found[2]:
        return "NaN"
    return found[0] if found[1] is None else f"{found[1]}Infinity"


_DECODER = json.JSONDecoder(object_pairs_hook=_first_of_each, parse_float=_finite)  # made once: it takes microseconds
